"""The tables of an archive as the ledger reads them: plain rows, numbers exact, times in milliseconds."""

from __future__ import annotations

import os
from collections.abc import Collection
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from coinex_pandas.archive.raw.bag import MANIFEST, sha256_of
from coinex_pandas.archive.reader.archive import open_archive
from coinex_pandas.archive.tables.coverage import STREAM
from coinex_pandas.errors import NotCaptured
from coinex_pandas.tables.kinds import Numbers
from coinex_pandas.tables.times import unix_ms

__all__ = ["Archive", "Rows", "Tables", "decimal"]

Rows = list[dict[str, Any]]


class Archive(Protocol):
    """What the ledger needs of an archive."""

    @property
    def path(self) -> str | os.PathLike[str]:
        """The folder."""

    def table(self, name: str, *, numbers: Numbers = "float", **only: str | Collection[str]) -> pd.DataFrame:
        """Return all rows of a table, or those with some values; NotCaptured when there was never one."""

    def coverage(self) -> pd.DataFrame:
        """Return what was captured, a row per task."""


class Tables:
    """The tables of an archive, each read once.

    Parameters
    ----------
    source : Archive, str or path
        The archive, or its folder.
    """

    def __init__(self, source: Archive | str | os.PathLike[str]) -> None:
        archive = open_archive(source) if isinstance(source, str | os.PathLike) else source
        self.path = os.fspath(archive.path)
        self._archive = archive
        self._coverage = archive.coverage()
        self._frames: dict[str, pd.DataFrame | None] = {}
        self._rows: dict[str, Rows] = {}

    def frame(self, name: str) -> pd.DataFrame | None:
        """Return a table with exact numbers; None when it was never captured."""
        if name not in self._frames:
            try:
                self._frames[name] = self._archive.table(name, numbers="decimal")
            except NotCaptured:
                self._frames[name] = None
        return self._frames[name]

    def rows(self, name: str) -> Rows:
        """Return the rows of a table: decimals exact, times as milliseconds, None for what is missing."""
        if name not in self._rows:
            frame = self.frame(name)
            self._rows[name] = [] if frame is None else _rows(frame)
        return self._rows[name]

    def of_markets(self, name: str, markets: Collection[str]) -> Rows:
        """Return the rows of a table that are of some markets; a table of all markets' candles can be very large."""
        try:
            return _rows(self._archive.table(name, numbers="text", market=sorted(markets)))
        except NotCaptured:
            return []

    def newest(self, name: str) -> Rows:
        """Return the rows of a table of states, such as balances, as the last capture found them."""
        tasks = self._complete(name)
        since = max((_run(task) for task in tasks["task"]), default=0) if "task" in tasks else 0
        return [row for row in self.rows(name) if (row.get("captured_at") or since) >= since]

    def captured_at(self, name: str) -> int | None:
        """Return when a table was last captured, in milliseconds; also when it was empty then. None for never."""
        frame = self.frame(name)
        times: list[Any] = list(self._complete(name).get("captured_at", ()))
        if frame is not None and len(frame) and "captured_at" in frame:
            times.append(frame["captured_at"].max())
        return max((unix_ms(pd.Timestamp(time)) for time in times if not pd.isna(time)), default=None)

    def gaps(self, name: str) -> list[str]:
        """Return why a table is not whole: what the exchange said to the tasks that were never completed."""
        tasks = self._tasks(name)
        if not {"complete", "params", "reason"} <= set(tasks):
            return []
        done = set(tasks.loc[tasks["complete"].astype("bool"), "params"])
        missing = tasks.loc[~tasks["params"].isin(list(done))]
        return [
            f"{name}: not whole ({reason})" for reason in dict.fromkeys(missing["reason"].astype("str")) if len(missing)
        ]

    def _tasks(self, name: str) -> pd.DataFrame:
        """Return what a table's captures tried; recorded streams are none."""
        tasks = self._coverage.loc[self._coverage["table"].astype("str") == name]
        tasks = tasks.loc[~tasks["task"].str.startswith(STREAM)]
        return tasks.loc[~tasks["is_probe"].astype("bool")] if "is_probe" in tasks else tasks

    def _complete(self, name: str) -> pd.DataFrame:
        tasks = self._tasks(name)
        return tasks.loc[tasks["complete"].astype("bool")] if "complete" in tasks else tasks

    def manifest(self) -> str:
        """Return the SHA-256 of the archive's manifest; empty where there is none."""
        path = Path(self.path) / MANIFEST
        return sha256_of(path) if path.is_file() else ""


def decimal(row: dict[str, Any], name: str) -> Decimal:
    """Return a number of a row; 0 where it is missing."""
    value = row.get(name)
    return value if isinstance(value, Decimal) else Decimal(0)


def _run(task: str) -> int:
    """Return when the capture began that a task belongs to, in milliseconds: its number is that time."""
    return int(task.partition(".")[0]) // 1_000_000


def _rows(frame: pd.DataFrame) -> Rows:
    columns = {str(column): [_plain(cell) for cell in frame[column]] for column in frame.columns}
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


def _plain(cell: Any) -> Any:
    if cell is None or isinstance(cell, Decimal | str | bool | int | tuple):
        return cell
    if pd.isna(cell):
        return None
    return unix_ms(cell) if isinstance(cell, pd.Timestamp) else cell.item() if hasattr(cell, "item") else cell
