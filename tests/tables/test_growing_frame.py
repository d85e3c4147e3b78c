"""The snapshots of a table that grows copy nothing and stay what they are."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from msgspec import Raw

from coinex_pandas.tables import growing_arrays
from coinex_pandas.tables.growing_frame import GrowingFrame
from coinex_pandas.tables.rows.market import Deal
from tests.live.everything import DTYPES, MARKETS, Everything, address, filled, memory, parts, row, told, wide

ZERO_COPY = ("market", "deal_id", "side", "price", "amount", "count", "flag", "until", "seen", "text", "received_at")


def places(frame):
    """Return where the memory of each column begins, and of the index."""
    result = {name: address(raw(frame[name].array)) for name in ZERO_COPY}
    return result | {"created_at": address(raw(frame.index.array))}


def raw(array):
    """Return the numpy array that a column lies in."""
    for name in ("_codes", "_data", "_ndarray"):
        if hasattr(array, name):
            return getattr(array, name)
    return array.to_numpy()


def test_snapshots_copy_nothing():
    """Two snapshots lie in the table's own memory, whatever the column's kind; so does a part of one."""
    table = filled()
    frame = table.frame()
    assert places(frame) == places(table.frame())
    later = places(table.frame(3))
    assert {3 * 8, 3} == {later[name] - place for name, place in places(frame).items()}
    for name in ("market", "deal_id", "created_at", "received_at"):
        assert address(table.column(name)) == places(frame)[name]
    assert np.shares_memory(frame["price"].to_numpy(), table.arrays.extent.memory.arrays[0])
    assert np.shares_memory(frame["count"].array._mask, table.frame()["count"].array._mask)


def test_appending_moves_nothing_while_there_is_room():
    """Rows stay where they are until the capacity is reached, and then move once; texts are only referred to."""
    table = filled(50, 64)
    before = places(table.frame())
    table.append(parts(table, range(14)))
    assert before == places(table.frame())
    table.append(parts(table, range(1)))
    after = places(table.frame())
    assert not set(before.values()) & set(after.values())
    table.append(parts(table, range(5000)))
    assert after | {"text": 0} == places(table.frame()) | {"text": 0}


def test_memory_is_used_again_unless_somebody_can_see_it():
    """Dropped rows' room is filled in place; while a snapshot is alive the rows move elsewhere instead."""
    for is_seen in (False, True):
        table = filled(50, 64)
        frame = table.frame()
        before, expected = places(frame), told(frame)
        if not is_seen:
            del frame
        table.drop_before(40)
        table.append(parts(table, range(50)))
        assert is_seen != (before == places(table.frame()))
        assert not is_seen or expected == told(frame)


HOLDERS = {
    "column": lambda frame: frame["deal_id"],
    "index": lambda frame: frame.index,
    "values": lambda frame: frame["price"].to_numpy()[::2],
    "part": lambda frame: frame.iloc[5:9]["price"].iloc[1:].array,
    "memoryview": lambda frame: memoryview(frame["price"].to_numpy()),
    "arrow": lambda frame: pytest.importorskip("pyarrow").array(frame["deal_id"].to_numpy()),
}


@pytest.mark.parametrize("holder", HOLDERS)
def test_whatever_looks_keeps_the_memory(holder):
    """A column, an index, an array, a buffer, each keeps what it shows when rows are put before others."""
    table = filled()
    held = HOLDERS[holder](table.frame())
    expected = list(held)
    table.insert(0, parts(table, range(900, 901)))
    table.drop_before(3)
    table.append(parts(table, range(900, 950)))
    assert expected == list(held)


