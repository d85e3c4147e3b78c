"""What the exchange refuses, and how."""

import pytest

from tests.simulator.conftest import PUBLIC

WITH_MARKET = [name for name in PUBLIC if name.startswith(("spot_", "futures_")) or name == "amm_pools"]
LISTS = [name for name in WITH_MARKET if name.endswith(("markets", "tickers", "index_prices", "rates", "levels"))]
REFUSAL = b'{"code":4004,"data":{},"message":"invalid argument"}'


@pytest.mark.parametrize("name", WITH_MARKET)
def test_an_unknown_market_is_refused_everywhere(name, params, exchange):
    """Every endpoint that names a market refuses one that does not exist, as seen on the wire."""
    for market in ("NOPEUSDT", "btcusdt", " BTCUSDT"):
        assert REFUSAL == exchange.answer(name, params[name] | {"market": market}).encode()


@pytest.mark.parametrize("name", LISTS)
def test_up_to_ten_markets_can_be_named(name, exchange):
    """Ten names give ten rows in the order asked; eleven are refused; none means all."""
    every = [row["market"] for row in exchange.answer(name, {}).data]
    ten = every[10:0:-1]
    assert ten == [row["market"] for row in exchange.answer(name, {"market": ",".join(ten)}).data]
    assert 4004 == exchange.answer(name, {"market": ",".join(every[:11])}).code
    assert every == [row["market"] for row in exchange.answer(name, {"market": ""}).data]


def test_both_areas_hold_the_markets_everyone_asks_for(exchange):
    """BTCUSDT and ETHUSDT exist in both areas, the inverse pair and USDC markets on futures."""
    spot, futures = (
        {row["market"]: row for row in exchange.answer(f"{area}_markets", {}).data} for area in ("spot", "futures")
    )
    assert {"BTCUSDT", "ETHUSDT", "ETHBTC", "CETUSDT"} <= set(spot)
    assert {"BTCUSDT", "ETHUSDT", "BTCUSDC", "ETHUSDC", "LATUSDT", "ELONUSDT"} <= set(futures)
    assert ["inverse"] * 2 == [futures[name]["contract_type"] for name in ("BTCUSD", "ETHUSD")]
    assert (True, True) == (len(spot) >= 80, len(futures) >= 40)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("futures_klines", {"period": "2min"}),
        ("futures_klines", {"period": ""}),
        ("futures_klines", {"limit": "1001"}),
        ("futures_klines", {"limit": "0"}),
        ("futures_klines", {"limit": "ten"}),
        ("futures_klines", {"start_time": "2026-01-01"}),
        ("futures_klines", {"start_time": "-1"}),
        ("futures_klines", {"start_time": "9" * 5000}),
        ("futures_klines", {"price_type": "last"}),
        ("spot_klines", {"price_type": "mark_price"}),
        ("futures_deals", {"limit": "1001"}),
        ("futures_deals", {"last_id": "x"}),
        ("futures_depth", {"limit": "30"}),
        ("futures_depth", {"interval": "0.5"}),
        ("spot_depth", {"interval": ""}),
        ("spot_depth", {"limit": ""}),
        ("futures_funding_rate_history", {"page": "0"}),
        ("futures_liquidations", {"limit": "-3"}),
        ("deposit_withdraw_config", {"ccy": "NOPE"}),
        ("deposit_withdraw_config", {"ccy": ""}),
        ("assets_info", {"ccy": "NOPE"}),
        ("amm_pools", {"market": ""}),
    ],
)
def test_wrong_parameters_are_refused(name, wrong, params, exchange):
    """A value outside the documented ones is code 4004 with an empty object."""
    assert REFUSAL == exchange.answer(name, params[name] | wrong).encode()


def test_an_empty_range_is_empty_not_refused(exchange):
    """Times before the exchange, in the future, or the wrong way round give no rows."""
    for start, end in (("0", "1000"), ("3000000000000", "3000000001000"), ("1790000000000", "1780000000000")):
        for name, more in (
            ("futures_klines", {"period": "1hour"}),
            ("futures_klines", {"period": "1min", "price_type": "index_price"}),
            ("futures_basis_history", {}),
            ("futures_funding_rate_history", {}),
            ("futures_liquidations", {}),
        ):
            reply = exchange.answer(name, {"market": "BTCUSDT", "start_time": start, "end_time": end, **more})
            assert (0, []) == (reply.code, reply.data)


def test_unknown_endpoints_are_not_answered(exchange):
    """Only public endpoints can be asked by name, not any method."""
    with pytest.raises(LookupError, match="moment"):
        exchange.answer("moment", {})


def test_assets_have_several_chains_where_coins_do(exchange):
    """Some currencies have several chains; the profile is a list also for one currency."""
    config = exchange.answer("deposit_withdraw_config", {"ccy": "USDT"}).data
    assert (5, "USDT") == (len(config["chains"]), config["asset"]["ccy"])
    several = [row for row in exchange.answer("deposit_withdraw_configs", {}).data if len(row["chains"]) > 1]
    assert 4 <= len(several)
    assert ["CET"] == [row["short_name"] for row in exchange.answer("assets_info", {"ccy": "CET"}).data]


def test_maintenance_is_always_ahead(still):
    """The planned window begins in the future, whenever one looks."""
    for _ in range(3):
        row = still.answer("maintenances", {}).data[0]
        assert still.clock.now_ms() < row["started_at"] < row["ended_at"] <= row["protect_duration_start"]
        still.clock.advance(5 * 86_400)
