"""The statement of an account: what it held, what moved it, what that proves, and what is still open."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pandas as pd

from coinex_pandas.archive.ledger.figures import moment
from coinex_pandas.archive.ledger.futures import FuturesAccount, futures_accounts
from coinex_pandas.archive.ledger.movements import incomplete_entries
from coinex_pandas.archive.ledger.open_items import OpenItem, open_items
from coinex_pandas.archive.ledger.report.document import Document, Section, section
from coinex_pandas.archive.ledger.report.markdown import markdown
from coinex_pandas.archive.ledger.report.page import fragment, page
from coinex_pandas.archive.ledger.source import Archive, Rows, Tables
from coinex_pandas.archive.ledger.spot import SUMS, SpotAccount, spot_accounts, window
from coinex_pandas.tables.times import unix_ms

__all__ = ["Statement", "statement"]

_TABLES = (
    "spot_transactions",
    "spot_balances",
    "spot_user_deals",
    "deposits",
    "withdrawals",
    "transfers",
    "sub_transfers",
    "futures_balances",
    "futures_positions",
    "futures_finished_positions",
    "futures_user_deals",
    "futures_position_funding_history",
    "margin_balances",
    "margin_borrows",
    "financial_balances",
    "credit_balances",
    "amm_liquidity",
    "amm_incomes",
    "spot_pending_orders",
    "futures_pending_orders",
    "spot_pending_stop_orders",
    "futures_pending_stop_orders",
)
_HOLDINGS = {
    "margin": "margin_balances",
    "financial": "financial_balances",
    "credit": "credit_balances",
    "pools": "amm_liquidity",
    "loans": "margin_borrows",
}


@dataclass(frozen=True, repr=False)
class Statement:
    """The statement of an account, as frames; amounts are exact decimals.

    Attributes
    ----------
    open_items : DataFrame
        What is not finished: positions, loans, withdrawals, deposits, orders, shares in pools.
    spot : DataFrame
        A row per currency: opening balance, what moved it, closing balance, the balance that was captured, the verdict.
    breaks : DataFrame
        A row per change that nothing tells: its amount, and the two rows between which it happened.
    explained : DataFrame
        A row per break of the chain that another table tells, such as a transfer.
    futures : DataFrame
        A row per currency: transfers, results, fees, funding, what it holds, the verdict.
    margin, financial, credit, pools, loans : DataFrame
        What these accounts hold and owe, as captured; the exchange gives no ledger of them.
    captured : DataFrame
        When each table was captured last.
    notes : tuple of str
        What cannot be proved, and what else a reader should know.
    path, manifest : str
        The archive's folder, and the SHA-256 of its manifest.
    """

    open_items: pd.DataFrame
    spot: pd.DataFrame
    breaks: pd.DataFrame
    explained: pd.DataFrame
    futures: pd.DataFrame
    margin: pd.DataFrame
    financial: pd.DataFrame
    credit: pd.DataFrame
    pools: pd.DataFrame
    loans: pd.DataFrame
    captured: pd.DataFrame
    notes: tuple[str, ...]
    path: str
    manifest: str
    accounts: tuple[SpotAccount, ...] = field(default=(), compare=False)

    @property
    def verdict(self) -> str:
        """What the whole statement proves, in one line."""
        spot = self.spot["standing"].astype("str")
        proved, count = int((spot == "proved").sum()), len(spot)
        if not count:
            return "nothing to prove: neither a ledger nor a balance was captured"
        rest = "" if proved == count else f"; {count - proved} with changes that nothing tells, each listed"
        return f"spot: {proved} of {count} currencies proved to the last digit{rest}"

    def to_markdown(self) -> str:
        """Return the statement as Markdown."""
        return markdown(document(self))

    def to_html(self) -> str:
        """Return the statement as a page of its own, to be read on a screen or printed."""
        return page(document(self))

    def __repr__(self) -> str:
        return f"<statement of {self.path}: {self.verdict}; {len(self.open_items)} open items>"

    def _repr_html_(self) -> str:
        return fragment(document(self))


def statement(archive: Archive | str | os.PathLike[str]) -> Statement:
    """Return the statement of the account in an archive.

    Per currency of the spot account the exchange's own ledger is followed from row to row: each balance must be the one
    before plus the change. Where it is not, the difference is shown with the two rows between which it happened.

    Parameters
    ----------
    archive : Archive, str or path
        An archive that was opened, or its folder.

    Returns
    -------
    Statement
        Its frames, and ``to_markdown()`` and ``to_html()``.

    Raises
    ------
    ArchiveError
        The folder is no archive.

    Examples
    --------
    >>> coverage = cx.archive.capture("./coinex", "account", tables=["spot_transactions", "spot_balances"])
    >>> result = statement("./coinex")
    >>> result.verdict
    'spot: 5 of 5 currencies proved to the last digit'
    >>> result.spot.set_index("ccy")[["deposits", "closing"]].loc[["BTC"]]
        deposits closing
    ccy
    BTC        2       2
    """
    tables = Tables(archive)
    accounts = spot_accounts(tables)
    return Statement(
        open_items=_frame(OpenItem, open_items(tables)),
        spot=_spot(accounts),
        breaks=_frame(_BreakRow, [row for account in accounts for row in _breaks(account)]),
        explained=_frame(_ExplainedRow, [row for account in accounts for row in _explained(account)]),
        futures=_futures(futures_accounts(tables)),
        **{name: _holdings(tables.newest(table)) for name, table in _HOLDINGS.items()},
        captured=_captured(tables),
        notes=tuple(_notes(tables, accounts)),
        path=tables.path,
        manifest=tables.manifest(),
        accounts=tuple(accounts),
    )


class _BreakRow(NamedTuple):
    """A change that nothing tells."""

    ccy: str
    amount: Any
    after: int | None
    until: int | None
    certain: bool
    window: str
    after_record: str
    until_record: str


class _ExplainedRow(NamedTuple):
    """A break of the chain that another table tells."""

    ccy: str
    amount: Any
    kind: str
    detail: str
    created_at: int
    record: str


def _breaks(account: SpotAccount) -> list[_BreakRow]:
    return [
        _BreakRow(
            account.ccy,
            each.amount,
            each.after.at if each.after else None,
            each.until.at if each.until else None,
            each.certain,
            window(each),
            each.after.record if each.after else "",
            each.until.record if each.until else "",
        )
        for each in account.explanation.rest
    ]


def _explained(account: SpotAccount) -> list[_ExplainedRow]:
    return [
        _ExplainedRow(account.ccy, movement.change, movement.kind, movement.note, movement.at, movement.record)
        for movement, _ in account.explanation.movements
    ]


def _spot(accounts: Sequence[SpotAccount]) -> pd.DataFrame:
    columns = ["ccy", "opening", *SUMS, "closing", "balance", "standing", "verdict"]
    cells = [
        [each.ccy, each.opening, *map(each.sums.get, SUMS), each.closing, each.balance, each.standing, each.verdict]
        for each in accounts
    ]
    return pd.DataFrame(cells, columns=columns, dtype="object")


def _futures(accounts: Sequence[FuturesAccount]) -> pd.DataFrame:
    names = ["ccy", "transfers", "realized", "deals", "fees", "funding", "held", "unrealized", "unexplained", "verdict"]
    return pd.DataFrame([[getattr(each, name) for name in names] for each in accounts], columns=names, dtype="object")


def _holdings(found: Rows) -> pd.DataFrame:
    hidden = {"captured_at", "record"}
    frame = pd.DataFrame([{name: cell for name, cell in row.items() if name not in hidden} for row in found])
    return _with_times(frame.astype("object"))


def _captured(tables: Tables) -> pd.DataFrame:
    found = [{"table": name, "captured_at": tables.captured_at(name)} for name in _TABLES]
    return _with_times(pd.DataFrame(found, columns=["table", "captured_at"], dtype="object"))


def _frame(kind: Any, found: Sequence[Any]) -> pd.DataFrame:
    return _with_times(pd.DataFrame(found, columns=list(kind._fields), dtype="object"))


_TIMES = ("created_at", "updated_at", "expired_at", "captured_at", "after", "until")


def _with_times(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose milliseconds are times."""
    times = {
        name: pd.to_datetime(frame[name].astype("Int64"), unit="ms", utc=True).astype("datetime64[ms, UTC]")
        for name in _TIMES
        if name in frame
    }
    return frame.assign(**times)


