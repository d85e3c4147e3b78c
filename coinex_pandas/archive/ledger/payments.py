"""Deposits and withdrawals: the transaction of the chain and the address behind a row of the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from coinex_pandas.archive.ledger.chain import EXACT
from coinex_pandas.archive.ledger.figures import plain
from coinex_pandas.archive.ledger.movements import Movement
from coinex_pandas.archive.ledger.source import Tables, decimal

__all__ = ["Payments"]

_NOT_PAID = ("created", "audit_required", "audited", "cancelled", "failed")
_LONGEST = 7 * 86_400_000  # milliseconds from a request to the change of the balance


class Payments:
    """The deposits and withdrawals of an archive; each belongs to one row of the ledger at the most.

    The exchange does not document whether its ledger has a withdrawal's fee in the same row: either is understood.
    """

    def __init__(self, tables: Tables) -> None:
        self._deposits = [row for row in tables.rows("deposits") if row.get("status") == "finished"]
        self._withdrawals = [row for row in tables.rows("withdrawals") if row.get("status") not in _NOT_PAID]
        self._free: defaultdict[tuple[str, str, Decimal], list[tuple[dict[str, Any], str]]] = defaultdict(list)
        self._used: set[tuple[int, str]] = set()
        for kind, row, change in self._changes():
            self._free[kind, row["ccy"], change].append((row, "whole"))
        for row in self._withdrawals:
            if fee := decimal(row, "tx_fee"):
                self._free["withdraw", row["ccy"], EXACT.minus(decimal(row, "actual_amount"))].append((row, "amount"))
                self._free["withdraw", row.get("fee_ccy") or row["ccy"], EXACT.minus(fee)].append((row, "fee"))

    def completed(self, movement: Movement) -> Movement:
        """Return a movement with its transaction, its address and its fee, where its payment is told."""
        near = [
            (row, part)
            for row, part in self._free.get((movement.kind, movement.ccy, movement.change), [])
            if 0 <= movement.at - row["created_at"] <= _LONGEST and not self._is_used(row, part)
        ]
        if not near:
            return movement
        row, part = max(near, key=lambda pair: pair[0]["created_at"])
        self._used.add((id(row), part))
        if part == "fee":
            return _with(movement, row)._replace(kind="withdraw_fee", category="fees", fee=Decimal(0))
        completed = _with(movement, row)
        return completed._replace(fee=Decimal(0)) if part == "amount" else completed

    def _is_used(self, row: dict[str, Any], part: str) -> bool:
        """Return whether a payment has its row already, as a whole or that part of it."""
        parts = ("whole", "amount", "fee") if part == "whole" else ("whole", part)
        return any((id(row), each) in self._used for each in parts)

    def movements(self) -> Iterator[Movement]:
        """Yield all of them, for an account whose ledger was never captured."""
        for kind, row, change in self._changes():
            category = "deposits" if kind == "deposit" else "withdrawals"
            table = "deposits" if kind == "deposit" else "withdrawals"
            movement = Movement(row["created_at"], "SPOT", row["ccy"], category, change, kind, table=table)
            yield _with(movement._replace(record=row.get("record") or ""), row)

    def _changes(self) -> Iterator[tuple[str, dict[str, Any], Decimal]]:
        for row in self._deposits:
            yield "deposit", row, decimal(row, "amount" if row.get("actual_amount") is None else "actual_amount")
        for row in self._withdrawals:
            yield "withdraw", row, EXACT.minus(decimal(row, "amount"))


def _with(movement: Movement, row: dict[str, Any]) -> Movement:
    fee = row.get("tx_fee") or Decimal(0)
    fee_ccy = row.get("fee_ccy") or row["ccy"]
    way = row.get("chain") or row.get("deposit_method") or row.get("withdraw_method") or ""
    words = [f"by {way}" if way else "", f"fee {plain(fee)} {fee_ccy}" if fee else ""]
    return movement._replace(
        note=", ".join(word for word in words if word),
        tx_id=row.get("tx_id") or "",
        address=row.get("to_address") or "",
        fee=fee if fee_ccy == movement.ccy else Decimal(0),
    )
