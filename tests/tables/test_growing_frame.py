"""A table that grows holds what a plain list would, and its snapshots stay what they are."""

import json
import subprocess
import sys
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec import UNSET, Raw

from coinex_pandas.tables import growing_arrays
from coinex_pandas.tables.growing_frame import GrowingFrame
from coinex_pandas.tables.rows.market import Deal
from tests.live.everything import MARKETS, Everything, address, filled, memory, parts, row, told, wide
from tests.profiles import cases

DTYPES = {
    "market": "category",
    "deal_id": "int64",
    "side": "category",
    "price": "float64",
    "amount": "float64",
    "count": "Int64",
    "flag": "boolean",
    "until": "datetime64[ms, UTC]",
    "seen": "datetime64[ms, UTC]",
    "other": "category",
    "text": "object",
    "received_at": "datetime64[ms, UTC]",
}
ZERO_COPY = ("market", "deal_id", "side", "price", "amount", "count", "flag", "until", "seen", "text", "received_at")
MISSING = st.sampled_from([UNSET, None])
TIMES = st.integers(1, 2**42)
CELLS = st.fixed_dictionaries(
    {
        "created_at": TIMES,
        "deal_id": st.integers(-(2**63), 2**63 - 1),
        "side": st.sampled_from(["buy", "sell", "hold", " buy "]) | MISSING,
        "price": st.floats(allow_nan=False, allow_infinity=False) | st.just(""),
        "amount": st.floats(allow_nan=False, allow_infinity=False) | st.just(UNSET),
        "count": st.integers(-(2**63), 2**63 - 1) | MISSING,
        "flag": st.booleans() | MISSING,
        "until": TIMES | st.just(0) | MISSING,
        "seen": TIMES | MISSING,
        "other": st.sampled_from([*MARKETS, "OTHER"]) | MISSING,
        "text": st.text(max_size=5) | MISSING,
    }
)

RUNS = st.tuples(st.integers(0, 2), TIMES, st.lists(CELLS, min_size=1, max_size=9))
"""A market, when its rows arrived, and they."""


