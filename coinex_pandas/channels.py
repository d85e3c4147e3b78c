"""``@channel`` notes what a function subscribes to, and returns the same function; ``CHANNELS`` is all of them.

A channel also knows how its pushes are read: the row class is the same that its HTTP counterpart has, or one that
``rows/push.py`` adds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from coinex_pandas.growing_frame import MARKET, RECEIVED
from coinex_pandas.parameters import with_parameters
from coinex_pandas.route import DOCS, column_lines
from coinex_pandas.row import Row

__all__ = ["CHANNELS", "Channel", "channel", "channel_of"]

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel of one socket and the table that its pushes become.

    Attributes
    ----------
    name : str
        The function's name, such as ``futures_deals``.
    area : str
        ``spot`` or ``futures``: which socket.
    method : str
        The exchange's word, as in ``deals.subscribe``.
    row : type of Row
        What is pushed.
    rhythm : float
        Seconds within which an acknowledged market should have sent something.
    still : float
        Seconds without any change after which a stream counts as stale.
    docs : str
        The exchange's page, relative to its documentation.
    """

    name: str
    area: str
    method: str
    row: type[Row]
    rhythm: float
    still: float
    docs: str

    @property
    def endpoint(self) -> str:
        """The channel as errors name it."""
        return f"{self.area} socket, {self.method}.subscribe"


CHANNELS: dict[str, Channel] = {}
"""Every channel by its function's name."""


def channel(
    method: str, row: type[Row], *, docs: str, rhythm: float, still: float, table: type[Row] | None = None
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a decorator that enters a function into ``CHANNELS`` and completes its docstring.

    Parameters
    ----------
    method : str
        The exchange's word for the channel.
    row : type of Row
        What is pushed.
    docs : str
        The exchange's page, relative to its documentation.
    rhythm, still : float
        As `Channel` has them.
    table : type of Row, optional
        The table that ``df`` is, where it is not simply the rows that are pushed.
    """

    def note(function: Callable[P, R]) -> Callable[P, R]:
        name = function.__name__
        known = Channel(name, name.partition("_")[0], method, row, rhythm, still, docs)
        CHANNELS[name] = known
        function.__doc__ = f"{with_parameters(function)}\n\n{_block(known, table)}\n"
        return function

    return note


def channel_of(function: Callable[..., Any]) -> Channel:
    """Return the channel that a function was noted with."""
    return CHANNELS[function.__name__]


def _block(known: Channel, table: type[Row] | None) -> str:
    own = [column for column in known.row.columns() if column.name != "market"]
    index = known.row.index_names() if known.row.index != "market" and known.row.index else (RECEIVED.name,)
    lines = column_lines((MARKET, *own, RECEIVED), index)
    if table is not None:
        lines = column_lines(table.columns(), table.index_names())
    return (
        f"Columns\n-------\n{lines}\n\nNotes\n-----\n{known.method}.subscribe on the {known.area} socket. "
        f"Source: {DOCS}{known.docs}"
    )
