"""cx.run and `async for` beside loops that are not asyncio's own: uvloop, trio, another thread's, none at all.

Neither library is needed here; what of them matters is played.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
import types

import pytest

import coinex_pandas as cx
from coinex_pandas.live import batches
from coinex_pandas.live.buffer import Buffer
from coinex_pandas.live.retention import Reader


async def answer() -> int:
    """Return after a moment."""
    await asyncio.sleep(0.01)
    return 1337


class OtherLoop(asyncio.AbstractEventLoop):
    """A loop that runs here and is none of asyncio's own kind, as uvloop's."""

    def is_running(self):
        """Return that it runs."""
        return True


class OtherTask(asyncio.Future):
    """A task of such a loop."""

    def get_loop(self):
        """Return the loop that runs here."""
        return asyncio.get_running_loop()


def test_a_task_of_a_loop_that_cannot_run_on_says_what_to_do(monkeypatch):
    """It is refused with the loop's name and the way out, before nest_asyncio is tried or missed."""
    task = OtherTask(loop=asyncio.new_event_loop())
    monkeypatch.setitem(sys.modules, "nest_asyncio2", None)
    monkeypatch.setitem(sys.modules, "nest_asyncio", None)
    asyncio._set_running_loop(OtherLoop())
    try:
        with pytest.raises(cx.InvalidArgument, match=r"OtherLoop.*`await` it, or pass a coroutine"):
            cx.run(task)
    finally:
        asyncio._set_running_loop(None)
        asyncio.Future.get_loop(task).close()


def test_a_task_of_another_threads_loop_is_waited_for(monkeypatch):
    """Its loop runs on where it is, unchanged: nest_asyncio is not needed."""
    monkeypatch.setitem(sys.modules, "nest_asyncio2", None)
    monkeypatch.setitem(sys.modules, "nest_asyncio", None)

    async def cell():
        return await asyncio.to_thread(cx.run, asyncio.ensure_future(answer()))

    assert 1337 == asyncio.run(cell())


def test_a_task_of_a_loop_that_ends_before_it_is_an_error():
    """Nobody waits for ever for what no loop carries on."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    future = loop.create_future()
    loop.call_soon_threadsafe(loop.call_later, 0.05, loop.stop)
    with pytest.raises(cx.InvalidArgument, match="ended before"):
        cx.run(future)
    thread.join()
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()


@pytest.mark.parametrize("thing", [None, 7, answer, [1]])
def test_what_cannot_be_awaited_is_refused(thing):
    """A function that was not called, or anything else, is an InvalidArgument with its type."""
    with pytest.raises(cx.InvalidArgument, match=type(thing).__name__):
        cx.run(thing)


def trio_like():
    """Return a module that answers as trio does, on the loop of asyncio that runs here; and what it was asked."""
    trio = types.ModuleType("trio")
    calls: list[str] = []
    exec("def sleep(): raise RuntimeError('not here')", vars(trio))

    class Event(asyncio.Event):
        async def wait(self):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(super().wait(), 0.1)

    class Token:
        def __init__(self):
            self._loop = asyncio.get_running_loop()

        def run_sync_soon(self, function):
            if self._loop.is_closed():
                raise trio.RunFinishedError
            calls.append("run_sync_soon")
            self._loop.call_soon_threadsafe(function)

    trio.RunFinishedError = type("RunFinishedError", (RuntimeError,), {})
    trio.Event, trio.move_on_after = Event, lambda _: contextlib.nullcontext()
    trio.lowlevel = types.SimpleNamespace(current_task=lambda: "task", current_trio_token=Token)
    return trio, calls


def test_a_coroutine_that_awaits_trio_says_what_to_do():
    """Trio's own error, raised in asyncio, becomes one that says where such a coroutine belongs."""
    trio, _ = trio_like()

    async def sleep():
        trio.sleep()

    with pytest.raises(cx.InvalidArgument, match=r"trio\.run") as caught:
        cx.run(sleep())
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_an_error_of_ones_own_stays_what_it_is():
    """A RuntimeError from anywhere else is not taken for trio's."""

    async def wrong():
        raise RuntimeError("trio was never here")

    with pytest.raises(RuntimeError, match="never here"):
        cx.run(wrong())


@pytest.fixture
def buffer():
    """Give a stream's buffer without a stream."""
    return Buffer(cx.CHANNELS["futures_deals"], ("ETHUSDT",), (None, None))


def reader_of(buffer):
    """Return who reads a buffer."""
    (reader,) = buffer.readers
    assert isinstance(reader, Reader)
    return reader


async def read(buffer):
    """Return how many batches come; the buffer is woken by another thread, then ends, while somebody waits."""
    batches_read = []

    async def collect():
        batches_read.extend([batch async for batch in batches.async_batches(buffer, lambda frame: frame)])

    task = asyncio.ensure_future(collect())
    await asyncio.sleep(0)  # it begins to wait
    await asyncio.to_thread(reader_of(buffer).wake)
    await asyncio.to_thread(buffer.end)
    await task
    return batches_read


def test_async_for_works_where_trio_runs(buffer, monkeypatch):
    """In trio the stream waits by trio's own means."""
    trio, calls = trio_like()
    monkeypatch.setitem(sys.modules, "trio", trio)
    assert [] == asyncio.run(read(buffer))
    assert {"run_sync_soon"} == set(calls)


def test_async_for_in_asyncio_does_not_mind_an_imported_trio(buffer, monkeypatch):
    """Who has imported trio and runs asyncio gets asyncio."""
    trio, calls = trio_like()

    def nobody():
        raise RuntimeError

    trio.lowlevel.current_task = nobody
    monkeypatch.setitem(sys.modules, "trio", trio)
    assert [] == asyncio.run(read(buffer))
    assert [] == calls


def test_waking_a_trio_that_is_over_is_no_fault(monkeypatch):
    """The thread of the sockets goes on when a reader's run has ended."""
    trio, _ = trio_like()
    monkeypatch.setitem(sys.modules, "trio", trio)

    async def news():
        return batches._news()

    asyncio.run(news()).wake()


def test_async_for_without_a_loop_says_what_to_do(buffer):
    """A coroutine that somebody steps through by hand is an InvalidArgument that names the other ways."""
    rows = batches.async_batches(buffer, lambda frame: frame)
    with pytest.raises(cx.InvalidArgument, match=r"asyncio.*trio.*wait\(\), on_rows\(\)"):
        rows.__anext__().send(None)
