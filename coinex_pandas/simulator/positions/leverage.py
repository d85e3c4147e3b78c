"""Changes of margin, margin mode and leverage on request."""

from __future__ import annotations

from decimal import Decimal

from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.engine.engine import Trading
from coinex_pandas.simulator.engine.ledger import shortfall
from coinex_pandas.simulator.market.catalogue import Market
from coinex_pandas.simulator.positions.contract import best_leverage, settle_ccy
from coinex_pandas.simulator.positions.position import Mode, Position
from coinex_pandas.simulator.positions.positions import Positions
from coinex_pandas.simulator.positions.rows import margin_row, publish
from coinex_pandas.simulator.positions.settlement import FuturesSettlement
from coinex_pandas.simulator.reply import Refusal

__all__ = ["PositionMargins"]

ZERO = Decimal(0)


class PositionMargins:
    """Changes margin, margin mode and leverage of positions."""

    def __init__(self, trading: Trading, positions: Positions, settlement: FuturesSettlement) -> None:
        self._trading = trading
        self._positions = positions
        self._settlement = settlement

    def adjust(self, position: Position, change: Decimal) -> None:
        """Add to the margin, or take away what leverage and losses do not need; Refusal 3109 when there is less."""
        if change > 0 and change > self._positions.spendable(position.account, position.ccy):
            raise shortfall()
        if change < 0:
            loss = min(ZERO, self._positions.unrealized(position))
            if self._positions.margin(position) + loss + change < position.initial_margin:
                raise Refusal(3109, "The margin cannot be reduced by that much")
        self._change(position, change)

    def set(self, account: Account, market: Market, mode: Mode, leverage: int) -> None:
        """Set margin mode and leverage for the open position, for open orders, and for later ones.

        A lower leverage takes the margin that it needs from the balance. A higher one frees margin with cross margin
        only: the margin of an isolated position may have been added on purpose.
        """
        position, before = self._positions.find(account, market), self._positions.setting(account, market)
        self._positions.set(account, market, mode, leverage)
        try:
            missing = self._check(account, market, position)
        except Refusal:
            self._positions.set(account, market, *before)
            raise
        if position is not None and missing < 0:
            self._change(position, missing)
        self._settlement.hold_again(account, market)
        if position is not None and missing > 0:
            self._change(position, missing)
        if position is not None and not missing:
            self._publish(position)

    def _check(self, account: Account, market: Market, position: Position | None) -> Decimal:
        """Return the margin that the position lacks with the new settings; a Refusal when these are not possible."""
        self._check_tiers(account, market, position)
        missing = ZERO if position is None else self._missing(position)
        more = missing + self._settlement.missing(account, market)
        if more > 0 and more > self._positions.spendable(account, settle_ccy(market)):
            raise shortfall()
        if position is not None and position.mode == "isolated":
            mark = self._positions.mark(position)
            rest = self._positions.margin(position) + missing + position.unrealized(mark)
            if rest <= self._positions.maintenance(position, mark):
                raise Refusal(3109, "The margin does not suffice without the rest of the balance")
        return missing

    def _check_tiers(self, account: Account, market: Market, position: Position | None) -> None:
        _, leverage = self._positions.setting(account, market)
        for side in ("buy", "sell"):
            size = self._positions.opening(account, market, side)
            if position is not None and side != position.closing_side:
                size += position.size
            if leverage > best_leverage(market, size):
                raise Refusal(3639, f"A position of {size} is too large for a leverage of {leverage}")

    def _missing(self, position: Position) -> Decimal:
        missing = position.initial_margin - self._positions.margin(position)
        return missing if position.mode == "cross" else max(ZERO, missing)

    def _change(self, position: Position, change: Decimal) -> None:
        at = self._trading.at
        if change > 0:
            self._settlement.money.put(position, change, at=at)
        else:
            self._settlement.money.release(position, -change, at=at)
        row = margin_row(self._positions, position, change, at)
        self._positions.records.margin[position.account.name].append(row)
        self._publish(position)

    def _publish(self, position: Position) -> None:
        position.updated_at = self._trading.at
        publish(self._trading, self._positions, position, "update", self._trading.at)
