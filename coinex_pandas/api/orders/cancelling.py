"""Cancel orders: one, several, all of a market, or those of a client_id. Under overload these still get through."""

from __future__ import annotations

import pandas as pd

from coinex_pandas.api.calls.arguments import Ids
from coinex_pandas.api.calls.verb import Verb
from coinex_pandas.api.orders.order_request import FUTURES, BuySell, SpotOrMargin, spot_or_margin
from coinex_pandas.api.orders.verbs import cancel, cancel_all, cancel_by_client_id, cancel_many
from coinex_pandas.http.route import route
from coinex_pandas.http.session import Session
from coinex_pandas.tables.kinds import Numbers
from coinex_pandas.tables.rows.answer import Accepted
from coinex_pandas.tables.rows.order import FuturesOrder, FuturesOrderItem, SpotOrder, SpotOrderItem

__all__ = [
    "futures_cancel_all_orders",
    "futures_cancel_order",
    "futures_cancel_orders",
    "futures_cancel_orders_by_client_id",
    "spot_cancel_all_orders",
    "spot_cancel_order",
    "spot_cancel_orders",
    "spot_cancel_orders_by_client_id",
]


@route(
    "POST /spot/cancel-order",
    SpotOrder,
    docs="spot/order/http/cancel-order",
    pace="spot_cancel",
    needs="trade",
    single=True,
)
def spot_cancel_order(
    market: str,
    order_id: int | str,
    *,
    market_type: SpotOrMargin = "SPOT",
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Cancel an open order, and return it as it was then, one row.

    Raises
    ------
    NotFound
        It is not open: it was filled or cancelled before.

    Examples
    --------
    >>> order = cx.spot_place_order("BTCUSDT", "buy", "limit", "0.02", "60000")
    >>> cx.spot_cancel_order("BTCUSDT", order.index[0])[["side", "amount", "unfilled_amount"]]
                 side  amount  unfilled_amount
    order_id
    130000000001  buy    0.02             0.02
    """
    return cancel(
        Verb(spot_cancel_order, numbers, session, dry_run),
        market,
        order_id,
        {"market_type": spot_or_margin(market_type)},
    )


@route("POST /futures/cancel-order", FuturesOrder, like=spot_cancel_order)
def futures_cancel_order(
    market: str,
    order_id: int | str,
    *,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Cancel an open order, and return it as it was then, one row."""
    return cancel(Verb(futures_cancel_order, numbers, session, dry_run), market, order_id, FUTURES)


@route(
    "POST /spot/cancel-batch-order",
    SpotOrderItem,
    docs="spot/order/http/cancel-batch-order",
    pace="spot_cancel",
    needs="trade",
    weight="order_ids",
    batch=True,
)
def spot_cancel_orders(
    market: str,
    order_ids: Ids,
    *,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Cancel several open orders of one market in one request, and return a row for each, in their order.

    Each row has its own ``code`` and ``message``: one that is not open misses all else but its id, and stops no other.

    Examples
    --------
    >>> order = cx.spot_place_order("BTCUSDT", "buy", "limit", "0.02", "60000")
    >>> cx.spot_cancel_orders("BTCUSDT", [order.index[0], 1])[["code", "message", "order_id", "unfilled_amount"]]
       code          message      order_id  unfilled_amount
    0     0                   130000000001             0.02
    1  3600  Order not found             1              NaN
    """
    return cancel_many(Verb(spot_cancel_orders, numbers, session, dry_run), market, order_ids, {})


@route("POST /futures/cancel-batch-order", FuturesOrderItem, like=spot_cancel_orders)
def futures_cancel_orders(
    market: str,
    order_ids: Ids,
    *,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Cancel several open orders of one market in one request, and return a row for each, in their order."""
    return cancel_many(Verb(futures_cancel_orders, numbers, session, dry_run), market, order_ids, FUTURES)


@route(
    "POST /spot/cancel-all-order",
    Accepted,
    docs="spot/order/http/cancel-all-order",
    pace="spot_batch_cancel",
    needs="trade",
    single=True,
)
def spot_cancel_all_orders(
    market: str,
    *,
    side: BuySell | None = None,
    market_type: SpotOrMargin = "SPOT",
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Cancel all open orders of a market, and return the exchange's confirmation, one row.

    Whether stop orders go as well is not documented: see `spot_pending_stop_orders`.

    Examples
    --------
    >>> cx.spot_cancel_all_orders("BTCUSDT")
       code message
    0     0      OK
    """
    return cancel_all(
        Verb(spot_cancel_all_orders, numbers, session, dry_run),
        market,
        side,
        {"market_type": spot_or_margin(market_type)},
    )


@route("POST /futures/cancel-all-order", Accepted, like=spot_cancel_all_orders)
def futures_cancel_all_orders(
    market: str,
    *,
    side: BuySell | None = None,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Cancel all open orders of a market, and return the exchange's confirmation, one row."""
    return cancel_all(Verb(futures_cancel_all_orders, numbers, session, dry_run), market, side, FUTURES)


@route(
    "POST /spot/cancel-order-by-client-id",
    SpotOrderItem,
    docs="spot/order/http/cancel-order-by-client-id",
    pace="spot_batch_cancel",
    needs="trade",
    batch=True,
)
def spot_cancel_orders_by_client_id(
    client_id: str,
    market: str | None = None,
    *,
    market_type: SpotOrMargin = "SPOT",
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Cancel every open order that carries a ``client_id``, and return a row for each.

    Parameters
    ----------
    client_id : str
        What they were placed with.

    Examples
    --------
    >>> order = cx.spot_place_order("BTCUSDT", "buy", "limit", "0.02", "60000", client_id="my-order_1")
    >>> cx.spot_cancel_orders_by_client_id("my-order_1")[["code", "message", "order_id", "client_id"]]
       code message      order_id   client_id
    0     0          130000000001  my-order_1
    """
    return cancel_by_client_id(
        Verb(spot_cancel_orders_by_client_id, numbers, session, dry_run),
        client_id,
        market,
        {"market_type": spot_or_margin(market_type)},
    )


@route("POST /futures/cancel-order-by-client-id", FuturesOrderItem, like=spot_cancel_orders_by_client_id)
def futures_cancel_orders_by_client_id(
    client_id: str,
    market: str | None = None,
    *,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Cancel every open order that carries a ``client_id``, and return a row for each."""
    return cancel_by_client_id(
        Verb(futures_cancel_orders_by_client_id, numbers, session, dry_run), client_id, market, FUTURES
    )
