"""Candles as columns of whole numbers, folded from minutes into longer periods without any rounding."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from coinex_pandas.simulator.noise import Ints
from coinex_pandas.tables import times

__all__ = ["PERIODS", "Bars", "first_minute", "fold", "join"]

_MONDAY = 4 * 1440  # weeks begin on Monday, and day 0 was a Thursday

# period name -> (minutes, offset of the grid in minutes)
PERIODS: dict[str, tuple[int, int]] = {
    name: (length // 60_000, _MONDAY if name == "1week" else 0) for name, length in times.PERIODS.items()
}


@dataclass(frozen=True, slots=True)
class Bars:
    """Candles in columns. `minute` is the opening minute; prices, amounts and values are whole units."""

    minute: Ints
    open: Ints
    close: Ints
    high: Ints
    low: Ints
    volume: Ints
    value: Ints
    bought: Ints

    def __len__(self) -> int:
        return len(self.minute)

    def columns(self) -> tuple[Ints, ...]:
        """Return the columns in the order of the fields."""
        return (self.minute, self.open, self.close, self.high, self.low, self.volume, self.value, self.bought)

    def tail(self, rows: int) -> Bars:
        """Return the last rows."""
        return Bars(*(column[len(self) - rows :] for column in self.columns())) if rows < len(self) else self


def first_minute(minute: int, period: str) -> int:
    """Return the opening minute of the candle that a minute belongs to."""
    length, offset = PERIODS[period]
    return minute - (minute - offset) % length


def fold(bars: Bars, period: str) -> Bars:
    """Fold bars into the longer candles of a period; a candle cut by the range's edge holds what is there."""
    length, offset = PERIODS[period]
    if not len(bars):
        return bars
    cell = (bars.minute - offset) // length
    heads = np.flatnonzero(np.diff(cell, prepend=cell[0] - 1))
    tails = np.append(heads[1:], len(cell)) - 1
    return Bars(
        minute=cell[heads] * length + offset,
        open=bars.open[heads],
        close=bars.close[tails],
        high=np.maximum.reduceat(bars.high, heads),
        low=np.minimum.reduceat(bars.low, heads),
        volume=np.add.reduceat(bars.volume, heads),
        value=np.add.reduceat(bars.value, heads),
        bought=np.add.reduceat(bars.bought, heads),
    )


def join(parts: Iterable[Bars]) -> Bars:
    """Put bars one after the other."""
    columns = list(zip(*(part.columns() for part in parts), strict=True))
    if not columns:
        return Bars(*(np.empty(0, np.int64) for _ in range(8)))
    return Bars(*(np.concatenate(column) for column in columns))
