"""The endpoints of stop orders, spot and futures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from coinex_pandas.simulator import parameters
from coinex_pandas.simulator.endpoints import SpotAndFutures
from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.engine.engine import Trading
from coinex_pandas.simulator.engine.valuation import PRICE_TYPES
from coinex_pandas.simulator.market.catalogue import Market
from coinex_pandas.simulator.orders.endpoints import batch_ids, batch_items, batch_reply, no_order, optional_market
from coinex_pandas.simulator.orders.listing import newest_first
from coinex_pandas.simulator.orders.stop_order import StopOrder, stop_row
from coinex_pandas.simulator.orders.stops import Stops
from coinex_pandas.simulator.orders.ticket import MARKET_TYPES, SIDES, check_account, order_market, read_ticket
from coinex_pandas.simulator.parameters import Params
from coinex_pandas.simulator.reply import Refusal, Reply

__all__ = ["StopOrderEndpoints"]

_SPOT_PRICE_TYPE = "mark_price"  # it cannot be chosen there; live captures show this one


class StopOrderEndpoints(SpotAndFutures):
    """The endpoints that place, change, cancel and show stop orders."""

    serves: ClassVar = frozenset(
        {
            "place_stop_order",
            "place_stop_orders",
            "modify_stop_order",
            "cancel_stop_order",
            "cancel_stop_orders",
            "cancel_stop_orders_by_client_id",
            "pending_stop_orders",
            "finished_stop_orders",
        }
    )

    def __init__(self, trading: Trading, stops: Stops) -> None:
        self._trading = trading
        self._stops = stops

    def place_stop_order(self, area: str, account: Account, params: Params) -> Reply:
        """Place a stop order."""
        return Reply(self._place(area, account, params))

    def place_stop_orders(self, area: str, account: Account, params: Params) -> Reply:
        """Place several stop orders."""
        return batch_reply(batch_items(params), lambda item: self._place(area, account, item))

    def modify_stop_order(self, area: str, account: Account, params: Params) -> Reply:
        """Change a stop order: the answer is the id of the one that replaces it."""
        stop = self._one(area, account, params)
        if not any(params.get(name) for name in ("amount", "price", "trigger_price")):
            raise Refusal(message="invalid argument: amount, price or trigger_price")
        ticket = stop.ticket
        price = ticket.price if ticket.type == "market" else parameters.decimal(params, "price", ticket.price)
        changed = replace(ticket, amount=parameters.decimal(params, "amount", ticket.amount), price=price)
        trigger_price = parameters.decimal(params, "trigger_price", stop.trigger_price)
        return Reply({"stop_id": self._stops.modify(stop, changed, trigger_price, self._trading.at).stop_id})

    def cancel_stop_order(self, area: str, account: Account, params: Params) -> Reply:
        """Cancel a stop order and return it as it was."""
        return Reply(self._cancel(self._one(area, account, params)))

    def cancel_stop_orders(self, area: str, account: Account, params: Params) -> Reply:
        """Cancel stop orders of one market by their ids."""
        market = self._market(area, params)
        return batch_reply(
            batch_ids(params, "stop_ids"), lambda number: self._cancel(self._find(account, market, number)), ""
        )

    def cancel_stop_orders_by_client_id(self, area: str, account: Account, params: Params) -> Reply:
        """Cancel all stop orders that carry a client_id; an empty list when none does."""
        stops = self._waiting(area, account, params, "", parameters.text(params, "client_id"))
        return batch_reply(stops, self._cancel, "")

    def pending_stop_orders(self, area: str, account: Account, params: Params) -> Reply:
        """Return stop orders that wait; the pagination names their total."""
        side = parameters.choice(params, "side", (*SIDES, ""), "")
        stops = self._waiting(area, account, params, side, parameters.text(params, "client_id", ""))
        return newest_first(params, stops, stop_row, with_total=True)

    def finished_stop_orders(self, area: str, account: Account, params: Params) -> Reply:
        """Return stop orders that were triggered or cancelled; the rows do not say which."""
        market_type = parameters.choice(params, "market_type", MARKET_TYPES[area])
        market = optional_market(self._trading, area, params, market_type)
        side = parameters.choice(params, "side", (*SIDES, ""), "")
        rows = self._stops.finished.rows(account, market_type, "" if market is None else market.name, side)
        return newest_first(params, rows, stop_row)

    def _place(self, area: str, account: Account, params: Params) -> dict[str, Any]:
        ticket = read_ticket(params, self._trading.world.catalogue, area)
        check_account(account, ticket.market_type)
        spot = area == "spot"
        price_type = _SPOT_PRICE_TYPE if spot else parameters.choice(params, "trigger_price_type", PRICE_TYPES)
        trigger_price = parameters.decimal(params, "trigger_price")
        return {"stop_id": self._stops.place(account, ticket, trigger_price, price_type, self._trading.at).stop_id}

    def _cancel(self, stop: StopOrder) -> dict[str, Any]:
        self._stops.cancel(stop, self._trading.at)
        return stop_row(stop)

    def _one(self, area: str, account: Account, params: Params) -> StopOrder:
        """Return the waiting stop order that a request names."""
        market, market_type = self._market(area, params), parameters.choice(params, "market_type", MARKET_TYPES[area])
        return self._find(account, market, parameters.whole(params, "stop_id"), market_type)

    def _find(self, account: Account, market: Market, stop_id: int, market_type: str = "") -> StopOrder:
        stop = self._stops.find(account, market, stop_id)
        if stop is None or market_type not in ("", stop.ticket.market_type):
            raise no_order()
        return stop

    def _waiting(self, area: str, account: Account, params: Params, side: str, client_id: str) -> list[StopOrder]:
        market_type = parameters.choice(params, "market_type", MARKET_TYPES[area])
        market = optional_market(self._trading, area, params, market_type)
        return [
            stop
            for stop in self._stops.waiting(account, area)
            if stop.ticket.market_type == market_type
            and market in (None, stop.market)
            and side in ("", stop.ticket.side)
            and client_id in ("", stop.ticket.client_id)
        ]

    def _market(self, area: str, params: Params) -> Market:
        return order_market(params, self._trading.world.catalogue, area)
