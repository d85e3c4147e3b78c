"""Tables from raw: each task's call is made again from its replies, and its rows join the table.

The rules of the public functions decide what is a row and what comes twice, so a table holds what the calls returned.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pandas as pd

from coinex_pandas.archive.collection.journal import RunLog, TaskLog, read_journal
from coinex_pandas.archive.collection.plan import Task, call
from coinex_pandas.archive.collection.recorder import REPLY, EndOfReplies, Player, Work
from coinex_pandas.archive.description.definitions import definition_of
from coinex_pandas.archive.raw.catalogue import Catalogue
from coinex_pandas.archive.raw.writer import Writer
from coinex_pandas.archive.streams.queue import wait_for_recordings
from coinex_pandas.archive.tables.columns import stored
from coinex_pandas.archive.tables.coverage import coverage_frame, coverage_of, write_coverage
from coinex_pandas.archive.tables.partitions import Partitions
from coinex_pandas.archive.tables.recordings import add_recordings, task_of
from coinex_pandas.archive.tables.replies import write_replies
from coinex_pandas.errors import CoinExError
from coinex_pandas.http.venue import Venue
from coinex_pandas.tables.kinds import Numbers

__all__ = ["player_of", "rebuild", "replay"]


def rebuild(path: str | os.PathLike[str], writer: Writer | None = None, *, fresh: bool = False) -> pd.DataFrame:
    """Make the tables of an archive from its raw layer, as far as they are not made yet; return the coverage.

    Parameters
    ----------
    path : str or path
        The folder of the archive.
    writer : Writer, optional
        Who writes into it already.
    fresh : bool, default False
        Make all tables anew.

    Returns
    -------
    DataFrame
        The coverage, as `Archive.coverage` has it.

    Raises
    ------
    ArchiveBusy
        Another process writes into the folder.
    ArchiveDamaged
        The raw layer is not what was written; ``verify`` says more.
    """
    root = Path(path)
    if writer is None:
        wait_for_recordings(root)
        with Writer(root) as own:
            return rebuild(root, own, fresh=fresh)
    catalogue = Catalogue(root)
    journal = read_journal(catalogue)
    former = coverage_frame([]) if fresh else coverage_of(root)
    built = dict(zip(former["task"], former["state"], strict=True))
    tasks = [task for task in journal.tasks.values() if not task.task.is_probe or task.end is not None]
    new = [task for task in tasks if built.get(task.id) != _state(task)]
    streams = [each for each in journal.recordings.items() if task_of(each[0]) not in built]
    writer.sweep()
    if new or streams or fresh:
        partitions = Partitions(root, writer.bag.payload, fresh=fresh)
        for task in new:
            _add(partitions, catalogue, journal.runs[task.run], task)
            partitions.write_some()
        recorded = add_recordings(partitions, catalogue, streams)
        partitions.write()
        partitions.enter(writer.bag)
        write_replies(root, writer, journal)
        known = former[~former["task"].isin(journal.tasks)]
        write_coverage(root, writer, journal, pd.concat([known, recorded], ignore_index=True))
        partitions.remove_old()
    return coverage_of(root)


def _state(task: TaskLog) -> str:
    return task.end.state if task.end is not None else "interrupted"


def player_of(run: RunLog) -> Player:
    """Return a session that answers as the venue of a run did."""
    return Player(Venue(run.facts["venue"], http=run.facts["http"]))


def _add(partitions: Partitions, catalogue: Catalogue, run: RunLog, task: TaskLog) -> None:
    """Add the rows of a task to its table."""
    if task.task.is_probe:
        return
    work = task.work(catalogue)
    frames: list[pd.DataFrame] = []
    work.sink = frames.append
    frames += replay(player_of(run), task.task, work, "text")
    parts = [_stored(task, frame, work) for frame in frames if len(frame)]
    if parts:
        import pyarrow as pa

        partitions.add(task.task.table, pa.concat_tables(parts, promote_options="default"))


def replay(player: Player, task: Task, work: Work, numbers: Numbers) -> list[pd.DataFrame]:
    """Make a task's call again; return its frame, or nothing where it failed, as it did then."""
    player.begin(work)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what there is to say was said when it was captured
        try:
            return [call(task, player, numbers)]
        except (CoinExError, EndOfReplies):
            return []


def _stored(task: TaskLog, frame: pd.DataFrame, work: Work) -> Any:
    replies, of = np.unique(frame[REPLY].to_numpy(), return_inverse=True)
    times = np.array([work.times[at] // 1_000_000 for at in replies], dtype="datetime64[ms]")
    places = [work.places[at] for at in replies]
    queries = [dict(parse_qsl(urlsplit(work.addresses[at]).query)) for at in replies]
    columns = definition_of(task.task.table).request_columns
    request = {name: [queries[at].get(name) for at in of] for name in columns}
    return stored(task.task.table, frame, request, captured=times[of], records=[places[at] for at in of])
