"""Times and periods: everything people write, and nothing that is none."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import coinex_pandas as cx
from coinex_pandas.tables.times import PERIODS, milliseconds, period_name, span, unix_ms

NOON = 1_780_315_200_000  # 2026-06-01 12:00 UTC


@pytest.mark.parametrize(
    "moment",
    [
        "2026-06-01 12:00",
        "2026-06-01T12:00:00Z",
        "2026-06-01T14:00:00+02:00",
        "2026-06-01 12:00:00.000",
        dt.datetime(2026, 6, 1, 12),  # noqa: DTZ001  # naive on purpose: it counts as UTC
        dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC),
        dt.datetime(2026, 6, 1, 8, tzinfo=ZoneInfo("America/New_York")),
        pd.Timestamp("2026-06-01 12:00"),
        pd.Timestamp("2026-06-01 21:00", tz="Asia/Tokyo"),
        pd.Timestamp("2026-06-01 12:00", tz="UTC").as_unit("ns"),
        NOON,
        np.int64(NOON),
        np.uint64(NOON),
    ],
)
def test_many_spellings_of_one_moment(moment):
    """Naive is UTC; a zone is honoured; whole numbers are milliseconds."""
    assert NOON == milliseconds(moment, "start")
    assert isinstance(milliseconds(moment, "start"), int)


def test_a_date_is_its_midnight():
    """In UTC."""
    assert NOON - 12 * 3_600_000 == milliseconds(dt.date(2026, 6, 1), "start")
    assert NOON - 12 * 3_600_000 == milliseconds("2026-06-01", "start")


def test_none_stays_none():
    """No moment is an open end."""
    assert milliseconds(None, "start") is None
    assert (None, None) == span(None, None)


@given(st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(9999, 12, 30)))  # noqa: DTZ001  # the strategy wants naive ones
def test_datetimes_go_there_and_back(moment):
    """To the millisecond, also beyond the year 2262, where nanoseconds end."""
    there = milliseconds(moment, "start")
    back = dt.datetime(1970, 1, 1) + dt.timedelta(milliseconds=there)  # noqa: DTZ001  # as drawn
    assert back == moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    assert there == milliseconds(moment.isoformat(), "start") == milliseconds(pd.Timestamp(moment), "start")


@given(st.integers(10**10, 253_370_764_800_000), st.sampled_from(["UTC", "Asia/Kolkata", "America/St_Johns"]))
def test_milliseconds_go_there_and_back(at, zone):
    """A Timestamp of any zone holds the same instant; digits that are a date, such as 202605011230, are none."""
    assume(str(at)[:2] not in ("19", "20") or len(str(at)) not in (12, 14))
    assert at == unix_ms(pd.Timestamp(at, unit="ms", tz="UTC").tz_convert(zone)) == milliseconds(at, "end")


def test_now_and_today_are_utc():
    """Wherever this machine thinks it is."""
    for word in ("now", " NOW ", "Now"):
        assert 5000 > abs(milliseconds(word, "end") - unix_ms(pd.Timestamp.now("UTC")))
    assert 0 == milliseconds("today", "end") % 86_400_000


@pytest.mark.parametrize(
    "moment", ["", "soon", "2026-13-01", "NaT", pd.NaT, True, False, 1.5, np.float64(1.5), b"2026", [], object(), 1j]
)
@pytest.mark.parametrize("name", ["start", "end"])
def test_what_is_no_time_is_refused_by_name(moment, name):
    """The error names the parameter; it is a ValueError too."""
    with pytest.raises(cx.InvalidArgument, match=f"^{name}: .*time"):
        milliseconds(moment, name)
    with pytest.raises(ValueError, match=name):
        span(**{"start": None, "end": None, name: moment})


@pytest.mark.parametrize(
    ("number", "hint"),
    [
        (1_748_736_000, "seconds: multiply it by 1000"),
        (1_748_736_000_000_000, "microseconds: divide it by 1000"),
        (1_748_736_000_000_000_000, "nanoseconds: divide it by 1000000"),
        (np.int64(1_748_736_000_123_456), "microseconds"),
        (2019, "text, '2019'"),
        (201911, "text, '2019-11'"),
        (20240229, "text, '2024-02-29'"),
        (np.uint32(20191104), "text, '2019-11-04'"),
        (201911042359, "text, '2019-11-04 23:59'"),
        (20191104235901, "text, '2019-11-04 23:59:01'"),
        (10**15, "microseconds"),
        (10**20, "after the year 9999"),
        (253_402_300_800_000, "after the year 9999"),
    ],
)
def test_whole_numbers_of_another_unit_are_refused(number, hint):
    """Taken as milliseconds they would lie in 1970 or in a year that nobody means; the error says how to write them."""
    with pytest.raises(cx.InvalidArgument, match=f"^end: whole numbers are milliseconds; .*{hint}"):
        span(None, number)


@pytest.mark.parametrize("number", [0, 1, 1969, 2100, 20230229, 20261301, 202613, 999_999_999, 10**10, NOON])
def test_whole_numbers_that_are_no_date_are_milliseconds(number):
    """Nor a year, nor a time of day; the year 9999 has its last millisecond."""
    assert number == milliseconds(number, "start")
    assert 253_402_300_799_999 == milliseconds(253_402_300_799_999, "start")


@pytest.mark.parametrize(("start", "end"), [("2026-06-02", "2026-06-01"), ("2026-06-01", "2026-06-01"), (5, 4)])
def test_a_reversed_or_empty_range_is_refused(start, end):
    """The end is not included: a range without length has no rows."""
    with pytest.raises(cx.InvalidArgument, match=r"start.*must lie before end"):
        span(start, end)


def test_a_wrong_range_is_refused_before_anything_is_sent(still):
    """In every function that takes one."""
    before = still.server.requests
    for function in (
        cx.futures_basis_history,
        cx.futures_funding_rate_history,
        cx.futures_liquidations,
        cx.futures_premium_index_history,
        lambda market, **more: cx.futures_klines(market, "1min", **more),
        lambda market, **more: cx.spot_klines(market, "1min", **more),
    ):
        for wrong in ({"start": "2026-02-01", "end": "2026-01-01"}, {"start": True}, {"end": "soon"}):
            with pytest.raises(cx.InvalidArgument):
                function("BTCUSDT", **wrong, session=still.session)
    assert before == still.server.requests


@pytest.mark.parametrize("name", PERIODS)
def test_every_period_has_its_name_and_its_length(name):
    """The exchange's own name, and the same length as a timedelta of either library."""
    assert name == period_name(name)
    assert name == period_name(dt.timedelta(milliseconds=PERIODS[name]))
    assert name == period_name(pd.Timedelta(PERIODS[name], unit="ms"))


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("1h", "1hour"),
        ("h", "1hour"),
        ("60min", "1hour"),
        ("1D", "1day"),
        ("D", "1day"),
        ("24h", "1day"),
        ("1W", "1week"),
        ("7D", "1week"),
        ("15min", "15min"),
        ("4h", "4hour"),
        ("1 hour", "1hour"),
        ("00:05:00", "5min"),
    ],
)
def test_pandas_spellings(spelling, name):
    """As ``resample`` takes them."""
    assert name == period_name(spelling)


@pytest.mark.parametrize("period", ["2min", "7h", "1month", "1M", "", "hour?", "-1h", "NaT", pd.NaT, None, 5, 60, True])
def test_other_periods_are_refused(period):
    """The error lists what the exchange has; a bare number has no unit and is refused."""
    with pytest.raises(cx.InvalidArgument, match=r"1min, 3min.*1week"):
        period_name(period)
