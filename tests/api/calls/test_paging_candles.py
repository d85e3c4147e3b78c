"""Candles whole: gaps, late listings, bounds included or not, answers cut at either end."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coinex_pandas.api.calls.paging import BEGINNING, by_windows, joined, stamps
from coinex_pandas.api.market.book_and_trades import _all_candles, _newest
from tests.api.calls.paging_model import Candles
from tests.profiles import cases

STEP = 60


@st.composite
def servers(draw):
    """Return candles on a grid: listed at some time, with gaps of any length, answered in one of eight ways."""
    listed, count = draw(st.integers(1, 60)), draw(st.integers(0, 50))
    missing = set(draw(st.lists(st.integers(0, 110), max_size=10)))
    gap = draw(st.integers(0, 110))
    missing |= set(range(gap, gap + draw(st.integers(0, 40))))
    present = [at * STEP for at in range(listed, listed + count) if at not in missing]
    return Candles(STEP, present, draw(st.sampled_from(["newest", "oldest"])), draw(st.booleans()), draw(st.booleans()))


SPANS = st.tuples(st.integers(0, 110 * STEP), st.integers(1, 110 * STEP)).map(lambda at: (at[0], at[0] + at[1]))
MOST = st.integers(3, 12)


@settings(max_examples=cases(150), suppress_health_check=list(HealthCheck))
@given(servers(), SPANS, MOST)
def test_every_candle_of_a_range_comes_back_once(server, span, most):
    """Bounds on the grid or off it, before the listing or after the end."""
    frames = list(by_windows(server, *span, STEP, most=most))
    got = stamps(joined(frames, ("created_at",))).tolist() if frames else []
    assert [at for at in server.present if span[0] <= at < span[1]] == got
    assert len(got) == sum(map(len, frames))


@settings(max_examples=cases(50), suppress_health_check=list(HealthCheck))
@given(servers(), st.one_of(st.none(), st.integers(0, 110 * STEP)), st.one_of(st.none(), st.integers(1, 60)))
def test_an_open_end_begins_with_the_newest(server, start, most):
    """Without an end the newest candle is there; a limit keeps the newest so many."""
    frames = list(_newest(_all_candles(server, start, None, STEP, most), most))
    got = stamps(joined(frames, ("created_at",))).tolist() if frames else []
    expected = [at for at in server.present if start is None or at >= start]
    assert (expected if most is None else expected[-most:]) == got


@pytest.mark.parametrize("keeps", ["newest", "oldest"])
@pytest.mark.parametrize("ahead", [1, 13, 40, 10**9])
def test_an_end_far_ahead_of_the_newest_is_reached_at_once(keeps, ahead):
    """Whichever rows a range that is too long keeps: one request finds nothing, one the newest."""
    server = Candles(STEP, [at * STEP for at in range(30, 38)], keeps)
    frames = list(by_windows(server, BEGINNING, (38 + ahead) * STEP, STEP, most=12))
    assert 8 == sum(map(len, frames))
    assert 2 + (ahead < 10) >= server.requests


def test_an_end_far_ahead_of_a_long_history():
    """As many requests as it takes from the newest row on, and the one that finds nothing."""
    server = Candles(STEP, [at * STEP for at in range(500, 900)])
    assert 400 == sum(map(len, by_windows(server, 500 * STEP, 10**12 * STEP, STEP, most=12)))
    assert 1 + 1 + 39 >= server.requests


def test_an_end_in_a_gap_is_no_end_in_the_future():
    """Newer rows exist: what is before the gap is found all the same."""
    server = Candles(STEP, [*(at * STEP for at in range(50, 60)), *(at * STEP for at in range(300, 310))])
    assert 10 == sum(map(len, by_windows(server, BEGINNING, 200 * STEP, STEP, most=12)))


def test_a_late_listing_is_noticed_after_one_empty_window():
    """Two years before a listing cost two requests, not a thousand."""
    server = Candles(STEP, [at * STEP for at in range(100_000, 100_050)])
    frames = list(by_windows(server, BEGINNING, 100_050 * STEP, STEP, most=12))
    assert 50 == sum(map(len, frames))
    assert 5 + 2 >= server.requests


def test_a_gap_is_crossed():
    """Rows before a gap of many windows are found, though every window in it is empty."""
    server = Candles(STEP, [STEP, *(at * STEP for at in range(300, 310))])
    frames = list(by_windows(server, STEP, 310 * STEP, STEP, most=12))
    assert 11 == sum(map(len, frames))


@pytest.mark.parametrize("open_start", [True, False])
def test_a_lone_candle_at_the_very_start_is_found(open_start):
    """The question about everything before an empty window includes the start, whatever the exchange's bounds do."""
    server = Candles(STEP, [10 * STEP], open_start=open_start)
    assert 1 == sum(len(frame) for frame in by_windows(server, 10 * STEP, 90 * STEP, STEP, most=12))
