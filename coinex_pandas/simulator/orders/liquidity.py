"""The simulated side of every market: levels that orders can take, and deals that hit orders."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from coinex_pandas.simulator.market.book import BUCKET, Levels
from coinex_pandas.simulator.market.catalogue import MINUTE, Market
from coinex_pandas.simulator.market.tape import HOUR, Deals
from coinex_pandas.simulator.market.world import World

__all__ = ["Liquidity", "TapeDeal"]

ZERO = Decimal(0)
_ALL = 10_000  # more levels than a book has


class TapeDeal(NamedTuple):
    """A deal of the tape; `side` is the taker's."""

    at: int
    side: str
    price: Decimal
    amount: Decimal


class Liquidity:
    """The simulated orders of everybody else.

    The simulated book does not know what users take from it, so that is kept here: an amount stays taken until its
    level changes or disappears. The public book and tape do not show what users do.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._taken: dict[tuple[Market, str], dict[str, tuple[str, Decimal]]] = {}
        self._book = lru_cache(maxsize=64)(lambda market, at: world.books.book(market, at, _ALL, 0))

    def levels(self, market: Market, side: str, at: int) -> Iterator[tuple[Decimal, Decimal]]:
        """Yield price and what is left of each level that an order of that side would take, best first."""
        offers = self._side(market, _across(side), at)
        taken = self._taken_levels(market, _across(side), offers)
        for price, amount in offers:
            left = Decimal(amount) - taken[price][1] if price in taken else Decimal(amount)
            if left > 0:
                yield Decimal(price), left

    def best(self, market: Market, side: str, at: int) -> list[tuple[Decimal, Decimal]]:
        """Return the best of these levels as a list, which is empty when there is none."""
        return list(islice(self.levels(market, side, at), 1))

    def take(self, market: Market, side: str, price: Decimal, amount: Decimal, at: int) -> None:
        """Note that an order of that side has taken an amount of a level."""
        levels = self._side(market, _across(side), at)
        text, whole = next(level for level in levels if Decimal(level[0]) == price)
        taken = self._taken.setdefault((market, _across(side)), {})
        taken[text] = (whole, amount + (taken[text][1] if text in taken else ZERO))

    def ahead(self, market: Market, side: str, price: Decimal, at: int) -> Decimal:
        """Return the amount at a price on an order's own side, which is filled before it."""
        return next((left for level, left in self.levels(market, _across(side), at) if level == price), ZERO)

    def may_cross(self, market: Market, side: str, price: Decimal, at: int) -> bool:
        """Return whether an order of that side and price may meet levels: a quick test that spares reading the book.

        No level lies on the other side of the price that the book is built around, and that price is cheap to compute.
        """
        middle = Decimal(self._world.prices.traded_at(market, _bucket(at)))
        slack = 2 * Decimal(market.tick).scaleb(-market.price_places)
        return price >= middle - slack if side == "buy" else price <= middle + slack

    def deals(self, market: Market, start: int, end: int) -> list[TapeDeal]:
        """Return the tape's deals of start < time <= end, oldest first."""
        tape_deals: list[TapeDeal] = []
        for hour in range((start + 1) // (HOUR * MINUTE), end // (HOUR * MINUTE) + 1):
            deals = self._world.tape.hour(market, hour)
            first, last = deals.created_at.searchsorted((start, end), side="right").tolist()
            tape_deals += _tape_deals(market, deals.part(first, last))
        return tape_deals

    def _side(self, market: Market, side: str, at: int) -> Levels:
        book = self._book(market, _bucket(at))
        return book.bids if side == "buy" else book.asks

    def _taken_levels(self, market: Market, side: str, levels: Levels) -> dict[str, tuple[str, Decimal]]:
        """Return what is taken from each level, without the levels that have changed since."""
        taken = self._taken.get((market, side), {})
        if taken:
            now = dict(levels)
            taken = {price: level for price, level in taken.items() if now.get(price) == level[0]}
            self._taken[market, side] = taken
        return taken


def _tape_deals(market: Market, deals: Deals) -> Iterator[TapeDeal]:
    columns = (deals.created_at, deals.buy, deals.price, deals.amount)
    for at, buy, price, amount in zip(*(column.tolist() for column in columns), strict=True):
        yield TapeDeal(
            at,
            "buy" if buy else "sell",
            Decimal(price).scaleb(-market.price_places),
            Decimal(amount).scaleb(-market.amount_places),
        )


def _bucket(at: int) -> int:
    """Return when the book changed last."""
    return at // BUCKET * BUCKET


def _across(side: str) -> str:
    """Return the side that an order of one side trades with."""
    return "sell" if side == "buy" else "buy"
