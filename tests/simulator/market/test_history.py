"""Tickers say what the last 1440 minutes say, also while time goes on."""

from decimal import Decimal

import pytest

MINUTE = 60_000


def day(exchange, area, market):
    """Return open, close, high, low, volume and value of the last 1440 minute candles."""
    params = {"market": market, "period": "1min", "limit": "1000"}
    new = exchange.answer(f"{area}_klines", params).data
    old = exchange.answer(f"{area}_klines", params | {"limit": "440", "end_time": str(new[0]["created_at"] - 1)}).data
    rows = old + new
    assert 1440 == len(rows)
    return (
        rows[0]["open"],
        rows[-1]["close"],
        max(Decimal(row["high"]) for row in rows),
        min(Decimal(row["low"]) for row in rows),
        sum(Decimal(row["volume"]) for row in rows),
        sum(Decimal(row["value"]) for row in rows),
    )


def said(row):
    """Return the same six figures of a ticker."""
    exact = (Decimal(row[name]) for name in ("high", "low", "volume", "value"))
    return (row["open"], row["last"], *exact)


@pytest.mark.parametrize(
    ("area", "market"),
    [("futures", "BTCUSDT"), ("futures", "BTCUSD"), ("futures", "LATUSDT"), ("spot", "GRINUSDT"), ("spot", "SOLBTC")],
)
def test_a_ticker_is_the_last_1440_minutes_at_any_time(area, market, still):
    """Open, last, high, low, volume and value agree with the candles, now and after steps of all sizes."""
    for seconds in (0, 0.3, 20, 59, 61, 600, 3000, 7200, 90_000, 300_000):
        still.clock.advance(seconds)
        row = still.answer(f"{area}_tickers", {"market": market}).data[0]
        assert day(still, area, market) == said(row)
        assert row["last"] == row["close"]
        newest = still.answer(f"{area}_deals", {"market": market, "limit": "1"}).data[0]
        assert newest["price"] == row["last"]


def test_taker_volumes_stay_below_the_days_volume(exchange):
    """Buy and sell volume do not add up to the volume, as in every sample of the real exchange."""
    row = exchange.answer("futures_tickers", {"market": "BTCUSDT"}).data[0]
    bought, sold, volume = (Decimal(row[name]) for name in ("volume_buy", "volume_sell", "volume"))
    assert 0 < bought + sold < volume / 2


def test_ticker_and_market_list_agree_on_open_interest(exchange):
    """Both lists carry the same open interest while the exchange is alive."""
    tickers = exchange.answer("futures_tickers", {}).data
    markets = exchange.answer("futures_markets", {}).data
    assert {row["market"]: row["open_interest_volume"] for row in markets} == {
        row["market"]: row["open_interest_volume"] for row in tickers
    }


@pytest.mark.parametrize("area", ["spot", "futures"])
def test_index_is_fresh_and_its_weights_sum_to_one(area, exchange):
    """Every index value is at most five seconds old and has four weighted sources; only spot prices them."""
    now = exchange.clock.now_ms()
    for row in exchange.answer(f"{area}_index_prices", {}).data:
        assert now - 5000 <= row["created_at"] <= now
        assert Decimal(1) == sum(Decimal(source["index_weight"]) for source in row["sources"])
        assert [area == "spot"] * 4 == ["index_price" in source for source in row["sources"]]


def test_the_auction_shows_its_reference_price(exchange):
    """A market in its call auction is listed, quoted and without volume."""
    row = exchange.answer("spot_tickers", {"market": "ZROUSDT"}).data[0]
    assert {row["last"]} == {row["open"], row["high"], row["low"], row["close"]}
    assert "0" == row["volume"]
    assert "bidding" == exchange.answer("spot_markets", {"market": "ZROUSDT"}).data[0]["status"]
    depth = exchange.answer("spot_depth", {"market": "ZROUSDT", "limit": "5", "interval": "0"}).data["depth"]
    assert (5, 5, row["last"]) == (len(depth["bids"]), len(depth["asks"]), depth["last"])


def test_prices_span_eleven_decades(exchange):
    """There are prices below a millionth and prices in the ten thousands."""
    prices = [float(row["last"]) for row in exchange.answer("spot_tickers", {}).data]
    assert (True, True) == (min(prices) < 1e-6, max(prices) > 1e4)


def test_the_delisted_market_is_gone_from_every_list(exchange):
    """No list names it, asking for it is refused, and a planned delisting still trades."""
    for name in ("spot_markets", "spot_tickers", "spot_index_prices", "futures_markets", "futures_tickers"):
        assert "EOSUSDT" not in {row["market"] for row in exchange.answer(name, {}).data}
        assert 4004 == exchange.answer(name, {"market": "EOSUSDT"}).code
    row = exchange.answer("futures_markets", {"market": "LRCUSDT"}).data[0]
    assert row["delisted_at"] > exchange.clock.now_ms()
    assert row["is_market_available"]
