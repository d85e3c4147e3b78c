"""The orders that close positions: for their owner, for stop loss and take profit, for liquidation."""

from __future__ import annotations

from decimal import Decimal

from coinex_pandas.sandbox.orders import Order
from coinex_pandas.sandbox.position import Position
from coinex_pandas.sandbox.tickets import Ticket, order_from
from coinex_pandas.sandbox.trading import Trading

__all__ = ["CLOSE_ALL", "GO_FIRST", "closing_order", "market_ticket"]

CLOSE_ALL = "market_close_all"
GO_FIRST = frozenset({CLOSE_ALL, "take_profit", "stop_loss", "liq"})
"""Origins of orders that close whatever other orders are about to close; those are cancelled as far as too much."""


def market_ticket(position: Position, amount: Decimal) -> Ticket:
    """Return the request to close an amount of a position at market."""
    return Ticket(
        market=position.market,
        market_type="FUTURES",
        side=position.closing_side,
        type="market",
        amount=amount,
        price=Decimal(0),
        ccy=position.market.base,
        client_id="",
        is_hide=False,
        stp_mode="",
    )


def closing_order(
    trading: Trading, position: Position, ticket: Ticket, *, at: int, origin: str, stop_id: int = 0
) -> Order:
    """Return an order that can only reduce a position; `origin` says how the position ends if it closes it."""
    order = order_from(ticket, trading, position.account, at, stop_id)
    order.reduce_only, order.position_id, order.origin = True, position.position_id, origin
    return order
