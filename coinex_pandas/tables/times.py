"""Times and candle periods as people write them, to what the exchange takes."""

from __future__ import annotations

import datetime as dt
import re
from numbers import Integral

import numpy as np
import pandas as pd

from coinex_pandas.errors import InvalidArgument
from coinex_pandas.errors.quoting import short_repr

__all__ = ["PERIODS", "SECONDS", "TimeLike", "milliseconds", "period_name", "span", "unix_ms"]

TimeLike = str | int | dt.date | dt.datetime | np.datetime64 | pd.Timestamp
"""A moment: text, ``datetime``, ``Timestamp``, ``date`` (its midnight) or milliseconds; naive means UTC."""

_LONGEST_TEXT = 100  # characters of a time or a period: more of them are no time, and take long to read
_MINUTE = 60_000
SECONDS = range(10**9, 10**10)
"""Times in seconds, of the years 2001 to 2286: as milliseconds they would be January to April 1970."""
_LAST = 253_402_300_799_999  # the last millisecond of the year 9999
_SMALLER_UNITS = {"microseconds": 10**3, "nanoseconds": 10**6}  # how many make a millisecond
_DATE = re.compile(r"(19[7-9]\d|20\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?)?)?")  # 2026 to 20260501123055
PERIODS: dict[str, int] = {
    "1min": _MINUTE,
    "3min": 3 * _MINUTE,
    "5min": 5 * _MINUTE,
    "15min": 15 * _MINUTE,
    "30min": 30 * _MINUTE,
    "1hour": 60 * _MINUTE,
    "2hour": 120 * _MINUTE,
    "4hour": 240 * _MINUTE,
    "6hour": 360 * _MINUTE,
    "12hour": 720 * _MINUTE,
    "1day": 1440 * _MINUTE,
    "3day": 3 * 1440 * _MINUTE,
    "1week": 7 * 1440 * _MINUTE,
}
"""The exchange's candle periods, in milliseconds."""


def milliseconds(moment: TimeLike | None, name: str) -> int | None:
    """Return a moment as unix milliseconds, None for None.

    Raises
    ------
    InvalidArgument
        It is no moment; the text names the parameter.
    """
    if moment is None:
        return None
    if isinstance(moment, Integral) and not isinstance(moment, (bool, np.timedelta64)):  # NumPy calls a span of time so
        stamp = int(moment)
        if stamp >= 0 and (complaint := _complaint(stamp)):
            raise InvalidArgument(f"{name}: whole numbers are milliseconds; {short_repr(moment)} {complaint}")
    elif isinstance(moment, (str, dt.date, np.datetime64)):
        stamp = unix_ms(_stamp(moment, name))
    else:
        raise InvalidArgument(
            f"{name}: a time is text, datetime, Timestamp, date or milliseconds, not {short_repr(moment)}"
        )
    if stamp < 0:
        raise InvalidArgument(f"{name}: {short_repr(moment)} lies before 1970")
    return stamp


def _complaint(number: int) -> str:
    """Return why a whole number is hardly meant as milliseconds, and what to write instead; empty where it may be.

    Where a number can be both, its milliseconds lie in 1970, in 1976 or after the year 2594: nobody means those.
    """
    if number in SECONDS:
        return "looks like seconds: multiply it by 1000"
    if number > _LAST:
        for unit, factor in _SMALLER_UNITS.items():
            if number // (1000 * factor) in SECONDS:
                return f"looks like {unit}: divide it by {factor}"
        return "lies after the year 9999"
    date = _as_date(str(number))
    return f"looks like a date: write it as text, {date!r}" if date else ""


def _as_date(digits: str) -> str:
    """Return the digits of a year from 1970 to 2099, perhaps with month, day and time of day, as text of a time."""
    match = _DATE.fullmatch(digits)
    if match is None:
        return ""
    parts = [part for part in match.groups() if part is not None]
    try:
        dt.datetime(*map(int, [*parts, "1", "1"][: max(3, len(parts))]))  # type: ignore[arg-type]  # noqa: DTZ001  # a check
    except ValueError:
        return ""
    date, time = "-".join(parts[:3]), ":".join(parts[3:])
    return f"{date} {time}" if time else date


def unix_ms(stamp: pd.Timestamp) -> int:
    """Return a Timestamp as unix milliseconds; its ``.value`` counts nanoseconds and ends in the year 2262."""
    return int(stamp.as_unit("ms").asm8.astype("int64"))


def _stamp(moment: str | dt.date | np.datetime64, name: str) -> pd.Timestamp:
    # pandas reads "now" and "today" as local wall time without a zone, which would then count as UTC.
    if isinstance(moment, str) and moment.strip().lower() in ("now", "today"):
        now = pd.Timestamp.now("UTC")
        return now if moment.strip().lower() == "now" else now.normalize()
    if isinstance(moment, str) and len(moment) > _LONGEST_TEXT:
        raise InvalidArgument(f"{name}: {short_repr(moment)} is no time")
    try:
        stamp = pd.Timestamp(moment)
    except (ValueError, TypeError, OverflowError) as fault:
        raise InvalidArgument(f"{name}: {short_repr(moment)} is no time ({fault})") from fault
    if pd.isna(stamp):
        raise InvalidArgument(f"{name}: {short_repr(moment)} is no time")
    return stamp.tz_localize("UTC") if stamp.tzinfo is None else stamp


def span(start: TimeLike | None, end: TimeLike | None) -> tuple[int | None, int | None]:
    """Return ``start`` (included) and ``end`` (not included) as milliseconds.

    Raises
    ------
    InvalidArgument
        One of them is no time, or the range is empty or reversed.
    """
    first, last = milliseconds(start, "start"), milliseconds(end, "end")
    if first is not None and last is not None and first >= last:
        raise InvalidArgument(
            f"start ({short_repr(start)}) must lie before end ({short_repr(end)}); the end itself is not included"
        )
    return first, last


def period_name(period: str | dt.timedelta) -> str:
    """Return the exchange's name of a candle period, from that name or from pandas' spelling of it.

    Examples
    --------
    >>> period_name("1hour"), period_name("1h"), period_name("1D")
    ('1hour', '1hour', '1day')
    """
    if isinstance(period, str) and period in PERIODS:
        return period
    length = _length(period)
    for name, duration in PERIODS.items():
        if duration == length:
            return name
    raise InvalidArgument(
        f"period {short_repr(period)}: the exchange has {', '.join(PERIODS)} (or as pandas spells them: '1h', '1D')"
    )


def _length(period: str | dt.timedelta) -> float:
    if isinstance(period, str):
        period = f"1{period}" if period[:1].isalpha() else period  # pandas' own offsets leave the one out: "h", "D"
        # "1d" and "1H" are as common as pandas' own "1D" and "1h", which alone it takes without a warning
        if len(period) > _LONGEST_TEXT:
            return -1.0
        period = period[:-1] + {"d": "D", "H": "h"}.get(period[-1:], period[-1:])
    try:
        return pd.Timedelta(period).total_seconds() * 1000
    except (ValueError, TypeError, OverflowError):
        return -1.0
