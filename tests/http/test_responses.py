"""What a session makes of every way an answer can go wrong, over real sockets."""

import gzip
import pickle
import socket
import time
from email.utils import formatdate
from types import SimpleNamespace

import pandas as pd
import pytest

import coinex_pandas as cx
from coinex_pandas.api.endpoints import ROUTES
from coinex_pandas.http.route import Route
from coinex_pandas.simulator.faults import HTTP_FAULTS
from tests.http.tiny_server import PONG, TinyServer, reply
from tests.waiting import until

PING, TICKERS = ROUTES["ping"], ROUTES["futures_tickers"]
POST = Route("futures_place_order", "POST", "/futures/order", PING.row, "futures_order", "", single=True)
HTML = b"<html><head><title>Hello</title></head>" + b"<p>no exchange here</p>" * 40_000


def session_at(server, **more):
    """Return a quick session at a tiny server."""
    return cx.Session(server.venue, **{"backoff": 0.001} | more)


@pytest.fixture
def pauses(monkeypatch):
    """Return the pauses that sessions make, which cost no time."""
    made = []
    monkeypatch.setattr("coinex_pandas.http.session.time", SimpleNamespace(monotonic=time.monotonic, sleep=made.append))
    return made


@pytest.fixture(scope="module")
def exchange():
    """Yield a sandbox whose faults each test sets."""
    with cx.sandbox(seed=7, now="2026-06-01 12:00", speed=0) as running:
        yield running


PASSING = [
    "bad_gateway",
    "busy",
    "unavailable",
    "rate_limited",
    "drop",
    "lost_answer",
    "gateway_timeout",
    "truncate",
    "cut",
]
TYPES = {
    "bad_gateway": cx.NoAnswer,
    "busy": cx.Busy,
    "unavailable": cx.Busy,
    "rate_limited": cx.RateLimited,
    "drop": cx.NoAnswer,
    "lost_answer": cx.NoAnswer,
    "gateway_timeout": cx.NoAnswer,
    "truncate": cx.UnexpectedBody,
    "cut": cx.NoAnswer,
}
HARMLESS = {"latency", "content_type", "insert_rows", "lying_has_next", "clock_skew", "null_data"}
ANNOUNCED = {"new_column", "frozen", "closed_spot"}  # they warn or refuse: tested with the rows and with freshness


def test_every_fault_of_the_sandbox_is_looked_at():
    """A new fault belongs into one of the groups here."""
    assert set(HTTP_FAULTS) == {*PASSING, *HARMLESS, *ANNOUNCED}


@pytest.mark.parametrize("fault", PASSING)
def test_a_passing_fault_is_asked_again(exchange, fault):
    """Two failures in a row are not visible to the caller."""
    exchange.faults.set({fault: [1, 2]})
    before = exchange.server.requests
    session = cx.Session(exchange.venue, backoff=0.001)
    assert "BTCUSDT" in session.page(TICKERS, {"market": "BTCUSDT"}).frame.index
    assert 3 == exchange.server.requests - before


@pytest.mark.parametrize("fault", PASSING)
def test_without_retries_a_fault_is_raised_at_once(exchange, fault):
    """``retries=0``: one request, one typed error that names the endpoint."""
    exchange.faults.set(fault)
    before = exchange.server.requests
    with pytest.raises(TYPES[fault], match="GET /futures/ticker") as caught:
        cx.futures_tickers("BTCUSDT", session=cx.Session(exchange.venue, retries=0))
    assert 1 == exchange.server.requests - before
    assert "GET /futures/ticker" == caught.value.endpoint
    assert [] == getattr(caught.value, "__notes__", [])


@pytest.mark.parametrize("fault", PASSING)
def test_a_fault_that_stays_is_raised_after_all_retries(exchange, fault):
    """Three requests, then the error, which says how often it was tried."""
    exchange.faults.set(fault)
    with pytest.raises(TYPES[fault]) as caught:
        cx.ping(session=cx.Session(exchange.venue, retries=2, backoff=0.001))
    assert ["tried 3 times"] == caught.value.__notes__


@pytest.mark.parametrize("fault", sorted(HARMLESS))
def test_a_harmless_fault_changes_nothing(exchange, fault):
    """A late, mislabelled or empty answer is an answer."""
    exchange.faults.set(fault)
    assert "volume" in cx.futures_tickers(session=cx.Session(exchange.venue, retries=0))


def test_a_refusal_for_good_is_not_asked_again(exchange):
    """An unknown market stays unknown: one request; code, message, endpoint, advice and market are there."""
    exchange.faults.set(None)
    before = exchange.server.requests
    with pytest.raises(cx.UnknownMarket, match="GET /futures/ticker for NOPEUSDT") as caught:
        cx.futures_tickers("NOPEUSDT", session=exchange.session)
    assert 1 == exchange.server.requests - before
    error = caught.value
    assert (4004, "GET /futures/ticker") == (error.code, error.endpoint)
    assert error.message
    assert error.message in str(error)
    assert error.advice
    assert error.advice in str(error)


