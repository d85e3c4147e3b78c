"""Each fault that is planted is found at its place; what is right has no findings."""

import numpy as np
import pandas as pd
import pytest

import coinex_pandas as cx
from tests.plot import frames

AT = 50


@pytest.fixture
def candles(still):
    """Return a day and more of candles, without a fault."""
    return cx.spot_klines("BTCUSDT", "15min", limit=120, session=still.session)


def changed(frame, places, **cells):
    """Return a frame with other cells in some rows."""
    copy = frame.copy()
    for name, cell in cells.items():
        copy.iloc[places, copy.columns.get_loc(name)] = cell
    return copy


FAULTS = {
    "duplicates": (lambda rows: pd.concat([rows.iloc[: AT + 1], rows.iloc[AT:]]), "duplicates", AT, 1),
    "a falling time": (lambda rows: rows.iloc[[*range(AT), AT + 1, AT, *range(AT + 2, 120)]], "order", AT, 1),
    "a hole": (lambda rows: rows.drop(rows.index[AT : AT + 7]), "gap", AT, 7),
    "a price of 0": (lambda rows: changed(rows, [AT], low=0.0), "price", AT, 1),
    "a missing price": (lambda rows: changed(rows, [AT], close=np.nan), "price", AT, 1),
    "a candle that does not hold": (lambda rows: changed(rows, [AT, AT + 1], high=1.0), "candle", AT, 2),
    "a frozen stretch": (lambda rows: changed(rows, range(AT, AT + 31), close=7e4, volume=0.0), "frozen", AT + 1, 30),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found_at_its_place(candles, name):
    """With its count; a fault can have others as its consequence."""
    plant, check, place, count = FAULTS[name]
    odd = plant(candles)
    odd.attrs = candles.attrs
    findings = cx.quality(odd)
    (finding,) = findings[findings["check"] == check].itertuples()
    assert (candles.index[place], count) == (finding.place, finding.count)
    assert {"BTCUSDT"} == set(findings["market"])


def test_what_is_right_has_no_findings(candles):
    """Candles of the sandbox; the empty table has its dtypes, too."""
    findings = cx.quality(candles)
    assert findings.empty
    assert cx.quality(frames.klines()).empty
    assert pd.DatetimeTZDtype("ms", "UTC") == findings["place"].dtype


def test_a_crossed_book_is_found(still):
    """Whatever the level."""
    book = cx.spot_depth("BTCUSDT", session=still.session)
    assert cx.quality(book).empty
    odd = book.copy()
    odd.loc[("bid", 1), "price"] = odd.loc["ask", "price"].min() + 1
    odd.attrs = book.attrs
    assert ["crossed"] == cx.quality(odd)["check"].to_list()


def test_other_things_are_refused():
    """A frame of nobody, and what is no frame."""
    with pytest.raises(cx.InvalidArgument, match="of which table"):
        cx.quality(pd.DataFrame({"price": [1.0]}))
    with pytest.raises(cx.InvalidArgument, match="DataFrame or an archive"):
        cx.quality("./coinex")
