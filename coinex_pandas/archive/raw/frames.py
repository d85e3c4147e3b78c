"""Frames: some records packed by zstd, the last of them a seal, so that each can be read and proved alone.

A seal says how many records stand before it and the SHA-256 of their bytes, and names the seal before: a frame that was
changed, and one that was cut out, are both noticed. What follows the last whole frame of a file was never finished.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from coinex_pandas.archive.raw.records import Record, line_of, record_of
from coinex_pandas.errors import ArchiveDamaged, MissingExtra

try:
    import zstandard
except ImportError as fault:
    raise MissingExtra("zstandard", extra="archive") from fault

__all__ = ["FIRST", "Frame", "Seal", "packed", "read_frame", "read_frames", "read_sealed", "salvaged"]

_LEVEL = 1  # smaller and quicker than level 3 on replies of the exchange
_LARGEST = 1 << 30  # bytes of one frame unpacked; a damaged length must not take the machine's memory
_CHUNK, _WINDOW = 1 << 20, 1 << 27
_own = threading.local()
_MAGIC = b"\x28\xb5\x2f\xfd"


class Seal(NamedTuple):
    """The last line of a frame.

    Attributes
    ----------
    name : str
        The SHA-256 of the line.
    through : int
        How many records the archive has up to there.
    """

    name: str
    through: int


FIRST = Seal("0" * 64, 0)
"""What the first seal of an archive has before it."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A whole frame of a file.

    Attributes
    ----------
    start, stop : int
        The bytes of the file that it takes.
    lines : list of bytes
        The lines of its records, without the seal.
    seal : Seal
        What proves it.
    previous : str
        The name of the seal before.
    """

    start: int
    stop: int
    lines: list[bytes]
    seal: Seal
    previous: str


def packed(lines: Sequence[bytes], previous: Seal = FIRST, records: int | None = None) -> tuple[bytes, Seal]:
    """Return a frame of some records' lines, and its seal.

    Parameters
    ----------
    lines : sequence of bytes
        The lines; several can stand in one text.
    previous : Seal
        The seal of the frame before.
    records : int, optional
        How many lines they are; one each by default.
    """
    records = len(lines) if records is None else records
    content, through = bytearray().join(lines), previous.through + records
    words = {
        "records": records,
        "through": through,
        "sha256": hashlib.sha256(content).hexdigest(),
        "previous": previous.name,
    }
    line = line_of(Record("seal", time.time_ns(), json.dumps(words, separators=(",", ":")).encode()))
    content += line  # in place: a frame of a flood is large
    return _compressor().compress(content), Seal(hashlib.sha256(line).hexdigest(), through)


def _compressor() -> zstandard.ZstdCompressor:
    """Return the compressor of this thread: to make one costs a third of what it then does for a frame."""
    if not hasattr(_own, "compressor"):
        _own.compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True, write_content_size=True)
    compressor: zstandard.ZstdCompressor = _own.compressor
    return compressor


def salvaged(path: Path) -> Iterator[Frame]:
    """Yield the frames of a file that are what their seals say, whatever stands between them."""
    content, start = path.read_bytes(), 0
    while (start := content.find(_MAGIC, start)) >= 0:
        try:
            unpacker = zstandard.ZstdDecompressor(max_window_size=_WINDOW).decompressobj()
            whole = unpacker.decompress(content[start:])
            stop = len(content) - len(unpacker.unused_data)
            if unpacker.eof:
                yield _proved(path, whole, start, stop)
                start = stop
                continue
        except (zstandard.ZstdError, ArchiveDamaged):
            pass  # what is wrong is between the frames that are right
        start += 1


def read_frame(path: Path, start: int) -> Frame:
    """Return the frame that begins at a byte of a file."""
    for frame in read_frames(path, start):
        return frame
    raise ArchiveDamaged(f"no frame begins at byte {start}", path=path.name)


def read_frames(path: Path, start: int = 0) -> Iterator[Frame]:
    """Yield the whole frames of a file from a byte on, in order; an unfinished one at its end is left out.

    Raises
    ------
    ArchiveDamaged
        A frame is not what its seal says, or something else stands where a frame should begin.
    """
    for content, size in _unpacked(path, start):
        yield _proved(path, content, start, start + size)
        start += size


def read_sealed(path: Path) -> Iterator[Frame]:
    """Yield the frames of a full segment, which has no unfinished one.

    Raises
    ------
    ArchiveDamaged
        As `read_frames`; or something stands behind the last frame.
    """
    stop = 0
    for frame in read_frames(path):
        yield frame
        stop = frame.stop
    if not stop or stop != path.stat().st_size:
        raise ArchiveDamaged(f"what stands at byte {stop} is no whole frame", path=path.name)


def _unpacked(path: Path, start: int) -> Iterator[tuple[bytes, int]]:
    """Yield the content of each whole zstd frame from a byte on, and its size in the file."""
    with path.open("rb") as file:
        file.seek(start)
        rest = b""
        while rest or (rest := file.read(_CHUNK)):
            unpacker, parts, held = zstandard.ZstdDecompressor(max_window_size=_WINDOW).decompressobj(), [], 0
            size = 0
            while not unpacker.eof:
                if not rest and not (rest := file.read(_CHUNK)):
                    return  # never finished
                try:
                    parts.append(unpacker.decompress(rest))
                except zstandard.ZstdError as fault:
                    raise ArchiveDamaged(f"no frame of zstd at byte {start} ({fault})", path=path.name) from None
                held += len(parts[-1])
                if held > _LARGEST:
                    raise ArchiveDamaged(f"the frame at byte {start} is larger than 1 GB", path=path.name)
                size += len(rest) - len(unpacker.unused_data)
                rest = unpacker.unused_data
            yield b"".join(parts), size
            start += size


def _proved(path: Path, content: bytes, start: int, stop: int) -> Frame:
    """Return the frame of some content.

    Raises
    ------
    ArchiveDamaged
        Its seal says something else.
    """
    *lines, seal = content.splitlines(keepends=True) or [b""]
    try:
        record = record_of(seal)
        said = json.loads(record.body)
        count, digest, through, previous = (said[key] for key in ("records", "sha256", "through", "previous"))
    except (ValueError, KeyError, TypeError) as fault:
        raise ArchiveDamaged(f"the frame at byte {start} has no seal ({fault})", path=path.name) from None
    if (record.kind, count, digest) != ("seal", len(lines), hashlib.sha256(b"".join(lines)).hexdigest()):
        raise ArchiveDamaged(f"the frame at byte {start} is not what its seal says", path=path.name)
    return Frame(start, stop, lines, Seal(hashlib.sha256(seal).hexdigest(), through), previous)
