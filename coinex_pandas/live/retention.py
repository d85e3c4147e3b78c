"""How much a stream's table holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from coinex_pandas.errors import InvalidArgument

__all__ = ["Keep", "Reader", "kept"]


Keep = tuple[int | None, int | None]
"""Rows, or milliseconds, that a table holds at most; two times None holds all."""


def kept(keep: int | str | pd.Timedelta | None) -> Keep:
    """Return how many rows, or milliseconds, a table holds.

    Raises
    ------
    InvalidArgument
        It is neither a number of rows from 1 on nor a span of time.

    Examples
    --------
    >>> kept(1000), kept("10min"), kept(None)
    ((1000, None), (None, 600000), (None, None))
    """
    if keep is None:
        return None, None
    if isinstance(keep, int) and not isinstance(keep, bool) and keep >= 1:
        return keep, None
    try:
        span = pd.Timedelta(keep) if not isinstance(keep, (int, float)) else pd.Timedelta(0)
    except (ValueError, TypeError):
        span = pd.Timedelta(0)
    if not span > pd.Timedelta(0):
        raise InvalidArgument(f"keep is a number of rows, a span of time such as '10min', or None, not {keep!r}")
    return None, int(span.total_seconds() * 1000)


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
