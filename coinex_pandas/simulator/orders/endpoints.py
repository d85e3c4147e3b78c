"""The endpoints that place, change and cancel orders, spot and futures, one by one and in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, TypeVar

from coinex_pandas.simulator import parameters
from coinex_pandas.simulator.endpoints import SpotAndFutures
from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.engine.engine import Trading
from coinex_pandas.simulator.engine.valuation import last_price
from coinex_pandas.simulator.market.catalogue import Market
from coinex_pandas.simulator.orders import rows as order_rows
from coinex_pandas.simulator.orders.matching import Matching
from coinex_pandas.simulator.orders.order import Order
from coinex_pandas.simulator.orders.ticket import (
    MARKET_TYPES,
    SIDES,
    changed_ticket,
    check_account,
    check_distance,
    check_market,
    check_ticket,
    new_order,
    order_market,
    read_ticket,
)
from coinex_pandas.simulator.parameters import Body, Params
from coinex_pandas.simulator.reply import Refusal, Reply

__all__ = ["OrderEndpoints", "batch_ids", "batch_items", "batch_reply", "no_order", "optional_market"]

T = TypeVar("T")

_MOST = 100  # items of a batch


class OrderEndpoints(SpotAndFutures):
    """The endpoints that place, change and cancel orders.

    Orders can be cancelled after trading has ended, too, but not in a call auction (3610). ``cancel_all_orders`` does
    not cancel stop orders; whether the real one does is not documented.
    """

    serves: ClassVar = frozenset(
        {
            "place_order",
            "place_orders",
            "modify_order",
            "modify_orders",
            "cancel_order",
            "cancel_orders",
            "cancel_all_orders",
            "cancel_orders_by_client_id",
        }
    )

    def __init__(self, trading: Trading, matching: Matching) -> None:
        self._trading = trading
        self._matching = matching

    def place_order(self, area: str, account: Account, params: Params) -> Reply:
        """Place an order."""
        return Reply(self._place(area, account, params))

    def place_orders(self, area: str, account: Account, params: Params) -> Reply:
        """Place several orders, one after the other."""
        return batch_reply(batch_items(params), lambda item: self._place(area, account, item))

    def modify_order(self, area: str, account: Account, params: Params) -> Reply:
        """Change an order's amount, price or both; only spot answers with a status, as captured."""
        order = self._modify(area, account, params)
        return Reply(order_rows.status_row(order) if area == "spot" else order_rows.order_row(order))

    def modify_orders(self, area: str, account: Account, params: Params) -> Reply:
        """Change several orders, one after the other."""
        return batch_reply(batch_items(params), lambda item: order_rows.order_row(self._modify(area, account, item)))

    def cancel_order(self, area: str, account: Account, params: Params) -> Reply:
        """Cancel an order and return it as it is then."""
        market, market_type = (
            self._cancel_market(area, params),
            parameters.choice(params, "market_type", MARKET_TYPES[area]),
        )
        order = self._find(account, market, parameters.whole(params, "order_id"), market_type)
        return Reply(self._cancel(order))

    def cancel_orders(self, area: str, account: Account, params: Params) -> Reply:
        """Cancel orders of one market by their ids."""
        market = self._cancel_market(area, params)
        return batch_reply(
            batch_ids(params, "order_ids"), lambda number: self._cancel(self._find(account, market, number)), ""
        )

    def cancel_all_orders(self, area: str, account: Account, params: Params) -> Reply:
        """Cancel all orders of one market, or of one side of it."""
        market, market_type = (
            self._cancel_market(area, params),
            parameters.choice(params, "market_type", MARKET_TYPES[area]),
        )
        side = parameters.choice(params, "side", (*SIDES, ""), "")
        for order in self._open(account, area, market, market_type):
            if side in ("", order.side):
                self._cancel(order)
        return Reply({})

    def cancel_orders_by_client_id(self, area: str, account: Account, params: Params) -> Reply:
        """Cancel all orders that carry a client_id; an empty list when none does."""
        market_type = parameters.choice(params, "market_type", MARKET_TYPES[area])
        market = optional_market(self._trading, area, params, market_type)
        client_id = parameters.text(params, "client_id")
        orders = [order for order in self._open(account, area, market, market_type) if order.client_id == client_id]
        return batch_reply(orders, self._cancel, "")

    def _place(self, area: str, account: Account, params: Params) -> dict[str, Any]:
        ticket = read_ticket(params, self._trading.world.catalogue, area)
        check_account(account, ticket.market_type)
        check_market(ticket.market, ticket.market_type, self._trading.moment())
        last = last_price(self._trading, ticket.market)
        check_ticket(ticket, last)
        check_distance(ticket, last, 3606, "latest")
        order = new_order(ticket, self._trading, account, self._trading.at)
        self._matching.place(order, self._trading.at)
        return order_rows.order_row(order)

    def _modify(self, area: str, account: Account, params: Params) -> Order:
        market, market_type = self._market(area, params), parameters.choice(params, "market_type", MARKET_TYPES[area])
        order = self._find(account, market, parameters.whole(params, "order_id"), market_type)
        changed = changed_ticket(
            order, parameters.decimal(params, "amount", order.amount), parameters.decimal(params, "price", order.price)
        )
        if not (params.get("amount") or params.get("price")):
            raise Refusal(message="invalid argument: amount or price")
        if changed.amount <= order.filled:
            raise Refusal(3639, "Invalid Parameter: amount does not exceed what is already filled")
        check_market(market, market_type, self._trading.moment())
        last = last_price(self._trading, market)
        check_ticket(changed, last)
        check_distance(changed, last, 3606, "latest")
        self._matching.modify(order, changed.amount, changed.price, self._trading.at)
        return order

    def _cancel(self, order: Order) -> dict[str, Any]:
        self._matching.cancel(order, self._trading.at)
        return order_rows.order_row(order)

    def _market(self, area: str, params: Params) -> Market:
        return order_market(params, self._trading.world.catalogue, area)

    def _cancel_market(self, area: str, params: Params) -> Market:
        """Return the request's market, in which orders can be cancelled now."""
        market = self._market(area, params)
        if market.opens_at > self._trading.at:
            raise Refusal(3610, "Orders cannot be cancelled in a call auction")
        return market

    def _open(self, account: Account, area: str, market: Market | None, market_type: str) -> Iterable[Order]:
        orders = self._matching.orders(account, area)
        return [order for order in orders if order.market_type == market_type and market in (None, order.market)]

    def _find(self, account: Account, market: Market, order_id: int, market_type: str = "") -> Order:
        order = self._matching.log.find(account, market.area, order_id)
        if order is None or order.is_done or order.market != market or market_type not in ("", order.market_type):
            raise no_order()
        return order


