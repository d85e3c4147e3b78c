"""Balances, transfers and statements of the sandbox."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coinex_pandas.simulator.engine.ledger import FEES, OUTSIDE, Ledger, Purse
from tests.profiles import cases
from tests.simulator.private_api import NOW, PrivateApi


@pytest.fixture
def api():
    """Give a api of the test's own."""
    made = PrivateApi()
    yield made
    made.check()


def test_spot_balances(api):
    """A row for each currency that is there; what orders hold is frozen."""
    api.ledger.freeze(Purse("me", "spot"), "USDT", Decimal("2.50"))
    assert [
        {"ccy": "BTC", "available": "1", "frozen": "0"},
        {"ccy": "USDT", "available": "9997.5", "frozen": "2.5"},
    ] == api.data("spot_balances")


def test_an_empty_futures_wallet_is_null(api):
    """As on the wire."""
    assert api.data("futures_balances") is None


def test_futures_balances(api):
    """What was moved there can be spent and moved back."""
    api.post("transfer", from_account_type="SPOT", to_account_type="FUTURES", ccy="USDT", amount="100.10")
    (row,) = api.data("futures_balances")
    expected = {"ccy": "USDT", "available": "100.1", "frozen": "0", "margin": "0", "transferrable": "100.1"}
    assert expected | {"unrealized_pnl": "0", "equity": "100.1"} == row
    api.post("transfer", from_account_type="FUTURES", to_account_type="SPOT", ccy="USDT", amount="100.1")
    assert api.data("futures_balances") is None


def test_margin_balances(api):
    """An account for each market, its two currencies side by side; a market can be asked for that is not in use."""
    api.post("transfer", from_account_type="SPOT", to_account_type="MARGIN", ccy="USDT", amount="5", market="BTCUSDT")
    nothing = {"base_ccy": "0", "quote_ccy": "0"}
    row = {
        "margin_account": "BTCUSDT",
        "base_ccy": "BTC",
        "quote_ccy": "USDT",
        "available": {"base_ccy": "0", "quote_ccy": "5"},
        "frozen": nothing,
        "repaid": nothing,
        "interest": nothing,
        "rik_rate": "",
        "liq_price": "",
    }
    assert [row] == api.data("margin_balances") == api.data("margin_balances", market="BTCUSDT")
    (other,) = api.data("margin_balances", market="ETHUSDT")
    assert ("ETHUSDT", nothing) == (other["margin_account"], other["available"])


@pytest.mark.parametrize("name", ["financial_balances", "credit_balances"])
def test_what_nothing_leads_into_is_empty(api, name):
    """Financial and credit accounts are there and empty."""
    assert [] == api.data(name)
    assert "0" == api.data("credit_info")["equity"]


def test_a_transfer_is_remembered(api):
    """The history has both kinds, each under its own name, newest first, in pages."""
    for amount in ("1", "2", "3"):
        api.post("transfer", from_account_type="SPOT", to_account_type="FUTURES", ccy="USDT", amount=amount)
        api.advance(10)
    api.post("transfer", from_account_type="SPOT", to_account_type="MARGIN", ccy="BTC", amount="1", market="BTCUSDT")
    reply = api.get("transfers", ccy="USDT", transfer_type="FUTURES", limit=2)
    assert ["3", "2"] == [row["amount"] for row in reply.data]
    assert {"total": 3, "has_next": True} == reply.pagination
    assert {"total": 3, "has_next": False} == api.get("transfers", ccy="USDT", transfer_type="FUTURES").pagination
    between = {"start_time": NOW + 10_000, "end_time": NOW + 10_000}
    assert ["2"] == [row["amount"] for row in api.data("transfers", ccy="USDT", transfer_type="FUTURES", **between)]
    (row,) = api.data("transfers", ccy="BTC", transfer_type="MARGIN", market="BTCUSDT")
    del row["id"]
    assert {
        "margin_market": "BTCUSDT",
        "created_at": NOW + 30_000,
        "from_account_type": "SPOT",
        "to_account_type": "MARGIN",
        "ccy": "BTC",
        "amount": "1",
        "status": "finished",
    } == row
    assert [] == api.data("transfers", ccy="BTC", transfer_type="MARGIN", market="ETHUSDT")


