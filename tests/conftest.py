"""What holds for every test: no network beyond this machine, and the current session is as it was."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

import coinex_pandas as cx
from coinex_pandas.http.pacing import Pacer, Turn
from coinex_pandas.simulator.handle import Sandbox
from tests import profiles
from tests.api.lived_in import LivedIn
from tests.golden import samples

profiles.load()

TOGETHER = ("tests/peers/", "tests/widget/browser/")
"""Where the tests of a file share what takes long to start: a browser, other people's programs."""


@pytest.hookimpl(optionalhook=True)  # without pytest-xdist nobody asks
def pytest_xdist_make_scheduler(config: Any, log: Any) -> Any:
    """Give such a file to one worker, and all other tests one by one to whoever is free.

    ``--dist loadgroup`` and a mark would say the same, but pytest 9.2 does not let pytest-xdist 3.8 hear the mark.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return nodeid.partition("::")[0] if nodeid.startswith(TOGETHER) else nodeid

    return Scheduling(config, log)


class NetworkRefused(AssertionError):
    """A test tried to leave this machine."""


def _refuse(host: object) -> None:
    try:
        local = ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        local = host in ("localhost", "", None)
    if not local:
        raise NetworkRefused(f"tests talk to loopback only, not to {host}")


@pytest.fixture(autouse=True, scope="session")
def _loopback_only() -> Iterator[None]:
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            _refuse(address[0])  # type: ignore[index]  # an INET address is a tuple
        return connect(self, address)  # type: ignore[arg-type]  # as it came

    def guarded_look_up(host: object, *args: object, **kwargs: object) -> object:
        _refuse(host.decode() if isinstance(host, bytes) else host)
        return look_up(host, *args, **kwargs)  # type: ignore[arg-type]  # as it came

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket, "getaddrinfo", guarded_look_up)
        yield


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
