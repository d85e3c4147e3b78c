"""The writer of an archive: one process at a time; its raw layer, its bag, and what describes them."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from coinex_pandas.archive.raw.bag import Bag, foreign_files, sha256_of
from coinex_pandas.archive.raw.frames import FIRST, Seal, read_sealed
from coinex_pandas.archive.raw.records import Record
from coinex_pandas.archive.raw.segments import OPEN, RAW, SUFFIX, Segments
from coinex_pandas.errors import ArchiveBusy, ArchiveDamaged, ArchiveError, MissingExtra

try:
    import filelock
except ImportError as fault:
    raise MissingExtra("filelock", extra="archive") from fault

__all__ = ["Writer"]

_README = """An archive of the exchange CoinEx, written by coinex_pandas {version}.

It needs no program of ours. Every reply of the exchange stands in data/raw as it came, one line of JSON each:

    zstd -dc data/raw/*.jsonl.zst | head

"kind" says what a line is: http (a reply to a request), ws (a frame of a stream), note (something that happened), seal
(the end of a frame: how many lines stand before it, their SHA-256, and the SHA-256 of the seal before). "t" is when it
came, in nanoseconds since 1970 by the clock of the machine that wrote it; "url" is what was requested. "body" is the
reply to the byte; where "form" says text or base64, it stands there as a JSON string.

Whether every file is what was written:

    sha256sum -c manifest-sha256.txt

The folder is a BagIt 1.0 bag (RFC 8493). Times are UTC. No key and no signature is stored.
"""


class Writer:
    """Writes into an archive; makes it where there is none.

    ``bag`` is its bag: who adds files to the payload enters them there, and then calls `describe`.

    Parameters
    ----------
    path : Path
        The folder.
    sync : bool, default True
        Whether what is flushed is on the disk before the call returns.

    Raises
    ------
    ArchiveBusy
        Another process writes into it.
    ArchiveDamaged
        What is there is not what was written; ``verify`` says more.
    ArchiveError
        The folder cannot be written, or holds something else.
    """

    def __init__(self, path: Path, *, sync: bool = True) -> None:
        self.path = path
        self._refuse_other_folders()
        self.bag = Bag(path)
        self._guard = threading.Lock()
        with ExitStack() as undo:
            self._lock = filelock.FileLock(path / ".lock", timeout=0, thread_local=False)  # any thread may close it
            self._take_lock()
            undo.callback(self._lock.release)
            self._adopt()
            self._raw = Segments(path, self._on_seal, sync=sync)
            self.describe()
            undo.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def records(self) -> int:
        """How many records the archive holds, those that wait for the next flush aside."""
        return self._raw.previous.through

    def require_sync(self) -> None:
        """Have what is flushed on the disk before the call returns, from now on."""
        self._raw.require_sync()

    def add(self, record: Record) -> None:
        """Store a record, from any thread; it is on the disk a few seconds later at most, and after ``flush``."""
        with self._guard:
            self._raw.add(record)

    def add_lines(self, lines: Sequence[bytes], records: int | None = None) -> None:
        """Store records whose lines are made already, as ``records.line_of`` makes them; see `Segments.add_lines`."""
        with self._guard:
            self._raw.add_lines(lines, records)

    def note(self, **facts: Any) -> None:
        """Store what happened."""
        self.add(Record("note", time.time_ns(), facts=facts))

    def flush(self) -> None:
        """Write what was stored."""
        with self._guard:
            self._raw.flush()

    def seal(self) -> None:
        """End the open segment, so that the manifest speaks of all that was stored."""
        with self._guard:
            self._raw.seal()

    def sweep(self) -> None:
        """Remove what a process that was ended has left in the payload: files that were never finished."""
        payload = self.bag.payload
        for path in (self.path / "data").rglob("*"):
            name = path.relative_to(self.path).as_posix()
            if path.is_file() and name not in payload and not name.startswith(f"{RAW}/"):
                path.unlink()

    def close(self) -> None:
        """Seal what was stored, so that the bag is whole, and let others write."""
        try:
            with self._guard:
                self._raw.seal()
                self.describe()
        finally:
            self._lock.release()

    def _refuse_other_folders(self) -> None:
        """Raise for a folder with somebody else's files."""
        if self.path.is_dir() and not (self.path / "bagit.txt").exists():
            strange = [name for name in foreign_files(self.path) if name not in {".lock", OPEN, "data"}]
            if strange:
                raise ArchiveError(
                    f"it holds other files ({', '.join(strange[:3])}) and is no archive; name an empty folder",
                    path=str(self.path),
                )

    def _take_lock(self) -> None:
        try:
            self._lock.acquire()
        except filelock.Timeout:
            raise ArchiveBusy("another process writes into it; wait until it has ended", path=str(self.path)) from None

    def _adopt(self) -> None:
        """Note the sealed segments that a process could not note any more, if they follow those before."""
        seal: Seal | None = FIRST
        for path in sorted((self.path / RAW).glob(f"*{SUFFIX}")):
            if path.relative_to(self.path).as_posix() in self.bag.payload:
                seal = None
                continue
            seal = _end_of(path, seal)
            self.bag.add(path, sha256_of(path))

    def _on_seal(self, path: Path, digest: str) -> None:
        self.bag.add(path, digest)
        self.describe()

    def describe(self) -> None:
        """Write the manifests and tags anew."""
        self.bag.write({"README.txt": _README.format(version=version("coinex_pandas")), "bag-info.txt": self._info()})

    def _info(self) -> str:
        files = [self.path / name for name in self.bag.payload]
        size = sum(each.stat().st_size for each in files if each.exists())
        facts: Mapping[str, str] = {
            "Bag-Software-Agent": f"coinex_pandas {version('coinex_pandas')}",
            "Bagging-Date": f"{dt.datetime.now(dt.UTC):%Y-%m-%d}",
            "External-Description": "Replies and streams of the exchange CoinEx",
            "Payload-Oxum": f"{size}.{len(files)}",
            "CoinEx-Open-Segment": ", ".join(sorted(each.name for each in (self.path / OPEN).glob("*"))) or "none",
        }
        return "".join(f"{name}: {value}\n" for name, value in facts.items())


def _end_of(path: Path, seal: Seal | None) -> Seal | None:
    """Return the last seal of a segment.

    Raises
    ------
    ArchiveDamaged
        A frame does not follow the one before.
    """
    for frame in read_sealed(path):
        if seal is not None and frame.previous != seal.name:
            raise ArchiveDamaged(f"the frame at byte {frame.start} does not follow the one before", path=path.name)
        seal = frame.seal
    return seal
