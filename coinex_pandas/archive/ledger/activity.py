"""All that moved an account's money, one row each: the spot ledger, and what it does not hold, area by area."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from coinex_pandas.archive.ledger.chain import EXACT, ZERO, total
from coinex_pandas.archive.ledger.figures import plain
from coinex_pandas.archive.ledger.futures import futures_accounts, settle_ccy, settle_currencies
from coinex_pandas.archive.ledger.movements import CATEGORIES, Movement, incomplete_entries, transfers
from coinex_pandas.archive.ledger.payments import Payments
from coinex_pandas.archive.ledger.source import Tables, decimal
from coinex_pandas.archive.ledger.spot import BALANCE, SpotAccount, spot_accounts, window

__all__ = ["activity"]


def activity(tables: Tables) -> list[Movement]:
    """Return every movement, oldest first; those of one time in the order of their chain.

    The rows of the spot area add up to its balance, per currency: an opening balance and what nothing tells have rows,
    too. Where the exchange's ledger was never captured, deposits, withdrawals and deals stand for it.
    """
    payments = Payments(tables)
    found = [
        *(
            _without_ledger(tables, payments)
            if tables.frame("spot_transactions") is None
            else _ledger(tables, payments)
        ),
        *_futures(tables),
        *_margin(tables),
        *_pools(tables),
    ]
    return sorted(found, key=lambda movement: movement.at)


def _ledger(tables: Tables, payments: Payments) -> Iterator[Movement]:
    for account in spot_accounts(tables):
        yield from _spot(account, payments)
    for row in incomplete_entries(tables):  # what they changed is part of a break
        note = f"a figure is missing: change {plain(row['change'])}, balance {plain(row['balance'])}"
        movement = _spot_row(row["ccy"] or "", row["created_at"], row["type"] or "", ZERO, balance=ZERO, note=note)
        yield movement._replace(category="incomplete", balance=None, record=row.get("record") or "")


def _spot(account: SpotAccount, payments: Payments) -> Iterator[Movement]:
    """Yield a currency's movements; each carries the balance after it."""
    entries, opening = account.chain.entries, account.opening
    if opening:
        yield _spot_row(account.ccy, entries[0].at, "opening", opening, balance=opening, note="what it held at first")
    told: defaultdict[Any, list[Movement]] = defaultdict(list)
    for movement, each in account.explanation.movements:
        told[id(each.until)].append(movement)
    rest = {id(each.until): each for each in account.explanation.rest}
    balance = opening
    for entry in [*entries, None]:
        for movement in told[id(entry)]:
            balance = EXACT.add(balance, movement.change)
            yield movement._replace(balance=balance)
        if id(entry) in rest:
            each = rest[id(entry)]
            balance = EXACT.add(balance, each.amount)
            at = entry.at if entry else account.balance_at or 0
            yield _spot_row(account.ccy, at, "unexplained", each.amount, balance=balance, note=window(each))
        if entry is not None and entry.kind != BALANCE:
            balance = entry.balance
            row = _spot_row(account.ccy, entry.at, entry.kind, entry.change, balance=balance)
            row = row._replace(table="spot_transactions", record=entry.record)
            yield payments.completed(row._replace(category=CATEGORIES.get(entry.kind, "other")))


def _spot_row(ccy: str, at: int, kind: str, change: Decimal, *, balance: Decimal, note: str = "") -> Movement:
    return Movement(at, "SPOT", ccy, kind, change, kind, balance, note=note)


def _without_ledger(tables: Tables, payments: Payments) -> Iterator[Movement]:
    yield from payments.movements()
    yield from transfers(tables, "SPOT")
    markets = _spot_markets(tables)
    for row in tables.rows("spot_user_deals"):
        if not is_margin(row):
            yield from _deal(row, "SPOT", market_pair(row["market"], markets))


def _margin(tables: Tables) -> Iterator[Movement]:
    """Yield what moved the margin accounts, as far as it is told: repayments and interest are not."""
    yield from transfers(tables, "MARGIN")
    for row in tables.rows("margin_borrows"):
        yield Movement(
            at=row["created_at"],
            area="MARGIN",
            ccy=row["ccy"],
            category="loans",
            change=decimal(row, "borrow_amount"),
            kind="margin_borrow",
            market=row.get("market") or "",
            note=f"{row.get('status') or ''}, still to be repaid: {plain(row.get('to_repaid_amount'))}",
            table="margin_borrows",
            record=row.get("record") or "",
        )
    markets = _spot_markets(tables)
    for row in tables.rows("spot_user_deals"):
        if is_margin(row):
            yield from _deal(row, "MARGIN", market_pair(row["market"], markets))


def is_margin(row: Mapping[str, Any]) -> bool:
    """Return whether a deal was made in a margin account."""
    return row.get("market_type") == "MARGIN" or bool(row.get("margin_market"))


def _spot_markets(tables: Tables) -> dict[str, Mapping[str, Any]]:
    return {row["market"]: row for row in tables.rows("spot_markets")}


