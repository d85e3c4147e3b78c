"""Frames in other tools: what people compute with, join on, and write to CSV, SQL and Excel."""

import contextlib
import io
import sqlite3
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import coinex_pandas as cx
from coinex_pandas.tables import export
from coinex_pandas.tables.kinds import CountKind, IdKind, NumberKind
from coinex_pandas.tables.secret import Secret
from tests.golden import samples
from tests.plot import frames

pytestmark = pytest.mark.sweep

ODD = [1e-8, 123456789.123456789, 5e-324, 1e22, 0.1 + 0.2, np.nan, 0.0]
"""Numbers whose shortest text has an exponent, or many digits."""


@pytest.mark.parametrize("name", cx.ROUTES)
def test_numbers_alone_are_the_tables_numbers_and_counts(name):
    """Of every table what is declared as a number or a count remains, whatever way numbers are read; ids do not."""
    for numbers in ("float", "decimal"):
        frame = samples.read(name, numbers=numbers)
        body = [column for column in cx.ROUTES[name].row.columns() if column.name in frame and len(frame[column.name])]
        numeric = set(frame.coinex.numeric)
        assert {column.name for column in body if isinstance(column.kind, IdKind)}.isdisjoint(numeric)
        assert numeric <= {column.name for column in body if isinstance(column.kind, NumberKind | CountKind)}
        floats = {column.name for column in body if isinstance(column.kind, NumberKind)}
        assert floats - {name for name in floats if frame[name].isna().all()} <= numeric


@pytest.mark.parametrize(
    "way",
    [
        lambda numbers: numbers.mean(),
        lambda numbers: numbers.pct_change(),
        lambda numbers: numbers.corr(),
        lambda numbers: numbers.rolling(3).mean(),
        lambda numbers: numbers.resample("5min").mean(),
        lambda numbers: numbers.diff(),
        np.log,
    ],
)
def test_candles_are_computed_with(way):
    """Mean, changes, correlation, windows and coarser periods need no list of columns."""
    candles = frames.klines()
    result = way(candles.coinex.numeric)
    expected = way(candles[["open", "close", "high", "low", "volume", "value"]])
    result = result[list(expected)] if isinstance(result, pd.DataFrame) else result
    assert expected.sort_index().equals(result.loc[expected.index].sort_index())


def test_numbers_alone_keep_the_notes():
    """What is known about the frame goes along, the market among it."""
    candles = frames.klines()
    assert candles.attrs == candles.coinex.numeric.attrs


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_as_unit_joins_frames_of_any_resolution(unit):
    """Every time of a frame, the index among them, gets the unit, and merge_asof takes it."""
    deals = samples.read("spot_deals")
    deals["seen"] = deals.index
    mine = pd.DataFrame({"mood": [3.5]}, index=pd.DatetimeIndex(["2020-02-02"], tz="UTC").as_unit(unit))
    result = deals.coinex.as_unit(unit)
    assert [f"datetime64[{unit}, UTC]"] * 2 == [str(result.index.dtype), str(result["seen"].dtype)]
    assert (deals.index == result.index).all()
    assert deals.index.name == result.index.name
    assert [3.5] == pd.merge_asof(result, mine, left_index=True, right_index=True)["mood"].unique().tolist()
    assert "ms" == deals.index.unit


@pytest.mark.parametrize("unit", ["s", "D", "", None])
def test_unit_that_loses_milliseconds_is_refused(unit):
    """Times would change; the error names what can be had."""
    with pytest.raises(cx.InvalidArgument, match="'ms', 'us' and 'ns'"):
        frames.klines().coinex.as_unit(unit)


def test_time_beyond_a_resolution_is_an_error_that_names_the_column():
    """Nanoseconds end in 2262, and the exchange has times after that."""
    frame = pd.DataFrame({"ends_at": pd.DatetimeIndex(["2511-03-04"], tz="UTC").as_unit("ms")})
    with pytest.raises(cx.InvalidArgument, match="ends_at"):
        frame.coinex.as_unit("ns")
    assert frame["ends_at"].tolist() == frame.coinex.as_unit("us")["ends_at"].tolist()


@pytest.mark.parametrize("numbers", ["float", "decimal", "text"])
@pytest.mark.parametrize("name", cx.ROUTES)
def test_every_table_goes_into_a_database(name, numbers):
    """SQLite takes each table; as many rows come back, and no secret among them."""
    frame = samples.read(name, numbers=numbers)
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        frame.coinex.to_sql("rows", database)
        result = pd.read_sql("select * from rows", database)
    assert len(frame) == len(result)
    assert {*filter(None, frame.index.names), *frame} <= {*result}
    for column in frame:
        cells = [cell for cell in frame[column] if isinstance(cell, Secret)]
        assert ["***"] * len(cells) == [cell for cell in result[column] if cells]


