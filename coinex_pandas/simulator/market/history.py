"""Candles of any market, price and period over any range, computed on demand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from coinex_pandas.simulator.market.candles import PERIODS, Bars, first_minute, fold, join
from coinex_pandas.simulator.market.catalogue import FOREVER, MINUTE, Market
from coinex_pandas.simulator.market.clock import Moment
from coinex_pandas.simulator.market.prices import Prices
from coinex_pandas.simulator.market.tape import Deals, Tape, bars
from coinex_pandas.simulator.noise import Ints

__all__ = ["PRICE_TYPES", "Day", "History", "Tickers"]


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
        if (day + 1) * _DAY <= min(moment.newest_minute, end):
            return self._whole_day(market, price_type, day, (day + 1) * _DAY, FOREVER)
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
        past = marks[: max(0, until // MINUTE + 1 - start)]
        values = np.full(len(marks), at(market, until))
        values[: len(past)] = curve(market, past)
        units: Ints = np.maximum(1, np.rint(values * 10.0**market.price_places)).astype(np.int64)
        opened, closed = units[:-1], units[1:]
        none = np.zeros(len(opened), np.int64)
        return Bars(
            marks[:-1], opened, closed, np.maximum(opened, closed), np.minimum(opened, closed), none, none, none
        )


_WINDOW = 1440
_AHEAD = 45  # minutes computed ahead of the clock; the market's number is added, so that markets take turns


@dataclass(frozen=True, slots=True)
class Day:
    """The figures of a ticker, in whole units: of the last 1440 minute candles, the open one included."""

    open: int
    close: int
    high: int
    low: int
    volume: int
    value: int
    bought: int
    sold: int


@dataclass(frozen=True, slots=True)
class _Window:
    """Minute candles up to some minutes ahead of the clock, and the deals of those ahead."""

    bars: Bars
    deals: Deals

    @property
    def first(self) -> int:
        return int(self.bars.minute[0])

    @property
    def stop(self) -> int:
        return int(self.bars.minute[-1]) + 1


class Tickers:
    """Day figures of any market at any moment; quick when the moments follow each other."""

    def __init__(self, tape: Tape) -> None:
        self._tape = tape
        self._windows: dict[tuple[int, int | None], _Window] = {}

    def day(self, market: Market, moment: Moment) -> Day:
        """Return the last 24 hours. Before a market opens, all prices are its reference price."""
        minute = moment.now // MINUTE
        if moment.now < market.opens_at:
            price = self._tape.reference_price(market)
            return Day(price, price, price, price, 0, 0, 0, 0)
        window = self._window(market, minute, moment)
        at = minute - window.first
        closed = slice(max(0, at - _WINDOW + 1), at)
        return _day(window.bars, closed, self._open_minute(market, window, at, moment))

    def _open_minute(self, market: Market, window: _Window, at: int, moment: Moment) -> Bars:
        minute = window.first + at
        begin, end = np.searchsorted(window.deals.created_at, (minute * MINUTE, moment.until + 1))
        before = int(window.bars.close[at - 1]) if at else self._tape.reference_price(market)
        return bars(market, window.deals.part(int(begin), max(int(begin), int(end))), minute, minute + 1, before)

    def _window(self, market: Market, minute: int, moment: Moment) -> _Window:
        name = (market.key, moment.freeze)
        window = self._windows.get(name)
        if window is None or not _reaches(window, market, minute):
            window = self._renew(market, window, minute, moment.freeze)
            self._windows[name] = window
        return window

    def _renew(self, market: Market, old: _Window | None, minute: int, freeze: int | None) -> _Window:
        until = FOREVER if freeze is None else freeze
        first = max(minute - _WINDOW + 1, market.opens_at // MINUTE)
        is_kept = old is not None and old.first <= first and old.stop <= minute and old.stop > first
        former = [old.bars.tail(old.stop - first)] if old is not None and is_kept else []
        start = old.stop if old is not None and is_kept else first
        stop = minute + _AHEAD + market.number % _AHEAD
        fresh = self._tape.minutes(market, start, stop, until)
        return _Window(join([*former, fresh]), self._tape.deals(market, minute, stop, until))


def _reaches(window: _Window, market: Market, minute: int) -> bool:
    first = max(minute - _WINDOW + 1, market.opens_at // MINUTE)
    return window.first <= first and minute < window.stop


def _day(bars: Bars, closed: slice, now: Bars) -> Day:
    hour = slice(max(closed.start, closed.stop - 59), closed.stop)
    bought = int(bars.bought[hour].sum()) + int(now.bought[0])
    traded = int(bars.volume[hour].sum()) + int(now.volume[0])
    return Day(
        open=int(bars.open[closed.start]) if closed.stop > closed.start else int(now.open[0]),
        close=int(now.close[0]),
        high=max(int(bars.high[closed].max(initial=0)), int(now.high[0])),
        low=min(int(bars.low[closed].min(initial=FOREVER)), int(now.low[0])),
        volume=int(bars.volume[closed].sum()) + int(now.volume[0]),
        value=int(bars.value[closed].sum()) + int(now.value[0]),
        bought=bought,
        sold=traded - bought,
    )
