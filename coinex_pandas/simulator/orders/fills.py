"""The fills that an order would get now: from simulated liquidity and from resting orders, by price and time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal

from coinex_pandas.simulator.orders.order import Order, value_of
from coinex_pandas.simulator.orders.resting import RestingOrder

__all__ = ["FillPlan", "PlannedFill", "plan_fills"]

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class PlannedFill:
    """A fill that is going to happen; without a `maker` it comes from the simulated liquidity."""

    price: Decimal
    amount: Decimal
    maker: Order | None


@dataclass(slots=True)
class FillPlan:
    """All fills that an order is going to get.

    Attributes
    ----------
    cancelled : list of Order
        Orders of the same account that self trade prevention cancels.
    is_stopped : bool
        Whether self trade prevention cancels what is left of the order itself.
    is_whole : bool
        Whether the order is filled entirely; of one by value less than the market's smallest step may be left.
    """

    fills: list[PlannedFill] = field(default_factory=list)
    cancelled: list[Order] = field(default_factory=list)
    is_stopped: bool = False
    is_whole: bool = False

    @property
    def amount(self) -> Decimal:
        """The amount of all fills."""
        return sum((fill.amount for fill in self.fills), ZERO)

    def value(self, order: Order) -> Decimal:
        """Return the value of all fills."""
        return sum((value_of(order.market, fill.price, fill.amount) for fill in self.fills), ZERO)

    @property
    def would_take(self) -> bool:
        """Whether the order meets anything at all."""
        return bool(self.fills or self.cancelled or self.is_stopped)


def plan_fills(order: Order, levels: Iterable[tuple[Decimal, Decimal]], resting: Iterable[RestingOrder]) -> FillPlan:
    """Return the fills that an order gets from simulated levels and from resting orders, both best first."""
    fill_plan, left = FillPlan(), order.unfilled
    for price, available, maker in _queue(_within(order, levels), resting, buy=order.is_buy):
        room = _room(order, left, price)
        if not room:
            break
        if maker is not None and maker.account is order.account and order.stp_mode:
            fill_plan.is_stopped = order.stp_mode != "cm"
            if order.stp_mode != "ct":
                fill_plan.cancelled.append(maker)
            if fill_plan.is_stopped:
                break
            continue
        amount = min(room, available)
        fill_plan.fills.append(PlannedFill(price, amount, maker))
        left -= value_of(order.market, price, amount) if order.by_value else amount
        fill_plan.is_whole = not _room(order, left, price)
    return fill_plan


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


def _queue(
    levels: Iterator[tuple[Decimal, Decimal]], resting: Iterable[RestingOrder], *, buy: bool
) -> Iterator[tuple[Decimal, Decimal, Order | None]]:
    """Yield price, amount and order in the order in which they are filled, None for the simulated liquidity.

    At one price the liquidity that was there when a resting order came is filled before it, the rest after it.
    """
    level, passed = next(levels, None), ZERO
    for each in resting:
        price = each.order.price
        while level is not None and (level[0] < price if buy else level[0] > price):
            yield *level, None
            level, passed = next(levels, None), ZERO
        if level is not None and level[0] == price and (before := min(level[1], each.ahead - passed)) > 0:
            yield price, before, None
            passed += before
            level = (price, level[1] - before)
            if not level[1]:  # nothing is left of it
                level, passed = next(levels, None), ZERO
        yield price, each.order.unfilled, each.order
    while level is not None:
        yield *level, None
        level = next(levels, None)
