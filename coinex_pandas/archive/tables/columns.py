"""The columns of a stored table, from the row class that declares them: frames to Arrow, and back.

A number stands there twice: as float64 under its name, and, where the wire's text is another than that float's shortest
one, as that text under ``<name>_text``. So any tool reads numbers, and every digit that came can be had again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from coinex_pandas.archive.description.definitions import CAPTURED, RECORD, definition_of
from coinex_pandas.errors import MissingExtra
from coinex_pandas.tables import blocks
from coinex_pandas.tables.kinds import ChoiceKind, Kind, ListKind, NumberKind, Numbers
from coinex_pandas.tables.row import Column, Row

try:
    import pyarrow as pa
    import pyarrow.compute as pc
except ImportError as fault:
    raise MissingExtra("pyarrow", extra="archive") from fault

__all__ = ["columns_of", "number_texts", "rows_of", "schema_of", "stored"]

_TIME = pa.timestamp("ms", "UTC")


@cache
def schema_of(table: str) -> Any:
    """Return the Arrow schema of a stored table."""
    fields, definition = [], definition_of(table)
    for column in definition.row.columns():
        fields.append(pa.field(column.name, _type_of(column.kind)))
        if isinstance(column.kind, NumberKind):
            fields.append(pa.field(f"{column.name}_text", pa.string()))
    fields += [pa.field(name, _WORD) for name in definition.request_columns]
    return pa.schema([*fields, pa.field(CAPTURED, _TIME), pa.field(RECORD, pa.string())])


_WORD = pa.dictionary(pa.int32(), pa.string())
_TYPES = {
    "float64": pa.float64(),
    "int64": pa.int64(),
    "bool": pa.bool_(),
    "string": pa.string(),
    "timestamp[ms, tz=UTC]": _TIME,
    "list<string>": pa.list_(pa.string()),
    "list<int64>": pa.list_(pa.int64()),
}


def _type_of(kind: Kind) -> Any:
    return _WORD if kind.arrow.startswith("dictionary") else _TYPES.get(kind.arrow, _JSON)


_JSON = pa.string()
"""What lists of objects are kept as: the orders beside a position are told in one cell."""


def stored(
    table: str,
    frame: pd.DataFrame,
    request: Mapping[str, Sequence[str | None]],
    *,
    captured: Any,
    records: Sequence[str],
    texts: Mapping[str, Sequence[str | None]] | None = None,
) -> Any:
    """Return rows as a table of Arrow.

    Parameters
    ----------
    table : str
        Its name.
    frame : DataFrame
        Its rows.
    request : mapping of str to sequence
        What was requested for each row: the columns that the rows do not hold.
    captured : array of datetime64[ms]
        When each row came.
    records : sequence of str
        Where the reply of each row lies.
    texts : mapping of str to sequence, optional
        The texts of numbers which say more than a float, by column; None where the frame's numbers are texts.
    """
    schema, definition = schema_of(table), definition_of(table)
    flat = frame.reset_index() if any(frame.index.names) else frame
    arrays: dict[str, Any] = {}
    for column in definition.row.columns():
        cells = flat[column.name]
        if isinstance(column.kind, NumberKind):
            arrays |= _number(column.name, cells) if texts is None else _floats(column.name, cells, texts)
        elif column.kind.arrow not in _TYPES and not column.kind.arrow.startswith("dictionary"):
            objects = (json.dumps(column.kind.to_wire(cell), default=str) for cell in cells)
            arrays[column.name] = pa.array(objects, _JSON)
        else:
            arrays[column.name] = _array(cells, schema.field(column.name).type)
    for name in definition.request_columns:
        arrays[name] = pa.array(request[name], pa.string()).dictionary_encode()
    extra = [str(name) for name in flat.columns if name not in arrays and not str(name).startswith("_")]
    arrays |= {name: pa.array(flat[name], pa.string(), from_pandas=True) for name in extra}
    arrays[CAPTURED] = pa.array(captured, _TIME)
    arrays[RECORD] = pa.array(records, pa.string())
    return pa.table(arrays)


def _array(column: pd.Series[Any], kind: Any) -> Any:
    if pa.types.is_list(kind):
        return pa.array([list(cell) for cell in column], kind)
    if pa.types.is_dictionary(kind):
        return pa.array(column.astype("str"), pa.string(), from_pandas=True).dictionary_encode().cast(_WORD)
    return pa.array(column, kind, from_pandas=True)


def _number(name: str, column: pd.Series[Any]) -> dict[str, Any]:
    """Return a column of numbers, and the texts that say more than these."""
    texts = pa.array(column, pa.string(), from_pandas=True)
    floats = pc.cast(texts, pa.float64())
    shortest = pc.cast(floats, pa.string())
    differs = pc.fill_null(pc.not_equal(texts, shortest), False)
    if not pc.any(differs).as_py():
        return {name: floats, f"{name}_text": pa.nulls(len(texts), pa.string())}
    odd = np.full(len(texts), None, dtype=object)
    for at in np.flatnonzero(differs.to_numpy(zero_copy_only=False)):
        odd[at] = _longer(texts[int(at)].as_py(), floats[int(at)].as_py())
    return {name: floats, f"{name}_text": pa.array(odd, pa.string())}


def _floats(name: str, column: pd.Series[Any], texts: Mapping[str, Sequence[str | None]]) -> dict[str, Any]:
    """Return a column of floats, and the texts that say more than these."""
    odd = texts.get(name, [None] * len(column))
    longer = [None if text is None else _longer(text, value) for text, value in zip(odd, column, strict=True)]
    floats = pa.array(column, pa.float64(), from_pandas=True)
    return {name: floats, f"{name}_text": pa.array(longer, pa.string())}


def _longer(text: str, value: float) -> str | None:
    """Return a number's text where it is another than the shortest one."""
    return text if text != _plain(value) else None


