"""What of a task earlier captures have already: nothing is requested twice but what may have changed."""

from __future__ import annotations

import pandas as pd

from coinex_pandas.archive.collection.journal import Journal
from coinex_pandas.archive.collection.plan import CHANGING, Task, is_history

__all__ = ["Remaining"]

_OVERLAP = pd.Timedelta(days=1)  # a later run begins so much before the end of the one before: rows can come late


class Remaining:
    """What is left of tasks after earlier captures.

    Parameters
    ----------
    journal : Journal
        What was captured before.
    what : str
        Whose data, as `capture` has it.
    """

    def __init__(self, journal: Journal, what: str) -> None:
        self._former = _covered(journal, what)

    def is_settled(self, task: Task) -> bool:
        """Return whether a range that lies in the past was captured whole by an earlier run."""
        former = self._former.get(task.key)
        return former is not None and "end" in task.params and pd.Timestamp(str(task.params["end"])) <= former

    def narrowed(self, task: Task) -> Task:
        """Return a task whose history starts where an earlier run ended, and a little before."""
        former = self._former.get(task.key)
        is_whole = task.is_probe or "end" in task.params or task.table in CHANGING or not is_history(task.table)
        if former is None or is_whole:
            return task
        start, own = former - _OVERLAP, task.params.get("start")
        return Task(task.table, {**task.params, "start": str(start if own is None else max(start, pd.Timestamp(own)))})


def _covered(journal: Journal, what: str) -> dict[str, pd.Timestamp]:
    """Return up to when each history is captured whole, by the tasks' keys."""
    ends: dict[str, pd.Timestamp] = {}
    for run in journal.runs.values():
        if run.facts["what"] != what or not run.is_over:
            continue
        for task in run.tasks:
            if task.end is not None and task.end.state == "complete":
                ends[task.task.key] = pd.Timestamp(str(run.facts["until"]))
    return ends
