"""The futures positions of all accounts, the money that covers them, and what an account has left.

Simplified: position mode is one-way (an order of the other side reduces the position, then opens one of its own side);
every market begins with cross margin and ten times leverage; nobody is ever deleveraged, the insurance fund pays
instead. The margin of a position lies in a purse of its own, and every change of it passes through the account's
futures purse.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.engine.engine import Trading
from coinex_pandas.simulator.engine.ledger import Purse
from coinex_pandas.simulator.engine.valuation import ContractPrices
from coinex_pandas.simulator.market.catalogue import Market
from coinex_pandas.simulator.positions.contract import Side, contract_value, threshold, tier
from coinex_pandas.simulator.positions.position import Mode, Position, PositionRecords
from coinex_pandas.simulator.text import plain

__all__ = ["Commitment", "Commitments", "Positions", "futures_purse"]


ZERO = Decimal(0)
_DEFAULT: tuple[Mode, int] = ("cross", 10)


class Positions:
    """The open positions of all accounts.

    Attributes
    ----------
    prices : ContractPrices
        The prices at which positions are valued.
    records : PositionRecords
        Their history, and the closed ones.
    commitments : mapping of Commitments
        What open orders will close and open, by the names of account and market.
    """

    def __init__(self, trading: Trading) -> None:
        self._trading = trading
        self.prices = ContractPrices(trading)
        self.records = PositionRecords()
        self.commitments: defaultdict[tuple[str, str], Commitments] = defaultdict(Commitments)
        self._open: dict[tuple[str, str], Position] = {}
        self._settings: dict[tuple[str, str], tuple[Mode, int]] = {}

    # ---- open positions

    def find(self, account: Account, market: Market) -> Position | None:
        """Return the open position of an account in a market."""
        return self._open.get((account.name, market.name))

    def all(self) -> list[Position]:
        """Return every open position, oldest first."""
        return list(self._open.values())

    def any(self) -> bool:
        """Return whether anybody has a position."""
        return bool(self._open)

    def of(self, account: Account, ccy: str = "") -> list[Position]:
        """Return the open positions of an account, newest first, settled in one currency or in any."""
        positions = [each for each in self._open.values() if each.account is account and ccy in ("", each.ccy)]
        return positions[::-1]

    def open(self, account: Account, market: Market, side: Side, at: int) -> Position:
        """Open a position without size, with the account's settings for the market."""
        mode, leverage = self.setting(account, market)
        position = Position(self._trading.number(), account, market, side, mode, leverage, at)
        self._open[account.name, market.name] = position
        return position

    def finish(self, position: Position, finished_type: str) -> None:
        """Close a position that has no size any more."""
        position.finished_type = finished_type
        del self._open[position.account.name, position.market.name]
        self.records.finished[position.account.name].append(position)

    def setting(self, account: Account, market: Market) -> tuple[Mode, int]:
        """Return margin mode and leverage of an account in a market."""
        return self._settings.get((account.name, market.name), _DEFAULT)

    def set(self, account: Account, market: Market, mode: Mode, leverage: int) -> None:
        """Change margin mode and leverage, also of the open position."""
        self._settings[account.name, market.name] = (mode, leverage)
        position = self.find(account, market)
        if position is not None:
            position.mode, position.leverage = mode, leverage

    # ---- what orders will close and open

    def closable(self, position: Position, without: int = 0) -> Decimal:
        """Return the size that no open order is going to close, leaving one order out."""
        return position.size - self.commitments[position.account.name, position.market.name].closing(without)

    def opening(self, account: Account, market: Market, side: str, without: int = 0) -> Decimal:
        """Return the size that the account's other open orders of a side are going to open."""
        return self.commitments[account.name, market.name].opening(side, without)

    # ---- margin and value

    def margin(self, position: Position) -> Decimal:
        """Return the margin of a position."""
        return self._trading.ledger.balance(position.purse, position.ccy)

    def unrealized(self, position: Position, at: int | None = None) -> Decimal:
        """Return the unrealized profit at the mark price, of now by default."""
        return position.unrealized(self.mark(position, at))

    def mark(self, position: Position, at: int | None = None) -> Decimal:
        """Return the mark price of its market, of now by default."""
        return self.prices.mark(position.market, self._trading.at if at is None else at)

    def maintenance(self, position: Position, price: Decimal) -> Decimal:
        """Return the margin below which a position is liquidated at a mark price."""
        rate = tier(position.market, position.size).maintenance_rate
        return contract_value(position.market, price, position.size) * rate

    def backing(self, position: Position, at: int | None = None, *, bankrupt: bool = False) -> Decimal:
        """Return the money that covers a position's losses before it is liquidated, or before it is bankrupt.

        That is its margin, and with cross margin also the account's balance and what other positions do not need.
        """
        own = self.margin(position)
        return own + self._others(position, at, bankrupt=bankrupt) if position.mode == "cross" else own

    def limit_price(self, position: Position, at: int | None = None, *, bankrupt: bool = False) -> Decimal:
        """Return the liquidation price, or the bankruptcy price; 0 when there is none."""
        rate = ZERO if bankrupt else tier(position.market, position.size).maintenance_rate
        backing = self.backing(position, at, bankrupt=bankrupt)
        return threshold(
            position.market, position.side, position.size, position.settled_value, backing=backing, rate=rate
        )

    def _others(self, position: Position, at: int | None, *, bankrupt: bool) -> Decimal:
        spare = self.balance(position.account, position.ccy)
        for other in self._crossed(position.account, position.ccy):
            if other is not position:
                mark = self.mark(other, at)
                spare += self.margin(other) + other.unrealized(mark)
                spare -= ZERO if bankrupt else self.maintenance(other, mark)
        return spare

    # ---- the balance of an account

    def balance(self, account: Account, ccy: str) -> Decimal:
        """Return the futures wallet's balance, with what orders hold, without the margin of positions."""
        return self._trading.ledger.balance(futures_purse(account), ccy)

    def spendable(self, account: Account, ccy: str) -> Decimal:
        """Return what can become margin: the available balance less the unrealized losses of cross positions."""
        losses = sum((self.unrealized(each) for each in self._crossed(account, ccy)), ZERO)
        return max(ZERO, self._trading.ledger.available(futures_purse(account), ccy) + min(ZERO, losses))

    def transferrable(self, account: Account, ccy: str) -> Decimal:
        """Return what may be moved out of the futures wallet."""
        return self.spendable(account, ccy)

    def equity(self, account: Account, ccy: str, at: int | None = None) -> Decimal:
        """Return what would be left if every position were closed at its mark price."""
        total = self.balance(account, ccy)
        return total + sum((self.margin(each) + self.unrealized(each, at) for each in self.of(account, ccy)), ZERO)

    def balance_row(self, account: Account, ccy: str) -> dict[str, Any]:
        """Return a row of the futures balances: equity = available + frozen + margin + unrealized_pnl."""
        purse, ledger, positions = futures_purse(account), self._trading.ledger, self.of(account, ccy)
        return {
            "ccy": ccy,
            "available": plain(ledger.available(purse, ccy)),
            "frozen": plain(ledger.frozen(purse, ccy)),
            "margin": plain(sum((self.margin(each) for each in positions), ZERO)),
            "transferrable": plain(self.transferrable(account, ccy)),
            "unrealized_pnl": plain(sum((self.unrealized(each) for each in positions), ZERO)),
            "equity": plain(self.equity(account, ccy)),
        }

    def _crossed(self, account: Account, ccy: str) -> Iterator[Position]:
        return (each for each in self.of(account, ccy) if each.mode == "cross")


