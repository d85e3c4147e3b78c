"""What one reply may cost: bytes on the wire, bytes after decompression, and time until it is whole.

The limits are far above what the exchange sends; its largest reply has less than a megabyte. Beyond them the reply is
none: reads raise `NoAnswer`, verbs `OutcomeUnknown`, and the connection is closed.
"""

from __future__ import annotations

import io
import socket
import time
import zlib
from collections.abc import Callable
from http.client import HTTPException, HTTPResponse
from typing import Any

import requests
from requests.exceptions import ChunkedEncodingError, ContentDecodingError
from urllib3.exceptions import HTTPError, ProtocolError

__all__ = ["ENCODINGS", "LONGEST_WAITS", "MOST_BODY", "MOST_WIRE", "BoundedReply", "bounded_body"]

MOST_BODY = 32 * 2**20
"""Bytes of a body, as it came and after each step of decompression."""

MOST_WIRE = MOST_BODY + 2**20
"""Bytes of a whole reply on the wire, headers and the lengths of chunks among them."""

LONGEST_WAITS = 4
"""How many times the wait for one part of a reply the whole of it may take: two minutes, unless a session says more."""

ENCODINGS = "gzip, deflate"
"""What a session accepts, whatever else is installed: these are the ones that are decompressed step by step."""

_MOST_STEPS = 3  # encodings one around the other; a proxy may add one
_MOST_MEMBERS = 1_000  # gzip files one behind the other, each with costs of its own; JSON that is cut off there is none
_PART = 2**16  # bytes that are read or decompressed at a time
_WAIT = 30.0  # seconds for one part, where a session waits for ever


class BoundedReply(HTTPResponse):
    """A reply that ends: after so many bytes, and after so much time since its request was sent."""

    def __init__(self, sock: socket.socket, *args: Any, **settings: Any) -> None:
        super().__init__(sock, *args, **settings)
        if isinstance(self.fp, io.BufferedReader):
            self.fp = io.BufferedReader(_BoundedSocket(sock, self.fp.detach()))

    def begin(self) -> None:
        """Read the headers; those that are none are left out, for urllib3 would quote them in its log."""
        super().begin()
        self.headers.defects.clear()
        self.headers.set_payload("")


class _BoundedSocket(io.RawIOBase):
    """A socket that is read up to a limit and a deadline.

    ``settimeout`` alone bounds the wait for the next byte: a peer that sends one now and then is never late.
    """

    def __init__(self, sock: socket.socket, file: io.RawIOBase) -> None:
        self._sock, self._file = sock, file
        self._wait = sock.gettimeout()
        self._limit = LONGEST_WAITS * (self._wait or _WAIT)
        self._deadline = time.monotonic() + self._limit
        self._left = MOST_WIRE

    def readable(self) -> bool:
        """Return True: reading is all it does."""
        return True

    def fileno(self) -> int:
        """Return the socket's number."""
        return self._file.fileno()

    def close(self) -> None:
        """Close the file; the socket stays open as long as the connection needs it."""
        self._file.close()
        super().close()

    def readinto(self, buffer: Any) -> int | None:
        """Read some bytes."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise self._late()
        if self._wait is None or left < self._wait:
            self._sock.settimeout(left)
        try:
            count: int | None = self._file.readinto(buffer)
        except TimeoutError:
            if time.monotonic() < self._deadline:
                raise
            raise self._late() from None
        self._left -= count or 0
        if self._left < 0:
            raise OSError(f"the reply has more than {MOST_WIRE:,} bytes")
        return count

    def _late(self) -> OSError:
        return OSError(f"the reply was not whole after {self._limit:g} seconds")


def bounded_body(response: requests.Response) -> bytes:
    """Return the body of a response that was not read yet, decompressed.

    Raises
    ------
    requests.RequestException
        The connection broke, or the body is too large, too late, or not in an encoding that was asked for.
    """
    try:
        body = _received(response)
    except ProtocolError as fault:
        raise ChunkedEncodingError(fault) from fault
    except (HTTPError, HTTPException, OSError, ValueError, ArithmeticError) as fault:
        raise requests.ConnectionError(fault) from fault
    steps = [name.strip().lower() for name in response.headers.get("Content-Encoding", "").split(",")]
    steps = [name for name in steps if name not in ("", "identity")]
    if len(steps) > _MOST_STEPS:
        raise ContentDecodingError(f"the body is in {len(steps)} encodings one around the other")
    for name in reversed(steps):
        if name not in _DECODERS:
            raise ContentDecodingError(f"the body is in the encoding {name[:20]!r}, which was not asked for")
        try:
            body = _DECODERS[name](body)
        except zlib.error as fault:
            raise ContentDecodingError(f"the body is no {name}: {fault}") from fault
    return body


def _received(response: requests.Response) -> bytes:
    """Return a body as it came."""
    body = bytearray()
    for part in response.raw.stream(_PART, decode_content=False):
        body += part
        if len(body) > MOST_BODY:
            raise OSError(f"the body has more than {MOST_BODY:,} bytes")
    return bytes(body)


def _gunzip(body: bytes) -> bytes:
    """Return what a body of one or many gzip files holds; what stands behind them is no part of it."""
    parts: list[bytes] = []
    at = size = 0
    while at < len(body) and len(parts) < _MOST_MEMBERS:
        try:
            part, at = _inflated(body, at, 16 + zlib.MAX_WBITS, MOST_BODY - size)
        except zlib.error:
            if parts:
                break
            raise
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def _inflate(body: bytes) -> bytes:
    """Return what a body holds that is deflated, with zlib's header as it should be, or without."""
    try:
        return _inflated(body, 0, zlib.MAX_WBITS, MOST_BODY)[0]
    except zlib.error:
        return _inflated(body, 0, -zlib.MAX_WBITS, MOST_BODY)[0]


def _inflated(body: bytes, at: int, window: int, most: int) -> tuple[bytes, int]:
    """Return what stands compressed from a place on, and the place behind it; not a byte more than the limit."""
    reader = zlib.decompressobj(window)
    parts: list[bytes] = []
    size = 0
    while at < len(body) and not reader.eof:
        fed = body[at : at + _PART]
        parts.append(reader.decompress(fed, most - size + 1))
        at += len(fed) - len(reader.unused_data)
        size += len(parts[-1])
        if size > most:
            raise ContentDecodingError(f"the body has more than {MOST_BODY:,} bytes after decompression")
    return b"".join(parts), at


_DECODERS: dict[str, Callable[[bytes], bytes]] = {"gzip": _gunzip, "x-gzip": _gunzip, "deflate": _inflate}
