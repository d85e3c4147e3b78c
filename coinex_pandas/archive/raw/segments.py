"""Segments: the raw layer's files. One is open and grows by frames; a full one is sealed and never changes again.

The open one lies in ``open/``, beside the payload, and moves to ``data/raw/`` as a whole. A process may end at any
moment: what is behind the last whole frame of the open segment is cut off when the archive is opened to be written.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from coinex_pandas.archive.raw.frames import FIRST, Frame, Seal, packed, read_frames, read_sealed, salvaged
from coinex_pandas.archive.raw.records import Record, line_of
from coinex_pandas.errors import ArchiveDamaged, ArchiveError

__all__ = ["OPEN", "RAW", "SUFFIX", "Segments", "raw_files"]

RAW, OPEN, SUFFIX = "data/raw", "open", ".jsonl.zst"
RECORDS, SECONDS = 256, 5.0  # a frame holds so many records at most, and waits so long at most
SIZE = 64 << 20  # bytes of a segment


def raw_files(root: Path) -> list[Path]:
    """Return the segments of an archive in the order in which they were written, the open one last."""
    growing = sorted((root / OPEN).glob(f"*{SUFFIX}"))  # first: it may be moved while somebody looks
    full = sorted((root / RAW).glob(f"*{SUFFIX}"))
    return full + [path for path in growing if root / RAW / path.name not in full]


class Segments:
    """Writes records into the raw layer of an archive; one process at a time.

    Parameters
    ----------
    root : Path
        The folder of the archive.
    sync : bool, default True
        Whether a frame is on the disk before `flush` returns; it costs some 70 % more time.
    on_seal : callable
        Gets the path and the SHA-256 of each segment that is full.
    clock : callable
        Seconds, for tests.
    """

    def __init__(
        self,
        root: Path,
        on_seal: Callable[[Path, str], None],
        *,
        sync: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._root, self._on_seal, self._sync, self._clock = root, on_seal, sync, clock
        self._lines: list[bytes] = []
        self._count = 0
        self._since = 0.0
        for folder in (RAW, OPEN):
            (root / folder).mkdir(parents=True, exist_ok=True)
        self.previous = self._last_seal()
        self._path = self._resumed()
        self._end = self._path.stat().st_size if self._path.exists() else 0
        self._digest = hashlib.sha256(self._path.read_bytes() if self._path.exists() else b"")

    def add(self, record: Record) -> None:
        """Take a record; it is written with the frame that it belongs to."""
        self.add_lines((line_of(record),))

    def add_lines(self, lines: Sequence[bytes], records: int | None = None) -> None:
        """Take the lines of some records, as `line_of` makes them; a frame ends between two calls.

        Parameters
        ----------
        lines : sequence of bytes
            The lines; several can stand in one text.
        records : int, optional
            How many lines they are; one each by default.
        """
        if not self._lines:
            self._since = self._clock()
        self._lines += lines
        self._count += len(lines) if records is None else records
        if self._count >= RECORDS or self._clock() - self._since >= SECONDS:
            self.flush()

    def require_sync(self) -> None:
        """Have each frame on the disk before `flush` returns, from now on."""
        self._sync = True

    def flush(self) -> None:
        """Write what was taken as a frame of its own.

        Raises
        ------
        ArchiveError
            The disk takes no more; what was taken is kept, and the next flush tries again.
        """
        if not self._lines:
            return
        frame, seal = packed(self._lines, self.previous, self._count)
        self._append(frame)
        self._digest.update(frame)
        self._lines, self._count, self.previous = [], 0, seal
        if self._end >= SIZE:
            self.seal()

    def seal(self) -> None:
        """Write what was taken, and end the open segment; the next record opens another."""
        self.flush()
        if not self._path.exists():
            return
        final, digest = self._root / RAW / self._path.name, self._digest.hexdigest()
        try:
            self._path.replace(final)
        except OSError as fault:
            raise ArchiveError(
                f"it cannot be moved to {RAW} ({fault}); do it once more", path=str(self._path)
            ) from fault
        self._path, self._end, self._digest = self._next(), 0, hashlib.sha256()
        try:
            _sync_folder(final.parent)
        finally:
            self._on_seal(final, digest)

    def _append(self, frame: bytes) -> None:
        """Append a frame, whole or not at all."""
        try:
            with self._path.open("ab", buffering=0) as file:
                file.truncate(self._end)  # what a failed write has left behind
                written = file.write(frame)  # on a full disk it may come back short, without an error
                if written != len(frame):
                    raise OSError(f"{written} of {len(frame)} bytes were written")
                if self._sync:
                    os.fsync(file.fileno())
        except OSError as fault:
            with contextlib.suppress(OSError):  # the next write does it, if this cannot
                os.truncate(self._path, self._end)
            raise ArchiveError(
                f"it cannot be written ({fault}); free some space and go on: what came is kept until then",
                path=str(self._path),
            ) from fault
        self._end += len(frame)

    def _last_seal(self) -> Seal:
        """Return the last seal of the segments that are full."""
        sealed = sorted((self._root / RAW).glob(f"*{SUFFIX}"))
        *_, last = [None, *read_sealed(sealed[-1])] if sealed else [None]
        return last.seal if last else FIRST

    def _resumed(self) -> Path:
        """Return the open segment, cut at its last whole frame; a new one if there is none."""
        unfinished = sorted((self._root / OPEN).glob(f"*{SUFFIX}"))
        if not unfinished:
            return self._next()
        path, end = unfinished[-1], 0
        damage = ArchiveDamaged(f"no frame ends behind byte {end}, but others follow", path=path.name)
        try:
            for frame in read_frames(path):
                self._require_next(frame, path)
                end, self.previous = frame.stop, frame.seal
        except ArchiveDamaged as error:
            damage = error
        if end < path.stat().st_size:
            if any(frame.start >= end for frame in salvaged(path)):  # no unfinished end: something in the middle
                raise damage
            os.truncate(path, end)
        return path

    def _require_next(self, frame: Frame, path: Path) -> None:
        if frame.previous != self.previous.name:
            raise ArchiveDamaged(f"the frame at byte {frame.start} does not follow the one before", path=path.name)

    def _next(self) -> Path:
        """Return the path of the next segment; nothing is there yet."""
        numbers = [int(path.name.removesuffix(SUFFIX)) for path in raw_files(self._root)]
        return self._root / OPEN / f"{max(numbers, default=0) + 1:08d}{SUFFIX}"


def _sync_folder(folder: Path) -> None:
    """Have the name of a file on the disk, where the system lets folders be opened."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
