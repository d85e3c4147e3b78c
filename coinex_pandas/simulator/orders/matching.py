"""Orders meet: by price and time, each other and the simulated street."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from itertools import count

from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.engine.engine import Event, Trading
from coinex_pandas.simulator.market import book as order_book
from coinex_pandas.simulator.market.catalogue import Market
from coinex_pandas.simulator.orders import rows as order_rows
from coinex_pandas.simulator.orders.fills import Plan, Take, plan
from coinex_pandas.simulator.orders.liquidity import Print, Street
from coinex_pandas.simulator.orders.log import OrderLog
from coinex_pandas.simulator.orders.order import Deal, Order, Role
from coinex_pandas.simulator.orders.resting import Place, Resting
from coinex_pandas.simulator.orders.settlement import Settlement, SpotSettlement
from coinex_pandas.simulator.reply import Refusal, Row

__all__ = ["Matching"]

ZERO = Decimal(0)
_RESTING_TYPES = ("limit", "maker_only")


class Matching:
    """The order books of an exchange, as far as they belong to its users.

    A taker takes the simulated levels and other users' orders by price and time. A resting order is filled by the
    deals of the simulated tape, first where the deal's price is worse for the order than its own, else after what
    stood at its price before it; and by simulated levels that come to cross it.

    Simplified, and not told to anybody who reads public data: own orders and own deals show neither in the public
    book nor on the public tape, so that ``is_hide`` changes nothing. The simulated book is compared with resting
    orders once a minute of the exchange's time at least, not at each of its changes.

    Parameters
    ----------
    trading : Trading
        Where events are told and numbers drawn.

    Attributes
    ----------
    settlement : dict of Settlement
        Who moves the money, by area.
    log : OrderLog
        Orders and deals that are kept.
    """

    def __init__(self, trading: Trading) -> None:
        self.trading = trading
        self.street = Street(trading.world)
        self.settlement: dict[str, Settlement] = {"spot": SpotSettlement(trading)}
        self.log = OrderLog()
        self._books: defaultdict[Market, Resting] = defaultdict(Resting)
        self._turns = count()

    def place(self, order: Order, at: int) -> None:
        """Take in a new order: fill what can be filled, let the rest stand or fall as its type says.

        Raises
        ------
        Refusal
            3109 (balance), 3620 (market: not enough depth), 3621 (fok), 3622 (maker_only). Nothing has happened
            then.
        """
        made = self._plan(order, at)
        _judge(order, made)
        order.planned_amount, order.planned_value = made.amount, made.value(order)
        self.settlement[order.area].hold(order)
        self.log.open(order)
        self._carry_out(order, made, at, "put")

    def modify(self, order: Order, amount: Decimal, price: Decimal, at: int) -> None:
        """Change an open order's amount and price; it keeps its turn only when it just becomes smaller.

        Raises
        ------
        Refusal
            3109 (balance), 3622 (maker_only). The order stands as it was then.
        """
        place = self._books[order.market].remove(order)
        if place is None:
            raise AssertionError(f"order {order.order_id} is to be changed and does not rest")
        before = (order.amount, order.unfilled, order.price)
        order.amount, order.unfilled, order.price = amount, amount - order.filled, price
        keeps_turn = price == before[2] and amount <= before[0]
        try:
            made = Plan() if keeps_turn else self._plan(order, at)
            _judge(order, made)
            self.settlement[order.area].hold(order)
        except Refusal:
            order.amount, order.unfilled, order.price = before
            self._books[order.market].add(place)
            raise
        order.updated_at = at
        self._carry_out(order, made, at, "modify", place if keeps_turn else None)

    def cancel(self, order: Order, at: int) -> None:
        """End an order that is open; does nothing when it is done."""
        if not order.is_done:
            self._finish(order, at)

    def orders(self, account: Account, area: str) -> list[Order]:
        """Return an account's open orders, oldest first."""
        return self.log.pending(account, area)

    def best(self, market: Market) -> tuple[Decimal | None, Decimal | None]:
        """Return the best bid and the best ask now, simulated or not; None where there is none."""
        bids, asks = ([place.order.price for place in self._books[market].side(side)[:1]] for side in ("buy", "sell"))
        moment = self.trading.moment()
        if not order_book.are_empty(market.area, moment):
            bids += [price for price, _ in self.street.first(market, "sell", moment.until)]
            asks += [price for price, _ in self.street.first(market, "buy", moment.until)]
        return max(bids, default=None), min(asks, default=None)

    def markets(self) -> list[Market]:
        """Return the markets in which orders rest."""
        return [market for market, book in self._books.items() if book]

    def resting(self, market: Market) -> list[Order]:
        """Return the orders that rest in a market."""
        return list(self._books[market].orders())

    def hit(self, market: Market, deal: Print) -> None:
        """Let a deal of the tape hit the orders that it meets: its taker would have traded with them first."""
        side = "buy" if deal.side == "sell" else "sell"
        left, passed = deal.amount, ZERO
        for place in self._books[market].reached(side, deal.price):
            if place.order.price == deal.price:
                if place.ahead:  # who was there before may have left
                    place.ahead = min(place.ahead, self.street.ahead(market, side, deal.price, deal.at))
                before = min(left, max(ZERO, place.ahead - passed))
                left, passed = left - before, passed + before
                place.ahead = max(ZERO, place.ahead - passed)
            amount = min(left, place.order.unfilled)
            if amount and not place.order.is_done:
                left -= amount
                self._fill_maker(place.order, amount, deal.at)

    def cross(self, market: Market, at: int) -> None:
        """Let simulated levels that have come to cross resting orders trade with them, at the orders' prices."""
        for side in ("buy", "sell"):
            for place in list(self._books[market].side(side)):
                order = place.order
                if not self.street.touches(market, side, order.price, at):
                    break
                for take in plan(order, self.street.levels(market, side, at), ()).takes:
                    if order.is_done:
                        break
                    self.street.eat(market, side, take.price, take.amount, at)
                    self._fill_maker(order, take.amount, at)

    def _plan(self, order: Order, at: int) -> Plan:
        across = "sell" if order.is_buy else "buy"
        book = self._books[order.market]
        places = book.side(across) if order.type == "market" else book.reached(across, order.price)
        return plan(order, self.street.levels(order.market, order.side, at), places)

    def _carry_out(self, order: Order, made: Plan, at: int, event: str, place: Place | None = None) -> None:
        for maker in made.drops:
            self.cancel(maker, at)
        for take in made.takes:
            self._take(order, take, at)
        if order.is_done:
            return
        if order.type not in _RESTING_TYPES or not order.unfilled or made.is_stopped:
            self._finish(order, at)
            return
        ahead = self.street.ahead(order.market, order.side, order.price, at) if place is None else place.ahead
        self._books[order.market].add(place or Place(order, next(self._turns), ahead))
        self._tell_order(order, event, at)

    def _take(self, order: Order, take: Take, at: int) -> None:
        if order.is_done or (take.maker is not None and take.maker.is_done):
            return  # a settlement has cancelled one of them because of a fill before
        number = self.trading.number()
        if take.maker is None:
            self.street.eat(order.market, order.side, take.price, take.amount, at)
            self._step_up(order, take)
        else:
            self._fill_maker(take.maker, take.amount, at, order, number)
        self._fill(order, take.price, take.amount, role="taker", at=at, number=number, other=take.maker)

    def _step_up(self, order: Order, take: Take) -> None:
        """Let those who wait behind the street at a price wait for less."""
        for place in self._books[order.market].reached("sell" if order.is_buy else "buy", take.price):
            if place.order.price == take.price:
                place.ahead = max(ZERO, place.ahead - take.amount)

    def _fill_maker(self, order: Order, amount: Decimal, at: int, other: Order | None = None, number: int = 0) -> None:
        number = number or self.trading.number()
        self._fill(order, order.price, amount, role="maker", at=at, number=number, other=other)
        if order.is_done:
            return
        if order.unfilled:
            self._tell_order(order, "update", at)
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
        self._tell(order, "user_deals", order_rows.deal_push(deal), at)
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
        self._tell_order(order, "finish", at)

    def _tell_order(self, order: Order, event: str, at: int) -> None:
        self._tell(order, "order", {"event": event, "order": order_rows.order_push(order)}, at)

    def _tell(self, order: Order, method: str, data: Row, at: int) -> None:
        self.trading.tell(Event(order.account, order.area, method, order.market.name, data, at))


def _judge(order: Order, made: Plan) -> None:
    """Refuse what the order's type does not allow."""
    if order.type == "maker_only" and made.would_take:
        raise Refusal(3622, "The order would have been filled at once, so it was cancelled (maker_only)")
    if order.type == "fok" and not made.is_whole:
        raise Refusal(3621, "The order could not be filled entirely, so it was cancelled (fok)")
    if order.type == "market" and not made.is_whole and not made.is_stopped:
        raise Refusal(3620, "Not enough depth in the order book for this market order")
