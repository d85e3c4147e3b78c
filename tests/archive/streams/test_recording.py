"""What was recorded has the rows that the stream had, to the last digit, whatever happened to the connection."""

import pandas as pd
import pytest

import coinex_pandas as cx
from coinex_pandas.archive.raw.proof import verify
from coinex_pandas.archive.streams.recording import record
from tests.archive.streams.conftest import notes, records, tables
from tests.waiting import until

PUBLIC = sorted(name for name, known in cx.CHANNELS.items() if known.private is None)


def same(whole, actual):
    """Demand the same rows, columns, dtypes and order, from the first row on that was recorded.

    What came while the stream ended was recorded, too.
    """
    stamps, stored = (frame.reset_index()["received_at"] for frame in (whole, actual))
    expected = whole[(stamps >= stored.iloc[0]).to_numpy()]
    assert len(expected) <= len(actual)
    pd.testing.assert_frame_equal(
        expected, actual.drop(columns="record").head(len(expected)), check_exact=True, check_categorical=False
    )


@pytest.mark.parametrize("name", PUBLIC)
def test_a_recording_has_the_rows_of_its_stream(exchange, tmp_path, name):
    """Of every public channel."""
    exchange()
    with getattr(cx.live, name)("BTCUSDT") as stream, record(stream, tmp_path) as recording:
        stream.wait(rows=len(stream.df) + 20 if "depth" not in name else 20, seconds=60)
        stream.stop()
        expected = stream.history if "depth" in name else stream.df
    rows, coverage = tables(tmp_path)
    same(expected, rows[name])
    assert len(rows[name]) == coverage[name].rows
    assert ("BTCUSDT",) == coverage[name].names
    assert verify(tmp_path, deep=True).empty
    assert recording.frames > 0
    assert recording.error is None


FAULTS = {
    "drop_socket": [9],
    "corrupt_gzip": [7, 12],
    "truncate_push": [8],
    "duplicate_push": [5, 6, 11],
    "reorder_push": [10],
    "gzip_bomb": [14],
}


@pytest.mark.parametrize("name", ["futures_deals", "spot_tickers", "futures_depth"])
def test_what_was_missed_and_recovered_is_recorded(exchange, returning, tmp_path, name):
    """Frames that were lost, came again or too late, and connections that broke off: the same rows and gaps."""
    sandbox = exchange(faults={"refuse_socket": 1.0})
    markets = ["BTCUSDT"] if "depth" in name else ["BTCUSDT", "ETHUSDT"]
    with getattr(cx.live, name)(*markets) as stream, record(stream, tmp_path):
        sandbox.faults.set(FAULTS | ({"wrong_checksum": [4, 13]} if "depth" in name else {}))
        assert until(lambda: len(stream.gaps) >= 3 and stream.stats.reconnects >= 2)
        sandbox.faults.set(None)
        assert until(lambda: stream.gaps["end"].notna().all() and "live" == stream.state)
        stream.stop()
        expected, gaps = stream.history if "depth" in name else stream.df, stream.gaps
    rows, coverage = tables(tmp_path)
    for market, part in expected.groupby(
        "market", observed=True
    ):  # which of two markets is first depends on the moment
        same(part, rows[name][rows[name]["market"] == market])
    pd.testing.assert_frame_equal(
        gaps.drop(columns="after_row"), coverage[name].gaps.drop(columns="after_row"), check_like=True
    )
    assert len(gaps) <= len(notes(tmp_path, "gap opened")) == len(notes(tmp_path, "gap closed"))
    assert len(notes(tmp_path, "disconnected")) >= 2
    assert any("bad" in each.facts for _, each in records(tmp_path))
    if name == "futures_deals":
        assert any(each.kind == "http" and "/futures/deals" in each.facts["url"] for _, each in records(tmp_path))
        assert not rows[name].duplicated(["market", "deal_id"]).any()


def test_only_the_channels_that_are_recorded_are_stored(exchange, tmp_path):
    """A connection carries other streams, too; each recorded frame is stored once."""
    exchange()
    with (
        cx.live.futures_tickers("BTCUSDT"),
        cx.live.futures_deals("BTCUSDT") as one,
        cx.live.futures_deals("ETHUSDT") as other,
        record(one, tmp_path),
        record(other, tmp_path) as second,
    ):
        for stream in (one, other):
            stream.wait(rows=len(stream.df) + 20, seconds=60)
    pushes = [each for _, each in records(tmp_path) if each.kind == "ws" and b'"method"' in each.body]
    assert {b"deals.update"} == {each.body.partition(b'"method"')[2].split(b'"')[1] for each in pushes}
    numbers = [(each.facts["conn"], each.facts["n"]) for each in pushes]
    assert sorted(set(numbers)) == sorted(numbers)
    rows, _ = tables(tmp_path)
    assert {"BTCUSDT", "ETHUSDT"} == set(rows["futures_deals"]["market"])
    assert "stopped" in repr(second)


def test_rows_that_fall_out_are_in_the_archive(exchange, tmp_path):
    """A bounded stream that is recorded loses nothing."""
    exchange()
    with cx.live.futures_deals("BTCUSDT", keep=10) as stream, record(stream, tmp_path):
        known = stream.stats.rows
        stream.wait(rows=known + 150, seconds=60)
        stream.stop()
        assert len(stream.df) <= 10
    rows, _ = tables(tmp_path)
    assert len(rows["futures_deals"]) >= 100  # its first push may have come between
    deals = rows["futures_deals"]
    same(stream.df, deals[deals["deal_id"].isin(stream.df["deal_id"])])


def test_a_recording_ends_with_its_stream(exchange, tmp_path):
    """And the archive is closed then, so that another process may write."""
    exchange()
    stream = cx.live.futures_deals("BTCUSDT").wait(rows=1, seconds=60)
    recording = record(stream, tmp_path)
    stream.stop()
    assert until(lambda: recording._queue.is_left)
    recording.stop()
    recording.stop()
    assert ["the stream has ended"] == [each["reason"] for each in notes(tmp_path, "recording end")]
    with pytest.raises(cx.InvalidArgument, match="ended"):
        record(stream, tmp_path)


def test_a_stream_is_recorded_once_in_an_archive(exchange, tmp_path):
    """The second time is a mistake; other archives may have it, too."""
    exchange()
    with cx.live.futures_deals("BTCUSDT") as stream, record(stream, tmp_path / "a"), record(stream, tmp_path / "b"):
        with pytest.raises(cx.InvalidArgument, match="already"):
            record(stream, tmp_path / "a")
        stream.wait(rows=len(stream.df) + 20, seconds=60)
    for name in "ab":
        rows, _ = tables(tmp_path / name)
        assert len(rows["futures_deals"])


def test_only_streams_are_recorded(tmp_path):
    """Anything else is an InvalidArgument, and no folder is made."""
    with pytest.raises(cx.InvalidArgument, match="stream"):
        record(pd.DataFrame(), tmp_path / "a")
    assert not (tmp_path / "a").exists()
