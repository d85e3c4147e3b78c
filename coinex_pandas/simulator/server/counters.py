"""Counters of what went over the sockets, to compare with the counts of a client."""

from __future__ import annotations

import sys
import threading
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar, overload

import msgspec

from coinex_pandas.simulator.feeds.pushes import Push, unpacked
from coinex_pandas.simulator.settings import whole_number

__all__ = ["Count", "Counters", "Newest", "Received", "Sent", "decoded"]

_MOST_SENT = 200_000
_MOST_BYTES = 32 * 2**20
_MOST_RECEIVED = 20_000
_MOST_RECEIVED_BYTES = 8 * 2**20  # one request has 4 MB at the most
_OVERHEAD = 400  # bytes of a record beside its frame

T = TypeVar("T")


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


class Newest(Sequence[T]):
    """The newest of some records, oldest first: at most so many, and at most so many bytes.

    Parameters
    ----------
    most : int
        The number of records that are kept.
    most_bytes : int
        The memory that they may take.

    Examples
    --------
    >>> newest = Newest[str](most=3, most_bytes=100)
    >>> for word in ("a", "b", "c", "d"):
    ...     newest.add(word, 40)
    >>> list(newest)
    ['c', 'd']
    """

    def __init__(self, most: int, most_bytes: int) -> None:
        self.most = most
        self.most_bytes = most_bytes
        self._records: deque[tuple[T, int]] = deque()
        self._bytes = 0

    def add(self, record: T, size: int) -> None:
        """Keep a record of so many bytes; the oldest ones go."""
        self._records.append((record, size))
        self._bytes += size
        while len(self._records) > self.most or self._bytes > self.most_bytes:
            self._bytes -= self._records.popleft()[1]

    def clear(self) -> None:
        """Drop all records."""
        self._records.clear()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._records)

    @overload
    def __getitem__(self, at: int) -> T: ...

    @overload
    def __getitem__(self, at: slice) -> list[T]: ...

    def __getitem__(self, at: int | slice) -> T | list[T]:
        return [record for record, _ in list(self._records)][at]

    def __iter__(self) -> Iterator[T]:
        return iter(self[:])

    def __repr__(self) -> str:
        return repr(self[:])


class Counters:
    """Counts frames and requests; safe to read from any thread.

    The counts are always exact. Of the frames and requests themselves the newest are kept: 200,000 and 20,000 of them
    at most, and 32 MB and 8 MB.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sent = Newest[Sent](_MOST_SENT, _MOST_BYTES)
        self._received = Newest[tuple[int, str | bytes]](_MOST_RECEIVED, _MOST_RECEIVED_BYTES)
        self._frames: Counter[tuple[int, str]] = Counter()
        self._rows: Counter[tuple[int, str]] = Counter()

    @property
    def most_bytes(self) -> int:
        """The memory that the kept frames may take; may be changed at any time."""
        return self._sent.most_bytes

    @most_bytes.setter
    def most_bytes(self, most: int) -> None:
        self._sent.most_bytes = whole_number(most, "most_bytes", least=0, most=2**40)

    @property
    def sent(self) -> list[Sent]:
        """The frames kept, oldest first."""
        with self._lock:
            return list(self._sent)

    @property
    def received(self) -> list[Received]:
        """The requests kept, oldest first."""
        with self._lock:
            kept = list(self._received)
        return [Received(connection, decoded(text)) for connection, text in kept]

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
            self._sent.add(sent, len(sent.frame) + 8 * len(sent.markets) + _OVERHEAD)
            if written:
                self._frames[connection, push.method] += 1
                self._rows[connection, push.method] += push.rows

    def add_request(self, connection: int, text: str | bytes) -> None:
        """Keep a request as it came: decoded, it would take up to thirty times the memory."""
        with self._lock:
            self._received.add((connection, text), sys.getsizeof(text) + _OVERHEAD)

    def clear(self) -> None:
        """Drop the kept frames and requests; the counts stay."""
        with self._lock:
            self._sent.clear()
            self._received.clear()


def decoded(text: str | bytes) -> Any:
    """Return a request's JSON; the text itself when it is none, or is nested too deeply."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return text
