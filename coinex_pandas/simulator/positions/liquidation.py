"""Positions closed by the exchange: liquidation when the margin no longer suffices, and at a market's delisting.

An isolated position is liquidated when its margin and its loss at the mark price leave no more than its maintenance
margin; an account with cross margin when that is so for balance, margins and results of all its cross positions in a
currency together: then its orders there are cancelled and the position with the largest loss is liquidated, and so
on until the rest suffices.

A position is liquidated by a market order of the exchange. What is left then of the margin of an isolated position goes
to the insurance fund; a cross account pays the position's maintenance margin to it. When an account has not enough for
its loss, the fund pays. What the order book cannot take is closed at the mark price.
"""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.engine.engine import Trading
from coinex_pandas.simulator.engine.ledger import INSURANCE
from coinex_pandas.simulator.market.catalogue import MINUTE, Market
from coinex_pandas.simulator.orders.matching import Matching
from coinex_pandas.simulator.positions.contract import settle_ccy
from coinex_pandas.simulator.positions.funding import FundingPayments
from coinex_pandas.simulator.positions.position import Position, closing_order, market_ticket
from coinex_pandas.simulator.positions.positions import Positions
from coinex_pandas.simulator.positions.rows import publish
from coinex_pandas.simulator.positions.settlement import FuturesSettlement
from coinex_pandas.simulator.positions.stops import PositionStops
from coinex_pandas.simulator.reply import Refusal

__all__ = ["Liquidation", "PositionProcess"]


ZERO = Decimal(0)


class Liquidation:
    """Checks whether positions have enough margin, and closes those that have not."""

    def __init__(
        self, trading: Trading, matching: Matching, positions: Positions, settlement: FuturesSettlement
    ) -> None:
        self._trading = trading
        self._matching = matching
        self._positions = positions
        self._settlement = settlement

    def check(self, at: int) -> None:
        """Liquidate the positions whose margin does not suffice at the mark prices of a time."""
        cross_accounts: dict[tuple[Account, str], None] = {}
        for position in self._positions.all():
            if position.mode == "cross":
                cross_accounts[position.account, position.ccy] = None
            elif self._is_due([position], self._positions.margin(position), at):
                self._cancel_in(position.market, position.account, at)
                self._liquidate(position, at)
        for account, ccy in cross_accounts:
            self._check_cross(account, ccy, at)

    def close_delisted(self, at: int) -> None:
        """Close the positions of markets that have been delisted, at their last mark price."""
        for position in self._positions.all():
            if not position.market.listed(at):
                self._cancel_in(position.market, position.account, at)
                self._settlement.close_out(position, self._positions.mark(position, at), at, "sys")

    def _check_cross(self, account: Account, ccy: str, at: int) -> None:
        while True:
            positions = [each for each in self._positions.of(account, ccy) if each.mode == "cross"]
            margins = sum((self._positions.margin(each) for each in positions), ZERO)
            if not positions or not self._is_due(positions, margins + self._positions.balance(account, ccy), at):
                return
            for order in self._matching.orders(account, "futures"):
                if settle_ccy(order.market) == ccy:
                    self._matching.cancel(order, at)
            self._liquidate(min(positions, key=lambda each: self._positions.unrealized(each, at)), at)

    def _is_due(self, positions: list[Position], backing: Decimal, at: int) -> bool:
        for each in positions:
            mark = self._positions.mark(each, at)
            backing += each.unrealized(mark) - self._positions.maintenance(each, mark)
        return backing <= 0

    def _cancel_in(self, market: Market, account: Account, at: int) -> None:
        for order in self._matching.orders(account, "futures"):
            if order.market == market:
                self._matching.cancel(order, at)

    def _liquidate(self, position: Position, at: int) -> None:
        mark = self._positions.mark(position, at)
        maintenance, before = self._positions.maintenance(position, mark), self._positions.margin(position)
        realized = position.realized
        order = closing_order(self._trading, position, market_ticket(position, position.size), at=at, origin="liq")
        with suppress(Refusal):  # the book is too thin, or trading has ended: all is closed at the mark price
            self._matching.place(order, at)
        if position.size:
            self._settlement.close_out(position, mark, at, "liq")
        rest = before + position.realized - realized if position.mode == "isolated" else maintenance
        paid = self._settlement.money.charge(position, max(ZERO, rest), INSURANCE, kind="liquidation", at=at)
        position.realized -= paid
        publish(self._trading, self._positions, position, "liq", at)


class PositionProcess:
    """Funding, stop loss and take profit, liquidation and delisting, in this order, at the end of each stretch of time.

    While positions are open stretches end with each minute and each settlement. Mark prices run straight from minute
    to minute, so a price that is reached within a stretch takes effect at its end.
    """

    def __init__(
        self, positions: Positions, payments: FundingPayments, stops: PositionStops, liquidation: Liquidation
    ) -> None:
        self._positions = positions
        self._payments = payments
        self._stops = stops
        self._liquidation = liquidation

    def next_due(self, at: int) -> int | None:
        """Return the end of the minute, or the next settlement when it is earlier; None without positions."""
        settlement = self._payments.next_due(at)
        return None if settlement is None else min(settlement, (at // MINUTE + 1) * MINUTE)

    def step(self, start: int, end: int) -> None:
        """Do everything that happens to positions in (start, end]."""
        if self._positions.any():
            self._payments.settle(start, end)
            self._stops.trigger(start, end)
            self._liquidation.check(end)
            self._liquidation.close_delisted(end)
