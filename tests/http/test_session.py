"""Sessions and venues: which one is current, whom it may reach, and how it lives in threads and pickles."""

import pickle
import socket
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

import coinex_pandas as cx
from coinex_pandas.http.session import current
from tests.http.tiny_server import TinyServer

NOW = "2026-06-01 12:00"


@pytest.fixture
def connected(monkeypatch):
    """Note the hosts and ports that connections were opened to, and the names that were looked up."""
    opened, connect, look_up = set(), socket.socket.connect, socket.getaddrinfo

    def noting_connect(self, address):
        opened.add(address[:2])
        return connect(self, address)

    def noting_look_up(host, port, *args, **kwargs):
        opened.add((host, port))
        return look_up(host, port, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", noting_connect)
    monkeypatch.setattr(socket, "getaddrinfo", noting_look_up)
    return opened


@pytest.mark.parametrize(
    "address",
    [
        "https://api.coinex.com/v2/ping",
        "http://api.coinex.com/v2/ping",
        "HTTP://EXAMPLE.COM/",
        "http://127.0.0.1:{port}/other",
        "https://127.0.0.1:{port}/v2/ping",
        "http://localhost:{port}/v2/ping",
        "http://127.0.0.1:{port}@example.com/v2/ping",
    ],
)
def test_a_local_session_reaches_its_venue_only(connected, address):
    """Every other address is refused before a connection is opened, also one whose text begins alike."""
    with TinyServer() as server, cx.Session(server.venue) as session:
        with pytest.raises(requests.ConnectionError, match="a session at tiny reaches http"):
            session.get(address.format(port=server.port))
        assert set() == connected
        session.get(f"{server.http}/ping")
        assert {("127.0.0.1", server.port)} == connected


def test_a_port_that_begins_alike_is_another_port(connected):
    """A session at port 876 does not reach port 8765: adapters match their prefix as text."""
    with cx.Session(cx.Venue("mine", http="http://127.0.0.1:876/v2")) as session:
        with pytest.raises(requests.ConnectionError, match="reaches"):
            session.get("http://127.0.0.1:8765/v2/ping")
        assert set() == connected


def test_a_redirect_cannot_leave_the_venue(connected):
    """Also when someone uses the session as plain requests and follows redirects."""
    away = b"HTTP/1.1 302 Found\r\nLocation: http://example.com/\r\nContent-Length: 0\r\n\r\n"
    with TinyServer(away) as server, cx.Session(server.venue) as session:
        with pytest.raises(requests.ConnectionError, match="reaches"):
            session.get(f"{server.http}/ping")
        assert {("127.0.0.1", server.port)} == connected


def test_proxies_and_netrc_are_ignored(monkeypatch, tmp_path, connected):
    """What the environment says about proxies and passwords does not concern a venue on this machine."""
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with TinyServer() as server, cx.Session(server.venue) as session:
        assert "pong" == cx.ping(session=session)["result"].item()
        assert "authorization" not in server.requests[0].lower()
        assert {("127.0.0.1", server.port)} == connected


def test_a_session_is_short_to_look_at():
    """A repr is one line without addresses."""
    assert "<Session at live>" == repr(cx.Session())
    assert "<Session at mine>" == repr(cx.Session(cx.Venue("mine", http="http://127.0.0.1:1/v2")))


@pytest.mark.parametrize("http", ["api.coinex.com/v2", "ftp://api.coinex.com", "ws://127.0.0.1/v2", ""])
def test_a_venue_has_an_http_address(http):
    """Anything else is refused at once."""
    with pytest.raises(cx.InvalidArgument, match="is no http or https address"):
        cx.Venue("mine", http=http)


def test_a_trailing_slash_does_not_matter():
    """Two spellings of an address are one venue."""
    assert cx.Venue("a", http="http://127.0.0.1:1/v2") == cx.Venue("a", http="http://127.0.0.1:1/v2/")


def test_the_live_venue():
    """The documented addresses, and not this machine."""
    assert ("https://api.coinex.com/v2", "wss://socket.coinex.com/v2") == (cx.LIVE.http, cx.LIVE.ws)
    assert not cx.LIVE.is_local


def test_a_session_survives_pickling(connected):
    """It works on the other side, still reaches its venue only, and keeps its settings."""
    with TinyServer() as server:
        former = cx.Session(server.venue, retries=1, timeout=(20.0, 30.0))
        cx.ping(session=former)
        session = pickle.loads(pickle.dumps(former))
        assert "pong" == cx.ping(session=session)["result"].item()
        assert (1, (20.0, 30.0), server.venue) == (session.retries, session.timeout, session.venue)
        with pytest.raises(requests.ConnectionError, match="reaches"):
            session.get("http://example.com/")
    assert {("127.0.0.1", server.port)} == connected


def test_use_returns_what_was_in_use():
    """There and back again, with a venue, a session and a sandbox."""
    first = current()
    with TinyServer() as server:
        assert first is cx.use(server.venue)
        assert "pong" == cx.ping()["result"].item()
        mine = cx.Session(server.venue)
        assert server.venue == cx.use(mine).venue
        assert mine is cx.use(first)
    assert first is current()


def test_a_former_session_says_what_is_used_now():
    """What `use` returns names both; the session in use, and one that was never in use, name themselves only."""
    plain = cx.Session(cx.Venue("library", http="http://127.0.0.1:9/v2"))
    keyed = cx.SignedSession("an-id", "a-key", venue=cx.Venue("attic", http="http://127.0.0.1:9/v2"), trading=True)
    first = cx.use(plain)
    try:
        assert "<Session at library, used before; now in use: SignedSession at attic, trading>" == repr(cx.use(keyed))
        assert "<SignedSession at attic, trading>" == repr(keyed) == repr(current())
        back = cx.use(plain)
        assert "<SignedSession at attic, trading, used before; now in use: Session at library>" == repr(back)
        assert "<Session at library>" == repr(cx.use(plain))
        assert "<SignedSession at attic, trading>" == repr(keyed)
    finally:
        cx.use(first)


@pytest.mark.parametrize("where", [None, "live", 7, cx.Session])
def test_use_takes_nothing_else(where):
    """A wrong argument changes nothing."""
    before = current()
    with pytest.raises(cx.InvalidArgument, match="where to ask is"):
        cx.use(where)
    assert before is current()


def test_a_sandbox_restores_the_former_session():
    """Also when the block ends with an error."""
    before = current()
    with cx.sandbox(seed=1) as exchange:
        assert exchange.session is current()
    assert before is current()
    with pytest.raises(RuntimeError, match="mine"), cx.sandbox(seed=1):
        raise RuntimeError("mine")
    assert before is current()


def test_sandboxes_nest():
    """The inner one is current inside; then the outer one is again."""
    with cx.sandbox(now="2026-01-01", speed=0) as outer:
        with cx.sandbox(now="2025-01-01", speed=0):
            assert 2025 == cx.server_time()["timestamp"].item().year
        assert outer.session is current()
        assert 2026 == cx.server_time()["timestamp"].item().year


def test_a_closed_sandbox_is_no_answer():
    """After the block nothing answers there."""
    with cx.sandbox() as exchange:
        pass
    with pytest.raises(cx.NoAnswer):
        cx.ping(session=cx.Session(exchange.venue, retries=0))


def test_an_argument_beats_the_current_session():
    """``session=`` sends the request, whatever session is in use."""
    with cx.sandbox(now="2026-01-01", speed=0) as one, cx.sandbox(now="2025-01-01", speed=0):
        assert 2026 == cx.server_time(session=one.session)["timestamp"].item().year


def test_the_current_session_is_the_same_in_every_thread():
    """A thread that was started before sees the switch too."""
    go, sessions = threading.Event(), []
    thread = threading.Thread(target=lambda: (go.wait(60), sessions.append(current())))
    thread.start()
    with cx.sandbox() as exchange:
        go.set()
        thread.join()
        assert [exchange.session] == sessions


def test_one_session_for_eight_threads(still):
    """Every thread gets its own answers."""
    names = ["BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT"] * 20
    with ThreadPoolExecutor(8) as pool:
        frames = list(pool.map(lambda name: cx.futures_tickers(name, session=still.session), names))
    assert names == [frame.index[0] for frame in frames]


def test_stale_data_warns_once_per_call_and_points_at_the_caller():
    """One ``StaleDataWarning`` for each call, at the line of the call."""
    with cx.sandbox(seed=7, faults="frozen", now=NOW, speed=0):
        for _ in range(2):
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                cx.futures_tickers()
            assert [cx.StaleDataWarning] == [warning.category for warning in caught]
            assert __file__ == caught[0].filename
            assert "futures_tickers at sandbox: frozen" in str(caught[0].message)
