"""Plots: a frame in, matplotlib Axes out. Nothing here asks the exchange for anything.

>>> ax = cx.plot.candles(cx.futures_klines("BTCUSDT", "1hour"))
>>> ax.figure.savefig("btcusdt.png")

Every plot draws on the Axes given as ``ax=`` (``axes=`` where it needs two), or on a figure of its own. In a notebook
that figure appears under the cell; in a script it belongs to nobody, so ``plt.show()`` does not know it: save it, or
pass ``ax=plt.gca()``.
"""

from __future__ import annotations

from coinex_pandas.plot.candlesticks import candles
from coinex_pandas.plot.interest import open_interest
from coinex_pandas.plot.liquidated import liquidations
from coinex_pandas.plot.order_book import depth
from coinex_pandas.plot.price_spread import spread
from coinex_pandas.plot.rates import basis, funding

__all__ = ["basis", "candles", "depth", "funding", "liquidations", "open_interest", "spread"]