@pytest.mark.parametrize(
    ("answer", "kind", "attempts", "text"),
    [
        (reply(b"", "302 Found", Location="http://127.0.0.1:1/v2/ping"), cx.NoAnswer, 1, "HTTP status 302"),
        (reply(HTML, "404 Not Found", Content_Type="text/html"), cx.NoAnswer, 1, "404.*<html>"),
        (reply(b"", "403 Forbidden"), cx.NoAnswer, 1, "HTTP status 403"),
        (reply(HTML, "503 Service Unavailable"), cx.NoAnswer, 3, "HTTP status 503.*<html>"),
        (reply(PONG, "500 Internal Server Error"), cx.NoAnswer, 3, "HTTP status 500"),
        (reply(b"", "429 Too Many Requests"), cx.RateLimited, 3, "code 429.*HTTP status 429"),
        (reply({"code": 4123, "message": "slow"}, "429 Slow"), cx.RateLimited, 3, "code 4123.*slow"),
        (reply({"code": 3008, "message": "hm"}, "429 Slow"), cx.RateLimited, 3, "code 429.*hm"),
        (reply({"code": 4115, "message": "no"}, "403 Forbidden"), cx.NotPermitted, 1, "code 4115"),
        (reply({"code": 3008, "message": "later"}, "400 Bad Request"), cx.Busy, 3, "code 3008"),
        (reply({"code": "E1", "message": "later"}, "400 Bad Request"), cx.NoAnswer, 1, "HTTP status 400"),
        (reply(PONG, "404 Not Found"), cx.NoAnswer, 1, "HTTP status 404"),
        (reply(b"", "408 Request Timeout"), cx.NoAnswer, 3, "HTTP status 408"),
        (reply(b""), cx.UnexpectedBody, 3, "unexpected body"),
        (reply(HTML), cx.UnexpectedBody, 3, "not valid JSON.*starts with '<html>"),
        (reply(b"[1, 2]"), cx.UnexpectedBody, 3, "not the exchange's envelope"),
        (reply(b'{"code": 0, "data": {"result": ['), cx.UnexpectedBody, 3, "not valid JSON"),
        (reply(b"\xff\xfe\x00"), cx.UnexpectedBody, 3, "not valid JSON"),
        (reply(b"no gzip", Content_Encoding="gzip"), cx.NoAnswer, 3, "ContentDecodingError"),
        (b"what is this\r\n\r\n", cx.NoAnswer, 3, "ConnectionError"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", cx.NoAnswer, 3, "no answer"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 300 + b"\r\n", cx.NoAnswer, 3, "headers"),
        (None, cx.NoAnswer, 3, "no answer"),
    ],
)
def test_an_odd_answer_becomes_a_typed_error(answer, kind, attempts, text):
    """Nothing of requests or urllib3 comes through; tried again only where that can help; the text stays short."""
    with TinyServer(answer) as server, session_at(server, retries=2) as session:
        with pytest.raises(kind, match=f"(?s)GET /ping.*{text}") as caught:
            cx.ping(session=session)
        assert attempts == len(server.requests)
        assert 700 > len(str(caught.value))
        assert isinstance(pickle.loads(pickle.dumps(caught.value)), kind)


def test_a_redirect_is_not_followed():
    """Not even to another path of the same server."""
    with TinyServer() as target:
        moved = reply(b"", "301 Moved", Location=f"{target.http}/ping")
        with TinyServer(moved) as server, pytest.raises(cx.NoAnswer, match="301"):
            cx.ping(session=session_at(server))
        assert [] == target.requests


def test_gzip_is_read():
    """The usual compression is nothing special."""
    packed = reply(gzip.compress(b'{"code": 0, "data": {"result": "pong"}, "message": "OK"}'), Content_Encoding="gzip")
    with TinyServer(packed) as server, session_at(server) as session:
        assert "pong" == cx.ping(session=session)["result"].item()


def test_an_unknown_success_message_is_success():
    """Code 0 decides, whatever the message says."""
    with TinyServer(reply(PONG | {"message": "fine"})) as server, session_at(server) as session:
        assert "pong" == cx.ping(session=session)["result"].item()


@pytest.mark.parametrize("begun", [(), (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",)])
def test_a_slow_answer_times_out(begun):
    """A server that stops talking, before or in the middle, costs the timeouts and no more: it has not moved since."""
    with TinyServer(begun) as server, session_at(server, retries=2, timeout=(30.0, 0.2)) as session:
        with pytest.raises(cx.NoAnswer, match=r"(?i)no answer.*timed out") as caught:
            cx.ping(session=session)
        assert ["tried 3 times"] == caught.value.__notes__
        assert until(lambda: 3 == len(server.requests))


def test_nobody_there():
    """A refused connection is no answer; it is tried again."""
    with TinyServer() as server:
        pass
    with pytest.raises(cx.NoAnswer, match=r"GET /ping.*refused") as caught:
        cx.ping(session=session_at(server, retries=1))
    assert (None, ["tried 2 times"]) == (caught.value.status, caught.value.__notes__)


def test_errors_do_not_show_the_query():
    """An address carries parameters, one day a signature: the texts of transport faults leave it out."""
    with TinyServer() as server:
        pass
    with pytest.raises(cx.NoAnswer) as caught:
        session_at(server, retries=0).page(TICKERS, {"market": "SECRET"})
    assert "SECRET" not in str(caught.value)


@pytest.mark.usefixtures("unpaced")
@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable", "200 OK"])
def test_retry_after_is_waited_for(pauses, status):
    """The pause is what the answer asks for, where it is more than the own; on gateway pages and on refusals."""
    refused = reply({"code": 4213, "data": {}, "message": "slow down"}, status, Retry_After="7")
    with TinyServer(refused, reply()) as server, session_at(server) as session:
        cx.ping(session=session)
        assert 2 == len(server.requests)
    assert 7.0 == pauses[0]


def test_retry_after_may_be_a_date(pauses, monkeypatch):
    """A moment is as good as a number of seconds."""
    monkeypatch.setattr("coinex_pandas.http.responses.time", SimpleNamespace(time=lambda: 1_780_308_000.25))
    refused = reply(b"", "503 Busy", Retry_After=formatdate(1_780_308_002, usegmt=True))
    with TinyServer(refused, reply()) as server, session_at(server) as session:
        cx.ping(session=session)
    assert 1.75 == pauses[0]


@pytest.mark.parametrize("text", ["-5", "soon", "\xb2", "", "Thu, 99 Foo 2026", "0"])
def test_a_retry_after_that_says_nothing_is_ignored(pauses, text):
    """Then the own pauses hold."""
    with TinyServer(reply(b"", "503 Busy", Retry_After=text).decode("utf-8").encode("latin-1"), reply()) as server:
        cx.ping(session=session_at(server))
        assert 2 == len(server.requests)
    assert 0.0005 <= pauses[0] <= 0.0015


def test_a_long_retry_after_is_reported_instead():
    """Nobody sits out an hour: the error says how long the gateway asks for."""
    with TinyServer(reply(b"", "503 Busy", Retry_After="3600")) as server, session_at(server) as session:
        with pytest.raises(cx.NoAnswer) as caught:
            cx.ping(session=session)
        assert (1, 3600.0, 503) == (len(server.requests), caught.value.retry_after, caught.value.status)


@pytest.mark.parametrize("answer", [None, reply(b"", "502 Bad"), reply({"code": 3008, "data": {}, "message": "busy"})])
def test_a_post_is_never_repeated(answer):
    """What changes something is sent once, whatever comes back."""
    with TinyServer(answer) as server, session_at(server, retries=4) as session:
        with pytest.raises(cx.CoinExError, match="POST /futures/order"):
            session.page(POST, {})
        assert 1 == len(server.requests)
        assert server.requests[0].startswith("POST /v2/futures/order")


def test_pauses_grow(pauses):
    """Each pause is about twice the one before, with jitter."""
    with TinyServer(reply(b"", "503 Busy")) as server, pytest.raises(cx.NoAnswer):
        cx.ping(session=session_at(server, retries=4, backoff=0.25))
    assert 4 == len(pauses)
    for attempt, pause in enumerate(pauses):
        assert 0.5 <= pause / (0.25 * 2**attempt) <= 1.5


def test_one_connection_for_many_calls():
    """Keep-alive: fifty calls, one connection."""
    with TinyServer() as server, session_at(server) as session:
        for _ in range(50):
            cx.ping(session=session)
        assert (50, 1) == (len(server.requests), server.connections)


def test_a_server_that_hangs_up_between_calls_is_not_noticed():
    """A kept connection that died meanwhile costs a repetition, not an error."""
    with TinyServer(reply(), None, reply()) as server, session_at(server) as session:
        assert ["pong", "pong"] == [cx.ping(session=session)["result"].item() for _ in range(2)]
        assert 2 == server.connections


def test_ipv6_loopback():
    """``[::1]`` is this machine too."""
    try:
        server = TinyServer(host="::1")
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with server, session_at(server) as session:
        assert server.venue.is_local
        assert "pong" == cx.ping(session=session)["result"].item()


def test_the_date_of_an_answer_is_the_venues():
    """``fetched_at`` goes by the venue's clock: a museum's answers are not of today."""
    old = reply(PONG, Date="Mon, 01 Jun 2026 12:00:00 GMT")
    with TinyServer(old) as server, session_at(server) as session:
        assert "2026-06-01T12:00:00+00:00" == cx.ping(session=session).attrs["coinex"]["fetched_at"]


def test_a_wrong_date_does_no_harm():
    """Without a readable date this machine's clock stands in."""
    before = pd.Timestamp.now("UTC").floor("ms")
    with TinyServer(reply(PONG, Date="yesterday")) as server, session_at(server) as session:
        fetched_at = cx.ping(session=session).attrs["coinex"]["fetched_at"]
    assert before <= pd.Timestamp(fetched_at) <= pd.Timestamp.now("UTC")


def test_loopback_is_all_that_tests_reach():
    """The tests' own guard: an address outside is refused before anything is sent."""
    with pytest.raises(AssertionError, match="loopback only"):
        socket.create_connection(("192.0.2.1", 80), timeout=0.1)
