"""Candles add up: longer periods from minutes, minutes from deals, exactly in decimal text."""

from collections.abc import Iterable
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coinex_pandas.simulator.exchange import Exchange
from coinex_pandas.simulator.market.candles import PERIODS
from coinex_pandas.simulator.market.clock import Clock
from tests.profiles import cases

NOW = 1_790_133_720_000
MINUTE = 60_000
MARKETS = [
    ("futures", "BTCUSDT"),
    ("futures", "ETHUSD"),
    ("futures", "PEPEUSDT"),
    ("spot", "ELONUSDT"),
    ("spot", "GRINUSDT"),
    ("spot", "YFIUSDT"),
    ("spot", "DOGEBTC"),
    ("spot", "EOSUSDT"),
]
EXCHANGE = Exchange(3, Clock(NOW + 17_000, speed=0))


def klines(area: str, market: str, period: str, start: int, end: int, **more: str) -> list[dict]:
    """Return candles that open in start <= time < end, asked for in pages."""
    rows: list[dict] = []
    while end > start:
        params = {"market": market, "period": period, "limit": "1000", **more}
        params |= {"start_time": str(start), "end_time": str(end - 1)}
        page = EXCHANGE.answer(f"{area}_klines", params).data
        rows[:0] = page
        end = page[0]["created_at"] if page else start
    return rows


def added_up(rows: Iterable[dict]) -> dict[str, str | Decimal]:
    """Return what one candle over these rows must say."""
    rows = list(rows)
    return {
        "open": rows[0]["open"],
        "close": rows[-1]["close"],
        "high": max((row["high"] for row in rows), key=Decimal),
        "low": min((row["low"] for row in rows), key=Decimal),
        "volume": sum((Decimal(row["volume"]) for row in rows), Decimal(0)),
        "value": sum((Decimal(row["value"]) for row in rows), Decimal(0)),
    }


def comparable(row: dict) -> dict[str, str | Decimal]:
    """Return a candle's figures with sums as decimals."""
    prices = {name: row[name] for name in ("open", "close", "high", "low")}
    return prices | {name: Decimal(row[name]) for name in ("volume", "value")}


@settings(max_examples=cases(50), deadline=None)
@given(
    market=st.sampled_from(MARKETS),
    period=st.sampled_from([name for name in PERIODS if name != "1min"]),
    ago=st.one_of(st.just(0), st.integers(0, 750 * 1440)),
    price=st.sampled_from(["latest_price", "latest_price", "index_price", "mark_price"]),
)
def test_every_period_is_the_exact_sum_of_its_minutes(market, period, ago, price):
    """A candle of any market, period and age says what its minutes say together."""
    area, name = market
    price = "latest_price" if area == "spot" and price == "mark_price" else price
    length, offset = PERIODS[period]
    minute = NOW // MINUTE - ago
    start = (minute - (minute - offset) % length) * MINUTE
    candle = klines(area, name, period, start, start + MINUTE, price_type=price)
    minutes = klines(area, name, "1min", start, start + length * MINUTE, price_type=price)
    assert bool(minutes) == bool(candle)
    if minutes:
        assert added_up(minutes) == comparable(candle[0])


