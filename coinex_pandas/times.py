"""Times and candle periods as people write them, to what the exchange takes."""

from __future__ import annotations

import datetime as dt
from numbers import Integral

import pandas as pd

from coinex_pandas.errors import InvalidArgument

__all__ = ["PERIODS", "TimeLike", "milliseconds", "period_name", "span", "unix_ms"]

TimeLike = str | int | dt.date | dt.datetime | pd.Timestamp
"""A moment: text, ``datetime``, ``Timestamp``, ``date`` (its midnight) or milliseconds; naive means UTC."""

_MINUTE = 60_000
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
    if isinstance(moment, Integral) and not isinstance(moment, bool):
        return int(moment)
    if not isinstance(moment, (str, dt.date)):
        raise InvalidArgument(f"{name}: a time is text, datetime, Timestamp, date or milliseconds, not {moment!r}")
    return unix_ms(_stamp(moment, name))


def unix_ms(stamp: pd.Timestamp) -> int:
    """Return a Timestamp as unix milliseconds; its ``.value`` counts nanoseconds and ends in the year 2262."""
    return int(stamp.as_unit("ms").asm8.astype("int64"))


def _stamp(moment: str | dt.date, name: str) -> pd.Timestamp:
    # pandas reads "now" and "today" as local wall time without a zone, which would then count as UTC.
    if isinstance(moment, str) and moment.strip().lower() in ("now", "today"):
        now = pd.Timestamp.now("UTC")
        return now if moment.strip().lower() == "now" else now.normalize()
    try:
        stamp = pd.Timestamp(moment)
    except (ValueError, TypeError, OverflowError) as fault:
        raise InvalidArgument(f"{name}: {moment!r} is no time ({fault})") from fault
    if pd.isna(stamp):
        raise InvalidArgument(f"{name}: {moment!r} is no time")
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
        raise InvalidArgument(f"start ({start!r}) must lie before end ({end!r}); the end itself is not included")
    return first, last


def period_name(period: str | dt.timedelta) -> str:
    """Return the exchange's name of a candle period, given so or as pandas spells it.

    Examples
    --------
    >>> period_name("1hour"), period_name("1h"), period_name("1D")
    ('1hour', '1hour', '1day')
    """
    if isinstance(period, str) and period in PERIODS:
        return period
    length = _length(period)
    for name, known in PERIODS.items():
        if known == length:
            return name
    raise InvalidArgument(
        f"period {period!r}: the exchange has {', '.join(PERIODS)} (or as pandas spells them: '1h', '1D')"
    )


def _length(period: str | dt.timedelta) -> float:
    if isinstance(period, str) and period[:1].isalpha():
        period = f"1{period}"  # pandas' own offsets leave the one out: "h", "D"
    try:
        return pd.Timedelta(period).total_seconds() * 1000
    except (ValueError, TypeError):
        return -1.0
