"""A stream's new rows in batches: awaited, or passed to a callback, each reader at a pace of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from itertools import groupby
from typing import Any, Self

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
    """Yield the rows that came since the last batch, as long as the stream lasts; in any event loop."""
    loop, news = asyncio.get_running_loop(), asyncio.Event()
    with _Cursor(buffer, describe, _waker(loop, news)) as cursor:
        while True:
            is_ended = buffer.is_ended
            for batch in cursor.batches():
                yield batch
            if is_ended:
                return
            await _wait(news)
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


def _waker(loop: asyncio.AbstractEventLoop, news: asyncio.Event) -> Callable[[], None]:
    def wake() -> None:
        if not news.is_set() and not loop.is_closed():
            loop.call_soon_threadsafe(news.set)

    return wake


async def _wait(news: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(news.wait(), _POLL)
    except TimeoutError:
        return
    news.clear()
