"""Bytes of the sockets: one gzip member a frame, and the ways in which a frame can be wrong."""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import Any

import msgspec

__all__ = ["bomb", "corrupt", "encoded", "giant", "packed", "truncated", "unpacked"]

_GZIP = 31  # zlib's number for a gzip member around the data
_BOMB = 128 * 2**20
_GIANT = 20 * 2**20
_BLANKS = b" " * 2**20


def packed(text: bytes) -> bytes:
    """Return a text as one gzip member."""
    return zlib.compress(text, 6, _GZIP)


def encoded(message: object) -> bytes:
    """Return a message as a frame."""
    return packed(msgspec.json.encode(message))


def unpacked(frame: bytes) -> Any:
    """Return the message of a sound frame."""
    return msgspec.json.decode(zlib.decompress(frame, _GZIP))


def truncated(text: bytes) -> bytes:
    """Return the first half of a text."""
    return text[: len(text) // 2]


def corrupt(frame: bytes) -> bytes:
    """Return a frame with one wrong byte in the middle."""
    at = len(frame) // 2
    return frame[:at] + bytes([frame[at] ^ 0xFF]) + frame[at + 1 :]


def bomb(text: bytes) -> bytes:
    """Return a small frame whose text is followed by blanks up to 128 MB: JSON all the same."""
    return _padded(text, _BOMB, level=9)


def giant(text: bytes) -> bytes:
    """Return a frame that takes 20 MB as it is, blanks behind its text."""
    return _padded(text, _GIANT, level=0)


@lru_cache(maxsize=2)
def _padded(text: bytes, size: int, level: int) -> bytes:
    packer = zlib.compressobj(level, zlib.DEFLATED, _GZIP)
    parts = [packer.compress(text), *(packer.compress(_BLANKS) for _ in range(size // len(_BLANKS)))]
    return b"".join([*parts, packer.flush()])
