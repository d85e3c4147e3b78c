"""Rate limits as the sandbox counts them."""

import threading

from hypothesis import given
from hypothesis import strategies as st

from coinex_pandas.http.pacing import LIMITS
from coinex_pandas.simulator.server.rate_limits import Buckets


class Time:
    """A clock that is moved by hand."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        """Return the time."""
        return self.now


def test_a_bucket_holds_one_second():
    """As many at once as a second has, then one for each part of a second that passes."""
    time = Time()
    buckets = Buckets(now=time)
    assert [True] * 10 + [False] == [buckets.take("spot_history", "me").granted for _ in range(11)]
    time.now += 0.125
    assert [True, False] == [buckets.take("spot_history", "me").granted for _ in range(2)]
    time.now += 60
    assert (True, 10, 9) == buckets.take("spot_history", "me")


def test_headers_tell_limit_and_rest():
    """The documented two."""
    taken = Buckets(now=Time()).take("spot_order", "me", 4)
    assert {"X-RateLimit-Limit": "30", "X-RateLimit-Remaining": "26"} == taken.headers


def test_groups_and_owners_have_buckets_of_their_own():
    """One account's requests leave the other's bucket full."""
    buckets = Buckets(now=Time())
    buckets.take("spot_history", "me", 10)
    assert not buckets.take("spot_history", "me").granted
    assert buckets.take("spot_history", "other").granted
    assert buckets.take("futures_history", "me").granted


def test_a_batch_that_does_not_fit_takes_nothing():
    """It is refused whole."""
    buckets = Buckets(now=Time())
    buckets.take("futures_order", "me")
    assert (False, 20, 19) == buckets.take("futures_order", "me", 20)
    assert (True, 20, 0) == buckets.take("futures_order", "me", 19)


def test_a_batch_larger_than_the_bucket_needs_a_full_one_and_is_paid_off_after():
    """A hundred items at twenty a second: the next four seconds have nothing left."""
    time = Time()
    buckets = Buckets(now=time)
    assert (True, 20, 0) == buckets.take("futures_order", "me", 100)
    time.now += 4
    assert not buckets.take("futures_order", "me").granted
    time.now += 0.0625
    assert buckets.take("futures_order", "me").granted
    assert not buckets.take("futures_order", "me", 100).granted


def test_switched_off_it_counts_and_refuses_nothing():
    """`enforced` False lets everything through."""
    buckets = Buckets(enforced=False, now=Time())
    assert all(buckets.take("spot_history", "me").granted for _ in range(100))
    assert 100 == buckets.busiest("spot_history")


def test_the_busiest_second():
    """Units of any second are counted, not of the clock's seconds, and of each owner for itself."""
    time = Time()
    buckets = Buckets(now=time)
    for moment, owner, units in ((0.0, "me", 3), (0.9, "me", 4), (1.0, "me", 5), (1.95, "me", 1), (1.0, "other", 8)):
        time.now = 100 + moment
        buckets.take("spot_order", owner, units)
    assert (9, 8) == tuple(buckets.busiest("spot_order", one) for one in ("me", "other"))
    assert 9 == buckets.busiest("spot_order")
    assert (0, 0) == (buckets.busiest("spot_cancel"), buckets.busiest("spot_order", "nobody"))
    assert 5 == len(buckets.arrivals("spot_order"))


@given(st.lists(st.tuples(st.floats(0, 0.5), st.integers(1, 10)), max_size=60), st.sampled_from(sorted(LIMITS)))
def test_what_is_granted_never_exceeds_bucket_and_flow(steps, group):
    """In any stretch of time: at most one bucket and what flows in, batches that are larger apart."""
    time = Time()
    buckets = Buckets(now=time)
    for pause, units in steps:
        time.now += pause
        buckets.take(group, "me", units)
    granted = [(each.at, each.units) for each in buckets.arrivals(group) if each.granted]
    for first in range(len(granted)):
        for last in range(first, len(granted)):
            stretch = granted[last][0] - granted[first][0]
            assert sum(units for _, units in granted[first : last + 1]) <= LIMITS[group] * (1 + stretch) + 1e-6


def test_threads_share_a_bucket():
    """Eight threads at once get no more than is there."""
    buckets = Buckets(now=Time())
    granted = []
    threads = [
        threading.Thread(target=lambda: granted.extend(buckets.take("spot_cancel", "me").granted for _ in range(50)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 60 == sum(granted)
