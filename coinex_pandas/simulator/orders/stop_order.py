"""A stop order, and its rows over HTTP and in pushes."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.market.catalogue import Market
from coinex_pandas.simulator.orders.ticket import Ticket
from coinex_pandas.simulator.reply import Row
from coinex_pandas.simulator.text import plain

__all__ = ["Direction", "Status", "StopOrder", "stop_push", "stop_row"]

Direction = Literal["higher", "lower"]
Status = Literal["put", "active_success", "active_fail", "cancel"]


@dataclass(slots=True, eq=False)
class StopOrder:
    """An order that waits until a price is reached.

    Attributes
    ----------
    ticket : Ticket
        The order that is placed when the price is reached.
    trigger_price_type : str
        ``latest_price``, ``mark_price`` or ``index_price``.
    trigger_direction : str
        ``higher`` waits for prices at or above the trigger price, ``lower`` for prices at or below it.
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


def stop_row(stop: StopOrder) -> Row:
    """Return a stop order as HTTP shows it."""
    ticket = stop.ticket
    return (
        {"stop_id": stop.stop_id, "market": stop.market.name, "market_type": ticket.market_type}
        | ({"ccy": ticket.ccy} if stop.market.area == "spot" else {})
        | {"side": ticket.side, "type": ticket.type, "amount": plain(ticket.amount), "price": plain(ticket.price)}
        | _trigger(stop)
        | {"trigger_price_type": stop.trigger_price_type, "client_id": ticket.client_id}
        | {"created_at": stop.created_at, "updated_at": stop.updated_at}
    )


def stop_push(stop: StopOrder) -> Row:
    """Return the object ``stop`` of a stop order push."""
    ticket, spot = stop.ticket, stop.market.area == "spot"
    return (
        {"stop_id": stop.stop_id, "market": stop.market.name}
        | ({"margin_market": stop.market.name if ticket.market_type == "MARGIN" else ""} if spot else {})
        | {"type": ticket.type, "side": ticket.side, "amount": plain(ticket.amount), "price": plain(ticket.price)}
        | _trigger(stop)
        | ({} if spot else {"trigger_price_type": stop.trigger_price_type})
        | {"taker_fee_rate": stop.market.taker_fee, "maker_fee_rate": stop.market.maker_fee}
        | {"client_id": ticket.client_id, "status": stop.status}
        | {"created_at": stop.created_at, "updated_at": stop.updated_at}
    )


def _trigger(stop: StopOrder) -> Row:
    return {"trigger_price": plain(stop.trigger_price), "trigger_direction": stop.trigger_direction}
