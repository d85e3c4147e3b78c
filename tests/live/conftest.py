"""Streams for tests: quick to lose patience, ended after each test, with no thread left behind."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

import coinex_pandas as cx
from coinex_pandas.live.protocol import connection
from coinex_pandas.live.sockets import driver, pool
from coinex_pandas.simulator.handle import Sandbox
from tests.waiting import until

Maker = Callable[..., Sandbox]


@pytest.fixture
def returning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have connections that were lost come back at once; no sound one is given up, however busy the machine is."""
    for name, value in {"FIRST_PAUSE": 0.05, "LONGEST_PAUSE": 0.2, "REPLY_TIMEOUT": 60.0}.items():
        monkeypatch.setattr(connection, name, value)


@pytest.fixture
def impatient(returning: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have connections ping and give up within a second: on a busy machine also sound ones, which makes more gaps."""
    for name, value in {"PING": 0.2, "REPLY_TIMEOUT": 0.8}.items():
        monkeypatch.setattr(connection, name, value)


@pytest.fixture
def quick_rhythm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have markets count as silent after half a second."""
    for name, known in list(cx.CHANNELS.items()):
        monkeypatch.setitem(cx.CHANNELS, name, replace(known, rhythm=0.5))


@pytest.fixture
def exchange() -> Iterator[Maker]:
    """Give a maker of sandboxes, each of which is the current venue; they close after the test."""
    made: list[Sandbox] = []

    def make(**settings: Any) -> Sandbox:
        settings = {"seed": 7, "speed": 1000.0, "push_every": 0.01} | settings
        made.append(cx.sandbox(**settings))
        cx.use(made[-1])
        return made[-1]

    yield make
    pool.shut_down()
    for each in made:
        each.close()


@pytest.fixture(autouse=True)
def looking_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have connections look ten times as often at what is due, so that nobody waits for that."""
    monkeypatch.setattr(driver, "_TICK", 0.025)


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """Demand that a test's streams leave no thread behind."""
    yield
    pool.shut_down()
    left = until(lambda: not _ours())
    assert left, f"left behind: {_ours()}"


def _ours() -> list[str]:
    names = ("coinex-live", "coinex-rows", "coinex-recovery", "coinex-run", "coinex-sign", "coinex-watch")
    return [thread.name for thread in threading.enumerate() if thread.name.startswith(names)]
