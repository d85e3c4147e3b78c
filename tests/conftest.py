"""What holds for every test: no network beyond this machine, and the current session is as it was."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator

import pytest
from hypothesis import settings

import coinex_pandas as cx
from coinex_pandas.sandbox import Sandbox

# On CI the same examples every time; everywhere else new ones, and what they find is kept and tried first.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")

NOW = "2026-06-01 12:00"


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


@pytest.fixture(scope="session")
def still() -> Iterator[Sandbox]:
    """A sandbox whose clock stands still at NOW; use its ``session=``."""
    exchange = cx.sandbox(seed=7, now=NOW, speed=0)
    yield exchange
    exchange.close()
