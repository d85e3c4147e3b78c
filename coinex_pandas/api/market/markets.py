"""Tables of all markets: their rules, tickers, index prices, funding rates and position tiers."""

from __future__ import annotations

import pandas as pd

from coinex_pandas.api.calls.arguments import Names
from coinex_pandas.api.calls.call import Call, listing
from coinex_pandas.http.route import route
from coinex_pandas.http.session import Session
from coinex_pandas.tables.kinds import Numbers
from coinex_pandas.tables.rows.market import (
    FundingRate,
    FuturesMarket,
    FuturesTicker,
    IndexPrice,
    PositionLevel,
    SpotMarket,
    SpotTicker,
)

__all__ = [
    "futures_funding_rates",
    "futures_index_prices",
    "futures_markets",
    "futures_position_levels",
    "futures_tickers",
    "spot_index_prices",
    "spot_markets",
    "spot_tickers",
]


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
    return listing(Call(spot_markets, numbers, session), market)


@route("GET /futures/market", FuturesMarket, like=spot_markets)
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
    return listing(Call(futures_markets, numbers, session), market)


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
    return listing(Call(spot_tickers, numbers, session), market)


@route("GET /futures/ticker", FuturesTicker, like=spot_tickers)
def futures_tickers(
    market: Names | None = None, *, numbers: Numbers | None = None, session: Session | None = None
) -> pd.DataFrame:
    """Return the last 24 hours of the futures markets, a row each.

    Examples
    --------
    >>> cx.futures_tickers(["ETHUSDT", "BTCUSDT"])[["last", "index_price", "open_interest_volume"]]
                 last  index_price  open_interest_volume
    market
    ETHUSDT   2912.44      2913.72           4348.133636
    BTCUSDT  74973.75     75006.63            184.565724
    """
    return listing(Call(futures_tickers, numbers, session), market)


@route("GET /spot/index", IndexPrice, docs="spot/market/http/list-market-index")
def spot_index_prices(
    market: Names | None = None, *, numbers: Numbers | None = None, session: Session | None = None
) -> pd.DataFrame:
    """Return the index prices of the spot markets, a row for each exchange that an index is made of.

    ``created_at`` is the index's own time: ``attrs["coinex"]["freshness"]`` is decided by it.

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
    return listing(Call(spot_index_prices, numbers, session), market)


@route("GET /futures/index", IndexPrice, like=spot_index_prices)
def futures_index_prices(
    market: Names | None = None, *, numbers: Numbers | None = None, session: Session | None = None
) -> pd.DataFrame:
    """Return the index prices of the futures markets, a row for each exchange that an index is made of.

    Examples
    --------
    >>> cx.futures_index_prices("BTCUSDT")["price"].iloc[0].item()
    75006.63
    """
    return listing(Call(futures_index_prices, numbers, session), market)


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
    return listing(Call(futures_funding_rates, numbers, session), market)


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
    return listing(Call(futures_position_levels, numbers, session), market)
