"""Matching: orders are filled by price and time, by each other and by simulated liquidity."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from itertools import count

from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.engine.engine import Event, Trading
from coinex_pandas.simulator.market import book as order_book
from coinex_pandas.simulator.market.catalogue import Market
from coinex_pandas.simulator.orders import rows as order_rows
from coinex_pandas.simulator.orders.fills import FillPlan, PlannedFill, plan_fills
from coinex_pandas.simulator.orders.liquidity import Liquidity, TapeDeal
from coinex_pandas.simulator.orders.log import OrderLog
from coinex_pandas.simulator.orders.order import Deal, Order, Role
from coinex_pandas.simulator.orders.resting import RestingOrder, RestingOrders
from coinex_pandas.simulator.orders.settlement import Settlement, SpotSettlement
from coinex_pandas.simulator.reply import Refusal, Row

__all__ = ["Matching"]

ZERO = Decimal(0)
_RESTING_TYPES = ("limit", "maker_only")


class Matching:
    """The order books of an exchange's users.

    A taker takes the simulated levels and other users' orders by price and time. A resting order is filled by the
    deals of the simulated tape: at once where the deal's price is worse than its own, and at its own price after the
    amounts that were there before it; and by simulated levels that come to cross it.

    Simplified, and invisible in public data: own orders and own deals show neither in the public
    book nor on the public tape, so that ``is_hide`` changes nothing. The simulated book is compared with resting
    orders once a minute of the exchange's time at least, not at each of its changes.

    Parameters
    ----------
    trading : Trading
        Publishes events and numbers orders and deals.

    Attributes
    ----------
    settlement : dict of Settlement
        What moves the money, by area.
    log : OrderLog
        The orders and deals that are kept.
    """

    def __init__(self, trading: Trading) -> None:
        self.trading = trading
        self.liquidity = Liquidity(trading.world)
        self.settlement: dict[str, Settlement] = {"spot": SpotSettlement(trading)}
        self.log = OrderLog()
        self._books: defaultdict[Market, RestingOrders] = defaultdict(RestingOrders)
        self._numbers = count()

    def place(self, order: Order, at: int) -> None:
        """Take in a new order: fill what can be filled, then let the rest rest or cancel it, by the order's type.

        Raises
        ------
        Refusal
            3109 (balance), 3620 (market: not enough depth), 3621 (fok), 3622 (maker_only). Nothing has happened
            then.
        """
        fill_plan = self._plan(order, at)
        _check_plan(order, fill_plan)
        order.planned_amount, order.planned_value = fill_plan.amount, fill_plan.value(order)
        self.settlement[order.area].hold(order)
        self.log.open(order)
        self._carry_out(order, fill_plan, at, "put")

    def modify(self, order: Order, amount: Decimal, price: Decimal, at: int) -> None:
        """Change an open order's amount and price; it keeps its place in the queue only when it just becomes smaller.

        Raises
        ------
        Refusal
            3109 (balance), 3622 (maker_only). The order is unchanged then.
        """
        resting = self._books[order.market].remove(order)
        if resting is None:
            raise AssertionError(f"order {order.order_id} is to be changed and does not rest")
        before = (order.amount, order.unfilled, order.price)
        order.amount, order.unfilled, order.price = amount, amount - order.filled, price
        keeps_place = price == before[2] and amount <= before[0]
        try:
            fill_plan = FillPlan() if keeps_place else self._plan(order, at)
            _check_plan(order, fill_plan)
            self.settlement[order.area].hold(order)
        except Refusal:
            order.amount, order.unfilled, order.price = before
            self._books[order.market].add(resting)
            raise
        order.updated_at = at
        self._carry_out(order, fill_plan, at, "modify", resting if keeps_place else None)

    def cancel(self, order: Order, at: int) -> None:
        """End an order that is open; does nothing when it is done."""
        if not order.is_done:
            self._finish(order, at)

    def orders(self, account: Account, area: str) -> list[Order]:
        """Return an account's open orders, oldest first."""
        return self.log.pending(account, area)

    def best(self, market: Market) -> tuple[Decimal | None, Decimal | None]:
        """Return the best bid and the best ask now, simulated or not; None where there is none."""
        bids, asks = (
            [resting.order.price for resting in self._books[market].side(side)[:1]] for side in ("buy", "sell")
        )
        moment = self.trading.moment()
        if not order_book.are_empty(market.area, moment):
            bids += [price for price, _ in self.liquidity.best(market, "sell", moment.until)]
            asks += [price for price, _ in self.liquidity.best(market, "buy", moment.until)]
        return max(bids, default=None), min(asks, default=None)

    def markets(self) -> list[Market]:
        """Return the markets in which orders rest."""
        return [market for market, book in self._books.items() if book]

    def resting(self, market: Market) -> list[Order]:
        """Return the orders that rest in a market."""
        return list(self._books[market].orders())

    def hit(self, market: Market, deal: TapeDeal) -> None:
        """Fill the orders that a deal of the tape would have filled: its taker would have traded with them first."""
        side = "buy" if deal.side == "sell" else "sell"
        left, passed = deal.amount, ZERO
        for resting in self._books[market].within(side, deal.price):
            order = resting.order
            if order.price == deal.price:
                if resting.ahead:  # it may have been cancelled
                    resting.ahead = min(resting.ahead, self.liquidity.ahead(market, side, deal.price, deal.at))
                before = min(left, max(ZERO, resting.ahead - passed))
                left, passed = left - before, passed + before
                resting.ahead = max(ZERO, resting.ahead - passed)
            amount = min(left, order.unfilled)
            if amount and not order.is_done:
                left -= amount
                self._fill_maker(order, amount, deal.at)

    def cross(self, market: Market, at: int) -> None:
        """Fill resting orders that simulated levels cross by now, at the orders' prices."""
        for side in ("buy", "sell"):
            for order in [resting.order for resting in self._books[market].side(side)]:
                if not self.liquidity.may_cross(market, side, order.price, at):
                    break
                for fill in plan_fills(order, self.liquidity.levels(market, side, at), ()).fills:
                    if order.is_done:
                        break
                    self.liquidity.take(market, side, fill.price, fill.amount, at)
                    self._fill_maker(order, fill.amount, at)

    def _plan(self, order: Order, at: int) -> FillPlan:
        across = "sell" if order.is_buy else "buy"
        book = self._books[order.market]
        resting = book.side(across) if order.type == "market" else book.within(across, order.price)
        return plan_fills(order, self.liquidity.levels(order.market, order.side, at), resting)

    def _carry_out(
        self, order: Order, fill_plan: FillPlan, at: int, event: str, resting: RestingOrder | None = None
    ) -> None:
        for maker in fill_plan.cancelled:
            self.cancel(maker, at)
        for fill in fill_plan.fills:
            self._take(order, fill, at)
        if order.is_done:
            return
        if order.type not in _RESTING_TYPES or not order.unfilled or fill_plan.is_stopped:
            self._finish(order, at)
            return
        if resting is None:
            ahead = self.liquidity.ahead(order.market, order.side, order.price, at)
            resting = RestingOrder(order, next(self._numbers), ahead)
        self._books[order.market].add(resting)
        self._publish_order(order, event, at)

    def _take(self, order: Order, fill: PlannedFill, at: int) -> None:
        if order.is_done or (fill.maker is not None and fill.maker.is_done):
            return  # a settlement has cancelled one of them because of an earlier fill
        number = self.trading.number()
        if fill.maker is None:
            self.liquidity.take(order.market, order.side, fill.price, fill.amount, at)
            self._move_up(order, fill)
        else:
            self._fill_maker(fill.maker, fill.amount, at, order, number)
        self._fill(order, fill.price, fill.amount, role="taker", at=at, number=number, other=fill.maker)

    def _move_up(self, order: Order, fill: PlannedFill) -> None:
        """Move resting orders up in the queue of a price at which liquidity was taken."""
        for resting in self._books[order.market].within("sell" if order.is_buy else "buy", fill.price):
            if resting.order.price == fill.price:
                resting.ahead = max(ZERO, resting.ahead - fill.amount)

    def _fill_maker(self, order: Order, amount: Decimal, at: int, other: Order | None = None, number: int = 0) -> None:
        number = number or self.trading.number()
        self._fill(order, order.price, amount, role="maker", at=at, number=number, other=other)
        if order.is_done:
            return
        if order.unfilled:
            self._publish_order(order, "update", at)
        else:
            self._finish(order, at)

    def _fill(
        self, order: Order, price: Decimal, amount: Decimal, *, role: Role, at: int, number: int, other: Order | None
    ) -> None:
        settlement = self.settlement[order.area]
        fill = settlement.fill(order, price, amount, role=role, at=at, other=other)
        order.apply(price, amount, at)
        order.realized_pnl += fill.realized_pnl
        if fill.is_discount:
            order.discount_fee += fill.fee
        else:
            order.fees[fill.fee_ccy] = order.fees.get(fill.fee_ccy, ZERO) + fill.fee
        deal = Deal(number, order, at, price, amount, role, fill.fee, fill.fee_ccy, fill.position_id, fill.realized_pnl)
        self.log.add_deal(deal)
        self._publish(order, "user_deals", order_rows.deal_push(deal), at)
        if order.open_amount and not order.is_done:
            try:
                settlement.hold(order)
            except Refusal:
                self.cancel(order, at)

    def _finish(self, order: Order, at: int) -> None:
        self._books[order.market].remove(order)
        order.is_done, order.updated_at = True, at
        self.settlement[order.area].release(order)
        self.log.close(order)
        self._publish_order(order, "finish", at)

    def _publish_order(self, order: Order, event: str, at: int) -> None:
        self._publish(order, "order", {"event": event, "order": order_rows.order_push(order)}, at)

    def _publish(self, order: Order, method: str, data: Row, at: int) -> None:
        self.trading.publish(Event(order.account, order.area, method, order.market.name, data, at))


def _check_plan(order: Order, fill_plan: FillPlan) -> None:
    """Refuse fills that the order's type does not allow."""
    if order.type == "maker_only" and fill_plan.would_take:
        raise Refusal(3622, "The order would have been filled at once, so it was cancelled (maker_only)")
    if order.type == "fok" and not fill_plan.is_whole:
        raise Refusal(3621, "The order could not be filled entirely, so it was cancelled (fok)")
    if order.type == "market" and not fill_plan.is_whole and not fill_plan.is_stopped:
        raise Refusal(3620, "Not enough depth in the order book for this market order")
