"""Cancel futures orders: one, several, all of a market, or those of a name. Under overload these still get through."""

from __future__ import annotations

import pandas as pd

from coinex_pandas.options import Numbers
from coinex_pandas.order_verbs import Call, cancel, cancel_all, cancel_by_client_id, cancel_many
from coinex_pandas.orders import Ids
from coinex_pandas.placing import BuySell, Sort
from coinex_pandas.route import route
from coinex_pandas.rows.accepted import Accepted
from coinex_pandas.rows.order import FuturesOrder, FuturesOrderItem, FuturesStopOrder, FuturesStopOrderItem
from coinex_pandas.session import Session

__all__ = [
    "futures_cancel_all_orders",
    "futures_cancel_order",
    "futures_cancel_orders",
    "futures_cancel_orders_by_client_id",
    "futures_cancel_stop_order",
    "futures_cancel_stop_orders",
    "futures_cancel_stop_orders_by_client_id",
]

_PLAIN, _STOP = Sort("futures"), Sort("futures", is_stop=True)
_FUTURES = {"market_type": "FUTURES"}


@route(
    "POST /futures/cancel-order",
    FuturesOrder,
    docs="futures/order/http/cancel-order",
    pace="futures_cancel",
    needs="trade",
    single=True,
)
def futures_cancel_order(
    market: str,
    order_id: int | str,
    *,
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
    >>> made = cx.futures_place_order("BTCUSDT", "buy", "limit", "0.02", "60000")
    >>> cx.futures_cancel_order("BTCUSDT", made.index[0])[["side", "amount", "unfilled_amount"]]
                 side  amount  unfilled_amount
    order_id
    130000000001  buy    0.02             0.02
    """
    call = Call(futures_cancel_order, _PLAIN, check=False, dry_run=dry_run, numbers=numbers, session=session)
    return cancel(call, market, order_id, _FUTURES)


@route(
    "POST /futures/cancel-stop-order",
    FuturesStopOrder,
    docs="futures/order/http/cancel-stop-order",
    pace="futures_cancel",
    needs="trade",
    single=True,
)
def futures_cancel_stop_order(
    market: str,
    stop_id: int | str,
    *,
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
    >>> stop = cx.futures_place_stop_order(
    ...     "BTCUSDT", "sell", "market", "0.02", trigger_price="65000", trigger_price_type="mark_price"
    ... )
    >>> cx.futures_cancel_stop_order("BTCUSDT", stop.index[0])[["side", "amount", "trigger_price"]]
                  side  amount  trigger_price
    stop_id
    130000000001  sell    0.02        65000.0
    """
    call = Call(futures_cancel_stop_order, _STOP, check=False, dry_run=dry_run, numbers=numbers, session=session)
    return cancel(call, market, stop_id, _FUTURES)


@route(
    "POST /futures/cancel-batch-order",
    FuturesOrderItem,
    docs="futures/order/http/cancel-batch-order",
    pace="futures_cancel",
    needs="trade",
    weight="order_ids",
    batch=True,
)
def futures_cancel_orders(
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
    >>> made = cx.futures_place_order("BTCUSDT", "buy", "limit", "0.02", "60000")
    >>> cx.futures_cancel_orders("BTCUSDT", [made.index[0], 1])[["code", "message", "order_id", "unfilled_amount"]]
       code          message      order_id  unfilled_amount
    0     0                   130000000001             0.02
    1  3600  Order not found             1              NaN
    """
    call = Call(futures_cancel_orders, _PLAIN, check=False, dry_run=dry_run, numbers=numbers, session=session)
    return cancel_many(call, market, order_ids, _FUTURES)


@route(
    "POST /futures/cancel-batch-stop-order",
    FuturesStopOrderItem,
    docs="futures/order/http/cancel-batch-stop-order",
    pace="futures_cancel",
    needs="trade",
    weight="stop_ids",
    batch=True,
)
def futures_cancel_stop_orders(
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
    >>> stop = cx.futures_place_stop_order(
    ...     "BTCUSDT", "sell", "market", "0.02", trigger_price="65000", trigger_price_type="mark_price"
    ... )
    >>> cx.futures_cancel_stop_orders("BTCUSDT", stop.index)[["code", "message", "stop_id", "trigger_price"]]
       code message       stop_id  trigger_price
    0     0          130000000001        65000.0
    """
    call = Call(futures_cancel_stop_orders, _STOP, check=False, dry_run=dry_run, numbers=numbers, session=session)
    return cancel_many(call, market, stop_ids, _FUTURES)


@route(
    "POST /futures/cancel-all-order",
    Accepted,
    docs="futures/order/http/cancel-all-order",
    pace="futures_batch_cancel",
    needs="trade",
    single=True,
)
def futures_cancel_all_orders(
    market: str,
    *,
    side: BuySell | None = None,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Cancel all open orders of a market, and return the exchange's word that it did so, one row.

    Whether stop orders go as well is not documented: see `futures_pending_stop_orders`.

    Examples
    --------
    >>> cx.futures_cancel_all_orders("BTCUSDT")
       code message
    0     0      OK
    """
    call = Call(futures_cancel_all_orders, _PLAIN, check=False, dry_run=dry_run, numbers=numbers, session=session)
    return cancel_all(call, market, side, _FUTURES)


@route(
    "POST /futures/cancel-order-by-client-id",
    FuturesOrderItem,
    docs="futures/order/http/cancel-order-by-client-id",
    pace="futures_batch_cancel",
    needs="trade",
    batch=True,
)
def futures_cancel_orders_by_client_id(
    client_id: str,
    market: str | None = None,
    *,
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
    >>> made = cx.futures_place_order("BTCUSDT", "buy", "limit", "0.02", "60000", client_id="my-order_1")
    >>> cx.futures_cancel_orders_by_client_id("my-order_1")[["code", "message", "order_id", "client_id"]]
       code message      order_id   client_id
    0     0          130000000001  my-order_1
    """
    call = Call(
        futures_cancel_orders_by_client_id, _PLAIN, check=False, dry_run=dry_run, numbers=numbers, session=session
    )
    return cancel_by_client_id(call, client_id, market, _FUTURES)


@route(
    "POST /futures/cancel-stop-order-by-client-id",
    FuturesStopOrderItem,
    docs="futures/order/http/cancel-stop-order-by-client-id",
    pace="futures_batch_cancel",
    needs="trade",
    batch=True,
)
def futures_cancel_stop_orders_by_client_id(
    client_id: str,
    market: str | None = None,
    *,
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
    >>> stop = cx.futures_place_stop_order(
    ...     "BTCUSDT", "sell", "market", "0.02", trigger_price="65000",
    ...     trigger_price_type="index_price", client_id="my-stop_1",
    ... )
    >>> cx.futures_cancel_stop_orders_by_client_id("my-stop_1")[["code", "message", "stop_id", "client_id"]]
       code message       stop_id  client_id
    0     0          130000000001  my-stop_1
    """
    call = Call(
        futures_cancel_stop_orders_by_client_id, _STOP, check=False, dry_run=dry_run, numbers=numbers, session=session
    )
    return cancel_by_client_id(call, client_id, market, _FUTURES)
