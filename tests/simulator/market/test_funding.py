"""Funding rates are means of the premium index, clamped."""

from decimal import ROUND_HALF_EVEN, Decimal
from itertools import pairwise

import pytest

HOUR = 3_600_000
EIGHT = Decimal("1e-8")


def premium(exchange, market, start, stop):
    """Return the premium index rows in start < time <= stop."""
    params = {"market": market, "start_time": str(start + 1), "end_time": str(stop), "limit": "1000"}
    rows = exchange.answer("futures_premium_index_history", params).data
    assert sorted(rows, key=lambda row: row["created_at"]) == rows
    return [Decimal(row["premium_index"]) for row in rows]


def mean(values):
    """Return the mean of decimals, rounded half to even to eight places."""
    return (sum(values) / len(values)).quantize(EIGHT, ROUND_HALF_EVEN)


@pytest.mark.parametrize(("market", "hours"), [("BTCUSDT", 8), ("PEPEUSDT", 4), ("ETHUSD", 8), ("ELONUSDT", None)])
def test_a_settlement_is_the_mean_of_its_premium_rows(market, hours, exchange):
    """The theoretical rate is the mean premium since the settlement before; the actual rate keeps to the cap."""
    rates = exchange.answer("futures_funding_rates", {"market": market}).data[0]
    interval = rates["next_funding_time"] - rates["latest_funding_time"]
    assert hours is None or hours * HOUR == interval
    cap = Decimal(rates["max_funding_rate"])
    assert -cap == Decimal(rates["min_funding_rate"])
    rows = exchange.answer("futures_funding_rate_history", {"market": market, "limit": "30"}).data
    for row in rows:
        boundary = row["funding_time"] // interval * interval
        assert 0 < row["funding_time"] - boundary < 60_000
        values = premium(exchange, market, boundary - interval, boundary)
        assert interval // 600_000 == len(values)
        assert mean(values) == Decimal(row["theoretical_funding_rate"])
        assert max(-cap, min(cap, mean(values))) == Decimal(row["actual_funding_rate"])


def test_the_current_rate_is_the_mean_of_the_period_so_far(still):
    """latest_ is the clamped mean of the running period and its time lies ahead; next_ is the newest premium."""
    for hours in (0, 1, 3):
        still.clock.advance(hours * 3600)
        now = still.clock.now_ms()
        for row in still.answer("futures_funding_rates", {"market": "BTCUSDT,PEPEUSDT"}).data:
            interval = row["next_funding_time"] - row["latest_funding_time"]
            begun = now // interval * interval
            assert begun + interval == row["latest_funding_time"]
            values = premium(still, row["market"], begun, now)
            cap = Decimal(row["max_funding_rate"])
            assert max(-cap, min(cap, mean(values))) == Decimal(row["latest_funding_rate"])
            assert max(-cap, min(cap, values[-1])) == Decimal(row["next_funding_rate"])


def test_rates_have_both_signs_and_all_three_caps(exchange):
    """Longs pay on some markets and shorts on others; the three caps seen on the wire all occur."""
    rows = exchange.answer("futures_funding_rates", {}).data
    signs = {Decimal(row["latest_funding_rate"]) > 0 for row in rows}
    assert ({True, False}, 3) == (signs, len({row["max_funding_rate"] for row in rows}))


def test_basis_rows_come_every_ten_minutes_for_seven_days(exchange):
    """By default the basis history covers seven days, ascending, 600 s apart."""
    rows = exchange.answer("futures_basis_history", {"market": "BTCUSDT"}).data
    times = [row["created_at"] for row in rows]
    assert 7 * 144 == len(times)
    assert {600_000} == {after - before for before, after in pairwise(times)}


def test_premium_comes_in_pages_without_a_pagination_block(exchange):
    """The last eight hours by default; a page after the last is empty; wide or old ranges are refused."""
    first = exchange.answer("futures_premium_index_history", {"market": "BTCUSDT"})
    assert (10, None) == (len(first.data), first.pagination)
    pages = [
        exchange.answer("futures_premium_index_history", {"market": "BTCUSDT", "page": str(n)}).data
        for n in range(1, 7)
    ]
    assert [10, 10, 10, 10, 8, 0] == [len(page) for page in pages]
    now = exchange.clock.now_ms()
    for start, end in ((now - 25 * HOUR, now), (now - 31 * 24 * HOUR, now - 31 * 24 * HOUR + HOUR)):
        params = {"market": "BTCUSDT", "start_time": str(start), "end_time": str(end)}
        assert 4004 == exchange.answer("futures_premium_index_history", params).code


@pytest.mark.parametrize("name", ["futures_funding_rate_history", "futures_liquidations"])
def test_paged_histories_are_whole_and_newest_first(name, exchange):
    """Pages of any size together give every row once, newest first, and has_next is true until the last."""
    column = "funding_time" if "funding" in name else "created_at"
    now = exchange.clock.now_ms()
    params = {"market": "BTCUSDT", "start_time": str(now - 20 * 24 * HOUR), "end_time": str(now)}
    everything = exchange.answer(name, params | {"limit": "1000"})
    assert {"has_next": False} == everything.pagination
    rows, page, more = [], 0, True
    while more:
        page += 1
        reply = exchange.answer(name, params | {"limit": "7", "page": str(page)})
        rows += reply.data
        more = reply.pagination["has_next"]
    assert everything.data == rows
    times = [row[column] for row in rows]
    assert sorted(times, reverse=True) == times
    assert 1000 == len(exchange.answer(name, {"market": "BTCUSDT", "limit": "5000"}).data)


def test_liquidations_share_milliseconds_and_repeat(exchange):
    """Some liquidations happen together, and some rows are equal in everything."""
    rows = exchange.answer("futures_liquidations", {"market": "BTCUSDT", "limit": "1000"}).data
    assert len({row["created_at"] for row in rows}) < len({tuple(row.values()) for row in rows}) < len(rows)
    for row in rows:
        assert (row["side"] == "long") == (Decimal(row["bkr_price"]) < Decimal(row["liq_price"]))
