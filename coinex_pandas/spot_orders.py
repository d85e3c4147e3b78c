"""Own spot orders and deals, to read: one or many by id, open and finished ones, what was traded."""

from __future__ import annotations

import pandas as pd

from coinex_pandas.answers import Names
from coinex_pandas.options import Numbers
from coinex_pandas.orders import Ids, by_id, by_ids, deals, deals_of_order, finished_params, listed, pending_params
from coinex_pandas.placing import BuySell, SpotOrMargin, spot_or_margin
from coinex_pandas.route import route
from coinex_pandas.rows.order import SpotOrder, SpotOrderItem, SpotUserDeal
from coinex_pandas.session import Session
from coinex_pandas.times import TimeLike
from coinex_pandas.traded import Markets

__all__ = [
    "spot_finished_orders",
    "spot_order_deals",
    "spot_order_status",
    "spot_order_statuses",
    "spot_pending_orders",
    "spot_user_deals",
]

_SPOT_MARKETS = Markets(("spot_finished_orders", "spot_pending_orders"), {"market_type": "SPOT"}, by_currency=True)
_MARGIN_MARKETS = Markets((), {}, all_of="is_margin_available")  # orders on margin are told of one market at a time


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
    >>> made = cx.spot_place_order("BTCUSDT", "buy", "limit", "0.02", "60000")
    >>> cx.spot_order_status("BTCUSDT", made.index[0])[["side", "type", "amount", "unfilled_amount", "status"]]
                 side   type  amount  unfilled_amount status
    order_id
    130000000001  buy  limit    0.02             0.02   open
    """
    return by_id(spot_order_status, market, order_id, numbers=numbers, session=session)


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
    """Return several orders of one market, a row for each id in the order asked; ten ids take a request.

    One that is not found has a code, a message and its id, and misses all else.

    Examples
    --------
    >>> made = cx.spot_place_order("BTCUSDT", "buy", "limit", "0.02", "60000")
    >>> cx.spot_order_statuses("BTCUSDT", [made.index[0], 1])[["code", "message", "order_id", "status"]]
       code          message      order_id status
    0     0               OK  130000000001   open
    1  3600  Order not found             1    NaN
    """
    return by_ids(spot_order_statuses, market, order_ids, numbers=numbers, session=session)


@route(
    "GET /spot/pending-order",
    SpotOrder,
    docs="spot/order/http/list-pending-order",
    pace="spot_query",
    needs="read",
    paged=True,
)
def spot_pending_orders(
    market: str | None = None,
    *,
    side: BuySell | None = None,
    client_id: str | None = None,
    market_type: SpotOrMargin = "SPOT",
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
    >>> made = cx.spot_place_order("BTCUSDT", "buy", "limit", "0.02", "60000", client_id="my-order_1")
    >>> cx.spot_pending_orders("BTCUSDT")[["side", "price", "amount", "unfilled_amount", "client_id"]]
                 side    price  amount  unfilled_amount   client_id
    order_id
    130000000001  buy  60000.0    0.02             0.02  my-order_1
    """
    params = pending_params(market, side, client_id, {"market_type": spot_or_margin(market_type)})
    return listed(spot_pending_orders, params, numbers=numbers, session=session)


@route(
    "GET /spot/finished-order",
    SpotOrder,
    docs="spot/order/http/list-finished-order",
    pace="spot_history",
    needs="read",
    paged=True,
)
def spot_finished_orders(
    market: str | None = None,
    *,
    side: BuySell | None = None,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    market_type: SpotOrMargin = "SPOT",
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the orders that were filled or cancelled, oldest first, as many requests as it takes.

    Without a start from the first one; without an end to the last one; both mean ``created_at``. The exchange keeps
    no order that was cancelled without a fill. It cannot be asked for a time: this reads from the newest on.

    Examples
    --------
    >>> made = cx.spot_place_order("BTCUSDT", "buy", "market", "0.02", ccy="BTC")
    >>> cx.spot_finished_orders("BTCUSDT")[["side", "amount", "filled_amount", "filled_value"]]
                 side  amount  filled_amount  filled_value
    order_id
    130000000001  buy    0.02           0.02      1500.203
    """
    params = finished_params(market, side, {"market_type": spot_or_margin(market_type)})
    return listed(spot_finished_orders, params, start=start, end=end, numbers=numbers, session=session)


@route(
    "GET /spot/user-deals",
    SpotUserDeal,
    docs="spot/deal/http/list-user-deals",
    pace="spot_history",
    needs="read",
    paged=True,
)
def spot_user_deals(
    market: Names | None = None,
    *,
    side: BuySell | None = None,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    market_type: SpotOrMargin = "SPOT",
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the own trades, oldest first, as many requests as it takes.

    Without a start from the first one; without an end to the last one.

    Parameters
    ----------
    market : str or iterable of str, optional
        One market, several, or None for all; the exchange is asked for one at a time. Of all, the markets are
        found from orders, and from the currencies that trades have moved; on margin all are asked.

    Examples
    --------
    >>> made = cx.spot_place_order("BTCUSDT", "buy", "market", "0.02", ccy="BTC")
    >>> cx.spot_user_deals("BTCUSDT")[["side", "price", "amount", "role", "fee", "fee_ccy"]]
                              side     price  amount   role      fee fee_ccy
    created_at
    2026-06-01 12:00:00+00:00  buy  75010.15    0.02  taker  0.00004     BTC
    """
    asked = {"market_type": spot_or_margin(market_type), "side": side}
    found = _MARGIN_MARKETS if asked["market_type"] == "MARGIN" else _SPOT_MARKETS
    return deals(spot_user_deals, market, asked, found, start=start, end=end, numbers=numbers, session=session)


@route(
    "GET /spot/order-deals",
    SpotUserDeal,
    docs="spot/deal/http/list-user-order-deals",
    pace="spot_history",
    needs="read",
    paged=True,
)
def spot_order_deals(
    market: str,
    order_id: int | str,
    *,
    market_type: SpotOrMargin = "SPOT",
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the trades that filled one order, oldest first.

    Examples
    --------
    >>> made = cx.spot_place_order("BTCUSDT", "buy", "market", "0.02", ccy="BTC")
    >>> cx.spot_order_deals("BTCUSDT", made.index[0])[["deal_id", "price", "amount", "role"]]
                                    deal_id     price  amount   role
    created_at
    2026-06-01 12:00:00+00:00  130000000002  75010.15    0.02  taker
    """
    return deals_of_order(
        spot_order_deals,
        market,
        order_id,
        {"market_type": spot_or_margin(market_type)},
        numbers=numbers,
        session=session,
    )
