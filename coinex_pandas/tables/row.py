"""A table is declared once: a row class whose annotations are kinds. ``Row.frame`` alone makes frames of its cells.

The declared class is also what msgspec decodes an answer into. Three readings of it exist (``decoding.py``): the
declared one, which is the quickest; a wide one for answers that carry more or fewer columns; and an exact one that
keeps the wire's text, for ``numbers="decimal"`` and to find the cell that does not fit.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, ClassVar, NamedTuple, get_args

import msgspec
import numpy as np
import pandas as pd
from msgspec import Meta

from coinex_pandas.tables import blocks
from coinex_pandas.tables.kinds import CountKind, Kind, NumberKind, Numbers

__all__ = ["Column", "Path", "Row", "column_of", "fields", "fold", "kind_in", "row_in", "secret_kind", "wire_names"]


Path = tuple[str, ...]
"""Where something stands in a JSON object: the names on the way to it."""


class Column(NamedTuple):
    """One column of a table: where it stands on the wire and what it means."""

    name: str
    kind: Kind
    path: Path
    meaning: str
    unit: str
    optional: bool


class _Layout(NamedTuple):
    """Where each column of a frame lies: in the block of floats, or on its own."""

    names: tuple[str, ...]
    floats: tuple[str, ...]
    places: tuple[int, ...]
    single: tuple[tuple[int, str, Kind], ...]


class Row(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A row of a table as the wire carries it; subclasses declare the columns.

    Class variables
    ---------------
    index : str or tuple of str
        The column(s) that become the frame's index; empty for a plain counter.
    order : tuple of str
        The columns that the frame is sorted by; empty keeps the exchange's order.
    key : tuple of str
        The columns that no two rows have in common; empty where the exchange has no such key.
    many : str
        The field that holds a list of rows: each of them becomes a row of the frame, beside its parent's cells.
    numbered : str
        The column that counts those rows from 1 within their parent; it is not on the wire.
    also : mapping of str to str
        Other names that the wire uses at times, each with the declared one that it stands for:
        ``also: ClassVar = {"last_fill_price": "last_filled_price"}``. The rows are the same with either.
    former : tuple of str
        Fields that some answers still have from an older version and that say nothing about the row; they are left out.
    in_seconds : tuple of str
        Times that some pushes count in seconds, as samples of 2022 do.
    wrapped : str
        The field that holds an item's row where older answers have that row itself, without the wrapper.
    renewed : tuple of str
        The columns whose value the exchange gives anew, so that it is not the one of the request.
    """

    index: ClassVar[str | tuple[str, ...]] = ()
    order: ClassVar[tuple[str, ...]] = ()
    key: ClassVar[tuple[str, ...]] = ()
    many: ClassVar[str] = ""
    numbered: ClassVar[str] = ""
    also: ClassVar[Mapping[str, str]] = {}
    former: ClassVar[tuple[str, ...]] = ()
    in_seconds: ClassVar[tuple[str, ...]] = ()
    wrapped: ClassVar[str] = ""
    renewed: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def columns(cls) -> tuple[Column, ...]:
        """Return the columns in order, the index among them."""
        return _columns(cls)

    @classmethod
    def index_names(cls) -> tuple[str, ...]:
        """Return the names of the index columns."""
        return tuple(filter(None, (cls.index,))) if isinstance(cls.index, str) else cls.index

    @classmethod
    def frame(
        cls, cells: Mapping[str, Sequence[Any]], numbers: Numbers = "float", extra: Sequence[str] = ()
    ) -> pd.DataFrame:
        """Return the DataFrame of decoded cells.

        Parameters
        ----------
        cells : mapping of str to sequence
            The cells of every column, as ``decoding.py`` reads them.
        numbers : {"float", "decimal", "text"}, default "float"
            How numbers come back; the two exact ones need cells that are text.
        extra : sequence of str, default ()
            Columns beyond the declared ones, kept as text after them; masked where the table holds secrets, which may
            come under another name than before.

        Raises
        ------
        OddCell
            The declared reading may not decide about a number; the exact one must.
        """
        layout = _layout(cls, numbers)
        index = cls._index(cells)
        arrays = {at: kind.array(cells[name], numbers) for at, name, kind in layout.single}
        secret = secret_kind(cls)
        for at, name in enumerate(extra, len(layout.names)):
            arrays[at] = secret.array(cells[name], numbers) if secret else blocks.texts(cells[name])
        block = blocks.float_block([cells[name] for name in layout.floats], len(index))
        frame = blocks.frame((*layout.names, *extra), arrays, block, layout.places, index)
        places = cls._places(arrays, index)
        return frame if places is None else frame.iloc[places]

    @classmethod
    def empty(cls, numbers: Numbers = "float") -> pd.DataFrame:
        """Return the table without rows: all columns and dtypes."""
        return cls.frame({column.name: () for column in cls.columns()}, numbers)

    @classmethod
    def to_wire(cls, frame: pd.DataFrame) -> list[dict[str, Any]]:
        """Return a frame's rows as the wire carries them; the way back from ``frame``."""
        flat = frame.reset_index() if any(frame.index.names) else frame
        present = [column for column in cls.columns() if column.name in flat]
        cells = {column.name: [column.kind.to_wire(cell) for cell in flat[column.name]] for column in present}
        return fold(cls, cells)

    @classmethod
    def _index(cls, cells: Mapping[str, Sequence[Any]]) -> pd.Index:
        levels = [kind.labels(cells[name], required=not at) for at, (name, kind) in enumerate(_index_kinds(cls))]
        if not levels:
            return pd.RangeIndex(len(next(iter(cells.values()))))
        if len(levels) == 1:
            return blocks.index_of(levels[0], cls.index_names()[0])
        return pd.MultiIndex.from_arrays(levels, names=cls.index_names())

    @classmethod
    def _places(cls, arrays: Mapping[int, Any], index: pd.Index) -> Any:
        """Return the rows' places in the table's order, None when they are in order already."""
        if not cls.order or len(index) < 2:
            return None
        names = _layout(cls, "float").names
        keys = [_key(index if name == cls.index else arrays[names.index(name)]) for name in cls.order]
        return None if _ascending(keys) else np.lexsort(keys[::-1])


