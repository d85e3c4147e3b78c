"""``cx.run``: the result of an awaitable, in code that cannot await."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Awaitable
from concurrent.futures import Future, wait
from typing import Any, TypeVar

from coinex_pandas.errors import InvalidArgument, MissingExtra

__all__ = ["run"]

T = TypeVar("T")

_POLL = 0.1  # seconds between looks at whether the user wants to stop


def run(awaitable: Awaitable[T]) -> T:
    """Return what an awaitable returns, from code that cannot await: a script, or a function called in a cell.

    A coroutine runs on a thread and loop of its own, so that it works whether or not a loop runs here, and does not
    delay the streams. That loop is asyncio's, or uvloop's where that is installed as asyncio's policy; it works in code
    that trio runs, too. Something that belongs to the loop which runs here, such as a task, can only be waited for
    while that loop runs on; that needs nest_asyncio2 or nest_asyncio (``pip install nest-asyncio``).

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
    InvalidArgument
        It cannot be awaited; or it belongs to a loop that runs here and cannot run on meanwhile, as uvloop's; or it
        awaits something of trio's.

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
    if not inspect.isawaitable(awaitable):
        raise InvalidArgument(f"cx.run takes a coroutine, a task or a future, not {type(awaitable).__name__}")
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
    error = outcome.exception()
    if isinstance(error, RuntimeError) and _is_raised_in("trio", error):
        raise InvalidArgument(
            "this coroutine awaits something of trio's, and cx.run runs it by asyncio: await it in your trio code, or "
            "call trio.run; `async for` over a stream works there, too"
        ) from error
    return outcome.result()


def _is_raised_in(library: str, error: BaseException) -> bool:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and str(trace.tb_frame.f_globals.get("__name__")).split(".")[0] == library


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
    """Return the result of something that belongs to a loop."""
    loop = awaitable.get_loop()
    if not loop.is_running():
        return loop.run_until_complete(awaitable)
    if not _runs_here(loop):
        return _from_outside(awaitable, loop)
    if not isinstance(loop, asyncio.BaseEventLoop):  # nest_asyncio can change no other
        raise InvalidArgument(
            f"this belongs to the loop that runs here, a {type(loop).__module__}.{type(loop).__qualname__}, which "
            "cannot run on while cx.run waits: `await` it, or pass a coroutine, which gets a loop of its own"
        )
    _nest().apply(loop)
    return loop.run_until_complete(awaitable)


def _runs_here(loop: asyncio.AbstractEventLoop) -> bool:
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False


def _from_outside(awaitable: Any, loop: asyncio.AbstractEventLoop) -> Any:
    """Return the result of something that belongs to a loop of another thread."""

    async def body() -> Any:
        return await awaitable

    outcome = asyncio.run_coroutine_threadsafe(body(), loop)
    try:
        while loop.is_running() and not outcome.done():
            wait([outcome], _POLL)  # in slices, so that an interrupt is noticed
    except KeyboardInterrupt:
        outcome.cancel()
        raise
    if not outcome.done():
        raise InvalidArgument("the loop that this belongs to ended before there was a result")
    return outcome.result()


def _nest() -> Any:
    for name in ("nest_asyncio2", "nest_asyncio"):
        try:
            return __import__(name)
        except ModuleNotFoundError:
            continue
    raise MissingExtra("nest_asyncio", extra="live")
