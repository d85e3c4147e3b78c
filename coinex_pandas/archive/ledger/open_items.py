"""What is not finished: it should be closed, repaid or cancelled before an account is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from coinex_pandas.archive.ledger.source import Rows, Tables

__all__ = ["OpenItem", "open_items"]

_PAID_OUT = ("finished", "cancelled", "failed")
_CREDITED = ("finished", "cancelled")
_REPAID = ("finish", "liquidated")


class OpenItem(NamedTuple):
    """Something that is not finished."""

    item: str
    id: str
    what: str  # currency or market
    amount: Decimal | None
    detail: str
    created_at: int | None
    record: str


class _Sort(NamedTuple):
    """A sort of open items, and the columns that say id, currency or market, and amount."""

    item: str
    key: str
    what: str
    amount: str
    detail: Callable[[dict[str, Any]], str]


def open_items(tables: Tables) -> list[OpenItem]:
    """Return the open positions, loans, withdrawals, deposits, orders and shares in pools."""
    return [
        *_items(
            _Sort("position", "position_id", "market", "open_interest", _position), tables.newest("futures_positions")
        ),
        *_items(_Sort("loan", "borrow_id", "ccy", "to_repaid_amount", _loan), _loans(tables)),
        *_items(
            _Sort("withdrawal", "withdraw_id", "ccy", "amount", _payment), _until(tables, "withdrawals", _PAID_OUT)
        ),
        *_items(_Sort("deposit", "deposit_id", "ccy", "amount", _payment), _until(tables, "deposits", _CREDITED)),
        *(item for area in ("spot", "futures") for item in _orders(tables, area)),
        *_items(_Sort("pool", "", "market", "quote_ccy_amount", _pool), tables.newest("amm_liquidity")),
    ]


def _orders(tables: Tables, area: str) -> Iterator[OpenItem]:
    for name, table, key in (("order", "orders", "order_id"), ("stop order", "stop_orders", "stop_id")):
        found = tables.newest(f"{area}_pending_{table}")
        yield from _items(_Sort(f"{area} {name}", key, "market", "amount", _order), found)


def _items(sort: _Sort, found: Rows) -> Iterator[OpenItem]:
    for row in found:
        number = row.get(sort.key) if sort.key else None
        yield OpenItem(
            item=sort.item,
            id="" if number is None else str(number),
            what=row.get(sort.what) or "",
            amount=row.get(sort.amount),
            detail=sort.detail(row),
            created_at=row.get("created_at"),
            record=row.get("record") or "",
        )


def _loans(tables: Tables) -> Rows:
    return [row for row in tables.rows("margin_borrows") if row.get("status") not in _REPAID]


def _until(tables: Tables, table: str, done: tuple[str, ...]) -> Rows:
    return [row for row in tables.rows(table) if row.get("status") not in done]


def _position(row: dict[str, Any]) -> str:
    return _words(row.get("side"), row.get("margin_mode"), "open interest")


def _loan(row: dict[str, Any]) -> str:
    return _words(row.get("status"), f"of {row.get('market')}", "still to be repaid")


def _payment(row: dict[str, Any]) -> str:
    return _words(row.get("status"), f"by {row['chain']}" if row.get("chain") else "")


def _order(row: dict[str, Any]) -> str:
    return _words(row.get("side"), row.get("type"), row.get("status"))


def _pool(row: dict[str, Any]) -> str:
    return _words(f"in {row.get('quote_ccy')}, beside the share in {row.get('base_ccy')}")


def _words(*words: str | None) -> str:
    return ", ".join(word for word in words if word)
