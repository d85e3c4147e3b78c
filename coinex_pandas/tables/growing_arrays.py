"""Typed columns that grow by the row, and snapshots of them that cost the same at ten rows and at ten million.

Rows are written in bulk behind the ones that are there; a snapshot is a DataFrame over the very same memory. That is
safe because (1) a row that was written once is never written again while anybody can see it, (2) the arrays that a
snapshot holds are read-only and cannot be made writable, and (3) pandas is made to believe that somebody else shares
each of its blocks, so that whatever writes into a frame copies first (``snapshots.py``).

Memory of arrays is lazily committed by the operating system, so a large capacity costs nothing until it is used.
"""

from __future__ import annotations

import math
import mmap
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = ["Array", "GrowingArrays"]

# Moving on to the next size copies what is there: a few milliseconds at 65,536 rows, a noticeable stall at a million.
# Where address space costs nothing there is therefore one step only; Windows counts it as memory.
_CAPACITIES = (1 << 16, 1 << 19, 1 << 22, 1 << 25) if sys.platform == "win32" else (1 << 16, 1 << 26)
_SLACK = 4096  # rows that may lie behind a bounded table's beginning before they are cleared away
_SHARE = 0.15  # of the table, for the same
_NORESERVE = getattr(mmap, "MAP_NORESERVE", 0)  # Linux: address space is no promise of memory
_PIECE = 1 << 16  # rows moved at a time: numpy copies an overlapping whole aside first

Array = np.ndarray[Any, Any]


