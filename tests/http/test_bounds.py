"""What one reply may cost in memory, time and bytes; reads and verbs end in the package's errors."""

import bz2
import contextlib
import gzip
import json
import socket
import threading
import time
import tracemalloc
import zlib
from types import SimpleNamespace

import pytest
import requests

import coinex_pandas as cx
from coinex_pandas.api.calls.verb import Verb, change
from coinex_pandas.api.endpoints import ROUTES
from coinex_pandas.http import bounds
from coinex_pandas.http.route import Route
from coinex_pandas.http.signed_session import SignedSession
from coinex_pandas.tables.rows.answer import Accepted
from tests.http.signed_peer import ACCESS_ID, OK, SECRET_KEY, Peer
from tests.http.tiny_server import PONG, TinyServer, reply

BODY = json.dumps(PONG).encode()
MB = 2**20


def bomb(inner, times):
    """Return gzip that is gzip that is zeros: a kilobyte that means gigabytes."""
    zeros = zlib.compressobj(9, wbits=31)
    part = zeros.compress(bytes(MB)) + zeros.flush(zlib.Z_FULL_FLUSH)
    again = zeros.compress(bytes(MB)) + zeros.flush(zlib.Z_FULL_FLUSH)
    return gzip.compress(part + again * times, 9) if inner else part + again * times


def raw_deflate(body):
    """Return a body deflated without zlib's header, as some servers send it."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


def ping(server, **settings):
    """Return the reply to a ping."""
    return cx.ping(session=cx.Session(server.venue, **{"retries": 0} | settings))["result"].item()


USUAL = {
    "as it is": (BODY, "identity"),
    "no word of it": (BODY, ""),
    "gzip": (gzip.compress(BODY), "gzip"),
    "an older name": (gzip.compress(BODY), "X-GZIP"),
    "twice": (gzip.compress(gzip.compress(BODY)), "gzip, gzip"),
    "two ways": (gzip.compress(zlib.compress(BODY)), "deflate , identity,gzip"),
    "deflate": (zlib.compress(BODY), "deflate"),
    "deflate without a header": (raw_deflate(BODY), "deflate"),
    "many files": (b"".join(gzip.compress(BODY[at : at + 5]) for at in range(0, len(BODY), 5)), "gzip"),
    "padded": (gzip.compress(BODY) + bytes(4096), "gzip"),
    "without its checksum": (gzip.compress(BODY)[:-8], "gzip"),
    "megabytes": (gzip.compress(BODY + b" " * 3_000_000), "gzip"),
}


@pytest.mark.parametrize(("body", "encoding"), USUAL.values(), ids=USUAL)
def test_every_usual_encoding_is_read(body, encoding):
    """In one piece and in many, padded, without its checksum, and one around the other."""
    with TinyServer(reply(body, Content_Encoding=encoding)) as server:
        assert "pong" == ping(server)


@pytest.mark.parametrize("inner", [True, False])
def test_a_bomb_is_defused(inner):
    """A reply of kilobytes that means 400 MB costs no more than the limit, twice."""
    packed = bomb(inner, 400)
    encoding = "gzip, gzip" if inner else "gzip"
    with TinyServer(reply(packed, Content_Encoding=encoding)) as server:
        tracemalloc.start()
        try:
            with pytest.raises(cx.NoAnswer, match=r"GET /ping.*33,554,432 bytes after decompression"):
                ping(server)
            assert 3 * bounds.MOST_BODY > tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


@pytest.mark.parametrize("status", ["200 OK", "302 Found", "404 Not Found", "502 Bad Gateway"])
def test_a_bomb_is_defused_whatever_the_status(status, monkeypatch):
    """Redirects and gateways' pages have bodies, too."""
    monkeypatch.setattr(bounds, "MOST_BODY", 100_000)
    packed = gzip.compress(bytes(100_001))
    answer = reply(packed, status, Content_Encoding="gzip", Location="/v2/ping")
    with TinyServer(answer) as server, pytest.raises(cx.NoAnswer, match="100,000 bytes after decompression"):
        ping(server)


