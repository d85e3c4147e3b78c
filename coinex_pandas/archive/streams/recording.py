"""``record``: what a stream receives, stored in an archive as it comes.

=============  ==========================================================================================
recording      ``stream``, ``link``, ``table``, ``names``, ``market_type``, ``shape``, ``venue``, ``ws``,
               ``offset``: by how many milliseconds the exchange's clock is ahead, null where nobody
               measured it; the body has what the stream knew before
gap opened     ``stream``, ``market``, ``since``, ``cause``
gap closed     ``stream``, ``market``, ``until``, ``refilled``, ``rows``, ``why``
refused        ``stream``, ``reason``
recording end  ``stream``, ``reason``
=============  ==========================================================================================
"""

from __future__ import annotations

import os
import threading
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from coinex_pandas.archive.raw.replies import masked_body
from coinex_pandas.archive.streams.connection_log import ConnectionLog, log_of
from coinex_pandas.archive.streams.lines import MS, note_line
from coinex_pandas.archive.streams.queue import queue_of
from coinex_pandas.errors import ArchiveError, InvalidArgument, Refused
from coinex_pandas.errors.quoting import masked, short_repr, shown
from coinex_pandas.http.signed_session import SignedSession
from coinex_pandas.live.account_stream import AccountBuffer, PrivateStream
from coinex_pandas.live.book import BookBuffer
from coinex_pandas.live.buffer import Buffer
from coinex_pandas.live.sockets import pool
from coinex_pandas.live.sockets.driver import unix_ms
from coinex_pandas.live.stream import Stream

__all__ = ["Recording", "record"]

_Bytes = bytes  # the class below has a property of that name
_CLOSING = 60.0  # seconds that `stop` waits for the disk


def record(stream: Stream, path: str | os.PathLike[str]) -> Recording:
    """Store the frames of a stream in an archive as they come, until the stream or the recording is stopped.

    Every frame of the stream's channel is stored, of one's own account's channels too, with its time of arrival, and
    beside them what happened: connections, subscriptions, gaps with their causes, and the replies over HTTP that
    filled them. So the archive also has the rows that ``keep=`` lets fall: a stream of the last minute that is
    recorded for a month needs the memory of a minute, and ``rebuild`` makes tables of the month.

    Nothing waits for the disk: a thread writes. While the disk takes nothing, some 64 MB of frames wait; what comes
    then is left out, counted by ``lost``, and noted in the archive. Every three seconds all that came is written, so
    that whatever ends this process, the last three seconds are lost at most.

    Parameters
    ----------
    stream : Stream
        What a function of ``cx.live`` returned. The recording keeps it alive.
    path : str or path
        The archive's folder; it is made where there is none. Streams of one process can share it.

    Returns
    -------
    Recording
        The handle: ``stop()``, ``with``, ``frames``, ``bytes``, ``lost``, ``error``.

    Raises
    ------
    ArchiveBusy
        Another process writes into the archive.
    ArchiveDamaged
        What is there is not what was written; ``verify`` says more.
    ArchiveError
        The folder cannot be written, or holds something else.
    InvalidArgument
        It is no stream, it has ended, or it is recorded there already.

    Examples
    --------
    >>> with cx.live.futures_deals("BTCUSDT", keep="1min") as stream:
    ...     recording = cx.archive.record(stream, "./coinex")
    ...     deals = stream.wait(rows=50, seconds=60).df
    >>> recording.lost
    0
    """
    if not isinstance(stream, Stream):
        raise InvalidArgument(f"a stream of cx.live can be recorded, not {short_repr(stream)}")
    return Recording(stream, Path(path))


