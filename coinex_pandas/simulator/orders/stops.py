"""Stop orders that wait for their price: they hold no money meanwhile, and become orders when it is reached."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal

from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.engine.engine import Event, Trading
from coinex_pandas.simulator.engine.valuation import ContractPrices
from coinex_pandas.simulator.market.catalogue import Market
from coinex_pandas.simulator.orders.log import History
from coinex_pandas.simulator.orders.matching import Matching
from coinex_pandas.simulator.orders.stop_order import Status, StopOrder, stop_push
from coinex_pandas.simulator.orders.ticket import (
    Ticket,
    check_distance,
    check_market,
    check_price,
    check_ticket,
    new_order,
)
from coinex_pandas.simulator.reply import Refusal

__all__ = ["Stops"]


class Stops:
    """All stop orders of an exchange.

    Latest prices are checked deal by deal; mark and index prices once a minute of the exchange's time at least.
    A trigger price that the price already has when the order is placed triggers at the next check. All that are
    triggered or cancelled stay in the list of finished ones, whose rows do not say which is which.

    Attributes
    ----------
    finished : History of StopOrder
        Stop orders that were triggered or cancelled.
    """

    def __init__(self, trading: Trading, matching: Matching) -> None:
        self.finished: History[StopOrder] = History()
        self._trading = trading
        self._matching = matching
        self._prices = ContractPrices(trading)
        self._waiting: defaultdict[Market, dict[int, StopOrder]] = defaultdict(dict)

    def price(self, market: Market, price_type: str, at: int) -> Decimal:
        """Return a price that triggers stop orders."""
        return self._prices.of(market, price_type, at)

    def place(self, account: Account, ticket: Ticket, trigger_price: Decimal, price_type: str, at: int) -> StopOrder:
        """Take in a stop order; the direction from which its price must come is decided now."""
        self._check(ticket, trigger_price, at)
        higher = trigger_price >= self.price(ticket.market, price_type, at)
        stop = StopOrder(
            stop_id=self._trading.number(),
            account=account,
            ticket=ticket,
            trigger_price=trigger_price,
            trigger_price_type=price_type,
            trigger_direction="higher" if higher else "lower",
            created_at=at,
        )
        self._waiting[stop.market][stop.stop_id] = stop
        self._publish(stop, "put", at)
        return stop

    def modify(self, stop: StopOrder, ticket: Ticket, trigger_price: Decimal, at: int) -> StopOrder:
        """Replace a stop order by a changed one with a new number; when the change is refused, nothing happens."""
        self._check(ticket, trigger_price, at)
        self.cancel(stop, at)
        return self.place(stop.account, ticket, trigger_price, stop.trigger_price_type, at)

    def cancel(self, stop: StopOrder, at: int) -> None:
        """Cancel a stop order that waits."""
        self._end(stop, "cancel", at)
        self._publish(stop, "cancel", at)

    def waiting(self, account: Account, area: str) -> list[StopOrder]:
        """Return an account's waiting stop orders, oldest first."""
        stops = [stop for stop in self._all(area) if stop.account is account]
        return sorted(stops, key=lambda stop: stop.stop_id)

    def find(self, account: Account, market: Market, stop_id: int) -> StopOrder | None:
        """Return a waiting stop order."""
        stop = self._waiting[market].get(stop_id)
        return stop if stop is not None and stop.account is account else None

    def markets(self) -> list[Market]:
        """Return the markets in which stop orders wait."""
        return [market for market, stops in self._waiting.items() if stops]

    def check_last_price(self, market: Market, price: Decimal, at: int) -> None:
        """Trigger those that the price of a new deal reaches."""
        self._trigger(market, "latest_price", price, at)

    def check_prices(self, market: Market, at: int) -> None:
        """Trigger those that mark and index price reach."""
        for price_type in {stop.trigger_price_type for stop in self._waiting[market].values()} - {"latest_price"}:
            self._trigger(market, price_type, self.price(market, price_type, at), at)

    def cancel_all(self, market: Market, at: int) -> None:
        """Cancel all stop orders of a market, which is delisted."""
        for stop in list(self._waiting[market].values()):
            self.cancel(stop, at)

    def _trigger(self, market: Market, price_type: str, price: Decimal, at: int) -> None:
        for stop in list(self._waiting[market].values()):
            if stop.trigger_price_type == price_type and stop.reached(price):
                self._place_order(stop, at)

    def _place_order(self, stop: StopOrder, at: int) -> None:
        order = new_order(stop.ticket, self._trading, stop.account, at, stop.stop_id)
        try:
            check_market(stop.market, stop.ticket.market_type, replace(self._trading.moment(), now=at))
            self._matching.place(order, at)
        except Refusal:
            self._end(stop, "active_fail", at)
        else:
            self._end(stop, "active_success", at)
        self._publish(stop, "active", at)

    def _check(self, ticket: Ticket, trigger_price: Decimal, at: int) -> None:
        check_market(ticket.market, ticket.market_type, self._trading.moment())
        check_ticket(ticket, self.price(ticket.market, "latest_price", at))
        check_price("trigger_price", trigger_price, ticket.market)
        check_distance(ticket, trigger_price, 3619, "trigger")

    def _end(self, stop: StopOrder, status: Status, at: int) -> None:
        del self._waiting[stop.market][stop.stop_id]
        stop.status, stop.updated_at = status, at
        self.finished.add(stop, stop.account, stop.ticket.market_type, stop.market.name, stop.ticket.side)

    def _all(self, area: str) -> list[StopOrder]:
        return [stop for market, stops in self._waiting.items() if market.area == area for stop in stops.values()]

    def _publish(self, stop: StopOrder, event: str, at: int) -> None:
        data = {"event": event, "stop": stop_push(stop)}
        self._trading.publish(Event(stop.account, stop.market.area, "stop", stop.market.name, data, at))
