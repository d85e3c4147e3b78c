"""Everything behind the endpoints, put together once: markets, curves, tape, candles, tickers, funding, books."""

from __future__ import annotations

from coinex_pandas.sandbox.book import Books
from coinex_pandas.sandbox.catalogue import Catalogue
from coinex_pandas.sandbox.funding import Funding
from coinex_pandas.sandbox.history import History
from coinex_pandas.sandbox.prices import Prices
from coinex_pandas.sandbox.tape import Tape
from coinex_pandas.sandbox.tickers import Tickers

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
