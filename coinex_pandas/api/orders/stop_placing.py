"""Place and change stop orders: they wait for a price."""

from __future__ import annotations

import pandas as pd

from coinex_pandas.api.calls.arguments import Exact
from coinex_pandas.api.calls.verb import Verb
from coinex_pandas.api.orders.batch import Orders
from coinex_pandas.api.orders.order_request import (
    FUTURES,
    BuySell,
    OrderType,
    SpotOrMargin,
    StpMode,
    TriggerPrice,
    spot_or_margin,
)
from coinex_pandas.api.orders.verbs import modify, place, place_many
from coinex_pandas.http.route import route
from coinex_pandas.http.session import Session
from coinex_pandas.tables.kinds import Numbers
from coinex_pandas.tables.rows.order import StopId, StopIdItem

__all__ = [
    "futures_modify_stop_order",
    "futures_place_stop_order",
    "futures_place_stop_orders",
    "spot_modify_stop_order",
    "spot_place_stop_order",
    "spot_place_stop_orders",
]


@route(
    "POST /spot/stop-order",
    StopId,
    docs="spot/order/http/put-stop-order",
    pace="spot_order",
    needs="trade",
    single=True,
)
def spot_place_stop_order(
    market: str,
    side: BuySell,
    type: OrderType,
    amount: Exact,
    price: Exact | None = None,
    *,
    trigger_price: Exact,
    ccy: str | None = None,
    client_id: str | None = None,
    is_hide: bool = False,
    stp_mode: StpMode | None = None,
    market_type: SpotOrMargin = "SPOT",
    check: bool = True,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Place one order that is sent when the market reaches a price, and return its ``stop_id``, one row.

    Nothing is frozen before it fires, so the order that it sends may still be refused.

    Parameters
    ----------
    amount : str, int, Decimal or float
        How much in base_ccy, or for a market order in ``ccy``; sent exactly as it is written.
    ccy : str, optional
        Of a market order, and needed there: what the amount is counted in, ``base_ccy`` or ``quote_ccy``.

    Examples
    --------
    >>> cx.spot_place_stop_order(
    ...     "BTCUSDT", "sell", "limit", "0.02", "64900",
    ...     trigger_price="65000", client_id="my-stop_1",
    ... )
                  client_id
    stop_id
    130000000001  my-stop_1
    """
    order = {
        "market": market,
        "side": side,
        "type": type,
        "amount": amount,
        "price": price,
        "trigger_price": trigger_price,
        "ccy": ccy,
        "client_id": client_id,
        "is_hide": is_hide,
        "stp_mode": stp_mode,
        "market_type": market_type,
    }
    return place(Verb(spot_place_stop_order, numbers, session, dry_run, check), order)


@route("POST /futures/stop-order", StopId, like=spot_place_stop_order)
def futures_place_stop_order(
    market: str,
    side: BuySell,
    type: OrderType,
    amount: Exact,
    price: Exact | None = None,
    *,
    trigger_price: Exact,
    trigger_price_type: TriggerPrice,
    client_id: str | None = None,
    is_hide: bool = False,
    stp_mode: StpMode | None = None,
    check: bool = True,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Place one order that is sent when the market reaches a price, and return its ``stop_id``, one row.

    Parameters
    ----------
    amount : str, int, Decimal or float
        How much in base_ccy; inverse markets count in quote_ccy; sent exactly as it is written.

    Examples
    --------
    >>> cx.futures_place_stop_order(
    ...     "BTCUSDT", "sell", "limit", "0.02", "64900",
    ...     trigger_price="65000", trigger_price_type="mark_price", client_id="my-stop_1",
    ... )
                  client_id
    stop_id
    130000000001  my-stop_1
    """
    order = {
        "market": market,
        "side": side,
        "type": type,
        "amount": amount,
        "price": price,
        "trigger_price": trigger_price,
        "trigger_price_type": trigger_price_type,
        "client_id": client_id,
        "is_hide": is_hide,
        "stp_mode": stp_mode,
    }
    return place(Verb(futures_place_stop_order, numbers, session, dry_run, check), order)


@route(
    "POST /spot/batch-stop-order",
    StopIdItem,
    docs="spot/order/http/put-multi-stop-order",
    pace="spot_order",
    needs="trade",
    weight="orders",
    batch=True,
)
def spot_place_stop_orders(
    orders: Orders,
    *,
    market_type: SpotOrMargin = "SPOT",
    check: bool = True,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Place several stop orders in one request, and return a row for each, in their order.

    They have the parameters of `spot_place_stop_order`; each row has its own ``code`` and ``message``.

    Examples
    --------
    >>> orders = pd.DataFrame({"market": "BTCUSDT", "side": "sell", "type": "market", "amount": ["0.01", "0.02"],
    ...                        "ccy": "BTC", "trigger_price": ["65000", "64000"]})
    >>> cx.spot_place_stop_orders(orders)[["code", "message", "stop_id"]]
       code message       stop_id
    0     0      OK  130000000001
    1     0      OK  130000000002
    """
    return place_many(
        Verb(spot_place_stop_orders, numbers, session, dry_run, check),
        orders,
        {"market_type": spot_or_margin(market_type)},
    )


@route("POST /futures/batch-stop-order", StopIdItem, like=spot_place_stop_orders)
def futures_place_stop_orders(
    orders: Orders,
    *,
    check: bool = True,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Place several stop orders in one request, and return a row for each, in their order.

    Examples
    --------
    >>> orders = pd.DataFrame({"market": "BTCUSDT", "side": "sell", "type": "market", "amount": ["0.01", "0.02"],
    ...                        "trigger_price_type": "mark_price", "trigger_price": ["65000", "64000"]})
    >>> cx.futures_place_stop_orders(orders)[["code", "message", "stop_id"]]
       code message       stop_id
    0     0      OK  130000000001
    1     0      OK  130000000002
    """
    return place_many(Verb(futures_place_stop_orders, numbers, session, dry_run, check), orders, FUTURES)


@route(
    "POST /spot/modify-stop-order",
    StopId,
    docs="spot/order/http/edit-stop-order",
    pace="spot_order",
    needs="trade",
    single=True,
)
def spot_modify_stop_order(
    market: str,
    stop_id: int | str,
    *,
    amount: Exact | None = None,
    price: Exact | None = None,
    trigger_price: Exact | None = None,
    market_type: SpotOrMargin = "SPOT",
    check: bool = True,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Change a waiting stop order, and return its new ``stop_id``, one row: the exchange makes another one of it.

    Parameters
    ----------
    amount : str, int, Decimal or float, optional
        The new amount; None leaves it.
    price : str, int, Decimal or float, optional
        The new price of the order that it sends; None leaves it.
    trigger_price : str, int, Decimal or float, optional
        The new price that sends it; None leaves it.

    Examples
    --------
    >>> stop = cx.spot_place_stop_order("BTCUSDT", "sell", "market", "0.02", trigger_price="65000", ccy="BTC")
    >>> cx.spot_modify_stop_order("BTCUSDT", stop.index[0], trigger_price="66000").index
    Index([130000000002], dtype='int64', name='stop_id')
    """
    order = {
        "market": market,
        "stop_id": stop_id,
        "amount": amount,
        "price": price,
        "trigger_price": trigger_price,
        "market_type": market_type,
    }
    return modify(Verb(spot_modify_stop_order, numbers, session, dry_run, check), order)


@route("POST /futures/modify-stop-order", StopId, like=spot_modify_stop_order)
def futures_modify_stop_order(
    market: str,
    stop_id: int | str,
    *,
    amount: Exact | None = None,
    price: Exact | None = None,
    trigger_price: Exact | None = None,
    check: bool = True,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Change a waiting stop order, and return its new ``stop_id``, one row: the exchange makes another one of it.

    Examples
    --------
    >>> stop = cx.futures_place_stop_order(
    ...     "BTCUSDT", "sell", "market", "0.02", trigger_price="65000", trigger_price_type="mark_price"
    ... )
    >>> cx.futures_modify_stop_order("BTCUSDT", stop.index[0], trigger_price="66000").index
    Index([130000000002], dtype='int64', name='stop_id')
    """
    order = {
        "market": market,
        "stop_id": stop_id,
        "amount": amount,
        "price": price,
        "trigger_price": trigger_price,
    }
    return modify(Verb(futures_modify_stop_order, numbers, session, dry_run, check), order)