GOOD = {"from_account_type": "SPOT", "to_account_type": "FUTURES", "ccy": "USDT", "amount": "1"}


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        (3109, {"amount": "10000.00000001"}),
        (3109, {"from_account_type": "FUTURES", "to_account_type": "SPOT"}),
        (4004, {"to_account_type": "SPOT"}),
        (4004, {"from_account_type": "FUTURES", "to_account_type": "MARGIN", "market": "BTCUSDT"}),
        (4004, {"to_account_type": "spot"}),
        (4004, {"to_account_type": "MARGIN"}),
        (4004, {"to_account_type": "MARGIN", "market": "ETHBTC"}),
        (4004, {"to_account_type": "MARGIN", "market": "GRINUSDT"}),
        (4004, {"ccy": "CET", "amount": "1"}),
        (4004, {"ccy": "NOPE"}),
        (4004, {"ccy": ["USDT"]}),
        (4004, {"amount": 1}),
        (4004, {"amount": "1e2"}),
        (4004, {"amount": "-1"}),
        (4004, {"amount": "0"}),
        (4004, {"amount": "0.0"}),
        (4004, {"amount": ""}),
        (4004, {"amount": " 1"}),
        (4004, {"amount": "\u0661"}),
        (4004, {"amount": "NaN"}),
        (4004, {"amount": "9" * 31}),
        (4004, {"amount": None}),
    ],
)
def test_transfers_that_are_refused(api, code, changes):
    """Each with its code, and nothing has moved."""
    assert code == api.refusal("transfer", **GOOD | changes)[0]


def test_the_statement_has_the_balance_after_each_change(api):
    """One type per request, newest first; chains are unbroken within what one type changes."""
    for amount in ("1", "2.5"):
        api.advance(1)
        api.trading.deposit(api.me, "USDT", amount)
    reply = api.get("spot_transactions", type="deposit", ccy="USDT")
    assert [("10003.5", "2.5"), ("10001", "1"), ("10000", "10000")] == [
        (row["balance"], row["change"]) for row in reply.data
    ]
    assert {"has_next": False} == reply.pagination
    assert {"deposit"} == {row["type"] for row in api.data("spot_transactions", type="deposit")}
    assert 1 == len(api.data("spot_transactions", type="deposit", ccy="USDT", start_time=NOW + 1, end_time=NOW + 1000))
    assert [] == api.data("spot_transactions", type="maker_cash_back")


@pytest.mark.parametrize("params", [{}, {"type": "all"}, {"type": "deposit", "start_time": "x"}])
def test_statements_that_are_refused(api, params):
    """The type is required, and one of six."""
    assert 4004 == api.refusal("spot_transactions", **params)[0]


def test_sockets_are_told_each_currency_once(api):
    """After a request, absolute values, with the margin market where there is one."""
    api.advance(1)
    api.events.clear()
    api.post("transfer", from_account_type="SPOT", to_account_type="MARGIN", ccy="BTC", amount="1", market="BTCUSDT")
    api.post("transfer", from_account_type="SPOT", to_account_type="FUTURES", ccy="USDT", amount="4")
    at = NOW + 1000
    spot = [event for event in api.events if event.area == "spot"]
    assert {("balance", "BTC", at), ("balance", "USDT", at)} == {(each.method, each.name, each.at) for each in spot}
    assert [
        {"margin_market": "", "ccy": "BTC", "available": "0", "frozen": "0", "updated_at": at},
        {"margin_market": "BTCUSDT", "ccy": "BTC", "available": "1", "frozen": "0", "updated_at": at},
        {"margin_market": "", "ccy": "USDT", "available": "9996", "frozen": "0", "updated_at": at},
    ] == [row for event in spot for row in event.data["balance_list"]]
    (futures,) = [event for event in api.events if event.area == "futures"]
    assert "4" == futures.data["balance_list"][0]["equity"]
    assert {api.me} == {event.account for event in api.events}


def test_a_request_that_changes_a_balance_twice_is_told_once(api):
    """The sockets hear the last value, not each step."""
    api.events.clear()
    with api.trading.turn():
        for _ in range(3):
            api.ledger.move("USDT", Decimal(1), OUTSIDE, Purse("me", "spot"), kind="deposit", at=NOW)
    (event,) = api.events
    assert "10003" == event.data["balance_list"][0]["available"]


# ---- the ledger itself

AMOUNTS = st.decimals(0, 10**15, places=20, allow_nan=False)


@settings(max_examples=cases(25))
@given(st.lists(st.tuples(AMOUNTS, st.booleans()), max_size=30))
def test_no_digit_is_lost(moves):
    """Millions with 20 decimals add up exactly, whatever the context's precision is."""
    ledger, mine = Ledger(), Purse("me", "spot")
    for amount, back in moves:
        source, target = (mine, FEES) if back else (OUTSIDE, mine)
        if not back or amount <= ledger.available(mine, "USDT"):
            ledger.move("USDT", amount, source, target, kind="deposit", at=0)
    assert not any(ledger.totals().values())
    newest = next(ledger.entries_of(mine), None)
    assert ledger.balance(mine, "USDT") == (newest.balance if newest else 0)
