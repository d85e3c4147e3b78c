"""Public spot data."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import pandas as pd

from coinex_pandas import twins
from coinex_pandas.answers import Names, listing
from coinex_pandas.options import Numbers
from coinex_pandas.route import route
from coinex_pandas.rows.book import BookLevel
from coinex_pandas.rows.market import Candle, Deal, IndexPrice, SpotMarket, SpotTicker
from coinex_pandas.session import Session
from coinex_pandas.times import TimeLike

__all__ = ["spot_deals", "spot_depth", "spot_index_prices", "spot_klines", "spot_markets", "spot_tickers"]


@route("GET /spot/market", SpotMarket, docs="spot/market/http/list-market")
def spot_markets(
    market: Names | None = None, *, numbers: Numbers | None = None, session: Session | None = None
) -> pd.DataFrame:
    """Return the spot markets and their rules, a row each.

    Examples
    --------
    >>> cx.spot_markets("BTCUSDT")[["base_ccy", "quote_ccy", "min_amount"]]
            base_ccy quote_ccy  min_amount
    market
    BTCUSDT      BTC      USDT    0.000001
    """
    return listing(spot_markets, market, numbers=numbers, session=session)


@route("GET /spot/ticker", SpotTicker, docs="spot/market/http/list-market-ticker")
def spot_tickers(
    market: Names | None = None, *, numbers: Numbers | None = None, session: Session | None = None
) -> pd.DataFrame:
    """Return the last 24 hours of the spot markets, a row each.

    A ticker carries no time. When no market at all has traded, ``attrs["coinex"]["freshness"]`` says ``frozen``
    and a ``StaleDataWarning`` is raised.

    Examples
    --------
    >>> cx.spot_tickers(["ETHUSDT", "BTCUSDT"])[["last", "volume"]]
                 last       volume
    market
    ETHUSDT   2914.05  9452.727336
    BTCUSDT  75001.53   286.210013
    """
    return listing(spot_tickers, market, numbers=numbers, session=session)


@route("GET /spot/depth", BookLevel, docs="spot/market/http/list-market-depth", single=True)
def spot_depth(
    market: str,
    *,
    limit: Literal[5, 10, 20, 50] = 20,
    interval: str | float = "0",
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the order book of a spot market, a row per level, asks first.

    ``attrs["coinex"]["book"]`` holds the last price, the book's time, its checksum and whether the checksum fits.

    Parameters
    ----------
    limit : {5, 10, 20, 50}, default 20
        Levels per side.
    interval : str or float, default "0"
        The price step that levels are merged to, a power of ten; 0 merges nothing.

    Raises
    ------
    InvalidArgument
        The limit or the interval is none of the exchange's; nothing was sent.

    Examples
    --------
    >>> cx.spot_depth("BTCUSDT", limit=5).loc[("bid", 1)]
    price     75007.720000
    amount        0.127282
    Name: (bid, 1), dtype: float64
    """
    return twins.book(spot_depth, market, limit=limit, interval=interval, numbers=numbers, session=session)


@route("GET /spot/deals", Deal, docs="spot/market/http/list-market-deals")
def spot_deals(
    market: str,
    *,
    limit: int = 100,
    last_id: int | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the latest public trades of a spot market, oldest first.

    Parameters
    ----------
    limit : int, default 100
        How many, 1000 at most.
    last_id : int, optional
        The deal to start from; None for the newest. The exchange does not document whether it is included.

    Raises
    ------
    InvalidArgument
        The limit lies outside 1 to 1000; nothing was sent.

    Examples
    --------
    >>> cx.spot_deals("BTCUSDT", limit=2)[["side", "price", "amount"]]
                                   side     price    amount
    created_at
    2026-06-01 11:59:44.645+00:00  sell  75001.59  0.173446
    2026-06-01 11:59:44.645+00:00  sell  75001.53  0.415256
    """
    return twins.latest_deals(spot_deals, market, limit=limit, last_id=last_id, numbers=numbers, session=session)


@route("GET /spot/kline", Candle, docs="spot/market/http/list-market-kline")
def spot_klines(
    market: str,
    period: str | dt.timedelta,
    *,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    limit: int | None = None,
    price_type: Literal["latest_price", "index_price"] | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the candles of a spot market, oldest first, as many requests as it takes.

    Without a start the newest 1000 (or ``limit``) before the end; without an end up to the open candle of now.
    Gaps are not filled: what the exchange has no candle for has no row.

    Parameters
    ----------
    period : str or timedelta
        The exchange's name (``"1min"`` ... ``"1week"``) or as pandas spells it (``"1h"``, ``"1D"``).
    limit : int, optional
        Only the newest so many; None for all of the range.
    price_type : {"latest_price", "index_price"}, optional
        Which price the candles are drawn from; None for the latest. Only the latest is certain on spot.

    Raises
    ------
    InvalidArgument
        The period is none of the exchange's, or the range is reversed; nothing was sent.

    Examples
    --------
    >>> cx.spot_klines("BTCUSDT", "1D", start="2026-05-30", end="2026-06-01")[["open", "close"]]
                                   open     close
    created_at
    2026-05-30 00:00:00+00:00  76281.66  75510.33
    2026-05-31 00:00:00+00:00  75505.09  75270.06
    """
    twins.choice(price_type, (None, "latest_price", "index_price"), "price_type")
    return twins.candles(
        spot_klines,
        market,
        period,
        price_type=price_type,
        start=start,
        end=end,
        limit=limit,
        numbers=numbers,
        session=session,
    )


@route("GET /spot/index", IndexPrice, docs="spot/market/http/list-market-index")
def spot_index_prices(
    market: Names | None = None, *, numbers: Numbers | None = None, session: Session | None = None
) -> pd.DataFrame:
    """Return the index prices of the spot markets, a row for each exchange that an index is made of.

    ``created_at`` is the index's own time: ``attrs["coinex"]["freshness"]`` is judged by it.

    Examples
    --------
    >>> cx.spot_index_prices("BTCUSDT")[["price", "index_weight"]]
                         price  index_weight
    market  exchange
    BTCUSDT binance   75006.46          0.25
            coinex    75006.46          0.25
            mexc      75006.46          0.25
            bybit     75006.46          0.25
    """
    return listing(spot_index_prices, market, numbers=numbers, session=session)
