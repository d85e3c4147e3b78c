"""Streams that are recorded while they are shown, beside the same streams unrecorded: `streams` is for archive.py.

Run alone: python benchmarks/recording.py
"""

from __future__ import annotations

import gc
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import pushes
from flood import flood
from side_by_side import report

import coinex_pandas as cx
from coinex_pandas.archive.streams.recording import record

FRAMES, PAIRS = 120_000, 7
DEMANDS = {"streams": ">= 0.8 of the unrecorded rate, from a server that pushes as fast as it is read"}


def streams(pairs: int = PAIRS) -> dict[str, float]:
    """Return the rate of a recorded stream as a share of the unrecorded one, the median of pairs measured in turns."""
    with flood(FRAMES) as address, tempfile.TemporaryDirectory() as folder:
        _seconds(address, None)  # caches are filled
        ratios = [_seconds(address, None) / _seconds(address, Path(folder) / str(at)) for at in range(pairs)]
    return {"streams": statistics.median(ratios)}


def _seconds(address: str, path: Path | None) -> float:
    """Return how long it takes until every row of a flood is in the table; a recorded one must lose no frame."""
    session = cx.Session(cx.Venue("flood", http="http://127.0.0.1:9/v2", ws=address))
    gc.collect()
    begin = time.perf_counter()
    with ExitStack() as stack:
        stream = stack.enter_context(cx.live.futures_deals(pushes.MARKET, session=session))
        recording = None if path is None else stack.enter_context(record(stream, path))
        stream.wait(rows=FRAMES * pushes.DEALS, seconds=120)
        taken = time.perf_counter() - begin
        if recording is not None and recording.lost:
            raise AssertionError(f"{recording.lost} frames were not stored")
    return taken


def main() -> None:
    """Measure and report."""
    report("streams recorded while shown", streams(), DEMANDS)


if __name__ == "__main__":
    main()
