"""Money that moves between an account's futures purse, the margin of its positions and the exchange."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.engine.engine import Trading
from coinex_pandas.simulator.engine.ledger import INSURANCE, LIQUIDITY, Purse
from coinex_pandas.simulator.positions.position import Position
from coinex_pandas.simulator.positions.positions import Positions, futures_purse

__all__ = ["PositionMoney"]

ZERO = Decimal(0)


class PositionMoney:
    """Moves the money of positions; what an account cannot pay the insurance fund pays.

    Parameters
    ----------
    trading : Trading
        Has the ledger.
    positions : Positions
        Has the margins.
    take_from_orders : callable
        Unfreezes an amount of a currency that an account's orders hold, as far as they hold it.
    """

    def __init__(
        self, trading: Trading, positions: Positions, take_from_orders: Callable[[Account, str, Decimal], None]
    ) -> None:
        self._trading = trading
        self._positions = positions
        self._take_from_orders = take_from_orders

    def put(self, position: Position, amount: Decimal, *, at: int) -> None:
        """Add to a position's margin from the available balance."""
        self._move(position, amount, futures_purse(position.account), position.purse, kind="margin", at=at)
        position.largest_margin = max(position.largest_margin, self._positions.margin(position))

    def release(self, position: Position, amount: Decimal, *, at: int) -> None:
        """Move margin back to the available balance."""
        self._move(position, amount, position.purse, futures_purse(position.account), kind="margin", at=at)

    def gain(self, position: Position, amount: Decimal, *, kind: str, at: int) -> None:
        """Pay a profit to the available balance."""
        self._move(position, amount, LIQUIDITY, futures_purse(position.account), kind=kind, at=at)

    def charge(
        self, position: Position, amount: Decimal, target: Purse, *, kind: str, at: int, most: Decimal | None = None
    ) -> Decimal:
        """Take an amount and return how much of it the account has paid.

        It pays from the available balance (no more than `most`), then, without such a limit, from what orders hold,
        then from the position's margin. The insurance fund pays the rest.
        """
        purse, ledger = futures_purse(position.account), self._trading.ledger
        if most is None and ledger.available(purse, position.ccy) < amount:
            self._take_from_orders(position.account, position.ccy, amount - ledger.available(purse, position.ccy))
        free = ledger.available(purse, position.ccy)
        paid = min(amount, free if most is None else min(free, most))
        margin = min(amount - paid, self._positions.margin(position))
        self.release(position, margin, at=at)
        self._move(position, paid + margin, purse, target, kind=kind, at=at)
        if target != INSURANCE:
            self._move(position, amount - paid - margin, INSURANCE, target, kind=kind, at=at)
        return paid + margin

    def _move(self, position: Position, amount: Decimal, source: Purse, target: Purse, *, kind: str, at: int) -> None:
        self._trading.ledger.move(position.ccy, amount, source, target, kind=kind, at=at)
