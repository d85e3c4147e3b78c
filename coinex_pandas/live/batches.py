"""A stream's new rows in batches: awaited, or passed to a callback, each reader at a pace of its own."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Callable
from itertools import groupby
from typing import Any, Protocol, Self

import pandas as pd

from coinex_pandas.errors import InvalidArgument
from coinex_pandas.live.buffer import Buffer
from coinex_pandas.live.retention import Reader
from coinex_pandas.tables.structs import extra_names

__all__ = ["async_batches", "call_with_batches", "frame_of"]


Describe = Callable[[pd.DataFrame], pd.DataFrame]
"""Gives a frame its ``attrs``."""

_POLL = 0.1  # seconds between looks: few rows are written only when somebody looks


async def async_batches(buffer: Buffer, describe: Describe) -> AsyncIterator[pd.DataFrame]:
    """Yield the rows that came since the last batch, as long as the stream lasts; in any loop of asyncio, and in trio.

    Raises
    ------
    InvalidArgument
        Neither of the two runs this code.
    """
    news = _news()
    with _Cursor(buffer, describe, news.wake) as cursor:
        while True:
            is_ended = buffer.is_ended
            for batch in cursor.batches():
                yield batch
            if is_ended:
                return
            await news.wait()
            if buffer.error is not None:
                raise buffer.error


def call_with_batches(
    buffer: Buffer, describe: Describe, callback: Callable[[pd.DataFrame], object]
) -> Callable[[], None]:
    """Call a function with each batch, on a thread of its own; return a function that ends that."""
    if not callable(callback):
        raise InvalidArgument(f"a callback is a function that takes a DataFrame, not {callback!r}")
    done = threading.Event()
    thread = threading.Thread(target=_call, args=(buffer, describe, callback, done), name="coinex-rows", daemon=True)
    thread.start()
    return done.set


def _call(
    buffer: Buffer, describe: Describe, callback: Callable[[pd.DataFrame], object], done: threading.Event
) -> None:
    news = threading.Event()
    with _Cursor(buffer, describe, news.set) as cursor:
        while not done.is_set():
            news.wait(_POLL)
            news.clear()
            if buffer.error is not None:
                raise buffer.error
            is_ended = buffer.is_ended
            for batch in cursor.batches():
                callback(batch)
            if is_ended:
                return


class _Cursor:
    """Reads a buffer from its first row on, batch by batch."""

    def __init__(self, buffer: Buffer, describe: Describe, wake: Callable[[], None]) -> None:
        self._describe, self._buffer = describe, buffer
        self._reader = Reader(0, wake)
        buffer.locked(self._begin)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._buffer.locked(self._end)

    def batches(self) -> list[pd.DataFrame]:
        """Return what has not been read: rows that came late, then new ones."""
        frames, missed = self._buffer.locked(self._read)
        batches = [self._describe(frame) for frame in frames]
        for batch in batches[:1] if missed else ():
            batch.attrs["coinex"]["missed"] = missed
        return batches

    # ---- under the lock

    def _begin(self) -> None:
        self._buffer.flush()
        self._reader.place = self._buffer.table.gone
        self._buffer.readers.add(self._reader)

    def _end(self) -> None:
        self._buffer.readers.discard(self._reader)
        self._buffer.fit()

    def _read(self) -> tuple[list[pd.DataFrame], int]:
        """Return frames of what has not been read, and how many rows were dropped before that."""
        buffer, reader = self._buffer, self._reader
        buffer.flush()
        gone, end, missed = buffer.table.gone, buffer.table.gone + len(buffer.table), reader.missed
        frames = [frame_of(buffer, reader.late)] if reader.late else []
        if reader.place < end:
            frames.append(buffer.table.frame(reader.place - gone))
        reader.place, reader.late, reader.missed, reader.lags = end, [], 0, False
        buffer.missed_by_readers += missed
        buffer.fit()
        return frames, missed


def frame_of(buffer: Buffer, rows: list[tuple[str, Any, int]]) -> pd.DataFrame:
    """Return a frame of rows of any markets and types: market, row, when it arrived."""
    table = buffer.empty(max(1, len(rows)))
    for (kind, market, at), group in groupby(rows, key=lambda each: (type(each[1]), each[0], each[2])):
        for name in extra_names(kind):
            table.add_text(name)
        alike = [row for _, row, _ in group]
        table.append(table.parts(alike, [buffer.run(market, at, len(alike))]))
    return table.frame()


class _News(Protocol):
    """That there is something to read: announced on any thread, awaited in the reader's own loop."""

    def wake(self) -> None: ...

    async def wait(self) -> None:
        """Return when there is something, or after a moment."""


def _news() -> _News:
    """Return what the library that runs this code can wait for."""
    trio = sys.modules.get("trio")  # whoever runs in it has imported it
    if trio is not None and _runs(trio):
        return _TrioNews(trio)
    try:
        return _AsyncioNews()
    except RuntimeError:
        raise InvalidArgument(
            "`async for` over a stream needs asyncio (its own loop, uvloop, a notebook) or trio, and neither runs "
            "here: wait(), on_rows() and df give the same rows elsewhere"
        ) from None


def _runs(trio: Any) -> bool:
    try:
        trio.lowlevel.current_task()
    except RuntimeError:
        return False
    return True


class _AsyncioNews:
    def __init__(self) -> None:
        self._loop, self._event = asyncio.get_running_loop(), asyncio.Event()

    def wake(self) -> None:
        if not self._event.is_set() and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._event.set)

    async def wait(self) -> None:
        try:
            await asyncio.wait_for(self._event.wait(), _POLL)
        except TimeoutError:
            return
        self._event.clear()


class _TrioNews:
    def __init__(self, trio: Any) -> None:
        self._trio, self._token, self._event = trio, trio.lowlevel.current_trio_token(), trio.Event()

    def wake(self) -> None:
        if not self._event.is_set():
            try:
                self._token.run_sync_soon(self._set)
            except self._trio.RunFinishedError:  # nobody reads any more
                return

    def _set(self) -> None:
        self._event.set()

    async def wait(self) -> None:
        with self._trio.move_on_after(_POLL):
            await self._event.wait()
        if self._event.is_set():
            self._event = self._trio.Event()
