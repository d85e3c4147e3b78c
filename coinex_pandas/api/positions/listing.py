"""Your open futures positions, and their stop loss and take profit orders as a table."""

from __future__ import annotations

from typing import Any

import msgspec
import pandas as pd

from coinex_pandas.api.calls.arguments import flag, one_name, optional
from coinex_pandas.api.calls.call import Call
from coinex_pandas.api.calls.history import listed
from coinex_pandas.api.orders.order_request import FUTURES
from coinex_pandas.http.route import route
from coinex_pandas.http.session import Session
from coinex_pandas.tables.kinds import Numbers
from coinex_pandas.tables.rows.position import Position, PositionStop
from coinex_pandas.tables.times import unix_ms

__all__ = ["futures_positions"]


@route(
    "GET /futures/pending-position",
    Position,
    docs="futures/position/http/list-pending-position",
    pace="futures_account_query",
    paged=True,
    needs="read",
)
def futures_positions(
    market: str | None = None,
    *,
    stops: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return your open positions, a row each; or their stop loss and take profit orders, a row each.

    A position's own cells ``stop_loss_list`` and ``take_profit_list`` hold its orders as a tuple of dicts, so that
    nothing is lost; ``stops=True`` makes a table of them instead.

    Parameters
    ----------
    stops : bool, default False
        True: index ``position_id`` and ``id``; columns ``market``, ``side`` (of the position), ``kind`` (``stop_loss``
        or ``take_profit``), ``type`` (price that triggers), ``price``, ``amount``, ``is_all``, ``created_at``.

    Examples
    --------
    >>> cx.futures_positions()[["market", "side", "open_interest", "unrealized_pnl"]]
    Empty DataFrame
    Columns: [market, side, open_interest, unrealized_pnl]
    Index: []
    >>> cx.futures_positions("BTCUSDT", stops=True)["price"].to_list()
    []
    """
    has_stops = flag(stops, "stops")
    params = {"market": optional(one_name, market, "market"), **FUTURES}
    call = Call(futures_positions, numbers, session)
    positions = listed(call, params)
    return _stops(positions, call.numbers) if has_stops else positions


def _stops(positions: pd.DataFrame, numbers: Numbers) -> pd.DataFrame:
    """Return the stop orders of positions as a table of their own."""
    table = positions.reset_index()
    rows = [
        {**stop, "position_id": position_id, "market": market, "side": side, "kind": kind}
        for kind in ("stop_loss", "take_profit")
        for position_id, market, side, stops in zip(
            table["position_id"], table["market"], table["side"], table[f"{kind}_list"], strict=True
        )
        for stop in stops or ()
    ]
    names = [column.name for column in PositionStop.columns()]
    frame = PositionStop.frame({name: [_cell(row.get(name)) for row in rows] for name in names}, numbers)
    frame.attrs = positions.attrs
    return frame


def _cell(value: Any) -> Any:
    """Return a cell as the decoder would have it."""
    if value is None:
        return msgspec.UNSET
    return unix_ms(value) if isinstance(value, pd.Timestamp) else value
