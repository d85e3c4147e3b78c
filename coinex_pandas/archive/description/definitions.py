"""What a stored table is: its row class and its columns beside that, of a function's rows or of a stream's.

Rows of streams that are the same as a function's join its table: deals. All others are what was pushed at a moment, and
stand in a table of their own: those of ``cx.live.futures_tickers`` in ``live_futures_tickers``.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from coinex_pandas.api.endpoints import ROUTES
from coinex_pandas.live.channel import CHANNELS
from coinex_pandas.tables.row import Row

__all__ = ["CAPTURED", "RECORD", "Definition", "definition_of", "is_table", "stream_table"]

CAPTURED, RECORD = "captured_at", "record"
_PUSHED = "live_"
_NOT_ASKED = {"numbers", "session", "start", "end", "limit", "closed", "last_id", "stops"}
"""Parameters that say how much is wanted, and not of what."""


@dataclass(frozen=True)
class Definition:
    """A stored table.

    Attributes
    ----------
    name : str
        The function's, or ``live_`` and that of the function of ``cx.live``.
    row : type of Row
        What its rows are.
    is_private : bool
        Whether it is of one's own account.
    parameters : mapping
        Those of the function; none of a stream's.
    """

    name: str
    row: type[Row]
    is_private: bool
    parameters: Mapping[str, inspect.Parameter]

    @property
    def is_pushed(self) -> bool:
        """Whether it is a stream's own: what was pushed at some moment."""
        return self.name.startswith(_PUSHED)

    @cached_property
    def request_columns(self) -> tuple[str, ...]:
        """The parameters that the rows do not hold: a table has them as columns."""
        names = {column.name for column in self.row.columns()}
        return tuple(name for name in self.parameters if name not in names and name not in _NOT_ASKED)

    @cached_property
    def time(self) -> str:
        """The column of time that the rows belong to a day by: their own, or when they came."""
        is_past = "start" in self.parameters or self.name.endswith("_deals")
        names = (*self.row.order[:1], *self.row.index_names(), "created_at")
        times = {column.name for column in self.row.columns() if column.kind.arrow.startswith("timestamp")}
        return next((name for name in names if is_past and name in times), CAPTURED)

    @cached_property
    def key(self) -> tuple[str, ...]:
        """The columns that no two rows have in common; none where the exchange has no such key."""
        if self.time == CAPTURED or not self.row.key:
            return ()
        own = [column.name for column in self.row.columns() if column.name in ("market", "ccy")]
        return tuple(dict.fromkeys((*self.request_columns, *own, *self.row.key)))


def is_table(name: str) -> bool:
    """Return whether a name is that of a table."""
    return name in ROUTES or (name.startswith(_PUSHED) and name.removeprefix(_PUSHED) in CHANNELS)


def stream_table(name: str) -> str:
    """Return the table that the rows of a stream stand in, by the function of ``cx.live``."""
    route = ROUTES.get(name)
    return name if route is not None and name.endswith("_deals") else f"{_PUSHED}{name}"


@cache
def definition_of(name: str) -> Definition:
    """Return what a table is."""
    if name in ROUTES:
        route = ROUTES[name]
        return Definition(name, route.row, route.signed, inspect.signature(route.function).parameters)
    channel = CHANNELS[name.removeprefix(_PUSHED)]
    return Definition(name, channel.row, channel.private is not None, {})
