"""From column lists to a DataFrame, as few steps as pandas allows.

``create_dataframe_from_blocks`` and four private constructors make a frame of 221 rows in some 20 microseconds
where the public constructor takes over 300 (benchmarks/frames.py). Each private name is tried once, on first use,
against the public way, and is left alone when it is missing or answers differently.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from msgspec import UNSET

__all__ = [
    "OddCell",
    "categorical",
    "categories",
    "counts",
    "flags",
    "float_block",
    "frame",
    "index_of",
    "labels",
    "objects",
    "texts",
    "times",
    "utc",
    "whole_numbers",
]

UTC_MS = pd.DatetimeTZDtype("ms", "UTC")
_STR: Any = pd.StringDtype(na_value=np.nan)  # "str", backed by pyarrow where that is installed
_NAT = np.iinfo(np.int64).min


class OddCell(Exception):
    """A cell that only a slower reading may decide about: a null, "nan" or "inf" number, a missing label."""


def float_block(columns: Sequence[Sequence[Any]], rows: int) -> np.ndarray[Any, Any]:
    """Return number columns as one (columns, rows) array of floats; UNSET and "" become NaN.

    ``struct.pack_into`` copies a list of floats faster than numpy does; it refuses what is no float,
    and then the slower way decides.

    Raises
    ------
    OddCell
        A cell is None, or a number is not finite.
    """
    block = np.empty((len(columns), rows))
    if not block.size:
        return block
    buffer = block.data.cast("B")
    pack = struct.Struct(f"{rows}d").pack_into
    gaps = []
    for at, column in enumerate(columns):
        try:
            pack(buffer, at * rows * 8, *column)
        except struct.error:
            block[at] = 0.0
            gaps.append(at)
    if not np.isfinite(block).all():
        raise OddCell
    for at in gaps:
        block[at] = _with_gaps(columns[at])
    return block


def _with_gaps(column: Sequence[Any]) -> list[float]:
    """Return floats of a column with missing cells, or of the exact reading's texts."""
    if None in column:
        raise OddCell
    return [np.nan if cell is UNSET or cell == "" else float(cell) for cell in column]


