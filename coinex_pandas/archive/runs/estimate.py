"""What a capture would take: its requests, their time at the rate limits, and the size of what they bring."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

import pandas as pd

from coinex_pandas.api.endpoints import ROUTES
from coinex_pandas.archive.collection.plan import Task, call, is_history
from coinex_pandas.archive.collection.recorder import Work, recorder_of
from coinex_pandas.archive.runs.remaining import Remaining
from coinex_pandas.archive.runs.stages import Frames, Stage
from coinex_pandas.errors import CoinExError
from coinex_pandas.http.pacing import LIMITS
from coinex_pandas.http.session import Session
from coinex_pandas.tables.times import PERIODS

__all__ = ["estimate"]

_PAGE = 998  # candles of a request
_WEEK, _DAY = 7 * 86_400_000, 86_400_000
_LISTS = {"spot_markets()", "futures_markets()", "subs()"}
"""What other tasks follow from: these are requested."""
_BYTES = {"spot_klines": 60_000, "futures_klines": 60_000, "futures_premium_index_history": 30_000}
"""Bytes that a full reply takes on the disk, packed and as rows of a table; measured with the sandbox's."""
_FEW = 3_000  # bytes of any other reply, which is seldom full


class _Need(NamedTuple):
    """The requests of a task, and whether these are all, no more, or no less."""

    requests: int
    bound: str


def estimate(session: Session, stages: Iterator[Stage], remaining: Remaining, until: pd.Timestamp) -> pd.DataFrame:
    """Return what a capture would take, a row for each table of each stage.

    Parameters
    ----------
    session : Session
        Where the lists of markets and of sub-accounts are asked for; nothing else is.
    stages : iterator of Stage
        What would be captured.
    remaining : Remaining
        What of it is captured already.
    until : Timestamp
        The time of the venue.

    Returns
    -------
    DataFrame
        Columns ``stage``, ``table``, ``tasks``, ``requests``, ``bound`` ("exactly", "at most": older rows may not be
        there; "at least": an account's pages are not known before), ``pace`` (the group of the rate limit), ``seconds``
        at that limit, and ``bytes`` on the disk; their sums are in ``attrs["coinex"]``.
    """
    frames: Frames = {}
    needs: dict[tuple[str, str], list[_Need]] = defaultdict(list)
    for stage, tasks in stages:
        for task in tasks(frames):
            if task.key in _LISTS:
                frames[task.key] = _list(session, task)
            if not remaining.is_settled(task):
                needs[stage, task.table].append(_need(remaining.narrowed(task), until))
    frame = pd.DataFrame([_row(*key, each) for key, each in needs.items()], columns=list(_COLUMNS)).astype(_COLUMNS)
    times = frame.groupby(["stage", "pace"])["seconds"].sum().groupby("stage").max()  # paces run side by side
    frame.attrs["coinex"] = {
        "table": "estimate",
        "requests": int(frame["requests"].sum()),
        "seconds": round(float(times.sum()), 1),
        "bytes": int(frame["bytes"].sum()),
    }
    return frame


_COLUMNS = {
    "stage": "str",
    "table": "str",
    "tasks": "int64",
    "requests": "int64",
    "bound": "str",
    "pace": "str",
    "seconds": "float64",
    "bytes": "int64",
}


def _list(session: Session, task: Task) -> pd.DataFrame:
    """Return a list; nothing of it is stored, and no rows come where it is refused."""
    reader = recorder_of(session, lambda _: None)
    reader.begin(Work("", task.table))
    try:
        return call(task, reader, "float")
    except CoinExError:
        return pd.DataFrame()


def _row(stage: str, table: str, needs: list[_Need]) -> dict[str, Any]:
    requests = sum(need.requests for need in needs)
    return {
        "stage": stage,
        "table": table,
        "tasks": len(needs),
        "requests": requests,
        "bound": max((need.bound for need in needs), key=("exactly", "at most", "at least").index),
        "pace": ROUTES[table].pace,
        "seconds": requests / LIMITS[ROUTES[table].pace],
        "bytes": requests * _BYTES.get(table, _FEW),
    }


def _need(task: Task, until: pd.Timestamp) -> _Need:
    """Return the requests of a task."""
    if task.is_probe:
        return _Need(1, "exactly")
    if not is_history(task.table):
        return _Need(1, "at least" if ROUTES[task.table].signed else "exactly")  # a call of an account can be many
    if task.table.endswith("_klines"):
        return _Need(-(-_length(task, until) // (PERIODS[task.params["period"]] * _PAGE)) + 1, "at most")
    if task.table == "futures_basis_history":
        return _Need(-(-_length(task, until) // _WEEK) + 1, "at most")
    if task.table == "futures_premium_index_history":
        return _Need(2 * -(-_length(task, until) // _DAY) + 1, "at most")
    return _Need(1, "at least")


def _length(task: Task, until: pd.Timestamp) -> int:
    """Return the milliseconds of a task's range."""
    end = pd.Timestamp(str(task.params.get("end", until)))
    return int((end - pd.Timestamp(str(task.params["start"]))) // pd.Timedelta(milliseconds=1))
