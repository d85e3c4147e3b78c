"""The notebook, if there is one: whether its libraries are there, and whether one of its cells runs."""

from __future__ import annotations

import sys
from functools import cache
from importlib.util import find_spec
from typing import Any


def present() -> bool:
    """Return whether this is a notebook's kernel."""
    return _shell() is not None


def has(library: str) -> bool:
    """Return whether a library is installed, without loading it."""
    return find_spec(library) is not None


def busy() -> bool:
    """Return whether a cell runs right now."""
    return present() and _cells().running


def execution() -> int | None:
    """Return the number of the running cell."""
    shell = _shell()
    return None if shell is None else int(shell.execution_count)


def _shell() -> Any:
    """Return IPython's shell if it belongs to a kernel; IPython is not loaded for that."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return shell if hasattr(shell, "kernel") else None


class _Cells:
    """Follows IPython's events. The first call comes from a cell, so one runs."""

    def __init__(self) -> None:
        self.running = True
        events = _shell().events
        events.register("pre_run_cell", self._on_begin)
        events.register("post_run_cell", self._on_end)

    def _on_begin(self, _info: object) -> None:
        self.running = True

    def _on_end(self, _result: object) -> None:
        self.running = False


@cache
def _cells() -> _Cells:
    return _Cells()
