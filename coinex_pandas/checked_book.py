"""An order book that is verified by its checksum at every push.

Beside each price stands its ready text ``price:amount`` as the wire sent it, so that the checksum is one join and one
CRC-32. Prices are compared as numbers, never as text; a price too long for a float to be told from its neighbours
makes the whole side count in Decimal, without rounding.
"""

from __future__ import annotations

import threading
import zlib
from bisect import bisect_left
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from coinex_pandas.frames import Depth

__all__ = ["CheckedBook", "LevelSide"]

_EXACT = 15  # characters up to which two different prices are two different floats

_INFINITE = float("inf")

Level = tuple[str, str]


class LevelSide:
    """One side of a book, best first.

    Parameters
    ----------
    sign : {1, -1}
        1 for asks (lowest first), -1 for bids.
    """

    def __init__(self, sign: int) -> None:
        self._sign = sign
        self._is_exact = False
        self.keys: list[Any] = []
        self.texts: list[str] = []

    def replace(self, levels: Sequence[Level]) -> None:
        """Have these levels and no others; those of amount 0 are none. ValueError for what is no number."""
        standing = _standing(levels)
        if any(len(price) > _EXACT for price, _ in standing):
            self._is_exact = True
        sign = self._sign
        keys: list[Any] = [self._exactly(price) if self._is_exact else sign * float(price) for price, _ in standing]
        if not all(former < later for former, later in pairwise(keys)):
            if any(key != key for key in keys):  # noqa: PLR0124  # what is no number equals nothing
                raise ValueError("a price that is none")
            unique = dict(zip(keys, standing, strict=True))
            keys = sorted(unique)
            standing = [unique[key] for key in keys]
        if not all(-_INFINITE < key < _INFINITE for key in (*keys[:1], *keys[-1:])):
            raise ValueError("a price without end")
        self.keys, self.texts = keys, [f"{price}:{amount}" for price, amount in standing]

    def change(self, levels: Sequence[Level]) -> None:
        """Set the amounts of some prices; amount 0 takes a price away. ValueError for what is no number."""
        keys, texts, sign, exact = self.keys, self.texts, self._sign, self._is_exact
        for price, amount in levels:
            if len(price) > _EXACT and not exact:
                self._count_exactly()
                keys, exact = self.keys, True
            key = self._exactly(price) if exact else sign * float(price)
            at = bisect_left(keys, key)
            there = at < len(keys) and keys[at] == key
            size = float(amount)
            if 0 < size < _INFINITE:
                if there:
                    texts[at] = f"{price}:{amount}"
                elif -_INFINITE < key < _INFINITE:
                    keys.insert(at, key)
                    texts.insert(at, f"{price}:{amount}")
                else:
                    raise ValueError(f"price {price!r}")
            elif size:
                raise ValueError(f"amount {amount!r}")
            elif there:
                del keys[at], texts[at]

    def cut(self, limit: int) -> None:
        """Forget what lies behind the best so many levels."""
        del self.keys[limit:], self.texts[limit:]

    def levels(self) -> list[Level]:
        """Return price and amount of each level, as wire text."""
        return [(price, amount) for price, _, amount in (text.partition(":") for text in self.texts)]

    def _exactly(self, price: str) -> Decimal:
        number = Decimal(price)
        return number if self._sign > 0 else number.copy_negate()  # a minus sign would round to 28 digits

    def _count_exactly(self) -> None:
        self._is_exact = True
        self.keys = [self._exactly(text.partition(":")[0]) for text in self.texts]