@cache
def secret_kind(cls: type[Row]) -> Kind | None:
    """Return the kind of a table's secrets; None when it holds none."""
    return next((column.kind for column in cls.columns() if column.kind.is_secret), None)


@cache
def _layout(cls: type[Row], numbers: Numbers) -> _Layout:
    body = [column for column in cls.columns() if column.name not in cls.index_names()]
    floats = [numbers == "float" and isinstance(column.kind, NumberKind) for column in body]
    return _Layout(
        names=tuple(column.name for column in body),
        floats=tuple(column.name for column, is_float in zip(body, floats, strict=True) if is_float),
        places=tuple(at for at, is_float in enumerate(floats) if is_float),
        single=tuple((at, body[at].name, body[at].kind) for at, is_float in enumerate(floats) if not is_float),
    )


@cache
def _columns(cls: type[Row]) -> tuple[Column, ...]:
    outer = _distinct(tuple(_walk(cls, ())))
    names = {column.name for column in outer}
    counter = [Column(cls.numbered, CountKind("level"), (), "counted from 1", "", False)] if cls.numbered else []
    inner = [column._replace(name=_inner_name(column.name, names, cls.many)) for column in _nested(cls)]
    return tuple(outer + counter + inner)


@cache
def _index_kinds(cls: type[Row]) -> tuple[tuple[str, Kind], ...]:
    kinds = {column.name: column.kind for column in cls.columns()}
    return tuple((name, kinds[name]) for name in cls.index_names())


def _nested(cls: type[Row]) -> Iterable[Column]:
    if not cls.many:
        return ()
    inner = get_args(fields(cls)[cls.many])[0]
    return _walk(inner, (cls.many,))


def fields(cls: type[Row]) -> dict[str, Any]:
    """Return the declared fields with their annotations.

    Row modules do without ``from __future__ import annotations``: reading 20 tables' annotations back from text
    would take a tenth of the package's import.
    """
    hints: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        hints |= inspect.get_annotations(base)
    return {name: hints[name] for name in cls.__struct_fields__}


