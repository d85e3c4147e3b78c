"""An order book that is verified by its checksum at every push.

Beside each price stands its ready text ``price:amount`` as the wire sent it, so that the checksum is one join and one
CRC-32. Prices are compared as numbers, never as text; a price too long for a float to be told from its neighbours
makes the whole side count in Decimal.
"""

from __future__ import annotations

import threading
import zlib
from bisect import bisect_left
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from coinex_pandas.frames import Depth

__all__ = ["CheckedBook", "LevelSide"]

_EXACT = 16  # characters up to which two different prices are two different floats

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
        self._number: Callable[[str], Any] = float
        self.keys: list[Any] = []
        self.texts: list[str] = []

    def replace(self, levels: Sequence[Level]) -> None:
        """Have these levels and no others; those of amount 0 are none."""
        standing = [level for level in levels if level[1] != "0" and float(level[1])]
        if any(len(price) > _EXACT for price, _ in standing):
            self._number = Decimal
        sign, number = self._sign, self._number
        keys = [sign * number(price) for price, _ in standing]
        if any(later <= former for former, later in pairwise(keys)):
            unique = dict(zip(keys, standing, strict=True))
            keys = sorted(unique)
            standing = [unique[key] for key in keys]
        self.keys, self.texts = keys, [f"{price}:{amount}" for price, amount in standing]

    def change(self, levels: Sequence[Level]) -> None:
        """Set the amounts of some prices; amount 0 takes a price away."""
        keys, texts, sign = self.keys, self.texts, self._sign
        for price, amount in levels:
            if len(price) > _EXACT and self._number is float:
                self._count_exactly()
                keys = self.keys
            key = sign * self._number(price)
            at = bisect_left(keys, key)
            there = at < len(keys) and keys[at] == key
            if amount == "0" or not float(amount):
                if there:
                    del keys[at], texts[at]
            elif there:
                texts[at] = f"{price}:{amount}"
            else:
                keys.insert(at, key)
                texts.insert(at, f"{price}:{amount}")

    def cut(self, limit: int) -> None:
        """Forget what lies behind the best so many levels."""
        del self.keys[limit:], self.texts[limit:]

    def levels(self) -> list[Level]:
        """Return price and amount of each level, as wire text."""
        return [(price, amount) for price, _, amount in (text.partition(":") for text in self.texts)]

    def _count_exactly(self) -> None:
        self._number = Decimal
        self.keys = [self._sign * Decimal(text.partition(":")[0]) for text in self.texts]


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

    def take(self, push: Depth) -> str:
        """Apply a push; return what is wrong with the book then, "" when it is verified.

        A push of changes must only be applied to a book that is verified.
        """
        with self.lock:
            return self._take(push)

    def _take(self, push: Depth) -> str:
        depth = push.depth
        if push.is_full:
            self.bids.replace(depth.bids or ())
            self.asks.replace(depth.asks or ())
        else:
            self.bids.change(depth.bids or ())
            self.asks.change(depth.asks or ())
        self.updated_at, self.checksum = depth.updated_at, depth.checksum
        self.last = depth.last or self.last
        wrong = self._wrong(push)
        self.is_verified = not wrong
        return wrong

    def _wrong(self, push: Depth) -> str:
        bids, asks, sent = self.bids, self.asks, push.depth.checksum
        if bids.keys and asks.keys and -bids.keys[0] >= asks.keys[0]:
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