def whole_numbers(values: Sequence[Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return values and the mask of missing ones."""
    try:
        return np.fromiter(values, dtype=np.int64, count=len(values)), np.zeros(len(values), dtype=bool)
    except TypeError:  # a missing one among them
        mask = np.array([value is UNSET or value is None for value in values], dtype=bool)
        numbers = [0 if is_missing else value for value, is_missing in zip(values, mask, strict=True)]
        return np.array(numbers, dtype=np.int64), mask


def times(values: Sequence[Any], *, zero_is_none: bool = False, required: bool = False) -> Any:
    """Return milliseconds as a ``datetime64[ms, UTC]`` array; OddCell when a required one is missing."""
    try:
        stamps = np.fromiter(values, dtype=np.int64, count=len(values))
    except TypeError:  # a missing one among them
        if required:
            raise OddCell from None
        stamps, missing = whole_numbers(values)
        stamps[missing] = _NAT
    if zero_is_none:
        stamps[stamps == 0] = _NAT
    return utc(stamps)


def utc(stamps: np.ndarray[Any, Any]) -> Any:
    """Return milliseconds, NaT among them, as a ``datetime64[ms, UTC]`` array over the same memory."""
    return _ways().utc(stamps)


def counts(values: Sequence[Any]) -> Any:
    """Return whole numbers as an ``Int64`` array."""
    return pd.arrays.IntegerArray(*whole_numbers(values))


def flags(values: Sequence[Any]) -> Any:
    """Return truth values as a ``boolean`` array."""
    missing = np.array([value is UNSET or value is None for value in values], dtype=bool)
    return pd.arrays.BooleanArray(np.array([value is True for value in values], dtype=bool), missing)


def objects(values: Sequence[Any]) -> np.ndarray[Any, Any]:
    """Return any objects as a column; numpy must not look into them."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def categories(values: Sequence[Any], choices: tuple[str, ...]) -> Any:
    """Return words as a categorical over the choices and all other words, without stray blanks."""
    try:
        codes = bytearray(map(_codes(choices).__getitem__, values))
    except KeyError:
        return _open_categories(values, choices)
    return categorical(np.frombuffer(codes, dtype=np.int8), choices)


def _open_categories(values: Sequence[Any], choices: tuple[str, ...]) -> Any:
    words = set(values)
    new = sorted({word.strip() for word in words if isinstance(word, str)} - set(choices))
    place = _codes((*choices, *new))
    codes = {word: place[word.strip()] if isinstance(word, str) else -1 for word in words}
    width = np.int8 if len(place) < 128 else np.int32
    array = np.fromiter(map(codes.__getitem__, values), dtype=width, count=len(values))
    return categorical(array, (*choices, *new))


def categorical(codes: np.ndarray[Any, Any], words: tuple[str, ...]) -> Any:
    """Return the categorical of codes that are right."""
    dtype: Any = _category_dtype(words)
    return pd.Categorical.from_codes(codes, dtype=dtype, validate=False)


@lru_cache(maxsize=1024)
def _codes(words: tuple[str, ...]) -> dict[str, int]:
    return {word: code for code, word in enumerate(words)}


@lru_cache(maxsize=1024)
def _category_dtype(words: tuple[str, ...]) -> pd.CategoricalDtype:
    """Return the dtype; the same object for the same words, so that frames join without comparing them."""
    return pd.CategoricalDtype(pd.Index(words, dtype=_STR))


@lru_cache(maxsize=256)
def labels(names: tuple[str, ...]) -> pd.Index:
    """Return a columns Index; the same object for the same names."""
    index: pd.Index = pd.Index(names, dtype=_STR)
    return index


def frame(
    names: tuple[str, ...],
    arrays: Mapping[int, Any],
    block: np.ndarray[Any, Any],
    places: Sequence[int],
    index: pd.Index,
) -> pd.DataFrame:
    """Return the DataFrame of single arrays and one block of floats.

    Parameters
    ----------
    names : tuple of str
        The columns in order.
    arrays : mapping of int to array
        Single columns by their place.
    block : ndarray
        (len(places), rows) floats.
    places : sequence of int
        The places of the block's rows.
    index : Index
        The frame's index.
    """
    parts: list[tuple[Any, np.ndarray[Any, Any]]] = [
        (array.reshape(1, -1) if isinstance(array, np.ndarray) else array, _place((at,)))
        for at, array in arrays.items()
    ]
    if places:
        parts.append((block, _place(tuple(places))))
    result: pd.DataFrame = _ways().frame(parts, index, labels(names))
    return result


Parts = Sequence[tuple[Any, np.ndarray[Any, Any]]]
"""Blocks (an array of rows, or one extension array), each with the places of its columns."""


@lru_cache(maxsize=256)
def _place(places: tuple[int, ...]) -> np.ndarray[Any, Any]:
    return np.array(places)


def texts(values: Sequence[str | None]) -> Any:
    """Return texts as a ``str`` array; None is a missing one."""
    return _ways().texts(values)


def index_of(array: Any, name: str) -> pd.Index:
    """Return the index that labels a frame's rows."""
    ways = _ways()
    if isinstance(array, pd.arrays.DatetimeArray):
        index: pd.Index = ways.time_index(array, name)
    elif array.dtype == _STR:
        index = ways.text_index(array, name)
    else:
        index = _public_index(array, name)
    return index


class _Ways(NamedTuple):
    """The quickest trustworthy way to each kind of array."""

    utc: Callable[[np.ndarray[Any, Any]], Any]
    texts: Callable[[Sequence[str | None]], Any]
    text_index: Callable[[Any, str], Any]
    time_index: Callable[[Any, str], Any]
    frame: Callable[[Parts, pd.Index, pd.Index], Any]


@cache
def _ways() -> _Ways:
    """Return the ways that pass their test; it is made on first use, as it takes a tenth of the package's import."""
    parts = [(np.array([[3, 4]]), np.array([1])), (np.array([[0.5, np.nan], [1.5, 2.5]]), np.array([0, 2]))]
    return _Ways(
        utc=_trusted(_private_utc, _public_utc, np.array([0, 16_725_225_600_000, _NAT])),
        texts=_trusted(_private_texts, _public_texts, ["a", None, ""]),
        text_index=_trusted(_private_text_index, _public_index, _public_texts(["a", "b"]), "name"),
        time_index=_trusted(_private_time_index, _public_index, _public_utc(np.array([0, 1])), "name"),
        frame=_trusted(_quick_frame(), _plain_frame, parts, pd.Index([7, 8], name="i"), pd.Index(["a", "b", "c"])),
    )


def _trusted(private: Callable[..., Any], public: Callable[..., Any], *trial: Any) -> Callable[..., Any]:
    """Return the private way if it is there and equals the public one on a trial, else the public way."""
    try:
        one, other = private(*trial), public(*trial)
        is_equal = type(one) is type(other) and one.equals(other)
    except Exception:  # whatever a later pandas does here, the public way is right
        return public
    return private if is_equal else public


def _quick_frame() -> Callable[..., Any]:
    try:
        from pandas.api.internals import create_dataframe_from_blocks
    except ImportError:
        return _plain_frame
    quick: Callable[..., Any] = create_dataframe_from_blocks
    return quick


def _plain_frame(parts: Parts, index: pd.Index, columns: pd.Index) -> pd.DataFrame:
    single: dict[int, Any] = {}
    for block, places in parts:
        rows = block if isinstance(block, np.ndarray) else [block]
        single |= dict(zip(places.tolist(), rows, strict=True))
    result = pd.DataFrame({at: single[at] for at in sorted(single)}, index=index)
    result.columns = columns
    return result


def _public_utc(stamps: np.ndarray[Any, Any]) -> Any:
    return pd.DatetimeIndex(stamps.view("M8[ms]")).tz_localize("UTC").array


def _private_utc(stamps: np.ndarray[Any, Any]) -> Any:
    array: Any = pd.arrays.DatetimeArray
    return array._simple_new(stamps.view("M8[ms]"), dtype=UTC_MS)


def _public_index(array: Any, name: str) -> Any:
    return pd.Index(array, name=name, copy=False)


def _private_text_index(array: Any, name: str) -> Any:
    maker: Any = pd.Index
    return maker._simple_new(array, name=name)


def _private_time_index(array: Any, name: str) -> Any:
    maker: Any = pd.DatetimeIndex
    return maker._simple_new(array, name=name)


def _public_texts(values: Sequence[str | None]) -> Any:
    return pd.array(values, dtype=_STR)


def _private_texts(values: Sequence[str | None]) -> Any:
    import pyarrow as pa

    array: Any = _STR.construct_array_type()
    return array(pa.chunked_array([pa.array(values, type=pa.large_string())]), dtype=_STR)
