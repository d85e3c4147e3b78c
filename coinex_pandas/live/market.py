"""The public channels as functions, each of which returns a `Stream`, or a `Book` for order books.

A function is one `Channel`: the decorator notes it, completes the docstring, and returns the same function. The two at
the end make the streams; without markets a stream has all that the exchange lists.
"""

from __future__ import annotations

from typing import Any

from coinex_pandas.api.calls.arguments import Names, book_shape, flag, one_name
from coinex_pandas.api.market.markets import futures_markets, spot_markets
from coinex_pandas.http.session import Session, current
from coinex_pandas.live.book import Book
from coinex_pandas.live.channel import channel, channel_of, distinct
from coinex_pandas.live.retention import Keep
from coinex_pandas.live.stream import Stream, require_sockets
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

    The first rows are the recent trades that the exchange sends at first. The trades of one market are in the order of
    their ids, those of several markets in the order of their arrival. Trades that were missed while the connection was
    gone are requested over HTTP and inserted before all that is newer.

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

    The sources of an index are available over HTTP only.

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
        Whether the exchange sends the whole book each time, instead of what changed.

    Examples
    --------
    >>> with cx.live.spot_depth("BTCUSDT", limit=10) as book:
    ...     (book.wait(rows=1, seconds=30).state, book.spread > 0)
    ('live', True)
    """
    settings = {"keep": keep, "stale_after": stale_after, "reconnect": reconnect}
    return _book(spot_depth, market, (*book_shape(limit, interval), flag(full, "full")), session, settings)


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
    """Return the live order book of a futures market: ``df`` is the verified current book, ``history`` its top so far.

    Parameters
    ----------
    limit : {5, 10, 20, 50}, default 50
        Levels per side.
    interval : str or float, default "0"
        The price step that levels are merged to, a power of ten; 0 merges nothing.
    full : bool, default False
        Whether the exchange sends the whole book each time, instead of what changed.

    Examples
    --------
    >>> with cx.live.futures_depth("BTCUSDT", limit=50) as book:
    ...     (book.wait(rows=1, seconds=30).state, book.spread > 0)
    ('live', True)
    """
    settings = {"keep": keep, "stale_after": stale_after, "reconnect": reconnect}
    return _book(futures_depth, market, (*book_shape(limit, interval), flag(full, "full")), session, settings)


def _stream(function: Any, names: tuple[Names, ...], session: Session | None, **settings: Any) -> Stream:
    """Return a stream of markets; without any, of all that the exchange lists now."""
    channel, where = channel_of(function), current(session)
    markets = distinct(names, "markets")
    if not markets:
        listing = {"spot": spot_markets, "futures": futures_markets}[channel.area]
        markets = tuple(listing(session=where).index)
    require_sockets(where)
    return Stream(channel, markets, where, **settings)


def _book(
    function: Any, market: str, shape: tuple[int, str, bool], session: Session | None, settings: dict[str, Any]
) -> Book:
    where = current(session)
    require_sockets(where)
    return Book(channel_of(function), one_name(market, "market"), shape, where, **settings)
