"""Columns that the exchange newly sends, and those it no longer sends: the search for them, and one warning of each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET

from coinex_pandas.errors import ColumnsChanged
from coinex_pandas.errors.quoting import LONGEST_QUOTE, quoted
from coinex_pandas.errors.warn import warn
from coinex_pandas.tables.row import Column, Path, Row, fields, row_in

__all__ = ["MOST_EXTRAS", "Extra", "Extras", "extras_in_answer", "extras_in_objects", "warn_of_changes", "warn_once"]

MOST_EXTRAS = 64
"""Columns of one table that are kept without being declared."""

_MOST_WARNINGS = 10_000  # of one process; a peer that always has another new column is not remembered for ever
_warned: set[tuple[str, str, str]] = set()


class Extra(NamedTuple):
    """A column that is not declared: where it stands, and its name in the frame."""

    path: Path
    name: str


_DECODABLE = re.compile(r"[^\x00-\x1f\"\\\\]*")  # msgspec takes no other names


class Extras:
    """The columns that are not declared and came so far, in the order in which they came.

    A peer that invents a column in every message costs no more than `MOST_EXTRAS` of them.
    """

    def __init__(self) -> None:
        self._by_row: dict[type[Row], tuple[Extra, ...]] = {}

    def of(self, row: type[Row]) -> tuple[Extra, ...]:
        """Return those of a table."""
        return self._by_row.get(row, ())

    def add(self, row: type[Row], extras: Iterable[Extra]) -> None:
        """Add new ones as far as there is room; ValueError for a name that is no name."""
        former = self.of(row)
        fresh = [extra for extra in extras if extra not in former]
        longest = max((len(extra.name) for extra in fresh), default=0)
        if longest > LONGEST_QUOTE:
            raise ValueError(f"a column whose name has {longest:,} characters")
        if odd := [name for extra in fresh for name in extra.path if not _DECODABLE.fullmatch(name)]:
            raise ValueError(f"a column named {odd[0]!r}")  # kept, it would spoil every later answer
        if fresh and len(former) < MOST_EXTRAS:
            self._by_row[row] = (*former, *fresh)[:MOST_EXTRAS]


def extras_in_answer(row: type[Row], body: bytes) -> tuple[Extra, ...]:
    """Return the columns of an answer that are not declared."""
    data = msgspec.json.decode(body).get("data")
    return extras_in_objects(row, data if isinstance(data, list) else [data])


def extras_in_objects(row: type[Row], items: Sequence[Any]) -> tuple[Extra, ...]:
    """Return the columns of JSON objects that are not declared."""
    paths = dict.fromkeys(_extra_paths(row, items, ()))
    declared = {column.name for column in row.columns()}
    return tuple(Extra(path, path[-1] if path[-1] not in declared else ".".join(path)) for path in paths)


def _extra_paths(row: type[Row], items: Sequence[Any], path: Path) -> Iterator[Path]:
    declared = frozenset(row.__struct_encode_fields__)
    rows = {name: inner for name, hint in fields(row).items() if (inner := row_in(hint))}
    for item in items:
        if not isinstance(item, dict):
            continue
        if not item.keys() <= declared:
            yield from ((*path, name) for name in item if name not in declared)
        for name, inner in rows.items():
            if name in item:
                below = item[name] if isinstance(item[name], list) else [item[name]]
                yield from _extra_paths(inner, below, (*path, name))


def warn_of_changes(row: type[Row], cells: Mapping[str, Sequence[Any]], extras: Sequence[Extra], venue: str) -> None:
    """Warn once per venue of each column that is new, and of each that no longer comes."""
    children = [column for column in row.columns() if row.many and column.path[:1] == (row.many,)]
    absent = children if _all_unset(cells, children) else []  # a parent without children says nothing of their columns
    changes = [f"new column {quoted(extra.name, 80)!r} (kept as text)" for extra in extras]
    changes += [
        f"column {column.name!r} no longer comes (missing values)"
        for column in row.columns()
        if column.path and not column.optional and column not in absent and _all_unset(cells, [column])
    ]
    warn_once(row.__name__, changes, venue)


def warn_once(table: str, changes: Sequence[str], venue: str) -> None:
    """Warn of changes of a table at a venue, each of them once."""
    if len(_warned) > _MOST_WARNINGS:
        return
    fresh = [text for text in changes if (venue, table, text) not in _warned]
    _warned.update((venue, table, text) for text in fresh)
    if fresh:
        warn(f"{table}: the exchange changed its answer: {'; '.join(fresh)}", ColumnsChanged)


def _all_unset(cells: Mapping[str, Sequence[Any]], columns: Sequence[Column]) -> bool:
    return all(cell is UNSET for column in columns for cell in cells[column.name])
