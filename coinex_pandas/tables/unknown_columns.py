"""Columns that the exchange sends and this package does not know, and those it no longer sends: found and announced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET

from coinex_pandas.errors import ColumnsChanged
from coinex_pandas.errors.warn import warn
from coinex_pandas.tables.row import Column, Path, Row, fields, row_in

__all__ = ["Extra", "announce", "announce_once", "strangers", "unknown"]

_announced: set[tuple[str, str, str]] = set()


class Extra(NamedTuple):
    """A column that is not declared: where it stands, and its name in the frame."""

    path: Path
    name: str


def unknown(row: type[Row], body: bytes) -> tuple[Extra, ...]:
    """Return the columns of an answer that are not declared."""
    data = msgspec.json.decode(body).get("data")
    return strangers(row, data if isinstance(data, list) else [data])


def strangers(row: type[Row], items: Sequence[Any]) -> tuple[Extra, ...]:
    """Return the columns of JSON objects that are not declared."""
    found = dict.fromkeys(_strangers(row, items, ()))
    taken = {column.name for column in row.columns()}
    return tuple(Extra(path, path[-1] if path[-1] not in taken else ".".join(path)) for path in found)


def _strangers(row: type[Row], items: Sequence[Any], path: Path) -> Iterator[Path]:
    hints = fields(row)
    for item in items:
        if not isinstance(item, dict):
            continue
        yield from ((*path, name) for name in item if name not in row.__struct_encode_fields__)
        for name in row.__struct_fields__:
            if name in item and (inner := row_in(hints[name])):
                below = item[name] if isinstance(item[name], list) else [item[name]]
                yield from _strangers(inner, below, (*path, name))


def announce(row: type[Row], cells: Mapping[str, Sequence[Any]], came: Sequence[Extra], venue: str) -> None:
    """Warn once per venue of each column that is new, and of each that is gone."""
    children = [column for column in row.columns() if row.many and column.path[:1] == (row.many,)]
    absent = children if _all_unset(cells, children) else []  # a parent without children says nothing of their columns
    news = [f"new column {extra.name!r} (kept as text)" for extra in came]
    news += [
        f"column {column.name!r} no longer comes (missing values)"
        for column in row.columns()
        if column.path and not column.optional and column not in absent and _all_unset(cells, [column])
    ]
    announce_once(row.__name__, news, venue)


def announce_once(table: str, news: Sequence[str], venue: str) -> None:
    """Warn of what has not been told of a table and venue before."""
    fresh = [text for text in news if (venue, table, text) not in _announced]
    _announced.update((venue, table, text) for text in fresh)
    if fresh:
        warn(f"{table}: the exchange changed its answer: {'; '.join(fresh)}", ColumnsChanged)


def _all_unset(cells: Mapping[str, Sequence[Any]], columns: Sequence[Column]) -> bool:
    return all(cell is UNSET for column in columns for cell in cells[column.name])
