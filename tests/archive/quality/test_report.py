"""cx.quality: clean tables give nothing, and every planted fault is found at its place and nowhere else."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import coinex_pandas as cx
from tests.archive.accounts import lived
from tests.archive.quality.conftest import Archive, stored
from tests.profiles import cases

HOUR = 3_600_000
FLAT = ["check", "place", "row", "count"]
TABLE = {"quiet_klines": "spot_klines", "minutes": "spot_klines", "mark_klines": "futures_klines"}


def found(frame, **settings):
    """Return check, row and count of each finding."""
    return list(cx.quality(frame, **settings)[["check", "row", "count"]].itertuples(index=False, name=None))


def changed(frame, row, **cells):
    """Return a copy of a frame with other cells in a row."""
    copy = frame.copy()
    for name, value in cells.items():
        copy.iloc[row, copy.columns.get_loc(name)] = value
    copy.attrs = frame.attrs
    return copy


def reordered(frame, places):
    """Return a frame's rows in another order, or several times."""
    copy = frame.iloc[places]
    copy.attrs = frame.attrs
    return copy


# ---- clean


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


# ---- planted


@settings(max_examples=cases(40))
@given(data=st.data())
def test_rows_that_came_twice(clean, data):
    """Each repeated row is found, the same one or one with other values."""
    name = data.draw(st.sampled_from(["spot_klines", "spot_deals", "spot_tickers", "futures_basis_history"]))
    frame = clean[name]
    place = data.draw(st.integers(0, len(frame) - 1))
    twice = reordered(frame, [*range(place + 1), *range(place, len(frame))])
    assert [("duplicates", place + 1, 1)] == found(twice)
    assert "the same row" in cx.quality(twice)["detail"].item()
    column = {"spot_deals": "amount", "spot_tickers": "volume_buy", "futures_basis_history": "basis_rate"}
    other = changed(twice, place + 1, **{column.get(name, "close"): twice[column.get(name, "close")].iloc[place]})
    assert found(twice) == found(other)


@settings(max_examples=cases(40))
@given(data=st.data())
def test_rows_that_are_missing(clean, data):
    """A stretch of candles that is gone: first missing time, count, and the row behind it."""
    name = data.draw(st.sampled_from(["spot_klines", "mark_klines", "futures_klines", "quiet_klines"]))
    frame = clean[name]
    start = data.draw(st.integers(1, len(frame) - 3))
    stop = data.draw(st.integers(start + 1, len(frame) - 1))
    holey = reordered(frame, [*range(start), *range(stop, len(frame))])
    result = cx.quality(holey)
    assert [("gap", frame.index[start], start, stop - start)] == [*result[FLAT].itertuples(index=False, name=None)]


@settings(max_examples=cases(20))
@given(data=st.data())
def test_funding_that_is_missing(clean, data):
    """Settlements come some seconds after the hour; one or two that are gone are found."""
    frame = clean["futures_funding_rate_history"]
    start = data.draw(st.integers(1, len(frame) - 4))
    count = data.draw(st.integers(1, 2))
    holey = reordered(frame, [*range(start), *range(start + count, len(frame))])
    result = cx.quality(holey)
    assert [("gap", start, count)] == [*result[["check", "row", "count"]].itertuples(index=False, name=None)]
    assert abs(result["place"].item() - frame.index[start]) < pd.Timedelta("2min")


def test_a_new_funding_interval_is_no_gap(clean):
    """The exchange settles some markets more often at times; a gap in either rhythm is one."""
    frame = clean["futures_funding_rate_history"]
    slow = reordered(frame, [*range(20), *range(21, 40, 2)])
    assert [] == found(slow)
    assert [("gap", 24, 1)] == found(reordered(slow, [*range(24), *range(25, len(slow))]))


@pytest.mark.parametrize("name", ["futures_premium_index_history", "futures_basis_history"])
def test_gaps_of_premium_and_basis(clean, name):
    """Against the step that most rows have."""
    holey = reordered(clean[name], [*range(9), *range(14, len(clean[name]))])
    assert [("gap", 9, 5)] == found(holey)


