"""What holds for every test: no network beyond this machine, and the current session is as it was."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

import coinex_pandas as cx
from coinex_pandas.http.pacing import Pacer, Turn
from coinex_pandas.simulator.handle import Sandbox
from tests import outside, profiles
from tests.api.lived_in import LivedIn
from tests.golden import samples

profiles.load()
outside.guard_this_process()

TOGETHER = ("tests/peers/", "tests/widget/browser/", "tests/archive/reader/")
"""Where the tests of a file share what takes long to start: a browser, other people's programs, a whole archive."""


@pytest.hookimpl(optionalhook=True)  # without pytest-xdist nobody asks
def pytest_xdist_make_scheduler(config: Any, log: Any) -> Any:
    """Give such a file to one worker, and all other tests one by one to whoever is free.

    ``--dist loadgroup`` and a mark would say the same, but pytest 9.2 does not let pytest-xdist 3.8 hear the mark.
    """
    if profiles.NAME == "quick":  # none of these runs; tests are handed out in larger parts
        return None
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return nodeid.partition("::")[0] if nodeid.startswith(TOGETHER) else nodeid

    return Scheduling(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests that open a socket or start a process; leave out what ``make quick`` has enough of."""
    outside.mark(items)
    if left := profiles.left_out(items):
        kept = set(items).difference(left)
        items[:] = [item for item in items if item in kept]
        config.hook.pytest_deselected(items=left)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Watch whether a test opens a socket or starts a process: only those that are marked may."""
    outside.watch(item)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown() -> None:
    """Let fixtures end what they began."""
    outside.watch(None)


@pytest.fixture(autouse=True)
def _same_session() -> Iterator[None]:
    former = cx.use(cx.Session(cx.LIVE))
    yield
    cx.use(former)


def _hurry(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Pacer, "wait", lambda _, units=1: Turn(time.monotonic(), units))


@pytest.fixture
def unpaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait for a rate limit, where nobody counts."""
    _hurry(monkeypatch)


@pytest.fixture(scope="session")
def still() -> Iterator[Sandbox]:
    """A sandbox whose clock stands still at the samples' time; use its ``session=``."""
    exchange = cx.sandbox(seed=7, now=samples.NOW, speed=0)
    yield exchange
    exchange.close()


@pytest.fixture(scope="session")
def lived_in() -> Iterator[LivedIn]:
    """A sandbox in which every verb was called, and every read after it; nobody may change it any more."""
    exchange = cx.sandbox(seed=7, now=samples.NOW, speed=0, limits=False)
    with pytest.MonkeyPatch.context() as patch:
        _hurry(patch)
        made = LivedIn(exchange)
    yield made
    exchange.close()
