"""An order book that is verified by its checksum at every push.

Each price is kept with its text ``price:amount`` as the wire sent it, so that the checksum is one join and one CRC-32.
Prices are compared as numbers, never as text. A price with more digits than a float can distinguish makes its whole
side use Decimal, without rounding.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from decimal import Decimal
from itertools import chain, pairwise
from typing import Any
from zlib import crc32

from coinex_pandas.errors.quoting import quoted
from coinex_pandas.live.protocol.messages import Depth, Levels
from coinex_pandas.tables.kinds import is_number

__all__ = ["BookSide", "OrderBook"]

_EXACT = 15  # characters up to which two different prices are two different floats

_INFINITE = float("inf")

Level = tuple[str, str]


class BookSide:
    """One side of a book, best first.

    Parameters
    ----------
    sign : {1, -1}
        1 for asks (lowest first), -1 for bids.
    lines : list of str, optional
        The list that holds the texts, behind those of another side: a list of both can be joined without a copy.
    before : BookSide, optional
        That other side.
    """

    def __init__(self, sign: int, lines: list[str] | None = None, before: BookSide | None = None) -> None:
        self._sign, self._is_ask = sign, sign > 0
        self._is_exact = False
        self.keys: list[Any] = []
        self._lines: list[str] = [] if lines is None else lines
        self._before = before

    @property
    def texts(self) -> list[str]:
        """The ready text of each level."""
        start = self._start()
        return self._lines[start : start + len(self.keys)]

    @property
    def best(self) -> str:
        """The text of the best level; "" when there is none."""
        return self._lines[self._start()] if self.keys else ""

    def _start(self) -> int:
        return 0 if self._before is None else len(self._before.keys)

    def replace(self, levels: Sequence[Level]) -> None:
        """Replace all levels; those of amount 0 are left out. ValueError for what is no number."""
        rest = _nonzero(levels)
        if any(len(price) > _EXACT for price, _ in rest):
            self._is_exact = True
        sign = self._sign
        keys: list[Any] = [self._decimal(price) if self._is_exact else sign * float(price) for price, _ in rest]
        if not all(former < later for former, later in pairwise(keys)):
            if any(key != key for key in keys):  # noqa: PLR0124  # what is no number equals nothing
                raise ValueError("a price that is no number")
            unique = dict(zip(keys, rest, strict=True))
            keys = sorted(unique)
            rest = [unique[key] for key in keys]
        if not all(-_INFINITE < key < _INFINITE for key in (*keys[:1], *keys[-1:])):
            raise ValueError("an infinite price")
        self._put(keys, [f"{price}:{amount}" for price, amount in rest])

    def _put(self, keys: list[Any], texts: list[str]) -> None:
        start = self._start()
        self._lines[start : start + len(self.keys)] = texts
        self.keys = keys

    def change(self, levels: Sequence[Level]) -> None:
        """Set the amounts of some prices; amount 0 removes a price. ValueError for what is no number."""
        if self._is_exact:
            self._change_decimals(levels)
            return
        keys, lines, is_ask, infinite = self.keys, self._lines, self._is_ask, _INFINITE
        start, count = 0 if self._before is None else len(self._before.keys), len(keys)
        for price, amount in levels:
            key = float(price) if is_ask else -float(price)
            at = bisect_left(keys, key)
            if at < count and keys[at] == key:
                if amount != "0" and 0.0 < float(amount) < infinite:
                    lines[start + at] = f"{price}:{amount}"
                else:
                    if amount != "0":
                        _require_zero(amount)
                    del keys[at]
                    del lines[start + at]
                    count -= 1
            elif len(price) > _EXACT:
                self._change_decimals(levels)  # amounts are absolute: those set already are set again
                return
            elif amount != "0" and 0.0 < float(amount) < infinite and -infinite < key < infinite:
                keys.insert(at, key)
                lines.insert(start + at, f"{price}:{amount}")
                count += 1
            elif amount != "0":
                _require_zero(amount)

    def _change_decimals(self, levels: Sequence[Level]) -> None:
        if not self._is_exact:
            self._use_decimals()
        start = self._start()
        for price, amount in levels:
            key = self._decimal(price)
            at = bisect_left(self.keys, key)
            if at < len(self.keys) and self.keys[at] == key:
                del self.keys[at], self._lines[start + at]
            if 0.0 < float(amount) < _INFINITE:
                self.keys.insert(at, _finite(key))
                self._lines.insert(start + at, f"{price}:{amount}")
            else:
                _require_zero(amount)

    def require_numbers(self) -> None:
        """Drop the levels that are no numbers as the exchange writes them; raise ValueError when there is one."""
        levels = self.levels()
        try:
            _require_numbers(levels)
        except ValueError:
            self.replace([level for level in levels if _is_level(*level)])
            raise

    def cut(self, limit: int) -> None:
        """Keep only the best so many levels."""
        self._put(self.keys[:limit], self.texts[:limit])

    def levels(self) -> list[Level]:
        """Return price and amount of each level, as wire text."""
        return [(price, amount) for price, _, amount in (text.partition(":") for text in self.texts)]

    def _decimal(self, price: str) -> Decimal:
        number = Decimal(price)
        return number if self._sign > 0 else number.copy_negate()  # a minus sign would round it to 28 digits

    def _use_decimals(self) -> None:
        self._is_exact = True
        self.keys = [self._decimal(text.partition(":")[0]) for text in self.texts]


class OrderBook:
    """The book of one market.

    Parameters
    ----------
    limit : int
        Levels a side that were subscribed to.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._changes = 0  # odd while the socket's thread changes it
        self._lines: list[str] = []  # of both sides, in the order of the checksum
        self.bids = BookSide(-1, self._lines)
        self.asks = BookSide(1, self._lines, self.bids)
        self.is_verified = False
        self.last = ""
        self._depth: Levels | None = None

    @property
    def updated_at(self) -> int:
        """When the exchange changed the book, in unix milliseconds; 0 before the first push."""
        return 0 if self._depth is None else self._depth.updated_at

    @property
    def checksum(self) -> int | None:
        """The checksum that came last."""
        return None if self._depth is None else self._depth.checksum

    def copy(self) -> OrderBook | None:
        """Return a copy of the book, from any thread; None when a push changed the book meanwhile: copy it again.

        A lock would cost the socket's thread more than all its checks.
        """
        before = self._changes
        if before & 1:
            return None
        book = self._copy()
        return book if before == self._changes else None

    def _copy(self) -> OrderBook:
        book = OrderBook(self.limit)
        for mine, other in ((book.bids, self.bids), (book.asks, self.asks)):
            mine._put(list(other.keys), other.texts)
        book.is_verified, book.last, book._depth = self.is_verified, self.last, self._depth
        return book

    def apply(self, push: Depth) -> str:
        """Apply a push; return what is wrong with the book after it, "" when it is verified.

        A push of changes must only be applied to a book that is verified.
        """
        depth, bids, asks = push.depth, self.bids, self.asks
        self._changes += 1
        self._depth = depth
        try:
            if push.is_full:
                _require_numbers(depth.bids or ())
                _require_numbers(depth.asks or ())
                bids.replace(depth.bids or ())
                asks.replace(depth.asks or ())
            else:
                if depth.bids:
                    bids.change(depth.bids)
                if depth.asks:
                    asks.change(depth.asks)
            if depth.last != self.last and depth.last:
                self.last = _number_text(depth.last)
            text = ":".join(self._lines)
            checksum = crc32(text.encode())
            if not text.isascii() or "_" in text or "-" in text or "+" in text or " " in text or "\t" in text:
                for side in (bids, asks):
                    side.require_numbers()
            bid, ask = bids.keys, asks.keys
            has_floats = not (bids._is_exact or asks._is_exact)
            if checksum == depth.checksum and has_floats and bid and ask and -bid[0] < ask[0]:
                wrong = ""
            else:  # a side is empty, or prices are Decimals, or something is wrong
                wrong = self._wrong(push, checksum)
        except (ValueError, ArithmeticError) as fault:  # Decimal raises the latter
            wrong = f"no number where one belongs: {quoted(fault, 120)}"
        self.is_verified = not wrong
        self._changes += 1
        return wrong

    def _wrong(self, push: Depth, checksum: int) -> str:
        bids, asks, sent = self.bids, self.asks, push.depth.checksum
        if not _is_uncrossed(bids, asks):
            return f"crossed: bid {bids.texts[0]} at or above ask {asks.texts[0]}"
        if sent is None:
            return "no checksum came with it"
        if checksum != sent & 0xFFFFFFFF and not self._fits_otherwise(push, sent & 0xFFFFFFFF):
            return f"checksum {sent & 0xFFFFFFFF}, that of the book here {checksum}"
        return ""

    def _fits_otherwise(self, push: Depth, sent: int) -> bool:
        """Return whether the checksum fits another reading of the documentation, and take that one.

        It is not documented whether levels that leave the window are removed by an amount of 0, nor whether the
        checksum of a whole book counts a level of amount 0.
        """
        if len(self.bids.texts) > self.limit or len(self.asks.texts) > self.limit:
            bids, asks = self.bids.texts[: self.limit], self.asks.texts[: self.limit]
            if crc32(":".join(bids + asks).encode()) == sent:
                self.bids.cut(self.limit)
                self.asks.cut(self.limit)
                return True
        if not push.is_full:
            return False
        levels = (*(push.depth.bids or ()), *(push.depth.asks or ()))
        return crc32(":".join(text for level in levels for text in level).encode()) == sent


