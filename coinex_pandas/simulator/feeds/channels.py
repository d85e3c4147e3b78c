"""The public channels of one connection: what it wants, what it has been shown, what it is due at an instant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from coinex_pandas.simulator.feeds.pushes import Push, book_push, deal_pushes, row_push, state_push
from coinex_pandas.simulator.feeds.snapshot import View
from coinex_pandas.simulator.market.book import BUCKET, Book
from coinex_pandas.simulator.market.catalogue import Market
from coinex_pandas.simulator.parameters import MERGE_STEPS, merge_step

__all__ = ["Bbo", "Channel", "Deals", "Depth", "DepthWish", "Index", "Premium", "State"]

_HISTORY = 50  # deals in the first push
_INDEX_PACE = 5_000
_REFRESH = 60_000  # milliseconds after which a book is sent whole, also an unchanged one
_LIMITS = (5, 10, 20, 50)

DepthWish = tuple[str, int, str, bool]  # market, limit, interval, if_full


class Channel:
    """What all channels share: a set of markets, and by market what was shown last.

    An empty list of markets means all of them where the documentation says so. Where it says nothing (index on spot,
    bbo, premium), this exchange acknowledges an empty list and then has nothing to push.
    """

    name: ClassVar[str]
    areas_with_all: ClassVar[tuple[str, ...]] = ()

    def __init__(self, area: str) -> None:
        self._has_all = area in self.areas_with_all
        self._all = False
        self._names: dict[str, None] = {}
        self._without: set[str] = set()  # taken out of all markets again
        self._shown: dict[str, Any] = {}

    def subscribe(self, names: Iterable[str]) -> None:
        """Add markets; those that are there already go on as they were."""
        names = list(names)
        if not names and self._has_all:
            self._all, self._without = True, set()
        self._names |= dict.fromkeys(names)
        self._without -= set(names)

    def unsubscribe(self, names: Iterable[str]) -> None:
        """Take markets out; an empty list takes out all."""
        names = list(names)
        if not names:
            self._all = False
        for name in names or list({**self._names, **self._shown}):
            self._names.pop(name, None)
            self._shown.pop(name, None)
            self._without.add(name)

    def due(self, view: View, *, new_only: bool = False) -> Iterator[Push]:
        """Yield what is to be pushed now, and note it as shown; on request only of markets never shown."""
        for market in view.listed.values() if self._all else view.markets(list(self._names)):
            if self._wants(market.name) and not (new_only and market.name in self._shown):
                yield from self._due(view, market)

    def again(self, now: int) -> Iterator[Push]:
        """Yield what was shown last once more, its updated_at as of now."""
        for shown in self._shown.values():
            yield self._again(shown, now)

    def standing(self) -> Self:
        """Return a copy that keeps what was shown until now."""
        twin = copy(self)
        twin._shown = dict(self._shown)
        return twin

    def _wants(self, name: str) -> bool:
        # asked again for each market: a long round of pushes can be overtaken by an unsubscribe
        return name in self._names or (self._all and name not in self._without)

    def _due(self, view: View, market: Market) -> Iterable[Push]:
        raise NotImplementedError

    def _again(self, shown: Any, now: int) -> Push:
        row = shown | {"updated_at": now // BUCKET * BUCKET} if "updated_at" in shown else shown
        return row_push(self.name, row)


class State(Channel):
    """Tickers: those that changed, in one push. A subscription replaces the former one."""

    name = "state"
    areas_with_all = ("spot", "futures")

    def subscribe(self, names: Iterable[str]) -> None:
        """Want these markets and no others."""
        self.unsubscribe([])
        super().subscribe(names)

    def due(self, view: View, *, new_only: bool = False) -> Iterator[Push]:
        """Yield one push of the tickers that changed."""
        names = list(view.listed) if self._all else list(self._names)
        wanted = [market for market in view.markets(names) if self._wants(market.name)]
        fresh = [market for market in wanted if not (new_only and market.name in self._shown)]
        rows = [view.ticker(market) for market in fresh]
        changed = [row for row in rows if self._shown.get(row["market"]) != row]
        self._shown |= {row["market"]: row for row in changed}
        if changed:
            yield state_push(changed)

    def again(self, now: int) -> Iterator[Push]:
        """Yield all tickers as they were."""
        if self._shown:
            yield state_push(list(self._shown.values()))


class Deals(Channel):
    """Deals: recent ones first, then those that happen."""

    name = "deals"
    areas_with_all = ("spot", "futures")

    def again(self, now: int) -> Iterator[Push]:
        """Yield nothing: no deal happens twice."""
        yield from ()

    def _due(self, view: View, market: Market) -> Iterable[Push]:
        if view.moment.freeze is not None:
            return []  # trading has ended
        since = self._shown.get(market.name)
        if since is None:
            self._shown[market.name] = view.moment.until
            return view.once(("history", market.key), lambda: deal_pushes(market, view.recent_deals(market, _HISTORY)))
        pushes, until = view.once(("deals", market.key, since), lambda: _happened(view, market, since))
        self._shown[market.name] = until
        return pushes


class RowChannel(Channel):
    """A channel whose push is one row, sent when it differs from the one before."""

    def _due(self, view: View, market: Market) -> Iterable[Push]:
        if view.moment.freeze is not None:
            return []  # as observed on a market that had stopped trading: acknowledged, then silent
        push = view.once((self.name, market.key), lambda: self._push(view, market))
        if push is None or not self._is_news(self._shown.get(market.name), push.data):
            return []
        self._shown[market.name] = push.data
        return [push]

    def _push(self, view: View, market: Market) -> Push | None:
        row = self._row(view, market)
        return None if row is None else row_push(self.name, row)

    def _is_news(self, before: dict[str, Any] | None, row: dict[str, Any]) -> bool:
        return before is None or before != row | {"updated_at": before["updated_at"]}

    def _row(self, view: View, market: Market) -> dict[str, Any] | None:
        raise NotImplementedError


class Bbo(RowChannel):
    """Best bid and ask, when one of them changes."""

    name = "bbo"

    def _row(self, view: View, market: Market) -> dict[str, Any] | None:
        return view.best(market)


class Premium(RowChannel):
    """The premium index, when it changes."""

    name = "premium"

    def _row(self, view: View, market: Market) -> dict[str, Any] | None:
        return view.premium(market)


class Index(RowChannel):
    """Index prices, on futures mark prices too: every five seconds, changed or not."""

    name = "index"
    areas_with_all = ("futures",)

    def __init__(self, area: str) -> None:
        super().__init__(area)
        self._times: dict[str, int] = {}

    def _due(self, view: View, market: Market) -> Iterable[Push]:
        if market.name in self._shown and view.moment.now - self._times[market.name] < _INDEX_PACE:
            return []
        self._times[market.name] = view.moment.now
        return super()._due(view, market)

    def _is_news(self, before: dict[str, Any] | None, row: dict[str, Any]) -> bool:
        return True

    def _row(self, view: View, market: Market) -> dict[str, Any] | None:
        return view.index(market)


@dataclass(frozen=True, slots=True)
class _Shown:
    """A book as it was pushed, its market's last price, and when it was last pushed whole."""

    market: str
    book: Book
    last: str
    whole_at: int


