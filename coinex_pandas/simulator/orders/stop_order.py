"""What is known of a stop order."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.market.catalogue import Market
from coinex_pandas.simulator.orders.ticket import Ticket

__all__ = ["Direction", "Status", "StopOrder"]

Direction = Literal["higher", "lower"]
Status = Literal["put", "active_success", "active_fail", "cancel"]


@dataclass(slots=True, eq=False)
class StopOrder:
    """An order that waits until a price is reached.

    Attributes
    ----------
    ticket : Ticket
        The order that is sent then.
    trigger_price_type : str
        ``latest_price``, ``mark_price`` or ``index_price``.
    trigger_direction : str
        From where the price must come: ``higher`` waits for prices at or above the trigger price, ``lower`` for
        prices at or below it.
    """

    stop_id: int
    account: Account
    ticket: Ticket
    trigger_price: Decimal
    trigger_price_type: str
    trigger_direction: Direction
    created_at: int
    updated_at: int = field(init=False)
    status: Status = "put"

    def __post_init__(self) -> None:
        self.updated_at = self.created_at

    @property
    def market(self) -> Market:
        """The market."""
        return self.ticket.market

    def reached(self, price: Decimal) -> bool:
        """Return whether a price triggers it."""
        return price >= self.trigger_price if self.trigger_direction == "higher" else price <= self.trigger_price
