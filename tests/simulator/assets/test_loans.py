"""Margin loans of the sandbox: limits, interest, repayment, renewal, liquidation."""

from decimal import Decimal

import pytest

from coinex_pandas.simulator.engine.ledger import LENDER, Purse
from tests.simulator.private_api import NOW, PrivateApi

HOUR = 3600
DAY = 24 * HOUR


@pytest.fixture
def api():
    """Give a api where 1,000 USDT are in a margin account."""
    made = PrivateApi()
    made.post(
        "transfer", from_account_type="SPOT", to_account_type="MARGIN", ccy="USDT", amount="1000", market="BTCUSDT"
    )
    yield made
    made.check()


def borrow(api, amount, ccy="USDT", renew=False):
    """Borrow and return the loan's number."""
    params = {"market": "BTCUSDT", "ccy": ccy, "borrow_amount": amount, "is_auto_renew": renew}
    return api.post("margin_borrow", **params)["borrow_id"]


def repay(api, amount, ccy="USDT", **more):
    """Repay."""
    return api.post("margin_repay", market="BTCUSDT", ccy=ccy, amount=amount, **more)


def loan(api, number=None):
    """Return the row of a loan, or of the newest one."""
    rows = api.data("margin_borrows")
    return rows[0] if number is None else next(row for row in rows if row["borrow_id"] == number)


def rate(api, ccy="USDT"):
    """Return the daily rate."""
    return Decimal(api.data("margin_borrow_limit", market="BTCUSDT", ccy=ccy)["daily_interest_rate"])


def test_limits(api):
    """Round figures worth about 10 and 200,000 dollars, and a leverage of ten."""
    row = api.data("margin_borrow_limit", market="BTCUSDT", ccy="USDT")
    assert ("BTCUSDT", "USDT", 10, "10", "200000") == tuple(
        row[name] for name in ("market", "ccy", "leverage", "min_amount", "max_amount")
    )
    assert Decimal("0.0005") <= rate(api) <= Decimal("0.0015")
    assert "20" == api.data("margin_borrow_limit", market="BTCUSDT", ccy="BTC")["max_amount"]


def test_borrowing_and_its_row(api):
    """The money is there, the first hour's interest is charged, and the history has the loan."""
    hourly = (600 * rate(api) / 24).quantize(Decimal("1e-8"))
    number = borrow(api, "600", renew=True)
    expected = {
        "borrow_id": number,
        "market": "BTCUSDT",
        "ccy": "USDT",
        "daily_interest_rate": str(rate(api)),
        "expired_at": NOW + 10 * DAY * 1000,
        "borrow_amount": "600",
        "to_repaied_amount": str((600 + hourly).normalize()),
        "status": "loan",
    }
    reply = api.get("margin_borrows", market="BTCUSDT", status="loan")
    assert [expected | {"created_at": NOW, "is_auto_renew": True}] == reply.data
    assert {"total": 1, "has_next": False} == reply.pagination
    assert 1600 == api.available("USDT", "margin:BTCUSDT")
    assert -600 == api.ledger.balance(LENDER, "USDT")
    (row,) = api.data("margin_balances")
    assert ("600", str(hourly.normalize())) == (row["repaid"]["quote_ccy"], row["interest"]["quote_ccy"])
    assert Decimal("2.66") < Decimal(row["rik_rate"]) < Decimal("2.67")
    assert "" == row["liq_price"]  # all of it is dollars: no price of BTC can endanger it


def test_interest_by_the_hour_whatever_the_clock_jumps_over(api):
    """25 hours, in one step or in many, are 26 begun hours."""
    hourly = (600 * rate(api) / 24).quantize(Decimal("1e-8"))
    number = borrow(api, "600")
    api.advance(25 * HOUR)
    assert 600 + 26 * hourly == Decimal(loan(api, number)["to_repaied_amount"])
    for _ in range(5):
        api.advance(HOUR / 5)
    assert 600 + 27 * hourly == Decimal(loan(api, number)["to_repaied_amount"])


def test_repaying_pays_interest_first_and_oldest_loans_first(api):
    """A payment without a number goes to the oldest loan; one with a number to that one."""
    first, second = borrow(api, "100"), borrow(api, "50")
    owed = Decimal(loan(api, first)["to_repaied_amount"])
    assert {} == repay(api, str(owed + 10))
    assert ("finish", "0") == (loan(api, first)["status"], loan(api, first)["to_repaied_amount"])
    repay(api, loan(api, second)["to_repaied_amount"], borrow_id=second)
    assert "finish" == loan(api, second)["status"]
    assert "" == api.data("margin_balances")[0]["rik_rate"]
    interest = 1000 - api.available("USDT", "margin:BTCUSDT")
    assert interest == api.ledger.balance(LENDER, "USDT") > 0


@pytest.mark.parametrize(
    ("code", "name", "params"),
    [
        (4004, "margin_borrow", {"borrow_amount": "9.99"}),
        (4004, "margin_borrow", {"borrow_amount": "200001"}),
        (3109, "margin_borrow", {"borrow_amount": "9001"}),
        (4004, "margin_borrow", {"borrow_amount": 100}),
        (4004, "margin_borrow", {"borrow_amount": "100", "is_auto_renew": "true"}),
        (4004, "margin_borrow", {"borrow_amount": "100", "ccy": "ETH"}),
        (4004, "margin_borrow", {"borrow_amount": "100", "market": "GRINUSDT"}),
        (4004, "margin_repay", {"amount": "1"}),
    ],
)
def test_what_is_refused(api, code, name, params):
    """Each with its code, and nothing has moved."""
    good = {"market": "BTCUSDT", "ccy": "USDT", "is_auto_renew": False}
    assert code == api.refusal(name, **good | params)[0]


