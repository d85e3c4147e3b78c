"""The settlement of futures orders: what they set aside, and what fills do to positions and money.

The simulated liquidity is everybody's counterparty: it pays profits and receives losses. The insurance fund pays the
losses that an account cannot pay.

An order of the other side closes as much of the position as older orders leave, which needs no money, and opens with
its rest. What it opens needs its value / leverage, and the taker's fee.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.engine.engine import Trading
from coinex_pandas.simulator.engine.ledger import FEES, LIQUIDITY, Purse, shortfall
from coinex_pandas.simulator.market.catalogue import Market
from coinex_pandas.simulator.orders.order import Order, Role
from coinex_pandas.simulator.orders.settlement import Fill
from coinex_pandas.simulator.positions.contract import (
    best_leverage,
    contract_value,
    exact_value,
    money,
    reserve,
    settle_ccy,
)
from coinex_pandas.simulator.positions.money import PositionMoney
from coinex_pandas.simulator.positions.position import CLOSE_FIRST, Position
from coinex_pandas.simulator.positions.positions import Commitment, Positions, futures_purse
from coinex_pandas.simulator.positions.rows import publish
from coinex_pandas.simulator.reply import Refusal

if TYPE_CHECKING:
    from coinex_pandas.simulator.orders.matching import Matching

__all__ = ["FuturesSettlement"]

ZERO = Decimal(0)


class FuturesSettlement:
    """The settlement of the futures area.

    Attributes
    ----------
    money : PositionMoney
        Moves the money of positions.
    """

    def __init__(self, trading: Trading, matching: Matching, positions: Positions) -> None:
        self._trading = trading
        self._matching = matching
        self._positions = positions
        self.money = PositionMoney(trading, positions, self._take_from_orders)
        self._changed: dict[tuple[Account, Market], None] = {}
        trading.after_turn.append(self.review)

    # ---- what orders hold

    def hold(self, order: Order) -> None:
        """Set aside what the open part of an order needs now; Refusal 3109 when there is not enough."""
        commitment = self._commitment(order)
        self._check_tier(order, commitment)
        need = self._need(order, commitment)
        ccy, purse = settle_ccy(order.market), futures_purse(order.account)
        more = need - order.held.get(ccy, ZERO)
        if more > 0:
            if more > self._positions.spendable(order.account, ccy):
                raise shortfall()
            self._trading.ledger.freeze(purse, ccy, more)
        elif more < 0:
            self._trading.ledger.unfreeze(purse, ccy, -more)
        order.held[ccy] = need
        self._positions.commitments[order.account.name, order.market.name].put(order.order_id, commitment)

    def release(self, order: Order) -> None:
        """Release what an order holds: it has ended."""
        self._unfreeze(order)
        self._positions.commitments[order.account.name, order.market.name].drop(order.order_id)

    def review(self) -> None:
        """Hold again for the orders whose position has changed; cancel those that cannot be paid any more."""
        while self._changed:
            account, market = next(iter(self._changed))
            del self._changed[account, market]
            self.hold_again(account, market)

    def hold_again(self, account: Account, market: Market) -> None:
        """Hold again for all orders of an account in a market: the oldest closes the position first."""
        self._positions.commitments[account.name, market.name].clear()
        for order in self._orders(account, market):
            try:
                self.hold(order)
            except Refusal:
                self._matching.cancel(order, self._trading.at)

    def missing(self, account: Account, market: Market) -> Decimal:
        """Return what an account's orders in a market need beyond what they hold; negative when they need less."""
        commitments, ccy = self._positions.commitments[account.name, market.name], settle_ccy(market)
        orders = list(self._orders(account, market))
        needs = (self._need(order, commitments.of(order.order_id)) - order.held.get(ccy, ZERO) for order in orders)
        return sum(needs, ZERO)

    def _commitment(self, order: Order) -> Commitment:
        position = self._positions.find(order.account, order.market)
        amount, closing = order.open_amount, ZERO
        if position is not None and order.side == position.closing_side:
            first = order.origin in CLOSE_FIRST
            left = position.size if first else self._positions.closable(position, order.order_id)
            closing = max(ZERO, min(amount, left))
        if order.reduce_only and closing < amount:
            raise Refusal(3109, "The position is not large enough, or other orders are about to close it")
        return Commitment(order.side, closing, amount - closing)

    def _check_tier(self, order: Order, commitment: Commitment) -> None:
        if not commitment.opening:
            return
        position = self._positions.find(order.account, order.market)
        size = commitment.opening + self._positions.opening(order.account, order.market, order.side, order.order_id)
        if position is not None and order.side != position.closing_side:
            size += position.size
        _, leverage = self._positions.setting(order.account, order.market)
        if leverage > best_leverage(order.market, size):
            raise Refusal(3639, f"A position of {size} is too large for a leverage of {leverage}")

    def _need(self, order: Order, commitment: Commitment) -> Decimal:
        if not commitment.opening:
            return ZERO
        _, leverage = self._positions.setting(order.account, order.market)
        value = _expected_value(order) * commitment.opening / order.open_amount
        return reserve(value / leverage + value * max(order.taker_fee_rate, order.maker_fee_rate))

    def _unfreeze(self, order: Order) -> None:
        ccy = settle_ccy(order.market)
        held = order.held.pop(ccy, ZERO)
        if held:
            self._trading.ledger.unfreeze(futures_purse(order.account), ccy, held)

    def _take_from_orders(self, account: Account, ccy: str, amount: Decimal) -> None:
        """Unfreeze what orders hold, the newest first: a loss has precedence over them."""
        for order in reversed(self._matching.orders(account, "futures")):
            taken = min(amount, order.held.get(ccy, ZERO))
            if taken:
                self._trading.ledger.unfreeze(futures_purse(account), ccy, taken)
                order.held[ccy] -= taken
                amount -= taken
                self._changed[account, order.market] = None

    def _orders(self, account: Account, market: Market) -> Iterator[Order]:
        return (order for order in self._matching.orders(account, "futures") if order.market == market)

    # ---- what fills do

    def fill(
        self, order: Order, price: Decimal, amount: Decimal, *, role: Role, at: int, other: Purse | Order | None
    ) -> Fill:
        """Close the position with a fill as far as there is one, open with the rest."""
        self._unfreeze(order)
        rate = order.maker_fee_rate if role == "maker" else order.taker_fee_rate
        position = self._positions.find(order.account, order.market)
        fill = Fill(ZERO, settle_ccy(order.market))
        if position is not None and order.side == position.closing_side:
            closing = min(amount, position.size)
            fill = self._close(position, order, price, closing, rate=rate, at=at)
            amount -= closing
        if amount:
            fill = self._open(order, price, amount, rate=rate, at=at, closed=fill)
        self._changed[order.account, order.market] = None
        return fill

    def close_out(self, position: Position, price: Decimal, at: int, finished_type: str) -> None:
        """Close a whole position against the liquidity without an order and without a fee."""
        self._reduce(position, price, position.size, at)
        self._finish(position, finished_type, at)
        self._trim(position.account, position.market, at)

    def _close(
        self, position: Position, order: Order, price: Decimal, amount: Decimal, *, rate: Decimal, at: int
    ) -> Fill:
        result = self._reduce(position, price, amount, at)
        fee = self._pay_fee(position, money(contract_value(order.market, price, amount) * rate), at)
        if not position.size:
            self._finish(position, _ending(order), at)
        elif order.origin != "liq":
            publish(self._trading, self._positions, position, "update", at)
        self._trim(order.account, order.market, at, order, order.unfilled - amount)
        return Fill(fee, position.ccy, position.position_id, result)

    def _open(self, order: Order, price: Decimal, amount: Decimal, *, rate: Decimal, at: int, closed: Fill) -> Fill:
        position = self._positions.find(order.account, order.market)
        if position is None:
            position = self._positions.open(order.account, order.market, "long" if order.is_buy else "short", at)
        value = position.add(price, amount, at)
        fee = self._pay_fee(position, money(value * rate), at)
        # when the price has moved far while the order was filled, less margin is left than the leverage needs
        free = self._trading.ledger.available(futures_purse(order.account), position.ccy)
        self.money.put(position, min(free, money(value / position.leverage)), at=at)
        publish(self._trading, self._positions, position, "update", at)
        return Fill(closed.fee + fee, position.ccy, position.position_id, closed.realized_pnl)

    def _reduce(self, position: Position, price: Decimal, amount: Decimal, at: int) -> Decimal:
        released = position.share(self._positions.margin(position), amount)
        self.money.release(position, released, at=at)
        result = position.reduce(price, amount, at)
        if result > 0:
            self.money.gain(position, result, kind="trade", at=at)
        else:
            most = released if position.mode == "isolated" else None
            paid = self.money.charge(position, -result, LIQUIDITY, kind="trade", at=at, most=most)
            position.realized += -result - paid  # what the fund has paid is no loss of the account's
        return result

    def _pay_fee(self, position: Position, fee: Decimal, at: int) -> Decimal:
        position.realized -= self.money.charge(position, fee, FEES, kind="fee", at=at)
        return fee

    def _finish(self, position: Position, finished_type: str, at: int) -> None:
        self._positions.finish(position, finished_type)
        if finished_type != "liq":  # the liquidation publishes the end when all is paid
            publish(self._trading, self._positions, position, "sys_close" if finished_type == "sys" else "close", at)

    def _trim(
        self, account: Account, market: Market, at: int, first: Order | None = None, closing: Decimal = ZERO
    ) -> None:
        """Cancel closing orders, the newest first, that close more than is left after the order `first`."""
        position = self._positions.find(account, market)
        room = ZERO if position is None else position.size
        if first is not None and first.reduce_only:
            room -= closing
        for order in list(self._orders(account, market)):
            if order is first or not order.reduce_only:
                continue
            if position is not None and order.side == position.closing_side and order.unfilled <= room:
                room -= order.unfilled
            else:
                self._matching.cancel(order, at)


def _expected_value(order: Order) -> Decimal:
    """Return the value of an order's open part, before rounding: at its limit, or at the better prices it meets."""
    if order.type == "market":
        return order.planned_value
    value = exact_value(order.market, order.price, order.unfilled)
    if order.held or order.filled:
        return value
    # a new order may take levels beyond its limit, where selling (buying an inverse contract) is worth more
    rest = exact_value(order.market, order.price, order.unfilled - order.planned_amount)
    return max(value, order.planned_value + rest)


def _ending(order: Order) -> str:
    """Return the finished_type of a position that an order closed."""
    if order.origin in ("", "close"):
        return "market" if order.type == "market" else "limit"
    return order.origin
