"""What became of own orders, one or several of them by their ids."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from coinex_pandas.api.calls.arguments import Ids, ids_of, one_name, whole_id
from coinex_pandas.api.calls.call import Call, table
from coinex_pandas.api.calls.history import history
from coinex_pandas.api.calls.paging import Ask
from coinex_pandas.api.orders.batch import completed
from coinex_pandas.errors import NotFound
from coinex_pandas.http.route import route
from coinex_pandas.http.session import Session
from coinex_pandas.tables.kinds import Numbers
from coinex_pandas.tables.rows.order import FuturesOrder, FuturesOrderItem, SpotOrder, SpotOrderItem

__all__ = ["futures_order_status", "futures_order_statuses", "spot_order_status", "spot_order_statuses"]


_MOST_IDS = 10  # per request: no maximum is documented, so it is that of markets


@route(
    "GET /spot/order-status",
    SpotOrder,
    docs="spot/order/http/get-order-status",
    pace="spot_query",
    needs="read",
    single=True,
)
def spot_order_status(
    market: str, order_id: int | str, *, numbers: Numbers | None = None, session: Session | None = None
) -> pd.DataFrame:
    """Return one order, one row, with its ``status``.

    The exchange keeps no order that was cancelled without a fill: such an id is not found.

    Raises
    ------
    NotFound
        There is no such order, or no longer.

    Examples
    --------
    >>> order = cx.spot_place_order("BTCUSDT", "buy", "limit", "0.02", "60000")
    >>> cx.spot_order_status("BTCUSDT", order.index[0])[["side", "type", "amount", "unfilled_amount", "status"]]
                 side   type  amount  unfilled_amount status
    order_id
    130000000001  buy  limit    0.02             0.02   open
    """
    return _by_id(Call(spot_order_status, numbers, session), market, order_id)


@route("GET /futures/order-status", FuturesOrder, like=spot_order_status)
def futures_order_status(
    market: str, order_id: int | str, *, numbers: Numbers | None = None, session: Session | None = None
) -> pd.DataFrame:
    """Return one order, one row, with its ``status``."""
    return _by_id(Call(futures_order_status, numbers, session), market, order_id)


@route(
    "GET /spot/batch-order-status",
    SpotOrderItem,
    docs="spot/order/http/get-multi-order-status",
    pace="spot_query",
    needs="read",
    batch=True,
)
def spot_order_statuses(
    market: str, order_ids: Ids, *, numbers: Numbers | None = None, session: Session | None = None
) -> pd.DataFrame:
    """Return several orders of one market, a row for each id in their order; ten ids take a request.

    An order that is not found has a code, a message and its id; all else is missing.

    Examples
    --------
    >>> order = cx.spot_place_order("BTCUSDT", "buy", "limit", "0.02", "60000")
    >>> cx.spot_order_statuses("BTCUSDT", [order.index[0], 1])[["code", "message", "order_id", "status"]]
       code          message      order_id status
    0     0               OK  130000000001   open
    1  3600  Order not found             1    NaN
    """
    return _by_ids(Call(spot_order_statuses, numbers, session), market, order_ids)


@route("GET /futures/batch-order-status", FuturesOrderItem, like=spot_order_statuses)
def futures_order_statuses(
    market: str, order_ids: Ids, *, numbers: Numbers | None = None, session: Session | None = None
) -> pd.DataFrame:
    """Return several orders of one market, a row for each id in their order; ten ids take a request."""
    return _by_ids(Call(futures_order_statuses, numbers, session), market, order_ids)


def _by_id(call: Call, market: str, order_id: int | str) -> pd.DataFrame:
    """Return one order; the exchange keeps none that was cancelled without a fill."""
    name, number = one_name(market, "market"), whole_id(order_id, "order_id")
    frame = table(call, {"market": name, "order_id": number})
    if not len(frame):
        raise NotFound(
            0, f"no order {number} came (code 0)", endpoint=call.route.endpoint, about=f"{name}, order {number}"
        )
    return frame


def _by_ids(call: Call, market: str, order_ids: Ids) -> pd.DataFrame:
    """Return a row for each id, in their order; an order that does not exist has a code and a message."""
    name, ids = one_name(market, "market"), ids_of(order_ids, "order_ids")
    parts = [ids[at : at + _MOST_IDS] for at in range(0, len(ids), _MOST_IDS)]

    def pages(ask: Ask) -> Iterator[pd.DataFrame]:
        for at, part in enumerate(parts):
            frame = ask(order_ids=",".join(map(str, part))).frame
            first = at * _MOST_IDS
            yield completed(frame, {"order_id": part}).set_axis(pd.RangeIndex(first, first + len(frame)))

    return history(call, {"market": name}, pages, expected=len(parts))
