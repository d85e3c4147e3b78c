"""A row class's table that grows: decoded rows in, DataFrames out.

Rows are collected and written in bulk; a frame over what is there costs some ten microseconds however many there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pandas as pd
from msgspec import UNSET

from coinex_pandas.tables import blocks
from coinex_pandas.tables.column_types import Market as _Market
from coinex_pandas.tables.column_types import Time as _Time
from coinex_pandas.tables.decoding import text_of
from coinex_pandas.tables.growing_arrays import Array, GrowingArrays
from coinex_pandas.tables.kinds import (
    ChoiceKind,
    CountKind,
    FlagKind,
    IdKind,
    Kind,
    ListKind,
    NameKind,
    NumberKind,
    TextKind,
    TimeKind,
)
from coinex_pandas.tables.row import Column, Row, column_of
from coinex_pandas.tables.snapshots import guard
from coinex_pandas.tables.structs import names_of, transpose

__all__ = ["MARKET", "RECEIVED", "GrowingFrame", "Run"]

MARKET = column_of("market", _Market, "")
RECEIVED = column_of("received_at", _Time, "when it arrived, by this machine's clock")
_NAT = np.iinfo(np.int64).min
_MISSING = 2  # what stands for no word: UNSET and None
_NARROW = 127  # words up to which pandas keeps codes in one byte

Views = Sequence[Array]

Run = tuple[int, int, int]
"""A market's code, when rows arrived, how many they are."""


class _Words:
    """The words of a column and their codes, as narrow as pandas has them: it would copy wider ones each time.

    The order of the dict is that of the codes, so that a new word takes effect by one assignment.
    """

    def __init__(self, choices: Sequence[str], *, is_wide: bool = False) -> None:
        self.dtype: Any = np.int8 if len(choices) < _NARROW and not is_wide else np.int16
        self._most = np.iinfo(self.dtype).max - 1
        self._codes: dict[Any, int] = {UNSET: -1, None: -1} | {word: code for code, word in enumerate(choices)}
        self._words = tuple(choices)  # the same, renewed when somebody looks

    def code(self, word: Any) -> int:
        """Return a word's code, a new one for a new word, blanks around it aside; none when there are no more."""
        if word in self._codes:
            return self._codes[word]
        plain = word.strip()
        if plain not in self._codes:
            if len(self._codes) - _MISSING == self._most:
                return -1
            self._codes[plain] = len(self._codes) - _MISSING
        return self._codes[plain]

    def codes(self, words: Sequence[Any]) -> Array:
        """Return the codes of words."""
        try:
            codes = map(self._codes.__getitem__, words)
            return np.fromiter(codes, self.dtype, len(words))
        except KeyError:
            return np.fromiter(map(self.code, words), self.dtype, len(words))

    def array(self, views: Views) -> Any:
        """Return the categorical of codes."""
        if len(self._words) < len(self._codes) - _MISSING:
            self._words = (*self._codes,)[_MISSING:]
        return blocks.categorical(views[0], self._words)


class _Store(NamedTuple):
    """Where one column lies, how cells get there, and what pandas array it is."""

    dtypes: tuple[Any, ...]
    fill: Any
    put: Callable[[Sequence[Any]], list[Array]]
    get: Callable[[Views], Any]


def _store(kind: Kind, markets: Sequence[str] | None = ()) -> _Store:
    """Return the store of a kind; without markets rows can name any, and there are few enough to make texts of text."""
    if isinstance(kind, (NameKind, ChoiceKind)):
        is_wide = markets is None and isinstance(kind, NameKind)
        words = _Words(kind.choices if isinstance(kind, ChoiceKind) else markets or (), is_wide=is_wide)
        return _Store((words.dtype,), -1, lambda cells: [words.codes(cells)], words.array)
    if isinstance(kind, TimeKind):
        optional = kind.optional
        return _Store((np.int64,), _NAT, lambda cells: [_stamps(cells, optional)], lambda views: blocks.utc(views[0]))
    if isinstance(kind, IdKind):
        return _Store((np.int64,), 0, lambda cells: [np.fromiter(cells, np.int64, len(cells))], lambda views: views[0])
    if isinstance(kind, CountKind):
        return _Store((np.int64, np.bool_), 0, _counts, lambda views: pd.arrays.IntegerArray(views[0], views[1]))
    if isinstance(kind, FlagKind):
        return _Store((np.bool_, np.bool_), 0, _flags, lambda views: pd.arrays.BooleanArray(views[0], views[1]))
    if isinstance(kind, TextKind):
        whole = markets is None
        return _Store((object,), None, _texts, lambda views: blocks.texts(list(views[0])) if whole else views[0])
    if isinstance(kind, ListKind):
        return _Store((object,), None, lambda cells: [kind.array(cells, "float")], lambda views: views[0])
    raise TypeError(f"a growing table has no column of {kind!r}")  # none of the row classes that are pushed has one


def _stamps(cells: Sequence[Any], optional: bool) -> Array:
    if not optional:
        try:
            return np.fromiter(cells, np.int64, len(cells))
        except TypeError:  # a missing one among them
            pass
    stamps, missing = blocks.whole_numbers(cells)
    stamps[missing | (optional & (stamps == 0))] = _NAT
    return stamps


def _counts(cells: Sequence[Any]) -> list[Array]:
    return list(blocks.whole_numbers(cells))


def _texts(cells: Sequence[Any]) -> list[Array]:
    return [blocks.objects([cell if isinstance(cell, str) else None for cell in cells])]


def _extra_text(cell: Any) -> str | None:
    """Return an undeclared column's cell as text, and one that is no JSON as far as it can be read."""
    try:
        return text_of(cell)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return bytes(cell).decode(errors="replace")