@pytest.mark.parametrize(("area", "name"), MARKETS)
def test_minutes_are_the_sum_of_their_deals(area, name):
    """Minute candles agree with the deals of the same minutes, and a minute without deals is flat."""
    deals = EXCHANGE.answer(f"{area}_deals", {"market": name, "limit": "1000"}).data[::-1]
    whole = deals[0]["created_at"] // MINUTE * MINUTE + MINUTE  # the oldest minute may be cut
    by_minute: dict[int, list[dict]] = {}
    for deal in deals:
        by_minute.setdefault(deal["created_at"] // MINUTE * MINUTE, []).append(deal)
    last = None
    for row in klines(area, name, "1min", whole, whole + 3000 * MINUTE):
        found = by_minute.get(row["created_at"], [])
        if found:
            prices = [Decimal(deal["price"]) for deal in found]
            assert (found[0]["price"], found[-1]["price"]) == (row["open"], row["close"])
            assert (max(prices), min(prices)) == (Decimal(row["high"]), Decimal(row["low"]))
            assert sum(Decimal(deal["amount"]) for deal in found) == Decimal(row["volume"])
        else:
            assert ("0", "0") == (row["volume"], row["value"])
            assert {row["open"]} == {row["close"], row["high"], row["low"]}
            assert last is None or last == row["open"]
        last = row["close"]


def test_deals_ascend_in_id_and_time_and_carry_on_at_last_id():
    """Newest first, ids strictly descending, times with them; last_id gives that deal and those before it."""
    rows = EXCHANGE.answer("futures_deals", {"market": "BTCUSDT", "limit": "1000"}).data
    ids = [row["deal_id"] for row in rows]
    assert sorted(set(ids), reverse=True) == ids
    assert sorted((row["created_at"] for row in rows), reverse=True) == [row["created_at"] for row in rows]
    assert len({row["created_at"] for row in rows}) < len(rows)
    assert 10**11 <= ids[-1] < 2**63
    again = EXCHANGE.answer("futures_deals", {"market": "BTCUSDT", "limit": "100", "last_id": str(ids[500])}).data
    assert rows[500:600] == again


@pytest.mark.sweep
@pytest.mark.parametrize("price", ["latest_price", "index_price", "mark_price"])
@pytest.mark.parametrize("period", ["1day", "3day", "1week"])
def test_the_first_candle_holds_the_minutes_there_are(period, price):
    """A market's first candle may begin before the market; it says what its minutes say."""
    opened = EXCHANGE.world.catalogue.find("futures", "SUIUSDT").opens_at
    rows = klines("futures", "SUIUSDT", period, 0, NOW, price_type=price)
    length, _ = PERIODS[period]
    assert rows[0]["created_at"] <= opened < rows[0]["created_at"] + length * MINUTE
    minutes = klines("futures", "SUIUSDT", "1min", 0, rows[1]["created_at"], price_type=price)
    assert opened == minutes[0]["created_at"]
    assert added_up(minutes) == comparable(rows[0])


def test_the_open_index_candle_closes_at_the_index_of_now():
    """The candle of now ends at the price of now."""
    rows = klines("futures", "BTCUSDT", "1min", NOW - 5 * MINUTE, NOW + MINUTE, price_type="mark_price")
    assert NOW == rows[-1]["created_at"]
    ticker = EXCHANGE.answer("futures_tickers", {"market": "BTCUSDT"}).data[0]
    assert ticker["mark_price"] == rows[-1]["close"]


def test_a_range_with_more_than_limit_gives_the_newest_ascending():
    """Of a long range come the newest rows; both bounds belong to it."""
    start = NOW - 300 * MINUTE
    params = {"market": "BTCUSDT", "period": "1min", "limit": "10", "start_time": str(start), "end_time": str(NOW)}
    times = [row["created_at"] for row in EXCHANGE.answer("futures_klines", params).data]
    assert [NOW - n * MINUTE for n in range(9, -1, -1)] == times
    exact = params | {"end_time": str(start)}
    assert [start] == [row["created_at"] for row in EXCHANGE.answer("futures_klines", exact).data]


def test_every_market_deals_in_every_four_hours():
    """Even the quietest market has at least one deal in each four hour candle."""
    rows = EXCHANGE.answer("spot_klines", {"market": "GRINUSDT", "period": "4hour", "limit": "500"}).data
    assert all(row["volume"] != "0" for row in rows[:-1])
    minutes = EXCHANGE.answer("spot_klines", {"market": "GRINUSDT", "period": "1min", "limit": "1000"}).data
    assert sum(row["volume"] == "0" for row in minutes) > 900


def test_volume_times_price_is_near_value():
    """Volume is counted in base and value in quote; on inverse markets the other way round."""
    for area, name in MARKETS:
        row = EXCHANGE.answer(f"{area}_klines", {"market": name, "period": "1day", "limit": "2"}).data[0]
        price, volume, value = (float(row[column]) for column in ("close", "volume", "value"))
        assert (volume / price if name == "ETHUSD" else volume * price) == pytest.approx(value, rel=0.3)


def test_a_delisted_market_keeps_its_candles_and_deals():
    """Nothing new comes after the end, and what was stays."""
    rows = EXCHANGE.answer("futures_klines", {"market": "EOSUSDT", "period": "1day"}).data
    end = EXCHANGE.world.catalogue.find("futures", "EOSUSDT").delisted_at
    assert end - 86_400_000 == rows[-1]["created_at"]
    deals = EXCHANGE.answer("futures_deals", {"market": "EOSUSDT"}).data
    assert (100, True) == (len(deals), end - 4 * 3_600_000 <= deals[0]["created_at"] < end)


def test_a_market_in_its_auction_has_no_past():
    """Before it opens there are neither deals nor candles; once open there are."""
    early = Exchange(0, Clock(NOW, speed=0))
    assert [] == early.answer("spot_deals", {"market": "ZROUSDT"}).data
    assert [] == early.answer("spot_klines", {"market": "ZROUSDT", "period": "1hour"}).data
    early.clock.advance(4 * 86_400)
    assert 100 == len(early.answer("spot_deals", {"market": "ZROUSDT"}).data)
    assert "online" == early.answer("spot_markets", {"market": "ZROUSDT"}).data[0]["status"]
