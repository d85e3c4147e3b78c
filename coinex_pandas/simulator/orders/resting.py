"""The orders that rest in one market, in the order in which they are served."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import takewhile

from coinex_pandas.simulator.orders.order import Order

__all__ = ["Place", "Resting"]


@dataclass(slots=True, eq=False)
class Place:
    """An order's place in the queue: after earlier orders, and after what stood there of the simulated street."""

    order: Order
    turn: int
    ahead: Decimal


class Resting:
    """Both sides of the own orders of a market, better prices first, at equal prices in the order they came."""

    def __init__(self) -> None:
        self._sides: dict[str, list[Place]] = {"buy": [], "sell": []}

    def add(self, place: Place) -> None:
        """Put an order in its place."""
        insort(self._sides[place.order.side], place, key=_rank)

    def remove(self, order: Order) -> Place | None:
        """Take an order out and return the place that it had; None when it does not rest."""
        side = self._sides[order.side]
        number = next((number for number, place in enumerate(side) if place.order is order), None)
        return None if number is None else side.pop(number)

    def side(self, side: str) -> list[Place]:
        """Return the orders of a side, best first."""
        return self._sides[side]

    def orders(self) -> Iterator[Order]:
        """Yield all orders."""
        for side in self._sides.values():
            for place in side:
                yield place.order

    def reached(self, side: str, price: Decimal) -> list[Place]:
        """Return the orders of a side which somebody meets who comes from the other one with a limit, best first."""
        if side == "buy":
            return list(takewhile(lambda place: place.order.price >= price, self._sides[side]))
        return list(takewhile(lambda place: place.order.price <= price, self._sides[side]))

    def __bool__(self) -> bool:
        return any(self._sides.values())


def _rank(place: Place) -> tuple[Decimal, int]:
    price = place.order.price
    return (-price if place.order.is_buy else price, place.turn)
