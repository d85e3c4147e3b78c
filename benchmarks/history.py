"""A year of 1min candles over HTTP from a sandbox in a process of its own: memory, and time beside the bare download.

Run: python benchmarks/history.py
"""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import TypeVar

import pandas as pd
import psutil
import requests
from side_by_side import report

import coinex_pandas as cx

T = TypeVar("T")
START, END, STEP = "2025-06-01", "2026-06-01", 998 * 60_000


def with_peak(work: Callable[[], T]) -> tuple[T, float, int]:
    """Return the result of some work, its seconds, and how far this process grew while it ran, in bytes."""
    process, stop = psutil.Process(), threading.Event()
    before = process.memory_info().rss
    peak = [before]

    def watch() -> None:
        while not stop.wait(0.005):
            peak[0] = max(peak[0], process.memory_info().rss)

    thread = threading.Thread(target=watch)
    thread.start()
    begin = time.perf_counter()
    result = work()
    took = time.perf_counter() - begin
    stop.set()
    thread.join()
    return result, took, peak[0] - before


def download(address: str) -> int:
    """Fetch the same bytes one after another and discard them."""
    session = requests.Session()
    session.trust_env = False
    first, last = (pd.Timestamp(text, tz="UTC").value // 10**6 for text in (START, END))
    size = 0
    for end in range(last, first, -STEP):
        params: dict[str, str | int] = {
            "market": "BTCUSDT",
            "period": "1min",
            "limit": 1000,
            "start_time": max(first, end - STEP) - 60_000,
            "end_time": end,
        }
        size += len(session.get(f"{address}/futures/kline", params=params, timeout=60).content)
    return size


def main() -> None:
    """Measure and report."""
    command = [sys.executable, "-m", "coinex_pandas.cli.main", "sandbox", "--port", "0", "--seed", "7", "--now", END]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None  # for the type checker: it is piped
        address, *_ = re.findall(r"http://\S+", server.stdout.readline() + server.stdout.readline())
        session = cx.Session(cx.Venue("benchmark", http=address))
        cx.options.progress = False
        cx.futures_klines("BTCUSDT", "1min", limit=5000, session=session)  # imports and caches are not the history's
        download(address)
        size, floor, _ = with_peak(lambda: download(address))
        frame, took, grown = with_peak(
            lambda: cx.futures_klines("BTCUSDT", "1min", start=START, end=END, session=session)
        )
    finally:
        server.terminate()
        server.wait()
    held = int(frame.memory_usage(deep=True).sum())
    print(
        f"{len(frame)} rows, {held / 1e6:.1f} MB from {size / 1e6:.1f} MB of JSON, {took:.1f} s; download {floor:.1f} s"
    )
    report(
        "history: a year of 1min candles",
        {"memory_of_frame": grown / held, "time_of_download": took / floor, "rows": len(frame)},
        {
            "memory_of_frame": "< 3 times the final frame",
            "time_of_download": "beside the bare download",
            "rows": "525600",
        },
    )


if __name__ == "__main__":
    main()
