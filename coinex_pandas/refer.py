"""Referrals: who was invited by oneself, and the rebates of it. Those of an agent: `agents.py`."""

from __future__ import annotations

import pandas as pd

from coinex_pandas.options import Numbers
from coinex_pandas.route import route
from coinex_pandas.rows.refer import Rebate, RebateDay, Referee
from coinex_pandas.session import Session
from coinex_pandas.times import TimeLike
from coinex_pandas.yearly import by_day, by_user

__all__ = ["referee_rebate_details", "referee_rebate_records", "referees"]


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
    """Return the users that one invited, a row each, a request or more per year.

    Without a start from the first one, without an end to the last one. Which of its times the exchange compares with
    the range it does not say, nor whether the ends belong to it, so that nothing is filtered here.

    Parameters
    ----------
    search : str, optional
        Only users whose uid or account name this matches.

    Examples
    --------
    >>> cx.referees(start="2026-01-01")["total_deal_rebate_usdt"].sum().round(2).item()
    87.34
    """
    return by_user(referees, search, start=start, end=end, numbers=numbers, session=session)


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
    """Return the rebates of all users that one invited, a row per day, oldest first, a request or more per year.

    Without a start from the first one, without an end to the last one.

    Examples
    --------
    >>> cx.referee_rebate_records(start="2026-01-01")["total_deal_rebate_usdt"].sum().round(2).item()
    87.34
    """
    return by_day(referee_rebate_records, None, start=start, end=end, numbers=numbers, session=session)


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
    """Return the rebates of each user that one invited, a row per day and user, oldest first.

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
    return by_day(referee_rebate_details, search, start=start, end=end, numbers=numbers, session=session)
