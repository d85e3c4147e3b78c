"""The pool of connections: one daemon thread with an event loop carries all of them, so that a busy cell delays none.

The thread runs as long as a buffer is attached.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import TypeVar

from coinex_pandas.http.session import Session
from coinex_pandas.live.buffer import Buffer
from coinex_pandas.live.channel import Channel
from coinex_pandas.live.sockets.driver import Driver, call_on

__all__ = ["attach", "call", "shut_down"]


_CLOSING_TIME = 1.0  # seconds that the thread's end waits for a connection that is being made

_CALL_TIME = 30.0  # seconds that somebody waits for the thread at most

T = TypeVar("T")

_lock = threading.Lock()
_pool: Pool | None = None
_buffers: weakref.WeakSet[Buffer] = weakref.WeakSet()


class Pool:
    """The thread, its loop, and the drivers of its connections."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.drivers: list[Driver] = []
        self.attached: set[int] = set()  # under the lock: one that attaches while the last one leaves keeps it alive
        self.thread = threading.Thread(target=self._run, name="coinex-live", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_forever()
        finally:
            self.loop.run_until_complete(self.loop.shutdown_asyncgens())
            self.loop.close()

    def attach(self, channel: Channel, buffer: Buffer, session: Session) -> None:
        """Attach a buffer to a connection that fits, a new one where there is none; on the loop's thread."""
        for driver in self.drivers:
            if driver.is_for(session, channel.area) and driver.connection.fits(channel, buffer):
                break
        else:
            driver = Driver(self.loop, session, channel.area)
            self.drivers.append(driver)
        driver.attach(channel, buffer)

    def detach(self, channel: Channel, buffer: Buffer) -> None:
        """Detach a buffer, and close its connection when no other uses it; on the loop's thread."""
        for driver in list(self.drivers):
            driver.detach(channel, buffer)
            if not driver.connection.subscriptions:
                driver.close()
                self.drivers.remove(driver)
        _end_without(self, buffer)

    def end(self) -> None:
        """Close everything; on the loop's thread."""
        for driver in self.drivers:
            driver.close()
        self.drivers.clear()
        self._last = self.loop.create_task(self._stop())

    async def _stop(self) -> None:
        """Stop the loop when handshakes are over: a task that is cancelled in one leaves its socket open."""
        under_way = asyncio.all_tasks() - {asyncio.current_task()}
        if under_way:
            _, late = await asyncio.wait(under_way, timeout=_CLOSING_TIME)
            for task in late:
                task.cancel()
        self.loop.call_later(0.01, self.loop.stop)  # transports close first


def attach(channel: Channel, buffer: Buffer, session: Session) -> Callable[[], None]:
    """Attach a buffer; start the thread if it does not run. Return what detaches the buffer, from any thread.

    What detaches it takes no lock: the garbage collector may call it too, at any place in the program.
    """
    global _pool  # noqa: PLW0603  # one thread for the whole process is the point
    with _lock:
        if _pool is None:
            _pool = Pool()
        pool = _pool
        pool.attached.add(id(buffer))
        pool.loop.call_soon_threadsafe(pool.attach, channel, buffer, session)
    _buffers.add(buffer)
    return partial(call_on, pool.loop, pool.detach, channel, buffer)


def call(buffer: Buffer, work: Callable[[], T]) -> T | None:
    """Call a function on the thread of the sockets, where nothing happens meanwhile; None where it does not run.

    A buffer that was attached before has its connection by then.
    """
    result: Future[T] = Future()
    with _lock:
        if _pool is None or buffer not in _buffers:
            return None
        _pool.loop.call_soon_threadsafe(_call, work, result)
    return result.result(_CALL_TIME)


def _call(work: Callable[[], T], result: Future[T]) -> None:
    try:
        result.set_result(work())
    except BaseException as error:  # the caller gets it
        result.set_exception(error)


def shut_down() -> None:
    """End the thread and every connection; registered for the interpreter's end."""
    global _pool  # as in attach
    with _lock:
        pool, _pool = _pool, None
    if pool is not None and pool.thread.is_alive():
        pool.loop.call_soon_threadsafe(pool.end)
        pool.thread.join(2.0)


def _end_without(pool: Pool, buffer: Buffer) -> None:
    """End the thread when no other buffer is attached."""
    global _pool  # noqa: PLW0603  # as in attach
    with _lock:
        pool.attached.discard(id(buffer))
        if _pool is pool and not pool.attached:
            _pool = None
            pool.end()


def _start_anew() -> None:
    """Start anew in a forked child, where the thread does not run."""
    global _pool, _lock  # as in attach
    _pool, _lock = None, threading.Lock()
    for buffer in list(_buffers):
        buffer.end_in_child()


atexit.register(shut_down)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_anew)