class CheckedBook:
    """The book of one market.

    Parameters
    ----------
    limit : int
        Levels a side that were subscribed to.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.lock = threading.Lock()  # between the socket's thread, which changes it, and who looks at it
        self.bids, self.asks = LevelSide(-1), LevelSide(1)
        self.is_verified = False
        self.last = ""
        self.updated_at = 0
        self.checksum: int | None = None

    def frozen(self) -> CheckedBook:
        """Return the book as it is now."""
        made = CheckedBook(self.limit)
        with self.lock:
            for mine, other in ((made.bids, self.bids), (made.asks, self.asks)):
                mine.keys, mine.texts = list(other.keys), list(other.texts)
            made.is_verified, made.last = self.is_verified, self.last
            made.updated_at, made.checksum = self.updated_at, self.checksum
        return made

    def take(self, push: Depth) -> str:
        """Apply a push; return what is wrong with the book then, "" when it is verified.

        A push of changes must only be applied to a book that is verified.
        """
        with self.lock:
            return self._take(push)

    def _take(self, push: Depth) -> str:
        depth = push.depth
        self.updated_at, self.checksum = depth.updated_at, depth.checksum
        try:
            if depth.last and depth.last != self.last:
                self.last = _checked(depth.last)
            if push.is_full:
                self.bids.replace(depth.bids or ())
                self.asks.replace(depth.asks or ())
            else:
                self.bids.change(depth.bids or ())
                self.asks.change(depth.asks or ())
            wrong = self._wrong(push)
        except (ValueError, ArithmeticError) as fault:  # Decimal raises the latter
            wrong = f"no number where one belongs: {fault}"
        self.is_verified = not wrong
        return wrong

    def _wrong(self, push: Depth) -> str:
        bids, asks, sent = self.bids, self.asks, push.depth.checksum
        if bids.keys and asks.keys and not _apart(bids, asks):
            return f"crossed: bid {bids.texts[0]} at or above ask {asks.texts[0]}"
        if sent is None:
            return "no checksum came with it"
        found = zlib.crc32(":".join(bids.texts + asks.texts).encode())
        if found != sent & 0xFFFFFFFF and not self._fits_otherwise(push, sent & 0xFFFFFFFF):
            return f"checksum {sent & 0xFFFFFFFF}, of what is here {found}"
        return ""

    def _fits_otherwise(self, push: Depth, sent: int) -> bool:
        """Return whether the checksum fits another reading of the documentation, and take that one.

        Whether levels that slip out of the window are taken back by an amount of 0 is not documented, nor whether
        the checksum of a whole book counts a level of amount 0.
        """
        if len(self.bids.texts) > self.limit or len(self.asks.texts) > self.limit:
            bids, asks = self.bids.texts[: self.limit], self.asks.texts[: self.limit]
            if zlib.crc32(":".join(bids + asks).encode()) == sent:
                self.bids.cut(self.limit)
                self.asks.cut(self.limit)
                return True
        if not push.is_full:
            return False
        levels = (*(push.depth.bids or ()), *(push.depth.asks or ()))
        return zlib.crc32(":".join(text for level in levels for text in level).encode()) == sent


def _standing(levels: Sequence[Level]) -> Sequence[Level]:
    """Return the levels whose amount is not 0; ValueError when one is no number, or below 0."""
    sizes = [float(amount) for _, amount in levels]
    if sizes and min(sizes) > 0 and sum(sizes) < _INFINITE:  # what is no number makes the sum none
        return levels
    for size in sizes:
        if not 0 <= size < _INFINITE:
            raise ValueError(f"amount {size!r}")
    return [level for level, size in zip(levels, sizes, strict=True) if size]


def _apart(bids: LevelSide, asks: LevelSide) -> bool:
    """Return whether the best bid is below the best ask; a float is not exactly its text, so two of a kind compare."""
    bid, ask = bids.keys[0], asks.keys[0]
    if bid.__class__ is ask.__class__ is float:
        return bool(-bid < ask)
    return Decimal(bids.texts[0].partition(":")[0]) < Decimal(asks.texts[0].partition(":")[0])


def _checked(text: str) -> str:
    if not -_INFINITE < float(text) < _INFINITE:
        raise ValueError(f"{text!r}")
    return text
