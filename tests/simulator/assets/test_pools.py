"""Automatic market making of the sandbox."""

from decimal import Decimal

import pytest

from tests.simulator.private_api import NOW, PrivateApi

DAY = 86_400
WITHOUT_POOL = next(
    row["market"] for row in PrivateApi().exchange.answer("spot_markets", {}).data if not row["is_amm_available"]
)
MIDNIGHT = NOW // (DAY * 1000) * DAY * 1000 + DAY * 1000


@pytest.fixture
def api():
    """Give a api whose account has CET."""
    made = PrivateApi(USDT=5000, CET=100_000)
    yield made
    made.check()


def add(api, base="20000", quote="1000"):
    """Put something into the pool of CETUSDT."""
    return api.post("amm_add_liquidity", market="CETUSDT", base_ccy_amount=base, quote_ccy_amount=quote)


def test_adding_takes_what_fits_the_price(api):
    """Both sides are worth the same; the rest stays in the wallet."""
    price = Decimal(api.exchange.answer("spot_tickers", {"market": "CETUSDT"}).data[0]["last"])
    row = add(api)
    base, quote = Decimal(row["base_ccy_amount"]), Decimal(row["quote_ccy_amount"])
    assert abs(base * price - quote) < Decimal("1e-6")
    assert base <= 20_000
    assert quote <= 1000
    assert 20_000 == base or abs(1000 - quote) < Decimal("1e-5")
    assert (100_000 - base, 5000 - quote) == (api.available("CET"), api.available("USDT"))
    assert 0 < Decimal(row["liquidity_proportion"]) < 1
    assert [row | {"base_ccy": "CET", "quote_ccy": "USDT"}] == api.data("amm_liquidity")


def test_everything_comes_out_after_a_day(api):
    """Not earlier, and all of it."""
    add(api)
    code, message = api.refusal("amm_remove_liquidity", market="CETUSDT")
    assert (4004, True) == (code, "24 hours" in message)
    api.advance(DAY)
    row = api.post("amm_remove_liquidity", market="CETUSDT")
    assert ("0", "0", "0") == tuple(
        row[name] for name in ("base_ccy_amount", "quote_ccy_amount", "liquidity_proportion")
    )
    assert [] == api.data("amm_liquidity")
    assert 100_000 == api.available("CET")
    assert api.available("USDT") > 5000
    assert 4004 == api.refusal("amm_remove_liquidity", market="CETUSDT")[0]


def test_what_is_in_the_pool_of_a_delisted_market_comes_out():
    """Nothing more goes in."""
    api = PrivateApi(USDT=5000, LRC=10_000)
    added = {"market": "LRCUSDT", "base_ccy_amount": "1000", "quote_ccy_amount": "1000"}
    api.post("amm_add_liquidity", **added)
    api.advance(30 * DAY)
    assert 4004 == api.refusal("amm_add_liquidity", **added)[0]
    api.post("amm_remove_liquidity", market="LRCUSDT")
    assert ([], 10_000) == (api.data("amm_liquidity"), api.available("LRC"))
    api.check()


def test_income_at_each_midnight(api):
    """Credited to what is in the pool, and listed, newest first, without a total."""
    added = Decimal(add(api)["quote_ccy_amount"])
    api.advance(3 * DAY)
    reply = api.get("amm_incomes", market="CETUSDT")
    assert [MIDNIGHT + 2 * DAY * 1000, MIDNIGHT + DAY * 1000, MIDNIGHT] == [row["created_at"] for row in reply.data]
    assert {"has_next": False} == reply.pagination
    dividends = [Decimal(row["fee_dividend"]) for row in reply.data]
    assert all(dividend > 0 for dividend in dividends)
    assert sum(dividends) == Decimal(api.data("amm_liquidity")[0]["quote_ccy_amount"]) - added
    between = {"start_time": MIDNIGHT + 1, "end_time": MIDNIGHT + DAY * 1000}
    assert 1 == len(api.data("amm_incomes", market="CETUSDT", **between))
    assert [] == api.data("amm_incomes", market="BTCUSDT")


@pytest.mark.parametrize(
    ("code", "params"),
    [
        (4004, {"market": WITHOUT_POOL}),
        (4004, {"base_ccy_amount": "1000"}),
        (4004, {"quote_ccy_amount": 1000}),
        (3109, {"base_ccy_amount": "1000000", "quote_ccy_amount": "50000"}),
    ],
)
def test_what_is_refused(api, code, params):
    """A market without a pool, less than 200 dollars, a wrong type, more than there is."""
    good = {"market": "CETUSDT", "base_ccy_amount": "20000", "quote_ccy_amount": "1000"}
    assert code == api.refusal("amm_add_liquidity", **good | params)[0]
