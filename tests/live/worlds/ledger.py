"""What the exchange of a simulated world made, and what became of each row of it on its way to the client."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any, NamedTuple

Key = tuple[str, str]
"""A channel and a market."""

# What can become of a row. CAME: delivered. ODD: delivered with a number that is none. SPOILT: in a frame that cannot
# be read. LOST: on its way when the connection ended. UNSENT: made while nobody was subscribed. IGNORED: a change of
# a book that the client does not have. SILENT: a change that vanished without a sign.
CAME, ODD, SPOILT, LOST, UNSENT, IGNORED, SILENT = "came", "odd", "spoilt", "lost", "unsent", "ignored", "silent"


class Item:
    """A row that the exchange made: its cells as the table should have them, and its JSON."""

    __slots__ = ("cells", "channel", "market", "odd", "sides", "wire")

    def __init__(self, channel: str, market: str, cells: tuple[Any, ...], wire: str, odd: str = "") -> None:
        self.channel, self.market, self.cells, self.wire = channel, market, cells, wire
        self.odd = odd
        """The JSON with a number that is none; empty where there is no such."""
        self.sides: tuple[list[tuple[str, str]], list[tuple[str, str]]] = ([], [])
        """Of a book: bids and asks, best first."""

    @property
    def key(self) -> Key:
        """Channel and market."""
        return self.channel, self.market

    def __repr__(self) -> str:
        return f"{self.channel} {self.market} {self.cells}"


class Entry(NamedTuple):
    """One thing that became of a row; ``verified`` is of a book after it, as an independent book has it."""

    serial: int
    kind: str
    item: Item
    at: int
    verified: bool = True


class Mark(NamedTuple):
    """A place in the ledger of a key: before and after what was delivered at the same moment."""

    before: int
    after: int


class Ledger:
    """The entries of each channel and market, in the order in which they happened."""

    def __init__(self) -> None:
        self.entries: dict[Key, list[Entry]] = defaultdict(list)
        self.faults: Counter[str] = Counter()
        self.log: list[str] | None = None
        self._serial = 0
        self._together: dict[Key, int] = {}

    def note(self, kind: str, item: Item, at: int, verified: bool = True) -> None:
        """Enter what became of a row."""
        self._serial += 1
        self.entries[item.channel, item.market].append(Entry(self._serial, kind, item, at, verified))

    def begin(self, keys: set[Key]) -> None:
        """Note that what is entered until `end` is delivered at one moment."""
        self._together = {key: len(self.entries[key]) for key in keys}

    def end(self) -> None:
        """Note that the moment is over."""
        self._together = {}

    def mark(self, key: Key) -> Mark:
        """Return the place of now."""
        here = len(self.entries[key])
        return Mark(self._together.get(key, here), here)

    def tell(self, now: float, text: str) -> None:
        """Write a line of the log, where one is kept."""
        if self.log is not None:
            self.log.append(f"{now:9.3f}  {text}")
