"""The order book of a market at an instant, rebuilt from hashes every 200 ms."""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np

from coinex_pandas.simulator.market.catalogue import Market
from coinex_pandas.simulator.market.clock import Moment
from coinex_pandas.simulator.market.prices import Prices
from coinex_pandas.simulator.market.tape import to_units
from coinex_pandas.simulator.noise import Hashes, Ints, bell, hashes, uniform
from coinex_pandas.simulator.text import fixed_all

__all__ = ["BUCKET", "Book", "Books", "Levels", "are_empty", "checksum", "cut"]

BUCKET = 200  # milliseconds between changes
_LAYERS = 5  # each reaches four times as far as the one before, with slots four times as wide
_REACH = 64  # slots a side and layer

Levels = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Book:
    """Both sides as wire text, best first, the time of the last change and the checksum."""

    bids: Levels
    asks: Levels
    updated_at: int
    checksum: int


class Books:
    """Order books from nothing but market and time.

    Every price slot has a level or none, with an amount that changes now and then, independently of the others. Most
    levels therefore stay from one bucket to the next, as in a real book.
    """

    def __init__(self, prices: Prices) -> None:
        self._prices = prices

    def book(self, market: Market, instant: int, limit: int, step: int) -> Book:
        """Return the book at a time, `limit` levels a side, prices merged to multiples of `step` units (0 = not)."""
        bucket = instant // BUCKET
        middle = to_units(market, self._prices.traded_at(market, bucket * BUCKET)) // market.tick
        prices, amounts = self._ladder(market, middle, bucket)
        half = int(middle * market.spread / 2)
        below, above = prices <= middle - 1 - half, prices >= middle + half
        bids = _side(market, prices[below][::-1], amounts[below][::-1], limit, step, up=False)
        asks = _side(market, prices[above], amounts[above], limit, step, up=True)
        return Book(bids, asks, bucket * BUCKET, checksum(bids, asks))

    def shown(self, market: Market, moment: Moment, limit: int, step: int) -> Book:
        """Return the public book at a moment; the updated_at of an empty one moves on, as seen on the wire."""
        if are_empty(market.area, moment):
            return Book([], [], moment.now // BUCKET * BUCKET, 0)
        return self.book(market, moment.until, limit, step)

    def _ladder(self, market: Market, middle: int, bucket: int) -> tuple[Ints, Ints]:
        """Return ascending distinct prices in ticks and their amounts."""
        narrowest = _slot_width(market, middle)
        layer, slots = _slots(middle, narrowest)
        hashed = hashes(_keys(market, 31)[layer], slots)
        duration = (hashed % np.uint64(190)).astype(np.int64) + 10
        age = (bucket + (hashed >> np.uint64(32)).astype(np.int64)) // duration
        state = hashes(_keys(market, 37)[layer], slots * 1_000_003 + age)
        filled = uniform(state) < 0.7
        width = narrowest * 4 ** layer[filled]
        prices = slots[filled] * width + (hashed[filled] >> np.uint64(8)).astype(np.int64) % width
        amounts = _amounts(market, prices, state[filled], layer[filled])
        distinct, first = np.unique(prices, return_index=True)
        return distinct, amounts[first]


def _slots(middle: int, width: int) -> tuple[Ints, Ints]:
    """Return the slots around the middle, all layers in one row, and the layer of each."""
    centers = [middle // (width * 4**number) for number in range(_LAYERS)]
    ranges = [np.arange(max(1, center - _REACH), center + _REACH + 1) for center in centers]
    return np.repeat(np.arange(_LAYERS), [len(part) for part in ranges]), np.concatenate(ranges)


def _keys(market: Market, first: int) -> Hashes:
    return np.array([market.key + first + number for number in range(_LAYERS)], np.uint64)


def are_empty(area: str, moment: Moment) -> bool:
    """Return whether all books of an area are empty, as those of futures are once trading has ended."""
    return area == "futures" and moment.freeze is not None


def checksum(bids: Levels, asks: Levels) -> int:
    """Return the unsigned CRC-32 of the book's wire text; 0 for an empty book."""
    return crc32(":".join(text for level in (*bids, *asks) for text in level).encode())


def cut(book: Book, limit: int) -> Book:
    """Return a book with no more than `limit` levels a side."""
    bids, asks = book.bids[:limit], book.asks[:limit]
    return Book(bids, asks, book.updated_at, checksum(bids, asks))


def _slot_width(market: Market, middle: int) -> int:
    """Return the ticks between the closest levels: a power of two, so that it does not creep with the price."""
    return 1 << max(0, int(middle * market.spread / 2).bit_length() - 1)


def _amounts(market: Market, prices: Ints, state: Hashes, layer: Ints) -> Ints:
    value = market.size * (1.0 + layer) * np.exp(bell(state))
    if market.inverse:
        return np.maximum(1, value.astype(np.int64))
    if market.quote == "BTC":
        value = value / 60_000.0
    units = value * 10.0 ** (market.amount_places + market.price_places) / (prices * market.tick)
    return np.maximum(1, units.astype(np.int64))


def _side(market: Market, prices: Ints, amounts: Ints, limit: int, step: int, *, up: bool) -> Levels:
    units = prices * market.tick
    if step > 1:
        units, amounts = _merge(units, amounts, step, up=up)
    texts = fixed_all(units[:limit].tolist(), market.price_places)
    return list(zip(texts, fixed_all(amounts[:limit].tolist(), market.amount_places), strict=True))


def _merge(units: Ints, amounts: Ints, step: int, *, up: bool) -> tuple[Ints, Ints]:
    """Round bids down and asks up to multiples of `step` and add up equal levels; a bid of 0 is left out."""
    merged = -(-units // step) * step if up else units // step * step
    heads = np.flatnonzero(np.diff(merged, prepend=-1)) if len(merged) else merged
    if not len(heads):
        return merged, amounts
    levels, sums = merged[heads], np.add.reduceat(amounts, heads)
    return levels[levels > 0], sums[levels > 0]
