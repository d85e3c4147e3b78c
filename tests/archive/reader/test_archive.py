"""An archive answers each call that was captured as the exchange did then: frame, dtypes, order, notes."""

import inspect
import itertools
import json
import shutil
import subprocess
import warnings

import pandas as pd
import pytest

import coinex_pandas as cx
from coinex_pandas.archive.raw.proof import verify
from coinex_pandas.archive.reader.archive import open_archive
from coinex_pandas.archive.tables.build import rebuild
from tests.archive.conftest import START
from tests.plot.frames import klines
from tests.profiles import NAME

pytestmark = [pytest.mark.usefixtures("unpaced"), pytest.mark.filterwarnings("ignore::coinex_pandas.IncompleteWarning")]

OTHERS = {"venue", "archive", "fetched_at", "freshness", "request"}
"""Notes that say from where and when a frame is."""


def calls(captured):
    """Return each captured call, once."""
    tasks = captured.coverage[~captured.coverage["is_probe"]]
    for table, params, start in dict.fromkeys(zip(tasks["table"], tasks["params"], tasks["from"], strict=True)):
        settings = json.loads(params)
        if not pd.isna(start):
            settings["start"] = start
        yield table, settings


def notes(frame):
    """Return a frame's notes that do not depend on where it is from."""
    return {name: note for name, note in frame.attrs["coinex"].items() if name not in OTHERS}


@pytest.mark.parametrize(("numbers", "step"), [("float", 1), ("decimal", 5), ("text", 4)])
def test_every_captured_call_gives_the_same_frame(captured, numbers, step):
    """Bit by bit, whatever way numbers are read; exact ones of some calls."""
    count = 0
    for table, settings in itertools.islice(calls(captured), 0, None, 1 if NAME == "long" else step):
        if "numbers" in inspect.signature(getattr(cx, table)).parameters:
            settings["numbers"] = numbers
        live, mine = captured.live(table, **settings), getattr(captured.archive, table)(**settings)
        assert notes(live) == notes(mine), table
        live.attrs, mine.attrs = {}, {}
        pd.testing.assert_frame_equal(live, mine, check_exact=True, obj=table)
        count += 1
    assert count > 60 // step


def test_a_part_of_a_range_is_that_part_of_the_exchange_s(captured):
    """A start and an end that were not captured as such, of candles and of deals of one's own."""
    for table, settings in (
        ("futures_klines", {"market": "ETHUSDT", "period": "1hour", "start": "2026-05-29 03:00", "end": "2026-05-30"}),
        ("spot_user_deals", {"market": "BTCUSDT", "start": "2026-06-01"}),
        ("futures_funding_rate_history", {"market": "BTCUSDT", "start": "2026-05-30", "end": "2026-06-01"}),
    ):
        live, mine = captured.live(table, **settings), getattr(captured.archive, table)(**settings)
        assert len(live), table
        assert mine.attrs["coinex"]["complete"], table
        live.attrs, mine.attrs = {}, {}
        pd.testing.assert_frame_equal(live, mine, check_exact=True, obj=table)


def test_some_markets_of_all(captured):
    """A cross-section of a few markets is taken out of the one of all, in the order of the names."""
    names = ["ETHUSDT", "BTCUSDT"]
    live, mine = captured.live("spot_tickers", market=names), captured.archive.spot_tickers(names)
    assert names == list(mine.index)
    pd.testing.assert_frame_equal(live, mine, check_exact=True)


def test_what_was_never_captured_is_an_error_with_what_there_is(captured):
    """Another market, another period, a table of which there is nothing."""
    archive = captured.archive
    with pytest.raises(cx.CoinExError, match=r"futures_klines\(market=DOGEUSDT, period=1hour\) was never captured"):
        archive.futures_klines("DOGEUSDT", "1hour", start=START)
    with pytest.raises(cx.CoinExError, match=r"1day.*1hour|1hour.*1day"):
        archive.futures_klines("BTCUSDT", "1min", start=START)
    with pytest.raises(cx.CoinExError, match="deposit_address was never captured"):
        archive.deposit_address("BTC", "BTC")


