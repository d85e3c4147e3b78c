"""Pushes: the messages that a socket sends by itself, made of rows, books and deals, and their gzip frames."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

from coinex_pandas.simulator.market import quotes
from coinex_pandas.simulator.market.book import Book, Levels
from coinex_pandas.simulator.market.catalogue import Market
from coinex_pandas.simulator.market.tape import Deals

__all__ = [
    "GZIP",
    "Push",
    "book_push",
    "deal_pushes",
    "difference",
    "encoded",
    "packed",
    "row_push",
    "state_push",
    "unpacked",
]


_MOST_DEALS = 1000  # in one push
GZIP = 31
"""zlib's number for a gzip member around the data."""


@dataclass(frozen=True, eq=False)
class Push:
    """A message of a channel.

    Attributes
    ----------
    method : str
        Such as ``state.update``.
    data : dict
        Ready for JSON, decimals as text.
    markets : tuple of str
        The markets in it.
    rows : int
        The tickers or deals in it; 1 for a book, an index, a best bid and ask, a premium.
    """

    method: str
    data: dict[str, Any]
    markets: tuple[str, ...]
    rows: int = 1

    @cached_property
    def text(self) -> bytes:
        """The JSON text."""
        return msgspec.json.encode({"method": self.method, "data": self.data, "id": None})

    @cached_property
    def frame(self) -> bytes:
        """The text as one gzip member, compressed once for all connections."""
        return packed(self.text)


def row_push(channel: str, row: dict[str, Any]) -> Push:
    """Return the push of a channel whose data is one row."""
    return Push(f"{channel}.update", row, (row["market"],))


def state_push(rows: list[dict[str, Any]]) -> Push:
    """Return one push with the rows of many markets."""
    return Push("state.update", {"state_list": rows}, tuple(row["market"] for row in rows), len(rows))


def deal_pushes(market: Market, deals: Deals) -> list[Push]:
    """Return deals as pushes, each newest first, the oldest push first; none when there are no deals."""
    parts = [deals.part(at, at + _MOST_DEALS) for at in range(0, len(deals), _MOST_DEALS)]
    lists = [quotes.deal_rows(market, part) for part in parts]
    name = market.name
    return [Push("deals.update", {"market": name, "deal_list": rows}, (name,), len(rows)) for rows in lists]


def book_push(market: str, book: Book, last: str, since: Book | None = None, updated_at: int | None = None) -> Push:
    """Return a book as a push: the whole of it, or what changed since another one."""
    asks = book.asks if since is None else difference(since.asks, book.asks)
    bids = book.bids if since is None else difference(since.bids, book.bids)
    depth = {
        "asks": asks,
        "bids": bids,
        "last": last,
        "updated_at": book.updated_at if updated_at is None else updated_at,
        "checksum": book.checksum,
    }
    return Push("depth.update", {"market": market, "is_full": since is None, "depth": depth}, (market,))


def difference(before: Levels, after: Levels) -> Levels:
    """Return the levels that are new or changed, and those that are gone with amount "0"."""
    old, new = dict(before), dict(after)
    changed = [level for level in after if old.get(level[0]) != level[1]]
    return changed + [(price, "0") for price, _ in before if price not in new]


def packed(text: bytes) -> bytes:
    """Return a text as one gzip member."""
    return zlib.compress(text, 6, GZIP)


def encoded(message: object) -> bytes:
    """Return a message as a frame."""
    return packed(msgspec.json.encode(message))


def unpacked(frame: bytes) -> Any:
    """Return the message of an intact frame."""
    return msgspec.json.decode(zlib.decompress(frame, GZIP))
