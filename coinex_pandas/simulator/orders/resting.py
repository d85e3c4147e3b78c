"""The orders that rest in one market, by price and time."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import takewhile

from coinex_pandas.simulator.orders.order import Order

__all__ = ["RestingOrder", "RestingOrders"]


@dataclass(slots=True, eq=False)
class RestingOrder:
    """An order in the queue of its price.

    Attributes
    ----------
    number : int
        Its turn among the users' orders.
    ahead : Decimal
        The simulated amount at its price that is served before it.
    """

    order: Order
    number: int
    ahead: Decimal


class RestingOrders:
    """Both sides of the users' orders in a market, better prices first, at equal prices in the order they came."""

    def __init__(self) -> None:
        self._sides: dict[str, list[RestingOrder]] = {"buy": [], "sell": []}

    def add(self, resting: RestingOrder) -> None:
        """Add an order at its place in the queue."""
        insort(self._sides[resting.order.side], resting, key=_rank)

    def remove(self, order: Order) -> RestingOrder | None:
        """Remove an order and return it with its place in the queue; None when it does not rest."""
        side = self._sides[order.side]
        number = next((number for number, resting in enumerate(side) if resting.order is order), None)
        return None if number is None else side.pop(number)

    def side(self, side: str) -> list[RestingOrder]:
        """Return the orders of a side, best first."""
        return self._sides[side]

    def orders(self) -> Iterator[Order]:
        """Yield all orders."""
        for side in self._sides.values():
            for resting in side:
                yield resting.order

    def within(self, side: str, price: Decimal) -> list[RestingOrder]:
        """Return the orders of a side that an order of the other side with this limit would meet, best first."""
        if side == "buy":
            return list(takewhile(lambda resting: resting.order.price >= price, self._sides[side]))
        return list(takewhile(lambda resting: resting.order.price <= price, self._sides[side]))

    def __bool__(self) -> bool:
        return any(self._sides.values())


def _rank(resting: RestingOrder) -> tuple[Decimal, int]:
    price = resting.order.price
    return (-price if resting.order.is_buy else price, resting.number)
