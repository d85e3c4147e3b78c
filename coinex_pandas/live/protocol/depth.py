"""The depth channel of a connection: one checked book per market, shared by all who look at it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from coinex_pandas.live.channel import Channel
from coinex_pandas.live.protocol.messages import Depth
from coinex_pandas.live.protocol.order_book import CheckedBook
from coinex_pandas.live.protocol.subscription import Ask, Feed, Fresh, Sink
from coinex_pandas.tables.rows.book import BookTop

__all__ = ["BookSink", "DepthFeed", "Shape"]

Shape = tuple[int, str, bool]
"""Levels a side, price step, whether every push is the whole book."""

_AGAIN_MS = 5_000  # a fresh book that does not come is asked for again


class BookSink(Sink, Protocol):
    """Who looks at a book."""

    shape: Shape
    book: CheckedBook | None


class DepthFeed(Feed):
    """The depth channel on a connection."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(channel)
        self._shapes: dict[str, Shape] = {}
        self._books: dict[str, CheckedBook] = {}
        self._asked: dict[str, int] = {}
        self._renewing: set[str] = set()  # between an unsubscription and the new one something may be missed

    def fits(self, sink: Any) -> bool:
        """Return whether a book can be had in this shape: pushes do not tell theirs, so there is one per market."""
        return all(self._shapes.get(market, sink.shape) == sink.shape for market in sink.markets)

    def add(self, sink: Any, at: int) -> Sequence[Ask]:
        """Let somebody look; the book that is there is theirs at once."""
        for market in sink.markets:
            self._shapes[market] = sink.shape
            sink.book = self._books.setdefault(market, CheckedBook(sink.shape[0]))
        return super().add(sink, at)

    def wanted(self) -> list[Any]:
        """Return what a subscription names: market, limit, interval, whether every push is whole."""
        return [[market, *self._shapes[market]] for market in self.sinks]

    def disconnected(self, start: int, cause: str) -> None:
        """Note that the connection is gone: what is here is not the book any more."""
        super().disconnected(start, cause)
        self._renewing.clear()
        self._asked.clear()
        self._doubt()

    def missed(self, start: int, end: int, cause: str) -> Sequence[Ask]:
        """Note that a frame was lost: it may have changed any of the books."""
        for market in self.sinks:
            self._break(market, start, cause)
        self._doubt()
        return [ask for market in self.working() for ask in self._fresh(market, end)]

    def push(self, data: Depth, at: int) -> Sequence[Ask]:
        """Apply a push to its book, and say so when the book is not right after it."""
        market = data.market
        book = self._books.get(market)
        if book is None or not self.listens(market):
            return ()
        self._begin(market, at)
        if not data.is_full and not book.is_verified:
            # changes of a book that is not here; without a whole one before them there is nothing to mark as broken
            return self._fresh(market, at)
        wrong = book.take(data)
        if wrong:
            self._break(market, at, wrong)
        elif market in self._renewing:
            self._break(market, at, "it is being subscribed to anew")
        elif market in self.broken:
            self._heal(market, at)
        self._hand_on(market, book, at)
        return self._fresh(market, at) if wrong else ()

    def settled(self, at: int) -> None:
        """Note that every subscription stands: a book that is right by now stays so."""
        self._renewing.clear()
        for market in list(self.broken):
            if self._books[market].is_verified:
                self._heal(market, at)

    def _hand_on(self, market: str, book: CheckedBook, at: int) -> None:
        row = _top(market, book)
        signature = (book.checksum, book.last)
        changed = self._before.get(market) != signature
        self._before[market], self._newest[market] = signature, (row, at)
        for sink in self.sinks[market]:
            sink.take(market, (row,), at, changed)

    def _fresh(self, market: str, at: int) -> Sequence[Ask]:
        """Return the wish for a whole book; where every push is one, the next will do."""
        if self._shapes[market][2] or at - self._asked.get(market, -_AGAIN_MS) < _AGAIN_MS:
            return ()
        self._asked[market] = at
        self._renewing.add(market)
        return (Fresh(self, market),)

    def _doubt(self) -> None:
        for book in self._books.values():
            book.is_verified = False

    def _forget(self, market: str) -> None:
        super()._forget(market)
        for known in (self._shapes, self._books, self._asked):
            known.pop(market, None)
        self._renewing.discard(market)


def _top(market: str, book: CheckedBook) -> BookTop:
    bid, ask = (_best(side.best) for side in (book.bids, book.asks))
    return BookTop(
        market=market,
        updated_at=book.updated_at,
        best_bid_price=bid[0],
        best_bid_size=bid[1],
        best_ask_price=ask[0],
        best_ask_size=ask[1],
        last=float(book.last) if book.last else "",
        verified=book.is_verified,
    )


def _best(text: str) -> tuple[Any, Any]:
    if not text:
        return "", ""
    price, _, amount = text.partition(":")
    return float(price), float(amount)
