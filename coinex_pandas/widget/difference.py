"""What the browser's list of rows holds, and the smallest part that brings it up to date.

Only texts are compared: rows that read the same look the same, so a wrong guess cannot be seen.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pandas as pd

from coinex_pandas.widget import cells
from coinex_pandas.widget.cells import Column, Row

COMPARED = 160  # newest rows that are compared to find how many are new
ROW_BYTES = 2300  # of rows in one frame: with all that is around them it stays below 4 kB on the wire


class Lines:
    """A table's rows as texts, newest first, written only when asked for."""

    def __init__(self, frame: pd.DataFrame, shown: list[Column]) -> None:
        self._frame = frame.iloc[::-1]
        self._shown = shown
        self.marks = cells.marks(frame)[::-1]

    def __len__(self) -> int:
        return len(self._frame)

    def texts(self, begin: int, end: int) -> list[Row]:
        """Write the rows from `begin` up to `end`."""
        return cells.rows(self._frame.iloc[begin:end], self._shown)


class Part(NamedTuple):
    """What brings the browser up to date, and how many rows are new; None when not even the oldest was known."""

    content: dict[str, Any]
    fresh: int | None


class Seen:
    """The browser's list, from the newest row down: `run` rows without a hole.

    A frame brings the new rows on top and, with what room it has left, older ones below. When more rows are new than
    a frame takes, the browser marks a hole, and the run begins anew.
    """

    def __init__(self) -> None:
        self.run = 0
        self._top: list[Row] = []

    def forget(self) -> None:
        """Begin anew: the browser has nothing."""
        self.run = 0

    def missing(self, available: int, limit: int) -> bool:
        """Tell whether older rows are still to be brought."""
        return self.run < min(available, limit)

    def part(self, lines: Lines, limit: int) -> Part:
        """Choose what to send of the table, and note that the browser has it."""
        newest = lines.texts(0, COMPARED)
        fresh = self._fresh(newest)
        wanted = newest[: limit if fresh is None or not self.run else min(fresh, limit)]
        top = wanted[: _fitting(wanted, ROW_BYTES)]
        hole = bool(self.run) and (fresh is None or len(top) < fresh)
        anew = hole or not self.run
        self.run = len(top) if anew else min(self.run + len(top), limit)
        older = [] if anew else self._older(lines, limit, ROW_BYTES - sum(map(_size, top)))
        content = {"hole": hole, "top": _packed(top, lines.marks, 0), "older": _packed(older, lines.marks, self.run)}
        self.run += len(older)
        self._top = newest
        return Part({name: value for name, value in content.items() if value}, fresh)

    def _fresh(self, newest: list[Row]) -> int | None:
        """Count the rows that came since the last part."""
        for count in range(len(newest) if self._top else 0):
            known = newest[count:]
            if known[: len(self._top)] == self._top[: len(known)]:
                return count
        return None

    def _older(self, lines: Lines, limit: int, room: int) -> list[Row]:
        texts = lines.texts(self.run, min(limit, self.run + COMPARED)) if self.run < limit else []
        return texts[: _fitting(texts, room)]


def _fitting(texts: list[Row], room: int) -> int:
    """Count the rows that fit into `room` bytes."""
    for count, row in enumerate(texts):
        room -= _size(row)
        if room < 0:
            return count
    return len(texts)


def _size(row: Row) -> int:
    """Count the bytes of a row in JSON: quotes and comma around each cell."""
    return sum(map(len, row)) + 3 * len(row)


def _packed(texts: list[Row], marks: str, begin: int) -> dict[str, Any]:
    """Turn rows into columns, a cell that repeats the one above it as 0."""
    if not texts:
        return {}
    columns = [_shortened(list(column)) for column in zip(*texts, strict=True)]
    return {"marks": marks[begin : begin + len(texts)], "columns": columns}


def _shortened(column: list[str]) -> list[str | int]:
    return [0 if index and text == column[index - 1] else text for index, text in enumerate(column)]