def _plain(value: float) -> str:
    """Return the shortest text of a float, without exponent and without a useless ".0"."""
    text = repr(value)
    if "e" in text or "E" in text:
        return format(Decimal(text), "f")
    return text.removesuffix(".0")


def number_texts(floats: Any, texts: Any) -> list[str | None]:
    """Return the wire's texts of stored numbers."""
    return [
        text if text is not None else (None if value is None else _plain(value))
        for value, text in zip(floats.to_pylist(), texts.to_pylist(), strict=True)
    ]


def columns_of(row: type[Row], numbers: Numbers) -> list[str]:
    """Return the stored columns that `rows_of` needs."""
    names = [column.name for column in row.columns()]
    exact = [f"{column.name}_text" for column in row.columns() if isinstance(column.kind, NumberKind)]
    return names if numbers == "float" else names + exact


def rows_of(row: type[Row], rows: Any, numbers: Numbers) -> pd.DataFrame:
    """Return stored rows as the frame that a reply would have given, in the order in which they are stored.

    Parameters
    ----------
    row : type of Row
        The table's row class.
    rows : pyarrow.Table
        Its columns, and maybe others behind them, which are left out.
    numbers : {"float", "decimal", "text"}
        How numbers come back.
    """
    names = row.index_names()
    columns = {column.name: _cells(column, rows, numbers, is_label=column.name in names) for column in row.columns()}
    levels = [columns.pop(name) for name in names]
    if not levels:
        index: pd.Index = pd.RangeIndex(rows.num_rows)
    elif len(levels) == 1:
        index = pd.Index(levels[0], name=names[0], copy=False)
    else:
        index = pd.MultiIndex.from_arrays(levels, names=names)
    return pd.DataFrame(columns, index=index, copy=False)  # their memory is their own


def _cells(column: Column, rows: Any, numbers: Numbers, *, is_label: bool) -> Any:
    """Return the cells of a column as the row class's kind has them."""
    cells, kind = rows[column.name], column.kind
    if isinstance(kind, NumberKind):
        return _floats_in(cells) if numbers == "float" else _exact(cells, rows[f"{column.name}_text"], numbers)
    if isinstance(kind, ListKind) and pa.types.is_list(cells.type):
        return blocks.objects([tuple(cell or ()) for cell in cells.to_pylist()])
    if pa.types.is_timestamp(cells.type):
        return blocks.utc(_whole(cells.cast(pa.int64()), missing=np.iinfo(np.int64).min))
    if kind.arrow == "int64":
        values = _whole(cells)
        return pd.arrays.IntegerArray(values, np.array(cells.is_null())) if kind.dtype == "Int64" else values
    if pa.types.is_dictionary(cells.type):
        return _words(kind, cells.combine_chunks(), is_label=is_label)
    if kind.dtype == "boolean":
        return pd.array(cells.to_pylist(), dtype="boolean")
    return blocks.texts(cells.to_pylist())


def _exact(floats: Any, texts: Any, numbers: Numbers) -> Any:
    exact = number_texts(floats, texts)
    if numbers == "text":
        return blocks.texts(exact)
    return blocks.objects([None if text is None else Decimal(text) for text in exact])


def _floats_in(cells: Any) -> np.ndarray[Any, Any]:
    """Return a column of numbers, missing ones as NaN."""
    return _own(cells, np.dtype("float64"))


def _whole(cells: Any, missing: int = 0) -> np.ndarray[Any, Any]:
    """Return a column of whole numbers."""
    return _own(pc.fill_null(cells, missing) if cells.null_count else cells, np.dtype("int64"))


def _own(cells: Any, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """Return the cells of a column in memory of their own: nobody may write into Arrow's."""
    values = np.empty(len(cells), dtype)
    at = 0
    for chunk in cells.chunks:
        values[at : at + len(chunk)] = chunk.to_numpy(zero_copy_only=False)
        at += len(chunk)
    return values


def _words(kind: Kind, array: Any, *, is_label: bool) -> Any:
    words = array.dictionary.to_pylist()
    codes = pc.fill_null(array.indices, -1).to_numpy(zero_copy_only=False)
    if is_label and not isinstance(kind, ChoiceKind):
        return blocks.texts([None if code < 0 else words[code] for code in codes])
    known = list(kind.choices) if isinstance(kind, ChoiceKind) else []
    others = set(words) - set(known)
    present = {words[code] for code in np.unique(codes) if code >= 0} if others else set()
    categories = (*known, *sorted(present & others))
    place = {word: at for at, word in enumerate(categories)}
    width = np.int8 if len(categories) < 128 else np.int32
    moves = np.array([place.get(word, -1) for word in words] + [-1], dtype=width)
    return blocks.categorical(moves[codes], categories)
