"""Snapshots: what an area shows at one instant, computed once for all connections."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import numpy as np

from coinex_pandas.simulator.exchange import Exchange
from coinex_pandas.simulator.market import quotes
from coinex_pandas.simulator.market.book import BUCKET, Book, are_empty, cut
from coinex_pandas.simulator.market.catalogue import DAY, FOREVER, MINUTE, Market
from coinex_pandas.simulator.market.clock import Moment
from coinex_pandas.simulator.market.tape import Deals
from coinex_pandas.simulator.market.world import World
from coinex_pandas.simulator.reply import Row
from coinex_pandas.simulator.text import quantity, rate

__all__ = ["Snapshot", "Snapshots"]

T = TypeVar("T")

_SLACK = 20  # milliseconds of the exchange during which one snapshot serves all connections
_DEEPEST = 50
_AHEAD = 20  # minutes of deals computed ahead of the clock; the market's number is added, so that they take turns
_SECOND = 1000
_FUNDING_COLUMNS = ("latest_funding_rate", "next_funding_rate", "latest_funding_time", "next_funding_time")


class Snapshots:
    """The snapshots of an exchange; connections get the same one at about the same instant."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._cache = _Cache(exchange.world)
        self._newest: dict[str, Snapshot] = {}

    def now(self, area: str) -> Snapshot:
        """Return the snapshot of an area at the clock's time."""
        faults = self._exchange.faults
        moment, closed = self._exchange.moment_when(frozen=faults.frozen), area == "spot" and faults.closed_spot
        snapshot = self._newest.get(area)
        if snapshot is None or snapshot.is_closed != closed or not self._is_current(snapshot.moment, moment):
            snapshot = self._newest[area] = Snapshot(area, moment, self._cache, is_closed=closed)
        return snapshot

    def _is_current(self, former: Moment, moment: Moment) -> bool:
        # when time stands still or is set by a program, every millisecond counts
        slack = _SLACK * min(1.0, self._exchange.clock.speed)
        return former.freeze == moment.freeze and 0 <= moment.now - former.now <= slack


