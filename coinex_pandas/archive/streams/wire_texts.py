"""The numbers of recorded frames whose text says more than a float, as "1.50" does, kept until their rows are cut."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
import pandas as pd

from coinex_pandas.live.channel import Channel
from coinex_pandas.tables.kinds import NumberKind

__all__ = ["WireTexts"]

_ODD = re.compile(rb'"(?:[-+.\d]*\.\d*0|-?0\d[.\d]*|[-+.\d]{17,}|[-+.\d]+[eE][-+\d]+|\+[.\d]+|-?\.\d+|-?\d+\.)"')
"""A number in quotes that is perhaps not the shortest text of its float: all others are."""
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class WireTexts:
    """What the objects in some records said, by the numbers that these are counted with."""

    def __init__(self) -> None:
        self._objects: dict[int, list[dict[str, Any]]] = {}
        self._held: dict[int, list[dict[str, Any]]] = defaultdict(list)

    def add(self, number: int, body: bytes) -> None:
        """Take the frame of a record."""
        if _ODD.search(body):
            self._objects[number] = list(_objects_in(body))

    def hold(self, link: int, body: bytes) -> None:
        """Take a reply over HTTP, whose rows the next record of that link holds as they were decoded."""
        if _ODD.search(body):
            self._held[link] += _objects_in(body)

    def give(self, link: int, number: int) -> None:
        """Count the replies that were held for a link as those of a record."""
        if link in self._held:
            self._objects[number] = self._held.pop(link)

    def forget(self, before: int) -> None:
        """Forget the records before one."""
        self._objects = {number: each for number, each in self._objects.items() if number >= before}

    def of(self, channel: Channel, rows: pd.DataFrame, numbers: Sequence[int]) -> dict[str, list[str | None]]:
        """Return the texts of each column of rows as the exchange sent them, where they may say more than a float.

        Parameters
        ----------
        channel : Channel
            What was pushed.
        rows : DataFrame
            Its rows, their index among the columns.
        numbers : sequence of int
            The record of each row.
        """
        key = _key(channel)
        if not key or not self._objects:
            return {}
        places = {column.name: column.path[-1] for column in channel.row.columns() if _is_number(column)}
        texts: dict[str, list[str | None]] = {name: [None] * len(rows) for name in places}
        labels = [_label(dict(zip(key, cells, strict=True)), key) for cells in _cells(rows[list(key)])]
        floats = {name: rows[name].to_numpy() for name in places}
        known: tuple[int, dict[Any, dict[str, Any]]] = (-1, {})
        for at, number in enumerate(numbers):
            if known[0] != number:
                known = (number, {_label(each, key): each for each in self._objects.get(number, ()) if key[-1] in each})
            said = known[1].get(labels[at], {})
            for name, place in places.items():
                if said and _is_text_of(said.get(place), floats[name][at]):
                    texts[name][at] = said[place]
        return {name: each for name, each in texts.items() if any(text is not None for text in each)}


def _cells(rows: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    return rows.astype(object).where(rows.notna(), None).itertuples(index=False, name=None)


def _label(cells: Mapping[str, Any], key: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(cells.get(name) or "") for name in key)


def _is_text_of(text: Any, value: float) -> bool:
    """Return whether a cell of JSON is the text of a number; a reply over HTTP can be of another moment."""
    try:
        return isinstance(text, str) and float(text) == value
    except ValueError:
        return False


def _is_number(column: Any) -> bool:
    return isinstance(column.kind, NumberKind) and bool(column.path)


def _key(channel: Channel) -> tuple[str, ...]:
    """Return the columns that tell the rows of one push apart; none for a book, whose rows are of many pushes."""
    if channel.private is not None:
        return channel.private.key
    return () if channel.method == "depth" else (channel.row.key or ("market",))


def _objects_in(body: bytes) -> Iterator[dict[str, Any]]:
    """Yield the objects of a text of JSON, however deep they stand in it, that hold a number in quotes."""
    try:
        waiting = [msgspec.json.decode(body)]
    except _UNREADABLE:
        return
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield value
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
