"""Streams for tests of their recordings, as those of tests/live have them, and what an archive holds of them."""

from collections import defaultdict

import pandas as pd
import pytest

from coinex_pandas.archive.raw.frames import read_frames
from coinex_pandas.archive.raw.records import record_of
from coinex_pandas.archive.raw.segments import raw_files
from coinex_pandas.archive.streams import queue
from coinex_pandas.archive.streams.replay import StreamRows, replayed
from tests.live.conftest import exchange, looking_often, no_thread_left, returning

__all__ = ["exchange", "looking_often", "no_thread_left", "returning"]


def records(root):
    """Yield the records of an archive with their places."""
    for path in raw_files(root):
        line = 0
        for frame in read_frames(path):
            for text in frame.lines:
                line += 1
                yield f"{path.name}:{line}", record_of(text)
            line += 1


def notes(root, name):
    """Return the facts of the notes of a name."""
    return [each.facts for _, each in records(root) if each.kind == "note" and each.facts["note"] == name]


def tables(root):
    """Return the rows and the coverage of each recording, by its table."""
    rows, coverage = defaultdict(list), {}
    for each in replayed(records(root)):
        if isinstance(each, StreamRows):
            rows[each.table].append(each.frame)
        else:
            coverage[each.table] = each
    return {name: pd.concat(frames) for name, frames in rows.items()}, coverage


@pytest.fixture(autouse=True)
def closed():
    """Demand that no archive is left open."""
    yield
    for each in list(queue.registry.queues.values()):
        each.wait(30)
        assert not each._thread.is_alive()
    queue.registry.queues.clear()
