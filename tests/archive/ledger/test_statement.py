"""The statement of an account that lived in the sandbox, against the sandbox's own books, to the last digit."""

from decimal import Decimal

import pytest

from coinex_pandas.archive.ledger.statement import statement
from coinex_pandas.simulator.engine.ledger import Purse
from tests.archive.ledger.account import lived, wallet
from tests.archive.ledger.stand_in import archive_of, sandbox_archive

T0 = 1_789_000_000_000


@pytest.fixture(scope="module")
def api():
    """Give the sandbox of the account."""
    return lived()


@pytest.fixture(scope="module")
def archive(api):
    """Give the archive of the account."""
    return sandbox_archive(api)


def ledger_row(at, change, balance, kind="trade", ccy="BTC"):
    """Return a row of the exchange's ledger."""
    return {"created_at": at, "ccy": ccy, "type": kind, "change": change, "balance": balance}


def holding(ccy, available, frozen="0"):
    """Return a row of the balances."""
    return {"ccy": ccy, "available": available, "frozen": frozen}


def transfer(at, amount, source="SPOT", target="FUTURES", status="finished"):
    """Return a row of the transfers."""
    sides = {"from_account_type": source, "to_account_type": target}
    return {"created_at": at, "ccy": "BTC", "amount": amount, "status": status, **sides}


@pytest.mark.parametrize("seed", range(3))
def test_the_statement_equals_the_sandboxs_own_books(seed):
    """Deposits, withdrawals, trades and transfers of each currency, their fees apart, and the balance in the end."""
    api = lived(seed)
    result = statement(sandbox_archive(api))
    books = wallet(api, "spot")
    spot = result.spot.set_index("ccy")
    for ccy in ("USDT", "BTC", "CET"):
        row = spot.loc[ccy]
        assert books.get((ccy, "deposit"), 0) == row["deposits"]
        assert books.get((ccy, "transfer"), 0) == row["transfers"]
        assert books.get((ccy, "trade"), 0) + books.get((ccy, "withdraw"), 0) == sum(
            row[name] for name in ("trades", "withdrawals", "fees")
        )
        assert api.ledger.balance(Purse("me", "spot"), ccy) == row["closing"] == row["balance"]
        assert 0 == row["opening"] == row["unexplained"]
        assert "proved to the last digit" == row["verdict"]
    assert "spot: 3 of 3 currencies proved to the last digit" == result.verdict
    assert 0 == len(result.breaks)


def test_fees_are_those_of_deals_and_withdrawals(api, archive):
    """To the last digit, each in its currency."""
    paid = sum(Decimal(row["fee"]) for row in archive.tables["spot_user_deals"] if row["fee_ccy"] == "USDT")
    sent = [row for row in archive.tables["withdrawals"] if row["status"] == "finished"]
    spot = statement(archive).spot.set_index("ccy")
    assert -paid - sum(Decimal(row["tx_fee"]) for row in sent) == spot.loc["USDT", "fees"]
    assert -sum(Decimal(row["actual_amount"]) for row in sent) == spot.loc["USDT", "withdrawals"]


@pytest.mark.parametrize("seed", range(3))
def test_the_futures_account_is_proved_too(seed):
    """Transfers and results of positions are what it holds, with an open position."""
    api = lived(seed)
    row = statement(sandbox_archive(api)).futures.set_index("ccy").loc["USDT"]
    moved = wallet(api, "futures")
    assert moved["USDT", "transfer"] == row["transfers"]
    purses = [purse for purse in api.ledger.purses("me") if purse.wallet.startswith("futures:")]
    margin = sum(api.ledger.balance(purse, "USDT") for purse in purses)
    assert api.ledger.balance(Purse("me", "futures"), "USDT") + margin == row["held"]
    assert 0 == row["unexplained"]
    assert "proved to the last digit" in row["verdict"]


def test_open_items_come_first(archive):
    """Position, loan, withdrawal on its way, order at rest."""
    items = statement(archive).open_items
    assert ["position", "loan", "withdrawal", "spot order"] == items["item"].to_list()
    assert ["ETHUSDT", "USDT", "USDT", "BTCUSDT"] == items["what"].to_list()
    assert statement(archive).to_markdown().index("## Open items") < statement(archive).to_markdown().index("## Spot")


def test_what_margin_accounts_and_loans_hold_is_shown(archive):
    """As captured."""
    result = statement(archive)
    assert ["BTCUSDT"] == result.margin["margin_account"].to_list()
    assert [Decimal(1000)] == result.loans["borrow_amount"].to_list()


