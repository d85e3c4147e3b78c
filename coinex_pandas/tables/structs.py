"""What msgspec decodes an answer into, made from a row class, and the way from such structs to columns.

An answer has three readings. The declared one takes what the row class declares and nothing else. The wide one takes
the columns that came. The exact one does, too, and keeps the text of numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from typing import Any, Literal

import msgspec
from msgspec import UNSET

from coinex_pandas.tables.envelope import Envelope
from coinex_pandas.tables.kinds import Kind, NumberKind
from coinex_pandas.tables.row import Path, Row, fields, kind_in, row_in, wire_names
from coinex_pandas.tables.unknown_columns import Extra

__all__ = ["Cells", "Reading", "cells_of", "decoder", "extra_names", "names_of", "row_type", "transpose"]


Cells = dict[str, Sequence[Any]]
"""The cells of every column."""

Reading = Literal["declared", "wide", "exact"]
"""How an answer is decoded."""


@lru_cache(maxsize=1024)  # the tables of the exchange, in each reading; new columns may be without number
def decoder(row: type[Row], reading: Reading, extras: tuple[Extra, ...], single: bool) -> Any:
    """Return the decoder of answers that hold one or many of such rows."""
    item = row if reading == "declared" else _struct(row, extras, (), is_exact=reading == "exact")
    data = item if single else list[item]  # type: ignore[valid-type]  # a type made at run time
    return msgspec.json.Decoder(Envelope[data], strict=False)  # type: ignore[valid-type]  # as above


@lru_cache(maxsize=256)
def row_type(row: type[Row], extras: tuple[Extra, ...]) -> Any:
    """Return what a push with other columns is decoded into: those declared, all optional, and undeclared ones behind.

    Still others are skipped: whoever calls this has looked for them.
    """
    return _struct(row, extras, (), is_exact=False, is_open=True)


def _struct(
    row: type[Row], extras: tuple[Extra, ...], path: Path, *, is_exact: bool, is_open: bool = False
) -> type[msgspec.Struct]:
    members: list[tuple[str, Any, Any]] = []
    for name, hint in fields(row).items():
        if inner := row_in(hint):
            nested = _struct(inner, extras, (*path, name), is_exact=is_exact, is_open=is_open)
            inside = list[nested] if name == row.many else nested  # type: ignore[valid-type]  # made at run time
            members.append((name, inside | None, UNSET))
        else:
            kind = kind_in(hint)
            members.append((name, _exact_cell(kind) if is_exact else kind.wire, UNSET))
    here = [extra for extra in extras if extra.path[:-1] == path]
    aliases = {f"extra_{at}": extra.path[-1] for at, extra in enumerate(here)}  # the wire's names may be no identifiers
    members += [(alias, msgspec.Raw, UNSET) for alias in aliases]
    return msgspec.defstruct(
        row.__name__,
        members,
        rename=wire_names(row) | aliases,
        namespace={"column_names": (*row.__struct_fields__, *(extra.name for extra in here))},
        kw_only=True,
        forbid_unknown_fields=not is_open,
        gc=False,
    )


def _exact_cell(kind: Kind) -> Any:
    """Return the type that keeps a number's text, and leaves all else to its kind."""
    return msgspec.Raw if isinstance(kind, NumberKind) else Any


def names_of(row: Any) -> tuple[str, ...]:
    """Return the column names of a type of struct, those that are not declared behind the others."""
    names: tuple[str, ...] = getattr(row, "column_names", row.__struct_fields__)
    return names


def extra_names(row: Any) -> tuple[str, ...]:
    """Return the column names of a type of struct that are not declared."""
    pairs = zip(names_of(row), row.__struct_fields__, strict=True)
    return tuple(name for name, field in pairs if field.startswith("extra_"))


def cells_of(row: type[Row], rows: Sequence[Any], extras: tuple[Extra, ...]) -> Cells:
    """Return the cells column by column, children beside their parent's."""
    if is_nested(row):
        return _nested_cells(row, rows, extras)
    if row.order and len(rows) > 1 and _falls(*(getattr(rows[at], row.order[0]) for at in (0, -1))):
        rows = rows[::-1]  # newest first on the wire: turning the list is cheaper than sorting the frame
    names = [*row.__struct_fields__, *(extra.name for extra in extras)]
    return dict(zip(names, transpose(rows), strict=True)) if rows else dict.fromkeys(names, ())


@cache
def is_nested(row: type[Row]) -> bool:
    """Return whether some columns stand deeper in the wire's objects than others."""
    return bool(row.many) or any(len(column.path) > 1 for column in row.columns())


_FEW, _WIDE = 500, 8
"""Up to so many rows of so many columns and more, tuples are the quicker way; beyond some 700 of them each call sets
off the garbage collector."""


def transpose(rows: Sequence[Any]) -> Iterable[Sequence[Any]]:
    """Return structs field by field."""
    names = type(rows[0]).__struct_fields__
    if len(rows) <= _FEW and len(names) >= _WIDE:
        return zip(*map(msgspec.structs.astuple, rows), strict=True)
    return _comprehensions(names)(rows)


@lru_cache(maxsize=1024)
def _comprehensions(names: tuple[str, ...]) -> Callable[[Sequence[Any]], tuple[list[Any], ...]]:
    """Return a function from structs to a list per field.

    One comprehension per field, with the name written out, takes a quarter of the time of ``attrgetter``. The names
    are fields of a class, so nothing foreign is evaluated.
    """
    lists = ",".join(f"[row.{name} for row in rows]" for name in names)
    function: Callable[[Sequence[Any]], tuple[list[Any], ...]] = eval(f"lambda rows: ({lists},)")  # noqa: S307  # fields
    return function


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
    children = getattr(parent, many) if many else None
    yield from enumerate(children, 1) if children else [(None, UNSET)]


def _reach(value: Any, path: Path) -> Any:
    for step in path:
        if value is UNSET or value is None:
            return UNSET
        value = getattr(value, step)
    return value