class Snapshot:
    """An area at an instant, in rows as the sockets carry them; each is the HTTP side's row of the same instant.

    A closed area has no markets.
    """

    def __init__(self, area: str, moment: Moment, cache: _Cache, *, is_closed: bool = False) -> None:
        self.area = area
        self.moment = moment
        self.is_closed = is_closed
        listed = [] if is_closed else cache.world.catalogue.listed(area, moment.now)
        self.listed = {market.name: market for market in listed}
        self._cache = cache
        self._values: dict[tuple[object, ...], Any] = {}

    def cached(self, name: tuple[object, ...], make: Callable[[], T]) -> T:
        """Return the value of a name, computed when it is needed for the first time."""
        if name not in self._values:
            self._values[name] = make()
        return cast("T", self._values[name])

    def markets(self, names: Iterable[str]) -> list[Market]:
        """Return the listed ones of some markets."""
        return [self.listed[name] for name in names if name in self.listed]

    def ticker(self, market: Market) -> Row:
        """Return the row of channel state."""
        return self.cached(("ticker", market.key), lambda: self._ticker(market))

    def book(self, market: Market, limit: int, step: int) -> Book:
        """Return the book, `limit` levels a side, prices merged to multiples of `step` units."""
        return self._cache.book(market, self.moment, limit, step)

    def recent_deals(self, market: Market, limit: int) -> Deals:
        """Return the newest deals, oldest first."""
        return self._cache.world.tape.newest(market, limit, 0, self.moment.until)

    def deals_since(self, market: Market, since: int) -> tuple[Deals, int]:
        """Return the deals after a time, oldest first, and up to when: a day at once at most."""
        until = min(self.moment.until, since + DAY)
        return self._cache.deals(market, since, until), until

    def index(self, market: Market) -> Row:
        """Return the data of channel index."""
        prices = self._cache.world.prices
        index = prices.index_at(market, quotes.index_time(market, self.moment))
        row = {"market": market.name, "index_price": quotes.price_text(market, index)}
        if self.area == "futures":
            row["mark_price"] = quotes.price_text(market, prices.mark_at(market, self.moment.until))
        return row

    def best(self, market: Market) -> Row | None:
        """Return the data of channel bbo; None when a side is empty, for which no form is documented."""
        book = self.book(market, 5, 0)
        if not (book.bids and book.asks):
            return None
        (bid, bid_size), (ask, ask_size) = book.bids[0], book.asks[0]
        return {
            "market": market.name,
            "updated_at": book.updated_at,
            "best_bid_price": bid,
            "best_bid_size": bid_size,
            "best_ask_price": ask,
            "best_ask_size": ask_size,
        }

    def premium(self, market: Market) -> Row:
        """Return the data of channel premium; at full ten minutes it is the row of the HTTP history."""
        at = self.moment.until // _SECOND * _SECOND
        before, after = self._cache.premium(market, at // MINUTE, self.moment)
        now = before + (after - before) * (at % MINUTE) / MINUTE
        return {"market": market.name, "updated_at": at, "premium_index": rate(round(now))}

    def _ticker(self, market: Market) -> Row:
        world = self._cache.world
        if self.area == "spot":
            return quotes.spot_ticker(world, market, self.moment)
        row = quotes.futures_ticker(world, market, self.moment)
        funding = self._cache.funding(market, self.moment)
        size = row.pop("open_interest_volume")
        fund = quantity(_insurance_fund(market, self.moment), 4)
        return row | {"open_interest_size": size, "insurance_fund_size": fund} | funding


@dataclass(frozen=True, slots=True)
class _Block:
    """The deals of some minutes, those still ahead of the clock included."""

    first: int
    stop: int
    deals: Deals


class _Cache:
    """What successive snapshots share: books of the current 200 ms, deals around the clock, funding by minute."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._bucket = 0
        self._books: dict[tuple[int, int, int], Book] = {}
        self._blocks: dict[int, _Block] = {}
        self._funding: dict[int, tuple[object, Row]] = {}
        self._premium: dict[int, tuple[object, tuple[int, int]]] = {}

    def book(self, market: Market, moment: Moment, limit: int, step: int) -> Book:
        if are_empty(market.area, moment):
            return self.world.books.shown(market, moment, limit, step)
        bucket, name = moment.until // BUCKET, (market.key, limit, step)
        if bucket != self._bucket:
            self._bucket, self._books = bucket, {}
        if name not in self._books:
            # the deepest book costs as much as any, and the others are its beginning
            deepest = limit == _DEEPEST
            book = self.world.books.shown(market, moment, limit, step) if deepest else None
            self._books[name] = book or cut(self.book(market, moment, _DEEPEST, step), limit)
        return self._books[name]

    def deals(self, market: Market, since: int, until: int) -> Deals:
        block = self._blocks.get(market.key)
        if block is None or not block.first <= since // MINUTE <= until // MINUTE < block.stop:
            block = self._blocks[market.key] = self._block(market, since // MINUTE, until // MINUTE)
        begin, end = np.searchsorted(block.deals.created_at, (since, until), side="right")
        return block.deals.part(int(begin), int(end))

    def funding(self, market: Market, moment: Moment) -> Row:
        def make() -> Row:
            row = quotes.funding_rate(self.world, market, moment)
            return {name: row[name] for name in _FUNDING_COLUMNS}

        return _cached(self._funding, market, (moment.now // MINUTE, moment.freeze), make)

    def premium(self, market: Market, minute: int, moment: Moment) -> tuple[int, int]:
        """Return the premium of a minute and of the next one, which can be computed when this minute begins."""

        def make() -> tuple[int, int]:
            before, after = (self.world.funding.premium(market, np.array([at]), moment) for at in (minute, minute + 1))
            return int(before[0]), int(after[0])

        return _cached(self._premium, market, (minute, moment.freeze), make)

    def _block(self, market: Market, first: int, last: int) -> _Block:
        stop = last + 1 + _AHEAD + market.number % _AHEAD
        return _Block(first, stop, self.world.tape.deals(market, first, stop, FOREVER))


def _cached(values: dict[int, tuple[object, T]], market: Market, name: object, make: Callable[[], T]) -> T:
    """Return the cached value of a market, computed again when its name has changed."""
    entry = values.get(market.key)
    if entry is None or entry[0] != name:
        entry = values[market.key] = (name, make())
    return entry[1]


def _insurance_fund(market: Market, moment: Moment) -> int:
    """Return the size of a market's insurance fund in units of 10^-4; it grows by the hour."""
    return int(market.size * 1_000_000) + moment.until // (60 * MINUTE) % 100_000 * int(market.size)
