"""The spot account of each currency: its chain, what moved it, and what that proves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from coinex_pandas.archive.ledger.chain import EXACT, ZERO, Break, Chain, Entry, chain, total
from coinex_pandas.archive.ledger.explanation import Explanation, explained
from coinex_pandas.archive.ledger.figures import moment, plain
from coinex_pandas.archive.ledger.movements import CATEGORIES, Movement, entries, transfers
from coinex_pandas.archive.ledger.source import Tables, decimal

__all__ = ["BALANCE", "SUMS", "SpotAccount", "Standing", "spot_accounts", "window"]

Standing = Literal["proved", "explained", "unexplained"]
SUMS = ("deposits", "withdrawals", "fees", "trades", "transfers", "funding", "interest", "other", "unexplained")
BALANCE = "balance"
"""The type of the row that stands for the captured balance; it changes nothing."""
_CLOCKS_APART = 60_000  # milliseconds between the exchange's time of a row and this machine's time of a balance
_NOT_PAID = ("created", "audit_required", "audited", "cancelled", "failed")  # withdrawals that have taken nothing


@dataclass(frozen=True)
class SpotAccount:
    """What a currency's spot account shows.

    Attributes
    ----------
    ccy : str
        The currency.
    chain : Chain
        Its rows in order; one of type ``balance`` stands for the captured balance.
    explanation : Explanation
        Where the chain breaks, and what tells why.
    sums : mapping of str to Decimal
        What moved it, by the statement's columns.
    balance : Decimal, optional
        What it held when the balances were captured; None when they never were.
    balance_at : int, optional
        When that was, in milliseconds.
    """

    ccy: str
    chain: Chain
    explanation: Explanation
    sums: Mapping[str, Decimal]
    balance: Decimal | None
    balance_at: int | None

    @property
    def opening(self) -> Decimal:
        """The balance before everything that is told."""
        return self.explanation.opening

    @property
    def closing(self) -> Decimal:
        """The balance in the end."""
        return self.chain.closing if self.chain.entries or self.balance is None else self.balance

    @property
    def standing(self) -> Standing:
        """Whether every change is proved, or one is unexplained, or several."""
        return "proved" if not self.explanation.rest else _of(self.explanation.rest)

    @property
    def verdict(self) -> str:
        """What that proves, in one line."""
        rest, ccy = self.explanation.rest, self.ccy
        if not rest:
            known = "" if self.balance is not None else ", up to the last row: no balance was captured"
            return f"proved to the last digit{known}"
        if len(rest) == 1:
            return f"unexplained: {plain(rest[0].amount)} {ccy} {window(rest[0])}"
        open_sum = total(each.amount.copy_abs() for each in rest)
        return f"explained up to {plain(open_sum)} {ccy}: {len(rest)} changes that nothing tells, each listed below"


def _of(rest: list[Break]) -> Standing:
    return "unexplained" if len(rest) == 1 else "explained"


def window(each: Break) -> str:
    """Return between which two rows a change happened.

    Examples
    --------
    >>> window(Break(Decimal(1), None, Entry(1_780_315_200_000, "BTC", "trade", Decimal(1), Decimal(2))))
    'before the trade of 2026-06-01 12:00:00'
    """
    if each.after is None and each.until is None:
        return "at a time that nothing tells"
    if each.after is None:
        return f"before {_name(each.until)}"
    if each.until is None:
        return f"after {_name(each.after)}"
    return f"between {_name(each.after)} and {_name(each.until)}"


def _name(row: Entry | None) -> str:
    if row is None:
        return ""
    if row.kind == BALANCE:
        return f"the balance captured at {moment(row.at)}"
    return f"the {row.kind or 'row'} of {moment(row.at)}"


def spot_accounts(tables: Tables) -> list[SpotAccount]:
    """Return the spot account of each currency that it holds or ever held, by name."""
    found: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries(tables):
        found[entry.ccy].append(entry)
    moved: defaultdict[str, list[Movement]] = defaultdict(list)
    for movement in transfers(tables, "SPOT"):
        moved[movement.ccy].append(movement)
    balances, at = _balances(tables), tables.captured_at("spot_balances")
    fees = _fees(tables)
    return [
        _account(ccy, found[ccy], moved[ccy], None if at is None else (at, balances.get(ccy, ZERO)), fees)
        for ccy in sorted({*found, *moved, *(ccy for ccy, amount in balances.items() if amount)})
    ]


def _balances(tables: Tables) -> dict[str, Decimal]:
    return {
        row["ccy"]: EXACT.add(decimal(row, "available"), decimal(row, "frozen"))
        for row in tables.newest("spot_balances")
    }


def _account(
    ccy: str,
    found: list[Entry],
    moved: list[Movement],
    captured: tuple[int, Decimal] | None,
    fees: Mapping[tuple[str, str], list[tuple[int, Decimal]]],
) -> SpotAccount:
    at, balance = captured or (None, None)
    checkpoints = [_checkpoint(ccy, found, *captured)] if captured and found else []
    ordered = chain([*found, *checkpoints], None if found else balance)
    explanation = explained(ordered, moved)
    return SpotAccount(ccy, ordered, explanation, _sums(ccy, ordered, explanation, fees), balance, at)


def _checkpoint(ccy: str, found: list[Entry], at: int, balance: Decimal) -> Entry:
    """Return a row for the captured balance, after the row it agrees with; the two clocks may be apart."""
    near = [row.at for row in found if row.balance == balance and abs(row.at - at) <= _CLOCKS_APART]
    return Entry(max(near, default=at), ccy, BALANCE, ZERO, balance)


def _sums(
    ccy: str,
    ordered: Chain,
    explanation: Explanation,
    fees: Mapping[tuple[str, str], list[tuple[int, Decimal]]],
) -> dict[str, Decimal]:
    """Return what moved a currency, by column; a fee that a row holds is taken out of its column."""
    sums = dict.fromkeys(SUMS, ZERO)
    for row in ordered.entries:
        column = CATEGORIES.get(row.kind, "other")
        sums[column] = EXACT.add(sums[column], row.change)
    for movement, _ in explanation.movements:
        sums[movement.category] = EXACT.add(sums[movement.category], movement.change)
    sums["unexplained"] = total(each.amount for each in explanation.rest)
    first = ordered.entries[0].at if ordered.entries else 0
    for column in ("trades", "withdrawals"):
        paid = total(fee for at, fee in fees.get((ccy, column), []) if at >= first)
        sums[column] = EXACT.add(sums[column], paid)
        sums["fees"] = EXACT.subtract(sums["fees"], paid)
    return sums


def _fees(tables: Tables) -> dict[tuple[str, str], list[tuple[int, Decimal]]]:
    """Return the fees of spot trades and withdrawals, by currency and by the column whose rows hold them."""
    fees: defaultdict[tuple[str, str], list[tuple[int, Decimal]]] = defaultdict(list)
    for row in tables.rows("spot_user_deals"):
        if row.get("fee_ccy") and row.get("market_type") != "MARGIN" and not row.get("margin_market"):
            fees[row["fee_ccy"], "trades"].append((row["created_at"], decimal(row, "fee")))
    for row in tables.rows("withdrawals"):
        if row.get("status") not in _NOT_PAID:
            fees[row.get("fee_ccy") or row["ccy"], "withdrawals"].append((row["created_at"], decimal(row, "tx_fee")))
    return fees
