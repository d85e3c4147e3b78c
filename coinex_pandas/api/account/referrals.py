"""Referrals: the users that you invited and the rebates for them, as a user and as an agent of the exchange."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pandas as pd

from coinex_pandas.api.calls.arguments import optional, word
from coinex_pandas.api.calls.call import Call
from coinex_pandas.api.calls.history import AT_ONCE, history, narrowed
from coinex_pandas.api.calls.overlap import by_overlap
from coinex_pandas.api.calls.paging import Ask, by_keyset, time_of
from coinex_pandas.http.route import route
from coinex_pandas.http.session import Session
from coinex_pandas.tables.kinds import Numbers
from coinex_pandas.tables.rows.referral import Rebate, RebateDay, Referee
from coinex_pandas.tables.times import TimeLike, span, unix_ms

__all__ = [
    "agent_rebate_details",
    "agent_rebate_records",
    "agent_referees",
    "referee_rebate_details",
    "referee_rebate_records",
    "referees",
]


@route(
    "GET /refer/referee",
    Referee,
    docs="refer/referee/http/list-referee",
    pace="account_query",
    paged=True,
    needs="read",
)
def referees(
    search: str | None = None,
    *,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the users that you invited, a row each, a request or more per year.

    Without a start from the first one, without an end to the last one. The exchange does not say which of the
    times it compares with the range, nor whether the ends belong to it, so nothing is filtered here.

    Parameters
    ----------
    search : str, optional
        Only users whose uid or account name this matches.

    Examples
    --------
    >>> cx.referees(start="2026-01-01")["total_deal_rebate_usdt"].sum().round(2).item()
    87.34
    """
    return _by_user(Call(referees, numbers, session), search, start=start, end=end)


@route("GET /refer/agent-referee", Referee, docs="refer/agent_referee/http/list-agent-referee", like=referees)
def agent_referees(
    search: str | None = None,
    *,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the users that you invited as an agent, a row each, a request or more per year.

    Without a start from the first one, without an end to the last one. The exchange's page on it is not available: the
    columns are those of `referees`, and so is what holds for the range.

    Examples
    --------
    >>> cx.agent_referees(start="2026-01-01")["total_deal_rebate_usdt"].sum().round(2).item()
    9.55
    """
    return _by_user(Call(agent_referees, numbers, session), search, start=start, end=end)


@route(
    "GET /refer/referee-rebate/record",
    RebateDay,
    docs="refer/referee/http/get-referee-rebate-record",
    pace="account_query",
    paged=True,
    needs="read",
)
def referee_rebate_records(
    *,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the rebates of all users that you invited, a row per day, oldest first, a request or more per year.

    Without a start from the first one, without an end to the last one.

    Examples
    --------
    >>> cx.referee_rebate_records(start="2026-01-01")["total_deal_rebate_usdt"].sum().round(2).item()
    87.34
    """
    return _by_day(Call(referee_rebate_records, numbers, session), None, start=start, end=end)


@route(
    "GET /refer/agent-rebate/record",
    RebateDay,
    docs="refer/agent_referee/http/get-agent-rebate-record",
    like=referee_rebate_records,
)
def agent_rebate_records(
    *,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return an agent's rebates of all users, a row per day, oldest first, a request or more per year.

    Examples
    --------
    >>> cx.agent_rebate_records(start="2026-01-01")["total_deal_rebate_usdt"].sum().round(2).item()
    76.31
    """
    return _by_day(Call(agent_rebate_records, numbers, session), None, start=start, end=end)


@route(
    "GET /refer/referee-rebate/detail",
    Rebate,
    docs="refer/referee/http/get-referee-rebate-detail",
    pace="account_query",
    paged=True,
    needs="read",
)
def referee_rebate_details(
    search: str | None = None,
    *,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the rebates of each user that you invited, a row per day and user, oldest first.

    Without a start from the first one, without an end to the last one.

    Parameters
    ----------
    search : str, optional
        Only users whose uid or account name this matches.

    Examples
    --------
    >>> cx.referee_rebate_details(start="2026-01-01").groupby("uid")["deal_rebate_usdt"].sum().size
    3
    """
    return _by_day(Call(referee_rebate_details, numbers, session), search, start=start, end=end)


@route(
    "GET /refer/agent-rebate/detail",
    Rebate,
    docs="refer/agent_referee/http/get-agent-rebate-detail",
    like=referee_rebate_details,
)
def agent_rebate_details(
    search: str | None = None,
    *,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return an agent's rebates of each user, a row per day and user, oldest first.

    Examples
    --------
    >>> cx.agent_rebate_details(start="2026-01-01").groupby("uid")["deal_rebate_usdt"].sum().size
    2
    """
    return _by_day(Call(agent_rebate_details, numbers, session), search, start=start, end=end)


_OPENED = unix_ms(pd.Timestamp("2017-12-01", tz="UTC"))  # the exchange opened that month: there is nothing before
_YEAR = 364 * 86_400_000  # the exchange refuses ranges of more than a year; a request reaches a little further


def _by_day(
    call: Call,
    search: str | None,
    *,
    start: TimeLike | None,
    end: TimeLike | None,
) -> pd.DataFrame:
    """Return a history by time, year by year."""
    key = call.route.row.key

    def rule(ask: Ask, lower: int, upper: int) -> Iterator[pd.DataFrame]:
        return by_keyset(ask, lower, upper, key, limit=AT_ONCE)

    return _by_years(call, search, rule, start=start, end=end)


def _by_user(
    call: Call,
    search: str | None,
    *,
    start: TimeLike | None,
    end: TimeLike | None,
) -> pd.DataFrame:
    """Return a list of users, year by year; a user of two years comes once."""

    def rule(ask: Ask, lower: int, upper: int) -> Iterator[pd.DataFrame]:
        year: Mapping[str, Any] = {"start_time": lower - 1, "end_time": upper}
        return by_overlap(narrowed(ask, year), "uid", limit=AT_ONCE)

    return _by_years(call, search, rule, start=start, end=end)


def _by_years(
    call: Call,
    search: str | None,
    rule: Callable[[Ask, int, int], Iterator[pd.DataFrame]],
    *,
    start: TimeLike | None,
    end: TimeLike | None,
) -> pd.DataFrame:
    """Return what a rule reads of each year, newest first."""
    first, last = span(start, end)

    def pages(ask: Ask) -> Iterator[pd.DataFrame]:
        lower, upper = _OPENED if first is None else first, last
        if upper is None or upper - lower > _YEAR:  # "until 2100" must not be walked year by year
            now = time_of(ask(page=1, limit=1)) + 1000  # the time of a reply may count whole seconds only
            upper = now if upper is None else min(upper, now)
        while upper > lower:
            begin = max(lower, upper - _YEAR)
            yield from rule(ask, begin, upper)
            upper = begin

    params = {"search": optional(word, search, "search")}
    return history(call, params, pages)
