"""Counters of what went over the sockets, to compare with the counts of a client."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Iterable
from typing import Any, NamedTuple

from coinex_pandas.simulator.feeds.pushes import Push, unpacked

__all__ = ["Count", "Counters", "Received", "Sent"]

_MOST_SENT = 200_000
_MOST_BYTES = 32 * 2**20
_MOST_RECEIVED = 20_000
_OVERHEAD = 400  # bytes of a record beside its frame


class Sent(NamedTuple):
    """A pushed frame that was written, or that was due and not written because of a fault.

    Attributes
    ----------
    connection, number : int
        Of the connection, and of the frame on it, both from 1. Repeats of a stalled feed have numbers of their own.
    at_ms : int
        The exchange's time.
    method : str
        Such as ``deals.update``.
    markets : tuple of str
        The markets in it.
    rows : int
        The tickers or deals in it; 1 for a book, an index, a best bid and ask, a premium.
    frame : bytes
        The frame as it should have been.
    faults : tuple of str
        The faults that hit it.
    written : bool
        Whether it was sent.
    """

    connection: int
    number: int
    at_ms: int
    method: str
    markets: tuple[str, ...]
    rows: int
    frame: bytes
    faults: tuple[str, ...] = ()
    written: bool = True

    @property
    def data(self) -> dict[str, Any]:
        """The data as it should have been."""
        data: dict[str, Any] = unpacked(self.frame)["data"]
        return data


class Received(NamedTuple):
    """A request as it came: decoded JSON, or the text when it is no JSON."""

    connection: int
    request: Any


class Count(NamedTuple):
    """Frames and rows that were written."""

    frames: int
    rows: int


class Counters:
    """Counts frames and requests; safe to read from any thread.

    The counts are always exact. Of the frames themselves the newest are kept: 200,000 of them at most.

    Attributes
    ----------
    most_bytes : int
        The memory that the kept frames may take; by default 32 MB.
    """

    def __init__(self) -> None:
        self.most_bytes = _MOST_BYTES
        self._lock = threading.Lock()
        self._sent: deque[Sent] = deque()
        self._bytes = 0
        self._received: deque[Received] = deque(maxlen=_MOST_RECEIVED)
        self._frames: Counter[tuple[int, str]] = Counter()
        self._rows: Counter[tuple[int, str]] = Counter()

    @property
    def sent(self) -> list[Sent]:
        """The frames kept, oldest first."""
        with self._lock:
            return list(self._sent)

    @property
    def received(self) -> list[Received]:
        """The newest 20,000 requests, oldest first."""
        with self._lock:
            return list(self._received)

    @property
    def counts(self) -> dict[int, dict[str, Count]]:
        """Frames and rows written, by connection and method."""
        counts: dict[int, dict[str, Count]] = {}
        with self._lock:
            for (connection, method), frames in self._frames.items():
                counts.setdefault(connection, {})[method] = Count(frames, self._rows[connection, method])
        return counts

    def add_frame(
        self, connection: int, number: int, at_ms: int, push: Push, faults: Iterable[str] = (), *, written: bool = True
    ) -> None:
        """Count and keep a frame."""
        names = tuple(sorted(faults))
        sent = Sent(connection, number, at_ms, push.method, push.markets, push.rows, push.frame, names, written)
        with self._lock:
            self._sent.append(sent)
            self._bytes += _size(sent)
            while len(self._sent) > _MOST_SENT or self._bytes > self.most_bytes:
                self._bytes -= _size(self._sent.popleft())
            if written:
                self._frames[connection, push.method] += 1
                self._rows[connection, push.method] += push.rows

    def add_request(self, connection: int, request: Any) -> None:
        """Keep a request."""
        with self._lock:
            self._received.append(Received(connection, request))

    def clear(self) -> None:
        """Drop the kept frames and requests; the counts stay."""
        with self._lock:
            self._sent.clear()
            self._received.clear()
            self._bytes = 0


def _size(sent: Sent) -> int:
    return len(sent.frame) + 8 * len(sent.markets) + _OVERHEAD
