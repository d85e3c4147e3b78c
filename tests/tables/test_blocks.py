"""Frames belong to the caller: writable, independent, and with notes that survive."""

import json
import pickle

import pandas as pd
import pytest

import coinex_pandas as cx
from coinex_pandas.tables import blocks
from coinex_pandas.tables.secret import SecretKind
from tests.golden import samples

pytestmark = pytest.mark.sweep


@pytest.fixture(scope="module")
def tables(still, lived_in):
    """Give a frame of every endpoint as the sandbox answers: of several the longest."""
    calls = {name: samples.sample(name)["call"] for name in cx.ROUTES if not cx.ROUTES[name].signed}
    public = {
        name: getattr(cx, name)(*call["args"], **call["kwargs"], session=still.session) for name, call in calls.items()
    }
    return public | {name: max(frames, key=len) for name, frames in lived_in.frames.items()}


@pytest.fixture(scope="module")
def storable(tables):
    """Return the columns of each frame that can be stored: all but secrets, which refuse."""
    return {name: frame.drop(columns=secrets_of(name)) for name, frame in tables.items()}


def lists_of(frame):
    """Return the columns whose cells are short lists."""
    return [name for name, dtype in frame.dtypes.items() if str(dtype) == "object"]


def wordless(frame):
    """Return the dtypes of columns of words without any word: Parquet may not keep which there could be."""
    empty = frame[[name for name in frame if frame[name].isna().all()]]
    return {name: dtype for name, dtype in empty.dtypes.items() if str(dtype) == "category"}


def secrets_of(name):
    """Return the columns of a table whose cells are masked."""
    return [column.name for column in cx.ROUTES[name].row.columns() if isinstance(column.kind, SecretKind)]


@pytest.mark.parametrize("name", cx.ROUTES)
def test_frames_can_be_written(name):
    """Every cell of a frame can be set: no array below it is read-only."""
    result = samples.read(name)
    result = result.drop(columns=lists_of(result))  # pandas takes a tuple for several cells
    for at in range(result.shape[1]):
        result.iloc[0, at] = result.iloc[-1, at]
    assert result.iloc[[0]].reset_index(drop=True).equals(result.iloc[[-1]].reset_index(drop=True))


def test_frames_are_independent():
    """What is written into one frame shows in no other, whether it is older or newer."""
    before, result = samples.read("spot_deals"), samples.read("spot_deals")
    result.iloc[0, 2] = 1e9
    result.iloc[0, 1] = "buy"
    result["side"] = result["side"].cat.add_categories("none")
    after = samples.read("spot_deals")
    assert before.equals(after)
    assert [1e9, "buy", 3] == [result["price"].iloc[0], result["side"].iloc[0], len(result["side"].cat.categories)]
    assert ["buy", "sell"] == list(after["side"].cat.categories)


def test_renaming_columns_renames_no_other_frame():
    """Columns share one Index between frames, and yet belong to each."""
    result = samples.read("spot_deals")
    result.columns = [name.upper() for name in result]
    result.index.name = "when"
    assert ["deal_id", "side", "price", "amount"] == list(samples.read("spot_deals"))
    assert "created_at" == samples.read("spot_deals").index.name


@pytest.mark.parametrize("name", cx.ROUTES)
def test_notes_are_json(tables, name):
    """The notes of a frame are plain JSON, so that they can be stored with it."""
    notes = tables[name].attrs["coinex"]
    assert notes == json.loads(json.dumps(notes, allow_nan=False))


@pytest.mark.parametrize("name", cx.ROUTES)
def test_notes_survive_copies(tables, name):
    """A copy, a slice and a chosen column keep the notes; changing the copy's leaves the frame's alone."""
    frame = tables[name]
    copy = frame.copy()
    for result in (copy, frame.iloc[:1], frame[[frame.columns[0]]]):
        assert frame.attrs == result.attrs
    copy.attrs["coinex"]["table"] = "mine"
    assert name == frame.attrs["coinex"]["table"]


@pytest.mark.parametrize("name", cx.ROUTES)
def test_frames_survive_parquet(storable, name, tmp_path):
    """A frame comes back from Parquet with its index, columns, dtypes, cells and notes."""
    frame = storable[name]
    frame.to_parquet(tmp_path / "frame.parquet")
    back = pd.read_parquet(tmp_path / "frame.parquet")
    assert frame.attrs == back.attrs
    assert samples.shape(frame)["columns"] == samples.shape(back)["columns"]
    lists = lists_of(frame)  # tuples come back as arrays; and pandas brings an index level of Int64 back as int64
    plain = frame.drop(columns=lists)
    again = back.drop(columns=lists).astype(wordless(plain))
    pd.testing.assert_frame_equal(plain, again, check_index_type=False)
    assert [[*map(tuple, frame[name])] for name in lists] == [[*map(tuple, back[name])] for name in lists]


@pytest.mark.parametrize("name", cx.ROUTES)
def test_frames_survive_pickling(storable, name):
    """A frame comes back from a pickle, as it does from another process."""
    frame = storable[name]
    back = pickle.loads(pickle.dumps(frame))
    assert frame.equals(back)
    assert frame.attrs == back.attrs


def test_a_pandas_without_the_quick_ways_gives_the_same_frames(monkeypatch):
    """Where a private name is missing, or answers differently, the public way takes its place."""
    quick = samples.read("futures_tickers"), samples.read("futures_deals"), samples.read("futures_index_prices")
    for name in ("_private_utc", "_private_texts", "_private_text_index", "_private_time_index"):
        monkeypatch.setattr(blocks, name, lambda *_: 1 / 0)
    monkeypatch.delattr("pandas.api.internals.create_dataframe_from_blocks")
    blocks._ways.cache_clear()
    try:
        public = (blocks._public_utc, blocks._public_texts, blocks._public_index, blocks._public_index)
        assert (*public, blocks._plain_frame) == blocks._ways()
        plain = samples.read("futures_tickers"), samples.read("futures_deals"), samples.read("futures_index_prices")
    finally:
        monkeypatch.undo()
        blocks._ways.cache_clear()
    for one, other in zip(quick, plain, strict=True):
        pd.testing.assert_frame_equal(one, other)
