"""cx.quality: clean tables and archives give nothing, exact numbers count as numbers, and bad arguments are refused."""

import pandas as pd
import pytest

import coinex_pandas as cx
from tests.archive.accounts import lived
from tests.archive.quality.conftest import Archive, changed, found, reordered

TABLE = {"quiet_klines": "spot_klines", "minutes": "spot_klines", "mark_klines": "futures_klines"}


def test_clean_tables_give_nothing(clean):
    """Candles, deals, books, tickers, histories: an empty table with all columns and their dtypes."""
    for name, frame in clean.items():
        assert [] == found(frame), name
        assert "nothing found in " + TABLE.get(name, name) in cx.quality(frame).attrs["coinex"]["verdict"]
    assert {
        "table": "str",
        "check": "str",
        "market": "str",
        "place": "datetime64[ms, UTC]",
        "row": "Int64",
        "count": "Int64",
        "detail": "str",
    } == cx.quality(clean["spot_deals"]).dtypes.astype(str).to_dict()


@pytest.mark.parametrize("numbers", ["decimal", "text"])
def test_exact_numbers_are_looked_at_as_well(numbers):
    """Decimals and texts are compared as numbers."""
    with cx.sandbox(seed=7, now="2026-06-01 12:00", speed=0, limits=False):
        candles = cx.futures_klines("BTCUSDT", "1hour", limit=50, numbers=numbers)
    assert [] == found(candles)
    wrong = changed(candles, 7, low=candles["high"].iloc[7], high=candles["low"].iloc[7])
    assert {("candle", 7)} == {each[:2] for each in found(wrong) if each[0] == "candle"}


def test_an_account_that_lived_has_no_findings():
    """Its deals, orders, positions, ledger and payments; balances have nothing to check."""
    names = ("spot_user_deals", "futures_user_deals", "spot_finished_orders", "futures_positions", "withdrawals")
    names += ("futures_finished_positions", "deposits", "spot_transactions", "margin_borrows", "spot_balances")
    with lived(1) as exchange:
        for name in names:
            assert [] == found(getattr(cx, name)(session=exchange.session)), name


def test_an_empty_table_has_no_findings(clean):
    """Whatever the function."""
    for frame in clean.values():
        assert [] == found(reordered(frame, []))


def test_a_clean_archive(tables):
    """All tables in one verdict; one that was never captured is no finding."""
    result = cx.quality(Archive(**tables))
    assert result.empty
    assert f"nothing found in 2 tables ({sum(map(len, tables.values()))} rows)" == result.attrs["coinex"]["verdict"]


def test_a_frame_of_nowhere_says_what_to_do(clean):
    """Without notes of its table it can be named; balances and unknown words are told apart."""
    plain = clean["spot_klines"].copy()
    plain.attrs = {}
    with pytest.raises(cx.InvalidArgument, match='table="spot_klines"'):
        cx.quality(plain)
    with pytest.raises(cx.InvalidArgument, match="of which table"):
        cx.quality(plain, table="spot_candles")
    assert [] == found(plain, table="spot_klines")
    assert [("gap", 5, 2)] == found(plain.drop(plain.index[5:7]), table="spot_klines")


@pytest.mark.parametrize("still", ["soon", "-1D", "0h", None])
def test_a_length_of_time_is_needed(clean, still):
    """It says so."""
    with pytest.raises(cx.InvalidArgument, match="no length of time"):
        cx.quality(clean["spot_klines"], still=still)


def test_nothing_of_the_frame_is_changed(clean):
    """Neither its rows nor its notes."""
    frame = clean["spot_klines"]
    before, notes = frame.copy(), dict(frame.attrs)
    cx.quality(frame)
    pd.testing.assert_frame_equal(before, frame)
    assert notes == frame.attrs