def wire_names(cls: type[Row]) -> dict[str, str]:
    """Return the fields that have another name on the wire, each with that name."""
    pairs = zip(cls.__struct_fields__, cls.__struct_encode_fields__, strict=True)
    return {name: wire for name, wire in pairs if name != wire}


def row_in(hint: Any) -> type[Row] | None:
    """Return the row class that an annotation holds, alone or in a list."""
    for item in (hint, *get_args(hint)):
        if isinstance(item, type) and issubclass(item, Row):
            return item
    return None


def kind_in(hint: Any) -> Kind:
    """Return the kind that an annotation carries."""
    return next(item for item in hint.__metadata__ if isinstance(item, Kind))


def _walk(cls: type[Row], path: Path) -> Iterable[Column]:
    defaults = dict(zip(cls.__struct_fields__[::-1], cls.__struct_defaults__[::-1], strict=False))
    for name, hint in fields(cls).items():
        if name == cls.many:
            continue
        if inner := row_in(hint):
            yield from _walk(inner, (*path, name))
            continue
        optional = defaults.get(name, msgspec.NODEFAULT) is not msgspec.NODEFAULT
        yield column_of(name, hint, "", path=(*path, name), optional=optional)


def column_of(name: str, hint: Any, meaning: str, *, path: Path = (), optional: bool = False) -> Column:
    """Return the column that an annotation declares; without a path it is one that does not stand on the wire."""
    kind, metadata = kind_in(hint), hint.__metadata__
    meta = next((item for item in reversed(metadata) if isinstance(item, Meta)), Meta())
    unit = (meta.extra or {}).get("unit", kind.unit)
    return Column(name, kind, path, meta.description or meaning, unit, optional)


def _distinct(columns: tuple[Column, ...]) -> list[Column]:
    """Return columns; where an object in the row has a name that the row has, too, the object's name goes before it."""
    own = {column.name for column in columns if len(column.path) == 1}
    return [
        column._replace(name="_".join(column.path)) if len(column.path) > 1 and column.name in own else column
        for column in columns
    ]


def _inner_name(name: str, outer: set[str], many: str) -> str:
    """Return a nested column's name, with the list's name before it where its parent has a column of that name."""
    return f"{many.removesuffix('s')}_{name}" if name in outer else name


def _key(values: Any) -> np.ndarray[Any, Any]:
    """Return what rows are sorted by as numbers: ids are, all else is times."""
    values = values.to_numpy() if isinstance(values, pd.Index) and values.dtype == np.int64 else values
    return values if isinstance(values, np.ndarray) else np.asarray(values.asi8)


def _ascending(keys: Sequence[Any]) -> bool:
    """Return whether rows are in order by the first key, ties by the next."""
    first, *rest = keys
    if (first[1:] > first[:-1]).all():
        return True
    if (first[1:] < first[:-1]).any():
        return False
    ties = first[1:] == first[:-1]
    return all((key[:-1] <= key[1:])[ties].all() for key in rest)


def fold(row: type[Row], cells: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Return wire objects of flat wire cells: the way back, children gathered under their parent."""
    parents: dict[tuple[Any, ...], dict[str, Any]] = {}
    columns = [column for column in row.columns() if column.path and column.name in cells]
    above = [column for column in columns if column.path[0] != row.many]
    for at in range(len(next(iter(cells.values())))):
        label = tuple(cells[name][at] for name in row.index_names()[:1]) if row.many else (at,)
        if label not in parents:
            parents[label] = _object({column.path: cells[column.name][at] for column in above})
        if row.many:
            child = {column.path[1:]: cells[column.name][at] for column in columns if column.path[0] == row.many}
            is_child = any(cell not in ("", 0, None) for cell in child.values())  # else its parent has no children
            parents[label].setdefault(row.many, []).extend([_object(child)] if is_child else [])
    return list(parents.values())


def _object(values: Mapping[Path, Any]) -> dict[str, Any]:
    wire: dict[str, Any] = {}
    for path, value in values.items():
        place = wire
        for step in path[:-1]:
            place = place.setdefault(step, {})
        place[path[-1]] = value
    return wire