class Depth(Channel):
    """Order books: whole ones or what changed, and a whole one every minute."""

    name = "depth"

    def __init__(self, area: str) -> None:
        super().__init__(area)
        self._wishes: dict[str, tuple[int, str, bool]] = {}

    def wish(self, wishes: Iterable[DepthWish]) -> None:
        """Add books; other settings for a market replace the former ones and begin with a whole book.

        A limit or an interval that does not exist is acknowledged, as observed, and changes nothing here.
        """
        for market, limit, interval, if_full in wishes:
            if limit in _LIMITS and interval in MERGE_STEPS:
                settings = (limit, interval, if_full)
                if self._wishes.get(market, settings) != settings:
                    self._shown.pop(market, None)
                self._wishes[market] = settings
                self.subscribe([market])

    def unsubscribe(self, names: Iterable[str]) -> None:
        """Take markets out; an empty list takes out all."""
        super().unsubscribe(names)
        self._wishes = {name: wish for name, wish in self._wishes.items() if name in self._names}

    def _due(self, view: View, market: Market) -> Iterable[Push]:
        limit, interval, if_full = self._wishes[market.name]
        book = view.book(market, limit, merge_step(interval, market))
        shown: _Shown | None = self._shown.get(market.name)
        if shown is None or view.moment.now - shown.whole_at >= _REFRESH:
            return [self._show(view, market, book, None, view.moment.now)]
        if _same(shown.book, book):
            return []
        if if_full:
            return [self._show(view, market, book, None, view.moment.now)]
        return [self._show(view, market, book, shown.book, shown.whole_at)]

    def _show(self, view: View, market: Market, book: Book, since: Book | None, whole_at: int) -> Push:
        last = view.ticker(market)["last"]
        self._shown[market.name] = _Shown(market.name, book, last, whole_at)
        # both books are kept beside the push, so that their ids stay theirs
        name = ("depth", id(book), id(since))
        return view.once(name, lambda: (book_push(market.name, book, last, since), book, since))[0]

    def _again(self, shown: _Shown, now: int) -> Push:
        return book_push(shown.market, shown.book, shown.last, updated_at=now // BUCKET * BUCKET)


def _happened(view: View, market: Market, since: int) -> tuple[list[Push], int]:
    deals, until = view.deals_since(market, since)
    return deal_pushes(market, deals), until


def _same(one: Book, other: Book) -> bool:
    return one is other or (one.bids == other.bids and one.asks == other.asks)
