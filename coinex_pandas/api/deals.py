"""Own deals: of one market, of one order, or of every market that the account has traded in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import pandas as pd

from coinex_pandas.api.calls.arguments import Names, names_of, one_name, whole_id
from coinex_pandas.api.calls.call import Call
from coinex_pandas.api.calls.history import FIRST, history
from coinex_pandas.api.calls.overlap import by_overlap
from coinex_pandas.api.calls.paging import FOREVER, Ask, Incomplete, by_keyset
from coinex_pandas.api.orders.listing import (
    futures_finished_orders,
    futures_pending_orders,
    spot_finished_orders,
    spot_pending_orders,
)
from coinex_pandas.api.orders.order_request import FUTURES, BuySell, SpotOrMargin, side_of, spot_or_margin
from coinex_pandas.api.positions.history import futures_finished_positions
from coinex_pandas.api.positions.listing import futures_positions
from coinex_pandas.api.traded_markets import Markets, traded_markets
from coinex_pandas.errors import MarketClosed, UnknownMarket
from coinex_pandas.http.route import route
from coinex_pandas.http.session import Session
from coinex_pandas.tables.kinds import Numbers
from coinex_pandas.tables.rows.order import FuturesUserDeal, SpotUserDeal
from coinex_pandas.tables.times import TimeLike, span

__all__ = ["futures_order_deals", "futures_user_deals", "spot_order_deals", "spot_user_deals"]


_SPOT_MARKETS = Markets((spot_finished_orders, spot_pending_orders), {"market_type": "SPOT"}, by_currency=True)
_MARGIN_MARKETS = Markets((), {}, all_of="is_margin_available")  # lists of margin orders take one market at a time
_FUTURES_MARKETS = Markets(
    (futures_finished_orders, futures_pending_orders, futures_finished_positions, futures_positions), FUTURES
)


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
    """Return your trades, oldest first, as many requests as it takes.

    Without a start from the first one; without an end to the last one. Where the exchange refuses a market because it
    is closed, the others come, ``attrs["coinex"]["complete"]`` is False, and an ``IncompleteWarning`` names it.

    Parameters
    ----------
    market : str or iterable of str, optional
        One market, several, or None for all; a request takes one of them. Which markets all are is read from orders and
        from the currencies that trades have moved; on margin every market is read.

    Examples
    --------
    >>> order = cx.spot_place_order("BTCUSDT", "buy", "market", "0.02", ccy="BTC")
    >>> cx.spot_user_deals("BTCUSDT")[["side", "price", "amount", "role", "fee", "fee_ccy"]]
                              side     price  amount   role      fee fee_ccy
    created_at
    2026-06-01 12:00:00+00:00  buy  75010.15    0.02  taker  0.00004     BTC
    """
    params = {"market_type": spot_or_margin(market_type), "side": side}
    sources = _MARGIN_MARKETS if params["market_type"] == "MARGIN" else _SPOT_MARKETS
    return _deals(Call(spot_user_deals, numbers, session), market, params, sources, start=start, end=end)


@route("GET /futures/user-deals", FuturesUserDeal, like=spot_user_deals)
def futures_user_deals(
    market: Names | None = None,
    *,
    side: BuySell | None = None,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return your trades, oldest first, as many requests as it takes.

    Parameters
    ----------
    market : str or iterable of str, optional
        One market, several, or None for all; a request takes one of them. Which markets all are is read from orders and
        positions.

    Examples
    --------
    >>> order = cx.futures_place_order("BTCUSDT", "buy", "market", "0.02")
    >>> cx.futures_user_deals("BTCUSDT")[["side", "price", "amount", "role", "fee", "fee_ccy"]]
                              side     price  amount   role       fee fee_ccy
    created_at
    2026-06-01 12:00:00+00:00  buy  74975.88    0.02  taker  0.749759    USDT
    """
    return _deals(
        Call(futures_user_deals, numbers, session),
        market,
        FUTURES | {"side": side},
        _FUTURES_MARKETS,
        start=start,
        end=end,
    )


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
    >>> order = cx.spot_place_order("BTCUSDT", "buy", "market", "0.02", ccy="BTC")
    >>> cx.spot_order_deals("BTCUSDT", order.index[0])[["deal_id", "price", "amount", "role"]]
                                    deal_id     price  amount   role
    created_at
    2026-06-01 12:00:00+00:00  130000000002  75010.15    0.02  taker
    """
    return _deals_of_order(
        Call(spot_order_deals, numbers, session), market, order_id, {"market_type": spot_or_margin(market_type)}
    )


@route("GET /futures/order-deals", FuturesUserDeal, like=spot_order_deals)
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
    >>> order = cx.futures_place_order("BTCUSDT", "buy", "market", "0.02")
    >>> cx.futures_order_deals("BTCUSDT", order.index[0])[["deal_id", "price", "amount", "role"]]
                                    deal_id     price  amount   role
    created_at
    2026-06-01 12:00:00+00:00  130000000002  74975.88    0.02  taker
    """
    return _deals_of_order(Call(futures_order_deals, numbers, session), market, order_id, FUTURES)


def _deals(
    call: Call,
    market: Names | None,
    params: Mapping[str, Any],
    sources: Markets,
    *,
    start: TimeLike | None,
    end: TimeLike | None,
) -> pd.DataFrame:
    """Return the own deals of some markets, or of all that can have any; the endpoint takes one market at a time."""
    names = names_of(market, "market")
    first, last = span(start, end)
    params = {**params, "side": side_of(params.get("side"))}
    params = {"market": names[0], **params} if names is not None and len(names) == 1 else params

    def pages(ask: Ask) -> Iterator[pd.DataFrame]:
        doubts: list[str] = []
        markets: Iterable[str] | None = names if names is not None else call.session.markets_in(call.route)
        if markets is None:
            markets = traded_markets(sources, call.session, first, last, doubts)
        yield from _deals_in(ask, markets, first, last, doubts, were_named=names is not None)
        if doubts:
            raise Incomplete("; ".join(doubts))

    return history(call, params, pages)


def _deals_in(
    ask: Ask, markets: Iterable[str], first: int | None, last: int | None, doubts: list[str], *, were_named: bool
) -> Iterator[pd.DataFrame]:
    """Yield the deals of markets; of one that cannot be read a doubt is collected, and the others are read as well."""
    start, end = max(first or 0, FIRST), FOREVER if last is None else last
    refusal: MarketClosed | None = None
    is_any_read = False
    for market in markets:
        try:
            yield from by_keyset(partial(ask, market=market), start, end, ("market", "deal_id"))
            is_any_read = True
        except Incomplete as reason:
            doubts.append(f"{market}: {reason}")
            is_any_read = True
        except MarketClosed as fault:
            doubts.append(f"{market} is closed: its deals were refused with code {fault.code} ({fault.message})")
            refusal = refusal or fault
        except UnknownMarket as fault:
            if were_named:
                raise
            doubts.append(f"{market}, where orders were found, is no longer known ({fault.message or fault.code})")
    if refusal is not None and not is_any_read:
        raise refusal


def _deals_of_order(call: Call, market: str, order_id: int | str, common: Mapping[str, Any]) -> pd.DataFrame:
    """Return the deals of one order."""
    params = {"market": one_name(market, "market"), **common, "order_id": whole_id(order_id, "order_id")}
    return history(call, params, lambda ask: by_overlap(ask, "deal_id"))
