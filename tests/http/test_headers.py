"""Odd headers: numbers without end, times that no clock shows, cookies by the megabyte, redirects to nowhere."""

import pandas as pd
import pytest

import coinex_pandas as cx
from coinex_pandas.api.calls.verb import Verb, change
from coinex_pandas.api.endpoints import ROUTES
from coinex_pandas.http.pacing import pacer_of
from coinex_pandas.http.route import Route
from coinex_pandas.http.signed_session import SignedSession
from coinex_pandas.tables.rows.answer import Accepted
from tests.http.signed_peer import ACCESS_ID, OK, SECRET_KEY, Peer
from tests.http.tiny_server import TinyServer, reply

PING = ROUTES["ping"]
READ = Route("look", "GET", "/assets/spot/balance", Accepted, "account_query", "", needs="read")
DIGITS = "8" * 5_000
DATES = {
    "a zone of six digits": "Mon, 01 Jun 2026 12:00:00 +999999",
    "a zone without end": f"Mon, 01 Jun 2026 12:00:00 +{'9' * 400}",
    "a zone westward": f"Mon, 01 Jun 2026 12:00:00 -{'9' * 18}",
    "a year without end": f"Mon, 01 Jun {'9' * 5_000} 12:00:00 GMT",
    "the year 9999": "Fri, 31 Dec 9999 23:59:59 GMT",
    "the year 1000": "Wed, 01 Jan 1000 00:00:00 GMT",
    "a second of its own": "Mon, 01 Jun 2026 12:00:61 GMT",
    "no zone": "Mon, 01 Jun 2026 12:00:00 -0000",
    "words": "noon " * 10_000,
    "nothing": "",
}


def act(session):
    """Place something."""
    return change(Verb(act, None, session, dry_run=False), {"market": "BTCUSDT"}, finds_out="")


@pytest.fixture(autouse=True)
def _verb(monkeypatch):
    monkeypatch.setitem(ROUTES, "act", Route("act", "POST", "/spot/order", Accepted, "public", "", needs="trade"))


def signed(peer):
    """Return a session with a key at a peer."""
    return SignedSession(ACCESS_ID, SECRET_KEY, peer.venue, trading=True, retries=0)


@pytest.mark.parametrize("date", DATES.values(), ids=DATES)
def test_an_odd_date_is_no_date(date):
    """The time of the reply is then this machine's, for reads and for verbs that were carried out."""
    with TinyServer(reply(Date=date)) as server:
        before = pd.Timestamp.now("UTC").floor("ms")
        at = cx.Session(server.venue, retries=0).page(PING, {}).at
        assert before <= at <= pd.Timestamp.now("UTC")
    with Peer(OK, headers={"Date": date}) as peer:
        assert 1 == len(act(session=signed(peer)))


def test_a_date_far_from_here_is_a_date():
    """The sandbox and archives live at other times."""
    with TinyServer(reply(Date="Tue, 04 May 2021 05:06:07 +0200")) as server:
        at = cx.Session(server.venue, retries=0).page(PING, {}).at
    assert pd.Timestamp("2021-05-04 03:06:07", tz="UTC") == at


@pytest.mark.parametrize(
    ("limit", "remaining"),
    [(DIGITS, "5"), ("10", DIGITS), ("-1", "5"), ("1e3", "5"), ("0", "0"), ("²", "1"), ("", ""), ("10 ", "x")],
)
def test_an_odd_rate_limit_is_none(limit, remaining):
    """The pace stays as documented, and the reply counts: a verb was carried out."""
    with Peer(OK, headers={"X-RateLimit-Limit": limit, "X-RateLimit-Remaining": remaining}) as peer:
        me = signed(peer)
        assert "OK" == me.page(READ, {}).frame["message"].item()
        assert "OK" == act(session=me)["message"].item()
        assert pacer_of(peer.http, "account_query", me.account).quota is None


@pytest.mark.parametrize("wait", [DIGITS, "Mon, 01 Jun 9999 12:00:00 +999999", "-5", "soon"])
def test_an_odd_retry_after_ends_in_the_error_of_the_reply(wait):
    """A wait without end is an outage to report; anything else that is no time asks for no wait."""
    with TinyServer(reply(b"<html>", "503 Service Unavailable", Retry_After=wait)) as server:
        with pytest.raises(cx.NoAnswer, match="503"):
            cx.ping(session=cx.Session(server.venue, retries=1, backoff=0.001))
        assert len(server.requests) == (1 if wait == DIGITS else 2)


def test_no_cookie_is_kept_or_sent_back():
    """Neither a small one nor a megabyte of them: the exchange needs none."""
    cookies = [f"Set-Cookie: c{number}={'v' * 15_000}; Path=/" for number in range(70)]
    head = "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n{}\r\n\r\n".format("\r\n".join(cookies))
    body = b'{"code": 0, "data": {"result": "pong"}, "message": "OK"}'
    with TinyServer((head % len(body)).encode() + body, reply(Set_Cookie="a=b"), reply()) as server:
        session = cx.Session(server.venue, retries=0)
        for _ in range(3):
            assert cx.ping(session=session)["result"].item() == "pong"
        assert [] == list(session.cookies)
        assert not [request for request in server.requests if "cookie" in request.lower()]
        session.cookies.set("mine", "7", domain="127.0.0.1")
        cx.ping(session=session)
        assert "Cookie: mine=7" in server.requests[-1]  # what a user sets is the user's wish


@pytest.mark.parametrize(
    "target",
    ["http://[half", "//", "http://\xff\xfe", "file:///etc/passwd", "http://127.0.0.1:99999999/", "x" * 60_000],
)
def test_a_redirect_is_not_even_worked_out(target):
    """Whatever address it names, the error is that of the status."""
    body = b"<html>" * 10
    head = f"HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: {len(body)}\r\n\r\n".encode("latin-1")
    with TinyServer(head + body) as server, pytest.raises(cx.NoAnswer, match="HTTP status 302"):
        cx.ping(session=cx.Session(server.venue, retries=0))
