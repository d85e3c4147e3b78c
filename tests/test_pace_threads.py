"""Eight threads, one session, full speed: no group's limit is exceeded in any second.

How much of it is used is measured in ``benchmarks/limits.py``.
"""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from signed_peer import ACCESS_ID, OK, SECRET_KEY, Peer
from test_pace import busiest

from coinex_pandas.pace import LIMITS
from coinex_pandas.route import Route
from coinex_pandas.rows.accepted import Accepted
from coinex_pandas.signed_session import SignedSession

SECONDS = 2.5


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

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(8)))
    arrived = [came.at for came in peer.private]
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

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(40)))
    units = [came.at for came in peer.private for _ in range(max(1, came.body.count(b"{}")))]
    assert busiest(units) <= LIMITS["spot_order"]