class Recording:
    """A stream that is recorded; made by ``cx.archive.record``.

    Parameters
    ----------
    stream : Stream
        Which.
    path : Path
        The archive's folder.
    """

    def __init__(self, stream: Stream, path: Path) -> None:
        self.path = path
        self._stream: Stream | None = stream
        self._label = f"{stream.name} of {stream._label()}"
        self._buffer = stream._buffer
        self._guard = threading.Lock()
        self._before = (0, 0, 0)  # frames, bytes and losses before it began
        self._number = 0
        self._log: ConnectionLog | None = None
        _require_running(stream, path)
        self._queue = queue_of(path, sync=isinstance(stream, PrivateStream))
        try:
            if not pool.call(self._buffer, partial(self._begin, stream)):
                raise InvalidArgument(f"{stream!r} has ended: there is nothing to record")
        except BaseException:
            self._queue.leave()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        state = "recording" if self._stream is not None else "stopped"
        lost = f", {self.lost} lost" if self.lost else ""
        why = f"; {shown(str(self.error))}" if self.error is not None else ""
        return f"<{self._label} into {self.path}: {state}, {self.frames} frames{lost}{why}>"

    @property
    def frames(self) -> int:
        """Frames stored so far; streams that share a connection share its frames."""
        return 0 if self._log is None else self._log.frames - self._before[0]

    @property
    def bytes(self) -> int:
        """Bytes of their records, before they are packed for the disk."""
        return 0 if self._log is None else self._log.bytes - self._before[1]

    @property
    def lost(self) -> int:
        """Frames that came while there was no room, because the disk took nothing; the archive notes them."""
        return 0 if self._log is None else self._log.lost - self._before[2]

    @property
    def error(self) -> Exception | None:
        """Why nothing can be written at this moment; what comes waits, as long as there is room."""
        return self._queue.error

    def stop(self) -> None:
        """End the recording; the stream goes on. A second time it only waits until all is written.

        Raises
        ------
        ArchiveError
            The disk took nothing to the end: the latest records are not stored.
        """
        self._stop("stopped")
        if self._queue.is_left:
            self._queue.wait(_CLOSING)
            if isinstance(self._queue.error, ArchiveError):
                raise self._queue.error

    # ---- as an observer of the buffer, under its lock

    def open_gap(self, market: str | None, start: int, cause: str) -> None:
        """Note that rows may be missing."""
        self._note("gap opened", market=market, since=start, cause=shown(cause))

    def close_gap(self, market: str | None, end: int, refilled: bool, rows: int, why: str) -> None:
        """Note that nothing is missed any more."""
        self._note("gap closed", market=market, until=end, refilled=refilled, rows=rows, why=shown(why))

    def refuse(self, error: Refused) -> None:
        """Note that the exchange refuses the subscription."""
        self._note("refused", reason=str(error))
        self._stop("refused")

    def end(self) -> None:
        """Note that the stream has ended."""
        self._stop("the stream has ended")

    # ---- inside

    def _begin(self, stream: Stream) -> bool:
        """Begin, on the thread of the sockets: no frame comes meanwhile."""
        buffer, connection, at = self._buffer, self._buffer.connection, unix_ms()
        if connection is None or buffer.is_ended or buffer.error is not None:
            return False
        log = self._log = log_of(self._queue, connection, at)
        self._before = (log.frames, log.bytes, log.lost)
        self._number = self._queue.number()
        subscription = connection.subscriptions[stream._channel.method]
        log.add(buffer, stream._channel.method, self._number)
        self._put("recording", at, _known(buffer), link=log.link, **_facts(stream, buffer))
        if names := subscription.live_markets():
            log.replied(f"{stream._channel.method}.subscribe", names, 0, is_settled=True, at=at)
        with buffer.lock:
            buffer.observers = (*buffer.observers, self)
        return True

    def _stop(self, reason: str) -> None:
        with self._guard:
            if self._stream is None:
                return
            self._stream = None
        self._buffer.observers = tuple(each for each in self._buffer.observers if each is not self)
        if self._log is not None:
            self._log.remove(self._buffer)
        self._note("recording end", reason=reason)
        self._queue.leave()

    def _note(self, name: str, **facts: Any) -> None:
        self._put(name, unix_ms(), b"null", **facts)

    def _put(self, name: str, at: int, body: _Bytes, **facts: Any) -> None:
        self._queue.put_note(lambda: [note_line(name, at * MS, body, stream=self._number, **facts)])


def _require_running(stream: Stream, path: Path) -> None:
    for each in stream._buffer.observers:
        if isinstance(each, Recording) and each.path.resolve() == path.resolve():
            raise InvalidArgument(f"{stream!r} is recorded in {path} already")
    if stream._buffer.is_ended or stream._buffer.error is not None:
        raise InvalidArgument(f"{stream!r} has ended: there is nothing to record")


def _facts(stream: Stream, buffer: Buffer) -> dict[str, Any]:
    session = stream._session
    measured = session.skew.last if isinstance(session, SignedSession) else None
    return {
        "table": stream.name,
        "names": list(stream.markets),
        "market_type": buffer.market_type if isinstance(buffer, AccountBuffer) else None,
        "shape": list(buffer.shape) if isinstance(buffer, BookBuffer) else None,
        "venue": session.venue.name,
        "ws": masked(session.venue.ws),
        "offset": None if measured is None else round(measured.offset),
    }


def _known(buffer: Buffer) -> bytes:
    """Return what a stream knew before: the newest row of each thing of an account, or the whole book."""
    if isinstance(buffer, AccountBuffer):
        return masked_body(msgspec.json.encode([row for row, _ in buffer.locked(buffer.newest)]))
    if isinstance(buffer, BookBuffer) and buffer.is_verified:
        bids, asks, facts = buffer.levels()
        book = {"asks": asks, "bids": bids, **{name: facts[name] for name in ("updated_at", "last", "checksum")}}
        return msgspec.json.encode(book)
    return b"null"
