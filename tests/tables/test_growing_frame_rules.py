"""A table that grows holds what a plain list would, whatever is done to it in whatever order."""

import json

import hypothesis.strategies as st
import pandas as pd
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec import UNSET, Raw

from coinex_pandas.tables import growing_arrays
from coinex_pandas.tables.growing_frame import GrowingFrame
from tests.live.everything import DTYPES, MARKETS, Everything, told, wide
from tests.profiles import cases

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