@settings(max_examples=cases(30))
@given(data=st.data())
def test_rows_that_are_not_in_order(clean, data):
    """A row that moved back is older than the one before it."""
    frame = clean[data.draw(st.sampled_from(["spot_klines", "futures_basis_history"]))]
    place = data.draw(st.integers(2, len(frame) - 2))
    order = [*range(place), place + 1, place, *range(place + 2, len(frame))]
    assert [("order", place + 1, 1)] == found(reordered(frame, order))


@settings(max_examples=cases(60))
@given(data=st.data())
def test_impossible_prices(clean, data):
    """Zero, negative and missing ones, in the column and row where they are; amounts may be zero."""
    name, column = data.draw(
        st.sampled_from(
            [
                ("spot_deals", "price"),
                ("spot_tickers", "last"),
                ("futures_index_prices", "price"),
                ("futures_liquidations", "bkr_price"),
                ("futures_funding_rates", "mark_price"),
            ]
        )
    )
    frame = clean[name]
    row = data.draw(st.integers(0, len(frame) - 1))
    value, check = data.draw(st.sampled_from([(0.0, "price"), (-1.5, "price"), (np.nan, "price")]))
    result = cx.quality(changed(frame, row, **{column: value}))
    assert [(check, row, 1)] == [*result[["check", "row", "count"]].itertuples(index=False, name=None)]
    assert column in result["detail"].item()
    if name == "spot_tickers":
        assert frame.index[row] == result["market"].item()


def test_amounts_below_zero(clean):
    """Zero is an amount."""
    deals = clean["spot_deals"]
    assert [("amount", 5, 1)] == found(changed(deals, 5, amount=-0.1))
    assert [] == found(changed(deals, 5, amount=0.0))


@settings(max_examples=cases(40))
@given(data=st.data())
def test_candles_that_do_not_enclose_themselves(clean, data):
    """A high below, or a low above one of the others."""
    frame = clean[data.draw(st.sampled_from(["spot_klines", "futures_klines", "mark_klines"]))]
    row = data.draw(st.integers(0, len(frame) - 2))
    candle = frame.iloc[row]
    column, value = data.draw(
        st.sampled_from(
            [
                ("high", min(candle["open"], candle["close"]) * 0.99),
                ("low", max(candle["open"], candle["close"]) * 1.0005),
                ("open", candle["high"] * 1.0001),
                ("close", candle["low"] * 0.9999),
            ]
        )
    )
    assert {("candle", row, 1)} == {
        each for each in found(changed(frame, row, **{column: value})) if each[0] != "value"
    }


def test_volume_and_value_that_were_exchanged(clean):
    """As an answer of 2024 had them; on inverse markets nothing is known of the unit."""
    frame = clean["spot_klines"]
    row = frame.iloc[3]
    assert [("value", 3, 1)] == found(changed(frame, 3, volume=row["value"], value=row["volume"]))
    inverse = clean["futures_klines"]
    row = inverse.iloc[3]
    assert [] == found(changed(inverse, 3, volume=row["value"], value=row["volume"]))


def test_books_and_best_prices(clean):
    """A bid at the best ask, and levels that are not in order."""
    book = clean["spot_depth"]
    best = book.loc[("ask", 1), "price"]
    bid = len(book.loc["ask"])
    assert [("crossed", bid, 1)] == found(changed(book, bid, price=best))
    assert [("levels", 4, 1)] == found(changed(book, 4, price=book["price"].iloc[3]))
    columns = {"best_bid_size": [1.0, 1.0], "best_ask_size": [1.0, 1.0], "market": ["BTCUSDT"] * 2}
    times = pd.date_range("2026-06-01", periods=2, freq="1s", tz="UTC", name="updated_at").as_unit("ms")
    stream = pd.DataFrame({"best_bid_price": [9.0, 10.0], "best_ask_price": [10.0, 10.0], **columns}, index=times)
    stream["received_at"] = times
    assert [("crossed", 1, 1)] == found(stream, table="spot_bbo")


