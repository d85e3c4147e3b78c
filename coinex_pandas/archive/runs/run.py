"""A capture's run: its tasks, many at a time, each noted as it begins and as it ends, so that it can go on later."""

from __future__ import annotations

import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

import pandas as pd

from coinex_pandas.archive.collection.journal import End, Journal, RunLog
from coinex_pandas.archive.collection.plan import Task, call, is_history
from coinex_pandas.archive.collection.recorder import Answered, Recorder, Work, recorder_of
from coinex_pandas.archive.raw.catalogue import Catalogue
from coinex_pandas.archive.raw.records import Record
from coinex_pandas.archive.raw.writer import Writer
from coinex_pandas.archive.runs.remaining import Remaining
from coinex_pandas.errors import ArchiveError, CoinExError, IncompleteWarning, NoAnswer, Refused, StaleDataWarning
from coinex_pandas.http.session import Session

__all__ = ["Report", "Run", "Stopped"]

_LOOK = 0.2  # seconds between two looks for Ctrl-C and for tasks that ended

Report = Callable[[Task, End | None], None]
"""Is called when a task begins, with None, and when it ends."""


class Stopped(BaseException):
    """Ends a task from within: the capture is being stopped."""


class Run:
    """One run of a capture.

    Parameters
    ----------
    writer : Writer
        The archive.
    session : Session
        Where to ask.
    facts : mapping
        What the run is begun with: what, until, settings.
    journal : Journal
        What was captured before.
    report : callable
        Gets each beginning and end.
    redact : bool
        Whether addresses are left out.
    """

    def __init__(
        self,
        writer: Writer,
        session: Session,
        facts: Mapping[str, Any],
        journal: Journal,
        report: Report,
        *,
        redact: bool,
    ) -> None:
        self._writer, self._report = writer, report
        self._catalogue = Catalogue(writer.path)
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._recorder: Recorder = recorder_of(session, self._store, redact=redact)
        self._remaining = Remaining(journal, facts["what"])
        self.log = self._resumed(journal, facts) or RunLog(str(time.time_ns()), dict(facts))
        self._ids = len(self.log.tasks)
        self._ended = {each.task.key: each for each in self.log.tasks}
        self._note(note="run", run=self.log.id, **self.log.facts)

    def go(self, tasks: Iterable[Task], connections: int) -> dict[str, pd.DataFrame]:
        """Run tasks, many at a time; return the frames of those that are no histories, by their keys.

        Raises
        ------
        KeyboardInterrupt
            Somebody stops it; what is under way ends with its next request, and another run goes on from there.
        """
        frames: dict[str, pd.DataFrame] = {}
        with _quiet(), ThreadPoolExecutor(connections, "coinex-archive") as pool:
            try:
                for task, frame in self._results(pool, tasks, connections):
                    frames[task.key] = frame
            except BaseException:
                self._stop.set()
                pool.shutdown(cancel_futures=True)
                raise
        return frames

    def end(self) -> None:
        """Note that nothing is left to do."""
        self._note(note="run end", run=self.log.id)

    def _results(
        self, pool: ThreadPoolExecutor, tasks: Iterable[Task], connections: int
    ) -> Iterator[tuple[Task, pd.DataFrame]]:
        """Yield what tasks return, in no order; never more of them wait than are worth it."""
        waiting: dict[Future[pd.DataFrame], Task] = {}
        for task in tasks:
            waiting[pool.submit(self._do, task)] = task
            while len(waiting) >= 4 * connections:
                yield from _done(waiting)
        while waiting:
            yield from _done(waiting)

    def _do(self, task: Task) -> pd.DataFrame:
        """Run a task, and note its beginning and its end; one that has ended in this run is not run again."""
        if self._stop.is_set():
            raise Stopped
        log = self._ended.get(task.key)
        if log is not None and log.end is not None and (task.is_probe or is_history(task.table)):
            self._report(task, log.end)
            return pd.DataFrame()
        if log is None and self._remaining.is_settled(task):
            self._report(task, End("complete", "", 0, 0, 0))
            return pd.DataFrame()
        task = self._remaining.narrowed(task) if log is None else log.task
        work = self._begin(task) if log is None else log.work(self._catalogue)
        self._report(task, None)
        frame, end = self._call(task, work)
        if log is None or log.end is None:
            self._note(note="task end", task=work.id, **_facts(end))
        self._report(task, end)
        return frame

    def _begin(self, task: Task) -> Work:
        with self._lock:
            self._ids += 1
            name = f"{self.log.id}.{self._ids}"
        self._note(note="task", task=name, run=self.log.id, table=task.table, params=task.params, probe=task.is_probe)
        return Work(name, task.table)

    def _call(self, task: Task, work: Work) -> tuple[pd.DataFrame, End]:
        rows = 0

        def count(frame: pd.DataFrame) -> None:
            nonlocal rows
            rows += len(frame)

        if is_history(task.table):
            work.sink = count  # nobody needs the rows here: the replies are stored
        work.is_probe = task.is_probe
        self._recorder.begin(work)
        empty = pd.DataFrame()
        try:
            frame = call(task, self._recorder, "float")
        except Answered as reply:
            return empty, _end("complete", "", int(reply.args[0]), work)
        except ArchiveError:
            raise  # nothing can be stored any more: no task could go on
        except Refused as error:
            return empty, _end("refused", str(error), rows, work, error.code)
        except NoAnswer as error:
            return empty, _end("no answer", str(error), rows, work)
        except CoinExError as error:
            return empty, _end("failed", str(error), rows, work)
        notes = frame.attrs["coinex"]
        state = "complete" if notes["complete"] else "incomplete"
        return frame, _end(state, notes.get("incomplete", ""), rows or len(frame), work)

    def _resumed(self, journal: Journal, facts: Mapping[str, Any]) -> RunLog | None:
        """Return the newest run if it was interrupted and was for the same."""
        newest = next(reversed(journal.runs.values()), None)
        same = ("what", "venue", "settings")
        if newest is None or newest.is_over or any(newest.facts.get(name) != facts[name] for name in same):
            return None
        return RunLog(newest.id, {name: newest.facts[name] for name in facts}, tasks=newest.tasks)

    def _store(self, record: Record) -> None:
        if self._stop.is_set():
            raise Stopped
        self._writer.add(record)

    def _note(self, **facts: Any) -> None:
        self._writer.note(**facts)


def _done(waiting: dict[Future[pd.DataFrame], Task]) -> Iterator[tuple[Task, pd.DataFrame]]:
    ended, _ = wait(waiting, timeout=_LOOK, return_when=FIRST_COMPLETED)
    for future in ended:
        yield waiting.pop(future), future.result()


@contextmanager
def _quiet() -> Iterator[None]:
    """Have no warning speak of single tasks: the coverage says all of that."""
    with warnings.catch_warnings():
        for category in (IncompleteWarning, StaleDataWarning):
            warnings.simplefilter("ignore", category)
        yield


def _end(state: str, reason: str, rows: int, work: Work, code: int | None = None) -> End:
    return End(state, reason, rows, work.requests, time.time_ns(), code)


def _facts(end: End) -> dict[str, Any]:
    return {name: value for name, value in end._asdict().items() if name != "at" and value is not None}
