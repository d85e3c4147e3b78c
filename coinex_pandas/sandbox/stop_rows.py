"""Stop orders as rows on the wire, over HTTP and in pushes."""

from __future__ import annotations

from typing import Any

from coinex_pandas.sandbox.stop_order import StopOrder
from coinex_pandas.sandbox.text import plain

__all__ = ["Row", "stop_push", "stop_row"]

Row = dict[str, Any]


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
