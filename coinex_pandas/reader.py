"""Somebody who reads a stream batch by batch, at a pace of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["Reader"]


class Reader:
    """How far somebody has read.

    Parameters
    ----------
    place : int
        The next row to read, counted from the stream's first.
    wake : callable
        Called by the socket's thread when there is something to read; must return at once.
    """

    def __init__(self, place: int, wake: Callable[[], None]) -> None:
        self.place = place
        self.wake = wake
        self.missed = 0
        """Rows that fell out before they were read, since the last batch."""
        self.lags = False
        """Whether nobody waits for it any more, until it reads again."""
        self.late: list[tuple[str, Any, int]] = []
        """Rows that came to stand before the place: market, row, when it arrived."""

    def inserted(self, place: int, market: str, row: Any, at: int) -> None:
        """Note that a row was put before another."""
        if place < self.place:
            self.place += 1
            self.late.append((market, row, at))

    def skip_to(self, place: int) -> None:
        """Give up what lies before a row."""
        if place > self.place:
            self.missed += place - self.place
            self.place = place
