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
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

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


class Memory(NamedTuple):
    """Arrays of the same capacity, and the same memory to look at."""

    arrays: tuple[Array, ...]
    readable: tuple[Array, ...]
    capacity: int

    @classmethod
    def of(cls, arrays: Iterable[Array], capacity: int) -> Memory:
        """Return arrays with what looks at them."""
        writable = tuple(arrays)
        return cls(writable, tuple(map(_read_only, writable)), capacity)


class Extent(NamedTuple):
    """Which rows of which memory are there.

    Attributes
    ----------
    memory : Memory
        Where the rows lie.
    first, stop : int
        From which one to which one.
    gone : int
        How many rows have fallen out.
    note : object
        What was written with the latest rows.
    """

    memory: Memory
    first: int = 0
    stop: int = 0
    gone: int = 0
    note: Any = None


class GrowingArrays:
    """Parallel arrays with rows in ``[first, stop)``; the last axis of each array is the rows.

    A change prepares memory that nobody sees, and takes effect by one assignment: an exception at any place, Ctrl-C
    among them, leaves the rows as they were before it or as they are after it. Only rows that move in place are not
    safe so: `insert` does that, and what is called with ``in_place=True``. Those belong on a thread that nobody
    interrupts.

    Parameters
    ----------
    shapes : sequence of (tuple of int, dtype)
        The shape of one row in each array, and its dtype.
    capacity : int, optional
        Rows to make room for at the start.

    Attributes
    ----------
    extent : Extent
        Which rows there are; replaced as a whole.
    """

    def __init__(self, shapes: Sequence[tuple[tuple[int, ...], Any]], capacity: int = _CAPACITIES[0]) -> None:
        arrays = [_array((*shape, capacity), dtype) for shape, dtype in shapes]
        self.extent = Extent(Memory.of(arrays, capacity))

    def __len__(self) -> int:
        return self.extent.stop - self.extent.first

    @property
    def first(self) -> int:
        """Where the rows begin."""
        return self.extent.first

    @property
    def gone(self) -> int:
        """How many rows have fallen out."""
        return self.extent.gone

    @property
    def nbytes(self) -> int:
        """The bytes of the rows themselves."""
        return sum(array.nbytes for array in self.views())

    def append(self, parts: Sequence[Any], note: Any = None, *, in_place: bool = True) -> None:
        """Write rows behind the others; ``parts`` are parallel to the arrays, the first being an array of them.

        Parameters
        ----------
        parts : sequence of array
            The rows.
        note : object, optional
            Replaces the former note at the same instant; None leaves it.
        in_place : bool, default True
            Whether other rows may move within their memory to make room.
        """
        rows = parts[0].shape[-1]
        extent = self._with_room(rows, in_place)
        memory, start, stop = extent.memory, extent.stop, extent.stop + rows
        for array, part in zip(memory.arrays, parts, strict=True):
            array[..., start:stop] = part
        self.extent = Extent(memory, extent.first, stop, extent.gone, extent.note if note is None else note)

    def put_note(self, note: Any) -> None:
        """Replace the note."""
        self.extent = self.extent._replace(note=note)

    def insert(self, at: int, parts: Sequence[Any]) -> None:
        """Write rows before the row ``at`` (counted from the first); what comes after them moves back, in place."""
        place = self.first + at
        tails = [array[..., place : self.extent.stop].copy() for array in self.extent.memory.arrays]
        if not _is_unseen(self.extent.memory):
            self.extent = self._moved(self.extent.memory.capacity)
            place = self.first + at
        self.extent = self.extent._replace(stop=place)
        self.append(parts)
        self.append(tails)

    def drop_before(self, first: int, *, in_place: bool = True) -> None:
        """Let go of the rows before one (counted from the first); their memory is used again before long.

        Parameters
        ----------
        first : int
            The row.
        in_place : bool, default True
            Whether the other rows may move within their memory.
        """
        extent = self.extent
        self.extent = extent._replace(first=extent.first + first, gone=extent.gone + first)
        if in_place and self.is_loose:
            del extent
            self._clear()

    @property
    def is_loose(self) -> bool:
        """Whether so many rows have fallen out that their memory should be used again."""
        return self.first > max(_SLACK, _SHARE * len(self))

    def views(self, start: int = 0, stop: int | None = None) -> list[Array]:
        """Return read-only views of rows, counted from the first."""
        extent = self.extent
        end = extent.stop if stop is None else extent.first + stop
        return [array[..., extent.first + start : end] for array in extent.memory.readable]

    def array(self, number: int) -> Array:
        """Return one array's rows; the caller must not hold on to them."""
        extent = self.extent
        return extent.memory.readable[number][..., extent.first : extent.stop]

    def widen(self, shape: tuple[int, ...], dtype: Any, fill: object) -> None:
        """Add an array; the rows that are there have ``fill`` in it."""
        memory, stop = self.extent.memory, self.extent.stop
        array = _array((*shape, memory.capacity), dtype, stop)
        array[..., :stop] = fill
        self.extent = self.extent._replace(
            memory=Memory((*memory.arrays, array), (*memory.readable, _read_only(array)), memory.capacity)
        )

    def _with_room(self, rows: int, in_place: bool) -> Extent:
        """Return where so many more rows can be written: the present extent, unless it has no room."""
        if self.extent.stop + rows > self.extent.memory.capacity and in_place:
            self._clear()
        extent = self.extent
        if extent.stop + rows > extent.memory.capacity:
            needed = len(self) + rows
            sizes = (extent.memory.capacity, *_CAPACITIES)
            extent = self._moved(next((size for size in sizes if size >= needed), 4 * needed), floor=2 * needed)
        return _with_objects(extent, extent.stop + rows)

    def _clear(self) -> None:
        """Move the rows to the beginning, in place unless somebody can see them there."""
        if not self.first:
            return
        if not _is_unseen(self.extent.memory):
            self.extent = self._moved(self.extent.memory.capacity)
            return
        first, rows, arrays = self.first, len(self), self.extent.memory.arrays
        for at in range(0, rows, _PIECE):
            piece = min(_PIECE, rows - at)
            for array in arrays:
                array[..., at : at + piece] = array[..., first + at : first + at + piece]
        self.extent = self.extent._replace(first=0, stop=rows)

    def _moved(self, capacity: int, *, floor: int | None = None) -> Extent:
        """Return a copy of the rows in memory of its own; a machine that has not so much to give gives the floor."""
        extent, rows = self.extent, len(self)
        formers = extent.memory.arrays
        try:
            arrays = _empty_like(formers, capacity, rows)
        except MemoryError:
            capacity = floor or capacity
            arrays = _empty_like(formers, capacity, rows)
        for array, former in zip(arrays, formers, strict=True):
            array[..., :rows] = former[..., extent.first : extent.stop]
        return extent._replace(memory=Memory.of(arrays, capacity), first=0, stop=rows)


def _with_objects(extent: Extent, stop: int) -> Extent:
    """Return an extent whose arrays of objects have room, too: numpy fills them when they are made, so they grow."""
    arrays = extent.memory.arrays
    short = [at for at, array in enumerate(arrays) if array.dtype.hasobject and array.shape[-1] < stop]
    if not short:
        return extent
    memory = extent.memory
    writable, readable = list(memory.arrays), list(memory.readable)
    for at in short:
        former = arrays[at]
        array = _array((*former.shape[:-1], memory.capacity), former.dtype, stop)
        array[..., : extent.stop] = former[..., : extent.stop]
        writable[at], readable[at] = array, _read_only(array)
    return extent._replace(memory=Memory(tuple(writable), tuple(readable), memory.capacity))


def _is_unseen(memory: Memory) -> bool:
    """Return whether nobody holds a view: numpy has every view of a view refer to the array itself.

    How many references the call itself adds differs between interpreters (3.14 counts fewer); so an array is counted
    along that has one holder, as those have that nobody sees.
    """
    alone = np.empty(0)
    counts = [sys.getrefcount(array) for array in (*memory.readable, alone)]
    return max(counts) == counts[-1]


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
