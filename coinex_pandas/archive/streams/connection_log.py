"""What is stored of one connection: its frames, and the notes of what happened to it.

=============  ===========================================================================================
connected      ``link``, ``conn``: a link makes one connection after the other; ``already``: it was there before
subscribed     ``conn``, ``method``, ``params``: what was requested
acknowledged   ``conn``, ``method``, ``names``, ``code``, ``settled``: the reply to it; code 0 is success
disconnected   ``conn``, ``reason``
recovered      ``link``, ``method``, ``market``, ``stream``, ``why``, ``final``, ``made``: the body has the rows
               that HTTP had of what was missed, as they were decoded, null where it failed; the replies themselves
               stand before it, as records of the kind ``http`` with the same ``link``
lost           ``conn``, ``frames``, ``bytes``, ``since``: frames that came and were not stored
=============  ===========================================================================================
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import msgspec
import requests

from coinex_pandas.archive.raw.records import Record, line_of
from coinex_pandas.archive.raw.replies import masked_body, reply_facts
from coinex_pandas.archive.streams.lines import MS, Batch, frame_lines, note_line, quick_lines
from coinex_pandas.archive.streams.queue import ArchiveQueue, registry
from coinex_pandas.live.protocol.account import AccountRequest
from coinex_pandas.live.protocol.connection import Connection
from coinex_pandas.live.protocol.subscription import DealRequest, Recovery

__all__ = ["ConnectionLog", "log_of"]

_OVERHEAD = 200  # bytes that a frame takes in memory beside its own


def log_of(queue: ArchiveQueue, connection: Connection, at: int) -> ConnectionLog:
    """Return the log of a connection in an archive, a new one where nothing of it is recorded there yet."""
    with registry.lock:
        for each in connection.observers:
            if isinstance(each, ConnectionLog) and each.queue is queue:
                return each
        log = ConnectionLog(queue, connection)
        connection.observers = (*connection.observers, log)
    if connection.state == "open":
        log.opened(at, already=True)
    return log


class ConnectionLog:
    """Stores the frames of a connection and what happens to it.

    Parameters
    ----------
    queue : ArchiveQueue
        The archive's.
    connection : Connection
        Whose frames.

    Attributes
    ----------
    link : int
        Its number in the archive.
    frames, bytes, lost : int
        Frames that were stored, the bytes of their records, and frames for which there was no room.
    """

    def __init__(self, queue: ArchiveQueue, connection: Connection) -> None:
        self.queue = queue
        self.link = queue.number()
        self.frames = self.bytes = self.lost = 0
        self._connection = connection
        self._conn = 0
        self._next = 1
        self._streams: dict[int, tuple[str, int]] = {}  # by the buffer's identity: the channel's word, and its number
        self._methods: frozenset[str] = frozenset()
        self._lock = threading.Lock()
        self._loss: tuple[int, int, int] = (0, 0, 0)  # frames, bytes, since when

    def add(self, buffer: Any, method: str, stream: int) -> None:
        """Record a stream, too."""
        self._set_streams(self._streams | {id(buffer): (method, stream)})

    def remove(self, buffer: Any) -> None:
        """Record a stream no longer; after the last one the connection is not observed any more."""
        with registry.lock:
            self._set_streams({key: value for key, value in self._streams.items() if key != id(buffer)})
            if not self._streams:
                self._connection.observers = tuple(each for each in self._connection.observers if each is not self)

    def _set_streams(self, streams: dict[int, tuple[str, int]]) -> None:
        self._streams = streams
        self._methods = frozenset(method for method, _ in streams.values())

    # ---- as an observer of the connection

    def take_frames(self, batch: Sequence[bytes], texts: Sequence[bytes] | None, at: int) -> None:
        """Store frames."""
        if self._loss[0]:
            self._note_loss()
        count = len(batch)
        whole = Batch(self._conn, self._next, at, batch, texts)
        self._next += count
        methods = None if self._connection.subscriptions.keys() <= self._methods else self._methods
        lines = quick_lines(whole) if methods is None else None  # here: a thread of its own would wait for this one
        if lines is not None:
            fits = self.queue.put(lines, len(lines), count)
            self.frames += count * fits
            self.bytes += len(lines) * fits
        else:
            held = sum(map(len, batch)) + sum(map(len, texts or ())) + _OVERHEAD * count
            fits = self.queue.put(partial(self._lines, whole, methods), held)
        if not fits:
            self._lose(count, sum(map(len, batch)), at)

    def _lines(self, batch: Batch, methods: frozenset[str] | None) -> list[bytes]:
        """Return the lines of frames, and count them; on the thread that writes."""
        lines = frame_lines(batch, methods)
        self.frames += len(lines)
        self.bytes += sum(map(len, lines))
        return lines

    def opened(self, at: int, *, already: bool = False) -> None:
        """Note that the connection is there."""
        self._conn, self._next = self.queue.number(), 1
        facts = {"already": True} if already else {}
        self._note("connected", at * MS, area=self._connection.area, link=self.link, conn=self._conn, **facts)

    def closed(self, cause: str) -> None:
        """Note that the connection is gone, or could not be made."""
        self._note("disconnected", link=self.link, conn=self._conn, reason=cause)

    def subscribed(self, method: str, params: Any) -> None:
        """Note what was requested."""
        if self._is_recorded(method):
            self._note("subscribed", link=self.link, conn=self._conn, method=method, params=params)

    def replied(self, method: str, names: Sequence[str], code: int, *, is_settled: bool, at: int) -> None:
        """Note the reply to it."""
        if self._is_recorded(method):
            facts = {"method": method, "names": list(names), "code": code, "settled": is_settled}
            self._note("acknowledged", at * MS, link=self.link, conn=self._conn, **facts)

    def recovered(self, request: DealRequest | AccountRequest, reply: Recovery, at: int) -> None:
        """Store the rows that HTTP had of what was missed."""
        method = request.subscription.channel.method
        if method not in self._methods or not request.subscription.awaits(request):
            return
        facts: dict[str, Any] = {"link": self.link, "method": method}
        if isinstance(request, DealRequest):
            facts["market"] = request.market
        elif id(request.state.subscriber) in self._streams:
            facts["stream"] = self._streams[id(request.state.subscriber)][1]
        else:
            return
        facts |= {"why": reply.why, "final": reply.is_final, "made": reply.at}
        rows = None if reply.rows is None else list(reply.rows)
        body = msgspec.json.encode(rows)
        self._put(lambda: [note_line("recovered", at * MS, masked_body(body), **facts)], len(body), at)

    def responded(self, response: requests.Response, **_: Any) -> None:
        """Store a reply over HTTP as it came."""
        at, body = time.time_ns(), response.content
        sent = at - int(response.elapsed.total_seconds() * 1e9)
        facts = {"link": self.link, **reply_facts(response, response.url, sent)}
        self._put(lambda: [line_of(Record("http", at, masked_body(body), facts))], len(body), at // MS)

    # ---- inside

    def _is_recorded(self, method: str) -> bool:
        return method.partition(".")[0] in self._methods

    def _note(self, name: str, at: int | None = None, **facts: Any) -> None:
        if self._loss[0]:
            self._note_loss()
        self.queue.put_note(lambda: [note_line(name, time.time_ns() if at is None else at, **facts)])

    def _put(self, lines: Callable[[], Sequence[bytes]], size: int, at: int) -> None:
        """Store what came over HTTP; it is lost as a frame is."""
        if not self.queue.put(lines, size):
            self._lose(1, size, at)

    def _lose(self, frames: int, size: int, at: int) -> None:
        """Count what there was no room for."""
        with self._lock:
            self.lost += frames
            before, held, since = self._loss
            self._loss = (before + frames, held + size, since or at)

    def _note_loss(self) -> None:
        """Note what there was no room for, now that there may be some."""
        with self._lock:
            (frames, size, since), self._loss = self._loss, (0, 0, 0)
        facts: dict[str, Any] = {"link": self.link, "conn": self._conn, "frames": frames, "bytes": size, "since": since}
        self.queue.put_note(lambda: [note_line("lost", time.time_ns(), **facts)])
