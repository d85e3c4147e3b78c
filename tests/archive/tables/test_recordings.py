"""What streams recorded becomes tables: every row, every digit, beside what was captured."""

import re
from contextlib import ExitStack, contextmanager

import pandas as pd
import pytest

import coinex_pandas as cx
from coinex_pandas.archive.description.definitions import definition_of, stream_table
from coinex_pandas.archive.raw.proof import verify
from coinex_pandas.archive.streams.recording import record
from coinex_pandas.archive.tables.build import rebuild
from coinex_pandas.tables.kinds import NumberKind
from tests.archive.streams.conftest import closed, records
from tests.live.conftest import exchange, looking_often, no_thread_left, returning
from tests.waiting import until

__all__ = ["closed", "exchange", "looking_often", "no_thread_left", "returning"]

NAMES = [name for name in cx.CHANNELS if not name.endswith(("_notices", "_stops"))]


@contextmanager
def recorded(path, names, *markets):
    """Record streams until each public one has some rows, those of an account one."""
    with ExitStack() as stack:
        streams = []
        for name in names:
            own = () if cx.CHANNELS[name].private else markets
            streams.append(stack.enter_context(getattr(cx.live, name)(*own)))
            stack.enter_context(record(streams[-1], path))
        known = [len(whole(each)) for each in streams]
        yield streams
        for each, before in zip(streams, known, strict=True):
            rows = 1 if cx.CHANNELS[each.name].private else before + 8
            assert until(lambda each=each, rows=rows: len(whole(each)) >= rows)
            each.stop()


def whole(stream):
    """Return all rows of a stream."""
    return stream.history if stream.name.endswith("_depth") else stream.df


def test_every_channel_becomes_a_table(exchange, unpaced, tmp_path):
    """With the rows of the stream, as floats, and as SQL and others read them; twice is a no-op."""
    exchange(speed=20.0)
    with recorded(tmp_path, NAMES, "BTCUSDT") as streams:
        cx.spot_place_order("BTCUSDT", "buy", "market", "0.01", ccy="BTC")
        cx.futures_place_order("BTCUSDT", "buy", "market", "0.01")
    coverage = rebuild(tmp_path)
    archive = cx.archive.open(tmp_path)
    for stream in streams:
        expected = whole(stream).reset_index(drop=not any(whole(stream).index.names))
        actual = archive.table(stream_table(stream.name))
        expected = expected[expected["received_at"] >= actual["captured_at"].min()]  # it may know some before
        if stream.name.endswith("_deals"):
            expected = expected.sort_values(["created_at", "deal_id"])
        same(expected.reset_index(drop=True), actual, stream.name)
        assert len(actual) == coverage.loc[coverage["table"] == stream_table(stream.name), "rows"].item()
        assert len(actual) == archive.sql(f"select * from {stream_table(stream.name)}").shape[0]
        exact(archive, tmp_path, stream_table(stream.name))
    assert coverage["complete"].all()
    assert set(coverage["gaps"]) == {0}
    files = {each: each.read_bytes() for each in (tmp_path / "data").rglob("*.parquet")}
    pd.testing.assert_frame_equal(coverage, rebuild(tmp_path))
    assert files == {each: each.read_bytes() for each in (tmp_path / "data").rglob("*.parquet")}
    pd.testing.assert_frame_equal(coverage, rebuild(tmp_path, fresh=True))
    assert verify(tmp_path, deep=True).empty


def same(expected, actual, name):
    """Demand the rows of a stream in a table, which may have some more: what came while the stream ended."""
    actual = actual.head(len(expected))
    names = [name for name in expected.columns if name != "received_at" and not name.endswith("_list")]
    left, right = expected[names].astype(object), actual[names].astype(object)
    pd.testing.assert_frame_equal(left, right, check_dtype=False, obj=name)
    assert (expected["received_at"].to_numpy() == actual["captured_at"].to_numpy()).all()


def exact(archive, path, table):
    """Demand that a number's text stands in the record that the row is from; a book's rows are of many records."""
    definition, texts = definition_of(table), archive.table(table, numbers="text")
    if table.endswith("_depth"):
        return
    bodies = {place: each.body.decode() for place, each in records(path)}
    numbers = [column.name for column in definition.row.columns() if isinstance(column.kind, NumberKind)]
    for row in texts.head(30).to_dict("records"):
        if '"method"' not in bodies[row["record"]]:
            continue  # rows that came over HTTP: the note has them as they were decoded
        said = set(re.findall(r'"(-?[\d.]+)"', bodies[row["record"]]))
        told = {row[name] for name in numbers if isinstance(row[name], str)}
        assert told <= said | {"0"}, (table, told - said, row, bodies[row["record"]])


def test_two_recordings_of_one_market_have_each_deal_once(exchange, tmp_path):
    """What was recorded later joins the table, and the function of the exchange reads it there."""
    exchange()
    with recorded(tmp_path, ["futures_deals", "futures_deals"], "BTCUSDT") as streams:
        pass
    rebuild(tmp_path)
    with recorded(tmp_path, ["futures_deals", "spot_deals"], "BTCUSDT", "ETHUSDT") as more:
        pass
    coverage = rebuild(tmp_path)
    assert 6 == len(coverage)
    archive = cx.archive.open(tmp_path)
    deals = archive.table("futures_deals", market="BTCUSDT")
    assert not deals.duplicated(["deal_id"]).any()
    known = {*streams[0].df["deal_id"], *more[0].df.loc[more[0].df["market"] == "BTCUSDT", "deal_id"]}
    assert known >= set(deals["deal_id"])
    frame = archive.futures_deals("BTCUSDT", limit=7)
    assert deals["deal_id"].tail(7).to_list() == frame["deal_id"].to_list()
    assert frame.attrs["coinex"]["archive"] == str(tmp_path)
    assert {"BTCUSDT", "ETHUSDT"} == set(archive.table("spot_deals")["market"])


def test_what_a_table_does_not_have_is_an_error(exchange, tmp_path):
    """Its name, or a column."""
    exchange()
    with recorded(tmp_path, ["spot_tickers"], "BTCUSDT"):
        pass
    rebuild(tmp_path)
    archive = cx.archive.open(tmp_path)
    assert ["live_spot_tickers"] == archive.tables
    with pytest.raises(cx.InvalidArgument, match="no table live_tickers"):
        archive.table("live_tickers")
    with pytest.raises(cx.InvalidArgument, match="no column ccy"):
        archive.table("live_spot_tickers", ccy="BTC")
    with pytest.raises(cx.NotCaptured, match="live_futures_tickers"):
        archive.table("live_futures_tickers")


def test_who_records_must_stop_first(exchange, tmp_path):
    """The error says that this process is the one; right after the end the tables can be made."""
    exchange()
    with cx.live.spot_tickers("BTCUSDT") as stream:
        recording = record(stream, tmp_path)
        with pytest.raises(cx.ArchiveBusy, match="stop their recordings first"):
            rebuild(tmp_path)
        with pytest.raises(cx.ArchiveBusy, match="stop their recordings first"):
            cx.archive.capture(tmp_path, "public", tables=["spot_markets"])
        stream.wait(rows=3, seconds=60)
        recording.stop()
        assert len(rebuild(tmp_path))
