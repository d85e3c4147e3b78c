"""Order books: sorted, uncrossed, merged right, with a checksum that anyone can compute."""

import zlib
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coinex_pandas.simulator.exchange import Exchange
from coinex_pandas.simulator.market.book import checksum
from coinex_pandas.simulator.market.clock import Clock
from tests.profiles import cases

NOW = 1_790_133_720_000
INTERVALS = ["0", *(f"{Decimal(10) ** n:f}" for n in range(-12, 4))]
EXCHANGE = Exchange(5, Clock(NOW, speed=0))
MARKETS = [(area, row["market"]) for area in ("spot", "futures") for row in EXCHANGE.answer(f"{area}_markets", {}).data]


def book(area, market, limit="50", interval="0"):
    """Return a book's depth object."""
    reply = EXCHANGE.answer(f"{area}_depth", {"market": market, "limit": limit, "interval": interval})
    assert 0 == reply.code
    return reply.data["depth"]


@settings(max_examples=cases(50), deadline=None)
@given(
    market=st.sampled_from(MARKETS),
    limit=st.sampled_from(["5", "10", "20", "50"]),
    interval=st.sampled_from(INTERVALS),
    seconds=st.sampled_from([0, 0.2, 3600]),
)
def test_books_are_sorted_uncrossed_and_summed(market, limit, interval, seconds):
    """Bids fall, asks rise, they never meet, prices are multiples of the interval, the checksum is right."""
    EXCHANGE.clock.advance(seconds)
    depth = book(*market, limit, interval)
    bids, asks = ([Decimal(price) for price, _ in depth[side]] for side in ("bids", "asks"))
    assert sorted(set(bids), reverse=True) == bids
    assert sorted(set(asks)) == asks
    assert max(len(bids), len(asks)) <= int(limit)
    if interval == "0":
        assert (int(limit), int(limit)) == (len(bids), len(asks))
    if bids:
        assert bids[0] < asks[0]
    if Decimal(interval):
        assert {0} == {price % Decimal(interval) for price in bids + asks}
    assert all(Decimal(amount) > 0 for side in ("bids", "asks") for _, amount in depth[side])
    text = ":".join(f"{price}:{amount}" for price, amount in depth["bids"] + depth["asks"])
    assert zlib.crc32(text.encode()) == depth["checksum"]


@pytest.mark.parametrize(("side", "rounding"), [("bids", ROUND_FLOOR), ("asks", ROUND_CEILING)])
def test_merging_adds_up_what_falls_together(side, rounding):
    """Bids are rounded down and asks up to the interval; amounts of merged levels are summed."""
    plain, merged = book("spot", "BTCUSDT"), book("spot", "BTCUSDT", interval="1")
    sums: dict[Decimal, Decimal] = {}
    for price, amount in plain[side]:
        level = Decimal(price).quantize(Decimal(1), rounding)
        sums[level] = sums.get(level, Decimal(0)) + Decimal(amount)
    whole = list(sums.items())[:-1]  # the last level continues beyond the plain book
    assert whole == [(Decimal(price), Decimal(amount)) for price, amount in merged[side]][: len(whole)]


def test_most_levels_survive_a_change():
    """A book changes every 200 ms, but most of its levels stay."""
    exchange = Exchange(5, Clock(NOW, speed=0))
    params = {"market": "BTCUSDT", "limit": "50", "interval": "0"}
    before = exchange.answer("futures_depth", params).data["depth"]
    exchange.clock.advance(0.2)
    after = exchange.answer("futures_depth", params).data["depth"]
    assert 200 == after["updated_at"] - before["updated_at"]
    assert before["checksum"] != after["checksum"]
    kept = {tuple(level) for level in before["bids"]} & {tuple(level) for level in after["bids"]}
    assert 35 < len(kept) < 50 or before["bids"] == after["bids"]


def test_checksums_of_the_documented_examples():
    """The checksum is the unsigned CRC-32 of price:amount pairs, bids first; an empty book has 0."""
    bids = [("101.50", "2.00000000"), ("101.25", "0.75000000"), ("100", "13.5")]
    asks = [("102.00", "1.10000000"), ("102.5", "0.00000100")]
    assert 367050895 == checksum(bids, asks)
    assert 0 == checksum([], [])
