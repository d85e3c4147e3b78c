"""``@channel`` notes what a function subscribes to, and returns the same function; ``CHANNELS`` is all of them.

A channel also says how its pushes are decoded: its row class is that of its HTTP counterpart, or one that
``rows/push.py`` or ``rows/account_push.py`` adds.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from coinex_pandas.api.calls.arguments import Names, names_of
from coinex_pandas.http.docstrings import completed
from coinex_pandas.http.route import DOCS, column_lines
from coinex_pandas.tables.growing_frame import MARKET, RECEIVED
from coinex_pandas.tables.row import Row

__all__ = ["CHANNELS", "Channel", "Private", "channel", "channel_of", "distinct"]

P = ParamSpec("P")
R = TypeVar("R")


_NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class Private:
    """What a channel of one's own account has beside a public one: it needs a signature, and recovers over HTTP.

    Attributes
    ----------
    key : tuple of str
        The columns that identify what a row is about, such as ``("order_id",)``.
    by : str
        The column that a stream's names select: ``market`` or ``ccy``; empty where there is no choice.
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
        The rest of a channel of one's own account; None for a public one.
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
        """The channel's name in errors."""
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
    """Return a decorator that adds a function to ``CHANNELS`` and completes its docstring.

    Parameters
    ----------
    method : str
        The exchange's word for the channel.
    row : type of Row
        What is pushed.
    docs : str
        The exchange's page, relative to its documentation.
    rhythm, still : float, default inf
        As `Channel` has them; the silence of an account's channel says nothing.
    table : type of Row, optional
        The table of ``df``, where that is not simply the rows that are pushed.
    private : Private, optional
        As `Channel` has it.
    """

    def note(function: Callable[P, R]) -> Callable[P, R]:
        name = function.__name__
        added = CHANNELS[name] = Channel(name, name.partition("_")[0], method, row, rhythm, still, docs, private)
        if private is not None:
            function.__doc__ = _with_account_parameters(function)
        function.__doc__ = f"{completed(function)}\n\n{_columns_and_notes(added, table)}\n"
        return function

    return note


def channel_of(function: Callable[..., Any]) -> Channel:
    """Return the channel of a function."""
    return CHANNELS[function.__name__]


def distinct(names: Iterable[Names], parameter: str) -> tuple[str, ...]:
    """Return the names in a function's arguments as the exchange spells them, each once; none for none."""
    return tuple(dict.fromkeys(name for argument in names for name in names_of(argument, parameter) or ()))


_ACCOUNT_PARAMETERS = {
    "markets": ("*markets : str or iterable of str", "Any number of markets; none for all."),
    "currencies": ("*currencies : str or iterable of str", "Any number of currencies; none for all."),
    "market_type": (
        'market_type : {"SPOT", "MARGIN"}, default "SPOT"',
        "Whose rows: the spot account's, or those of the margin accounts (orders then need their markets named).",
    ),
}
"""The parameters of an account's channels that mean something else than those of public ones."""


def _with_account_parameters(function: Callable[..., Any]) -> str:
    """Return the docstring of an account's channel with the parameters and errors that only those have."""
    text = inspect.cleandoc(function.__doc__ or "")
    before, examples, after = text.partition("Examples\n--------\n")
    entries = [_ACCOUNT_PARAMETERS[name] for name in inspect.get_annotations(function) if name in _ACCOUNT_PARAMETERS]
    lines = "\n".join(f"{head}\n    {meaning}" for head, meaning in entries)
    parameters = f"Parameters\n----------\n{lines}\n\n"
    raises = "Raises\n------\nKeyNeeded\n    The session has no key; nothing was sent.\n\n"
    return f"{before}{parameters}{raises}{examples}{after}"


def _columns_and_notes(channel: Channel, table: type[Row] | None) -> str:
    needs = "" if channel.private is None else " Needs a `SignedSession`."
    return (
        f"Columns\n-------\n{_column_lines(channel, table)}\n\nNotes\n-----\n"
        f"{channel.method}.subscribe on the {channel.area} socket.{needs} Source: {DOCS}{channel.docs}"
    )


def _column_lines(channel: Channel, table: type[Row] | None) -> str:
    if table is not None:
        return column_lines(table.columns(), table.index_names())
    row = channel.row
    index = row.index_names() if row.index not in ("market", "", ()) else (RECEIVED.name,)
    if channel.private is not None:
        return column_lines((*row.columns(), RECEIVED), index)
    return column_lines((MARKET, *(column for column in row.columns() if column.name != "market"), RECEIVED), index)