def _notes(tables: Tables, accounts: Sequence[SpotAccount]) -> list[str]:
    """Return what a reader should know."""
    notes = [
        f"{name} was never captured: what it would tell is missing here"
        for name in _TABLES
        if tables.frame(name) is None and tables.captured_at(name) is None
    ]
    notes += [gap for name in _TABLES for gap in tables.gaps(name)]
    for account in accounts:
        if count := len(account.chain.repetitions):
            notes.append(f"{account.ccy}: {count} rows were captured twice; the chain has place for one of each")
        if any(not each.certain for each in account.explanation.rest):
            notes.append(
                f"{account.ccy}: rows of one millisecond leave more than one order; the breaks' sum is certain"
            )
        notes.extend(
            f"{account.ccy}: the chain has no place for the {movement.kind.replace('_', ' ')} of {moment(movement.at)} "
            f"{movement.note}; it is not counted"
            for movement in account.explanation.strangers
        )
    if incomplete := len(incomplete_entries(tables)):
        notes.append(f"{incomplete} rows of the ledger lack a figure and stand in no chain")
    return notes


_SPOT_TEXT = (
    "The exchange's own ledger, followed from row to row in exact decimals. Opening plus all columns is closing. "
    "Withdrawals and trades are without their fees, which have a column of their own; interest holds what moved to and "
    "from earn products, other holds rebates and swaps."
)


