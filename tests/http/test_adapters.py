"""How requests are carried: interim replies are skipped, whatever stands between a session and its venue."""

import pytest
import requests
from urllib3.connectionpool import HTTPConnectionPool

import coinex_pandas as cx
from coinex_pandas.api.endpoints import ROUTES
from coinex_pandas.http.adapters import SilentAdapter, VenueAdapter, _pool_class
from tests.http.signed_peer import ACCESS_ID, SECRET_KEY, Peer
from tests.http.tiny_server import TinyServer, reply

HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"
WORKING = b"HTTP/1.1 102 Processing\r\n\r\n"
GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"


def time_at(ms):
    """Return the reply of a venue whose clock is at so many milliseconds."""
    return reply({"code": 0, "data": {"timestamp": ms}, "message": "OK"})


def session_at(server, **more):
    """Return a quick session at a tiny server."""
    return cx.Session(server.venue, **{"backoff": 0.001} | more)


def ms_of(frame):
    """Return the time in a frame of the server's time."""
    return int(frame["timestamp"].item().timestamp() * 1000)


@pytest.mark.parametrize("interim", [HINTS, WORKING, WORKING * 3 + HINTS, GO_ON + HINTS, HINTS * 20])
def test_interim_replies_are_skipped(interim):
    """Each question gets its own reply, on one connection; none gets what belongs to the one before."""
    moments = [1_780_000_000_000 + 1000 * number for number in range(4)]
    answers = [time_at(moments[0]), interim + time_at(moments[1]), time_at(moments[2]), interim + time_at(moments[3])]
    with TinyServer(*answers) as server, session_at(server, retries=0) as session:
        assert moments == [ms_of(cx.server_time(session=session)) for _ in moments]
        assert 1 == server.connections


@pytest.mark.parametrize("interim", [HINTS * 21, WORKING * 500, b"HTTP/1.1 101 Switching Protocols\r\n\r\n"])
def test_a_server_that_never_comes_to_the_point(interim):
    """Interim replies without end, or the switch to another protocol, are no reply; the connection is left."""
    wrong, right = 1_770_000_000_000, 1_780_000_000_000
    with TinyServer(interim + time_at(wrong), time_at(right)) as server:
        with pytest.raises(cx.NoAnswer, match="interim reply"):
            cx.server_time(session=(session := session_at(server, retries=0)))
        assert right == ms_of(cx.server_time(session=session))
        assert 2 == server.connections


def test_a_verb_after_an_interim_reply():
    """It is carried out once, and its frame is the final reply."""
    order = {"code": 0, "data": {"stop_id": 77}, "message": "OK"}
    with Peer(lambda _: HINTS + reply(order)) as peer:
        me = cx.SignedSession(ACCESS_ID, SECRET_KEY, peer.venue, trading=True)
        frame = cx.spot_place_stop_order("ETHUSDT", "buy", "limit", 1, 2, trigger_price=3, check=False, session=me)
        assert ([77], 1) == (list(frame.index), len(peer.private))


@pytest.mark.parametrize("adapter", [VenueAdapter(), SilentAdapter()])
def test_proxies_carry_requests_the_same_way(adapter):
    """The pools behind a proxy read final replies too; asked for again, they are the same."""
    proxies = [adapter.proxy_manager_for("http://127.0.0.1:9") for _ in range(2)]
    assert proxies[0] is proxies[1]
    for manager in (adapter.poolmanager, *proxies):
        for pool in manager.pool_classes_by_scheme.values():
            assert "_FinalReply" == pool.ConnectionCls.response_class.__name__


def test_a_kind_of_pool_of_its_own_keeps_it():
    """A SOCKS proxy brings its own connections: they stay, and read final replies."""

    class Connection(HTTPConnectionPool.ConnectionCls):
        way = "a tunnel"

    class Pool(HTTPConnectionPool):
        ConnectionCls = Connection

    made = _pool_class(Pool, is_silent=True)
    assert issubclass(made, Pool)
    assert "a tunnel" == made.ConnectionCls.way
    assert made.ConnectionCls.debuglevel == 0
    assert made is _pool_class(made, is_silent=True)


@pytest.mark.parametrize("signed", [True, False])
def test_a_session_drops_its_connections(signed):
    """The next request opens a new one, and the server sees that the old one is closed."""
    with TinyServer(time_at(1_780_000_000_000)) as server:
        key = (ACCESS_ID, SECRET_KEY)
        session = cx.SignedSession(*key, server.venue) if signed else cx.Session(server.venue)
        for _ in range(2):
            session.page(ROUTES["server_time"], {})
        session.drop_connections()
        session.page(ROUTES["server_time"], {})
        assert (3, 2) == (len(server.requests), server.connections)


def test_what_users_mount_is_kept():
    """Their own adapters lose their connections, and nothing else."""

    class Counting(requests.adapters.HTTPAdapter):
        sent = 0

        def send(self, *args, **more):
            self.sent += 1
            return super().send(*args, **more)

    with TinyServer(time_at(1_780_000_000_000)) as server, session_at(server) as session:
        adapter = Counting(pool_maxsize=3)
        session.mount(f"{server.venue.http}/", adapter)
        cx.server_time(session=session)
        session.drop_connections()
        cx.server_time(session=session)
        assert (2, 3, 2) == (adapter.sent, adapter._pool_maxsize, server.connections)