def seen(frame):
    """Return a frame's cells as plain values, missing ones as None."""
    result = {}
    for name, column in frame.reset_index().items():
        cells = [None if pd.isna(cell) else cell for cell in column]
        result[name] = [cell.value // 10**6 if isinstance(cell, pd.Timestamp) else cell for cell in cells]
    return result


class Model(RuleBasedStateMachine):
    """The table beside a list of what was written into it."""

    def __init__(self):
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        for name, value in {"_CAPACITIES": (8, 32, 128), "_SLACK": 4, "_PIECE": 8}.items():
            self.patch.setattr(growing_arrays, name, value)  # so that a few rows go through all that millions do
        self.rows, self.extra, self.gone, self.taken = [], [], 0, []

    def teardown(self):
        """Put the sizes back."""
        self.patch.undo()

    @initialize(capacity=st.integers(1, 40))
    def begin(self, capacity):
        """Make the table."""
        self.table = GrowingFrame(Everything, MARKETS, capacity=capacity)

    @rule(runs=st.lists(RUNS, min_size=1, max_size=4))
    def append(self, runs):
        """Write rows behind the others."""
        made, lengths = self.made(runs)
        self.table.append(self.table.parts(made, lengths))
        self.rows += self.written(runs)

    @rule(data=st.data(), run=st.tuples(st.integers(0, 2), TIMES, CELLS))
    def insert(self, data, run):
        """Write a row before another."""
        at = data.draw(st.integers(0, len(self.rows)))
        runs = [(run[0], run[1], [run[2]])]
        self.table.insert(at, self.table.parts(*self.made(runs)))
        self.rows[at:at] = self.written(runs)

    @rule(share=st.floats(0, 1))
    def drop_before(self, share):
        """Let rows fall out."""
        first = int(share * len(self.rows))
        self.table.drop_before(first)
        del self.rows[:first]
        self.gone += first

    @precondition(lambda self: len(self.extra) < 2)
    @rule()
    def add_text(self):
        """Add a column."""
        name = ("rank", "a b.c")[len(self.extra)]
        assert (True, False) == (self.table.add_text(name), self.table.add_text(name))
        self.extra.append(name)
        for each in self.rows:
            each[name] = None

    @rule(data=st.data())
    def take(self, data):
        """Take a snapshot; it is the list's rows."""
        start = data.draw(st.integers(0, len(self.rows)))
        stop = data.draw(st.none() | st.integers(start, len(self.rows)))
        frame = self.table.frame(start, stop)
        expected = self.rows[start:stop]
        assert DTYPES | dict.fromkeys(self.extra, "object") == frame.dtypes.astype(str).to_dict()
        assert {name: [each[name] for each in expected] for name in ["created_at", *frame]} == seen(frame)
        self.taken.append((frame, told(frame)))

    @precondition(lambda self: self.taken)
    @rule(data=st.data(), part=st.booleans())
    def write(self, data, part):
        """Write into a snapshot, or into a part of one that no longer exists."""
        frame, _ = self.taken.pop(data.draw(st.integers(0, len(self.taken) - 1)))
        frame = frame.iloc[len(frame) // 2 :] if part else frame
        if len(frame):
            frame.iloc[0, frame.columns.get_loc("price")] = 3.0
            frame.loc[:, "deal_id"] = 5
            frame["amount"] += 1.0
        self.taken.append((frame, told(frame)))

    @precondition(lambda self: self.taken)
    @rule(data=st.data())
    def forget(self, data):
        """Let a snapshot go, so that its memory may be used again."""
        self.taken.pop(data.draw(st.integers(0, len(self.taken) - 1)))

    @invariant()
    def table_is_the_list(self):
        """The table has as many rows as the list, and knows how many fell out."""
        if hasattr(self, "table"):
            assert (len(self.rows), self.gone) == (len(self.table), self.table.gone)

    @invariant()
    def what_was_taken_stays(self):
        """Every snapshot is what it was."""
        assert [expected for _, expected in self.taken] == [told(frame) for frame, _ in self.taken]

    def made(self, runs):
        """Return rows as they are decoded, and their runs."""
        kind = wide(*self.extra) if self.extra else Everything
        fields = {name: f"extra_{at}" for at, name in enumerate(self.extra)}
        extras = {fields[name]: Raw(json.dumps(name).encode()) for name in self.extra}
        made = [kind(**cells, **extras) for _, _, rows in runs for cells in rows]
        return made, [(market, at, len(rows)) for market, at, rows in runs]

    def written(self, runs):
        """Return rows as the table is to hold them."""
        return [
            {name: self.cell(name, cell) for name, cell in cells.items()}
            | {"market": MARKETS[market], "received_at": at}
            | {name: name for name in self.extra}
            for market, at, rows in runs
            for cells in rows
        ]

    @staticmethod
    def cell(name, cell):
        """Return a cell as the table is to hold it."""
        if cell is UNSET or cell is None or (name, cell) in (("price", ""), ("until", 0)):
            return None
        return cell.strip() if name == "side" else cell


Model.TestCase.settings = settings(max_examples=cases(15), stateful_step_count=25)
test_table_is_a_list_and_snapshots_stay = Model.TestCase


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
    assert np.shares_memory(frame["price"].to_numpy(), table._arrays._arrays[0])
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
    assert 140 == table._arrays._capacity
    assert expected == told(table.frame(0, 60)) == told(taken)
    table.append(parts(table, range(100)))
    assert 340 == table._arrays._capacity


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
    result = json.loads(subprocess.run(code, check=True, capture_output=True, text=True, timeout=120).stdout)
    assert min(total // 4096 * 4096, keep) == result["rows"]
    assert 42 * result["rows"] == result["payload"]
    assert result["payload"] <= result["committed"] <= 1.2 * result["payload"] + CONSTANT
