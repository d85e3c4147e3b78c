"""The tables of an archive as the ledger reads them: plain rows, numbers exact, times in milliseconds."""

from __future__ import annotations

import os
from collections.abc import Collection
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from coinex_pandas.archive.raw.bag import MANIFEST, sha256_of
from coinex_pandas.errors import NotCaptured
from coinex_pandas.tables.kinds import Numbers
from coinex_pandas.tables.times import unix_ms

__all__ = ["Archive", "Rows", "Tables", "decimal"]

Rows = list[dict[str, Any]]
_ONE_RUN = 600_000  # milliseconds: what is read in several requests is one state when they came within that time


class Archive(Protocol):
    """What the ledger needs of an archive."""

    @property
    def path(self) -> str | os.PathLike[str]:
        """The folder."""

    def table(self, name: str, *, numbers: Numbers = "float") -> pd.DataFrame:
        """Return all rows of a table; NotCaptured when there was never one."""

    def coverage(self) -> pd.DataFrame:
        """Return what was captured, a row per task."""


class Tables:
    """The tables of an archive, each read once.

    Parameters
    ----------
    archive : Archive
        The archive.
    """

    def __init__(self, archive: Archive) -> None:
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
            frame = self._archive.table(name, numbers="text")
        except NotCaptured:
            return []
        return _rows(frame.loc[frame["market"].astype("str").isin(list(markets))])

    def newest(self, name: str) -> Rows:
        """Return the rows of a table of states, such as balances, as they were when it was last captured."""
        last = self.captured_at(name)
        if last is None:
            return self.rows(name)
        return [row for row in self.rows(name) if (row.get("captured_at") or last) >= last - _ONE_RUN]

    def captured_at(self, name: str) -> int | None:
        """Return when a table was last captured, in milliseconds; also when it was empty then. None for never."""
        coverage, frame = self._coverage, self.frame(name)
        times: list[Any] = []
        if len(coverage):
            tasks = coverage.loc[coverage["table"].astype("str") == name]
            if "refused" in tasks:
                tasks = tasks.loc[tasks["refused"].astype("str").isin(["", "nan", "None", "<NA>"])]
            times += list(tasks.get("captured_at", ()))
        if frame is not None and len(frame) and "captured_at" in frame:
            times.append(frame["captured_at"].max())
        return max((unix_ms(pd.Timestamp(time)) for time in times if not pd.isna(time)), default=None)

    def manifest(self) -> str:
        """Return the SHA-256 of the archive's manifest; empty where there is none."""
        path = Path(self.path) / MANIFEST
        return sha256_of(path) if path.is_file() else ""


def decimal(row: dict[str, Any], name: str) -> Decimal:
    """Return a number of a row; 0 where it is missing."""
    value = row.get(name)
    return value if isinstance(value, Decimal) else Decimal(0)


def _rows(frame: pd.DataFrame) -> Rows:
    columns = {str(column): [_plain(cell) for cell in frame[column]] for column in frame.columns}
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


def _plain(cell: Any) -> Any:
    if cell is None or isinstance(cell, Decimal | str | bool | int | tuple):
        return cell
    if pd.isna(cell):
        return None
    return unix_ms(cell) if isinstance(cell, pd.Timestamp) else cell.item() if hasattr(cell, "item") else cell
