"""The difference between the table and the browser's list of rows, as the smallest part that updates the list.

Only texts are compared: rows with the same texts look the same, so a wrong guess cannot be seen.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pandas as pd

from coinex_pandas.widget import cells
from coinex_pandas.widget.cells import Column, Row

COMPARED = 160  # newest rows that are compared to find how many are new
ROW_BYTES = 2100  # of rows in one frame: with all that is around them it stays below 4 kB on the wire


class Lines:
    """A table's rows as texts, newest first, written only when they are needed."""

    def __init__(self, frame: pd.DataFrame, columns: list[Column]) -> None:
        self._frame = frame.iloc[::-1]
        self._columns = columns
        self.marks = cells.marks(frame)[::-1]

    def __len__(self) -> int:
        return len(self._frame)

    def texts(self, begin: int, end: int) -> list[Row]:
        """Return the rows from `begin` up to `end`."""
        return cells.rows(self._frame.iloc[begin:end], self._columns)


class Part(NamedTuple):
    """What updates the browser's list, and how many rows are new; None when none of them was there before."""

    message: dict[str, Any]
    new: int | None


class Difference:
    """What the browser's list lacks. It has `run` rows without a hole, from the newest one down.

    A frame brings the new rows on top and, in the room that is left, older ones below. When there are more new rows
    than fit into a frame, the browser marks a hole, and the run begins anew.
    """

    def __init__(self) -> None:
        self.run = 0
        self._top: list[Row] = []

    def reset(self) -> None:
        """Begin anew: the browser has nothing."""
        self.run = 0

    def is_incomplete(self, available: int, limit: int) -> bool:
        """Return whether older rows are still to be sent."""
        return self.run < min(available, limit)

    def part(self, lines: Lines, limit: int) -> Part:
        """Return the part of the table to send, and note that the browser has it."""
        newest = lines.texts(0, COMPARED)
        new = self._count_new(newest)
        wanted = newest[: limit if new is None or not self.run else min(new, limit)]
        top = wanted[: _fitting(wanted, ROW_BYTES)]
        hole = bool(self.run) and (new is None or len(top) < new)
        anew = hole or not self.run
        self.run = len(top) if anew else min(self.run + len(top), limit)
        older = [] if anew else self._older(lines, limit, ROW_BYTES - sum(map(_size, top)))
        message = {"hole": hole, "top": _packed(top, lines.marks, 0), "older": _packed(older, lines.marks, self.run)}
        self.run += len(older)
        self._top = newest
        return Part({name: value for name, value in message.items() if value}, new)

    def _count_new(self, newest: list[Row]) -> int | None:
        """Return how many rows came since the last part; None when more than are compared."""
        for count in range(len(newest) if self._top else 0):
            rest = newest[count:]
            if rest[: len(self._top)] == self._top[: len(rest)]:
                return count
        return None

    def _older(self, lines: Lines, limit: int, room: int) -> list[Row]:
        texts = lines.texts(self.run, min(limit, self.run + COMPARED)) if self.run < limit else []
        return texts[: _fitting(texts, room)]


def _fitting(texts: list[Row], room: int) -> int:
    """Return how many rows fit into `room` bytes."""
    for count, row in enumerate(texts):
        room -= _size(row)
        if room < 0:
            return count
    return len(texts)


def _size(row: Row) -> int:
    """Return the bytes of a row in JSON: quotes and comma around each cell."""
    return sum(map(len, row)) + 3 * len(row)


def _packed(texts: list[Row], marks: str, begin: int) -> dict[str, Any]:
    """Return rows as columns, with 0 for a cell that repeats the one above it."""
    if not texts:
        return {}
    columns = [_shorten(list(column)) for column in zip(*texts, strict=True)]
    return {"marks": marks[begin : begin + len(texts)], "columns": columns}


def _shorten(column: list[str]) -> list[str | int]:
    return [0 if index and text == column[index - 1] else text for index, text in enumerate(column)]
