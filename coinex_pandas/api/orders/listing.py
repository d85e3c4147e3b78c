"""Own orders as lists: the open and the finished ones, plain and stop orders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from coinex_pandas.api.calls.arguments import one_name, optional, word
from coinex_pandas.api.calls.call import Call
from coinex_pandas.api.calls.history import listed
from coinex_pandas.api.calls.paging import PAGE
from coinex_pandas.api.orders.order_request import (
    FUTURES,
    BuySell,
    SpotOrMargin,
    needs_market,
    side_of,
    spot_or_margin,
)
from coinex_pandas.http.route import route
from coinex_pandas.http.session import Session
from coinex_pandas.tables.kinds import Numbers
from coinex_pandas.tables.rows.order import FuturesOrder, FuturesStopOrder, SpotOrder, SpotStopOrder
from coinex_pandas.tables.times import TimeLike

__all__ = [
    "futures_finished_orders",
    "futures_finished_stop_orders",
    "futures_pending_orders",
    "futures_pending_stop_orders",
    "spot_finished_orders",
    "spot_finished_stop_orders",
    "spot_pending_orders",
    "spot_pending_stop_orders",
]


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

    Orders that are placed or cancelled while the list is read hide no other.

    Parameters
    ----------
    client_id : str, optional
        Only those that were placed with it.

    Examples
    --------
    >>> order = cx.spot_place_order("BTCUSDT", "buy", "limit", "0.02", "60000", client_id="my-order_1")
    >>> cx.spot_pending_orders("BTCUSDT")[["side", "price", "amount", "unfilled_amount", "client_id"]]
                 side    price  amount  unfilled_amount   client_id
    order_id
    130000000001  buy  60000.0    0.02             0.02  my-order_1
    """
    params = _pending_params(market, side, client_id, {"market_type": spot_or_margin(market_type)})
    return _whole_list(Call(spot_pending_orders, numbers, session), params)


