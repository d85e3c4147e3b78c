"""A session with a key: what it may do, where its key comes from, and what becomes of requests that fail."""

import contextlib
import copy
import sys
import types
from dataclasses import replace

import pytest
import requests

import coinex_pandas as cx
from coinex_pandas.errors import KeyNeeded, NotEnabled
from coinex_pandas.http.pacing import LIMITS, pacer_of
from coinex_pandas.http.route import Route
from coinex_pandas.http.signed_session import SignedSession
from coinex_pandas.tables.rows.answer import Accepted
from tests.http.signed_peer import ACCESS_ID, OK, SECRET_KEY, Peer, refused
from tests.http.tiny_server import TinyServer, reply

READ = Route("look", "GET", "/assets/spot/balance", Accepted, "account_query", "", needs="read")
TRADE = Route("act", "POST", "/spot/order", Accepted, "spot_order", "", needs="trade")
WITHDRAW = Route("pay", "POST", "/assets/withdraw", Accepted, "account_modify", "", needs="withdraw")
GATEWAY = reply(b"<html>", "502 Bad Gateway")


def at(peer, **settings):
    """Return a quick session at a peer."""
    return SignedSession(ACCESS_ID, SECRET_KEY, peer.venue, **{"backoff": 0.001, "trading": True} | settings)


@pytest.mark.parametrize(
    ("settings", "route", "allowed"),
    [
        ({}, READ, True),
        ({}, TRADE, False),
        ({}, WITHDRAW, False),
        ({"trading": True}, TRADE, True),
        ({"trading": True}, WITHDRAW, False),
        ({"withdrawing": True}, WITHDRAW, True),
        ({"withdrawing": True}, TRADE, False),
    ],
)
def test_what_a_session_may_do(settings, route, allowed):
    """Reading always; each of the two leaves opens its own verbs. A refusal sends nothing and says what to do."""
    with Peer(OK) as peer:
        me = SignedSession(ACCESS_ID, SECRET_KEY, peer.venue, **settings)
        if allowed:
            assert [0] == me.page(route, {}).frame["code"].to_list()
            return
        with pytest.raises(NotEnabled, match=f"(?s){route.endpoint}.*nothing was sent.*ing=True") as caught:
            me.page(route, {})
        assert route.endpoint == caught.value.endpoint
        assert f"{'trading' if route is TRADE else 'withdrawing'}=True" in str(caught.value)
        assert [] == peer.requests


@pytest.mark.parametrize("route", [READ, TRADE, WITHDRAW])
def test_without_a_key_nothing_private_is_sent(route):
    """A plain session says that a key is needed, and how to use one."""
    with Peer(OK) as peer:
        with pytest.raises(KeyNeeded, match=r"(?s)is private.*SignedSession\.from_env") as caught:
            cx.Session(peer.venue).page(route, {})
        assert route.endpoint == caught.value.endpoint
        assert [] == peer.requests


def test_a_key_from_the_environment(monkeypatch):
    """The two documented names; blanks around them come with files and do no harm."""
    monkeypatch.setenv("COINEX_ACCESS_ID", f"{ACCESS_ID}\n")
    monkeypatch.setenv("COINEX_SECRET_KEY", SECRET_KEY)
    with Peer(OK) as peer:
        SignedSession.from_env(peer.venue).page(READ, {})
        assert ACCESS_ID == peer.private[0].headers["x-coinex-key"]