OTHERS = {
    "brotli": (BODY, "br", "'br', which was not asked for"),
    "bzip2": (bz2.compress(BODY), "gzip", "no gzip"),
    "no deflate": (BODY, "deflate", "no deflate"),
    "once, not twice": (gzip.compress(BODY), "gzip, gzip", "no gzip"),
    "fifty times": (BODY, ", ".join(["gzip"] * 50), "encodings"),
    "a long name": (BODY, "x" * 50_000, "encoding 'xxxxxxxxxxxxxxxxxxxx'"),
}


@pytest.mark.parametrize(("body", "encoding", "words"), OTHERS.values(), ids=OTHERS)
def test_other_encodings_are_no_answer(body, encoding, words):
    """They are told in a few words; the accepted ones were named in the request."""
    with TinyServer(reply(body, Content_Encoding=encoding)) as server:
        with pytest.raises(cx.NoAnswer, match=words) as caught:
            ping(server)
        assert "Accept-Encoding: gzip, deflate\r\n" in server.requests[0]
    assert 500 > len(str(caught.value))


def test_ten_thousand_gzip_files_take_no_more_time_than_their_bytes():
    """Each has costs of its own, and so only the first thousand are read; what is cut off is no JSON."""
    with TinyServer(reply(gzip.compress(b"") * 200_000, Content_Encoding="gzip")) as server:
        start = time.process_time()
        with pytest.raises(cx.UnexpectedBody):
            ping(server)
    assert 3 > time.process_time() - start


@pytest.mark.parametrize("framing", ["length", "chunks", "to the end", "one-byte chunks", "trailers", "headers"])
def test_a_reply_without_end_is_left(framing, monkeypatch):
    """Beyond the limit the connection is closed, whichever part of the reply does not end."""
    monkeypatch.setattr(bounds, "MOST_BODY", 200_000)
    monkeypatch.setattr(bounds, "MOST_WIRE", 300_000)
    head = b"HTTP/1.1 200 OK\r\n"
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n"
    whole = {
        "length": head + b"Content-Length: 999999999999\r\n\r\n" + b"x" * 400_000,
        "chunks": chunked + b"1000\r\n" + b"x" * 4096 + (b"\r\n1000\r\n" + b"x" * 4096) * 100,
        "to the end": head + b"Connection: close\r\n\r\n" + b"x" * 400_000,
        "one-byte chunks": chunked + b"1\r\nx\r\n" * 70_000,
        "trailers": chunked + b"0\r\n" + b"X-More: 1\r\n" * 40_000,
        "headers": b"HTTP/1.1 100 Continue\r\n" + b"X-More: 1\r\n" * 40_000,
    }[framing]
    with TinyServer((whole,)) as server, pytest.raises(cx.NoAnswer, match="GET /ping"):
        ping(server)


@pytest.fixture
def clock(monkeypatch):
    """Let each look at the clock of replies find it ten seconds later; return where it stands."""
    at = SimpleNamespace(now=0.0)

    def monotonic():
        at.now += 10
        return at.now

    monkeypatch.setattr(bounds, "time", SimpleNamespace(monotonic=monotonic))
    return at


def drip(listener, start):
    """Send the start of a reply, and then a byte now and then, until the other side hangs up."""
    connection, _ = listener.accept()
    with connection, contextlib.suppress(OSError):
        connection.recv(65536)
        connection.sendall(start)
        while True:
            connection.sendall(b"7")
            time.sleep(0.005)  # else many bytes are one part


HEAD = b"HTTP/1.1 200 OK\r\n"
STARTS = {
    "status line": b"",
    "headers": HEAD + b"X-",
    "length": HEAD + b"Content-Length: 5000\r\n\r\n",
    "chunks": HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
    "to the end": HEAD + b"\r\n",
}


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
@pytest.mark.parametrize("wait", [20, 45, None])
def test_a_reply_that_drips_ends(clock, start, wait):
    """The whole of it may take four times the wait for a part; two minutes where a session waits for ever."""
    limit = 4 * wait if wait else 120
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=drip, args=(listener, start), daemon=True).start()
        session = cx.Session(cx.Venue("slow", http=f"http://127.0.0.1:{listener.getsockname()[1]}/v2"), retries=0)
        session.timeout = (5, wait)
        with pytest.raises(cx.NoAnswer, match=f"GET /ping.*not whole after {limit} seconds"):
            cx.ping(session=session)
    assert limit + 40 >= clock.now


