"""What moved an account's money, from every table that tells it: one row each."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from coinex_pandas.archive.ledger.chain import EXACT, Entry
from coinex_pandas.archive.ledger.source import Tables, decimal

__all__ = ["CATEGORIES", "Movement", "entries", "incomplete_entries", "transfers"]

CATEGORIES = {
    "deposit": "deposits",
    "withdraw": "withdrawals",
    "trade": "trades",
    "investment_interest": "interest",
    "maker_cash_back": "other",
    "exchange_order_transfer": "other",
}
"""The column of the statement for each type of the exchange's ledger; an unknown type is ``other``."""
_MOVED = (None, "deducted", "finished")  # a transfer that is only created, or failed, has moved nothing


class Movement(NamedTuple):
    """One change of what an account holds."""

    at: int
    area: str  # SPOT, FUTURES, MARGIN or POOL
    ccy: str
    category: str
    change: Decimal
    kind: str
    balance: Decimal | None = None
    market: str = ""
    note: str = ""
    table: str = ""
    record: str = ""
    tx_id: str = ""
    address: str = ""
    fee: Decimal = Decimal(0)  # that part of the change which is a fee, in the same currency


def entries(tables: Tables) -> list[Entry]:
    """Return the rows of the spot account's ledger that have all their figures."""
    return [_entry(row) for row in tables.rows("spot_transactions") if _is_whole(row)]


def incomplete_entries(tables: Tables) -> list[dict[str, Any]]:
    """Return the rows of the ledger that lack a figure: they can stand in no chain."""
    return [row for row in tables.rows("spot_transactions") if not _is_whole(row)]


def _is_whole(row: dict[str, Any]) -> bool:
    return None not in (row["change"], row["balance"], row["ccy"])


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(
        row["created_at"], row["ccy"], row["type"] or "", row["change"], row["balance"], row.get("record") or ""
    )


def transfers(tables: Tables, area: str) -> list[Movement]:
    """Return what transfers moved into and out of an area of the main account, SPOT or FUTURES, oldest first."""
    found = [
        movement
        for table in ("transfers", "sub_transfers")
        for row in tables.rows(table)
        if row.get("status") in _MOVED
        for movement in _sides(row, table)
        if movement.area == area
    ]
    return sorted(found, key=lambda movement: movement.at)


def _sides(row: dict[str, Any], table: str) -> list[Movement]:
    """Return what a transfer took from one side and gave to the other, as far as they are the main account's."""
    sides = []
    for way, sign in (("from", -1), ("to", 1)):
        if row.get(f"{way}_user_name"):
            continue  # a sub-account's side
        other = "to" if way == "from" else "from"
        partner = row.get(f"{other}_user_name") or row[f"{other}_account_type"]
        sides.append(
            Movement(
                at=row["created_at"],
                area=row[f"{way}_account_type"],
                ccy=row["ccy"],
                category="transfers",
                change=EXACT.multiply(decimal(row, "amount"), Decimal(sign)),
                kind="transfer" if table == "transfers" else "sub_transfer",
                market=row.get("margin_market") or "",
                note=f"{'to' if sign < 0 else 'from'} {partner}",
                table=table,
                record=row.get("record") or "",
            )
        )
    return sides
