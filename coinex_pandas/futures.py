"""Public futures market data; the histories that come in pages stand in ``futures_history.py``."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import pandas as pd

from coinex_pandas import twins
from coinex_pandas.answers import Names, listing
from coinex_pandas.options import Numbers
from coinex_pandas.route import route
from coinex_pandas.rows.book import BookLevel
from coinex_pandas.rows.market import Candle, Deal, FundingRate, FuturesMarket, FuturesTicker, IndexPrice, PositionLevel
from coinex_pandas.session import Session
from coinex_pandas.times import TimeLike

__all__ = [
    "futures_deals",
    "futures_depth",
    "futures_funding_rates",
    "futures_index_prices",
    "futures_klines",
    "futures_markets",
    "futures_position_levels",
    "futures_tickers",
]


@route("GET /futures/market", FuturesMarket, docs="futures/market/http/list-market")
def futures_markets(
    market: Names | None = None, *, numbers: Numbers | None = None, session: Session | None = None
) -> pd.DataFrame:
    """Return the futures markets and their rules, a row each.

    ``status`` alone does not say that a market trades: on 2026-09-23, after futures had ended, it was ``online``
    everywhere and only ``is_market_available`` was False.

    Examples
    --------
    >>> cx.futures_markets("BTCUSD")[["contract_type", "quote_ccy", "open_interest_volume"]]
           contract_type quote_ccy  open_interest_volume
    market
    BTCUSD       inverse       USD             8833447.0
    """
    return listing(futures_markets, market, numbers=numbers, session=session)


@route("GET /futures/ticker", FuturesTicker, docs="futures/market/http/list-market-ticker")
def futures_tickers(
    market: Names | None = None, *, numbers: Numbers | None = None, session: Session | None = None
) -> pd.DataFrame:
    """Return the last 24 hours of the futures markets, a row each.

    A ticker carries no time. When no market at all has traded, ``attrs["coinex"]["freshness"]`` says ``frozen``
    and a ``StaleDataWarning`` is raised.

    Examples
    --------
    >>> cx.futures_tickers(["ETHUSDT", "BTCUSDT"])[["last", "index_price", "open_interest_volume"]]
                 last  index_price  open_interest_volume
    market
    ETHUSDT   2912.44      2913.72           4348.133636
    BTCUSDT  74973.75     75006.63            184.565724
    """
    return listing(futures_tickers, market, numbers=numbers, session=session)


@route("GET /futures/depth", BookLevel, docs="futures/market/http/list-market-depth", single=True)
def futures_depth(
    market: str,
    *,
    limit: Literal[5, 10, 20, 50] = 20,
    interval: str | float = "0",
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the order book of a futures market, a row per level, asks first.

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
    >>> cx.futures_depth("BTCUSDT", limit=5).loc["ask", "price"].min().item()
    74975.88
    """
    return twins.book(futures_depth, market, limit=limit, interval=interval, numbers=numbers, session=session)


@route("GET /futures/deals", Deal, docs="futures/market/http/list-market-deals")
def futures_deals(
    market: str,
    *,
    limit: int = 100,
    last_id: int | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the latest public trades of a futures market, oldest first.

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
    >>> cx.futures_deals("BTCUSDT", limit=1000).groupby("side")["amount"].sum()
    side
    buy     29.854344
    sell    26.823780
    Name: amount, dtype: float64
    """
    return twins.latest_deals(futures_deals, market, limit=limit, last_id=last_id, numbers=numbers, session=session)


@route("GET /futures/kline", Candle, docs="futures/market/http/list-market-kline")
def futures_klines(
    market: str,
    period: str | dt.timedelta,
    *,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    limit: int | None = None,
    price_type: Literal["latest_price", "mark_price", "index_price"] | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the candles of a futures market, oldest first, as many requests as it takes.

    Without a start the newest 1000 (or ``limit``) before the end; without an end up to the open candle of now.
    Gaps are not filled: what the exchange has no candle for has no row.

    Parameters
    ----------
    period : str or timedelta
        The exchange's name (``"1min"`` ... ``"1week"``) or as pandas spells it (``"1h"``, ``"1D"``).
    limit : int, optional
        Only the newest so many; None for all of the range.
    price_type : {"latest_price", "mark_price", "index_price"}, optional
        Which price the candles are drawn from; None for the latest.

    Raises
    ------
    InvalidArgument
        The period is none of the exchange's, or the range is reversed; nothing was sent.

    Examples
    --------
    >>> len(cx.futures_klines("BTCUSDT", "1min", start="2026-01-01", end="2026-03-01"))
    84960
    """
    twins.choice(price_type, (None, "latest_price", "mark_price", "index_price"), "price_type")
    return twins.candles(
        futures_klines,
        market,
        period,
        price_type=price_type,
        start=start,
        end=end,
        limit=limit,
        numbers=numbers,
        session=session,
    )


@route("GET /futures/index", IndexPrice, docs="futures/market/http/list-market-index")
def futures_index_prices(
    market: Names | None = None, *, numbers: Numbers | None = None, session: Session | None = None
) -> pd.DataFrame:
    """Return the index prices of the futures markets, a row for each exchange that an index is made of.

    ``created_at`` is the index's own time: ``attrs["coinex"]["freshness"]`` is judged by it.

    Examples
    --------
    >>> cx.futures_index_prices("BTCUSDT")["price"].iloc[0].item()
    75006.63
    """
    return listing(futures_index_prices, market, numbers=numbers, session=session)


@route("GET /futures/funding-rate", FundingRate, docs="futures/market/http/list-market-funding-rate")
def futures_funding_rates(
    market: Names | None = None, *, numbers: Numbers | None = None, session: Session | None = None
) -> pd.DataFrame:
    """Return the current funding of the futures markets, a row each.

    The interval is ``next_funding_time - latest_funding_time``: 8 hours as a rule, 4 or 2 when the premium is high.

    Examples
    --------
    >>> cx.futures_funding_rates()["latest_funding_rate"].nlargest(2)
    market
    TRXUSDT      0.003721
    FLOKIUSDT    0.002192
    Name: latest_funding_rate, dtype: float64
    """
    return listing(futures_funding_rates, market, numbers=numbers, session=session)


@route("GET /futures/position-level", PositionLevel, docs="futures/market/http/list-market-position-level")
def futures_position_levels(
    market: Names | None = None, *, numbers: Numbers | None = None, session: Session | None = None
) -> pd.DataFrame:
    """Return the tiers of position sizes, a row per market and tier.

    A tier begins where the one before it ends.

    Examples
    --------
    >>> cx.futures_position_levels("BTCUSDT").loc[("BTCUSDT", 1), "leverage"].item()
    100.0
    """
    return listing(futures_position_levels, market, numbers=numbers, session=session)
