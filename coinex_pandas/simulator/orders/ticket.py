"""Order tickets: what a request wants to order, and the rules of the markets for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from coinex_pandas.simulator import parameters
from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.engine.engine import Trading
from coinex_pandas.simulator.market import reference
from coinex_pandas.simulator.market.catalogue import Catalogue, Market
from coinex_pandas.simulator.market.clock import Moment
from coinex_pandas.simulator.market.tape import VALUE_PLACES
from coinex_pandas.simulator.orders.order import Order
from coinex_pandas.simulator.parameters import Params
from coinex_pandas.simulator.reply import Refusal

__all__ = [
    "MARKET_TYPES",
    "SIDES",
    "Ticket",
    "changed_ticket",
    "check_account",
    "check_distance",
    "check_market",
    "check_price",
    "check_ticket",
    "new_order",
    "order_market",
    "read_ticket",
]

MARKET_TYPES = {"spot": ("SPOT", "MARGIN"), "futures": ("FUTURES",)}
SIDES = ("buy", "sell")

ZERO = Decimal(0)
_TYPES = ("limit", "market", "maker_only", "ioc", "fok")
_STP_MODES = ("", "ct", "cm", "both")
_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{0,32}", re.ASCII)
_FARTHEST = Decimal("0.3")


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a request wants to order; it becomes an order at once, or when a stop order is triggered."""

    market: Market
    market_type: str
    side: str
    type: str
    amount: Decimal
    price: Decimal
    ccy: str
    client_id: str
    is_hide: bool
    stp_mode: str


def order_market(params: Params, catalogue: Catalogue, area: str) -> Market:
    """Return a request's market, also a delisted one; an unknown one is refused as order endpoints do it (3639)."""
    name = parameters.text(params, "market")
    market = catalogue.find(area, name)
    if market is None:
        raise Refusal(3639, f"Invalid Parameter: market {name} not found")
    return market


def read_ticket(params: Params, catalogue: Catalogue, area: str) -> Ticket:
    """Read a ticket from a request."""
    market = order_market(params, catalogue, area)
    side, kind = parameters.choice(params, "side", SIDES), parameters.choice(params, "type", _TYPES)
    client_id = parameters.text(params, "client_id", "")
    if not _CLIENT_ID.fullmatch(client_id):
        raise Refusal(message="invalid argument: client_id")
    return Ticket(
        market=market,
        market_type=parameters.choice(params, "market_type", MARKET_TYPES[area]),
        side=side,
        type=kind,
        amount=parameters.decimal(params, "amount"),
        price=ZERO if kind == "market" else parameters.decimal(params, "price"),
        ccy=_ccy(params, market, kind, side),
        client_id=client_id,
        is_hide=parameters.flag(params, "is_hide", False),
        stp_mode=parameters.choice(params, "stp_mode", _STP_MODES, ""),
    )


def new_order(ticket: Ticket, trading: Trading, account: Account, at: int, stop_id: int = 0) -> Order:
    """Return a new order with the next number."""
    return Order(
        order_id=trading.number(),
        account=account,
        area=ticket.market.area,
        market=ticket.market,
        market_type=ticket.market_type,
        side=ticket.side,
        type=ticket.type,
        amount=ticket.amount,
        price=ticket.price,
        ccy=ticket.ccy,
        created_at=at,
        maker_fee_rate=Decimal(ticket.market.maker_fee),
        taker_fee_rate=Decimal(ticket.market.taker_fee),
        client_id=ticket.client_id,
        is_hide=ticket.is_hide,
        stp_mode=ticket.stp_mode,
        stop_id=stop_id,
    )


def changed_ticket(order: Order, amount: Decimal, price: Decimal) -> Ticket:
    """Return the ticket of an order with another amount and price."""
    return Ticket(
        market=order.market,
        market_type=order.market_type,
        side=order.side,
        type=order.type,
        amount=amount,
        price=price,
        ccy=order.ccy,
        client_id=order.client_id,
        is_hide=order.is_hide,
        stp_mode=order.stp_mode,
    )


def check_account(account: Account, market_type: str) -> None:
    """Refuse what a sub-account may not trade; for the items of a batch this is the only check."""
    if market_type != "SPOT" and not account.may(market_type):
        raise Refusal(4512, f"sub-account lacks the permission {market_type}")


def check_market(market: Market, market_type: str, moment: Moment) -> None:
    """Refuse to trade in a market that is closed for it.

    In a call auction the sandbox takes no orders at all; the real exchange takes some, which is not documented further.
    """
    if moment.freeze is not None:
        raise Refusal(4117 if market.area == "spot" else 4130, "Trading has ended")
    if market.opens_at > moment.now:
        raise Refusal(4117, f"Trading is not allowed in {market.name}: the sandbox takes no orders in a call auction")
    if not market.trading(moment.now):
        raise Refusal(4117, f"Trading is not allowed in {market.name}: it is delisted")
    if market_type == "MARGIN" and not reference.is_margin_available(market):
        raise Refusal(4117, f"Trading is not allowed in {market.name}: it has no margin trading")


def check_ticket(ticket: Ticket, last: Decimal) -> None:
    """Refuse amounts and prices that the market does not take; `last` is its newest price.

    An amount by value may have 8 decimals, other amounts and prices have the market's; a futures price is a
    multiple of the tick. An amount by value is compared with the market's minimum at the newest price.
    """
    market, by_value = ticket.market, ticket.market.area == "spot" and ticket.ccy != ticket.market.base
    _check_places("amount", ticket.amount, VALUE_PLACES if by_value else market.amount_places)
    if (ticket.amount / last if by_value else ticket.amount) < Decimal(reference.min_amount(market)):
        raise Refusal(3127, f"The amount is below the minimum of {market.name}, {reference.min_amount(market)}")
    if ticket.type != "market":
        check_price("price", ticket.price, market)


def check_price(name: str, price: Decimal, market: Market) -> None:
    """Refuse a price with too many decimals, or between two ticks."""
    _check_places(name, price, market.price_places)
    if price % Decimal(market.tick).scaleb(-market.price_places):
        raise Refusal(3639, f"Invalid Parameter: {name} is no multiple of the tick size of {market.name}")


def check_distance(ticket: Ticket, reference_price: Decimal, code: int, price_name: str) -> None:
    """Refuse a buy more than 30% above, or a sell more than 30% below a price: the sandbox's rule for "too far".

    What the real exchange calls too far is not documented.
    """
    if ticket.type == "market":
        return
    away = ticket.price / reference_price - 1
    if (away if ticket.side == "buy" else -away) > _FARTHEST:
        raise Refusal(code, f"The price is too far from the {price_name} price")


def _check_places(name: str, number: Decimal, places: int) -> None:
    if number != round(number, places):
        raise Refusal(3639, f"Invalid Parameter: {name} has more than {places} decimals")


def _ccy(params: Params, market: Market, kind: str, side: str) -> str:
    """Return the currency of an order's amount; only spot market orders can choose it."""
    if market.area == "futures" or kind != "market":
        return market.base
    usual = market.quote if side == "buy" else market.base
    return parameters.choice(params, "ccy", (market.base, market.quote), usual)
