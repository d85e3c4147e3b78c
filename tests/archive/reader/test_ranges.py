"""What of a range no capture holds."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coinex_pandas.archive.reader.ranges import missing

HOUR = 3_600_000


def tasks(*spans, complete=True):
    """Return captures of hours, None for an open beginning."""
    frame = pd.DataFrame(spans, columns=["from", "to"], dtype="Float64")
    for name in frame:
        frame[name] = pd.to_datetime(frame[name] * HOUR, unit="ms", utc=True).astype("datetime64[ms, UTC]")
    return frame.assign(complete=complete, reason="")


@pytest.mark.parametrize(
    ("spans", "start", "end", "text"),
    [
        ([(None, 9)], None, None, ""),
        ([(None, 9)], 3, 9, ""),
        ([(None, 9)], 3, 10, "captured up to 1970-01-01 09:00 UTC"),
        ([(4, 9)], None, None, "captured from 1970-01-01 04:00 UTC on"),
        ([(4, 9)], 4, 9, ""),
        ([(2, 4), (6, 9)], 3, 8, "nothing from 1970-01-01 04:00 UTC to 1970-01-01 06:00 UTC"),
        ([(6, 9), (2, 6)], 3, 8, ""),
        ([(5, 6), (2, 9)], 3, 8, ""),
    ],
)
def test_what_is_missing_is_named(spans, start, end, text):
    """Before the first capture, between two, and after the last."""
    edges = [None if each is None else each * HOUR for each in (start, end)]
    assert text == missing(tasks(*spans), *edges)


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(1, 8)), min_size=1, max_size=6), st.integers(1, 30))
def test_nothing_is_missing_where_each_hour_was_captured(spans, start):
    """And something is, where one was not."""
    hours = {hour for first, length in spans for hour in range(first, first + length)}
    lacking = missing(tasks(*[(a, a + b) for a, b in spans]), start * HOUR, (start + 3) * HOUR)
    assert (lacking == "") == ({start, start + 1, start + 2} <= hours)


def test_captures_that_were_not_complete_do_not_count():
    """The reason of the newest ones is told."""
    refused = tasks((1, 9), complete=False).assign(reason="refused: busy")
    assert missing(refused, None, None) == "no capture of it was complete (refused: busy)"
