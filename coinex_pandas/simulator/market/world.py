"""Everything behind the endpoints, put together once: markets, curves, tape, candles, tickers, funding, books."""

from __future__ import annotations

from coinex_pandas.simulator.market.book import Books
from coinex_pandas.simulator.market.catalogue import Catalogue
from coinex_pandas.simulator.market.funding import Funding
from coinex_pandas.simulator.market.history import History, Tickers
from coinex_pandas.simulator.market.prices import Prices
from coinex_pandas.simulator.market.tape import Tape

__all__ = ["World"]


class World:
    """The simulated markets of one seed; `start` is the clock's start in milliseconds."""

    def __init__(self, seed: int, start: int) -> None:
        self.catalogue = Catalogue(seed, start)
        self.prices = Prices(seed)
        self.tape = Tape(self.prices)
        self.history = History(self.tape, self.prices)
        self.tickers = Tickers(self.tape)
        self.funding = Funding(self.prices, start)
        self.books = Books(self.prices)
