"""Where each record of the raw layer lies, and the way back to it; readers never wait for a writer."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from coinex_pandas.archive.raw.frames import FIRST, Frame, read_frame, read_frames, read_sealed
from coinex_pandas.archive.raw.payload import require_written
from coinex_pandas.archive.raw.records import Record, record_of
from coinex_pandas.archive.raw.segments import OPEN, RAW, raw_files
from coinex_pandas.errors import ArchiveDamaged

__all__ = ["Catalogue", "Place"]

_FRAMES = 64  # unpacked frames that are kept: as many tasks write at one time, each into the same few


class Place(NamedTuple):
    """Where a record lies.

    Attributes
    ----------
    segment : str
        The file's name.
    start : int
        The byte of it at which the record's frame begins.
    at : int
        The record's place in its frame, counted from 0.
    line : int
        The record's line in the unpacked file, seals among them, counted from 1: what ``zstd -dc | sed -n`` shows.
    """

    segment: str
    start: int
    at: int
    line: int

    def __str__(self) -> str:
        return f"{self.segment}:{self.line}"


class Catalogue:
    """The records of an archive's raw layer.

    Parameters
    ----------
    root : Path
        The archive's folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._frames: OrderedDict[tuple[str, int], Frame] = OrderedDict()

    def __iter__(self) -> Iterator[tuple[Place, Record]]:
        """Yield all records that are stored whole, as `since` does from the first segment on."""
        return self.since("")

    def since(self, segment: str) -> Iterator[tuple[Place, Record]]:
        """Yield the records that are stored whole from a segment on, in the order in which they were written.

        Raises
        ------
        ArchiveDamaged
            A segment is not what was written.
        """
        previous = None if segment else FIRST.name
        for path in raw_files(self._root):
            if path.name < segment:
                continue
            line, is_full = 1, path.parent.name != OPEN
            if is_full:
                require_written(self._root, f"{RAW}/{path.name}")
            for frame in read_sealed(path) if is_full else read_frames(path):
                if frame.previous != (previous or frame.previous):
                    raise ArchiveDamaged(f"frames are gone in front of byte {frame.start}", path=path.name)
                previous = frame.seal.name
                for at, text in enumerate(frame.lines):
                    yield Place(path.name, frame.start, at, line + at), record_of(text)
                line += len(frame.lines) + 1

    def record(self, place: Place) -> Record:
        """Return the record at a place."""
        return record_of(self._frame(place.segment, place.start).lines[place.at])

    def _frame(self, segment: str, start: int) -> Frame:
        key = (segment, start)
        if key in self._frames:
            self._frames.move_to_end(key)
        else:
            self._frames[key] = read_frame(self._path(segment), start)
            if len(self._frames) > _FRAMES:
                self._frames.popitem(last=False)
        return self._frames[key]

    def _path(self, segment: str) -> Path:
        """Return where a segment lies: it moves when it is full."""
        for folder in (RAW, OPEN, RAW):
            if (path := self._root / folder / segment).exists():
                return path
        raise ArchiveDamaged("it is gone", path=segment)
