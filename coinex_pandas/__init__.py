"""The CoinEx v2 exchange as pandas DataFrames.

>>> import coinex_pandas as cx
>>> with cx.sandbox(seed=7):
...     tickers = cx.futures_tickers()

Only what is listed in ``__all__`` is public. Heavy libraries (matplotlib, aiohttp, tqdm) load on first use.
"""

from coinex_pandas import accessor as _accessor  # noqa: F401  # registers DataFrame.coinex
from coinex_pandas import plot
from coinex_pandas.assets import amm_pools, assets_info, deposit_withdraw_config, deposit_withdraw_configs
from coinex_pandas.errors import (
    BadParameter,
    BalanceTooLow,
    Busy,
    ClockSkewed,
    CoinExError,
    ColumnsChanged,
    IncompleteWarning,
    InvalidArgument,
    MarketClosed,
    MissingExtra,
    NoAnswer,
    NotAuthorized,
    NotFound,
    NotPermitted,
    OrderRefused,
    RateLimited,
    Refused,
    ServerFault,
    StaleDataWarning,
    UnexpectedBody,
    UnexpectedValue,
    UnknownMarket,
)
from coinex_pandas.freshness import freshness
from coinex_pandas.futures import (
    futures_deals,
    futures_depth,
    futures_funding_rates,
    futures_index_prices,
    futures_klines,
    futures_markets,
    futures_position_levels,
    futures_tickers,
)
from coinex_pandas.futures_history import (
    futures_basis_history,
    futures_funding_rate_history,
    futures_liquidations,
    futures_premium_index_history,
)
from coinex_pandas.options import options
from coinex_pandas.route import ROUTES
from coinex_pandas.sandbox import sandbox
from coinex_pandas.session import LIVE, Session, Venue, use
from coinex_pandas.spot import spot_deals, spot_depth, spot_index_prices, spot_klines, spot_markets, spot_tickers
from coinex_pandas.system import maintenances, ping, server_time

__version__ = "0.1.0"

__all__ = [
    "LIVE",
    "ROUTES",
    "BadParameter",
    "BalanceTooLow",
    "Busy",
    "ClockSkewed",
    "CoinExError",
    "ColumnsChanged",
    "IncompleteWarning",
    "InvalidArgument",
    "MarketClosed",
    "MissingExtra",
    "NoAnswer",
    "NotAuthorized",
    "NotFound",
    "NotPermitted",
    "OrderRefused",
    "RateLimited",
    "Refused",
    "ServerFault",
    "Session",
    "StaleDataWarning",
    "UnexpectedBody",
    "UnexpectedValue",
    "UnknownMarket",
    "Venue",
    "amm_pools",
    "assets_info",
    "deposit_withdraw_config",
    "deposit_withdraw_configs",
    "freshness",
    "futures_basis_history",
    "futures_deals",
    "futures_depth",
    "futures_funding_rate_history",
    "futures_funding_rates",
    "futures_index_prices",
    "futures_klines",
    "futures_liquidations",
    "futures_markets",
    "futures_position_levels",
    "futures_premium_index_history",
    "futures_tickers",
    "maintenances",
    "options",
    "ping",
    "plot",
    "sandbox",
    "server_time",
    "spot_deals",
    "spot_depth",
    "spot_index_prices",
    "spot_klines",
    "spot_markets",
    "spot_tickers",
    "use",
]


def __dir__() -> list[str]:
    """Return what completion shall show: the public names, not the rooms they come from."""
    return [*__all__, "__version__"]
