"""Automatic market making of the sandbox."""

from decimal import Decimal

import pytest

from tests.simulator.bank import NOW, Bank

DAY = 86_400
WITHOUT_POOL = next(
    row["market"] for row in Bank().exchange.answer("spot_markets", {}).data if not row["is_amm_available"]
)
MIDNIGHT = NOW // (DAY * 1000) * DAY * 1000 + DAY * 1000


@pytest.fixture
def bank():
    """Give a bank whose account has CET."""
    made = Bank(USDT=5000, CET=100_000)
    yield made
    made.check()


def add(bank, base="20000", quote="1000"):
    """Put something into the pool of CETUSDT."""
    return bank.post("amm_add_liquidity", market="CETUSDT", base_ccy_amount=base, quote_ccy_amount=quote)


def test_adding_takes_what_fits_the_price(bank):
    """Both sides are worth the same; the rest stays in the wallet."""
    price = Decimal(bank.exchange.answer("spot_tickers", {"market": "CETUSDT"}).data[0]["last"])
    row = add(bank)
    base, quote = Decimal(row["base_ccy_amount"]), Decimal(row["quote_ccy_amount"])
    assert abs(base * price - quote) < Decimal("1e-6")
    assert base <= 20_000
    assert quote <= 1000
    assert 20_000 == base or abs(1000 - quote) < Decimal("1e-5")
    assert (100_000 - base, 5000 - quote) == (bank.available("CET"), bank.available("USDT"))
    assert 0 < Decimal(row["liquidity_proportion"]) < 1
    assert [row | {"base_ccy": "CET", "quote_ccy": "USDT"}] == bank.data("amm_liquidity")


def test_everything_comes_out_after_a_day(bank):
    """Not earlier, and all of it."""
    add(bank)
    code, message = bank.refusal("amm_remove_liquidity", market="CETUSDT")
    assert (4004, True) == (code, "24 hours" in message)
    bank.advance(DAY)
    row = bank.post("amm_remove_liquidity", market="CETUSDT")
    assert ("0", "0", "0") == tuple(
        row[name] for name in ("base_ccy_amount", "quote_ccy_amount", "liquidity_proportion")
    )
    assert [] == bank.data("amm_liquidity")
    assert 100_000 == bank.available("CET")
    assert bank.available("USDT") > 5000
    assert 4004 == bank.refusal("amm_remove_liquidity", market="CETUSDT")[0]


def test_what_is_in_the_pool_of_a_delisted_market_comes_out():
    """Nothing more goes in."""
    bank = Bank(USDT=5000, LRC=10_000)
    added = {"market": "LRCUSDT", "base_ccy_amount": "1000", "quote_ccy_amount": "1000"}
    bank.post("amm_add_liquidity", **added)
    bank.advance(30 * DAY)
    assert 4004 == bank.refusal("amm_add_liquidity", **added)[0]
    bank.post("amm_remove_liquidity", market="LRCUSDT")
    assert ([], 10_000) == (bank.data("amm_liquidity"), bank.available("LRC"))
    bank.check()


def test_income_at_each_midnight(bank):
    """Credited to what is in the pool, and listed, newest first, without a total."""
    added = Decimal(add(bank)["quote_ccy_amount"])
    bank.advance(3 * DAY)
    reply = bank.get("amm_incomes", market="CETUSDT")
    assert [MIDNIGHT + 2 * DAY * 1000, MIDNIGHT + DAY * 1000, MIDNIGHT] == [row["created_at"] for row in reply.data]
    assert {"has_next": False} == reply.pagination
    dividends = [Decimal(row["fee_dividend"]) for row in reply.data]
    assert all(dividend > 0 for dividend in dividends)
    assert sum(dividends) == Decimal(bank.data("amm_liquidity")[0]["quote_ccy_amount"]) - added
    between = {"start_time": MIDNIGHT + 1, "end_time": MIDNIGHT + DAY * 1000}
    assert 1 == len(bank.data("amm_incomes", market="CETUSDT", **between))
    assert [] == bank.data("amm_incomes", market="BTCUSDT")


@pytest.mark.parametrize(
    ("code", "params"),
    [
        (4004, {"market": WITHOUT_POOL}),
        (4004, {"base_ccy_amount": "1000"}),
        (4004, {"quote_ccy_amount": 1000}),
        (3109, {"base_ccy_amount": "1000000", "quote_ccy_amount": "50000"}),
    ],
)
def test_what_is_refused(bank, code, params):
    """A market without a pool, less than 200 dollars, a wrong type, more than there is."""
    good = {"market": "CETUSDT", "base_ccy_amount": "20000", "quote_ccy_amount": "1000"}
    assert code == bank.refusal("amm_add_liquidity", **good | params)[0]