class GrowingArrays:
    """Parallel arrays with rows in ``[first, stop)``; the last axis of each array is the rows.

    Parameters
    ----------
    shapes : sequence of (tuple of int, dtype)
        The shape of one row in each array, and its dtype.
    capacity : int, optional
        Rows to make room for at the start.
    """

    def __init__(self, shapes: Sequence[tuple[tuple[int, ...], Any]], capacity: int = _CAPACITIES[0]) -> None:
        self._arrays: list[Array] = [_array((*shape, capacity), dtype) for shape, dtype in shapes]
        self._readable = [_read_only(array) for array in self._arrays]
        self._objects = [number for number, array in enumerate(self._arrays) if array.dtype.hasobject]
        self._capacity = capacity
        self.first = 0
        self.stop = 0
        self.gone = 0
        """How many rows have fallen out."""

    def __len__(self) -> int:
        return self.stop - self.first

    @property
    def nbytes(self) -> int:
        """The bytes of the rows themselves."""
        return sum(array[..., self.first : self.stop].nbytes for array in self._arrays)

    def append(self, parts: Sequence[Any]) -> None:
        """Write rows behind the others; ``parts`` are parallel to the arrays, the first being an array of them."""
        stop = self.stop + parts[0].shape[-1]
        if stop > self._capacity:
            self._make_room(stop - self.stop)
            stop = self.stop + parts[0].shape[-1]
        if self._objects:
            self._widen_objects(stop)
        for array, part in zip(self._arrays, parts, strict=True):
            array[..., self.stop : stop] = part
        self.stop = stop

    def insert(self, at: int, parts: Sequence[Any]) -> None:
        """Write rows before the row ``at`` (counted from the first); what comes after them moves back."""
        place = self.first + at
        tails = [array[..., place : self.stop].copy() for array in self._arrays]
        if not self._is_unseen():
            self._move(self._capacity)
            place = self.first + at
        self.stop = place
        self.append(parts)
        self.append(tails)

    def drop_before(self, first: int) -> None:
        """Let go of the rows before one (counted from the first); their memory is used again before long."""
        self.first += first
        self.gone += first
        if self.first > max(_SLACK, _SHARE * len(self)):
            self._clear()

    def views(self, start: int = 0, stop: int | None = None) -> list[Array]:
        """Return read-only views of rows, counted from the first."""
        end = self.stop if stop is None else self.first + stop
        return [array[..., self.first + start : end] for array in self._readable]

    def array(self, number: int) -> Array:
        """Return one array's rows; the caller must not hold on to them."""
        return self._readable[number][..., self.first : self.stop]

    def widen(self, shape: tuple[int, ...], dtype: Any, fill: object) -> None:
        """Add an array; the rows that are there have ``fill`` in it."""
        array = _array((*shape, self._capacity), dtype, self.stop)
        array[..., : self.stop] = fill
        if array.dtype.hasobject:
            self._objects.append(len(self._arrays))
        self._arrays.append(array)
        self._readable.append(_read_only(array))

    def _widen_objects(self, stop: int) -> None:
        """Make room in arrays of objects: numpy fills them when they are made, so they grow as they are needed."""
        for number in self._objects:
            former = self._arrays[number]
            if former.shape[-1] < stop:
                array = _array((*former.shape[:-1], self._capacity), former.dtype, stop)
                array[..., : self.stop] = former[..., : self.stop]
                self._arrays[number], self._readable[number] = array, _read_only(array)

    def _is_unseen(self) -> bool:
        """Return whether nobody holds a view: numpy has every view of a view refer to the array itself."""
        return all(sys.getrefcount(array) <= 3 for array in self._readable)  # the list's, the loop's, the argument

    def _make_room(self, rows: int) -> None:
        self._clear()
        needed = self.stop + rows
        if needed > self._capacity:
            self._move(next((size for size in _CAPACITIES if size >= needed), 4 * needed), floor=2 * needed)

    def _clear(self) -> None:
        """Move the rows to the beginning, in place unless somebody can see them there."""
        if not self.first:
            return
        if not self._is_unseen():
            self._move(self._capacity)
            return
        for at in range(0, len(self), _PIECE):
            piece = min(_PIECE, len(self) - at)
            for array in self._arrays:
                array[..., at : at + piece] = array[..., self.first + at : self.first + at + piece]
        self.first, self.stop = 0, len(self)

    def _move(self, capacity: int, *, floor: int | None = None) -> None:
        """Copy the rows into arrays of their own; a machine that has not so much to give gives the floor."""
        try:
            arrays = _empty_like(self._arrays, capacity, len(self))
        except MemoryError:
            capacity = floor or capacity
            arrays = _empty_like(self._arrays, capacity, len(self))
        for array, former in zip(arrays, self._arrays, strict=True):
            array[..., : len(self)] = former[..., self.first : self.stop]
        self._arrays, self._readable, self._capacity = arrays, [_read_only(array) for array in arrays], capacity
        self.first, self.stop = 0, len(self)


def _empty_like(arrays: Sequence[Array], capacity: int, rows: int) -> list[Array]:
    return [_array((*array.shape[:-1], capacity), array.dtype, rows) for array in arrays]


def _read_only(array: Array) -> Array:
    """Return the same memory to look at: a mere view of the array could be flagged writable again."""
    return np.asarray(array.data.toreadonly())


def _array(shape: tuple[int, ...], dtype: Any, rows: int = 0) -> Array:
    """Return an array whose memory is committed page by page, as it is written to; of objects, twice the rows.

    ``np.empty`` asks for huge pages where an array is large; clearing them stalls an append for a tenth of a second.
    """
    kind, size = np.dtype(dtype), math.prod(shape)
    if kind.hasobject:
        return np.empty((*shape[:-1], min(shape[-1], 2 * rows + _SLACK)), dtype=kind)
    if not size:
        return np.empty(shape, dtype=kind)
    return np.ndarray(shape, kind, buffer=_memory(size * kind.itemsize))


def _memory(size: int) -> mmap.mmap:
    try:
        if sys.platform == "win32":
            return mmap.mmap(-1, size)
        return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _NORESERVE)
    except (OSError, ValueError) as fault:
        raise MemoryError(f"no {size} bytes of address space") from fault
