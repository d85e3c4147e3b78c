"""What open orders are going to do to a position: how much of it they will close, and how much they will open."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

__all__ = ["Bound", "Bounds"]

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Bound:
    """What one open order will do."""

    side: str
    closing: Decimal
    opening: Decimal


_NOTHING = Bound("", ZERO, ZERO)


class Bounds:
    """What the open orders of an account in a market will do, by their ids, and the sums of it.

    The sums are kept up to date: an account with thousands of orders asks for them with each one.
    """

    def __init__(self) -> None:
        self._bounds: dict[int, Bound] = {}
        self._closing = ZERO
        self._opening: defaultdict[str, Decimal] = defaultdict(Decimal)

    def of(self, order_id: int) -> Bound:
        """Return what an order will do; nothing, when it is not known."""
        return self._bounds.get(order_id, _NOTHING)

    def put(self, order_id: int, bound: Bound) -> None:
        """Note what an order will do."""
        self.drop(order_id)
        self._bounds[order_id] = bound
        self._closing += bound.closing
        self._opening[bound.side] += bound.opening

    def drop(self, order_id: int) -> None:
        """Forget an order."""
        gone = self._bounds.pop(order_id, _NOTHING)
        self._closing -= gone.closing
        self._opening[gone.side] -= gone.opening

    def clear(self) -> None:
        """Forget all."""
        self._bounds.clear()
        self._opening.clear()
        self._closing = ZERO

    def closing(self, but: int = 0) -> Decimal:
        """Return how much will be closed, leaving one order out."""
        return self._closing - self.of(but).closing

    def opening(self, side: str, but: int = 0) -> Decimal:
        """Return how much orders of a side will open, leaving one order out."""
        left_out = self.of(but)
        return self._opening[side] - (left_out.opening if left_out.side == side else ZERO)