def test_a_range_that_was_captured_in_part_says_so(captured):
    """Rows that are there come; a warning and the notes say what is missing."""
    with pytest.warns(cx.IncompleteWarning, match="captured from 2026-05-28 00:00 UTC on"):
        frame = captured.archive.spot_klines("BTCUSDT", "1hour", start="2026-05-20")
    assert not frame.attrs["coinex"]["complete"]
    assert pd.Timestamp("2026-05-28", tz="UTC") == frame.index[0]


def test_nothing_can_be_changed(captured):
    """The verbs are no methods, and a session of the archive refuses them."""
    assert not hasattr(captured.archive, "spot_place_order")
    with pytest.raises(cx.NotEnabled, match="can only be read"):
        cx.spot_place_order("BTCUSDT", "buy", "limit", "1", "1", session=captured.archive.session)


def test_a_table_has_the_rows_of_all_captures_and_where_they_are_from(captured):
    """With the parameters that the rows do not hold, the time of capture, and the line of the reply."""
    table = captured.archive.table("spot_klines", numbers="decimal")
    assert {"1day", "1hour"} == set(table["period"])
    assert table.columns[-2:].to_list() == ["captured_at", "record"]
    assert table["record"].str.fullmatch(r"\d{8}\.jsonl\.zst:\d+").all()
    assert not table.duplicated(["market", "period", "created_at"]).any()
    assert klines().index.name == captured.archive.spot_klines("BTCUSDT", "1day", start=START).index.name


def test_an_archive_shows_itself(captured):
    """Its methods are completed, with the functions' signatures; its repr is short."""
    assert "futures_klines" in dir(captured.archive)
    assert ["market", "period"] == [*inspect.signature(captured.archive.futures_klines).parameters][:2]
    assert "session" not in inspect.signature(captured.archive.futures_klines).parameters
    assert 200 > len(repr(captured.archive))


def test_rebuilding_changes_nothing(captured, tmp_path):
    """Twice is once; and from nothing the same tables come."""
    copy = tmp_path / "copy"
    shutil.copytree(captured.archive.path, copy)
    files = {path: path.read_bytes() for path in (copy / "data").rglob("*.parquet")}
    rebuild(copy)
    assert files == {path: path.read_bytes() for path in (copy / "data").rglob("*.parquet")}
    torn = copy / "data/tables/spot_klines/day=2026-05-30/part-000009.parquet"
    torn.write_bytes(b"PAR1 and no more")  # what a process leaves that is ended while it writes
    rebuild(copy, fresh=True)
    assert not torn.exists()
    for table in captured.archive.tables:
        left, right = (archive.table(table) for archive in (captured.archive, open_archive(copy)))
        left.attrs, right.attrs = {}, {}
        pd.testing.assert_frame_equal(left, right, check_exact=True, obj=table)
    assert verify(copy, deep=True).empty


def test_other_tools_find_the_bag_whole(captured):
    """``sha256sum`` and the library bagit."""
    path = captured.archive.path
    subprocess.run(["sha256sum", "--check", "--quiet", "manifest-sha256.txt"], cwd=path, check=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own deprecations
        import bagit

        assert bagit.Bag(str(path)).is_valid()


def test_no_key_is_stored(captured):
    """Neither the access id nor the secret nor a signature, in no file, packed or not."""
    import zstandard

    key = captured.session._credentials.access_id
    for path in captured.archive.path.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            if path.suffix == ".zst":
                data += zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True).read()
            assert str(key).encode() not in data, path
            assert b"X-COINEX" not in data, path


def test_a_captured_exchange_has_no_faults(captured):
    """In all tables at once; where the sandbox's clock jumped, candles may stand still or be missing."""
    findings = cx.quality(captured.archive)
    assert set(findings["check"]) <= {"frozen", "gap"}
