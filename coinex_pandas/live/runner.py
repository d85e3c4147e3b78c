"""``cx.run``: the result of an awaitable, in code that cannot await."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable
from concurrent.futures import Future
from typing import Any, TypeVar

__all__ = ["run"]

T = TypeVar("T")

_POLL = 0.1  # seconds between looks at whether the user wants to stop


def run(awaitable: Awaitable[T]) -> T:
    """Return what an awaitable returns, from code that cannot await: a script, or a function called in a cell.

    A coroutine runs on a thread and loop of its own, so that it works whether or not a loop runs here, and does not
    delay the streams. Something that belongs to the loop which runs here, such as a task, can only be waited for while
    that loop runs on; that needs nest_asyncio2 or nest_asyncio (``pip install nest-asyncio``).

    Parameters
    ----------
    awaitable : awaitable
        A coroutine, or a task or future.

    Returns
    -------
    object
        Its result; its exception is raised.

    Raises
    ------
    MissingExtra
        It belongs to the loop that runs here, and neither of the two is installed.

    Examples
    --------
    >>> async def first_batch():
    ...     async for batch in cx.live.futures_deals("BTCUSDT"):
    ...         return len(batch)
    >>> cx.run(first_batch()) > 0
    True
    """
    if isinstance(awaitable, asyncio.Future):
        result: T = _nested(awaitable)
        return result
    outcome: Future[T] = Future()
    thread = threading.Thread(target=_work, args=(awaitable, outcome), name="coinex-run", daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(_POLL)  # in slices, so that an interrupt is noticed
    except KeyboardInterrupt:
        loop = _loops.get(thread)
        if loop is not None:
            loop.call_soon_threadsafe(_cancel_all, loop)
        raise
    return outcome.result()


_loops: dict[threading.Thread, asyncio.AbstractEventLoop] = {}


def _work(awaitable: Awaitable[T], outcome: Future[T]) -> None:
    thread = threading.current_thread()

    async def body() -> T:
        _loops[thread] = asyncio.get_running_loop()
        return await awaitable

    try:
        outcome.set_result(asyncio.run(body()))
    except BaseException as error:  # the caller raises it, whatever it is
        outcome.set_exception(error)
    finally:
        _loops.pop(thread, None)


def _cancel_all(loop: asyncio.AbstractEventLoop) -> None:
    for task in asyncio.all_tasks(loop):
        task.cancel()


def _nested(awaitable: Any) -> Any:
    loop = awaitable.get_loop()
    if not loop.is_running():
        return loop.run_until_complete(awaitable)
    _nest().apply(loop)
    return loop.run_until_complete(awaitable)


def _nest() -> Any:
    for name in ("nest_asyncio2", "nest_asyncio"):
        try:
            return __import__(name)
        except ModuleNotFoundError:
            continue
    from coinex_pandas.errors import MissingExtra

    raise MissingExtra("nest_asyncio", extra="live")