def _flags(cells: Sequence[Any]) -> list[Array]:
    missing = [cell is UNSET or cell is None for cell in cells]
    return [np.array([cell is True for cell in cells]), np.array(missing)]


class GrowingFrame:
    """A table that grows.

    Parameters
    ----------
    row : type of Row
        What is decoded into it.
    markets : sequence of str or None
        The markets that rows can be of, which come with the runs; None where rows name what they are about themselves.
    capacity : int, optional
        Rows to make room for at the start.

    Attributes
    ----------
    arrays : GrowingArrays
        The memory of the rows, and the note that was written with the latest of them.
    """

    def __init__(self, row: type[Row], markets: Sequence[str] | None, capacity: int | None = None) -> None:
        self.row = row
        self.index = row.index if isinstance(row.index, str) and row.index not in ("", "market") else RECEIVED.name
        self._leads = int(markets is not None)  # whether a market stands before each row's own columns
        own = [column for column in row.columns() if not (self._leads and column.name == "market")]
        self.columns: list[Column] = [*[MARKET][: self._leads], *own, RECEIVED]
        self._floats = tuple(column.name for column in own if isinstance(column.kind, NumberKind))
        self._stores: dict[str, _Store] = {
            column.name: _store(column.kind, markets) for column in self.columns if column.name not in self._floats
        }
        self._extra: list[str] = []
        shapes: list[tuple[tuple[int, ...], Any]] = [((len(self._floats),), np.float64)]
        shapes += [((), dtype) for store in self._stores.values() for dtype in store.dtypes]
        self.arrays = GrowingArrays(shapes, **({} if capacity is None else {"capacity": capacity}))
        self._between = [(name, self._stores[name]) for name in list(self._stores)[self._leads : -1]]
        self._one_market = markets is not None and len(markets) == 1
        self._lay_out()

    def __len__(self) -> int:
        return len(self.arrays)

    @property
    def gone(self) -> int:
        """How many rows have fallen out."""
        return self.arrays.gone

    @property
    def nbytes(self) -> int:
        """The bytes of the rows that are there."""
        return self.arrays.nbytes

    def parts(self, rows: Sequence[Row], runs: Sequence[Run]) -> list[Any]:
        """Return decoded rows as arrays, parallel to the columns.

        Parameters
        ----------
        rows : sequence of Row
            All of one type.
        runs : sequence of (int, int, int)
            For rows that arrived together: their market's code, the time of arrival, and how many they are.

        Raises
        ------
        OddCell
            A number is null, or not finite.
        """
        cells: dict[str, Any] = dict(zip(names_of(type(rows[0])), transpose(rows), strict=True))
        for name in self._extra:
            cells[name] = [_extra_text(cell) for cell in cells.get(name) or [UNSET] * len(rows)]
        parts: list[Any] = [blocks.float_block([cells[name] for name in self._floats], len(rows))]
        codes, stamps, lengths = zip(*runs, strict=True)
        if self._leads:
            parts.append(codes[0] if self._one_market else np.repeat(codes, lengths))
        for name, store in self._between:
            parts += store.put(cells[name])
        parts.append(stamps[0] if stamps.count(stamps[0]) == len(stamps) else np.repeat(stamps, lengths))
        return parts + [array for name in self._extra for array in self._stores[name].put(cells[name])]

    @property
    def is_loose(self) -> bool:
        """Whether so many rows have fallen out that `drop_before` should move the others."""
        return self.arrays.is_loose

    def append(self, parts: Sequence[Any], note: Any = None, *, in_place: bool = True) -> None:
        """Write rows behind the others, and a note at the same instant; see `GrowingArrays.append`."""
        self.arrays.append(parts, note, in_place=in_place)

    def insert(self, at: int, parts: Sequence[Any]) -> None:
        """Write rows before another."""
        self.arrays.insert(at, parts)

    def drop_before(self, first: int, *, in_place: bool = True) -> None:
        """Let the rows before one fall out; see `GrowingArrays.drop_before`."""
        self.arrays.drop_before(first, in_place=in_place)

    def column(self, name: str) -> Array:
        """Return one column as it is stored; the caller must not hold on to it."""
        return self.arrays.array(self._places[name][0])

    def code(self, name: str, word: str) -> int:
        """Return what a column of few words stores for a word."""
        return int(self._stores[name].put([word])[0][0])

    def add_text(self, name: str) -> bool:
        """Add a column of text behind the others, one that the exchange newly sends; return whether it is new."""
        if name in self._stores:
            return False
        self._stores[name] = store = _store(TextKind("text"))
        self._extra.append(name)
        self.arrays.widen((), object, store.fill)
        self._lay_out()
        return True

    def frame(self, start: int = 0, stop: int | None = None) -> pd.DataFrame:
        """Return rows as a DataFrame that later rows do not change."""
        views = self.arrays.views(start, stop)
        arrays = {
            at: self._stores[name].get([views[place] for place in self._places[name]]) for at, name in self._single
        }
        stamps = self._stores[self.index].get([views[place] for place in self._places[self.index]])
        index = blocks.index_of(stamps, self.index)
        return guard(blocks.frame(self._names, arrays, views[0], self._float_places, index))

    def _lay_out(self) -> None:
        """Note which array holds what, and the order of the frame's columns."""
        self._places = dict(self._numbered())
        body = [column.name for column in self.columns if column.name != self.index] + self._extra
        self._names = tuple(body)
        self._float_places = tuple(body.index(name) for name in self._floats)
        self._single = [(at, name) for at, name in enumerate(body) if name not in self._floats]

    def _numbered(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        at = 1  # the floats are the first array
        for name, store in self._stores.items():
            yield name, tuple(range(at, at + len(store.dtypes)))
            at += len(store.dtypes)
