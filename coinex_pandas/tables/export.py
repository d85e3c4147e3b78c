"""Frames as other tools take them: numbers alone to compute with, times of another resolution, CSV, SQL, Excel."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Literal, cast, get_args

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_integer_dtype, is_numeric_dtype, is_object_dtype

from coinex_pandas.errors import InvalidArgument
from coinex_pandas.tables.secret import Secret

__all__ = ["Target", "Unit", "as_unit", "for_excel", "numeric", "plain", "to_csv"]

Unit = Literal["ms", "us", "ns"]
Target = str | os.PathLike[str]
_EXCEL_DIGITS = 10**15  # a sheet's numbers are doubles, of which 15 digits are kept


def numeric(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that one computes with: floats, counts and decimals; neither words, flags nor ids."""
    return frame.loc[:, [_is_number(column) and not _is_id(name) for name, column in frame.items()]]


def _is_number(column: pd.Series[Any]) -> bool:
    if is_object_dtype(column.dtype):
        cells = column.dropna()
        return bool(len(cells)) and all(isinstance(cell, Decimal) for cell in cells)
    return is_numeric_dtype(column.dtype) and not is_bool_dtype(column.dtype)


def _is_id(name: object) -> bool:
    return str(name).endswith("_id") or name == "id"


def as_unit(frame: pd.DataFrame, unit: Unit) -> pd.DataFrame:
    """Return the frame with all its times, those of the index among them, in another resolution.

    Raises
    ------
    InvalidArgument
        It is no resolution that keeps milliseconds, or a time is too far away for it: nanoseconds end in 2262.
    """
    if unit not in get_args(Unit):
        raise InvalidArgument(f"times keep their milliseconds in 'ms', 'us' and 'ns', not in {unit!r}")
    result = frame.copy(deep=False)
    for place, name, column in _times(frame):
        result.isetitem(place, _converted(column.dt, unit, name))
    if isinstance(frame.index, pd.DatetimeIndex):
        result.index = _converted(frame.index, unit, frame.index.name)
    return result


def _times(frame: pd.DataFrame) -> Iterator[tuple[int, object, pd.Series[Any]]]:
    """Yield the columns of times with their places."""
    for place, (name, column) in enumerate(frame.items()):
        if column.dtype.kind == "M":
            yield place, name, column


def _converted(times: Any, unit: Unit, name: object) -> Any:
    try:
        return times.as_unit(unit)
    except pd.errors.OutOfBoundsDatetime as fault:
        raise InvalidArgument(f"{name} holds a time that does not fit the resolution {unit!r}: {fault}") from None


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with cells that any tool knows: lists as JSON, exact decimals as text, words as text.

    Decimals are written out (``0.00000001``, not ``1E-8``); secrets stay ``***``.
    """
    result: Any = frame.copy(deep=False)
    for place, (_, column) in enumerate(frame.items()):
        if isinstance(column.dtype, pd.CategoricalDtype):
            result.isetitem(place, column.astype(column.cat.categories.dtype))
        elif is_object_dtype(column.dtype):
            result.isetitem(place, column.map(_plain_cell))
    return cast("pd.DataFrame", result)


def _plain_cell(cell: Any) -> Any:
    if isinstance(cell, Decimal):
        return _digits(cell)
    if isinstance(cell, (tuple, list, dict)):
        return json.dumps(cell, default=lambda item: _digits(item) if isinstance(item, Decimal) else str(item))
    return str(cell) if isinstance(cell, Secret) else cell


def _digits(number: Decimal) -> str | None:
    return format(number, "f") if number.is_finite() else None


def to_csv(frame: pd.DataFrame, path: Target | None, *, index: bool, sep: str) -> str | None:
    """Write a frame as CSV, every number written out in as many digits as it takes to read it back the same."""
    table: Any = plain(frame)
    return cast("str | None", table.to_csv(path, sep=sep, index=index, float_format=_written_out))


def _written_out(number: float) -> str:
    return np.format_float_positional(number, trim="0")


def for_excel(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame as a sheet can hold it.

    Times are UTC without saying so, decimals are doubles, and whole numbers of more than 15 digits (ids) are text.
    """
    floats = {name: _floats(column) for name, column in numeric(frame).items() if is_object_dtype(column.dtype)}
    result: Any = plain(frame.assign(**{str(name): column for name, column in floats.items()}))
    for place, (_, column) in enumerate(result.items()):
        if isinstance(column.dtype, pd.DatetimeTZDtype):
            result.isetitem(place, column.dt.tz_convert("UTC").dt.tz_localize(None))
        elif _has_long_numbers(column):
            result.isetitem(place, column.astype("str"))
    if isinstance(result.index, pd.DatetimeIndex) and result.index.tz is not None:
        result.index = result.index.tz_convert("UTC").tz_localize(None)
    elif _has_long_numbers(result.index):
        result.index = result.index.astype("str")
    return cast("pd.DataFrame", result)


def _floats(column: pd.Series[Any]) -> pd.Series[Any]:
    return column.map(float, na_action="ignore").astype("float64")


def _has_long_numbers(values: Any) -> bool:
    return is_integer_dtype(values.dtype) and bool((abs(values) >= _EXCEL_DIGITS).any())