def test_repaying_what_is_not_there_is_refused(api):
    """More than is owed, or more than is in the account."""
    borrow(api, "100")
    assert 4004 == api.refusal("margin_repay", market="BTCUSDT", ccy="USDT", amount="101")[0]
    borrow(api, "0.001", "BTC")
    api.ledger.move("BTC", Decimal("0.001"), Purse("me", "margin:BTCUSDT"), LENDER, kind="trade", at=NOW)
    assert 3109 == api.refusal("margin_repay", market="BTCUSDT", ccy="BTC", amount="0.001")[0]


def test_nine_times_what_is_ones_own_can_be_borrowed(api):
    """The leverage of ten, loans counted."""
    borrow(api, "8000")
    assert (
        3109 == api.refusal("margin_borrow", market="BTCUSDT", ccy="USDT", borrow_amount="1001", is_auto_renew=False)[0]
    )
    borrow(api, "990")


def test_money_that_loans_need_cannot_be_moved_out(api):
    """Down to a risk rate of 2."""
    borrow(api, "600")
    out = {"from_account_type": "MARGIN", "to_account_type": "SPOT", "ccy": "USDT", "market": "BTCUSDT"}
    assert 3109 == api.refusal("transfer", **out, amount="400")[0]
    api.post("transfer", **out, amount="390")
    assert Decimal(2) <= Decimal(api.data("margin_balances")[0]["rik_rate"]) < Decimal("2.02")


def test_a_loan_that_renews_itself_goes_on(api):
    """For another ten days."""
    number = borrow(api, "100", renew=True)
    api.advance(11 * DAY)
    assert ("loan", NOW + 20 * DAY * 1000) == (loan(api, number)["status"], loan(api, number)["expired_at"])


def test_another_loan_is_paid_at_its_end(api):
    """From what is in the margin account."""
    number = borrow(api, "100")
    api.advance(10 * DAY)
    assert ("finish", "0") == (loan(api, number)["status"], loan(api, number)["to_repaied_amount"])
    assert 999 < api.available("USDT", "margin:BTCUSDT") < 1000


def test_what_is_not_there_at_the_end_stays_a_debt(api):
    """It goes on costing interest."""
    number = borrow(api, "0.001", "BTC")
    api.ledger.move("BTC", Decimal("0.0005"), Purse("me", "margin:BTCUSDT"), LENDER, kind="trade", at=NOW)
    api.advance(10 * DAY)
    row = loan(api, number)
    assert "debt" == row["status"]
    api.advance(DAY)
    assert Decimal(loan(api, number)["to_repaied_amount"]) > Decimal(row["to_repaied_amount"]) > Decimal("0.0005")
    assert [number] == [each["borrow_id"] for each in api.data("margin_borrows", status="debt")]


def lose(api, ccy, amount):
    """Let a margin account lose something, as by trading."""
    api.ledger.move(ccy, Decimal(amount), Purse("me", "margin:BTCUSDT"), LENDER, kind="trade", at=NOW)


def test_liquidation_pays_from_the_other_currency(api):
    """Below a risk rate of 1.1 what is there is sold, the loan is paid and closed, and the rest is the account's."""
    number = borrow(api, "0.1", "BTC")
    owed = Decimal(loan(api, number)["to_repaied_amount"])
    price = Decimal(api.exchange.answer("spot_index_prices", {"market": "BTCUSDT"}).data[0]["price"])
    lose(api, "BTC", "0.1")
    api.trading.deposit(api.me, "USDT", (owed * price * Decimal("1.05")).quantize(Decimal(1)), "margin:BTCUSDT")
    lose(api, "USDT", "1000")
    api.advance(60)
    assert ("liquidated", "0") == (loan(api, number)["status"], loan(api, number)["to_repaied_amount"])
    assert 0 < api.available("USDT", "margin:BTCUSDT") < owed * price * Decimal("0.06")
    assert 0 == api.available("BTC", "margin:BTCUSDT")


def test_the_insurance_fund_pays_what_is_missing(api):
    """An account that has nothing left owes nothing after its liquidation."""
    number = borrow(api, "0.01", "BTC")
    lose(api, "BTC", "0.01")
    lose(api, "USDT", "990")
    api.advance(60)
    assert "liquidated" == loan(api, number)["status"]
    assert (0, 0) == tuple(api.available(ccy, "margin:BTCUSDT") for ccy in ("USDT", "BTC"))


def test_liquidation_cancels_the_orders_first(api):
    """What orders hold pays, too."""
    number = borrow(api, "0.01", "BTC")
    order = {"market": "BTCUSDT", "market_type": "MARGIN", "side": "buy", "type": "limit", "amount": "0.0099"}
    api.post("spot_place_order", **order, price="50000")
    lose(api, "BTC", "0.01")
    lose(api, "USDT", "400")
    api.advance(60)
    assert "liquidated" == loan(api, number)["status"]
    assert 0 == api.frozen("USDT", "margin:BTCUSDT")


def test_the_price_of_liquidation(api):
    """At that price assets are 1.1 times the debts: for a short seller above, for a buyer below the market."""
    borrow(api, "0.03", "BTC")
    row = api.data("margin_balances")[0]
    debt = Decimal(row["repaid"]["base_ccy"]) + Decimal(row["interest"]["base_ccy"])
    price = Decimal(row["liq_price"]) if row["liq_price"] else None
    lose(api, "BTC", "0.03")
    api.trading.deposit(api.me, "USDT", 2000, "margin:BTCUSDT")
    price = Decimal(api.data("margin_balances")[0]["liq_price"])
    assert abs(3000 / (debt * price) - Decimal("1.1")) < Decimal("1e-6")