@pytest.mark.parametrize("name", ["COINEX_ACCESS_ID", "COINEX_SECRET_KEY"])
def test_an_environment_without_a_key(monkeypatch, name):
    """The error names what is not set, or empty, and only that."""
    monkeypatch.setenv("COINEX_ACCESS_ID", ACCESS_ID)
    monkeypatch.setenv("COINEX_SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv(name, "")
    with pytest.raises(KeyNeeded, match=f"does not set {name}$"):
        SignedSession.from_env()


@pytest.fixture
def keyring(monkeypatch):
    """Stand in for the package: a dict of what was put there."""
    held = {}
    module, errors = types.ModuleType("keyring"), types.ModuleType("keyring.errors")
    errors.KeyringError = type("KeyringError", (Exception,), {})
    module.errors, module.get_password = errors, lambda service, name: held.get((service, name))
    monkeypatch.setitem(sys.modules, "keyring", module)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
    return held, module


def test_a_key_from_the_keyring(keyring):
    """Each service is one key."""
    keyring[0].update({("mine", "access_id"): ACCESS_ID, ("mine", "secret_key"): SECRET_KEY})
    with Peer(OK) as peer:
        SignedSession.from_keyring(peer.venue, service="mine", trading=True).page(TRADE, {})
        assert ACCESS_ID == peer.private[0].headers["x-coinex-key"]
    with pytest.raises(KeyNeeded, match="keyring set coinex access_id"):
        SignedSession.from_keyring()


def test_a_keyring_that_does_not_open(keyring):
    """Its own words, as an error of this package."""

    def locked(service, name):
        raise keyring[1].errors.KeyringError("it is locked")

    keyring[1].get_password = locked
    with pytest.raises(KeyNeeded, match="it is locked"):
        SignedSession.from_keyring()


def test_without_the_package_keyring(monkeypatch):
    """The error names the extra that brings it."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(cx.MissingExtra, match=r"pip install 'coinex_pandas\[keyring\]'"):
        SignedSession.from_keyring()


@pytest.mark.parametrize("window", [0, -1, 1.5, "5000", True])
def test_a_window_is_whole_milliseconds(window):
    """Anything else is refused at once."""
    with pytest.raises(cx.InvalidArgument, match="window"):
        SignedSession(ACCESS_ID, SECRET_KEY, window=window)


def test_a_key_does_not_go_in_the_clear():
    """A venue that is not on this machine is reached over https."""
    with pytest.raises(cx.InvalidArgument, match="https"):
        SignedSession(ACCESS_ID, SECRET_KEY, cx.Venue("far", http="http://example.com/v2"))
    assert SignedSession(ACCESS_ID, SECRET_KEY, cx.Venue("far", http="https://example.com/v2"))


@pytest.mark.parametrize(
    ("http", "ws", "is_open"),
    [
        ("https://example.com/v2", "ws://example.com/v2", True),
        ("https://example.com/v2", "ws://127.0.0.1.example.com/v2", True),
        ("http://127.0.0.1:80/v2", "ws://192.0.2.8/v2", True),
        ("HTTPS://example.com/v2", "WS://example.com/v2", True),
        ("https://example.com/v2", "ws://localhost@example.com/v2", True),
        ("https://example.com/v2", "wss://example.com/v2", False),
        ("HTTPS://example.com/v2", "WSS://example.com/v2", False),
        ("https://example.com/v2", "ws://[::1]:9/v2", False),
        ("http://localhost:80/v2", "ws://LOCALHOST:81/v2", False),
        ("http://127.0.0.1:80/v2", "", False),
    ],
)
def test_a_key_does_not_go_over_a_socket_in_the_clear(http, ws, is_open):
    """A socket's ``server.sign`` carries access id and signature: it is held to the rule of requests."""
    venue = cx.Venue("far", http=http, ws=ws)
    if not is_open:
        assert SignedSession(ACCESS_ID, SECRET_KEY, venue)
        return
    with pytest.raises(cx.InvalidArgument, match="'far': a key goes over https and wss"):
        SignedSession(ACCESS_ID, SECRET_KEY, venue)
    me = SignedSession(ACCESS_ID, SECRET_KEY)
    me.venue = venue
    with pytest.raises(cx.InvalidArgument, match="'far': a key goes over https and wss"):
        me.socket_signature()


def test_an_address_that_is_none_is_refused():
    """With the package's own error."""
    with pytest.raises(cx.InvalidArgument, match="is no"):
        cx.Venue("odd", http="https://example.com/v2", ws="wss://[half")


def test_a_session_is_short_to_look_at():
    """Where it is and what it may do."""
    assert "<SignedSession at live, reading only>" == repr(SignedSession(ACCESS_ID, SECRET_KEY))
    both = SignedSession(ACCESS_ID, SECRET_KEY, trading=True, withdrawing=True)
    assert "<SignedSession at live, trading and withdrawing>" == repr(both)


def test_a_copy_signs_too():
    """Within this program a session can be copied."""
    with Peer(OK) as peer:
        for twin in (copy.copy(at(peer)), copy.deepcopy(at(peer))):
            assert [0] == twin.page(TRADE, {}).frame["code"].to_list()


@pytest.mark.parametrize("fault", [None, GATEWAY, refused(3008), refused(4001), refused(4213), reply(b"{")])
def test_a_read_is_asked_again_and_signed_anew(fault):
    """Each attempt carries its own timestamp and signature."""
    with Peer(fault, fault, OK) as peer:
        at(peer, backoff=0.02).page(READ, {})
        assert 3 == len({request.headers["x-coinex-timestamp"] for request in peer.private})
        assert 0 == peer.refusals


@pytest.mark.parametrize(
    "fault",
    [None, GATEWAY, refused(3008), refused(4001), refused(4002), refused(4213), {**OK, "data": None}, reply(b"{")],
)
def test_a_verb_is_sent_once(fault):
    """Whatever comes back, or does not."""
    is_null = isinstance(fault, dict) and fault["code"] == 0
    route = replace(TRADE, row=cx.ROUTES["ping"].row, single=True) if is_null else TRADE
    with Peer(fault, OK) as peer:
        with contextlib.nullcontext() if is_null else pytest.raises(cx.CoinExError, match="POST /spot/order"):
            assert at(peer).page(route, {}).is_null
        assert 1 == len(peer.private)


def test_a_signed_request_does_not_follow_a_redirect():
    """The key stays with the venue."""
    with TinyServer() as target:
        moved = reply(b"", "307 Moved", Location=f"{target.http}/spot/order")
        with Peer(moved) as peer, pytest.raises(cx.NoAnswer, match="307"):
            at(peer).page(TRADE, {})
        assert [] == target.requests


def test_netrc_does_not_replace_the_signature(monkeypatch, tmp_path, requests_mock):
    """Also where the environment is listened to: at the exchange itself."""
    (tmp_path / "netrc").write_text("machine api.coinex.com login me password other\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    requests_headers = []
    requests_mock.get("https://api.coinex.com/v2/time", json={"code": 0, "data": {"timestamp": 1}, "message": ""})
    requests_mock.get(
        "https://api.coinex.com/v2/assets/spot/balance",
        json=lambda request, _: requests_headers.append(dict(request.headers)) or OK,
    )
    SignedSession(ACCESS_ID, SECRET_KEY).page(READ, {})
    assert ACCESS_ID == requests_headers[0]["X-COINEX-KEY"]
    assert "Authorization" not in requests_headers[0]


def test_plain_requests_through_it_are_not_signed():
    """Only the package's own routes are: someone's own ``session.get`` may go anywhere."""
    with Peer(OK) as peer:
        at(peer).get(f"{peer.http}/time")
        assert "x-coinex-key" not in peer.requests[-1].headers
        with pytest.raises(requests.ConnectionError, match="reaches"):
            at(peer).get("http://example.com/")


def test_the_limit_of_a_group_is_the_accounts():
    """Sessions of one key share it, another key has its own; the address's own limit is for all."""
    with Peer(OK) as peer:
        one, two, other = at(peer), at(peer), SignedSession("other", SECRET_KEY, peer.venue)
        assert one.pacers(TRADE)[1] is two.pacers(TRADE)[1]
        assert one.pacers(TRADE)[1] is not other.pacers(TRADE)[1]
        assert one.pacers(TRADE)[0] is other.pacers(TRADE)[0] is pacer_of(peer.http, "public")


def test_a_batch_counts_its_items():
    """``weight`` names the list: the next request waits for as many turns."""
    slept = []
    with Peer(OK) as peer:
        me = at(peer)
        pacer = me.pacers(TRADE)[1]
        pacer._clock, pacer._sleep = (lambda: 100.0), slept.append
        me.page(replace(TRADE, weight="orders"), {"orders": [{}] * 6})
        me.page(TRADE, {})
    assert [pytest.approx(6 / LIMITS["spot_order"], rel=0.15)] == slept


def test_the_headers_of_the_limit_are_followed():
    """A lower limit than the documented one slows its group down, until an answer tells otherwise."""
    with Peer(OK, headers={"X-RateLimit-Limit": "5", "X-RateLimit-Remaining": "3"}) as peer:
        me = at(peer)
        me.page(TRADE, {})
        pacer = me.pacers(TRADE)[1]
        assert (5, 3) == pacer.quota
        assert pytest.approx(1 / 5, rel=0.05) == pacer._gap
        peer.headers = {"X-RateLimit-Limit": "30", "X-RateLimit-Remaining": "29"}
        me.page(TRADE, {})
        assert pytest.approx(1 / 30, rel=0.05) == pacer._gap


def test_all_wait_after_a_4213():
    """The limit in one answer holds for the whole group."""
    held = []
    with Peer(refused(4213), OK) as peer:
        me = at(peer, retries=0)
        me.pacers(READ)[1].hold = held.append
        with pytest.raises(cx.RateLimited):
            me.page(READ, {})
    assert 1 == len(held)
