"""Referrals of an agent: who was invited, and the rebates of it."""

from __future__ import annotations

import pandas as pd

from coinex_pandas.options import Numbers
from coinex_pandas.route import route
from coinex_pandas.rows.refer import Rebate, RebateDay, Referee
from coinex_pandas.session import Session
from coinex_pandas.times import TimeLike
from coinex_pandas.yearly import by_day, by_user

__all__ = ["agent_rebate_details", "agent_rebate_records", "agent_referees"]


@route(
    "GET /refer/agent-referee",
    Referee,
    docs="refer/agent_referee/http/list-agent-referee",
    pace="account_query",
    paged=True,
    needs="read",
)
def agent_referees(
    search: str | None = None,
    *,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the users that one invited as an agent, a row each, a request or more per year.

    Without a start from the first one, without an end to the last one. The exchange's page on it is not at hand: the
    columns are those of `referees`, and so is what holds for the range.

    Parameters
    ----------
    search : str, optional
        Only users whose uid or account name this matches.

    Examples
    --------
    >>> cx.agent_referees(start="2026-01-01")["total_deal_rebate_usdt"].sum().round(2).item()
    9.55
    """
    return by_user(agent_referees, search, start=start, end=end, numbers=numbers, session=session)


@route(
    "GET /refer/agent-rebate/record",
    RebateDay,
    docs="refer/agent_referee/http/get-agent-rebate-record",
    pace="account_query",
    paged=True,
    needs="read",
)
def agent_rebate_records(
    *,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return an agent's rebates of all users, a row per day, oldest first, a request or more per year.

    Without a start from the first one, without an end to the last one.

    Examples
    --------
    >>> cx.agent_rebate_records(start="2026-01-01")["total_deal_rebate_usdt"].sum().round(2).item()
    76.31
    """
    return by_day(agent_rebate_records, None, start=start, end=end, numbers=numbers, session=session)


@route(
    "GET /refer/agent-rebate/detail",
    Rebate,
    docs="refer/agent_referee/http/get-agent-rebate-detail",
    pace="account_query",
    paged=True,
    needs="read",
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

    Without a start from the first one, without an end to the last one.

    Parameters
    ----------
    search : str, optional
        Only users whose uid or account name this matches.

    Examples
    --------
    >>> cx.agent_rebate_details(start="2026-01-01").groupby("uid")["deal_rebate_usdt"].sum().size
    2
    """
    return by_day(agent_rebate_details, search, start=start, end=end, numbers=numbers, session=session)