@settings(max_examples=cases(30))
@given(start=st.integers(1, 150), length=st.integers(2, 40), still=st.sampled_from([12, 18, 36]))
def test_stretches_in_which_nothing_moves(clean, start, length, still):
    """No trade and one price, as long as `still`, or for 24 candles: this market stands still at no other time."""
    frame = clean["spot_klines"].iloc[:-1].copy()
    stop = min(start + length, len(frame))
    price = frame["open"].iloc[start]
    frame.iloc[start:stop, frame.columns.get_indexer(["open", "close", "high", "low"])] = price
    frame.iloc[start:stop, frame.columns.get_indexer(["volume", "value"])] = 0.0
    frame.attrs = clean["spot_klines"].attrs
    lasts = stop - start - 1  # the first one has a price of its own
    expected = [("frozen", start + 1, lasts)] if lasts >= min(still, 24) else []
    assert expected == found(frame, still=f"{still}h")


# ---- archives


@pytest.fixture(scope="module")
def tables(clean):
    """Give candles of two periods and deals, as an archive has them."""
    minutes, hours = clean["minutes"], clean["spot_klines"]
    candles = [
        stored(frame, "spot_klines", period=period, price_type=None)
        for frame, period in ((minutes, "1min"), (hours, "1hour"))
    ]
    both = pd.concat(candles, ignore_index=True)
    both.attrs = candles[0].attrs
    return {"spot_klines": both, "spot_deals": stored(clean["spot_deals"], "spot_deals", market="BTCUSDT")}


def test_a_clean_archive(tables):
    """All tables in one verdict; one that was never captured is no finding."""
    result = cx.quality(Archive(**tables))
    assert result.empty
    assert f"nothing found in 2 tables ({sum(map(len, tables.values()))} rows)" == result.attrs["coinex"]["verdict"]


@pytest.mark.parametrize("column", ["open", "close", "high", "low", "volume"])
def test_candles_that_say_something_else_than_shorter_ones(tables, column):
    """Any of their figures, at the longer one."""
    frame = tables["spot_klines"]
    row = frame.index[frame["period"] == "1hour"][-5]
    way = {"high": 1.0001, "low": 0.9999, "volume": 1.0001}.get(column)
    candle = frame.loc[row]
    value = candle[column] * way if way else (candle["high"] + candle["low"]) / 2
    wrong = changed(frame, row, **{column: value})
    result = cx.quality(Archive(spot_klines=wrong))
    assert [("periods", candle["created_at"], row, 1)] == [*result[FLAT].itertuples(index=False, name=None)]
    assert f"{column} is" in result["detail"].item()


def test_the_candle_that_was_open_is_not_compared(tables):
    """It changed after it came."""
    frame = tables["spot_klines"]
    row = frame.index[frame["period"] == "1hour"][-1]
    assert cx.quality(Archive(spot_klines=changed(frame, row, volume=1e6, value=7.5e10))).empty


def test_candles_that_deals_contradict(tables):
    """A deal outside of a minute's low and high, or more of them than its volume; missing deals contradict nothing."""
    candles, deals = tables["spot_klines"], tables["spot_deals"]
    archive = Archive(spot_klines=candles, spot_deals=reordered(deals, [*range(0, len(deals), 3)]))
    assert cx.quality(archive).empty
    at = len(deals) // 2
    high = cx.quality(Archive(spot_klines=candles, spot_deals=changed(deals, at, price=deals["price"].max() * 1.5)))
    minute = deals["created_at"].iloc[at].floor("min")
    expected = {("deals", minute), ("deals", minute.floor("h"))}
    assert expected >= {*high[["check", "place"]].itertuples(index=False, name=None)} >= {("deals", minute)}
    much = cx.quality(Archive(spot_klines=candles, spot_deals=changed(deals, at, amount=1e6)))
    assert {"the deals in it are more than its volume"} == set(much["detail"])


def test_series_are_looked_at_one_by_one(tables):
    """A gap in one period is not hidden, nor made, by the other."""
    frame = tables["spot_klines"]
    row = frame.index[frame["period"] == "1hour"][10]
    holey = reordered(frame, [place for place in range(len(frame)) if place != row])
    result = cx.quality(holey)
    assert [("gap", frame["created_at"][row], row, 1)] == [*result[FLAT].itertuples(index=False, name=None)]


# ---- arguments


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


def test_nothing_of_the_frame_is_changed(clean):
    """Neither its rows nor its notes."""
    frame = clean["spot_klines"]
    before, notes = frame.copy(), dict(frame.attrs)
    cx.quality(frame)
    pd.testing.assert_frame_equal(before, frame)
    assert notes == frame.attrs
