"""Plots: a frame in, matplotlib Axes out. Nothing here asks the exchange for anything.

>>> ax = cx.plot.candles(cx.futures_klines("BTCUSDT", "1hour"))
>>> ax.figure.savefig("btcusdt.png")

Every plot draws on the Axes given as ``ax=`` (``axes=`` where it needs two), or on a figure of its own. In a notebook
that figure appears under the cell; in a script it belongs to nobody, so ``plt.show()`` does not know it: save it, or
pass ``ax=plt.gca()``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coinex_pandas.plot.candlesticks import candles
    from coinex_pandas.plot.interest import open_interest
    from coinex_pandas.plot.liquidated import liquidations
    from coinex_pandas.plot.order_book import depth
    from coinex_pandas.plot.price_spread import spread
    from coinex_pandas.plot.rates import basis, funding

__all__ = ["basis", "candles", "depth", "funding", "liquidations", "open_interest", "spread"]

_HOMES = {
    "basis": "rates",
    "candles": "candlesticks",
    "depth": "order_book",
    "funding": "rates",
    "liquidations": "liquidated",
    "open_interest": "interest",
    "spread": "price_spread",
}


def __getattr__(name: str) -> Any:
    # Each plot's module loads with its first use: importing the package must stay as quick as importing pandas.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
