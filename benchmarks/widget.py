"""What a view with 1,000 rows costs the browser while thousands of messages a second come: JupyterLab in Chromium.

Run: python benchmarks/widget.py
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.widget.browser import lab

MESSAGES = 3000
SECONDS = 10
CELLS = [
    "from tests.widget.browser.fake_stream import FakeStream\nfrom coinex_pandas.widget.view import watch",
    f"source = FakeStream(per_second={MESSAGES})\nwatch(source, rows=1000, per_second=60)",
]
DEMANDS = {
    "repaints_per_second": "<= 10",
    "bytes_per_repaint": "<= 4096, Jupyter's envelope included",
    "browser_ms_per_repaint": "<= 30, JupyterLab's idle work included",
    "idle_ms_per_second": "JupyterLab with the notebook open, nothing painted",
}


class Frame(NamedTuple):
    """A repaint on its way."""

    at: float
    size: int


@contextmanager
def notebook() -> Iterator[tuple[lab.Notebook, list[Frame]]]:
    """Open the notebook; the list receives every frame that reaches the browser."""
    frames: list[Frame] = []
    with tempfile.TemporaryDirectory() as name, lab.serve(Path(name)) as address, lab.chromium() as browser:
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        page.on("websocket", lambda socket: socket.on("framereceived", lambda payload: note(payload, frames)))
        yield lab.Notebook(page, address, Path(name), "widget", CELLS), frames


def note(payload: str | bytes, frames: list[Frame]) -> None:
    """Keep the time and the size of a frame of ours, as it travels."""
    raw = payload.encode() if isinstance(payload, str) else payload
    if b'"method": "custom"' in raw or b'"method":"custom"' in raw:
        frames.append(Frame(time.perf_counter(), len(raw)))


def work(page: Any, seconds: float) -> float:
    """Return the milliseconds of work of the page's main thread, per second."""
    tools = page.context.new_cdp_session(page)
    # In its own CPU time: another process on the same core is not this page's work.
    tools.send("Performance.enable", {"timeDomain": "threadTicks"})

    def total() -> float:
        found = {metric["name"]: metric["value"] for metric in tools.send("Performance.getMetrics")["metrics"]}
        return float(found["TaskDuration"])

    begin, before = time.perf_counter(), total()
    page.wait_for_timeout(seconds * 1000)
    return (total() - before) * 1000 / (time.perf_counter() - begin)


def measure() -> dict[str, float]:
    """Measure an idle notebook, then one that shows a view with 1,000 rows."""
    with notebook() as (book, frames):
        book.run(CELLS[0])
        book.page.wait_for_timeout(5000)  # JupyterLab settles
        idle = work(book.page, SECONDS)
        book.run(CELLS[1], cell=1)
        book.page.wait_for_function(f"() => document.querySelectorAll('{lab.ROWS}').length >= 1000", timeout=120_000)
        frames.clear()
        busy = work(book.page, SECONDS)
        rate = (len(frames) - 1) / (frames[-1].at - frames[0].at)
    return {
        "repaints_per_second": rate,
        "bytes_per_repaint": max(frame.size for frame in frames),
        "browser_ms_per_repaint": busy / rate,
        "idle_ms_per_second": idle,
    }


def main() -> None:
    """Measure and report."""
    if lacking := lab.missing():
        print(f"nothing measured: {lacking}")
        return
    found = measure()
    print(f"a view of 1,000 rows at {MESSAGES:,} messages/s, the largest frame, over {SECONDS} s")
    for name, value in found.items():
        print(f"  {name:<34}{value:>9.2f}   {DEMANDS[name]}")
    print(json.dumps({name: round(value, 2) for name, value in found.items()}))


if __name__ == "__main__":
    main()
