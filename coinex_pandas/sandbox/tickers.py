"""The last 24 hours of every market, kept rolling so that asking for all tickers again is quick."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coinex_pandas.sandbox.candles import Bars, join
from coinex_pandas.sandbox.catalogue import MINUTE, Market
from coinex_pandas.sandbox.moment import Moment
from coinex_pandas.sandbox.tape import Deals, Tape, bars

__all__ = ["Day", "Tickers"]

_WINDOW = 1440
_AHEAD = 45  # minutes computed ahead of the clock; the market's number is added, so that markets take turns
_FOREVER = 2**62


@dataclass(frozen=True, slots=True)
class Day:
    """What a ticker says, in whole units: the last 1440 minute candles, the open one included."""

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
    """Minute candles around the clock, some of them still ahead of it, and the deals of those ahead."""

    bars: Bars
    deals: Deals

    @property
    def first(self) -> int:
        return int(self.bars.minute[0])

    @property
    def stop(self) -> int:
        return int(self.bars.minute[-1]) + 1


class Tickers:
    """Day figures of any market at any moment; quick while the moments follow each other."""

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
        until = _FOREVER if freeze is None else freeze
        first = max(minute - _WINDOW + 1, market.opens_at // MINUTE)
        kept = old is not None and old.first <= first and old.stop <= minute and old.stop > first
        known = [old.bars.tail(old.stop - first)] if old is not None and kept else []
        start = old.stop if old is not None and kept else first
        stop = minute + _AHEAD + market.number % _AHEAD
        fresh = self._tape.minutes(market, start, stop, until)
        return _Window(join([*known, fresh]), self._tape.deals(market, minute, stop, until))


def _reaches(window: _Window, market: Market, minute: int) -> bool:
    first = max(minute - _WINDOW + 1, market.opens_at // MINUTE)
    return window.first <= first and minute < window.stop


def _day(past: Bars, closed: slice, now: Bars) -> Day:
    hour = slice(max(closed.start, closed.stop - 59), closed.stop)
    bought = int(past.bought[hour].sum()) + int(now.bought[0])
    traded = int(past.volume[hour].sum()) + int(now.volume[0])
    return Day(
        open=int(past.open[closed.start]) if closed.stop > closed.start else int(now.open[0]),
        close=int(now.close[0]),
        high=max(int(past.high[closed].max(initial=0)), int(now.high[0])),
        low=min(int(past.low[closed].min(initial=_FOREVER)), int(now.low[0])),
        volume=int(past.volume[closed].sum()) + int(now.volume[0]),
        value=int(past.value[closed].sum()) + int(now.value[0]),
        bought=bought,
        sold=traded - bought,
    )
