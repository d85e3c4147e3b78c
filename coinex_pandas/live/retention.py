"""How many rows a stream's table keeps, and who still has to read them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pandas as pd

from coinex_pandas.errors import InvalidArgument
from coinex_pandas.errors.quoting import short_repr

__all__ = ["Keep", "Reader", "Retention"]

Keep = int | str | pd.Timedelta
"""What a user writes for ``keep``: a number of rows, or a span of time."""


class Retention(NamedTuple):
    """How much a table keeps; two times None is all of it.

    Attributes
    ----------
    rows : int or None
        So many rows at most.
    ms : int or None
        The rows of so many milliseconds.
    """

    rows: int | None = None
    ms: int | None = None

    @classmethod
    def of(cls, keep: Keep | None) -> Retention:
        """Return what ``keep`` means.

        Raises
        ------
        InvalidArgument
            It is neither a number of rows from 1 on nor a span of time.

        Examples
        --------
        >>> Retention.of(1000), Retention.of("10min"), Retention.of(None)
        (Retention(rows=1000, ms=None), Retention(rows=None, ms=600000), Retention(rows=None, ms=None))
        """
        if keep is None:
            return cls()
        if isinstance(keep, int) and not isinstance(keep, bool) and 1 <= keep < 2**63:
            return cls(rows=keep)
        try:
            span = pd.Timedelta(keep) if not isinstance(keep, (int, float)) else pd.Timedelta(0)
        except (ValueError, TypeError):
            span = pd.Timedelta(0)
        if not span > pd.Timedelta(0):
            raise InvalidArgument(
                f"keep is a number of rows, a span of time such as '10min', or None, not {short_repr(keep)}"
            )
        return cls(ms=int(span.total_seconds() * 1000))


class Reader:
    """How far somebody has read: rows that were not read are kept a while longer.

    Parameters
    ----------
    place : int
        The next row to read, counted from the stream's first.
    wake : callable
        Called by the socket's thread when there is something to read; must return at once.

    Attributes
    ----------
    missed : int
        Rows that were dropped before they were read, since the last batch.
    lags : bool
        Whether nothing waits for it any more, until it reads again.
    late : list
        Rows that were inserted before the place: market, row, when it arrived.
    """

    def __init__(self, place: int, wake: Callable[[], None]) -> None:
        self.place = place
        self.wake = wake
        self.missed = 0
        self.lags = False
        self.late: list[tuple[str, Any, int]] = []

    def note_insert(self, place: int, market: str, row: Any, at: int) -> None:
        """Note that a row was inserted before another."""
        if place < self.place:
            self.place += 1
            self.late.append((market, row, at))

    def skip_to(self, place: int) -> None:
        """Give up the rows before a place."""
        if place > self.place:
            self.missed += place - self.place
            self.place = place
