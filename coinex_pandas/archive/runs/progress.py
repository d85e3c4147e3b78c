"""The progress of a capture, in a terminal or a notebook: done, running, refused, left, and the time to go."""

from __future__ import annotations

import threading
import warnings
from collections import Counter
from typing import Any

from coinex_pandas.api.calls.options import options
from coinex_pandas.archive.collection.journal import End
from coinex_pandas.archive.collection.plan import Task

__all__ = ["Progress"]

_SOON = 2.0  # seconds that pass without a bar


class Progress:
    """Shows how far the stage of a capture is; `cx.options.progress` says whether it does.

    Attributes
    ----------
    states : Counter
        How many tasks ended, by how they did.
    """

    def __init__(self) -> None:
        self.states: Counter[str] = Counter()
        self._bar: Any = None
        self._running = 0
        self._lock = threading.Lock()

    def stage(self, title: str, tasks: int) -> None:
        """Begin a stage of so many tasks."""
        self.close()
        if options.progress is False or not tasks:
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # in a notebook without ipywidgets tqdm falls back to text, and warns of it
            from tqdm.auto import tqdm

            self._bar = tqdm(total=tasks, desc=title, unit="task", delay=0 if options.progress else _SOON, leave=True)

    def __call__(self, task: Task, end: End | None) -> None:
        """Take the beginning or the end of a task, from any thread."""
        with self._lock:
            self._running += 1 if end is None else -1
            if end is not None:
                self.states[end.state] += 1
            if self._bar is not None:
                others = ", ".join(f"{state} {count}" for state, count in self.states.items() if state != "complete")
                self._bar.set_postfix_str(f"running {max(0, self._running)}{others and ', '}{others}", refresh=False)
                self._bar.update(end is not None)

    def close(self) -> None:
        """End the stage."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
