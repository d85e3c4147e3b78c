"""What an order would take if it came now: from the simulated street and from resting orders, by price and time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal

from coinex_pandas.simulator.orders.order import Order, value_of
from coinex_pandas.simulator.orders.resting import Place

__all__ = ["Plan", "Take", "plan"]

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Take:
    """A fill that is going to happen; `maker` None is the simulated street."""

    price: Decimal
    amount: Decimal
    maker: Order | None


@dataclass(slots=True)
class Plan:
    """All that an order is going to take.

    Attributes
    ----------
    drops : list of Order
        Orders of the same account that self trade prevention cancels.
    is_stopped : bool
        Whether self trade prevention cancels what is left of the order itself.
    is_whole : bool
        Whether nothing of the order is left, for one by value: less than the market's smallest step.
    """

    takes: list[Take] = field(default_factory=list)
    drops: list[Order] = field(default_factory=list)
    is_stopped: bool = False
    is_whole: bool = False

    @property
    def amount(self) -> Decimal:
        """What is taken in total."""
        return sum((take.amount for take in self.takes), ZERO)

    def value(self, order: Order) -> Decimal:
        """Return what that costs or brings."""
        return sum((value_of(order.market, take.price, take.amount) for take in self.takes), ZERO)

    @property
    def would_take(self) -> bool:
        """Whether the order meets anything at all."""
        return bool(self.takes or self.drops or self.is_stopped)


def plan(order: Order, levels: Iterable[tuple[Decimal, Decimal]], places: Iterable[Place]) -> Plan:
    """Return what an order takes of the street's levels and of resting places, both best first."""
    made, left = Plan(), order.unfilled
    for price, amount, maker in _served(_within(order, levels), places, buy=order.is_buy):
        room = _room(order, left, price)
        if not room:
            break
        if maker is not None and maker.account is order.account and order.stp_mode:
            made.is_stopped = order.stp_mode != "cm"
            if order.stp_mode != "ct":
                made.drops.append(maker)
            if made.is_stopped:
                break
            continue
        taken = min(room, amount)
        made.takes.append(Take(price, taken, maker))
        left -= value_of(order.market, price, taken) if order.by_value else taken
        made.is_whole = not _room(order, left, price)
    return made


def _within(order: Order, levels: Iterable[tuple[Decimal, Decimal]]) -> Iterator[tuple[Decimal, Decimal]]:
    """Yield the levels that the order's limit allows."""
    for price, amount in levels:
        if order.type != "market" and (price > order.price if order.is_buy else price < order.price):
            return
        yield price, amount


def _room(order: Order, left: Decimal, price: Decimal) -> Decimal:
    """Return how much the order can still take at a price."""
    if not order.by_value:
        return left
    return (left / price).quantize(Decimal(1).scaleb(-order.market.amount_places), ROUND_DOWN)


def _served(
    levels: Iterator[tuple[Decimal, Decimal]], places: Iterable[Place], *, buy: bool
) -> Iterator[tuple[Decimal, Decimal, Order | None]]:
    """Yield price, amount and owner in the order in which they are served.

    At one price the street stands before an own order with what was there when the order came, and behind it with
    the rest.
    """
    level, passed = next(levels, None), ZERO
    for place in places:
        price = place.order.price
        while level is not None and (level[0] < price if buy else level[0] > price):
            yield *level, None
            level, passed = next(levels, None), ZERO
        if level is not None and level[0] == price and (before := min(level[1], place.ahead - passed)) > 0:
            yield price, before, None
            passed += before
            level = (price, level[1] - before)
            if not level[1]:  # nothing is left of it
                level, passed = next(levels, None), ZERO
        yield price, place.order.unfilled, place.order
    while level is not None:
        yield *level, None
        level = next(levels, None)