def _deal(row: dict[str, Any], area: str, pair: tuple[str, str]) -> Iterator[Movement]:
    """Yield what a deal moved: base, quote and fee."""
    sign = Decimal(1 if row["side"] == "buy" else -1)
    amount, price = decimal(row, "amount"), decimal(row, "price")
    moved = [
        (pair[0], EXACT.multiply(amount, sign), "trades"),
        (pair[1], EXACT.minus(EXACT.multiply(EXACT.multiply(amount, price), sign)), "trades"),
        (row.get("fee_ccy") or "", EXACT.minus(decimal(row, "fee")), "fees"),
    ]
    for ccy, change, category in moved:
        if change:
            kind = "trade" if category == "trades" else "fee"
            note = f"deal {row['deal_id']}"
            record = row.get("record") or ""
            yield Movement(
                row["created_at"],
                area,
                ccy,
                category,
                change,
                kind,
                None,
                row["market"],
                note,
                "spot_user_deals",
                record,
            )


def market_pair(market: str, markets: Mapping[str, Mapping[str, Any]]) -> tuple[str, str]:
    """Return base and quote of a spot market: by the catalogue, else by the exchange's way to name them."""
    if market in markets:
        return markets[market]["base_ccy"], markets[market]["quote_ccy"]
    quote = next((ccy for ccy in ("USDT", "USDC", "BTC", "ETH", "CET") if market.endswith(ccy)), "")
    return market.removesuffix(quote), quote


def _futures(tables: Tables) -> Iterator[Movement]:
    """Yield what moved the futures accounts: transfers, results of positions, fees and funding.

    Where the results hold fees and funding already, these have rows of their own and the result is without them.
    """
    yield from transfers(tables, "FUTURES")
    ways = {account.ccy: account.proof.partition(" = ")[2] for account in futures_accounts(tables)}
    markets = settle_currencies(tables)
    parts: defaultdict[int, list[Decimal]] = defaultdict(list)
    for movement, position in _costs(tables, markets, ways):
        parts[position].append(movement.change)
        yield movement
    for table in ("futures_finished_positions", "futures_positions"):
        found = tables.rows(table) if table == "futures_finished_positions" else tables.newest(table)
        for row in found:
            ccy = settle_ccy(row["market"], markets)
            result = decimal(row, "realized_pnl")
            if _holds_costs(ways.get(ccy, "")):
                result = EXACT.subtract(result, total(parts[row["position_id"]]))
            if result:
                yield _futures_row(row, ccy, "realized", result, table)


def _holds_costs(way: str) -> bool:
    return "fees" not in way


def _costs(tables: Tables, markets: Mapping[str, str], ways: Mapping[str, str]) -> Iterator[tuple[Movement, int]]:
    """Yield fees and funding, each with the id of its position; those whose position is unknown are in its result."""
    for row in tables.rows("futures_user_deals"):
        ccy, position = row.get("fee_ccy") or settle_ccy(row["market"], markets), row.get("position_id")
        if decimal(row, "fee") and (position or not _holds_costs(ways.get(ccy, ""))):
            fee = EXACT.minus(decimal(row, "fee"))
            yield _futures_row(row, ccy, "fees", fee, "futures_user_deals"), position or 0
    for row in tables.rows("futures_position_funding_history"):
        ccy, position = row["ccy"], row.get("position_id")
        if decimal(row, "funding_value") and (position or not _holds_costs(ways.get(ccy, ""))):
            sign = Decimal(1 if "+ funding" in ways.get(ccy, "") else -1)
            paid = EXACT.multiply(decimal(row, "funding_value"), sign)
            yield _futures_row(row, ccy, "funding", paid, "futures_position_funding_history"), position or 0


_NOTES = {
    "futures_finished_positions": "result of a closed position, without its fees and funding",
    "futures_positions": "result so far of an open position, without its fees and funding",
    "futures_user_deals": "fee of a deal",
    "futures_position_funding_history": "funding",
}


def _futures_row(row: dict[str, Any], ccy: str, category: str, change: Decimal, table: str) -> Movement:
    position = f", position {row['position_id']}" if row.get("position_id") else ""
    return Movement(
        at=row["updated_at"] if category == "realized" and row.get("updated_at") else row["created_at"],
        area="FUTURES",
        ccy=ccy,
        category=category,
        change=change,
        kind={"realized": "realized_pnl", "fees": "fee", "funding": "funding"}[category],
        market=row["market"],
        note=f"{_NOTES[table]}{position}",
        table=table,
        record=row.get("record") or "",
    )


def _pools(tables: Tables) -> Iterator[Movement]:
    """Yield the incomes of pools; the exchange names no currency of them, so they change no balance here."""
    for row in tables.rows("amm_incomes"):
        yield Movement(
            at=row["created_at"],
            area="POOL",
            ccy="",
            category="pool income",
            change=ZERO,
            kind="amm_income",
            market=row["market"],
            note=f"fee dividend {plain(row.get('fee_dividend'))}, in a unit that the exchange does not name",
            table="amm_incomes",
            record=row.get("record") or "",
        )
