"""A forked child shares nothing with its parent: no connection, no lock, no pace, no clock."""

import multiprocessing
import threading
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack

import pytest

import coinex_pandas as cx
from coinex_pandas.http.clock import venue_clock
from coinex_pandas.http.pacing import pacer_of
from tests.http.signed_peer import ACCESS_ID, SECRET_KEY, Peer
from tests.http.tiny_server import TinyServer

pytestmark = [
    pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork on this system"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # newer Pythons warn of forking beside threads
]
PATIENCE = 60  # seconds until a child counts as hanging
MARKETS = ("BTCUSDT", "ETHUSDT", "CETUSDT", "BCHUSDT", "LTCUSDT")


def forked(work, *args, count=1):
    """Return the exit codes of forked children that do some work; None for one that hangs."""
    fork = multiprocessing.get_context("fork")
    children = [fork.Process(target=work, args=args) for _ in range(count)]
    for child in children:
        child.start()
    for child in children:
        child.join(PATIENCE)
    codes = [child.exitcode for child in children]
    for child in children:
        child.kill()
    return codes


def test_a_child_opens_connections_of_its_own():
    """Four children of a process that has a connection: five connections, and the parent's works on."""
    with TinyServer() as server, cx.Session(server.venue) as session:
        cx.ping(session=session)
        assert [0] * 4 == forked(lambda: cx.ping(session=session), count=4)
        cx.ping(session=session)
        assert (6, 5) == (len(server.requests), server.connections)


def test_children_of_a_signed_session():
    """They measure the clock themselves, and sign on connections of their own."""
    with Peer() as peer:
        me = cx.SignedSession(ACCESS_ID, SECRET_KEY, peer.venue, trading=True)
        cx.account_settings(True, session=me)
        assert [0] * 3 == forked(lambda: cx.account_settings(False, session=me), count=3)
        assert (4, 0) == (len(peer.private), peer.refusals)
        assert 4 * 3 == len(peer.requests) - len(peer.private)


def work_with_candles(market):
    """Return whose candles come for a market."""
    return market, list(cx.futures_klines(market, "1min", limit=3)["market"].unique())


def test_candles_in_a_pool_of_forked_processes():
    """Whoever asks for a market gets that one's candles; five processes, one sandbox."""
    with cx.sandbox(seed=3, now="2026-06-01 12:00", speed=0, limits=False):
        cx.server_time()
        with ProcessPoolExecutor(5, mp_context=multiprocessing.get_context("fork")) as pool:
            answers = list(pool.map(work_with_candles, MARKETS * 6))
    assert [(market, [market]) for market in MARKETS * 6] == answers


class Holding:
    """A thread that holds locks, as threads of a program may at any moment.

    Parameters
    ----------
    locks : iterable of context managers
        What it holds until the end.
    """

    def __init__(self, locks):
        self._held, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._hold, args=(locks,), daemon=True)

    def __enter__(self):
        self._thread.start()
        assert self._held.wait(PATIENCE)

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _hold(self, locks):
        with ExitStack() as stack:
            for lock in locks:
                stack.enter_context(lock)
            self._held.set()
            self._over.wait()


def locks_of(session):
    """Return the locks that the calls of a signed session take."""
    adapter = session.get_adapter(session.venue.http + "/")
    (pool,) = adapter.poolmanager.pools._container.values()
    groups = [("public", ""), ("account_modify", session.account)]
    return [
        session.skew._lock,
        session.cookies._cookies_lock,
        adapter.poolmanager.pools.lock,
        pool.pool.mutex,
        *(pacer_of(session.venue.http, group, account)._lock for group, account in groups),
    ]


def test_no_lock_of_the_parent_stops_a_child():
    """Another thread of the parent holds every lock there is as the child is forked: the child works all the same."""
    with Peer() as peer:
        me = cx.SignedSession(ACCESS_ID, SECRET_KEY, peer.venue, trading=True)
        cx.account_settings(True, session=me)
        with Holding(locks_of(me)):
            assert [0, 0] == forked(lambda: (cx.account_settings(False, session=me), me.close()), count=2)
        assert 3 == len(peer.private)


def test_a_child_that_is_forked_while_the_clock_is_measured():
    """The thread that measures is not there in the child, so nobody waits for it."""
    clock = venue_clock("http://127.0.0.1:9/v2")
    begun, go_on = threading.Event(), threading.Event()

    def server_ms():
        begun.set()
        go_on.wait()
        return 1_780_000_000_000

    def child():
        assert venue_clock("http://127.0.0.1:9/v2") is not clock
        assert venue_clock("http://127.0.0.1:9/v2").is_due
        venue_clock("http://127.0.0.1:9/v2").measure(lambda: 5)

    thread = threading.Thread(target=clock.measure, args=(server_ms,))
    thread.start()
    assert begun.wait(PATIENCE)
    assert [0] == forked(child)
    go_on.set()
    thread.join()
    assert not clock.is_due


def test_a_child_begins_with_a_pace_of_its_own():
    """The parent's group must wait for days: the child's has just begun."""
    pacer_of("http://127.0.0.1:9/v2", "public", "slow").hold(1e6)
    assert [0] == forked(lambda: pacer_of("http://127.0.0.1:9/v2", "public", "slow").wait())


def test_cookies_and_settings_go_along():
    """What a session has been given stays, in the child as in the parent."""
    with TinyServer() as server, cx.Session(server.venue, retries=7) as session:
        session.cookies.set("route", "n3")
        session.headers["User-Agent"] = "mine"
        assert [0] == forked(lambda: cx.ping(session=session))
        assert "n3" in server.requests[0]
        assert "User-Agent: mine" in server.requests[0]
