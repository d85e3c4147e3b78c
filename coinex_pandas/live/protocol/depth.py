"""The subscription to order books: one verified book per market, shared by all who look at it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from coinex_pandas.live.channel import Channel
from coinex_pandas.live.protocol.messages import Depth
from coinex_pandas.live.protocol.order_book import OrderBook
from coinex_pandas.live.protocol.subscription import FollowUp, Resubscribe, Subscriber, Subscription
from coinex_pandas.tables.rows.book import BookTop

__all__ = ["BookSubscriber", "DepthSubscription", "Shape"]

Shape = tuple[int, str, bool]
"""Levels a side, price step, whether every push is the whole book."""

_RETRY = 5.0  # seconds; a whole book that does not come is requested again


class BookSubscriber(Subscriber, Protocol):
    """The buffer of a book."""

    shape: Shape
    book: OrderBook | None


class DepthSubscription(Subscription):
    """The depth channel on a connection."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(channel)
        self._shapes: dict[str, Shape] = {}
        self._books: dict[str, OrderBook] = {}
        self._requested_at: dict[str, float] = {}
        self._renewing: set[str] = set()  # between an unsubscription and the new one something may be missed

    def fits(self, subscriber: Any) -> bool:
        """Return whether a book in this shape is possible here: a market has one, as pushes do not say theirs."""
        return all(self._shapes.get(market, subscriber.shape) == subscriber.shape for market in subscriber.markets)

    def add(self, subscriber: Any, at: int) -> Sequence[FollowUp]:
        """Add a subscriber, who gets the book that is there at once."""
        for market in subscriber.markets:
            self._shapes[market] = subscriber.shape
            subscriber.book = self._books.setdefault(market, OrderBook(subscriber.shape[0]))
        return super().add(subscriber, at)

    def targets(self) -> list[Any]:
        """Return what a subscription names: market, limit, interval, whether every push is whole."""
        return [[market, *self._shapes[market]] for market in self.subscribers]

    def disconnect(self, start: int, cause: str) -> None:
        """Note that the connection is gone: the books here are out of date."""
        super().disconnect(start, cause)
        self._renewing.clear()
        self._requested_at.clear()
        self._distrust()

    def lose_frame(self, start: int, end: int, cause: str) -> Sequence[FollowUp]:
        """Note that a frame was lost: it may have changed any of the books."""
        for market in self.subscribers:
            self._open_gap(market, start, cause)
        self._distrust()
        return [each for market in self.live_markets() for each in self._renew(market)]

    def push(self, data: Depth, at: int) -> Sequence[FollowUp]:
        """Apply a push to its book; open a gap when the book is wrong after it."""
        market = data.market
        book = self._books.get(market)
        if book is None or not self.is_wanted(market):
            return ()
        self._start(market, at)
        if not data.is_full and not book.is_verified:
            # changes of a book that is not here; without a whole one before them there is no gap to open
            return self._renew(market)
        wrong = book.apply(data)
        if wrong:
            self._open_gap(market, at, wrong)
        elif market in self._renewing:
            self._open_gap(market, at, "it is being subscribed to anew")
        elif market in self.open_gaps:
            self._close_gap(market, at)
        self._distribute_top(market, book, at)
        return self._renew(market) if wrong else ()

    def settle(self, at: int) -> None:
        """Note that every subscription is acknowledged: a book that is right by now stays so."""
        self._renewing.clear()
        for market in list(self.open_gaps):
            if self._books[market].is_verified:
                self._close_gap(market, at)

    def _distribute_top(self, market: str, book: OrderBook, at: int) -> None:
        row = _top(market, book)
        values = (book.checksum, book.last)
        changed = self._last_values.get(market) != values
        self._last_values[market], self._newest[market] = values, (row, at)
        for subscriber in self.subscribers[market]:
            subscriber.append(market, (row,), at, changed)

    def _renew(self, market: str) -> Sequence[FollowUp]:
        """Return the request for a whole book; where every push is one, the next will do."""
        return () if self._shapes[market][2] else (Resubscribe(self, market),)

    def begins_anew(self, market: str, now: float) -> bool:
        """Return whether it is time to request a whole book, and note that it is requested."""
        if now - self._requested_at.get(market, -_RETRY) < _RETRY:
            return False
        self._requested_at[market] = now
        self._renewing.add(market)
        return True

    def _distrust(self) -> None:
        for book in self._books.values():
            book.is_verified = False

    def _drop(self, market: str) -> None:
        super()._drop(market)
        for by_market in (self._shapes, self._books, self._requested_at):
            by_market.pop(market, None)
        self._renewing.discard(market)


def _top(market: str, book: OrderBook) -> BookTop:
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