def futures_purse(account: Account) -> Purse:
    """Return the purse of an account's futures wallet."""
    return Purse(account.name, "futures")


@dataclass(frozen=True, slots=True)
class Commitment:
    """The amounts that one open order will close and open."""

    side: str
    closing: Decimal
    opening: Decimal


_NO_COMMITMENT = Commitment("", ZERO, ZERO)


class Commitments:
    """The commitments of an account's open orders in a market, by their ids, and the sums of them.

    The sums are kept up to date: an account with thousands of orders needs them for each one.
    """

    def __init__(self) -> None:
        self._commitments: dict[int, Commitment] = {}
        self._closing = ZERO
        self._opening: defaultdict[str, Decimal] = defaultdict(Decimal)

    def of(self, order_id: int) -> Commitment:
        """Return an order's commitment; an empty one when the order is unknown."""
        return self._commitments.get(order_id, _NO_COMMITMENT)

    def put(self, order_id: int, commitment: Commitment) -> None:
        """Set an order's commitment."""
        self.drop(order_id)
        self._commitments[order_id] = commitment
        self._closing += commitment.closing
        self._opening[commitment.side] += commitment.opening

    def drop(self, order_id: int) -> None:
        """Remove an order's commitment."""
        removed = self._commitments.pop(order_id, _NO_COMMITMENT)
        self._closing -= removed.closing
        self._opening[removed.side] -= removed.opening

    def clear(self) -> None:
        """Remove all commitments."""
        self._commitments.clear()
        self._opening.clear()
        self._closing = ZERO

    def closing(self, without: int = 0) -> Decimal:
        """Return how much will be closed, leaving one order out."""
        return self._closing - self.of(without).closing

    def opening(self, side: str, without: int = 0) -> Decimal:
        """Return how much orders of a side will open, leaving one order out."""
        left_out = self.of(without)
        return self._opening[side] - (left_out.opening if left_out.side == side else ZERO)
