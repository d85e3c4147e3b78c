"""What an archive says of its captures: their runs, the tasks of each, how these ended, and which replies are theirs.

Notes of the raw layer are its only source: ``run``, ``task`` when one begins, ``task end``, ``run end``; and those of
recorded streams.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from coinex_pandas.archive.collection.plan import Task
from coinex_pandas.archive.collection.recorder import Work
from coinex_pandas.archive.raw.catalogue import Catalogue, Place
from coinex_pandas.archive.raw.records import Record

__all__ = ["End", "Journal", "RunLog", "TaskLog", "read_journal"]


class End(NamedTuple):
    """How a task ended.

    Attributes
    ----------
    state : {"complete", "incomplete", "refused", "no answer", "failed"}
        In a word.
    reason : str
        Why it is not complete; "" where it is.
    rows : int
        Rows of its own table.
    requests : int
        Requests that were sent for it.
    at : int
        When, in nanoseconds since 1970.
    code : int or None
        The exchange's code of a refusal.
    """

    state: str
    reason: str
    rows: int
    requests: int
    at: int
    code: int | None = None


@dataclass
class TaskLog:
    """One task of a run.

    Attributes
    ----------
    id, run : str
        Its name, and its run's.
    task : Task
        What was called.
    end : End or None
        How it ended; None where it was interrupted.
    replies : list of (str, Place)
        The address and the place of each of its replies.
    """

    id: str
    run: str
    task: Task
    end: End | None = None
    replies: list[tuple[str, Place]] = field(default_factory=list)

    def work(self, catalogue: Catalogue) -> Work:
        """Return the task as work whose replies are stored."""
        work = Work.again(self.id, self.task.table, self.replies, catalogue)
        work.is_probe = self.task.is_probe
        return work


@dataclass
class RunLog:
    """One capture.

    Attributes
    ----------
    id : str
        Its name.
    facts : mapping
        What it was begun with: what, venue, http, until, settings.
    is_over : bool
        Whether all of its tasks ended.
    tasks : list of TaskLog
        In the order in which they began.
    """

    id: str
    facts: Mapping[str, Any]
    is_over: bool = False
    tasks: list[TaskLog] = field(default_factory=list)


class Journal(NamedTuple):
    """What an archive holds.

    Attributes
    ----------
    runs : dict of str to RunLog
        Its captures, oldest first.
    tasks : dict of str to TaskLog
        Their tasks, by id.
    recordings : dict of int to str
        Its recorded streams by their numbers, and the segment in which the connection of each begins.
    """

    runs: dict[str, RunLog]
    tasks: dict[str, TaskLog]
    recordings: dict[int, str]


def read_journal(catalogue: Catalogue) -> Journal:
    """Return what the raw layer says of its captures."""
    journal = Journal({}, {}, {})
    connected: dict[int, str] = {}
    for place, record in catalogue:
        if record.kind == "http" and record.facts.get("task") in journal.tasks:
            journal.tasks[record.facts["task"]].replies.append((record.facts["url"], place))
        elif record.kind == "note":
            _enter(journal, record)
            match record.facts.get("note"):
                case "connected" if "link" in record.facts:
                    connected[record.facts["link"]] = place.segment
                case "recording":
                    journal.recordings[record.facts["stream"]] = connected.get(record.facts["link"], place.segment)
    return journal


def _enter(journal: Journal, record: Record) -> None:
    facts = record.facts
    match facts.get("note"):
        case "run":
            journal.runs[facts["run"]] = RunLog(facts["run"], facts)
        case "run end" if facts["run"] in journal.runs:
            journal.runs[facts["run"]].is_over = True
        case "task" if facts["run"] in journal.runs:
            log = TaskLog(facts["task"], facts["run"], Task(facts["table"], facts["params"], facts["probe"]))
            journal.tasks[log.id] = log
            journal.runs[log.run].tasks.append(log)
        case "task end" if facts["task"] in journal.tasks:
            journal.tasks[facts["task"]].end = End(
                facts["state"], facts["reason"], facts["rows"], facts["requests"], record.at, facts.get("code")
            )
