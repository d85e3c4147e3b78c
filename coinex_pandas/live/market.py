"""The channels of the sockets as functions: each returns at once a `Stream` (or `Book`) that grows in the background.

>>> deals = cx.live.futures_deals("BTCUSDT", "ETHUSDT").wait(rows=10)
>>> frame = deals.df
>>> view = deals.watch()

Nouns, row classes and columns are those of the functions that ask over HTTP. Beside them a stream's table has
``market`` and ``received_at``; where a push carries no time of its own, ``received_at`` is the index.

The channels of one's own account (orders, deals, balances, positions) need a `SignedSession`; see ``live_private.py``.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from coinex_pandas.api.calls.arguments import Names, names_of, one_name
from coinex_pandas.api.market import book_and_trades as twins
from coinex_pandas.api.market import markets as futures
from coinex_pandas.api.market import markets as spot
from coinex_pandas.http.session import Session, current
from coinex_pandas.live.book import Book
from coinex_pandas.live.channel import channel, channel_of
from coinex_pandas.live.stream import Stream, check
from coinex_pandas.tables.rows.book import BookLevel, BookTop
from coinex_pandas.tables.rows.market import Deal, SpotTicker
from coinex_pandas.tables.rows.push import BestPrices, FuturesIndex, FuturesState, PremiumPush, SpotIndex

__all__ = [
    "futures_bbo",
    "futures_deals",
    "futures_depth",
    "futures_index_prices",
    "futures_premium_index",
    "futures_tickers",
    "spot_bbo",
    "spot_deals",
    "spot_depth",
    "spot_index_prices",
    "spot_tickers",
]


Keep = int | str | pd.Timedelta


@channel("state", SpotTicker, docs="spot/market/ws/market", rhythm=15, still=60)
def spot_tickers(
    *markets: Names,
    keep: Keep | None = None,
    stale_after: float | None = None,
    reconnect: bool = True,
    session: Session | None = None,
) -> Stream:
    """Return a stream of the last 24 hours of spot markets: a row whenever a market's figures were sent.

    Examples
    --------
    >>> with cx.live.spot_tickers("BTCUSDT") as stream:
    ...     stream.wait(rows=1, seconds=30).latest.index.to_list()
    ['BTCUSDT']
    """
    return _stream(spot_tickers, markets, session, keep=keep, stale_after=stale_after, reconnect=reconnect)


@channel("state", FuturesState, docs="futures/market/ws/market-state", rhythm=15, still=60)
def futures_tickers(
    *markets: Names,
    keep: Keep | None = None,
    stale_after: float | None = None,
    reconnect: bool = True,
    session: Session | None = None,
) -> Stream:
    """Return a stream of the last 24 hours of futures markets and their funding: a row whenever they were sent.

    Examples
    --------
    >>> with cx.live.futures_tickers("BTCUSDT", "ETHUSDT") as stream:
    ...     stream.wait(rows=2, seconds=30).latest["mark_price"].notna().all().item()
    True
    """
    return _stream(futures_tickers, markets, session, keep=keep, stale_after=stale_after, reconnect=reconnect)


@channel("deals", Deal, docs="spot/market/ws/market-deals", rhythm=60, still=300)
def spot_deals(
    *markets: Names,
    keep: Keep | None = None,
    stale_after: float | None = None,
    reconnect: bool = True,
    session: Session | None = None,
) -> Stream:
    """Return a stream of the trades of spot markets, each once; see ``futures_deals``.

    Examples
    --------
    >>> with cx.live.spot_deals("BTCUSDT") as stream:
    ...     stream.wait(rows=1, seconds=60).df["side"].isin(["buy", "sell"]).all().item()
    True
    """
    return _stream(spot_deals, markets, session, keep=keep, stale_after=stale_after, reconnect=reconnect)


@channel("deals", Deal, docs="futures/market/ws/market-deals", rhythm=60, still=300)
def futures_deals(
    *markets: Names,
    keep: Keep | None = None,
    stale_after: float | None = None,
    reconnect: bool = True,
    session: Session | None = None,
) -> Stream:
    """Return a stream of the trades of futures markets, each once.

    The first rows are the recent trades that the exchange sends to begin with. The trades of one market are in the
    order of their ids, those of several in the order in which they arrived. What was missed while the connection was
    gone is asked for over HTTP and put in its place before anything newer.

    Examples
    --------
    >>> with cx.live.futures_deals("BTCUSDT") as stream:
    ...     candles = stream.wait(rows=10, seconds=60).df["price"].resample("1s").ohlc().dropna()
    >>> list(candles)
    ['open', 'high', 'low', 'close']
    """
    return _stream(futures_deals, markets, session, keep=keep, stale_after=stale_after, reconnect=reconnect)


@channel("index", SpotIndex, docs="spot/market/ws/market-index", rhythm=20, still=60)
def spot_index_prices(
    *markets: Names,
    keep: Keep | None = None,
    stale_after: float | None = None,
    reconnect: bool = True,
    session: Session | None = None,
) -> Stream:
    """Return a stream of the index prices of spot markets, about every five seconds.

    The sources of an index are told over HTTP only.

    Examples
    --------
    >>> with cx.live.spot_index_prices("BTCUSDT") as stream:
    ...     (stream.wait(rows=1, seconds=30).df["index_price"] > 0).all().item()
    True
    """
    return _stream(spot_index_prices, markets, session, keep=keep, stale_after=stale_after, reconnect=reconnect)


@channel("index", FuturesIndex, docs="futures/market/ws/market-index", rhythm=20, still=60)
def futures_index_prices(
    *markets: Names,
    keep: Keep | None = None,
    stale_after: float | None = None,
    reconnect: bool = True,
    session: Session | None = None,
) -> Stream:
    """Return a stream of index and mark prices of futures markets, about every five seconds.

    Examples
    --------
    >>> with cx.live.futures_index_prices("BTCUSDT") as stream:
    ...     list(stream.wait(rows=1, seconds=30).df)
    ['market', 'index_price', 'mark_price']
    """
    return _stream(futures_index_prices, markets, session, keep=keep, stale_after=stale_after, reconnect=reconnect)


@channel("bbo", BestPrices, docs="spot/market/ws/market-bbo", rhythm=60, still=120)
def spot_bbo(
    *markets: Names,
    keep: Keep | None = None,
    stale_after: float | None = None,
    reconnect: bool = True,
    session: Session | None = None,
) -> Stream:
    """Return a stream of best bid and best ask of spot markets, a row at each change.

    Examples
    --------
    >>> with cx.live.spot_bbo("BTCUSDT") as stream:
    ...     (stream.wait(rows=1, seconds=60).df.eval("best_ask_price > best_bid_price")).all().item()
    True
    """
    return _stream(spot_bbo, markets, session, keep=keep, stale_after=stale_after, reconnect=reconnect)


@channel("bbo", BestPrices, docs="futures/market/ws/market-bbo", rhythm=60, still=120)
def futures_bbo(
    *markets: Names,
    keep: Keep | None = None,
    stale_after: float | None = None,
    reconnect: bool = True,
    session: Session | None = None,
) -> Stream:
    """Return a stream of best bid and best ask of futures markets, a row at each change.

    Examples
    --------
    >>> with cx.live.futures_bbo("BTCUSDT") as stream:
    ...     (stream.wait(rows=1, seconds=60).df.eval("best_ask_price > best_bid_price")).all().item()
    True
    """
    return _stream(futures_bbo, markets, session, keep=keep, stale_after=stale_after, reconnect=reconnect)


@channel("premium", PremiumPush, docs="futures/market/ws/market-premium", rhythm=60, still=120)
def futures_premium_index(
    *markets: Names,
    keep: Keep | None = None,
    stale_after: float | None = None,
    reconnect: bool = True,
    session: Session | None = None,
) -> Stream:
    """Return a stream of the premium of futures markets over their index, which the funding rate is computed from.

    Examples
    --------
    >>> with cx.live.futures_premium_index("BTCUSDT") as stream:
    ...     stream.wait(rows=1, seconds=90).df["premium_index"].notna().all().item()
    True
    """
    return _stream(futures_premium_index, markets, session, keep=keep, stale_after=stale_after, reconnect=reconnect)


@channel("depth", BookTop, docs="spot/market/ws/market-depth", rhythm=10, still=90, table=BookLevel)
def spot_depth(
    market: str,
    *,
    limit: int = 50,
    interval: str | float = "0",
    full: bool = False,
    keep: Keep | None = None,
    stale_after: float | None = None,
    reconnect: bool = True,
    session: Session | None = None,
) -> Book:
    """Return the live order book of a spot market; see ``futures_depth``.

    Parameters
    ----------
    limit : {5, 10, 20, 50}, default 50
        Levels per side.
    interval : str or float, default "0"
        The price step that levels are merged to, a power of ten; 0 merges nothing.
    full : bool, default False
        Have the exchange send the whole book each time instead of what changed.

    Examples
    --------
    >>> with cx.live.spot_depth("BTCUSDT", limit=10) as book:
    ...     (book.wait(rows=1, seconds=30).state, book.spread > 0)
    ('live', True)
    """
    settings = {"keep": keep, "stale_after": stale_after, "reconnect": reconnect}
    return _book(spot_depth, market, (*twins.book_shape(limit, interval), bool(full)), session, settings)


@channel("depth", BookTop, docs="futures/market/ws/market-depth", rhythm=10, still=90, table=BookLevel)
def futures_depth(
    market: str,
    *,
    limit: int = 50,
    interval: str | float = "0",
    full: bool = False,
    keep: Keep | None = None,
    stale_after: float | None = None,
    reconnect: bool = True,
    session: Session | None = None,
) -> Book:
    """Return the live order book of a futures market: ``df`` is the checked book of now, ``history`` its top so far.

    Parameters
    ----------
    limit : {5, 10, 20, 50}, default 50
        Levels per side.
    interval : str or float, default "0"
        The price step that levels are merged to, a power of ten; 0 merges nothing.
    full : bool, default False
        Have the exchange send the whole book each time instead of what changed.

    Examples
    --------
    >>> with cx.live.futures_depth("BTCUSDT", limit=50) as book:
    ...     (book.wait(rows=1, seconds=30).state, book.spread > 0)
    ('live', True)
    """
    settings = {"keep": keep, "stale_after": stale_after, "reconnect": reconnect}
    return _book(futures_depth, market, (*twins.book_shape(limit, interval), bool(full)), session, settings)


def _stream(function: Any, markets: tuple[Names, ...], session: Session | None, **settings: Any) -> Stream:
    """Return a stream of markets; without any, of all that the exchange lists now."""
    where = current(session)
    known = channel_of(function)
    named = [name for given in markets for name in names_of(given, "markets") or ()]
    if not named:
        every = {"spot": spot.spot_markets, "futures": futures.futures_markets}[known.area]
        named = list(every(session=where).index)
    check(where)
    return Stream(known, tuple(dict.fromkeys(named)), where, **settings)


def _book(
    function: Any, market: str, shape: tuple[int, str, bool], session: Session | None, settings: dict[str, Any]
) -> Book:
    where = current(session)
    check(where)
    return Book(channel_of(function), one_name(market, "market"), shape, where, **settings)
