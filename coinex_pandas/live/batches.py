"""A stream's new rows batch by batch: awaited, or handed to a callback, each reader at a pace of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any, Self

import pandas as pd

from coinex_pandas.errors import InvalidArgument
from coinex_pandas.live.buffer import Intake
from coinex_pandas.live.retention import Reader

__all__ = ["awaited", "called", "frame_of"]


Told = Callable[[pd.DataFrame], pd.DataFrame]
"""Gives a frame its ``attrs``."""

_BLINK = 0.1  # seconds between looks: few rows are written only when somebody looks


async def awaited(intake: Intake, told: Told) -> AsyncIterator[pd.DataFrame]:
    """Yield the rows that came since the last batch, as long as the stream lasts; in any event loop."""
    loop, news = asyncio.get_running_loop(), asyncio.Event()
    with _Place(intake, told, _waker(loop, news)) as place:
        while True:
            ended = intake.is_ended
            for batch in place.batches():
                yield batch
            if ended:
                return
            await _until(news)
            if intake.error is not None:
                raise intake.error


def called(intake: Intake, told: Told, callback: Callable[[pd.DataFrame], object]) -> Callable[[], None]:
    """Call a function with each batch, on a thread of its own; return what ends that."""
    if not callable(callback):
        raise InvalidArgument(f"a callback is a function that takes a DataFrame, not {callback!r}")
    done = threading.Event()
    thread = threading.Thread(target=_call, args=(intake, told, callback, done), name="coinex-rows", daemon=True)
    thread.start()
    return done.set


def _call(intake: Intake, told: Told, callback: Callable[[pd.DataFrame], object], done: threading.Event) -> None:
    news = threading.Event()
    with _Place(intake, told, news.set) as place:
        while not done.is_set():
            news.wait(_BLINK)
            news.clear()
            if intake.error is not None:
                raise intake.error
            ended = intake.is_ended
            for batch in place.batches():
                callback(batch)
            if ended:
                return


class _Place:
    """Where a reader stands in a stream, while it reads."""

    def __init__(self, intake: Intake, told: Told, wake: Callable[[], None]) -> None:
        self._told, self._intake = told, intake
        with self._intake.lock:
            self._intake.flush()
            self._reader = Reader(self._intake.table.gone, wake)
            self._intake.readers.append(self._reader)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._intake.lock:
            self._intake.readers.remove(self._reader)
            self._intake.fit()

    def batches(self) -> list[pd.DataFrame]:
        """Return what has not been read: rows that came late, then new ones."""
        intake, reader = self._intake, self._reader
        with intake.lock:
            intake.flush()
            gone, late, missed = intake.table.gone, reader.late, reader.missed
            frames = [frame_of(intake, late)] if late else []
            if reader.place < gone + len(intake.table):
                frames.append(intake.table.frame(reader.place - gone))
            reader.place, reader.late, reader.missed = gone + len(intake.table), [], 0
            reader.lags = False
            intake.missed_by_readers += missed
            intake.fit()
        told = [self._told(frame) for frame in frames]
        for frame in told[:1] if missed else ():
            frame.attrs["coinex"]["missed"] = missed
        return told


def frame_of(intake: Intake, rows: list[tuple[str, Any, int]]) -> pd.DataFrame:
    """Return a frame of rows of any markets and types: market, row, when it arrived."""
    from coinex_pandas.tables.structs import extra_names

    table = intake.empty(max(1, len(rows)))
    for market, row, at in rows:
        for name in extra_names(type(row)):
            table.add_text(name)
        table.append(table.parts([row], [intake.run(market, at, 1)]))
    return table.frame()


def _waker(loop: asyncio.AbstractEventLoop, news: asyncio.Event) -> Callable[[], None]:
    def wake() -> None:
        if not news.is_set() and not loop.is_closed():
            loop.call_soon_threadsafe(news.set)

    return wake


async def _until(news: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(news.wait(), _BLINK)
    except TimeoutError:
        return
    news.clear()
