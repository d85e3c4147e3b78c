"""Which tests leave the process, by a socket or by another process: they bear the mark ``outside``.

``make quick`` runs the others. The mark is set as the tests are collected, for whoever names a server or a process, in
the test, in a fixture or in what these call. Who is not found that way bears the mark by hand; that nobody is missed
is proved as the tests run: without the mark a socket or a process is an error.
"""

import inspect
import ipaddress
import socket
import sys
import threading
from collections.abc import Iterator
from functools import cache
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest

from tests import profiles

WAYS_OUT = {
    *("sandbox", "Server", "TinyServer", "Peer", "ws_create_server", "socket"),
    *("subprocess", "multiprocessing", "start_new_kernel", "NotebookClient"),
}
"""Names of which each opens a socket or starts a process."""

_EVENTS = {"socket.bind", "socket.connect", "subprocess.Popen", "os.fork", "os.posix_spawn", "os.system"}
_unmarked: set[str] = set()
"""The test that runs and does not bear the mark."""


class Refused(AssertionError):
    """A test went further than it may."""


def mark(items: list[pytest.Item]) -> None:
    """Mark the tests that leave the process."""
    for item in items:
        if isinstance(item, pytest.Function) and any(map(_leaves, _code_of(item))):
            item.add_marker("outside")


def _code_of(item: pytest.Function) -> Iterator[object]:
    """Yield what runs for a test: itself and its fixtures."""
    yield getattr(getattr(item.function, "hypothesis", None), "inner_test", item.function)
    for definitions in item._fixtureinfo.name2fixturedefs.values():
        yield definitions[-1].func


@cache
def _leaves(thing: object) -> bool:
    """Return whether a function or class of the tests names a way out, or calls one that does."""
    return any(not WAYS_OUT.isdisjoint(_names(part.__code__)) for part in _reached(thing))


def _reached(thing: object) -> list[FunctionType]:
    """Return the functions of the tests that a function or class may run."""
    reached: dict[FunctionType, None] = {}
    waiting = [thing]
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, type) and thing.__module__.startswith("tests."):
            waiting += vars(thing).values()
        function = inspect.unwrap(getattr(thing, "__func__", thing)) if callable(thing) else None
        if isinstance(function, FunctionType) and function not in reached and function.__module__.startswith("tests."):
            reached[function] = None
            waiting += _named(_names(function.__code__), function.__globals__)
    return list(reached)


def _named(names: set[str], scope: dict[str, Any]) -> list[object]:
    """Return what names stand for, in a module and in the modules of the tests that it imports."""
    things = [scope[name] for name in names & scope.keys()]
    modules = [vars(each) for each in things if isinstance(each, ModuleType) and each.__name__.startswith("tests.")]
    return things + [module[name] for module in modules for name in names & module.keys()]


def _names(code: CodeType) -> set[str]:
    """Return the names that a function's code uses, those of functions inside of it as well."""
    inner = (_names(each) for each in code.co_consts if isinstance(each, CodeType))
    return set(code.co_names).union(*inner)


def watch(item: pytest.Item | None) -> None:
    """Watch a test that begins; None when it is over."""
    _unmarked.clear()
    if item is not None and item.get_closest_marker("outside") is None:
        _unmarked.add(item.nodeid)


def guard(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse, as an audit hook, what leads off this machine, or out of this process where a test is not marked."""
    if event == "socket.connect" and arguments[0].family in (socket.AF_INET, socket.AF_INET6):
        _refuse_far_host(arguments[1][0])
    elif event == "socket.getaddrinfo":
        _refuse_far_host(arguments[0])
    if _unmarked and event in _EVENTS and not _is_left_over():
        raise Refused(f"{event} in a test that `make quick` runs: mark it with @pytest.mark.outside")


def _is_left_over() -> bool:
    """Return whether it may be a stream of an earlier test that ends; `make quick` runs no test that has one."""
    return profiles.NAME != "quick" and threading.current_thread() is not threading.main_thread()


def _refuse_far_host(host: object) -> None:
    host = host.decode() if isinstance(host, bytes) else host
    try:
        local = ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        local = host in ("localhost", "", None)
    if not local:
        raise Refused(f"tests talk to loopback only, not to {host}")


def guard_this_process() -> None:
    """Guard this process for as long as it lives."""
    sys.addaudithook(guard)
