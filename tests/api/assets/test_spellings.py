"""Whatever the wire is known to spell leads to the same columns and the same words."""

import json

import pytest

from coinex_pandas.tables.rows.balance import MarginBalance
from coinex_pandas.tables.rows.payment import Deposit, Loan, Withdrawal
from coinex_pandas.tables.rows.position import FinishedPosition, Position, PositionMarginChange, PositionSettlement
from tests.golden import samples

CASES = [
    ("margin_balances", MarginBalance, {"rik_rate": "risk_rate"}),
    ("margin_borrows", Loan, {"to_repaied_amount": "to_repaid_amount"}),
    ("withdrawals", Withdrawal, {"fee_asset": "fee_ccy", "confirmation": "confirmations"}),
    ("futures_positions", Position, {"settle_val": "settle_value"}),
    ("futures_finished_positions", FinishedPosition, {"settle_val": "settle_value"}),
    ("futures_position_margin_history", PositionMarginChange, {"bkr_pirce": "bkr_price"}),
    ("futures_position_settle_history", PositionSettlement, {"bkr_pirce": "bkr_price"}),
]


def frame_of(name, row, rows, numbers="float"):
    """Return the frame of JSON objects."""
    from coinex_pandas.tables.decoding import Source, read

    return read(
        row, json.dumps({"code": 0, "data": rows, "message": "OK"}).encode(), Source(name), numbers=numbers
    ).frame


@pytest.mark.parametrize("numbers", ["float", "decimal", "text"])
@pytest.mark.parametrize(("name", "row", "spelt"), CASES, ids=[case[0] for case in CASES])
def test_other_names_fill_the_same_columns(name, row, spelt, numbers):
    """The frame is the very same whichever name came."""
    rows = samples.sample(name)["full"]["data"]
    declared = {right: wrong for wrong, right in spelt.items()}
    other = [{declared.get(key, key): value for key, value in item.items()} for item in rows]
    assert frame_of(name, row, rows, numbers).equals(frame_of(name, row, other, numbers))


@pytest.mark.parametrize(
    ("name", "row", "columns"),
    [
        ("deposits", Deposit, ("deposit_method", "status")),
        ("withdrawals", Withdrawal, ("withdraw_method", "status")),
        ("futures_positions", Position, ("side", "margin_mode", "market_type")),
    ],
)
def test_upper_and_lower_case_are_the_same_word(name, row, columns):
    """Live answers say ON_CHAIN and FINISHED where the documentation says on_chain and finished."""
    rows = samples.sample(name)["full"]["data"]
    loud = [{key: value.swapcase() if key in columns else value for key, value in item.items()} for item in rows]
    assert frame_of(name, row, rows).equals(frame_of(name, row, loud))


@pytest.mark.parametrize(
    ("name", "row", "old", "new"),
    [("deposits", Deposit, "finish", "finished"), ("withdrawals", Withdrawal, "audit", "audited")],
)
def test_older_words_are_todays_words(name, row, old, new):
    """Examples of the documentation carry states that have another name now."""
    rows = [{**item, "status": old} for item in samples.sample(name)["full"]["data"]]
    assert {new} == set(frame_of(name, row, rows)["status"])


def test_an_unknown_state_is_kept():
    """PASS is no documented state of a loan, and the documentation shows it."""
    rows = [{**item, "status": "PASS"} for item in samples.sample("margin_borrows")["full"]["data"]]
    frame = frame_of("margin_borrows", Loan, rows)
    assert {"PASS"} == set(frame["status"])
    assert ["loan", "debt", "liquidated", "finish", "PASS"] == list(frame["status"].cat.categories)


def test_what_is_not_set_is_missing():
    """Blank words, chains between users and null margin markets are missing values."""
    assert frame_of("deposits", Deposit, samples.sample("deposits")["full"]["data"])["chain"].isna().tolist() == [
        False,
        True,
    ]
    positions = frame_of("futures_positions", Position, samples.sample("futures_positions")["full"]["data"])
    assert [False, True] == positions["stop_loss_type"].isna().tolist()


def test_an_empty_account_may_answer_null():
    """Null stands for no rows, with all columns."""
    empty = frame_of("margin_balances", MarginBalance, None)
    assert (0, list(samples.sample("margin_balances")["columns"])) == (len(empty), list(empty.columns))
