"""Place and change orders. To see a request without sending it: ``dry_run=True``."""

from __future__ import annotations

import pandas as pd

from coinex_pandas.api.calls.arguments import Exact
from coinex_pandas.api.calls.verb import Verb
from coinex_pandas.api.orders.batch import Orders
from coinex_pandas.api.orders.order_request import FUTURES, BuySell, OrderType, SpotOrMargin, StpMode
from coinex_pandas.api.orders.verbs import modify, modify_many, place, place_many
from coinex_pandas.http.route import route
from coinex_pandas.http.session import Session
from coinex_pandas.tables.kinds import Numbers
from coinex_pandas.tables.rows.order import FuturesOrder, FuturesOrderItem, SpotOrder, SpotOrderItem

__all__ = [
    "futures_modify_order",
    "futures_modify_orders",
    "futures_place_order",
    "futures_place_orders",
    "spot_modify_order",
    "spot_modify_orders",
    "spot_place_order",
    "spot_place_orders",
]


@route("POST /spot/order", SpotOrder, docs="spot/order/http/put-order", pace="spot_order", needs="trade", single=True)
def spot_place_order(
    market: str,
    side: BuySell,
    type: OrderType,
    amount: Exact,
    price: Exact | None = None,
    *,
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
    """Place one order, and return it, one row.

    There is no ``status`` in the answer: what was filled at once stands in ``filled_amount``.

    Parameters
    ----------
    amount : str, int, Decimal or float
        How much in base_ccy, or for a market order in ``ccy``; sent exactly as it is written.
    ccy : str, optional
        Of a market order, and needed there: what the amount is counted in, one of the market's two currencies: buying
        BTCUSDT for 100 USDT is ``amount="100", ccy="USDT"``.

    Examples
    --------
    >>> cx.spot_place_order("BTCUSDT", "buy", "limit", "0.02", "60000")[["side", "price", "amount", "filled_amount"]]
                 side    price  amount  filled_amount
    order_id
    130000000001  buy  60000.0    0.02            0.0
    """
    order = {
        "market": market,
        "side": side,
        "type": type,
        "amount": amount,
        "price": price,
        "ccy": ccy,
        "client_id": client_id,
        "is_hide": is_hide,
        "stp_mode": stp_mode,
        "market_type": market_type,
    }
    return place(Verb(spot_place_order, numbers, session, dry_run, check), order)


@route("POST /futures/order", FuturesOrder, like=spot_place_order)
def futures_place_order(
    market: str,
    side: BuySell,
    type: OrderType,
    amount: Exact,
    price: Exact | None = None,
    *,
    client_id: str | None = None,
    is_hide: bool = False,
    stp_mode: StpMode | None = None,
    check: bool = True,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Place one order, and return it, one row.

    Parameters
    ----------
    amount : str, int, Decimal or float
        How much in base_ccy; inverse markets count in quote_ccy; sent exactly as it is written.
    """
    order = {
        "market": market,
        "side": side,
        "type": type,
        "amount": amount,
        "price": price,
        "client_id": client_id,
        "is_hide": is_hide,
        "stp_mode": stp_mode,
    }
    return place(Verb(futures_place_order, numbers, session, dry_run, check), order)


@route(
    "POST /spot/batch-order",
    SpotOrderItem,
    docs="spot/order/http/put-multi-order",
    pace="spot_order",
    needs="trade",
    weight="orders",
    batch=True,
)
def spot_place_orders(
    orders: Orders,
    *,
    market_type: SpotOrMargin = "SPOT",
    check: bool = True,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Place several orders in one request, and return a row for each, in their order.

    They have the parameters of `spot_place_order`. Each row has its own ``code`` and ``message``: one that was
    refused misses all else but its ``client_id``, and stops no other.

    Examples
    --------
    >>> orders = [
    ...     {"market": "BTCUSDT", "side": "buy", "type": "limit", "amount": "0.02", "price": "60000"},
    ...     {"market": "BTCUSDT", "side": "buy", "type": "limit", "amount": "90", "price": "60000"},
    ... ]
    >>> cx.spot_place_orders(orders)[["code", "message", "order_id", "amount"]]
       code             message      order_id  amount
    0     0                  OK  130000000001    0.02
    1  3109  balance not enough          <NA>     NaN
    """
    return place_many(Verb(spot_place_orders, numbers, session, dry_run, check), orders, {"market_type": market_type})


@route("POST /futures/batch-order", FuturesOrderItem, like=spot_place_orders)
def futures_place_orders(
    orders: Orders,
    *,
    check: bool = True,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Place several orders in one request, and return a row for each, in their order."""
    return place_many(Verb(futures_place_orders, numbers, session, dry_run, check), orders, FUTURES)


@route(
    "POST /spot/modify-order",
    SpotOrder,
    docs="spot/order/http/edit-order",
    pace="spot_order",
    needs="trade",
    single=True,
)
def spot_modify_order(
    market: str,
    order_id: int | str,
    *,
    amount: Exact | None = None,
    price: Exact | None = None,
    market_type: SpotOrMargin = "SPOT",
    check: bool = True,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Change an open order's amount, price or both, and return it, one row; it keeps its id.

    Parameters
    ----------
    amount : str, int, Decimal or float, optional
        The new whole amount; more than what is filled already. None leaves it.
    price : str, int, Decimal or float, optional
        The new price; None leaves it.

    Examples
    --------
    >>> order = cx.spot_place_order("BTCUSDT", "buy", "limit", "0.02", "60000")
    >>> cx.spot_modify_order("BTCUSDT", order.index[0], price="60500")[["side", "price", "amount"]]
                 side    price  amount
    order_id
    130000000001  buy  60500.0    0.02
    """
    order = {"market": market, "order_id": order_id, "amount": amount, "price": price, "market_type": market_type}
    return modify(Verb(spot_modify_order, numbers, session, dry_run, check), order)


@route("POST /futures/modify-order", FuturesOrder, like=spot_modify_order)
def futures_modify_order(
    market: str,
    order_id: int | str,
    *,
    amount: Exact | None = None,
    price: Exact | None = None,
    check: bool = True,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Change an open order's amount, price or both, and return it, one row; it keeps its id."""
    order = {"market": market, "order_id": order_id, "amount": amount, "price": price}
    return modify(Verb(futures_modify_order, numbers, session, dry_run, check), order)


@route(
    "POST /spot/batch-modify-order",
    SpotOrderItem,
    docs="spot/order/http/edit-multi-order",
    pace="spot_order",
    needs="trade",
    weight="orders",
    batch=True,
)
def spot_modify_orders(
    orders: Orders,
    *,
    market_type: SpotOrMargin = "SPOT",
    check: bool = True,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Change several open orders in one request, and return a row for each, in their order.

    They have the parameters of `spot_modify_order`; ``market`` and ``order_id`` say which order it is, and may be the
    index of a table. Each row has its own ``code`` and ``message``.

    Examples
    --------
    >>> order = cx.spot_place_order("BTCUSDT", "buy", "limit", "0.02", "60000")
    >>> orders = cx.spot_pending_orders("BTCUSDT")[["market", "price"]]
    >>> cx.spot_modify_orders(orders.assign(price=orders["price"] + 10))[["code", "order_id", "price"]]
       code      order_id    price
    0     0  130000000001  60010.0
    """
    return modify_many(Verb(spot_modify_orders, numbers, session, dry_run, check), orders, {"market_type": market_type})


@route("POST /futures/batch-modify-order", FuturesOrderItem, like=spot_modify_orders)
def futures_modify_orders(
    orders: Orders,
    *,
    check: bool = True,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Change several open orders in one request, and return a row for each, in their order."""
    return modify_many(Verb(futures_modify_orders, numbers, session, dry_run, check), orders, FUTURES)
