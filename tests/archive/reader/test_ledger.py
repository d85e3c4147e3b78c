"""The statement and the exports of an archive that was captured, against the sandbox's own books."""

import csv
from collections import defaultdict
from decimal import Decimal

import pytest

from coinex_pandas.archive.ledger.exports.export import export
from coinex_pandas.archive.ledger.statement import statement
from coinex_pandas.simulator.engine.ledger import Purse

SPOT = Purse("me", "spot")


@pytest.fixture(scope="module")
def result(captured):
    """Give the statement of the archive."""
    return statement(captured.archive)


@pytest.fixture(scope="module")
def books(lived_in):
    """Give what the sandbox has moved in the spot wallet, by currency and kind."""
    sums = defaultdict(Decimal)
    for entry in lived_in.exchange.trading.ledger.entries_of(SPOT):
        sums[entry.ccy, entry.kind] += entry.change
    return sums


def test_it_equals_the_books(result, books, lived_in):
    """Deposits, transfers, trades with their fees; what went into pools is unexplained, to the last digit."""
    ledger = lived_in.exchange.trading.ledger
    for row in result.spot.to_dict("records"):
        ccy = row["ccy"]
        pools = books[ccy, "amm_add"] + books[ccy, "amm_remove"]
        assert books[ccy, "deposit"] == row["deposits"]
        assert books[ccy, "transfer"] == row["transfers"]
        assert books[ccy, "trade"] + books[ccy, "withdraw"] == row["trades"] + row["withdrawals"] + row["fees"]
        assert pools == row["unexplained"]
        assert ("proved" if not pools else "unexplained") == row["standing"]
        assert ledger.balance(SPOT, ccy) == row["closing"] == row["balance"]
    assert set(ledger.currencies(SPOT)) == set(result.spot["ccy"])
    assert () == result.notes


def test_a_break_lies_where_something_happened_that_no_row_tells(result, lived_in):
    """Between its rows the sandbox's own books have the changes of pools."""
    entries = list(lived_in.exchange.trading.ledger.entries_of(SPOT))
    for row in result.breaks.to_dict("records"):
        first, last = (row[name].value // 1_000_000 for name in ("after", "until"))
        hidden = [
            entry.change
            for entry in entries
            if entry.ccy == row["ccy"] and entry.kind.startswith("amm") and first <= entry.at <= last
        ]
        assert sum(hidden) == row["amount"]
        assert row["certain"]


def test_the_exports_add_up_to_the_balances(captured, lived_in, tmp_path):
    """The plain ledger by area and currency, with a raw record beside each row that the exchange told."""
    with export(captured.archive, tmp_path)[0].open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    sums = defaultdict(Decimal)
    for row in rows:
        if row["area"] == "SPOT":
            sums[row["ccy"]] += Decimal(row["change"])
        assert row["record"] or row["type"] == "unexplained"
    ledger = lived_in.exchange.trading.ledger
    assert {ccy: ledger.balance(SPOT, ccy) for ccy in ledger.currencies(SPOT)} == sums
    assert {"BTC", "CET", "USDT"} <= {row["ccy"] for row in rows if row["value_usdt"]}