@pytest.mark.parametrize("fewer", [-2, 0, 1, 2, 3])
def test_whatever_looks_keeps_the_memory_however_an_interpreter_counts(fewer, monkeypatch):
    """Whether somebody looks is not told by a fixed count: Python 3.14 counts a call's own references no more."""
    real_count = sys.getrefcount
    monkeypatch.setattr(growing_arrays.sys, "getrefcount", lambda array: real_count(array) - fewer)
    for is_seen in (False, True):
        table = filled()
        holder = table.frame()["price"]
        before, expected = places(table.frame()), list(holder)
        if not is_seen:
            del holder
        table.insert(0, parts(table, range(900, 901)))
        assert is_seen != (before == places(table.frame()))
        assert not is_seen or expected == list(holder)


@pytest.mark.parametrize("count", [1, 126, 127, 128, 300])
def test_codes_of_any_number_of_markets_are_not_copied(count):
    """Codes go to pandas unchanged, in one byte up to 126 words and in two beyond."""
    markets = tuple(f"M{at}USDT" for at in range(count))
    table = GrowingFrame(Deal, markets)
    rows = [Deal(deal_id=at, created_at=at, side="buy", price=1.0, amount=1.0) for at in range(count)]
    table.append(table.parts(rows, [(at, 5, 1) for at in range(count)]))
    frame = table.frame()
    codes = frame["market"].array._codes
    assert np.shares_memory(codes, table.column("market"))
    assert ("int8" if count < 127 else "int16", list(markets)) == (str(codes.dtype), list(frame["market"]))
    assert list(markets) == list(frame["market"].cat.categories)


def test_words_that_are_not_documented_join_in_until_there_is_no_code_left():
    """New words stand behind the documented ones; the 127th of all is missing, and nothing breaks."""
    table = GrowingFrame(Deal, MARKETS)
    sides = [f"side{at}" for at in range(200)]
    rows = [Deal(deal_id=at, created_at=at, side=side, price=1.0, amount=1.0) for at, side in enumerate(sides)]
    table.append(table.parts(rows, [(0, 5, 200)]))
    result = table.frame()["side"]
    assert ["buy", "sell", *sides[:124]] == list(result.cat.categories)
    assert sides[:124] == list(result[:124])
    assert result[124:].isna().all()
    assert np.shares_memory(result.array._codes, table.column("side"))


def test_code_is_what_is_stored():
    """A word's code is the one that stands in the column."""
    table = filled()
    assert [1] == list({table.code("market", "ETHUSDT")} & set(table.column("market").tolist()))


def test_nbytes_counts_the_rows():
    """The bytes are those of the rows that are there: 42 for a deal."""
    table = GrowingFrame(Deal, MARKETS)
    rows = [Deal(deal_id=at, created_at=at, side="buy", price=1.0, amount=1.0) for at in range(100)]
    assert 0 == table.nbytes
    table.append(table.parts(rows, [(0, 5, 100)]))
    assert 4200 == table.nbytes
    table.drop_before(90)
    assert 420 == table.nbytes


def test_column_of_text_may_be_added_at_any_time():
    """The rows before have nothing in it, those after have their text, and earlier snapshots do not know it."""
    table = filled(10)
    before = table.frame()
    expected = told(before)
    assert table.add_text("rank")
    kind = wide("rank")
    cells = {name: getattr(row(1), name) for name in Everything.__struct_fields__}
    rows = [kind(**cells, extra_0=Raw(text)) for text in (b'"first"', b"2.50", b"null", b'{"a": 1}')]
    table.append(table.parts(rows, [(0, 5, 4)]))
    result = table.frame()
    assert ["first", "2.50", None, '{"a": 1}'] == list(result["rank"][10:])
    assert [None] * 10 == list(result["rank"][:10])
    assert [*DTYPES, "rank"] == list(result)
    assert expected == told(before)
    assert not table.add_text("rank")


def refusing(size, monkeypatch):
    """Have the machine give no more than so many bytes at once."""
    real_memory = growing_arrays._memory

    def memory_of(wanted_size):
        if wanted_size > size:
            raise MemoryError
        return real_memory(wanted_size)

    monkeypatch.setattr(growing_arrays, "_memory", memory_of)


