"""Orders and deals that are kept, in lists from which any page is one slice."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable
from typing import Generic, TypeVar

from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.orders.order import Deal, Order

__all__ = ["History", "OrderLog", "between"]

T = TypeVar("T")


class History(Generic[T]):
    """Rows that are only ever appended, in one list for each combination of filters."""

    def __init__(self) -> None:
        self._lists: defaultdict[tuple[Account, str, str, str], list[T]] = defaultdict(list)

    def add(self, row: T, account: Account, market_type: str, market: str, side: str) -> None:
        """Keep a row."""
        for name in ("", market):
            for each in ("", side):
                self._lists[account, market_type, name, each].append(row)

    def rows(self, account: Account, market_type: str, market: str = "", side: str = "") -> list[T]:
        """Return the rows, oldest first; an empty market or side means all. The list must not be changed."""
        return self._lists.get((account, market_type, market, side), [])


class OrderLog:
    """All orders that are open or have been filled, and all deals.

    An order that ended without any fill is forgotten at once, as on the real exchange.
    """

    def __init__(self) -> None:
        self.finished: History[Order] = History()
        self.deals: History[Deal] = History()
        self._open: defaultdict[tuple[Account, str], dict[int, Order]] = defaultdict(dict)
        self._orders: dict[int, Order] = {}
        self._deals_of: defaultdict[int, list[Deal]] = defaultdict(list)

    def open(self, order: Order) -> None:
        """Keep a new order."""
        self._open[order.account, order.area][order.order_id] = order
        self._orders[order.order_id] = order

    def close(self, order: Order) -> None:
        """Move an order to the finished ones; forget it when nothing was filled."""
        del self._open[order.account, order.area][order.order_id]
        if order.filled:
            self.finished.add(order, order.account, order.market_type, order.market.name, order.side)
        else:
            del self._orders[order.order_id]

    def pending(self, account: Account, area: str) -> list[Order]:
        """Return an account's open orders, oldest first."""
        return list(self._open.get((account, area), {}).values())

    def find(self, account: Account, area: str, order_id: int) -> Order | None:
        """Return an account's order, open or finished."""
        order = self._orders.get(order_id)
        return order if order is not None and order.account is account and order.area == area else None

    def add_deal(self, deal: Deal) -> None:
        """Keep a deal."""
        order = deal.order
        self._deals_of[order.order_id].append(deal)
        self.deals.add(deal, order.account, order.market_type, order.market.name, order.side)

    def deals_of(self, order: Order) -> list[Deal]:
        """Return an order's deals, oldest first."""
        return self._deals_of.get(order.order_id, [])


def between(rows: list[T], start: int, end: int, key: Callable[[T], int]) -> tuple[int, int]:
    """Return the first position and the end of the rows of start <= time <= end, which come oldest first."""
    return bisect_left(rows, start, key=key), bisect_right(rows, end, key=key)
