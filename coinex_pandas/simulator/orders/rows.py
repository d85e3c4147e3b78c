"""Orders and deals as rows on the wire, over HTTP and in pushes."""

from __future__ import annotations

from decimal import Decimal

from coinex_pandas.simulator.orders.order import Deal, Order
from coinex_pandas.simulator.reply import Row
from coinex_pandas.simulator.text import plain

__all__ = [
    "deal_push",
    "deal_row",
    "finished_row",
    "order_push",
    "order_row",
    "status_row",
]


ZERO = Decimal(0)


def order_row(order: Order) -> Row:
    """Return an order as HTTP shows it, without a status."""
    return finished_row(order, _last(order))


def status_row(order: Order) -> Row:
    """Return an order with its status."""
    return order_row(order) | {"status": order.status}


def finished_row(order: Order, last: Row | None = None) -> Row:
    """Return an order as the list of finished ones shows it: without the last fill and what futures realized.

    `last` are fields to put before the times.
    """
    spot = order.area == "spot"
    return (
        {"order_id": order.order_id, "market": order.market.name, "market_type": order.market_type}
        | ({"ccy": order.ccy} if spot else {})
        | _numbers(order)
        | (_spot_fees(order, "base_fee", "quote_fee", "discount_fee") if spot else _futures_fees(order))
        | {"maker_fee_rate": plain(order.maker_fee_rate), "taker_fee_rate": plain(order.taker_fee_rate)}
        | (last or {})
        | _times(order)
    )


def order_push(order: Order) -> Row:
    """Return the object ``order`` of an order push."""
    spot = order.area == "spot"
    return (
        {"order_id": order.order_id, "market": order.market.name}
        | ({"margin_market": _margin_market(order)} if spot else {"stop_id": order.stop_id})
        | _numbers(order)
        | (_spot_fees(order, "base_ccy_fee", "quote_ccy_fee", "discount_ccy_fee") if spot else _futures_fees(order))
        | {"taker_fee_rate": plain(order.taker_fee_rate), "maker_fee_rate": plain(order.maker_fee_rate)}
        | _last_fill(order)
        | _times(order)
    )


def deal_row(deal: Deal) -> Row:
    """Return a deal as HTTP shows it."""
    order = deal.order
    spot = order.area == "spot"
    return (
        {"deal_id": deal.deal_id, "created_at": deal.created_at, "market": order.market.name, "side": order.side}
        | {"order_id": order.order_id}
        | ({"margin_market": _margin_market(order)} if spot else {"position_id": deal.position_id})
        | {"price": plain(deal.price), "amount": plain(deal.amount), "role": deal.role}
        | {"fee": plain(deal.fee), "fee_ccy": deal.fee_ccy}
        | ({} if spot else {"realized_pnl": plain(deal.realized_pnl)})
    )


def deal_push(deal: Deal) -> Row:
    """Return the data of a push about a deal; unlike a row over HTTP it names the client_id."""
    row = deal_row(deal) | {"client_id": deal.order.client_id}
    row.pop("realized_pnl", None)
    return row


def _numbers(order: Order) -> Row:
    return {
        "side": order.side,
        "type": order.type,
        "amount": plain(order.amount),
        "price": plain(order.price),
        "unfilled_amount": plain(order.unfilled),
        "filled_amount": plain(order.filled),
        "filled_value": plain(order.filled_value),
        "client_id": order.client_id,
    }


def _spot_fees(order: Order, base: str, quote: str, discount: str) -> Row:
    return {
        base: plain(order.fees.get(order.market.base, ZERO)),
        quote: plain(order.fees.get(order.market.quote, ZERO)),
        discount: plain(order.discount_fee),
    }


def _futures_fees(order: Order) -> Row:
    ccy = order.market.base if order.market.inverse else order.market.quote
    return {"fee": plain(order.fees.get(ccy, ZERO)), "fee_ccy": ccy}


def _last(order: Order) -> Row:
    return _last_fill(order) | ({} if order.area == "spot" else {"realized_pnl": plain(order.realized_pnl)})


def _last_fill(order: Order) -> Row:
    return {
        "last_filled_amount": plain(order.last_filled_amount),
        "last_filled_price": plain(order.last_filled_price),
    }


def _times(order: Order) -> Row:
    return {"created_at": order.created_at, "updated_at": order.updated_at}


def _margin_market(order: Order) -> str:
    return order.market.name if order.market_type == "MARGIN" else ""
