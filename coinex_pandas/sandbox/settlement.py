"""The seam between matching, which says who trades what, and the money that moves because of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from coinex_pandas.sandbox.ledger import Purse
from coinex_pandas.sandbox.orders import Order, Role

__all__ = ["Fill", "Settlement"]


@dataclass(frozen=True, slots=True)
class Fill:
    """What a fill has cost and brought.

    Attributes
    ----------
    fee : Decimal
        In `fee_ccy`.
    is_discount : bool
        Whether the fee was paid in CET in place of the usual currency.
    position_id : int
        The futures position that it opened or changed.
    realized_pnl : Decimal
        What a futures position has won or lost by it.
    """

    fee: Decimal
    fee_ccy: str
    position_id: int = 0
    realized_pnl: Decimal = Decimal(0)
    is_discount: bool = False


class Settlement(Protocol):
    """Holds what orders need and moves money when they trade.

    `Matching` calls in this order: `hold` when an order is placed or modified; for each fill `fill`, while the
    order's numbers still are those before it, and then, the numbers counted, `hold` again for what is open;
    `release` when nothing is.
    """

    def hold(self, order: Order) -> None:
        """Set aside what the order's open part needs now, no more and no less: calling it again changes nothing.

        Raises
        ------
        Refusal
            Code 3109: there is not enough. Nothing has changed then, and what was held before stays held. After a
            fill the rest of the order is cancelled.
        """

    def release(self, order: Order) -> None:
        """Give back what is held: the order is gone."""

    def fill(
        self, order: Order, price: Decimal, amount: Decimal, *, role: Role, at: int, other: Purse | Order | None
    ) -> Fill:
        """Move the money of one side of a deal.

        When two orders of this exchange trade with each other it is called once for each; `other` says who stands
        on the other side, None is the simulated street. The street stands between them in the ledger, too: what
        one pays to it the other gets from it.
        """
