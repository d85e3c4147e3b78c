"""Pacing: no second holds more requests than the exchange allows."""

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coinex_pandas.http.pacing import LIMITS, Pacer, pacer_of
from tests.http.virtual_time import VirtualTime
from tests.profiles import cases


class FakeTime:
    """A clock that moves only when someone sleeps."""

    def __init__(self):
        self.now, self.slept = 0.0, []

    def clock(self):
        """Return the time."""
        return self.now

    def sleep(self, seconds):
        """Let time pass."""
        assert seconds > 0
        self.slept.append(seconds)
        self.now += seconds


def busiest(moments, span=1.0):
    """Return the most moments that lie within any span, its end not included."""
    moments = sorted(moments)
    most = first = 0
    for last, moment in enumerate(moments):
        while moment - moments[first] >= span:
            first += 1
        most = max(most, last - first + 1)
    return most


@settings(max_examples=cases(200))
@given(st.sampled_from(sorted(set(LIMITS.values()))), st.lists(st.floats(0, 0.3), min_size=1, max_size=60))
def test_no_second_holds_more_than_the_limit(limit, idle):
    """However requests come, in bursts or after rests."""
    time = FakeTime()
    pacer = Pacer(limit, time.clock, time.sleep)
    sent = []
    for rest in idle:
        time.now += rest
        for _ in range(5):
            pacer.wait()
            sent.append(time.now)
    assert busiest(sent) <= limit


@settings(max_examples=cases(200))
@given(
    st.sampled_from(sorted(set(LIMITS.values()))),
    st.lists(st.tuples(st.floats(0, 0.5), st.integers(1, 10)), min_size=1, max_size=80),
)
def test_batches_leave_no_second_too_full(limit, batches):
    """Requests of one unit and of several, after rests or not: any second's units are within the limit."""
    time = FakeTime()
    pacer = Pacer(limit, time.clock, time.sleep)
    sent = []
    for rest, units in batches:
        time.now += rest
        pacer.wait(units)
        sent += [time.now] * units
    assert busiest(sent) <= limit


@settings(max_examples=cases(100))
@given(st.sampled_from(sorted(set(LIMITS.values()))), st.randoms(use_true_random=False))
def test_hiccups_cost_nothing(limit, chance):
    """Threads that come a hundredth of a second late still use 95% of the limit, and exceed it in no second."""
    time = FakeTime()
    pacer = Pacer(limit, time.clock, time.sleep)
    sent = []
    while time.now < 5:
        pacer.wait()
        sent.append(time.now)
        time.now += min(chance.uniform(0, 0.01), 0.9 / limit)
    assert busiest(sent) <= limit
    assert 0.95 <= (len(sent) - 1) / (sent[-1] - sent[0]) / limit


def test_a_thread_that_wakes_up_late_delays_who_comes_a_second_later():
    """What counts is when a request was sent, not when it should have been."""
    time = FakeTime()
    pacer = Pacer(10, time.clock, time.sleep)
    sent = []
    for number in range(21):
        pacer.wait()
        if number == 10:
            time.now += 0.3
            pacer._turns[-1].moment = time.now
        sent.append(time.now)
    assert busiest(sent) <= 10


def test_everyone_can_be_held():
    """After a refusal nobody goes for a while; a shorter hold does not shorten it."""
    time = FakeTime()
    pacer = Pacer(10, time.clock, time.sleep)
    pacer.hold(2)
    pacer.hold(1)
    pacer.wait()
    assert [2] == time.slept


def test_who_waits_already_is_held_too():
    """Whoever had a turn when the refusal came goes after the hold, and no closer to the others than before."""
    time = VirtualTime()
    pacer = Pacer(10, time.clock, time.sleep)
    sent = []

    def work():
        pacer.wait()
        sent.append(time.now)

    def refuse():
        time.sleep(0.25)  # three of the ten have gone
        pacer.hold(4)

    time.run([*[work] * 10, refuse])
    late = sorted(sent)[3:]
    assert pytest.approx(4.25) == late[0]
    assert [pytest.approx(1 / (10 * 0.98))] * 6 == [after - before for before, after in pairwise(late)]


def test_a_lower_limit_is_followed_and_a_higher_one_is_not():
    """The documented limit is the most that is used."""
    time = FakeTime()
    pacer = Pacer(10, time.clock, time.sleep)
    for limit, gap in ((2, 1 / 2), (100, 1 / 10)):
        pacer.adapt(limit, 1)
        pacer.hold(10)
        pacer.wait()
        pacer.wait()
        assert pytest.approx(gap / 0.98) == time.slept[-1]
        assert (limit, 1) == pacer.quota


def test_an_empty_bucket_is_given_time():
    """Someone else uses the same key: the next request waits for a unit to flow back."""
    time = FakeTime()
    pacer = Pacer(10, time.clock, time.sleep)
    pacer.adapt(10, 0)
    pacer.wait()
    assert [pytest.approx(0.1 / 0.98)] == time.slept


def test_a_lone_request_does_not_wait():
    """Pacing costs nothing until there is something to pace."""
    time = FakeTime()
    pacer = Pacer(10, time.clock, time.sleep)
    pacer.wait()
    time.now += 5
    pacer.wait()
    assert [] == time.slept


def test_units_take_as_many_turns():
    """A request that counts for three makes the next one wait three turns."""
    time = FakeTime()
    pacer = Pacer(10, time.clock, time.sleep)
    pacer.wait(3)
    pacer.wait()
    assert [pytest.approx(3 / (10 * 0.98))] == time.slept


def test_threads_take_turns():
    """Twenty threads that ask at the same moment are sent one after the other, none at another's time."""
    turns, lock = [], threading.Lock()

    def note(seconds):
        with lock:
            turns.append(seconds)

    pacer = Pacer(10, lambda: 0.0, note)
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda _: pacer.wait(), range(20)))
    gap = 1 / (10 * 0.98)
    assert [pytest.approx(number * gap) for number in range(1, 20)] == sorted(turns)


def test_one_pacer_for_an_address_group_and_account():
    """All sessions at an address share it; another address, group or account has its own."""
    one = pacer_of("http://127.0.0.1:1/v2", "public")
    assert one is pacer_of("http://127.0.0.1:1/v2", "public")
    others = [("http://127.0.0.1:2/v2", "public", ""), ("http://127.0.0.1:1/v2", "spot_order", "")]
    others.append(("http://127.0.0.1:1/v2", "public", "me"))
    assert all(one is not pacer_of(*other) for other in others)
