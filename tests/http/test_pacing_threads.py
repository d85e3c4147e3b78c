"""Eight threads, one session, full speed: no group's limit is exceeded in any second.

How much of it is used is measured in ``benchmarks/limits.py``.
"""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from coinex_pandas.http.pacing import LIMITS
from coinex_pandas.http.route import Route
from coinex_pandas.http.signed_session import SignedSession
from coinex_pandas.tables.rows.answer import Accepted
from tests.http.signed_peer import ACCESS_ID, OK, SECRET_KEY, Peer
from tests.http.test_pacing import busiest

SECONDS = 2.5
STALL = 0.2  # seconds; what is held up for longer than a pacer reckons with (pace._LATEST) says nothing about it


class Steady:
    """Skips a test, at its end, in which this machine let threads stand still: no sender can promise anything then."""

    def __enter__(self):
        self._over, self._longest = threading.Event(), 0.0
        self._watch = threading.Thread(target=self._look)
        self._watch.start()

    def _look(self):
        before = time.monotonic()
        while not self._over.wait(0.005):
            now = time.monotonic()
            self._longest, before = max(self._longest, now - before), now

    def __exit__(self, kind, *_):
        self._over.set()
        self._watch.join()
        if kind is None and self._longest > STALL:
            pytest.skip(f"this machine stood still for {self._longest:.2f} s")


@pytest.mark.parametrize("group", ["account_query", "futures_order", "spot_order", "spot_query", "spot_cancel"])
def test_the_allowed_rate_is_not_exceeded(group):
    """Counted where the requests arrive; one group of each documented limit."""
    method = "GET" if "query" in group else "POST"
    route = Route("x", method, f"/{group}", Accepted, group, "", needs="read" if method == "GET" else "trade")
    with Peer(OK) as peer:
        me = SignedSession(ACCESS_ID, SECRET_KEY, peer.venue, trading=True)
        me.page(route, {})  # the clock is measured, the connection is there
        until = time.monotonic() + SECONDS

        def work(_):
            while time.monotonic() < until:
                me.page(route, {"market": "BTCUSDT"})

        with Steady(), ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(8)))
    arrived = [request.at for request in peer.private]
    assert 0 == peer.refusals
    assert busiest(arrived) <= LIMITS[group]


def test_batches_and_single_requests_share_a_limit():
    """A batch counts its items: no second holds more of both together, also when sessions of one key share it."""
    single = Route("x", "POST", "/single", Accepted, "spot_order", "", needs="trade")
    batch = Route("y", "POST", "/batch", Accepted, "spot_order", "", needs="trade", weight="orders")
    with Peer(OK) as peer:
        sessions = [SignedSession(ACCESS_ID, SECRET_KEY, peer.venue, trading=True) for _ in range(2)]
        sessions[0].page(single, {})

        def work(number):
            route, params = (batch, {"orders": [{}] * (number % 9 + 1)}) if number % 3 == 0 else (single, {})
            sessions[number % 2].page(route, params)

        with Steady(), ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(40)))
    units = [request.at for request in peer.private for _ in range(max(1, request.body.count(b"{}")))]
    assert busiest(units) <= LIMITS["spot_order"]