def test_machine_that_has_less_gives_less(monkeypatch):
    """Where the next capacity is not to be had, twice the rows will do; nothing is lost."""
    table = filled(60, 64)
    expected, taken = told(table.frame()), table.frame()
    refusing(100_000, monkeypatch)
    table.append(parts(table, range(10)))
    assert 140 == table.arrays.extent.memory.capacity
    assert expected == told(table.frame(0, 60)) == told(taken)
    table.append(parts(table, range(100)))
    assert 340 == table.arrays.extent.memory.capacity


def test_machine_that_has_nothing_left_loses_nothing(monkeypatch):
    """A row that finds no room is an error; the rows before it stay, and the next one that finds room is written."""
    table = filled(60, 64)
    expected, held = told(table.frame()), memory(table)
    with monkeypatch.context() as patch:
        refusing(0, patch)
        for _ in range(2):
            with pytest.raises(MemoryError):
                table.append(parts(table, range(10)))
    assert (60, expected, held) == (len(table), told(table.frame()), memory(table))
    table.append(parts(table, range(10)))
    assert 70 == len(table)


def test_address_space_that_is_not_there_is_a_memory_error():
    """More than any machine has is a MemoryError with the size."""
    with pytest.raises(MemoryError, match="address space"):
        growing_arrays._memory(2**60)


@pytest.mark.parametrize("price", [None, float("nan"), float("inf")])
def test_number_that_is_none_is_refused_before_anything_is_written(price):
    """A null, or a number without end, is for somebody else to decide about."""
    from coinex_pandas.tables.blocks import OddCell

    table = filled()
    with pytest.raises(OddCell):
        table.parts([row(1), row(2, price=price)], [(0, 5, 2)])
    assert 50 == len(table)


def test_table_without_rows_has_its_columns():
    """Columns and dtypes do not wait for data."""
    frame = GrowingFrame(Everything, MARKETS).frame()
    assert (0, DTYPES, "created_at") == (len(frame), frame.dtypes.astype(str).to_dict(), frame.index.name)
    assert "datetime64[ms, UTC]" == str(frame.index.dtype)


COMMITTED = """
import gc, json, sys
import psutil
from coinex_pandas.tables.growing_frame import GrowingFrame
from coinex_pandas.tables.rows.market import Deal
total, keep = int(sys.argv[1]), int(sys.argv[2])
rows = [Deal(deal_id=at, created_at=at, side="buy", price=1.0, amount=1.0) for at in range(4096)]
def grown(total):
    table = GrowingFrame(Deal, ("BTCUSDT", "ETHUSDT"))
    parts = table.parts(rows, [(0, 5, 4096)])
    most = 0
    for at in range(total // 4096):
        table.append(parts)
        table.drop_before(max(0, len(table) - keep))
        if not at % 64:
            table.frame()
            most = max(most, psutil.Process().memory_info().rss)
    return table, max(most, psutil.Process().memory_info().rss)
grown(4096)
gc.collect()
before = psutil.Process().memory_info().rss
table, after = grown(total)
print(json.dumps({"rows": len(table), "payload": table.nbytes, "committed": after - before}))
"""

CONSTANT = 4 << 20  # what the allocator rounds up, and pages that are shared with what was there before


@pytest.mark.skipif(not Path("/proc").exists(), reason="committed memory is read as Linux counts it")
@pytest.mark.parametrize(("total", "keep"), [(10_000_000, 2_000_000), (5_000_000, 10_000_000)])
def test_memory_stays_within_a_fifth_of_the_payload(total, keep):
    """A table that holds two million rows of ten, and one that holds all five, commit 1.2 times their bytes at most."""
    code = [sys.executable, "-c", COMMITTED, str(total), str(keep)]
    result = json.loads(subprocess.run(code, check=True, capture_output=True, text=True, timeout=600).stdout)
    assert min(total // 4096 * 4096, keep) == result["rows"]
    assert 42 * result["rows"] == result["payload"]
    assert result["payload"] <= result["committed"] <= 1.2 * result["payload"] + CONSTANT
