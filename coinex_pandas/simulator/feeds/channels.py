"""The public channels of one connection: its subscriptions, what was pushed last, and the pushes due at an instant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from coinex_pandas.simulator.feeds.pushes import Push, book_push, deal_pushes, row_push, state_push
from coinex_pandas.simulator.feeds.snapshot import Snapshot
from coinex_pandas.simulator.market.book import BUCKET, Book
from coinex_pandas.simulator.market.catalogue import Market
from coinex_pandas.simulator.parameters import MERGE_STEPS, merge_step

__all__ = ["Bbo", "Channel", "Deals", "Depth", "DepthSubscription", "Index", "Premium", "State"]

_HISTORY = 50  # deals in the first push
_INDEX_PACE = 5_000
_REFRESH = 60_000  # milliseconds after which a book is sent whole, also an unchanged one
_LIMITS = (5, 10, 20, 50)

DepthSubscription = tuple[str, int, str, bool]  # market, limit, interval, if_full


class Channel:
    """A channel: the markets it is subscribed to, and by market what was pushed last.

    An empty list of markets means all of them where the documentation says so. Where it says nothing (index on spot,
    bbo, premium), this exchange acknowledges an empty list and then pushes nothing.
    """

    name: ClassVar[str]
    areas_with_all: ClassVar[tuple[str, ...]] = ()

    def __init__(self, area: str) -> None:
        self._has_all = area in self.areas_with_all
        self._all = False
        self._names: dict[str, None] = {}
        self._excluded: set[str] = set()  # unsubscribed from after subscribing to all
        self._pushed: dict[str, Any] = {}

    def subscribe(self, names: Iterable[str]) -> None:
        """Add markets; those subscribed to already go on as before."""
        names = list(names)
        if not names and self._has_all:
            self._all, self._excluded = True, set()
        self._names |= dict.fromkeys(names)
        self._excluded -= set(names)

    def unsubscribe(self, names: Iterable[str]) -> None:
        """Remove markets; an empty list removes all."""
        names = list(names)
        if not names:
            self._all = False
        for name in names or list({**self._names, **self._pushed}):
            self._names.pop(name, None)
            self._pushed.pop(name, None)
            self._excluded.add(name)

    def due(self, snapshot: Snapshot, *, new_only: bool = False) -> Iterator[Push]:
        """Yield the pushes that are due now; on request only of markets that were never pushed."""
        for market in snapshot.listed.values() if self._all else snapshot.markets(list(self._names)):
            if self._includes(market.name) and not (new_only and market.name in self._pushed):
                yield from self._due(snapshot, market)

    def repeat(self, now: int) -> Iterator[Push]:
        """Yield the last pushes once more, with an updated_at of now."""
        for pushed in self._pushed.values():
            yield self._repeat(pushed, now)

    def stalled(self) -> Self:
        """Return a copy that keeps what was pushed until now."""
        stalled = copy(self)
        stalled._pushed = dict(self._pushed)
        return stalled

    def _includes(self, name: str) -> bool:
        # checked again for each market: an unsubscribe can come during a long round of pushes
        return name in self._names or (self._all and name not in self._excluded)

    def _due(self, snapshot: Snapshot, market: Market) -> Iterable[Push]:
        raise NotImplementedError

    def _repeat(self, pushed: Any, now: int) -> Push:
        row = pushed | {"updated_at": now // BUCKET * BUCKET} if "updated_at" in pushed else pushed
        return row_push(self.name, row)


class State(Channel):
    """Tickers: those that changed, in one push. A subscription replaces the former one."""

    name = "state"
    areas_with_all = ("spot", "futures")

    def subscribe(self, names: Iterable[str]) -> None:
        """Subscribe to these markets and no others."""
        self.unsubscribe([])
        super().subscribe(names)

    def due(self, snapshot: Snapshot, *, new_only: bool = False) -> Iterator[Push]:
        """Yield one push of the tickers that changed."""
        names = list(snapshot.listed) if self._all else list(self._names)
        markets = [market for market in snapshot.markets(names) if self._includes(market.name)]
        fresh = [market for market in markets if not (new_only and market.name in self._pushed)]
        rows = [snapshot.ticker(market) for market in fresh]
        changed = [row for row in rows if self._pushed.get(row["market"]) != row]
        self._pushed |= {row["market"]: row for row in changed}
        if changed:
            yield state_push(changed)

    def repeat(self, now: int) -> Iterator[Push]:
        """Yield all tickers as they were."""
        if self._pushed:
            yield state_push(list(self._pushed.values()))


class Deals(Channel):
    """Deals: recent ones first, then new ones."""

    name = "deals"
    areas_with_all = ("spot", "futures")

    def repeat(self, now: int) -> Iterator[Push]:
        """Yield nothing: no deal happens twice."""
        yield from ()

    def _due(self, snapshot: Snapshot, market: Market) -> Iterable[Push]:
        if snapshot.moment.freeze is not None:
            return []  # trading has ended
        since = self._pushed.get(market.name)
        if since is None:
            self._pushed[market.name] = snapshot.moment.until
            return snapshot.cached(
                ("history", market.key), lambda: deal_pushes(market, snapshot.recent_deals(market, _HISTORY))
            )
        pushes, until = snapshot.cached(("deals", market.key, since), lambda: _new_deals(snapshot, market, since))
        self._pushed[market.name] = until
        return pushes


class RowChannel(Channel):
    """A channel whose push is one row, sent when it differs from the one before."""

    def _due(self, snapshot: Snapshot, market: Market) -> Iterable[Push]:
        if snapshot.moment.freeze is not None:
            return []  # as observed on a market whose trading had ended: acknowledged, then silent
        push = snapshot.cached((self.name, market.key), lambda: self._push(snapshot, market))
        if push is None or not self._should_push(self._pushed.get(market.name), push.data):
            return []
        self._pushed[market.name] = push.data
        return [push]

    def _push(self, snapshot: Snapshot, market: Market) -> Push | None:
        row = self._row(snapshot, market)
        return None if row is None else row_push(self.name, row)

    def _should_push(self, before: dict[str, Any] | None, row: dict[str, Any]) -> bool:
        return before is None or before != row | {"updated_at": before["updated_at"]}

    def _row(self, snapshot: Snapshot, market: Market) -> dict[str, Any] | None:
        raise NotImplementedError


class Bbo(RowChannel):
    """Best bid and ask, when one of them changes."""

    name = "bbo"

    def _row(self, snapshot: Snapshot, market: Market) -> dict[str, Any] | None:
        return snapshot.best(market)


class Premium(RowChannel):
    """The premium index, when it changes."""

    name = "premium"

    def _row(self, snapshot: Snapshot, market: Market) -> dict[str, Any] | None:
        return snapshot.premium(market)


class Index(RowChannel):
    """Index prices, on futures mark prices too: every five seconds, changed or not."""

    name = "index"
    areas_with_all = ("futures",)

    def __init__(self, area: str) -> None:
        super().__init__(area)
        self._times: dict[str, int] = {}

    def _due(self, snapshot: Snapshot, market: Market) -> Iterable[Push]:
        if market.name in self._pushed and snapshot.moment.now - self._times[market.name] < _INDEX_PACE:
            return []
        self._times[market.name] = snapshot.moment.now
        return super()._due(snapshot, market)

    def _should_push(self, before: dict[str, Any] | None, row: dict[str, Any]) -> bool:
        return True

    def _row(self, snapshot: Snapshot, market: Market) -> dict[str, Any] | None:
        return snapshot.index(market)


@dataclass(frozen=True, slots=True)
class _PushedBook:
    """A book that was pushed, its market's last price, and when a whole book was pushed last."""

    market: str
    book: Book
    last: str
    whole_at: int


