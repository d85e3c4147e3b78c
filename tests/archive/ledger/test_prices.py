"""Rates in USDT from archived candles: the nearest price, its time and source, or why there is none."""

from decimal import Decimal

from coinex_pandas.archive.ledger.prices import Prices, Rate
from coinex_pandas.archive.ledger.source import Tables
from tests.archive.ledger.stand_in import archive_of

DAY, HOUR = 86_400_000, 3_600_000
T0 = 1_789_000_000_000 // DAY * DAY


def candle(market, at, prices, period, price_type="latest_price"):
    """Return a candle, with the parameters of its request."""
    opening, close = prices
    row = {"open": opening, "close": close, "high": close, "low": opening, "volume": "1", "value": "1"}
    return {"market": market, "created_at": at, **row, "_": {"period": period, "price_type": price_type}}


def prices_of(*currencies, **tables):
    """Return the prices of an archive."""
    return Prices(Tables(archive_of(**tables)), currencies)


def test_usdt_is_worth_itself():
    """Without any candle."""
    assert Rate(Decimal(1), T0, "USDT itself") == prices_of("USDT").rate("USDT", T0)


def test_the_shortest_candle_gives_the_rate():
    """Its opening price in its first half, its closing price in the second, exactly as it came."""
    found = prices_of(
        "BTC",
        spot_klines=[
            candle("BTCUSDT", T0, ("50000", "60000"), "1day"),
            candle("BTCUSDT", T0 + HOUR, ("51000.00000000000000000001", "52000"), "1hour"),
        ],
    )
    first = Rate(Decimal("51000.00000000000000000001"), T0 + HOUR, "spot BTCUSDT 1hour candle open")
    assert first == found.rate("BTC", T0 + HOUR + 60_000)
    assert Rate(Decimal(52000), T0 + 2 * HOUR, "spot BTCUSDT 1hour candle close") == found.rate(
        "BTC", T0 + 2 * HOUR - 1
    )
    assert Rate(Decimal(50000), T0, "spot BTCUSDT 1day candle open") == found.rate("BTC", T0 + 5)
    assert Rate(Decimal(60000), T0 + DAY, "spot BTCUSDT 1day candle close") == found.rate("BTC", T0 + DAY - 5)


def test_index_prices_stand_in_where_spot_refuses():
    """And say so."""
    rows = [
        candle("BTCUSDT", T0, ("3", "4"), "1day", "mark_price"),
        candle("BTCUSDT", T0, ("1", "2"), "1day", "index_price"),
    ]
    rate = prices_of("BTC", futures_klines=rows).rate("BTC", T0 + 1)
    assert Rate(Decimal(1), T0, "futures index_price BTCUSDT 1day candle open") == rate


def test_a_way_over_another_currency():
    """Exactly multiplied, both sources named."""
    rows = [candle("ABCBTC", T0, ("0.00000003", "1"), "1day"), candle("BTCUSDT", T0, ("50000", "1"), "1day")]
    rate = prices_of("ABC", spot_klines=rows).rate("ABC", T0 + 1)
    assert Decimal("0.0015") == rate.rate
    assert "spot ABCBTC 1day candle open x spot BTCUSDT 1day candle open" == rate.source


def test_the_nearest_candle_within_a_day_is_said_to_be_the_nearest():
    """Further away there is no rate, and the source says why."""
    found = prices_of("BTC", spot_klines=[candle("BTCUSDT", T0, ("1", "2"), "1hour")])
    near = found.rate("BTC", T0 + 2 * HOUR)
    assert Rate(Decimal(2), T0 + HOUR, "spot BTCUSDT 1hour candle, the nearest close") == near
    assert Rate(Decimal(1), T0, "spot BTCUSDT 1hour candle, the nearest open") == found.rate("BTC", T0 - HOUR)
    assert (None, None) == found.rate("BTC", T0 + 3 * DAY)[:2]
    assert "no price of BTC within a day was captured" == found.rate("BTC", T0 + 3 * DAY).source
    assert "no price of XYZ within a day was captured" == prices_of("XYZ").rate("XYZ", T0).source
