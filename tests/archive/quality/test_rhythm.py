"""What is missing in a history is found by its first time and number; what nobody asked for is not missing."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import coinex_pandas as cx
from tests.archive.quality.conftest import FLAT, Archive, found, reordered
from tests.profiles import cases


@settings(max_examples=cases(40))
@given(data=st.data())
def test_rows_that_are_missing(clean, data):
    """A stretch of candles that is gone: first missing time, count, and the row behind it."""
    name = data.draw(st.sampled_from(["spot_klines", "mark_klines", "futures_klines", "quiet_klines"]))
    frame = clean[name]
    start = data.draw(st.integers(1, len(frame) - 3))
    stop = data.draw(st.integers(start + 1, len(frame) - 1))
    holey = reordered(frame, [*range(start), *range(stop, len(frame))])
    result = cx.quality(holey)
    assert [("gap", frame.index[start], start, stop - start)] == [*result[FLAT].itertuples(index=False, name=None)]


@settings(max_examples=cases(20))
@given(data=st.data())
def test_funding_that_is_missing(clean, data):
    """Settlements come some seconds after the hour; one or two that are gone are found."""
    frame = clean["futures_funding_rate_history"]
    start = data.draw(st.integers(1, len(frame) - 4))
    count = data.draw(st.integers(1, 2))
    holey = reordered(frame, [*range(start), *range(start + count, len(frame))])
    result = cx.quality(holey)
    assert [("gap", start, count)] == [*result[["check", "row", "count"]].itertuples(index=False, name=None)]
    assert abs(result["place"].item() - frame.index[start]) < pd.Timedelta("2min")


def test_a_new_funding_interval_is_no_gap(clean):
    """The exchange settles some markets more often at times; a gap in either rhythm is one."""
    frame = clean["futures_funding_rate_history"]
    slow = reordered(frame, [*range(20), *range(21, 40, 2)])
    assert [] == found(slow)
    assert [("gap", 24, 1)] == found(reordered(slow, [*range(24), *range(25, len(slow))]))


@pytest.mark.parametrize("name", ["futures_premium_index_history", "futures_basis_history"])
def test_gaps_of_premium_and_basis(clean, name):
    """Against the step that most rows have."""
    holey = reordered(clean[name], [*range(9), *range(14, len(clean[name]))])
    assert [("gap", 9, 5)] == found(holey)


def test_what_was_not_captured_is_no_gap(tables):
    """Candles of single days, as an account's prices: only what lies in these days is missing."""
    frame = tables["spot_klines"]
    hours = frame[frame["period"] == "1hour"].reset_index(drop=True)
    kept = reordered(hours, [*range(30), *range(33, 40), *range(90, 110)])
    archive = Archive(spot_klines=kept)
    assert [("gap", 30, 3), ("gap", 37, 50)] == found(archive)
    days = [(hours["created_at"][start], hours["created_at"][stop]) for start, stop in ((0, 34), (20, 41), (88, 109))]
    params = ['{"market": "BTCUSDT", "period": "1hour"}'] * 3 + ['{"market": "ETHUSDT", "period": "1hour"}']
    coverage = pd.DataFrame([*days, (days[0][0], days[2][1])], columns=["from", "to"])
    archive.coverage = lambda: coverage.assign(table="spot_klines", params=params, is_probe=False)
    result = cx.quality(archive)
    expected = [(hours["created_at"][30], 3), (hours["created_at"][40], 2), (hours["created_at"][88], 2)]
    assert expected == [*result[["place", "count"]].itertuples(index=False, name=None)]


def test_series_are_looked_at_one_by_one(tables):
    """A gap in one period is not hidden, nor made, by the other."""
    frame = tables["spot_klines"]
    row = frame.index[frame["period"] == "1hour"][10]
    holey = reordered(frame, [place for place in range(len(frame)) if place != row])
    result = cx.quality(holey)
    assert [("gap", frame["created_at"][row], row, 1)] == [*result[FLAT].itertuples(index=False, name=None)]
