"""The thread that writes a process's streams into an archive, and the queue before it.

The sockets' thread only puts batches into the queue. The queue is bounded: while the disk takes nothing, what does not
fit is left out, and whoever puts it there notes that. Notes are few and always fit.
"""

from __future__ import annotations

import atexit
import itertools
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from coinex_pandas.archive.raw.writer import Writer
from coinex_pandas.errors import ArchiveBusy, ArchiveError
from coinex_pandas.http.processes import call_in_child

__all__ = ["ArchiveQueue", "Registry", "queue_of", "registry", "wait_for_recordings"]

Lines = Callable[[], Sequence[bytes]]
"""Makes the lines of some records, on the thread that writes them."""

_ROOM = 64 << 20  # bytes of frames that wait
_TOGETHER = 1 << 20  # bytes that are written at once in a flood: more would fall out of the processor's caches
_GATHER = 0.3  # seconds in which less than that is gathered before it is written
_FLUSH = 3.0  # seconds that a record waits at most
_AGAIN = 0.5  # seconds before a disk that took nothing is tried again


class Registry:
    """What records in this process: the queues by the archive's folder, and the lock of who joins and leaves."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.queues: dict[Path, ArchiveQueue] = {}


registry = Registry()


def queue_of(path: Path, *, sync: bool) -> ArchiveQueue:
    """Return the queue of an archive in this process, with one more user; make it where there is none.

    Parameters
    ----------
    path : Path
        The archive's folder.
    sync : bool
        Whether what is written has to be on the disk at once; one user who wants that is enough.

    Raises
    ------
    ArchiveBusy, ArchiveDamaged, ArchiveError
        As `Writer` raises them.
    """
    path = path.resolve()
    with registry.lock:
        queue = registry.queues.get(path)
        if queue is None or not queue.join():
            if queue is not None:
                queue.wait()
            queue = registry.queues[path] = ArchiveQueue(Writer(path, sync=False))
        if sync:
            queue.require_sync()
        return queue


def wait_for_recordings(path: Path) -> None:
    """Wait until what the recordings of this process have left is written; then another writer can begin.

    Raises
    ------
    ArchiveBusy
        A recording still runs.
    """
    queue = registry.queues.get(path.resolve())
    if queue is None:
        return
    if not queue.is_left:
        raise ArchiveBusy("streams are recorded into it; stop their recordings first", path=str(path))
    queue.wait()


class ArchiveQueue:
    """What waits to be written into an archive, and the thread that writes it.

    Parameters
    ----------
    writer : Writer
        The archive's; it is closed when the last user has left.

    Attributes
    ----------
    error : Exception or None
        Why nothing can be written at this moment; it is tried again and again.
    """

    def __init__(self, writer: Writer) -> None:
        self.error: Exception | None = None
        self._writer = writer
        self._items: deque[tuple[Lines | bytes, int, int]] = deque()
        self._size = 0
        self._users = 1
        self._numbers = itertools.count(writer.records + 1)  # unique in the archive: each number is written at once
        self._guard = threading.Lock()
        self._news = threading.Event()
        self._many = threading.Event()  # enough to be written at once
        self._end = threading.Event()
        self._flushed_at = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="coinex-archive", daemon=True)
        self._thread.start()

    def require_sync(self) -> None:
        """Have what is written on the disk at once from now on, and not when the system finds time."""
        self._writer.require_sync()

    def number(self) -> int:
        """Return a number that nothing else in the archive has."""
        return next(self._numbers)

    def put(self, lines: Lines | bytes, size: int, records: int = 0) -> bool:
        """Put frames into the queue; return whether there was room.

        Parameters
        ----------
        lines : bytes or callable
            The lines of their records, or what makes these.
        size : int
            The bytes that they take in memory.
        records : int, default 0
            How many lines they are; nothing that is made later needs it.
        """
        with self._guard:
            if self._size + size > _ROOM:
                return False
            self._size += size
            self._items.append((lines, size, records))
            is_many = self._size >= _TOGETHER
        if not self._news.is_set():
            self._news.set()
        if is_many and not self._many.is_set():
            self._many.set()
        return True

    def put_note(self, lines: Lines) -> None:
        """Put a note into the queue."""
        with self._guard:
            self._items.append((lines, 0, 0))
        self._news.set()

    def join(self) -> bool:
        """Count one more user; return whether the archive is still open."""
        with self._guard:
            self._users += bool(self._users)
            return bool(self._users)

    def leave(self) -> None:
        """Count one user less; after the last one the archive is closed."""
        with self._guard:
            self._users -= 1
            is_last = not self._users
        if is_last:
            self.end()

    def end(self) -> None:
        """Close the archive when all that waits is written."""
        for event in (self._end, self._news, self._many):
            event.set()

    @property
    def is_left(self) -> bool:
        """Whether the last user has left."""
        return self._end.is_set()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until the archive is closed."""
        self._thread.join(seconds)

    # ---- the thread

    def _run(self) -> None:
        while not self._end.is_set():
            self._news.wait(_FLUSH)
            if self.error is None:
                self._many.wait(_GATHER)
            else:
                self._end.wait(_AGAIN)
            self._news.clear()
            self._many.clear()
            self._work()
        self._work()
        self._close()

    def _work(self) -> None:
        """Write what waits; what the disk does not take is kept by the writer, and what comes then waits here."""
        try:
            if self.error is not None or time.monotonic() - self._flushed_at >= _FLUSH:
                self._writer.flush()
                self._flushed_at = time.monotonic()
            self.error = None
            while self._items:
                self._writer.add_lines(*self._next())
        except Exception as error:  # whatever it is, the recording says it and goes on
            self.error = error

    def _next(self) -> tuple[list[bytes], int]:
        """Return the lines that come next, some hundred where they are there, and how many they are."""
        blocks: list[bytes] = []
        count = taken = 0
        while self._items and taken < _TOGETHER:
            lines, size, records = self._items.popleft()
            with self._guard:
                self._size -= size
            taken += size
            made = (lines,) if isinstance(lines, bytes) else lines()
            blocks += made
            count += records or len(made)
        return blocks, count

    def _close(self) -> None:
        try:
            self._writer.close()
        except ArchiveError as error:
            self.error = error


def _close_all() -> None:
    """Write what is left when the interpreter ends; what was recorded until then is stored."""
    for queue in list(registry.queues.values()):
        queue.end()
        queue.wait(10.0)


@call_in_child
def _start_anew() -> None:
    """Write nothing in a forked child: the archive is its parent's."""
    registry.lock = threading.Lock()  # the parent may have held the other one
    registry.queues.clear()


atexit.register(_close_all)