def _require_numbers(levels: Sequence[Level]) -> None:
    """Raise ValueError for what Python reads as a number and the exchange does not write, and for prices below 0.

    Other scripts' digits, ``1_0``, `` 1``, ``1.`` and ``.5`` are such. Most books are digits and points only. Of the
    changes that came, only the characters are looked at, unless one of them is odd: this is done thousands of times a
    second.
    """
    text = f":{':'.join(chain.from_iterable(levels))}:".encode()
    if not text.translate(None, b"0123456789.:") and b":." not in text and b".:" not in text:
        return
    for price, amount in levels:
        if not _is_level(price, amount):
            raise ValueError(f"price {quoted(price, 40)!r} and amount {quoted(amount, 40)!r}")


def _is_level(price: str, amount: str) -> bool:
    return is_number(price) and not price.startswith("-") and is_number(amount)


def _nonzero(levels: Sequence[Level]) -> Sequence[Level]:
    """Return the levels whose amount is not 0; ValueError when one is no number, or below 0."""
    sizes = [float(amount) for _, amount in levels]
    if sizes and min(sizes) > 0 and sum(sizes) < _INFINITE:  # NaN makes the sum NaN
        return levels
    for size in sizes:
        if not 0 <= size < _INFINITE:
            raise ValueError(f"amount {size!r}")
    return [level for level, size in zip(levels, sizes, strict=True) if size]


def _require_zero(amount: str) -> None:
    """Raise unless an amount is 0; its price may be no number, too."""
    if float(amount) != 0:
        raise ValueError(f"amount {amount!r}")


def _finite(key: Any) -> Any:
    """Return a price; raise unless it is finite."""
    if not -_INFINITE < key < _INFINITE:
        raise ValueError(f"price {key}")
    return key


def _is_uncrossed(bids: BookSide, asks: BookSide) -> bool:
    """Return whether the best bid is below the best ask; Decimal and float cannot be compared exactly, texts can."""
    if not bids.keys or not asks.keys:
        return True
    bid, ask = bids.keys[0], asks.keys[0]
    if bid.__class__ is ask.__class__ is float:
        return bool(-bid < ask)
    return Decimal(bids.texts[0].partition(":")[0]) < Decimal(asks.texts[0].partition(":")[0])


def _number_text(text: str) -> str:
    if not is_number(text) or not 0 <= float(text) < _INFINITE:
        raise ValueError(f"last price {quoted(text, 40)!r}")
    return text