def test_lost_rows_are_unexplained_with_amount_and_window(archive, api):
    """Between the two rows that are left, and the verdict says so."""
    rows = [row for row in archive.tables["spot_transactions"] if row["ccy"] == "BTC"]
    lost = rows[-1]
    kept = [row for row in archive.tables["spot_transactions"] if row is not lost]
    copy = sandbox_archive(api)
    copy.tables["spot_transactions"] = kept
    result = statement(copy)
    breaks = result.breaks.set_index("ccy")
    assert ["BTC"] == breaks.index.to_list()
    assert Decimal(lost["change"]) == breaks.loc["BTC", "amount"]
    verdict = result.spot.set_index("ccy").loc["BTC", "verdict"]
    assert verdict.startswith(f"unexplained: {lost['change']} BTC between ")
    assert "2 of 3 currencies proved" in result.verdict


def test_a_transfer_explains_a_break_of_its_amount():
    """By amount and time, also when the two clocks are some seconds apart."""
    rows = [ledger_row(T0, "5", "5", "deposit"), ledger_row(T0 + 60_000, "1", "4")]
    for late in (-1_000, 30_000, 61_000):
        result = statement(archive_of(spot_transactions=rows, transfers=[transfer(T0 + late, "2")]))
        assert ("proved", Decimal(-2)) == tuple(result.spot.loc[0, ["standing", "transfers"]])


def test_a_transfer_of_another_amount_leaves_a_rest():
    """What happened in between for certain is taken off; the rest is unexplained."""
    rows = [ledger_row(T0, "5", "5", "deposit"), ledger_row(T0 + 60_000, "1", "4")]
    result = statement(archive_of(spot_transactions=rows, transfers=[transfer(T0 + 5, "0.5")]))
    assert (Decimal("-0.5"), Decimal("-1.5")) == tuple(result.spot.loc[0, ["transfers", "unexplained"]])
    assert [Decimal("-1.5")] == result.breaks["amount"].to_list()


def test_a_transfer_that_the_chain_has_no_place_for_is_said():
    """It breaks no chain and is not counted; a failed one is not even looked at."""
    rows = [ledger_row(T0, "5", "5", "deposit"), ledger_row(T0 + 60_000, "1", "6")]
    moved = [transfer(T0 + 9, "2"), transfer(T0 + 10, "3", status="failed")]
    result = statement(archive_of(spot_transactions=rows, transfers=moved))
    assert ("proved", 0) == tuple(result.spot.loc[0, ["standing", "transfers"]])
    notes = [note for note in result.notes if "no place" in note]
    assert 1 == len(notes)
    assert "to FUTURES" in notes[0]


def test_an_opening_balance_made_of_transfers_is_none():
    """An account that was filled by a transfer begins at 0; another begins with what it had."""
    rows = [ledger_row(T0, "-1", "4")]
    filled = archive_of(spot_transactions=rows, transfers=[transfer(T0 - 5, "5", "FUTURES", "SPOT")])
    assert (0, 5) == tuple(statement(filled).spot.loc[0, ["opening", "transfers"]])
    assert (5, 0) == tuple(statement(archive_of(spot_transactions=rows)).spot.loc[0, ["opening", "transfers"]])


def test_a_row_that_came_after_the_balance_breaks_nothing():
    """The balance is put where it belongs, also when the exchange's clock runs ahead of this machine's."""
    rows = [ledger_row(T0, "5", "5", "deposit"), ledger_row(T0 + 3_000, "1", "6"), ledger_row(T0 + 90_000, "1", "7")]
    for at in (T0 + 4_000, T0 + 1_000, T0 + 91_000):
        balance = "7" if at > T0 + 90_000 else "6"
        result = statement(
            archive_of(at, spot_transactions=rows, spot_balances=[holding("BTC", "1", str(int(balance) - 1))])
        )
        assert 0 == len(result.breaks), at


def test_a_balance_that_no_row_tells_is_unexplained():
    """A currency without a single row, and one whose ledger ends elsewhere."""
    rows = [ledger_row(T0, "5", "5", "deposit")]
    result = statement(
        archive_of(spot_transactions=rows, spot_balances=[holding("BTC", "4"), holding("ETH", "2.5", "0.5")])
    )
    assert {"BTC": Decimal(-1), "ETH": Decimal(3)} == dict(
        zip(result.breaks["ccy"], result.breaks["amount"], strict=True)
    )
    assert (0, 3, 3) == tuple(result.spot.set_index("ccy").loc["ETH", ["opening", "unexplained", "closing"]])


def test_a_currency_that_is_gone_from_the_balances_holds_nothing():
    """The exchange lists what is held only."""
    rows = [ledger_row(T0, "5", "5", "deposit"), ledger_row(T0 + 1, "-5", "0", "withdraw")]
    result = statement(archive_of(spot_transactions=rows, spot_balances=[]))
    assert ("proved", 0) == tuple(result.spot.loc[0, ["standing", "balance"]])


def test_an_empty_archive_has_a_statement():
    """It says that nothing was captured."""
    result = statement(archive_of())
    assert "nothing to prove" in result.verdict
    assert "never captured" in result.notes[0]
    assert "nothing to prove" in result.to_html()
    assert "nothing to prove" in repr(result)