def test_lists_and_decimals_are_text_that_tells_all():
    """A tuple is a JSON list, a decimal is written out digit by digit, what is missing is missing."""
    amounts = [Decimal("0.00000000000000000042"), Decimal("7E+3")]
    nested = [({"price": Decimal("1E-9"), "at": pd.Timestamp("2031-01-02", tz="UTC")},), ()]
    frame = pd.DataFrame({"leverage": [(3, 50), None], "amount": amounts, "stops": nested, "side": ["buy", None]})
    frame["side"] = frame["side"].astype("category")
    result = frame.coinex.plain()
    assert "[3, 50]" == result["leverage"].iloc[0]
    assert result["leverage"].isna().iloc[1]
    assert ['[{"price": "0.000000001", "at": "2031-01-02 00:00:00+00:00"}]', "[]"] == result["stops"].tolist()
    assert ["0.00000000000000000042", "7000"] == result["amount"].tolist()
    assert "str" == str(result["side"].dtype)
    assert "buy" == result["side"].iloc[0]
    assert result["side"].isna().iloc[1]
    assert "category" == str(frame["side"].dtype)


def test_csv_has_all_digits_and_no_exponent(tmp_path):
    """Floats come back bit by bit, decimals digit by digit, and no number is written with an exponent."""
    frame = pd.DataFrame({"price": ODD, "exact": [Decimal("1E-18"), *[Decimal("2.50")] * 6], "count": range(7)})
    text = frame.coinex.to_csv()
    assert "e-" not in text.lower()
    assert "e+" not in text.lower()
    result = pd.read_csv(io.StringIO(text), index_col=0, dtype=str)
    assert [repr(price) for price in ODD] == [repr(float(cell)) for cell in result["price"]]
    assert ["0.000000000000000001", *["2.50"] * 6] == result["exact"].tolist()
    assert frame.coinex.to_csv(tmp_path / "rows.csv", index=False, sep=";") is None
    assert "price;exact;count" == (tmp_path / "rows.csv").read_text().splitlines()[0]


@pytest.mark.parametrize("numbers", ["float", "decimal", "text"])
@pytest.mark.parametrize("name", cx.ROUTES)
def test_every_table_fits_a_sheet(name, numbers):
    """No time has a zone, no whole number more digits than a sheet keeps, no cell is a list, a decimal or a secret."""
    frame = samples.read(name, numbers=numbers)
    result = export.for_excel(frame)
    flat = result.reset_index()
    assert list(frame) == list(result)
    assert not [name for name, dtype in flat.dtypes.items() if isinstance(dtype, pd.DatetimeTZDtype)]
    assert not [cell for column in flat for cell in flat[column] if isinstance(cell, tuple | list | Decimal | Secret)]
    whole = flat.select_dtypes(["int64", "Int64"])
    assert not (whole.abs() >= 10**15).any().any()


def test_sheet_has_utc_times_exact_ids_and_numbers():
    """A time is its UTC wall clock, an id that a double cannot hold is text, a decimal is a number to sum."""
    times = pd.DatetimeIndex(["2031-07-08 23:59:59.123"], tz="Asia/Tokyo").as_unit("ms")
    frame = pd.DataFrame({"deal_id": [9007199254740993], "amount": [Decimal("0.1")], "seen": times}, index=times)
    result = export.for_excel(frame)
    assert ["9007199254740993"] == result["deal_id"].tolist()
    assert [0.1] == result["amount"].tolist()
    assert [pd.Timestamp("2031-07-08 14:59:59.123")] == result["seen"].tolist() == result.index.tolist()
    by_id = export.for_excel(pd.DataFrame({"one": [1]}, index=pd.Index([9007199254740995], name="order_id")))
    assert ["9007199254740995"] == by_id.index.tolist()


def test_sheet_is_written_by_pandas(monkeypatch):
    """The accessor gives pandas the frame for a sheet, and the names."""
    written = []

    def write(frame, path, **settings):
        written.append((frame, path, settings))

    monkeypatch.setattr(pd.DataFrame, "to_excel", write)
    candles = frames.klines()
    candles.coinex.to_excel("candles.xlsx", sheet_name="BTC", index=False)
    ((frame, path, settings),) = written
    assert ("candles.xlsx", {"sheet_name": "BTC", "index": False}) == (path, settings)
    pd.testing.assert_frame_equal(export.for_excel(candles), frame)
