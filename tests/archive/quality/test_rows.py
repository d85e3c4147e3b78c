"""What is wrong with rows of any table is found where it is, and nowhere else."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import coinex_pandas as cx
from tests.archive.accounts import lived
from tests.archive.quality.conftest import Archive, changed, found, reordered, stored
from tests.profiles import cases


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


@pytest.mark.parametrize("name", ["spot_pending_orders", "futures_positions", "spot_tickers"])
def test_lists_that_were_captured_several_times(name):
    """The same order in two captures is no duplicate, and the second list begins anew; twice in one is one."""
    with lived(1) as exchange:
        frame = stored(getattr(cx, name)(session=exchange.session), name)
        assert len(frame)
    later = frame.assign(captured_at=frame["captured_at"] + pd.Timedelta("1D"))
    twice = pd.concat([frame, later], ignore_index=True)
    assert [] == found(Archive(**{name: twice}))
    thrice = pd.concat([frame, later, later.tail(1)], ignore_index=True)
    assert [("duplicates", len(twice), 1)] == found(Archive(**{name: thrice}))


def test_columns_of_ones_own_and_columns_that_are_gone(clean):
    """Neither hides a finding of the others."""
    frame = clean["spot_klines"]
    twice = reordered(frame, [*range(5), *range(4, len(frame))]).assign(mine=range(len(frame) + 1))
    twice.attrs = frame.attrs
    assert [("duplicates", 5, 1)] == found(twice)
    plain = changed(frame, 5, low=0.0).reset_index(drop=True)
    assert [("price", 5, 1)] == found(plain, table="spot_klines")
    assert [("gap", 5, 1)] == found(frame[["close"]].drop(frame.index[5]), table="spot_klines")
