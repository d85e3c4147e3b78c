"""``@channel`` notes what a function subscribes to, and returns the same function; ``CHANNELS`` is all of them.

A channel also knows how its pushes are read: the row class is the same that its HTTP counterpart has, or one that
``rows/push.py`` adds.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from coinex_pandas.http.docstrings import completed
from coinex_pandas.http.route import DOCS, column_lines
from coinex_pandas.tables.growing_frame import MARKET, RECEIVED
from coinex_pandas.tables.row import Column, Row

__all__ = ["CHANNELS", "Channel", "Private", "channel", "channel_of"]

P = ParamSpec("P")
R = TypeVar("R")


_NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class Private:
    """What a channel is beside a public one: it is signed for, and what it missed is asked for over HTTP.

    Attributes
    ----------
    key : tuple of str
        The columns that tell what a row is about, such as ``("order_id",)``.
    by : str
        The column that a stream's names choose by: ``market`` or ``ccy``; empty where there is no choice.
    inside : str
        The field of a push that holds the row, or the list of rows; empty where the push is the row itself.
    ends : frozenset of str
        The events after which nothing follows.
    selector : str
        The parameter of a subscription.
    """

    key: tuple[str, ...]
    by: str = "market"
    inside: str = ""
    ends: frozenset[str] = frozenset()
    selector: str = "market_list"


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
    private : Private or None
        What there is to know of a channel of one's own; None for a public one.
    """

    name: str
    area: str
    method: str
    row: type[Row]
    rhythm: float
    still: float
    docs: str
    private: Private | None = None

    @property
    def endpoint(self) -> str:
        """The channel as errors name it."""
        return f"{self.area} socket, {self.method}.subscribe"


CHANNELS: dict[str, Channel] = {}
"""Every channel by its function's name."""


def channel(
    method: str,
    row: type[Row],
    *,
    docs: str,
    rhythm: float = _NEVER,
    still: float = _NEVER,
    table: type[Row] | None = None,
    private: Private | None = None,
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
    rhythm, still : float, default inf
        As `Channel` has them; the silence of a private channel says nothing.
    table : type of Row, optional
        The table that ``df`` is, where it is not simply the rows that are pushed.
    private : Private, optional
        As `Channel` has it.
    """

    def note(function: Callable[P, R]) -> Callable[P, R]:
        name = function.__name__
        known = Channel(name, name.partition("_")[0], method, row, rhythm, still, docs, private)
        CHANNELS[name] = known
        if private is not None:
            function.__doc__ = _with_own(function)
        function.__doc__ = f"{completed(function)}\n\n{_block(known, table)}\n"
        return function

    return note


def channel_of(function: Callable[..., Any]) -> Channel:
    """Return the channel that a function was noted with."""
    return CHANNELS[function.__name__]


_OWN = {
    "markets": ("*markets : str or iterable of str", "Any number of markets; none for all."),
    "currencies": ("*currencies : str or iterable of str", "Any number of currencies; none for all."),
    "market_type": (
        'market_type : {"SPOT", "MARGIN"}, default "SPOT"',
        "Whose rows: the spot account's, or those of the margin accounts (orders then want their markets named).",
    ),
}
"""The parameters that private channels share, where they mean something else than those of public ones."""


def _with_own(function: Callable[..., Any]) -> str:
    """Return a private channel's docstring with its own parameters and errors; those of all channels are to come."""
    text = inspect.cleandoc(function.__doc__ or "")
    before, examples, after = text.partition("Examples\n--------\n")
    entries = [_OWN[name] for name in function.__annotations__ if name in _OWN]
    lines = "\n".join(f"{head}\n    {meaning}" for head, meaning in entries)
    parameters = f"Parameters\n----------\n{lines}\n\n"
    raises = "Raises\n------\nKeyNeeded\n    The session has no key; nothing was sent.\n\n"
    return f"{before}{parameters}{raises}{examples}{after}"


def _block(known: Channel, table: type[Row] | None) -> str:
    own = [column for column in known.row.columns() if column.name != "market"]
    lines = column_lines((MARKET, *own, RECEIVED), _index(known.row))
    if known.private is not None:
        lines = column_lines(_columns(known.row), _index(known.row))
    if table is not None:
        lines = column_lines(table.columns(), table.index_names())
    leave = "" if known.private is None else " Needs a `SignedSession`."
    return (
        f"Columns\n-------\n{lines}\n\nNotes\n-----\n{known.method}.subscribe on the {known.area} socket.{leave} "
        f"Source: {DOCS}{known.docs}"
    )


def _index(row: type[Row]) -> tuple[str, ...]:
    return row.index_names() if row.index not in ("market", "", ()) else (RECEIVED.name,)


def _columns(row: type[Row]) -> tuple[Column, ...]:
    return (*row.columns(), RECEIVED)
