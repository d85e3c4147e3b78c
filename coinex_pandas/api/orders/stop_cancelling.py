"""Cancel stop orders: one, several, or those of a client_id."""

from __future__ import annotations

import pandas as pd

from coinex_pandas.api.calls.arguments import Ids
from coinex_pandas.api.calls.verb import Verb
from coinex_pandas.api.orders.order_request import FUTURES, SpotOrMargin, spot_or_margin
from coinex_pandas.api.orders.verbs import cancel, cancel_by_client_id, cancel_many
from coinex_pandas.http.route import route
from coinex_pandas.http.session import Session
from coinex_pandas.tables.kinds import Numbers
from coinex_pandas.tables.rows.order import FuturesStopOrder, FuturesStopOrderItem, SpotStopOrder, SpotStopOrderItem

__all__ = [
    "futures_cancel_stop_order",
    "futures_cancel_stop_orders",
    "futures_cancel_stop_orders_by_client_id",
    "spot_cancel_stop_order",
    "spot_cancel_stop_orders",
    "spot_cancel_stop_orders_by_client_id",
]


@route(
    "POST /spot/cancel-stop-order",
    SpotStopOrder,
    docs="spot/order/http/cancel-stop-order",
    pace="spot_cancel",
    needs="trade",
    single=True,
)
def spot_cancel_stop_order(
    market: str,
    stop_id: int | str,
    *,
    market_type: SpotOrMargin = "SPOT",
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Cancel a waiting stop order, and return it, one row.

    Raises
    ------
    NotFound
        It does not wait: it fired or was cancelled before.

    Examples
    --------
    >>> stop = cx.spot_place_stop_order("BTCUSDT", "sell", "market", "0.02", trigger_price="65000", ccy="BTC")
    >>> cx.spot_cancel_stop_order("BTCUSDT", stop.index[0])[["side", "amount", "trigger_price"]]
                  side  amount  trigger_price
    stop_id
    130000000001  sell    0.02        65000.0
    """
    return cancel(
        Verb(spot_cancel_stop_order, numbers, session, dry_run),
        market,
        stop_id,
        {"market_type": spot_or_margin(market_type)},
    )


@route("POST /futures/cancel-stop-order", FuturesStopOrder, like=spot_cancel_stop_order)
def futures_cancel_stop_order(
    market: str,
    stop_id: int | str,
    *,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Cancel a waiting stop order, and return it, one row.

    Examples
    --------
    >>> stop = cx.futures_place_stop_order(
    ...     "BTCUSDT", "sell", "market", "0.02", trigger_price="65000", trigger_price_type="mark_price"
    ... )
    >>> cx.futures_cancel_stop_order("BTCUSDT", stop.index[0])[["side", "amount", "trigger_price"]]
                  side  amount  trigger_price
    stop_id
    130000000001  sell    0.02        65000.0
    """
    return cancel(Verb(futures_cancel_stop_order, numbers, session, dry_run), market, stop_id, FUTURES)


@route(
    "POST /spot/cancel-batch-stop-order",
    SpotStopOrderItem,
    docs="spot/order/http/cancel-batch-stop-order",
    pace="spot_cancel",
    needs="trade",
    weight="stop_ids",
    batch=True,
)
def spot_cancel_stop_orders(
    market: str,
    stop_ids: Ids,
    *,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Cancel several waiting stop orders of one market in one request, and return a row for each, in their order.

    Each row has its own ``code`` and ``message``: one that does not wait misses all else but its id.

    Examples
    --------
    >>> stop = cx.spot_place_stop_order("BTCUSDT", "sell", "market", "0.02", trigger_price="65000", ccy="BTC")
    >>> cx.spot_cancel_stop_orders("BTCUSDT", stop.index)[["code", "message", "stop_id", "trigger_price"]]
       code message       stop_id  trigger_price
    0     0          130000000001        65000.0
    """
    return cancel_many(Verb(spot_cancel_stop_orders, numbers, session, dry_run), market, stop_ids, {})


@route("POST /futures/cancel-batch-stop-order", FuturesStopOrderItem, like=spot_cancel_stop_orders)
def futures_cancel_stop_orders(
    market: str,
    stop_ids: Ids,
    *,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Cancel several waiting stop orders of one market in one request, and return a row for each, in their order.

    Examples
    --------
    >>> stop = cx.futures_place_stop_order(
    ...     "BTCUSDT", "sell", "market", "0.02", trigger_price="65000", trigger_price_type="mark_price"
    ... )
    >>> cx.futures_cancel_stop_orders("BTCUSDT", stop.index)[["code", "message", "stop_id", "trigger_price"]]
       code message       stop_id  trigger_price
    0     0          130000000001        65000.0
    """
    return cancel_many(Verb(futures_cancel_stop_orders, numbers, session, dry_run), market, stop_ids, FUTURES)


@route(
    "POST /spot/cancel-stop-order-by-client-id",
    SpotStopOrderItem,
    docs="spot/order/http/cancel-stop-order-by-client-id",
    pace="spot_batch_cancel",
    needs="trade",
    batch=True,
)
def spot_cancel_stop_orders_by_client_id(
    client_id: str,
    market: str | None = None,
    *,
    market_type: SpotOrMargin = "SPOT",
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Cancel every waiting stop order that carries a ``client_id``, and return a row for each.

    Parameters
    ----------
    client_id : str
        What they were placed with.

    Examples
    --------
    >>> stop = cx.spot_place_stop_order(
    ...     "BTCUSDT", "sell", "market", "0.02", trigger_price="65000", ccy="BTC", client_id="my-stop_1"
    ... )
    >>> cx.spot_cancel_stop_orders_by_client_id("my-stop_1")[["code", "message", "stop_id", "client_id"]]
       code message       stop_id  client_id
    0     0          130000000001  my-stop_1
    """
    return cancel_by_client_id(
        Verb(spot_cancel_stop_orders_by_client_id, numbers, session, dry_run),
        client_id,
        market,
        {"market_type": spot_or_margin(market_type)},
    )


@route("POST /futures/cancel-stop-order-by-client-id", FuturesStopOrderItem, like=spot_cancel_stop_orders_by_client_id)
def futures_cancel_stop_orders_by_client_id(
    client_id: str,
    market: str | None = None,
    *,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Cancel every waiting stop order that carries a ``client_id``, and return a row for each.

    Examples
    --------
    >>> stop = cx.futures_place_stop_order(
    ...     "BTCUSDT", "sell", "market", "0.02", trigger_price="65000",
    ...     trigger_price_type="index_price", client_id="my-stop_1",
    ... )
    >>> cx.futures_cancel_stop_orders_by_client_id("my-stop_1")[["code", "message", "stop_id", "client_id"]]
       code message       stop_id  client_id
    0     0          130000000001  my-stop_1
    """
    return cancel_by_client_id(
        Verb(futures_cancel_stop_orders_by_client_id, numbers, session, dry_run), client_id, market, FUTURES
    )
