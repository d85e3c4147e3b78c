"""What was recorded has the rows that the stream had, to the last digit, whatever happened to the connection."""

import coinex_pandas as cx
import pandas as pd
import pytest

from coinex_pandas.archive.raw.proof import verify
from coinex_pandas.archive.streams.recording import record
from tests.archive.streams.conftest import notes, records, tables
from tests.waiting import until

PUBLIC = sorted(name for name, known in cx.CHANNELS.items() if known.private is None)


def same(whole, actual):
    """Demand the same rows, columns, dtypes and order from the first one on that was recorded."""
    expected = whole.iloc[len(whole) - len(actual) :]
    assert len(actual)
    pd.testing.assert_frame_equal(expected, actual.drop(columns="record"), check_exact=True, check_categorical=False)


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
