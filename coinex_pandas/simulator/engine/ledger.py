"""Who owns what at the exchange: each change has two sides, in Decimal, so that a currency's purses sum up to 0."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Context, Decimal, DivisionByZero, Inexact, InvalidOperation
from typing import NamedTuple

from coinex_pandas.simulator.reply import Refusal

__all__ = ["FEES", "INSURANCE", "LENDER", "LIQUIDITY", "OUTSIDE", "WIDE", "Entry", "Ledger", "Purse", "shortfall"]

ZERO = Decimal(0)
WIDE = Context(prec=60)
"""For all arithmetic with money: the usual 28 digits do not hold millions with 20 decimals."""
_EXACT = Context(prec=60, traps=[Inexact, InvalidOperation, DivisionByZero])  # money that is rounded away would be lost


class Purse(NamedTuple):
    """One wallet of one owner, such as ``Purse("me", "spot")``.

    An owner's wallets are ``spot``, ``futures``, ``margin:BTCUSDT``, ``financial``, ``amm:BTCUSDT``. Owners that
    begin with ``@`` are the exchange and the world; only theirs may go below zero.
    """

    owner: str
    wallet: str

    @property
    def may_owe(self) -> bool:
        """Whether it may go below zero, as purses of the exchange and of the world outside may."""
        return self.owner.startswith("@")


LIQUIDITY = Purse("@liquidity", "spot")
"""The counterparty of all trades: everybody whose orders are simulated."""
FEES = Purse("@exchange", "fees")
OUTSIDE = Purse("@outside", "chain")
"""Where deposits come from and withdrawals go."""
LENDER = Purse("@exchange", "loans")
INSURANCE = Purse("@exchange", "insurance")


class Entry(NamedTuple):
    """One change of one purse, and what the purse held afterwards, frozen amounts included."""

    number: int
    purse: Purse
    ccy: str
    kind: str
    change: Decimal
    balance: Decimal
    at: int


@dataclass(slots=True)
class _Holding:
    available: Decimal = ZERO
    frozen: Decimal = ZERO


_NO_HOLDING = _Holding()


class Ledger:
    """All purses, and every change of them.

    Attributes
    ----------
    entries : list of Entry
        Every change since the beginning, oldest first; two for each move.
    listeners : list of callable
        Called with purse and currency after each change of what is available or frozen.

    Examples
    --------
    >>> ledger = Ledger()
    >>> ledger.move("USDT", Decimal(100), OUTSIDE, Purse("me", "spot"), kind="deposit", at=0)
    >>> ledger.freeze(Purse("me", "spot"), "USDT", Decimal("2.5"))
    >>> ledger.available(Purse("me", "spot"), "USDT"), ledger.frozen(Purse("me", "spot"), "USDT")
    (Decimal('97.5'), Decimal('2.5'))
    """

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.listeners: list[Callable[[Purse, str], None]] = []
        self._entries_of: defaultdict[Purse, list[Entry]] = defaultdict(list)
        self._holdings: defaultdict[Purse, dict[str, _Holding]] = defaultdict(dict)

    def available(self, purse: Purse, ccy: str) -> Decimal:
        """Return what can be spent."""
        return self._read(purse, ccy).available

    def frozen(self, purse: Purse, ccy: str) -> Decimal:
        """Return what orders hold."""
        return self._read(purse, ccy).frozen

    def balance(self, purse: Purse, ccy: str) -> Decimal:
        """Return what is there, frozen or not."""
        holding = self._read(purse, ccy)
        return _EXACT.add(holding.available, holding.frozen)

    def currencies(self, purse: Purse) -> list[str]:
        """Return the currencies that a purse has ever held, by name."""
        return sorted(self._holdings.get(purse, ()))

    def purses(self, owner: str) -> list[Purse]:
        """Return the purses of an owner that have ever held something."""
        return sorted(purse for purse in self._holdings if purse.owner == owner)

    def move(
        self, ccy: str, amount: Decimal, source: Purse, target: Purse, *, kind: str, at: int, frozen: bool = False
    ) -> None:
        """Move an amount, which is not negative, from one purse to another, on request from what is frozen.

        Nothing is entered when the amount is 0.

        Raises
        ------
        Refusal
            Code 3109: the source does not have it.
        """
        _check(amount)
        if not amount:
            return
        holding = self._holding(source, ccy)
        if frozen:
            if amount > holding.frozen:
                raise AssertionError(f"{source} has {holding.frozen} {ccy} frozen, not {amount}")
            holding.frozen = _EXACT.subtract(holding.frozen, amount)
        else:
            self._require(source, ccy, amount)
            holding.available = _EXACT.subtract(holding.available, amount)
        receiving = self._holding(target, ccy)
        receiving.available = _EXACT.add(receiving.available, amount)
        for purse, change in ((source, amount.copy_negate()), (target, amount)):
            entry = Entry(len(self.entries), purse, ccy, kind, change, self.balance(purse, ccy), at)
            self.entries.append(entry)
            self._entries_of[purse].append(entry)
            self._notify(purse, ccy)

    def freeze(self, purse: Purse, ccy: str, amount: Decimal) -> None:
        """Set an amount aside; a Refusal with code 3109 when it is not there."""
        _check(amount)
        self._require(purse, ccy, amount)
        holding = self._holding(purse, ccy)
        holding.available = _EXACT.subtract(holding.available, amount)
        holding.frozen = _EXACT.add(holding.frozen, amount)
        self._notify(purse, ccy)

    def unfreeze(self, purse: Purse, ccy: str, amount: Decimal) -> None:
        """Make available again what was set aside."""
        _check(amount)
        holding = self._holding(purse, ccy)
        if amount > holding.frozen:
            raise AssertionError(f"{purse} has {holding.frozen} {ccy} frozen, not {amount}")
        holding.frozen = _EXACT.subtract(holding.frozen, amount)
        holding.available = _EXACT.add(holding.available, amount)
        self._notify(purse, ccy)

    def entries_of(self, purse: Purse, ccy: str = "", kind: str = "") -> Iterator[Entry]:
        """Yield a purse's changes, newest first, of one currency and kind, or of all."""
        for entry in reversed(self._entries_of.get(purse, ())):
            if ccy in ("", entry.ccy) and kind in ("", entry.kind):
                yield entry

    def totals(self) -> dict[str, Decimal]:
        """Return the sum of all purses by currency: 0 for each, always."""
        sums: defaultdict[str, Decimal] = defaultdict(Decimal)
        for holdings in self._holdings.values():
            for ccy, holding in holdings.items():
                sums[ccy] = _EXACT.add(sums[ccy], _EXACT.add(holding.available, holding.frozen))
        return dict(sums)

    def _holding(self, purse: Purse, ccy: str) -> _Holding:
        return self._holdings[purse].setdefault(ccy, _Holding())

    def _read(self, purse: Purse, ccy: str) -> _Holding:
        """Return what is held, without an entry for it: reading changes nothing."""
        return self._holdings.get(purse, {}).get(ccy, _NO_HOLDING)

    def _require(self, purse: Purse, ccy: str, amount: Decimal) -> None:
        if not purse.may_owe and amount > self.available(purse, ccy):
            raise shortfall()

    def _notify(self, purse: Purse, ccy: str) -> None:
        for listener in self.listeners:
            listener(purse, ccy)


def shortfall() -> Refusal:
    """Return the refusal for a balance that does not suffice."""
    return Refusal(3109, "balance not enough")


def _check(amount: Decimal) -> None:
    if amount < 0:
        raise AssertionError(f"an amount that is moved, frozen or unfrozen is not negative: {amount}")