def document(statement: Statement) -> Document:
    """Return the statement's text and tables, in the order in which they are read."""
    spot = statement.spot.drop(columns=["standing"])
    used = [name for name in SUMS if any(statement.spot[name])]
    spot = spot.drop(columns=[name for name in SUMS if name not in used])
    breaks = statement.breaks[["ccy", "amount", "window", "after_record", "until_record"]]
    return Document(
        title="Account statement",
        verdict=statement.verdict,
        is_proved=len(statement.spot) > 0 and not len(statement.breaks),
        facts=(("Archive", statement.path), ("Manifest SHA-256", statement.manifest or "none"), _span(statement)),
        sections=tuple(each for each in _sections(statement, spot, breaks) if each.rows or each.empty),
        notes=statement.notes,
        appendix=(section("When each table was captured", statement.captured, "In UTC; empty: never."),),
    )


def _span(statement: Statement) -> tuple[str, str]:
    times = statement.captured["captured_at"].dropna()
    if not len(times):
        return "Captured", "never"
    first, last = (moment(unix_ms(time)) for time in (times.min(), times.max()))
    return "Captured (UTC)", first if first == last else f"{first} to {last}"


def _sections(statement: Statement, spot: pd.DataFrame, breaks: pd.DataFrame) -> list[Section]:
    held = "As captured; the exchange gives no ledger of it, so what moved it cannot be proved."
    return [
        section("Open items", statement.open_items, "What to close, repay or cancel before leaving.", empty="None."),
        section("Spot account", spot, _SPOT_TEXT, empty="Neither a ledger nor a balance was captured."),
        section(
            "Changes that nothing tells", breaks, "Each with the two rows between which it happened.", empty="None."
        ),
        section("Breaks of the chain that transfers tell", statement.explained),
        section("Futures account", statement.futures, "By the exchange's description; it gives no ledger of it."),
        section("Margin accounts", statement.margin, held),
        section("Financial account", statement.financial, held),
        section("Credit account", statement.credit, held),
        section("Pools", statement.pools, held),
        section("Loans", statement.loans, held),
    ]
