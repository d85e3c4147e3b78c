"""The ledger: two sides of each change, nobody below 0, and no trace of who only asks."""

from decimal import Decimal

import pytest

from coinex_pandas.simulator.engine.accounts import Accounts
from coinex_pandas.simulator.engine.ledger import FEES, OUTSIDE, Ledger, Purse
from coinex_pandas.simulator.reply import Refusal

ME = Purse("me", "spot")


@pytest.fixture
def ledger():
    """Give a ledger in which somebody has 100 USDT."""
    made = Ledger()
    made.move("USDT", Decimal(100), OUTSIDE, ME, kind="deposit", at=1)
    return made


def test_a_move_has_two_entries_with_the_balances_after_it(ledger):
    """What one gives the other gets."""
    ledger.move("USDT", Decimal("0.5"), ME, FEES, kind="trade", at=2)
    ends = [(entry.purse, entry.change, entry.balance) for entry in ledger.entries[2:]]
    assert [(ME, Decimal("-0.5"), Decimal("99.5")), (FEES, Decimal("0.5"), Decimal("0.5"))] == ends
    assert {"USDT": 0} == ledger.totals()


def test_nothing_is_entered_for_nothing(ledger):
    """An amount of 0, such as the fee of a market without one, leaves no entry."""
    ledger.move("USDT", Decimal(0), ME, FEES, kind="trade", at=2)
    assert (2, []) == (len(ledger.entries), ledger.purses("@exchange"))


def test_who_only_asks_leaves_no_trace(ledger):
    """Currencies and purses are those that have been used."""
    assert (0, 0, 0) == (ledger.available(ME, "BTC"), ledger.frozen(ME, "BTC"), ledger.balance(ME, "BTC"))
    assert 0 == ledger.available(Purse("me", "futures"), "USDT")
    assert ([ME], ["USDT"]) == (ledger.purses("me"), ledger.currencies(ME))


def test_nobody_spends_what_is_not_there(ledger):
    """Code 3109, whether it is moved or frozen, and nothing has changed."""
    ledger.freeze(ME, "USDT", Decimal(40))
    for refused in (
        lambda: ledger.move("USDT", Decimal(61), ME, FEES, kind="trade", at=2),
        lambda: ledger.freeze(ME, "USDT", Decimal(61)),
    ):
        with pytest.raises(Refusal, match="3109"):
            refused()
    assert (60, 40, 2) == (ledger.available(ME, "USDT"), ledger.frozen(ME, "USDT"), len(ledger.entries))


def test_mistakes_of_the_exchange_itself_are_no_refusals(ledger):
    """Negative amounts, and more unfrozen or paid from what is frozen than is."""
    for wrong in (
        lambda: ledger.freeze(ME, "USDT", Decimal(-1)),
        lambda: ledger.unfreeze(ME, "USDT", Decimal(1)),
        lambda: ledger.move("USDT", Decimal(1), ME, FEES, kind="trade", at=2, frozen=True),
    ):
        with pytest.raises(AssertionError, match="not"):
            wrong()


@pytest.mark.parametrize("name", ["", "@liquidity", "me"])
def test_names_of_accounts(name):
    """They are not empty, not the house's, and not taken."""
    accounts = Accounts()
    accounts.open("me")
    with pytest.raises(ValueError, match="cannot be opened"):
        accounts.open(name)
