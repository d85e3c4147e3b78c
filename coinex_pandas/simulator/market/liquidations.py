"""The liquidations of everybody's positions on the futures markets, computed from market and hour alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coinex_pandas.simulator.market.catalogue import MINUTE, Market
from coinex_pandas.simulator.market.clock import Moment
from coinex_pandas.simulator.market.prices import Prices
from coinex_pandas.simulator.noise import Ints, bell, hashes, uniform
from coinex_pandas.simulator.reply import Row
from coinex_pandas.simulator.text import fixed

__all__ = ["LiquidationEvents", "liquidation_events", "liquidation_rows"]

_CELL = 60 * MINUTE
_MOST = 4  # liquidations an hour


@dataclass(frozen=True, slots=True)
class LiquidationEvents:
    """Times of liquidations and the hash that decides the rest of each."""

    created_at: Ints
    fate: npt.NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.created_at)

    def part(self, cut: slice) -> LiquidationEvents:
        """Return some of the events."""
        return LiquidationEvents(self.created_at[cut], self.fate[cut])


def liquidation_events(market: Market, start: int, stop: int, moment: Moment) -> LiquidationEvents:
    """Return the liquidations at start <= time <= stop, newest first."""
    last = min(stop, moment.until, market.last_ms)
    first = max(start, market.opens_at)
    cells = np.arange(last // _CELL, first // _CELL - 1, -1)
    hashed = hashes(market.key + 41, cells)
    chance = min(0.6, 0.05 + market.activity / 10)
    counts = np.where(uniform(hashed) < chance, 1 + (hashed & np.uint64(3)).astype(np.int64), 0)
    row = np.repeat(np.arange(len(cells)), counts)
    place = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    # a cluster shares its millisecond; in one cluster of eight the first two rows are equal
    twin = ((hashed[row] >> np.uint64(8)) % np.uint64(8) == 0) & (place == 1)
    fate = hashes(market.key + 43, cells[row] * _MOST + np.where(twin, 0, place))
    created_at = cells[row] * _CELL + (hashed[row] >> np.uint64(16)).astype(np.int64) % _CELL
    within = (created_at >= first) & (created_at <= last)
    return LiquidationEvents(created_at[within], fate[within])


def liquidation_rows(market: Market, events: LiquidationEvents, prices: Prices) -> list[Row]:
    """Return the wire rows of liquidations that come newest first."""
    if not len(events):
        return []
    minutes = events.created_at[::-1] // MINUTE
    price = prices.mark(market, minutes)[::-1]
    long = (events.fate & np.uint64(1)) == 1
    slip = 1.0 + np.where(long, -1.0, 1.0) * 0.002 * uniform(events.fate)
    liquidated = _units(market, price * slip)
    bankrupt = _units(market, price * slip * np.where(long, 0.995, 1.005))
    value = market.size * 4.0 * np.exp(bell(events.fate))
    amount = value if market.inverse else value * 10.0**market.amount_places / price
    columns = (
        events.created_at.tolist(),
        long.tolist(),
        liquidated,
        np.maximum(1, amount).astype(np.int64).tolist(),
        bankrupt,
    )
    return [
        {
            "market": market.name,
            "side": "long" if is_long else "short",
            "liq_price": fixed(at, market.price_places),
            "liq_amount": fixed(size, market.amount_places),
            "bkr_price": fixed(ruin, market.price_places),
            "created_at": created_at,
        }
        for created_at, is_long, at, size, ruin in zip(*columns, strict=True)
    ]


def _units(market: Market, price: npt.NDArray[np.float64]) -> list[int]:
    ticks = np.rint(price * (10.0**market.price_places / market.tick)).astype(np.int64)
    units: list[int] = (np.maximum(ticks, 1) * market.tick).tolist()
    return units