@pytest.fixture
def _verb(monkeypatch):
    monkeypatch.setitem(ROUTES, "act", Route("act", "POST", "/spot/order", Accepted, "public", "", needs="trade"))


def act(session):
    """Place something."""
    return change(Verb(act, None, session, dry_run=False), {"market": "BTCUSDT"}, finds_out="cx.x()")


DEEP = b'{"code": 0, "message": "OK", "data": ' + b"[" * 400_000 + b"]" * 400_000 + b"}"
AFTER_THE_DEED = {
    "a bomb": reply(bomb(inner=True, times=100), Content_Encoding="gzip, gzip"),
    "a body that is none": reply(b"{}", Content_Encoding="br"),
    "nesting": reply(DEEP),
    "a message of megabytes": reply({"code": 99_999, "message": "m" * 5_000_000, "data": {}}),
    "a long number": reply(b'{"code": ' + b"4" * 6_000 + b"}"),
    "numbers beyond": reply(b'{"code": 0, "message": "", "data": 1e999}'),
    "headers without end": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1_000 + b"\r\n",
    "a header line without end": b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
    "a status of many digits": b"HTTP/1.1 " + b"2" * 6_000 + b" OK\r\n\r\n",
    "a length of many digits": b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: "
    + b"9" * 6_000
    + b"\r\n\r\n{",
    "a chunk of many digits": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 6_000 + b"\r\n{",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 4\r\n\r\n{}  ",
}


@pytest.mark.usefixtures("_verb")
@pytest.mark.parametrize("answer", AFTER_THE_DEED.values(), ids=AFTER_THE_DEED)
def test_whatever_comes_back_the_outcome_is_unknown_or_refused(answer):
    """A verb that was sent ends in OutcomeUnknown or a refusal, a read in one of the package's errors; in few words."""
    with Peer((lambda _: answer), OK) as peer:
        me = SignedSession(ACCESS_ID, SECRET_KEY, peer.venue, trading=True, retries=0, timeout=(2, 1))
        with pytest.raises((cx.OutcomeUnknown, cx.Refused), match="POST /spot/order") as caught:
            act(session=me)
        assert 1_000 > len(str(caught.value))
        assert "OK" == act(session=me)["message"].item()  # over a connection of its own
    with TinyServer((answer,)) as server, pytest.raises(cx.CoinExError, match="GET /ping"):
        ping(server, timeout=(2, 1))


def test_a_reply_that_was_left_leaves_its_connection(monkeypatch):
    """What is still on its way there must not be read as the next reply."""
    monkeypatch.setattr(bounds, "MOST_BODY", 1_000)
    with TinyServer(reply(b"x" * 100_000), reply()) as server:
        session = cx.Session(server.venue, retries=0)
        with pytest.raises(cx.NoAnswer, match="more than 1,000 bytes"):
            cx.ping(session=session)
        assert "pong" == cx.ping(session=session)["result"].item()
        assert 2 == server.connections


def test_a_good_reply_keeps_its_connection():
    """Bounded or not: a thousand pings need one."""
    with TinyServer(reply(gzip.compress(BODY), Content_Encoding="gzip"), reply()) as server:
        session = cx.Session(server.venue, retries=0)
        for _ in range(3):
            cx.ping(session=session)
        assert 1 == server.connections


def test_a_plain_request_over_a_session_is_read_as_ever():
    """Text, JSON, parts and streams of a response, for whoever uses the session as requests'."""
    with TinyServer(reply(gzip.compress(BODY), Content_Encoding="gzip")) as server:
        session = cx.Session(server.venue)
        for settings in ({}, {"stream": True}):
            response = session.get(f"{server.http}/ping", timeout=5, **settings)
            assert (PONG, BODY) == (response.json(), b"".join(response.iter_content(7)))
        with pytest.raises(requests.RequestException):
            session.get("http://127.0.0.1:1/", timeout=5)
