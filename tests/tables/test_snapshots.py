"""Snapshots belong to whoever took them: whatever is done to one changes neither the table nor another snapshot."""

import contextlib
import copy
import pickle
import threading

import numpy as np
import pandas as pd
import pytest

from coinex_pandas.tables import blocks, snapshots
from tests.live.everything import MARKETS, filled, memory, parts, told
from tests.tables.ways_to_write import PANDAS, RAW, ways

pytestmark = pytest.mark.sweep

REFUSALS = (ValueError, TypeError, BufferError, AttributeError)


def names():
    """Return what a statement may use."""
    return {"pd": pd, "np": np, "copy": copy, "pickle": pickle, "MARKETS": MARKETS}


def done(way, frame):
    """Return what a way makes of a frame."""
    place = names() | {"df": frame}
    exec(way, place)  # the list is the test
    return place.get("out", place["df"])


def ordinary(frame):
    """Return a frame that has nothing to do with the one given but the values."""
    return pickle.loads(pickle.dumps(frame, protocol=4))  # 5, Python 3.14's default, would keep arrays read-only


def equal(expected, result):
    """Demand equality of frames or of series."""
    if isinstance(expected, pd.Series):
        pd.testing.assert_series_equal(expected, result, check_exact=True, check_freq=False)
    else:
        pd.testing.assert_frame_equal(expected, result, check_exact=True, check_freq=False)


class Witness:
    """A table, a snapshot that nobody touches, and the proof that both stay as they were."""

    def __init__(self, table):
        self.table, self.snapshot = table, table.frame()
        self.expected, self.memory = told(self.snapshot), memory(table)

    def testify(self):
        """Demand that nothing changed, now and when the table has grown past its capacity."""
        assert self.memory == memory(self.table)
        assert self.expected == told(self.snapshot)
        assert self.expected == told(self.table.frame())
        rows = len(self.snapshot)
        self.table.append(parts(self.table, range(50, 90), 2))
        assert self.expected == told(self.snapshot)
        assert self.expected == told(self.table.frame(0, rows))


def whole(table):
    """Return a snapshot."""
    return table.frame()


def piece(table):
    """Return the end of a snapshot that is gone."""
    return table.frame().tail(20)


def slice_of_piece(table):
    """Return a part of a part, both wholes gone."""
    return table.frame().iloc[5:45].iloc[::2]


def outgrown(table):
    """Return a snapshot whose table has moved to other memory since."""
    snapshot = table.frame(0, 50)
    table.append(parts(table, range(50, 70)))
    return snapshot


TAKEN = {"shared": (whole, piece, slice_of_piece, outgrown), "copied": (whole,)}


@pytest.fixture(params=TAKEN)
def ways_to_take(request, monkeypatch):
    """Give the ways to come by a snapshot, with pandas' private names and without them, where it is a plain copy."""
    if request.param == "copied":
        monkeypatch.setattr(snapshots, "_works", lambda: False)
    return TAKEN[request.param]


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickled_snapshot_is_the_same_and_its_copy_can_be_written_to(protocol):
    """A snapshot comes back from another process as it was; what is written into a copy of it changes nothing else."""
    table = filled()
    witness = Witness(table)
    result = pickle.loads(pickle.dumps(table.frame(), protocol=protocol))
    equal(witness.snapshot, result)
    written = result.copy()
    written.iloc[0] = written.iloc[1]
    written.loc[:, "deal_id"] = 5
    equal(witness.snapshot, result)
    witness.testify()


@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")
@pytest.mark.parametrize("way", ways(PANDAS))
def test_ways_of_pandas_work_and_change_nothing_else(way, ways_to_take):
    """A way of pandas does what it does to any frame; table and other snapshots stay."""
    for take in ways_to_take:
        table = filled()
        frame = take(table)
        plain = ordinary(frame)
        witness = Witness(table)
        equal(done(way, plain), done(way, frame))
        witness.testify()


@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")
@pytest.mark.parametrize("way", ways(RAW))
def test_ways_around_pandas_change_nothing_else(way, ways_to_take):
    """A way around pandas raises or changes a copy; table and other snapshots stay."""
    for take in ways_to_take:
        table = filled()
        frame = take(table)
        witness = Witness(table)
        with contextlib.suppress(*REFUSALS):
            done(way, frame)
        witness.testify()


def test_guard_is_tried_before_it_is_relied_on(monkeypatch):
    """Where pandas no longer copies because somebody shares, or has no such names, snapshots are copies."""
    assert snapshots._works()
    for odd in (lambda _frame: None, lambda frame: frame._mgr.no_such_name):
        with monkeypatch.context() as patch:
            patch.setattr(snapshots, "_share", odd)
            assert not snapshots._works.__wrapped__()


def test_copies_share_nothing(monkeypatch):
    """A snapshot that is a plain copy has memory of its own."""
    table = filled()
    shared = table.frame()
    monkeypatch.setattr(snapshots, "_works", lambda: False)
    copied = table.frame()
    assert told(shared) == told(copied)
    for name in shared:
        assert not np.shares_memory(np.asarray(copied[name].array), np.asarray(shared[name].array))


def test_frames_without_the_quick_way_are_the_same(monkeypatch):
    """Where pandas has no quick way to make a frame, a snapshot says the same; texts may be called otherwise."""
    table = filled()
    expected = told(table.frame().astype({"text": "str"}))
    monkeypatch.setattr(blocks, "_ways", lambda: PLAIN)
    assert expected == told(table.frame().astype({"text": "str"}))


PLAIN = blocks._Ways(
    utc=blocks._public_utc,
    texts=blocks._public_texts,
    text_index=blocks._public_index,
    time_index=blocks._public_index,
    frame=blocks._plain_frame,
)
"""Public names of pandas only."""


@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")
@pytest.mark.parametrize("way", ways(PANDAS)[:20] + ways(RAW)[:20])
def test_frames_without_the_quick_way_are_as_safe(way, monkeypatch):
    """Made from public names only, a snapshot is as safe as any."""
    monkeypatch.setattr(blocks, "_ways", lambda: PLAIN)
    table = filled()
    frame = table.frame()
    witness = Witness(table)
    with contextlib.suppress(*REFUSALS):
        done(way, frame)
    witness.testify()


def test_list_of_ways_is_long():
    """There are two hundred ways of pandas and some ninety around it, each once."""
    assert len(set(ways(PANDAS))) == len(ways(PANDAS)) >= 200
    assert len(set(ways(RAW))) == len(ways(RAW)) >= 89


def test_snapshots_taken_by_other_threads_stay():
    """While one thread writes rows, snapshots that another takes, writes into and lets go of are what they were."""
    table, lock, wrong = filled(), threading.Lock(), []
    done_writing = threading.Event()

    def look():
        while not done_writing.is_set():
            with lock:
                frame, expected = table.frame(), memory(table)
            prices = frame["price"].to_numpy().copy()
            frame["price"] += 1.0
            frame.iloc[0, frame.columns.get_loc("deal_id")] = 0
            if prices.tobytes() != expected[0][: prices.nbytes] or not (frame["price"].to_numpy() == prices + 1).all():
                wrong.append(frame)

    watchers = [threading.Thread(target=look) for _ in range(2)]
    for watcher in watchers:
        watcher.start()
    batch = parts(table, range(64))
    for at in range(400):
        with lock:
            table.append(batch)
            if at % 5 == 0:
                table.drop_before(max(0, len(table) - 300))
            if at % 7 == 0:
                table.insert(at % 50, parts(table, range(1)))
    done_writing.set()
    for watcher in watchers:
        watcher.join()
    assert [] == wrong
