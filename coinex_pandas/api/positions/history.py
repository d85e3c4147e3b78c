"""What happened to your futures positions: closing, margin, funding, auto deleveraging, settlement."""

from __future__ import annotations

import pandas as pd

from coinex_pandas.api.calls.arguments import one_name, optional, whole_id
from coinex_pandas.api.calls.call import Call
from coinex_pandas.api.calls.history import listed, ranged
from coinex_pandas.api.orders.order_request import FUTURES
from coinex_pandas.http.route import route
from coinex_pandas.http.session import Session
from coinex_pandas.tables.kinds import Numbers
from coinex_pandas.tables.rows.position import (
    FinishedPosition,
    PositionAdl,
    PositionFunding,
    PositionMarginChange,
    PositionSettlement,
)
from coinex_pandas.tables.times import TimeLike

__all__ = [
    "futures_finished_positions",
    "futures_position_adl_history",
    "futures_position_funding_history",
    "futures_position_margin_history",
    "futures_position_settle_history",
]


@route(
    "GET /futures/finished-position",
    FinishedPosition,
    docs="futures/position/http/list-finished-position",
    pace="futures_history",
    paged=True,
    needs="read",
)
def futures_finished_positions(
    market: str | None = None,
    *,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return your closed positions, in the order in which they were opened.

    Without a start from the first one, without an end to the last one. The range is about ``updated_at``, when a
    position was closed. Which of its times the exchange's own filter means is not documented, so all positions are
    read, and those outside are left out here.

    Examples
    --------
    >>> cx.futures_finished_positions("BTCUSDT")["realized_pnl"].sum().item()
    0.0
    """
    params = {"market": optional(one_name, market, "market"), **FUTURES}
    return listed(Call(futures_finished_positions, numbers, session), params, by="updated_at", start=start, end=end)


@route(
    "GET /futures/position-margin-history",
    PositionMarginChange,
    docs="futures/position/http/list-position-margin-history",
    pace="futures_account_query",
    paged=True,
    needs="read",
)
def futures_position_margin_history(
    market: str | None = None,
    *,
    position_id: int | str | None = None,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the changes of the margin of your positions, oldest first.

    Without a start from the first one, without an end to the last one.

    Parameters
    ----------
    position_id : int, optional
        Only those of one position.

    Examples
    --------
    >>> cx.futures_position_margin_history("BTCUSDT")["margin_change"].sum().item()
    0.0
    """
    return _history(Call(futures_position_margin_history, numbers, session), market, position_id, start=start, end=end)


@route("GET /futures/position-funding-history", PositionFunding, like=futures_position_margin_history)
def futures_position_funding_history(
    market: str | None = None,
    *,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the funding fees of your positions, oldest first.

    Examples
    --------
    >>> cx.futures_position_funding_history("BTCUSDT")["funding_value"].sum().item()
    0.0
    """
    return _history(Call(futures_position_funding_history, numbers, session), market, None, start=start, end=end)


@route(
    "GET /futures/position-adl-history",
    PositionAdl,
    docs="futures/position/http/list-positiing-adl-history",
    like=futures_position_margin_history,
)
def futures_position_adl_history(
    market: str | None = None,
    *,
    position_id: int | str | None = None,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the deals by which auto deleveraging reduced your positions, oldest first.

    Examples
    --------
    >>> cx.futures_position_adl_history("BTCUSDT")["amount"].sum().item()
    0.0
    """
    return _history(Call(futures_position_adl_history, numbers, session), market, position_id, start=start, end=end)


@route("GET /futures/position-settle-history", PositionSettlement, like=futures_position_margin_history)
def futures_position_settle_history(
    market: str | None = None,
    *,
    position_id: int | str | None = None,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the settlements of your positions, oldest first.

    A settlement turns the unrealized result into a realized one, every 8 hours; more often when the premium is high.
    Without a start from the first one, without an end to the last one.

    Examples
    --------
    >>> cx.futures_position_settle_history("BTCUSDT")["margin_change"].sum().item()
    0.0
    """
    return _history(Call(futures_position_settle_history, numbers, session), market, position_id, start=start, end=end)


def _history(
    call: Call,
    market: str | None,
    position_id: int | str | None,
    *,
    start: TimeLike | None,
    end: TimeLike | None,
) -> pd.DataFrame:
    params = {
        "market": optional(one_name, market, "market"),
        **FUTURES,
        "position_id": optional(whole_id, position_id, "position_id"),
    }
    return ranged(call, params, start=start, end=end)
