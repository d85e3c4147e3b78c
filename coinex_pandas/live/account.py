"""The channels of one's own account as functions, each of which returns a `PrivateStream`.

>>> with cx.live.spot_orders() as orders:
...     open_orders = orders.latest[orders.latest["event"] != "finish"]

Each begins with the state, requested over HTTP, continues with the events, and requests the state again whenever
something may have been missed: rows that come from HTTP have the event ``snapshot``. A session with a key is needed;
its key never shows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from coinex_pandas.api.calls.arguments import Names
from coinex_pandas.errors import InvalidArgument, KeyNeeded
from coinex_pandas.errors.quoting import short_repr
from coinex_pandas.http.session import Session, current
from coinex_pandas.live.account_stream import PrivateStream
from coinex_pandas.live.channel import Private, channel, channel_of, distinct
from coinex_pandas.live.retention import Keep
from coinex_pandas.live.stream import require_sockets
from coinex_pandas.tables.rows.account_push import (
    FINISH,
    FuturesBalancePush,
    FuturesOrderPush,
    FuturesStopPush,
    Notice,
    PositionPush,
    SpotBalancePush,
    SpotOrderPush,
    SpotStopPush,
)
from coinex_pandas.tables.rows.order import FuturesUserDeal, SpotUserDeal

__all__ = [
    "futures_balances",
    "futures_notices",
    "futures_orders",
    "futures_positions",
    "futures_stops",
    "futures_user_deals",
    "spot_balances",
    "spot_notices",
    "spot_orders",
    "spot_stops",
    "spot_user_deals",
]

Account = Literal["SPOT", "MARGIN"]

_ORDER = Private(("order_id",), inside="order", ends=frozenset({FINISH}))
_STOP = Private(("stop_id",), inside="stop", ends=frozenset({"active", "cancel", FINISH}))
_DEAL = Private(("market", "deal_id", "order_id"))
_POSITION = Private(("position_id",), inside="position", ends=frozenset({"close", "sys_close", "liq", FINISH}))
_SPOT_BALANCE = Private(("margin_market", "ccy"), by="ccy", inside="balance_list", selector="ccy_list")
_FUTURES_BALANCE = Private(("ccy",), by="ccy", inside="balance_list", selector="ccy_list")
_NOTICE = Private(("started_at",), by="", inside="info", selector="channels")


@channel("order", SpotOrderPush, docs="spot/order/ws/user-order", private=_ORDER)
def spot_orders(
    *markets: Names,
    market_type: Account = "SPOT",
    keep: Keep | None = None,
    reconnect: bool = True,
    session: Session | None = None,
) -> PrivateStream:
    """Return a stream of one's orders on spot: those that are open, and each event from then on.

    Orders that have ended within the last seconds can be among the first rows. An order that was open before a loss of
    the connection, and that the exchange does not know after it, was cancelled without a fill: it gets a row with the
    event ``finish`` and its last known values. One that was placed and cancelled without a fill while there was no
    connection leaves no trace.

    Examples
    --------
    >>> with cx.live.spot_orders("BTCUSDT") as stream:
    ...     order = cx.spot_place_order("BTCUSDT", "buy", "limit", amount="0.001", price="20000")
    ...     stream.wait(rows=1, seconds=10).latest.loc[order.index[0], "status"]
    'open'
    """
    return _stream(spot_orders, markets, session, market_type, keep=keep, reconnect=reconnect)


@channel("order", FuturesOrderPush, docs="futures/order/ws/user-order", private=_ORDER)
def futures_orders(
    *markets: Names,
    keep: Keep | None = None,
    reconnect: bool = True,
    session: Session | None = None,
) -> PrivateStream:
    """Return a stream of one's orders on futures: those that are open, and each event after; see ``spot_orders``.

    Examples
    --------
    >>> with cx.live.futures_orders() as stream:
    ...     order = cx.futures_place_order("BTCUSDT", "buy", "limit", amount="0.001", price="20000")
    ...     stream.wait(rows=1, seconds=10).latest.loc[order.index[0], "side"]
    'buy'
    """
    return _stream(futures_orders, markets, session, keep=keep, reconnect=reconnect)


@channel("stop", SpotStopPush, docs="spot/order/ws/user-stop-order", private=_STOP)
def spot_stops(
    *markets: Names,
    market_type: Account = "SPOT",
    keep: Keep | None = None,
    reconnect: bool = True,
    session: Session | None = None,
) -> PrivateStream:
    """Return a stream of one's stop orders on spot: those that wait, and each event from then on.

    The exchange does not say what became of one that was gone after a loss of the connection: its event is then
    ``finish``, instead of ``active`` or ``cancel``, and its status is missing.

    Examples
    --------
    >>> with cx.live.spot_stops() as stream:
    ...     stop = {"amount": "0.001", "trigger_price": "20000", "price": "19900"}
    ...     order = cx.spot_place_stop_order("BTCUSDT", "sell", "limit", **stop)
    ...     stream.wait(rows=1, seconds=10).latest["trigger_price"].item()
    20000.0
    """
    return _stream(spot_stops, markets, session, market_type, keep=keep, reconnect=reconnect)


@channel("stop", FuturesStopPush, docs="futures/order/ws/user-stop-order", private=_STOP)
def futures_stops(
    *markets: Names,
    keep: Keep | None = None,
    reconnect: bool = True,
    session: Session | None = None,
) -> PrivateStream:
    """Return a stream of one's stop orders on futures: those that wait, and each event after; see ``spot_stops``.

    Examples
    --------
    >>> with cx.live.futures_stops("BTCUSDT") as stream:
    ...     stop = {"amount": "0.001", "trigger_price": "20000", "trigger_price_type": "mark_price"}
    ...     order = cx.futures_place_stop_order("BTCUSDT", "sell", "market", **stop)
    ...     stream.wait(rows=1, seconds=10).latest["trigger_price"].item()
    20000.0
    """
    return _stream(futures_stops, markets, session, keep=keep, reconnect=reconnect)


@channel("user_deals", SpotUserDeal, docs="spot/deal/ws/user-deals", private=_DEAL)
def spot_user_deals(
    *markets: Names,
    market_type: Account = "SPOT",
    keep: Keep | None = None,
    reconnect: bool = True,
    session: Session | None = None,
) -> PrivateStream:
    """Return a stream of one's own trades on spot from now on, each once, in the order of their times.

    Trades that were missed before the subscription, or while the connection was gone, are requested over HTTP and
    inserted in their place; trades of the last seconds before the stream started can be among them. The exchange lists
    margin trades by market only: name the markets.

    Examples
    --------
    >>> with cx.live.spot_user_deals() as stream:
    ...     order = cx.spot_place_order("BTCUSDT", "buy", "market", amount="0.001", ccy="BTC")
    ...     stream.wait(rows=1, seconds=10).df["side"].iloc[0]
    'buy'
    """
    return _stream(spot_user_deals, markets, session, market_type, keep=keep, reconnect=reconnect)


@channel("user_deals", FuturesUserDeal, docs="futures/deal/ws/user-deals", private=_DEAL)
def futures_user_deals(
    *markets: Names,
    keep: Keep | None = None,
    reconnect: bool = True,
    session: Session | None = None,
) -> PrivateStream:
    """Return a stream of one's own trades on futures from now on, each once; see ``spot_user_deals``.

    Examples
    --------
    >>> with cx.live.futures_user_deals("BTCUSDT") as stream:
    ...     order = cx.futures_place_order("BTCUSDT", "buy", "market", amount="0.001")
    ...     stream.wait(rows=1, seconds=10).df["role"].iloc[0]
    'taker'
    """
    return _stream(futures_user_deals, markets, session, keep=keep, reconnect=reconnect)


@channel("balance", SpotBalancePush, docs="assets/balance/ws/spot_balance", private=_SPOT_BALANCE)
def spot_balances(
    *currencies: Names,
    market_type: Account = "SPOT",
    keep: Keep | None = None,
    reconnect: bool = True,
    session: Session | None = None,
) -> PrivateStream:
    """Return a stream of what one holds on spot: all balances, and each change from then on.

    With ``market_type="MARGIN"`` it is the margin accounts' balances, a row for each account and currency.

    Examples
    --------
    >>> with cx.live.spot_balances("USDT") as stream:
    ...     stream.wait(rows=1, seconds=10).latest.loc["USDT", "available"].item()
    100000.0
    """
    return _stream(spot_balances, currencies, session, market_type, keep=keep, reconnect=reconnect)


@channel("balance", FuturesBalancePush, docs="assets/balance/ws/futures_balance", private=_FUTURES_BALANCE)
def futures_balances(
    *currencies: Names,
    keep: Keep | None = None,
    reconnect: bool = True,
    session: Session | None = None,
) -> PrivateStream:
    """Return a stream of what one holds on futures: all balances, and each change from then on.

    Examples
    --------
    >>> with cx.live.futures_balances() as stream:
    ...     stream.wait(rows=1, seconds=10).latest.loc["USDT", "available"].item()
    50000.0
    """
    return _stream(futures_balances, currencies, session, keep=keep, reconnect=reconnect)


@channel("position", PositionPush, docs="futures/position/ws/user-position", private=_POSITION)
def futures_positions(
    *markets: Names,
    keep: Keep | None = None,
    reconnect: bool = True,
    session: Session | None = None,
) -> PrivateStream:
    """Return a stream of one's futures positions: those that are open, and each event from then on.

    Nothing is sent when the mark price moves: ``unrealized_pnl`` and what depends on it are as of the event.

    Examples
    --------
    >>> with cx.live.futures_positions() as stream:
    ...     order = cx.futures_place_order("BTCUSDT", "buy", "market", amount="0.001")
    ...     stream.wait(rows=1, seconds=10).latest["side"].iloc[0]
    'long'
    """
    return _stream(futures_positions, markets, session, keep=keep, reconnect=reconnect)


@channel("notice", Notice, docs="common/ws/notice", private=_NOTICE)
def spot_notices(*, keep: Keep | None = None, reconnect: bool = True, session: Session | None = None) -> PrivateStream:
    """Return a stream of planned maintenances: those that are known, and each that is announced from then on.

    Examples
    --------
    >>> with cx.live.spot_notices() as stream:
    ...     (stream.wait(rows=1, seconds=10).df["ended_at"] > stream.df["started_at"]).all().item()
    True
    """
    return _stream(spot_notices, (), session, keep=keep, reconnect=reconnect)


@channel("notice", Notice, docs="common/ws/notice", private=_NOTICE)
def futures_notices(
    *, keep: Keep | None = None, reconnect: bool = True, session: Session | None = None
) -> PrivateStream:
    """Return a stream of planned maintenances, as the futures socket announces them; see ``spot_notices``.

    Examples
    --------
    >>> with cx.live.futures_notices() as stream:
    ...     stream.wait(rows=1, seconds=10).df["event"].iloc[0]
    'snapshot'
    """
    return _stream(futures_notices, (), session, keep=keep, reconnect=reconnect)


def _stream(
    function: Callable[..., PrivateStream],
    names: tuple[Names, ...],
    session: Session | None,
    market_type: str = "",
    **settings: Any,
) -> PrivateStream:
    """Return a stream of some markets or currencies, or of all."""
    channel, where = channel_of(function), current(session)
    chosen = distinct(names, "currencies" if channel.private is not None and channel.private.by == "ccy" else "markets")
    _require_key(channel.endpoint, where)
    if not isinstance(market_type, str) or market_type not in ("SPOT", "MARGIN", ""):
        raise InvalidArgument(f"market_type is 'SPOT' or 'MARGIN', not {short_repr(market_type)}")
    if market_type == "MARGIN" and not chosen and channel.method in ("order", "stop"):
        raise InvalidArgument(f"{channel.name}: margin orders are listed by market only: name the markets")
    require_sockets(where)
    return PrivateStream(channel, chosen, where, market_type=market_type or channel.area.upper(), **settings)


def _require_key(endpoint: str, session: Session) -> None:
    from coinex_pandas.http.signed_session import SignedSession

    if not isinstance(session, SignedSession):
        raise KeyNeeded(
            f"{endpoint} is private and {session!r} has no key; use a session that has one: "
            "cx.use(cx.SignedSession.from_env()) reads COINEX_ACCESS_ID and COINEX_SECRET_KEY",
            endpoint=endpoint,
        )
