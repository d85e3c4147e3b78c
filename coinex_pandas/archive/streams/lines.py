"""The lines of a stream's records: frames, many at a time, and notes.

A frame's record has the JSON as its body, and ``wire`` and ``crc``, the length and the CRC-32 of the frame as it came.
A frame that cannot be unpacked stands there as it came, with the reason under ``bad``. ``n`` counts the frames of a
connection from 1 on; one that is left out, because it belongs to a channel that nobody records, is counted too.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import Any
from zlib import crc32

import msgspec

from coinex_pandas.archive.raw.records import Record, line_of
from coinex_pandas.archive.raw.replies import masked_body
from coinex_pandas.errors.quoting import has_keys, without_keys
from coinex_pandas.live.protocol.messages import BadFrame, unpack

__all__ = ["MS", "Batch", "frame_lines", "note_line", "quick_lines"]

MS = 1_000_000
"""Nanoseconds of a millisecond."""

_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Batch(msgspec.Struct, frozen=True, gc=False):
    """Frames of a connection that came together.

    Attributes
    ----------
    conn, first : int
        The connection's number, and the number of the first frame.
    at : int
        When they came, in unix milliseconds.
    frames : sequence of bytes
        As they came.
    texts : sequence of bytes or None
        Their JSON, where each was unpacked and decoded already.
    """

    conn: int
    first: int
    at: int
    frames: Sequence[bytes]
    texts: Sequence[bytes] | None = None


class _Head(msgspec.Struct, gc=False):
    method: str | None = None


_HEAD = msgspec.json.Decoder(_Head)


class _Line(msgspec.Struct, tag_field="kind", tag="ws", gc=False):
    """A frame's record, which the encoder writes as `line_of` would."""

    t: int
    conn: int
    n: int
    wire: int
    crc: str
    body: msgspec.Raw


_ENCODER = msgspec.json.Encoder()


def frame_lines(batch: Batch, methods: frozenset[str] | None = None) -> list[bytes]:
    """Return the lines of a batch of frames.

    Parameters
    ----------
    batch : Batch
        The frames.
    methods : frozenset of str, optional
        The channels whose pushes are wanted, such as ``deals``; whatever is no push is taken, too. None for all.
    """
    lines = _joined(batch) if methods is None else None
    if lines is not None and (text := lines.decode()) == without_keys(text):
        return lines.splitlines(keepends=True)
    return list(_careful_lines(batch, methods))


def quick_lines(batch: Batch) -> bytes | None:
    """Return the lines of a batch of frames in one text; nothing where `frame_lines` must look at each of them."""
    return None if has_keys() else _joined(batch)


def _joined(batch: Batch) -> bytes | None:
    """Return the lines of a batch of frames in one text, or nothing where something about them could be odd.

    Their JSON was decoded already, so that it needs no other look than whether it is one line of UTF-8.
    """
    texts, frames = batch.texts, batch.frames
    if texts is None or not _is_plain(b" ".join(texts)):
        return None
    numbers = range(batch.first, batch.first + len(texts))
    checksums = struct.pack(f">{len(texts)}I", *map(crc32, frames)).hex(" ", 4).split()
    bodies = map(msgspec.Raw, texts)
    return _ENCODER.encode_lines(
        [*map(_Line, repeat(batch.at * MS), repeat(batch.conn), numbers, map(len, frames), checksums, bodies)]
    )


def note_line(name: str, at: int, body: bytes = b"null", **facts: Any) -> bytes:
    """Return the line of a note; ``at`` in nanoseconds."""
    return line_of(Record("note", at, body, {"note": name} | facts))


def _is_plain(text: bytes) -> bool:
    """Return whether a text can stand in a line."""
    return b"\n" not in text and b"\r" not in text and (text.isascii() or _is_utf8(text))


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_wanted(text: bytes, methods: frozenset[str] | None) -> bool:
    """Return whether a frame is a push of certain channels, or no push at all."""
    if methods is None:
        return True
    try:
        method = _HEAD.decode(text).method
    except _UNREADABLE:
        return True
    return method is None or method.removesuffix(".update") in methods


def _careful_lines(batch: Batch, methods: frozenset[str] | None) -> Iterator[bytes]:
    """Yield the lines of frames of which anything can be odd."""
    for at, frame in enumerate(batch.frames):
        facts: dict[str, Any] = {
            "conn": batch.conn,
            "n": batch.first + at,
            "wire": len(frame),
            "crc": f"{crc32(frame):08x}",
        }
        try:
            body = unpack(frame) if batch.texts is None else batch.texts[at]
        except BadFrame as fault:
            body, facts["bad"] = frame, str(fault)
        if _is_wanted(body, methods):
            yield line_of(Record("ws", batch.at * MS, masked_body(body), facts))
