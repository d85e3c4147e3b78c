"""Referral histories whole: the exchange answers a year at most, and without a range the past one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pandas as pd

from coinex_pandas.answers import history
from coinex_pandas.gathering import AT_ONCE, narrowed
from coinex_pandas.given import word
from coinex_pandas.options import Numbers
from coinex_pandas.overlapping import by_overlap
from coinex_pandas.paging import Ask, by_keyset, made_at
from coinex_pandas.route import route_of
from coinex_pandas.session import Session
from coinex_pandas.times import TimeLike, span, unix_ms

__all__ = ["by_day", "by_user"]

_OPENED = unix_ms(pd.Timestamp("2017-12-01", tz="UTC"))  # the exchange opened that month: nothing lies before
_YEAR = 364 * 86_400_000  # the exchange refuses ranges of more than a year; a request reaches a little further


def by_day(
    function: Callable[..., pd.DataFrame],
    search: str | None,
    *,
    start: TimeLike | None,
    end: TimeLike | None,
    numbers: Numbers | None,
    session: Session | None,
) -> pd.DataFrame:
    """Return a history by time, year by year."""
    key = route_of(function).row.key

    def rule(ask: Ask, lower: int, upper: int) -> Iterator[pd.DataFrame]:
        return by_keyset(ask, lower, upper, key, limit=AT_ONCE)

    return _by_years(function, search, rule, start=start, end=end, numbers=numbers, session=session)


def by_user(
    function: Callable[..., pd.DataFrame],
    search: str | None,
    *,
    start: TimeLike | None,
    end: TimeLike | None,
    numbers: Numbers | None,
    session: Session | None,
) -> pd.DataFrame:
    """Return a list of users, year by year; who stands in two years stands here once."""

    def rule(ask: Ask, lower: int, upper: int) -> Iterator[pd.DataFrame]:
        year: Mapping[str, Any] = {"start_time": lower - 1, "end_time": upper}
        return by_overlap(narrowed(ask, year), "uid", limit=AT_ONCE)

    return _by_years(function, search, rule, start=start, end=end, numbers=numbers, session=session)


def _by_years(
    function: Callable[..., pd.DataFrame],
    search: str | None,
    rule: Callable[[Ask, int, int], Iterator[pd.DataFrame]],
    *,
    start: TimeLike | None,
    end: TimeLike | None,
    numbers: Numbers | None,
    session: Session | None,
) -> pd.DataFrame:
    """Return what a rule reads of each year, newest first."""
    first, last = span(start, end)

    def pages(ask: Ask) -> Iterator[pd.DataFrame]:
        lower, upper = _OPENED if first is None else first, last
        if upper is None or upper - lower > _YEAR:  # "until 2100" must not be walked year by year
            now = made_at(ask(page=1, limit=1)) + 1
            upper = now if upper is None else min(upper, now)
        while upper > lower:
            begin = max(lower, upper - _YEAR)
            yield from rule(ask, begin, upper)
            upper = begin

    params = {"search": None if search is None else word(search, "search")}
    return history(function, params, pages, numbers=numbers, session=session)
