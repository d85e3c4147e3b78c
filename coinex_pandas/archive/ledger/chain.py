"""The chain of a currency's ledger: ``balance[n] = balance[n-1] + change[n]``, exactly, and where it breaks.

The exchange gives times in milliseconds and rows no id, so rows of one millisecond come in no certain order: they get
the one in which the chain breaks least (`arranged`). A break is a change that no row tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal, DivisionByZero, Inexact, InvalidOperation
from itertools import groupby
from typing import NamedTuple

from coinex_pandas.archive.ledger.arrangement import arranged, starts

__all__ = ["EXACT", "ZERO", "Break", "Chain", "Entry", "chain", "total"]

ZERO = Decimal(0)
EXACT = Context(prec=200, traps=[Inexact, InvalidOperation, DivisionByZero])
"""For sums of amounts: a digit that does not fit is an error, never rounded away."""


class Entry(NamedTuple):
    """One row of the ledger: a change of a currency's balance, and the balance after it."""

    at: int  # milliseconds
    ccy: str
    kind: str
    change: Decimal
    balance: Decimal
    record: str = ""

    @property
    def before(self) -> Decimal:
        """The balance before the change."""
        return EXACT.subtract(self.balance, self.change)


class Break(NamedTuple):
    """A change that no row tells: between which two rows, and how much.

    `after` is None where the change came before the first row, `until` None where it came after the last one. It is not
    `certain` where rows of one millisecond could have come in another order that breaks as seldom: then the sum of that
    millisecond's breaks is certain, and each alone is not.
    """

    amount: Decimal
    after: Entry | None
    until: Entry | None
    certain: bool = True


@dataclass(frozen=True)
class Chain:
    """The rows of a currency in their order, and where the chain of balances breaks.

    Attributes
    ----------
    entries : list of Entry
        The rows, oldest first; without the repetitions.
    breaks : list of Break
        The changes that no row tells, oldest first.
    repetitions : list of Entry
        Rows that are there twice: the chain has place for one of them only.
    """

    entries: list[Entry] = field(default_factory=list)
    breaks: list[Break] = field(default_factory=list)
    repetitions: list[Entry] = field(default_factory=list)

    @property
    def opening(self) -> Decimal:
        """The balance before the first row."""
        return self.entries[0].before if self.entries else ZERO

    @property
    def closing(self) -> Decimal:
        """The balance after the last row."""
        return self.entries[-1].balance if self.entries else ZERO


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Return a sum, exactly."""
    result = ZERO
    for amount in amounts:
        result = EXACT.add(result, amount)
    return result


def chain(entries: Iterable[Entry], balance: Decimal | None = None) -> Chain:
    """Return the chain of one currency's rows.

    Parameters
    ----------
    entries : iterable of Entry
        Rows of one currency, in any order.
    balance : Decimal, optional
        What the account held afterwards, as far as that is known: where it is not the balance after the last row, the
        difference is a break, too.
    """
    moments = [list(group) for _, group in groupby(sorted(entries, key=lambda entry: entry.at), lambda entry: entry.at)]
    result = Chain()
    last, sure = None, True
    for place, group in enumerate(moments):
        following = moments[place + 1] if place + 1 < len(moments) else None
        if len(group) == 1:
            rows, certain = group, True
        else:
            goals = _goals(following, balance)
            rows, repetitions, certain = arranged(group, last, goals)
            result.repetitions.extend(repetitions)
        _append(result, rows, certain=certain, first=certain and sure)
        last, sure = rows[-1].balance, certain
    _close(result, balance)
    return result


def _goals(following: Sequence[Entry] | None, balance: Decimal | None) -> list[Decimal]:
    """Return the balances from which the next rows may go on."""
    if following is not None:
        return [following[0].before] if len(following) == 1 else starts(following)
    return [] if balance is None else [balance]


def _append(result: Chain, rows: Sequence[Entry], *, certain: bool, first: bool) -> None:
    """Append the rows of a moment, and note where they do not follow; `first` says it of the first of them."""
    for place, row in enumerate(rows):
        before = result.entries[-1] if result.entries else None
        if before is not None and (amount := EXACT.subtract(row.before, before.balance)):
            result.breaks.append(Break(amount, before, row, certain if place else first))
        result.entries.append(row)


def _close(result: Chain, balance: Decimal | None) -> None:
    if balance is None:
        return
    last = result.entries[-1] if result.entries else None
    amount = EXACT.subtract(balance, result.closing)
    if amount:
        result.breaks.append(Break(amount, last, None))
