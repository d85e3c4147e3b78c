"""Every plot: the one list of them, which ``cx.plot`` and type checkers read."""

from coinex_pandas.plot.candlesticks import candles as candles
from coinex_pandas.plot.interest import open_interest as open_interest
from coinex_pandas.plot.liquidation_marks import liquidations as liquidations
from coinex_pandas.plot.order_book import depth as depth
from coinex_pandas.plot.price_spread import spread as spread
from coinex_pandas.plot.rates import basis as basis, funding as funding