@route("GET /futures/pending-order", FuturesOrder, like=spot_pending_orders)
def futures_pending_orders(
    market: str | None = None,
    *,
    side: BuySell | None = None,
    client_id: str | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the open orders, oldest first, as many requests as it takes."""
    params = _pending_params(market, side, client_id, FUTURES)
    return _whole_list(Call(futures_pending_orders, numbers, session), params)


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
    no order that was cancelled without a fill. It takes no range of time: the list is read from the newest on.

    Examples
    --------
    >>> order = cx.spot_place_order("BTCUSDT", "buy", "market", "0.02", ccy="BTC")
    >>> cx.spot_finished_orders("BTCUSDT")[["side", "amount", "filled_amount", "filled_value"]]
                 side  amount  filled_amount  filled_value
    order_id
    130000000001  buy    0.02           0.02      1500.203
    """
    params = _finished_params(market, side, {"market_type": spot_or_margin(market_type)})
    return _whole_list(Call(spot_finished_orders, numbers, session), params, start, end)


@route("GET /futures/finished-order", FuturesOrder, like=spot_finished_orders)
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

    Examples
    --------
    >>> order = cx.futures_place_order("BTCUSDT", "buy", "market", "0.02")
    >>> cx.futures_finished_orders("BTCUSDT")[["side", "amount", "filled_amount", "filled_value"]]
                 side  amount  filled_amount  filled_value
    order_id
    130000000001  buy    0.02           0.02     1499.5176
    """
    params = _finished_params(market, side, FUTURES)
    return _whole_list(Call(futures_finished_orders, numbers, session), params, start, end)


@route(
    "GET /spot/pending-stop-order",
    SpotStopOrder,
    docs="spot/order/http/list-pending-stop-order",
    pace="spot_query",
    needs="read",
    paged=True,
)
def spot_pending_stop_orders(
    market: str | None = None,
    *,
    side: BuySell | None = None,
    client_id: str | None = None,
    market_type: SpotOrMargin = "SPOT",
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the stop orders that wait for their price, oldest first, as many requests as it takes.

    Parameters
    ----------
    client_id : str, optional
        Only those that were placed with it.

    Examples
    --------
    >>> stop = cx.spot_place_stop_order("BTCUSDT", "sell", "market", "0.02", trigger_price="65000", ccy="BTC")
    >>> cx.spot_pending_stop_orders("BTCUSDT")[["side", "type", "amount", "trigger_price", "trigger_direction"]]
                  side    type  amount  trigger_price trigger_direction
    stop_id
    130000000001  sell  market    0.02        65000.0             lower
    """
    params = _pending_params(market, side, client_id, {"market_type": spot_or_margin(market_type)})
    return _whole_list(Call(spot_pending_stop_orders, numbers, session), params)


@route("GET /futures/pending-stop-order", FuturesStopOrder, like=spot_pending_stop_orders)
def futures_pending_stop_orders(
    market: str | None = None,
    *,
    side: BuySell | None = None,
    client_id: str | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the stop orders that wait for their price, oldest first, as many requests as it takes.

    Examples
    --------
    >>> stop = cx.futures_place_stop_order(
    ...     "BTCUSDT", "sell", "market", "0.02", trigger_price="65000", trigger_price_type="mark_price"
    ... )
    >>> cx.futures_pending_stop_orders("BTCUSDT")[["side", "type", "amount", "trigger_price", "trigger_direction"]]
                  side    type  amount  trigger_price trigger_direction
    stop_id
    130000000001  sell  market    0.02        65000.0             lower
    """
    params = _pending_params(market, side, client_id, FUTURES)
    return _whole_list(Call(futures_pending_stop_orders, numbers, session), params)


@route(
    "GET /spot/finished-stop-order",
    SpotStopOrder,
    docs="spot/order/http/list-finished-stop-order",
    pace="spot_history",
    needs="read",
    paged=True,
)
def spot_finished_stop_orders(
    market: str | None = None,
    *,
    side: BuySell | None = None,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    market_type: SpotOrMargin = "SPOT",
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the stop orders that fired or were cancelled, oldest first, as many requests as it takes.

    Without a start from the first one; without an end to the last one; both mean ``created_at``. Whether a stop order
    fired or was cancelled only ``status`` says, where the exchange sends it.

    Examples
    --------
    >>> stop = cx.spot_place_stop_order("BTCUSDT", "sell", "market", "0.02", trigger_price="65000", ccy="BTC")
    >>> stop = cx.spot_cancel_stop_order("BTCUSDT", stop.index[0])
    >>> cx.spot_finished_stop_orders("BTCUSDT")[["side", "amount", "trigger_price"]]
                  side  amount  trigger_price
    stop_id
    130000000001  sell    0.02        65000.0
    """
    params = _finished_params(market, side, {"market_type": spot_or_margin(market_type)})
    return _whole_list(Call(spot_finished_stop_orders, numbers, session), params, start, end)


@route("GET /futures/finished-stop-order", FuturesStopOrder, like=spot_finished_stop_orders)
def futures_finished_stop_orders(
    market: str | None = None,
    *,
    side: BuySell | None = None,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the stop orders that fired or were cancelled, oldest first, as many requests as it takes.

    Examples
    --------
    >>> stop = cx.futures_place_stop_order(
    ...     "BTCUSDT", "sell", "market", "0.02", trigger_price="65000", trigger_price_type="mark_price"
    ... )
    >>> stop = cx.futures_cancel_stop_order("BTCUSDT", stop.index[0])
    >>> cx.futures_finished_stop_orders("BTCUSDT")[["side", "amount", "trigger_price"]]
                  side  amount  trigger_price
    stop_id
    130000000001  sell    0.02        65000.0
    """
    params = _finished_params(market, side, FUTURES)
    return _whole_list(Call(futures_finished_stop_orders, numbers, session), params, start, end)


def _pending_params(
    market: str | None, side: str | None, client_id: str | None, common: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the parameters of a list of open orders."""
    name = optional(word, client_id, "client_id")
    return _finished_params(market, side, common) | {"client_id": name}


def _finished_params(market: str | None, side: str | None, common: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a list of finished orders."""
    needs_market(market, common)
    name = optional(one_name, market, "market")
    return {"market": name, **common, "side": side_of(side)}


def _whole_list(
    call: Call, params: Mapping[str, Any], start: TimeLike | None = None, end: TimeLike | None = None
) -> pd.DataFrame:
    """Return a list of orders or stop orders whole; its endpoint takes pages only, so times are compared here."""
    return listed(call, params, start=start, end=end, limit=PAGE)
