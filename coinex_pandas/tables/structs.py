"""What msgspec decodes an answer into, made from a row class, and the way from such objects to columns and back.

The declared class takes what is declared and nothing else. The optional shape takes the columns that did come.
The verbatim one keeps the text of numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any

import msgspec
from msgspec import UNSET

from coinex_pandas.tables.envelope import Envelope
from coinex_pandas.tables.kinds import Kind, NumberKind
from coinex_pandas.tables.row import Path, Row, fields, kind_in, renamed, row_in
from coinex_pandas.tables.unknown_columns import Extra

__all__ = [
    "Cells",
    "cells_of",
    "declared",
    "decoder",
    "extras_in",
    "names_in",
    "optional",
    "row_type",
    "struct",
    "turned",
    "verbatim",
]


Cells = dict[str, Sequence[Any]]
"""The cells of every column."""

Shape = Callable[[Kind], Any]
"""What a kind's cells are decoded as."""


def declared(kind: Kind) -> Any:
    """Return what a cell is decoded as; the fields are as strict as the row class declares them."""
    return kind.wire


def optional(kind: Kind) -> Any:
    """Return the same; every field may be absent."""
    return kind.wire


def verbatim(kind: Kind) -> Any:
    """Return what keeps a number's text, and leaves all else to its kind."""
    return msgspec.Raw if isinstance(kind, NumberKind) else Any


@cache
def decoder(row: type[Row], shape: Shape, extras: tuple[Extra, ...], single: bool) -> Any:
    """Return the decoder of answers that hold one or many of such rows."""
    item = row if shape is declared else struct(row, shape, extras, ())
    data = item if single else list[item]  # type: ignore[valid-type]  # a type made at run time
    return msgspec.json.Decoder(Envelope[data], strict=False)  # type: ignore[valid-type]  # as above


def struct(row: type[Row], shape: Shape, extras: tuple[Extra, ...], path: Path) -> type[msgspec.Struct]:
    """Return a row class with the same fields, all optional, of the shape's types, and the extra fields after them."""
    made: list[tuple[str, Any, Any]] = []
    for name, hint in fields(row).items():
        if inner := row_in(hint):
            nested = struct(inner, shape, extras, (*path, name))
            inside = list[nested] if name == row.many else nested  # type: ignore[valid-type]  # as above
            made.append((name, inside | None, UNSET))
        else:
            made.append((name, shape(kind_in(hint)), UNSET))
    here = [extra.path[-1] for extra in extras if extra.path[:-1] == path]
    aliases = {f"extra_{at}": name for at, name in enumerate(here)}  # the wire's names need not be identifiers
    made += [(alias, msgspec.Raw, UNSET) for alias in aliases]
    names = renamed(row) | aliases
    return msgspec.defstruct(row.__name__, made, rename=names, kw_only=True, forbid_unknown_fields=True, gc=False)


def cells_of(row: type[Row], rows: Sequence[Any], extras: tuple[Extra, ...]) -> Cells:
    """Return the cells column by column, children beside their parent's."""
    if is_nested(row):
        return _nested_cells(row, rows, extras)
    names = [*row.__struct_fields__, *(extra.name for extra in extras)]
    if row.order and len(rows) > 1 and _falls(*(getattr(rows[at], row.order[0]) for at in (0, -1))):
        rows = rows[::-1]  # newest first on the wire: turning the list is cheaper than sorting the frame
    return dict(zip(names, turned(rows), strict=True)) if rows else dict.fromkeys(names, ())


@cache
def is_nested(row: type[Row]) -> bool:
    """Return whether some columns stand deeper in the wire's objects than others."""
    return bool(row.many) or any(len(column.path) > 1 for column in row.columns())


_FEW, _WIDE = 500, 8
"""Up to so many rows of so many columns and more, tuples are the quicker way; beyond some 700 of them each call sets
off the garbage collector."""


def turned(rows: Sequence[Any]) -> Iterable[Sequence[Any]]:
    """Return structs field by field."""
    names = type(rows[0]).__struct_fields__
    if len(rows) <= _FEW and len(names) >= _WIDE:
        return zip(*map(msgspec.structs.astuple, rows), strict=True)
    return _comprehensions(names)(rows)


@cache
def _comprehensions(names: tuple[str, ...]) -> Callable[[Sequence[Any]], tuple[list[Any], ...]]:
    """Return a function from structs to a list per field.

    One comprehension per field, with the name written out, takes a quarter of the time of ``attrgetter``. The names
    are fields of a class, so nothing foreign is evaluated.
    """
    lists = ",".join(f"[row.{name} for row in rows]" for name in names)
    made: Callable[[Sequence[Any]], tuple[list[Any], ...]] = eval(f"lambda rows: ({lists},)")  # noqa: S307  # see above
    return made


def _falls(first: Any, last: Any) -> bool:
    """Return whether times fall; what is no whole number is left to the readings that look at each cell."""
    return isinstance(first, int) and isinstance(last, int) and first > last


def _nested_cells(row: type[Row], rows: Sequence[Any], extras: tuple[Extra, ...]) -> Cells:
    pairs = [(parent, at, child) for parent in rows for at, child in _children(parent, row.many)]
    places = [(column.name, column.path) for column in row.columns()] + [
        (extra.name, (*extra.path[:-1], _alias(extra, extras))) for extra in extras
    ]
    cells: Cells = {}
    for name, path in places:
        if not path:
            cells[name] = [at for _, at, _ in pairs]
        elif path[0] == row.many:
            cells[name] = [_reach(child, path[1:]) for _, _, child in pairs]
        else:
            cells[name] = [_reach(parent, path) for parent, _, _ in pairs]
    return cells


def _alias(extra: Extra, extras: tuple[Extra, ...]) -> str:
    return f"extra_{[other for other in extras if other.path[:-1] == extra.path[:-1]].index(extra)}"


def _children(parent: Any, many: str) -> Iterator[tuple[Any, Any]]:
    """Yield a parent's children with their numbers; a missing one where there is none, so that no parent is lost."""
    found = getattr(parent, many) if many else None
    yield from enumerate(found, 1) if found else [(None, UNSET)]


def _reach(value: Any, path: Path) -> Any:
    for step in path:
        if value is UNSET or value is None:
            return UNSET
        value = getattr(value, step)
    return value


_names: dict[type, tuple[str, ...]] = {}


def names_in(row: type) -> tuple[str, ...]:
    """Return the columns of what was decoded, those that are not declared behind the others."""
    declared: Any = row
    return _names.get(row) or declared.__struct_fields__


def extras_in(row: type) -> tuple[str, ...]:
    """Return the columns of what was decoded that are not declared."""
    return tuple(name for name, field in zip(names_in(row), _fields(row), strict=True) if field.startswith("extra_"))


def _fields(row: Any) -> tuple[str, ...]:
    found: tuple[str, ...] = row.__struct_fields__
    return found


@cache
def row_type(row: type[Row], extras: tuple[Extra, ...]) -> Any:
    """Return a row class with the same columns, all optional, and undeclared ones behind them."""
    item = struct(row, optional, extras, ())
    _names[item] = (*row.__struct_fields__, *(extra.name for extra in extras))
    return item