class Depth(Channel):
    """Order books: whole ones or what changed, and a whole one every minute."""

    name = "depth"

    def __init__(self, area: str) -> None:
        super().__init__(area)
        self._settings: dict[str, tuple[int, str, bool]] = {}

    def subscribe_books(self, subscriptions: Iterable[DepthSubscription]) -> None:
        """Add books; new settings of a market replace the former ones and begin with a whole book.

        A limit or an interval that does not exist is acknowledged, as observed, and changes nothing.
        """
        for market, limit, interval, if_full in subscriptions:
            if limit in _LIMITS and interval in MERGE_STEPS:
                settings = (limit, interval, if_full)
                if self._settings.get(market, settings) != settings:
                    self._pushed.pop(market, None)
                self._settings[market] = settings
                self.subscribe([market])

    def unsubscribe(self, names: Iterable[str]) -> None:
        """Remove markets; an empty list removes all."""
        super().unsubscribe(names)
        self._settings = {name: settings for name, settings in self._settings.items() if name in self._names}

    def _due(self, snapshot: Snapshot, market: Market) -> Iterable[Push]:
        limit, interval, if_full = self._settings[market.name]
        book = snapshot.book(market, limit, merge_step(interval, market))
        pushed: _PushedBook | None = self._pushed.get(market.name)
        if pushed is None or snapshot.moment.now - pushed.whole_at >= _REFRESH:
            return [self._push_book(snapshot, market, book, None, snapshot.moment.now)]
        if _same(pushed.book, book):
            return []
        if if_full:
            return [self._push_book(snapshot, market, book, None, snapshot.moment.now)]
        return [self._push_book(snapshot, market, book, pushed.book, pushed.whole_at)]

    def _push_book(self, snapshot: Snapshot, market: Market, book: Book, since: Book | None, whole_at: int) -> Push:
        last = snapshot.ticker(market)["last"]
        self._pushed[market.name] = _PushedBook(market.name, book, last, whole_at)
        # both books are kept beside the push, so that their ids are not used again
        name = ("depth", id(book), id(since))
        return snapshot.cached(name, lambda: (book_push(market.name, book, last, since), book, since))[0]

    def _repeat(self, pushed: _PushedBook, now: int) -> Push:
        return book_push(pushed.market, pushed.book, pushed.last, updated_at=now // BUCKET * BUCKET)


def _new_deals(snapshot: Snapshot, market: Market, since: int) -> tuple[list[Push], int]:
    deals, until = snapshot.deals_since(market, since)
    return deal_pushes(market, deals), until


def _same(one: Book, other: Book) -> bool:
    return one is other or (one.bids == other.bids and one.asks == other.asks)
