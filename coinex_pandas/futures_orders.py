"""Own futures orders and deals, to read: one or many by id, open and finished ones, what was traded."""

from __future__ import annotations

import pandas as pd

from coinex_pandas.answers import Names
from coinex_pandas.options import Numbers
from coinex_pandas.orders import Ids, by_id, by_ids, deals, deals_of_order, finished_params, listed, pending_params
from coinex_pandas.placing import BuySell
from coinex_pandas.route import route
from coinex_pandas.rows.order import FuturesOrder, FuturesOrderItem, FuturesUserDeal
from coinex_pandas.session import Session
from coinex_pandas.times import TimeLike
from coinex_pandas.traded import Markets

__all__ = [
    "futures_finished_orders",
    "futures_order_deals",
    "futures_order_status",
    "futures_order_statuses",
    "futures_pending_orders",
    "futures_user_deals",
]

_FUTURES = {"market_type": "FUTURES"}
_LISTS = ("futures_finished_orders", "futures_pending_orders", "futures_finished_positions", "futures_positions")


@route(
    "GET /futures/order-status",
    FuturesOrder,
    docs="futures/order/http/get-order-status",
    pace="futures_query",
    needs="read",
    single=True,
)
def futures_order_status(
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
    >>> made = cx.futures_place_order("BTCUSDT", "buy", "limit", "0.02", "60000")
    >>> cx.futures_order_status("BTCUSDT", made.index[0])[["side", "type", "amount", "unfilled_amount", "status"]]
                 side   type  amount  unfilled_amount status
    order_id
    130000000001  buy  limit    0.02             0.02   open
    """
    return by_id(futures_order_status, market, order_id, numbers=numbers, session=session)


@route(
    "GET /futures/batch-order-status",
    FuturesOrderItem,
    docs="futures/order/http/get-multi-order-status",
    pace="futures_query",
    needs="read",
    batch=True,
)
def futures_order_statuses(
    market: str, order_ids: Ids, *, numbers: Numbers | None = None, session: Session | None = None
) -> pd.DataFrame:
    """Return several orders of one market, a row for each id in the order asked; ten ids take a request.

    One that is not found has a code, a message and its id, and misses all else.

    Examples
    --------
    >>> made = cx.futures_place_order("BTCUSDT", "buy", "limit", "0.02", "60000")
    >>> cx.futures_order_statuses("BTCUSDT", [made.index[0], 1])[["code", "message", "order_id", "status"]]
       code          message      order_id status
    0     0               OK  130000000001   open
    1  3600  Order not found             1    NaN
    """
    return by_ids(futures_order_statuses, market, order_ids, numbers=numbers, session=session)


@route(
    "GET /futures/pending-order",
    FuturesOrder,
    docs="futures/order/http/list-pending-order",
    pace="futures_query",
    needs="read",
    paged=True,
)
def futures_pending_orders(
    market: str | None = None,
    *,
    side: BuySell | None = None,
    client_id: str | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the open orders, oldest first, as many requests as it takes.

    Orders that come and go meanwhile hide no other.

    Parameters
    ----------
    client_id : str, optional
        Only those that were placed with it.

    Examples
    --------
    >>> made = cx.futures_place_order("BTCUSDT", "buy", "limit", "0.02", "60000", client_id="my-order_1")
    >>> cx.futures_pending_orders("BTCUSDT")[["side", "price", "amount", "unfilled_amount", "client_id"]]
                 side    price  amount  unfilled_amount   client_id
    order_id
    130000000001  buy  60000.0    0.02             0.02  my-order_1
    """
    params = pending_params(market, side, client_id, _FUTURES)
    return listed(futures_pending_orders, params, numbers=numbers, session=session)


@route(
    "GET /futures/finished-order",
    FuturesOrder,
    docs="futures/order/http/list-finished-order",
    pace="futures_history",
    needs="read",
    paged=True,
)
def futures_finished_orders(
    market: str | None = None,
    *,
    side: BuySell | None = None,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the orders that were filled or cancelled, oldest first, as many requests as it takes.

    Without a start from the first one; without an end to the last one; both mean ``created_at``. The exchange keeps
    no order that was cancelled without a fill. It cannot be asked for a time: this reads from the newest on.

    Examples
    --------
    >>> made = cx.futures_place_order("BTCUSDT", "buy", "market", "0.02")
    >>> cx.futures_finished_orders("BTCUSDT")[["side", "amount", "filled_amount", "filled_value"]]
                 side  amount  filled_amount  filled_value
    order_id
    130000000001  buy    0.02           0.02     1499.5176
    """
    params = finished_params(market, side, _FUTURES)
    return listed(futures_finished_orders, params, start=start, end=end, numbers=numbers, session=session)


@route(
    "GET /futures/user-deals",
    FuturesUserDeal,
    docs="futures/deal/http/list-user-deals",
    pace="futures_history",
    needs="read",
    paged=True,
)
def futures_user_deals(
    market: Names | None = None,
    *,
    side: BuySell | None = None,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the own trades, oldest first, as many requests as it takes.

    Without a start from the first one; without an end to the last one.

    Parameters
    ----------
    market : str or iterable of str, optional
        One market, several, or None for all; the exchange is asked for one at a time. Of all, the markets are
        found from orders and positions.

    Examples
    --------
    >>> made = cx.futures_place_order("BTCUSDT", "buy", "market", "0.02")
    >>> cx.futures_user_deals("BTCUSDT")[["side", "price", "amount", "role", "fee", "fee_ccy"]]
                              side     price  amount   role       fee fee_ccy
    created_at
    2026-06-01 12:00:00+00:00  buy  74975.88    0.02  taker  0.749759    USDT
    """
    asked = _FUTURES | {"side": side}
    found = Markets(_LISTS, _FUTURES)
    return deals(futures_user_deals, market, asked, found, start=start, end=end, numbers=numbers, session=session)


@route(
    "GET /futures/order-deals",
    FuturesUserDeal,
    docs="futures/deal/http/list-user-order-deals",
    pace="futures_history",
    needs="read",
    paged=True,
)
def futures_order_deals(
    market: str,
    order_id: int | str,
    *,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the trades that filled one order, oldest first.

    Examples
    --------
    >>> made = cx.futures_place_order("BTCUSDT", "buy", "market", "0.02")
    >>> cx.futures_order_deals("BTCUSDT", made.index[0])[["deal_id", "price", "amount", "role"]]
                                    deal_id     price  amount   role
    created_at
    2026-06-01 12:00:00+00:00  130000000002  74975.88    0.02  taker
    """
    return deals_of_order(futures_order_deals, market, order_id, _FUTURES, numbers=numbers, session=session)
