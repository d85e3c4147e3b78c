"""Candles of any market, price and period over any range, computed on demand."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from coinex_pandas.sandbox.candles import PERIODS, Bars, first_minute, fold, join
from coinex_pandas.sandbox.catalogue import MINUTE, Market
from coinex_pandas.sandbox.moment import Moment
from coinex_pandas.sandbox.noise import Ints
from coinex_pandas.sandbox.prices import Prices
from coinex_pandas.sandbox.tape import Tape

__all__ = ["PRICE_TYPES", "History"]

PRICE_TYPES = {
    "spot": ("latest_price", "index_price"),
    "futures": ("latest_price", "mark_price", "index_price"),
}
_HOUR = 60
_DAY = 1440
_DAYS_KEPT = 2048  # days of hourly candles, about 2 kB each


class History:
    """Candles from the tape and from the price curves."""

    def __init__(self, tape: Tape, prices: Prices) -> None:
        self._tape = tape
        self._prices = prices
        self._whole_day = lru_cache(maxsize=_DAYS_KEPT)(self._hours)

    def candles(
        self, market: Market, price_type: str, period: str, *, start: int, stop: int, limit: int, moment: Moment
    ) -> Bars:
        """Return the newest `limit` candles that open at start <= time <= stop (milliseconds), ascending."""
        length = PERIODS[period][0]
        last = first_minute(min(stop // MINUTE, moment.last_minute(market)), period)
        # -(-a // b) rounds up: the first candle must not open before start
        first = first_minute(max(-(-start // MINUTE) + length - 1, market.opens_at // MINUTE), period)
        first = max(first, last - (limit - 1) * length)
        end = min(last + length, moment.last_minute(market) + 1)
        if first > last or end <= market.opens_at // MINUTE:
            return join([])
        if length < _HOUR:
            return fold(self._minutes(market, price_type, first, end, moment.until), period)
        return fold(self._by_hours(market, price_type, first, end, moment), period)

    def _by_hours(self, market: Market, price_type: str, first: int, end: int, moment: Moment) -> Bars:
        parts = [self._day(market, price_type, day, end, moment) for day in range(first // _DAY, (end - 1) // _DAY + 1)]
        hours = join(parts)
        return hours.tail(int((hours.minute >= first).sum()))

    def _day(self, market: Market, price_type: str, day: int, end: int, moment: Moment) -> Bars:
        if (day + 1) * _DAY <= min(moment.known_minute, end):
            return self._whole_day(market, price_type, day, (day + 1) * _DAY, 2**62)
        return self._hours(market, price_type, day, min(end, (day + 1) * _DAY), moment.until)

    def _hours(self, market: Market, price_type: str, day: int, end: int, until: int) -> Bars:
        return fold(self._minutes(market, price_type, day * _DAY, end, until), "1hour")

    def _minutes(self, market: Market, price_type: str, start: int, stop: int, until: int) -> Bars:
        if price_type == "latest_price":
            return self._tape.minutes(market, start, stop, until)
        return self._curve(market, price_type, max(start, market.opens_at // MINUTE), stop, until)

    def _curve(self, market: Market, price_type: str, start: int, stop: int, until: int) -> Bars:
        """Return candles of a price curve, each from one whole minute to the next; flat after `until`."""
        if start >= stop:
            return join([])
        prices = self._prices
        curve, at = (prices.index, prices.index_at) if price_type == "index_price" else (prices.mark, prices.mark_at)
        marks = np.arange(start, stop + 1)
        known = marks[: max(0, until // MINUTE + 1 - start)]
        values = np.full(len(marks), at(market, until))
        values[: len(known)] = curve(market, known)
        units: Ints = np.maximum(1, np.rint(values * 10.0**market.price_places)).astype(np.int64)
        opened, closed = units[:-1], units[1:]
        none = np.zeros(len(opened), np.int64)
        return Bars(
            marks[:-1], opened, closed, np.maximum(opened, closed), np.minimum(opened, closed), none, none, none
        )
