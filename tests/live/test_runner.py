"""cx.run: the bridge from plain code to what is awaited."""

from __future__ import annotations

import asyncio
import builtins
import subprocess
import sys
import textwrap
import threading

import pytest

import coinex_pandas as cx
from tests.waiting import until


async def answer() -> int:
    """Return after a moment."""
    await asyncio.sleep(0.01)
    return 42


def test_a_coroutine_runs_in_a_script():
    """Without a loop here, the coroutine's result comes back."""
    assert 42 == cx.run(answer())


def test_a_coroutine_runs_where_a_loop_runs():
    """Inside a running loop, as in a notebook's cell, it works as well, without nest_asyncio."""

    async def cell() -> int:
        return cx.run(answer())

    assert 42 == asyncio.run(cell())


def test_an_error_is_raised_here():
    """What the coroutine raises, the caller gets."""

    async def wrong() -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        cx.run(wrong())


def test_a_task_of_the_running_loop_is_waited_for():
    """A task that belongs to the loop which runs here needs that loop: nest_asyncio lets it run on.

    In an interpreter of its own: nest_asyncio changes asyncio for good.
    """
    code = """
    import asyncio
    import coinex_pandas as cx

    async def answer():
        await asyncio.sleep(0.01)
        return 42

    async def cell():
        return cx.run(asyncio.ensure_future(answer()))

    print(asyncio.run(cell()))
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert (0, "42", "") == (done.returncode, done.stdout.strip(), done.stderr)


def test_without_nest_asyncio_a_task_says_what_to_install(monkeypatch):
    """Neither of the two installed: the error names the extra."""
    honest = builtins.__import__

    def without(name, *args, **kwargs):
        if name.startswith("nest_asyncio"):
            raise ModuleNotFoundError(name)
        return honest(name, *args, **kwargs)

    async def cell() -> None:
        task = asyncio.ensure_future(answer())
        monkeypatch.setattr(builtins, "__import__", without)
        try:
            with pytest.raises(cx.MissingExtra, match="live"):
                cx.run(task)
        finally:
            monkeypatch.undo()
        await task

    asyncio.run(cell())


def test_no_thread_stays():
    """The thread that ran a coroutine ends with it."""
    cx.run(answer())
    assert until(lambda: not [thread for thread in threading.enumerate() if thread.name == "coinex-run"])