def optional_market(trading: Trading, area: str, params: Params, market_type: str) -> Market | None:
    """Return the request's market, None for all of them; margin requests have to name one."""
    if market_type != "MARGIN" and not params.get("market"):
        return None
    return order_market(params, trading.world.catalogue, area)


def no_order() -> Refusal:
    """Return the refusal for an order that does not exist, or not any more."""
    return Refusal(3600, "Order not found")


def batch_items(params: Params, name: str = "orders") -> list[Body]:
    """Return the objects of a list in a body; at most 100, which is documented for futures_modify_orders only."""
    items = params.get(name)
    if not isinstance(items, list) or not 0 < len(items) <= _MOST or not all(isinstance(item, dict) for item in items):
        raise Refusal(message=f"invalid argument: {name}")
    return [Body(item) for item in items]


def batch_ids(params: Params, name: str) -> list[int]:
    """Return whole numbers: a JSON list in a body, comma separated digits in a query."""
    numbers = params.get(name)
    if isinstance(numbers, str) and not isinstance(params, Body):
        numbers = [
            int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None for text in numbers.split(",")
        ]
    if not isinstance(numbers, list) or not 0 < len(numbers) <= _MOST or any(type(each) is not int for each in numbers):
        raise Refusal(message=f"invalid argument: {name}")
    return numbers


def batch_reply(items: Iterable[T], answer: Callable[[T], dict[str, Any]], message: str = "OK") -> Reply:
    """Return one row of code, data and message for each item, in the order of the request."""
    return Reply([_row(item, answer, message) for item in items])


def _row(item: T, answer: Callable[[T], dict[str, Any]], message: str) -> dict[str, Any]:
    try:
        return {"code": 0, "data": answer(item), "message": message}
    except Refusal as refusal:
        return {"code": refusal.reply.code, "data": None, "message": refusal.reply.message}
