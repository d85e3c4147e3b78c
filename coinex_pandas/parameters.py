"""The parameters that many functions share, described once; ``@route`` puts them into each docstring."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from typing import Any

__all__ = ["with_parameters"]

Entry = tuple[str, str]
"""The head of an entry of a numpy section, and its text."""

_TEXTS = {
    ("market", "str"): ("market : str", 'The market, such as ``"BTCUSDT"``.'),
    ("market", "Names | None"): (
        "market : str or iterable of str, optional",
        "One market, several (beyond ten they take several requests), or None for all.",
    ),
    ("start", "TimeLike | None"): (
        "start, end : str, datetime, Timestamp, date or int, optional",
        (
            "The range: start is included, end is not. Naive times are UTC, whole numbers are milliseconds.\n"
            "What None means stands above."
        ),
    ),
    ("markets", "Names"): (
        "*markets : str or iterable of str",
        "Any number of markets; none for all that the exchange lists now (one request).",
    ),
    ("keep", "Keep | None"): (
        "keep : int, str or Timedelta, optional",
        (
            'How much the table holds: a number of rows, or a span of time such as ``"10min"``; older rows fall out.\n'
            "None: everything."
        ),
    ),
    ("stale_after", "float | None"): (
        "stale_after : float, optional",
        "Seconds without any change after which the state is ``stale``; None for what suits the channel.",
    ),
    ("reconnect", "bool"): (
        "reconnect : bool, default True",
        "Connect again whenever the connection is lost, without end; False ends the stream instead.",
    ),
    ("numbers", "Numbers | None"): (
        'numbers : {"float", "decimal", "text"}, optional',
        "Floats, exact ``decimal.Decimal``, or the text of the wire; None for ``cx.options.numbers``.",
    ),
    ("session", "Session | None"): (
        "session : Session, optional",
        "Where to ask; None for the current one.",
    ),
}
_RAISES = {
    ("market", "str"): ("UnknownMarket", "The exchange does not know the market, or no longer does."),
    ("market", "Names | None"): ("UnknownMarket", "The exchange does not know one of the markets, or no longer does."),
    ("start", "TimeLike | None"): (
        "InvalidArgument",
        "A time cannot be read, or the range is reversed; nothing was sent.",
    ),
}
_ALWAYS = ("CoinExError", "No answer, another refusal, or an unexpected answer.")


def with_parameters(function: Callable[..., Any]) -> str:
    """Return a function's docstring, completed by the parameters and errors that it shares with others."""
    text = inspect.cleandoc(function.__doc__ or "")
    order = list(function.__annotations__)  # inspect.signature takes a millisecond for all of them
    shared = [key for key in function.__annotations__.items() if key in _TEXTS]
    text = _into(text, "Parameters", [_TEXTS[key] for key in shared], order)
    return _into(text, "Raises", [*(_RAISES[key] for key in shared if key in _RAISES), _ALWAYS], [])


def _into(text: str, section: str, more: list[Entry], order: list[str]) -> str:
    """Return a docstring with entries added to a section, which is made, before the examples, if need be."""
    header = f"{section}\n{'-' * len(section)}\n"
    if header not in text:
        before, examples, after = text.partition("Examples\n--------\n")
        text = f"{before.rstrip()}\n\n{header}\n\n{examples}{after}"
    before, _, after = text.partition(header)
    own, _, rest = after.partition("\n\n")
    entries = _entries(own)
    entries += [entry for entry in more if entry[0] not in dict(entries)]
    if order:
        entries.sort(key=lambda entry: order.index(entry[0].split(" ")[0].strip("*,")))
    lines = "\n".join(f"{head}\n{textwrap.indent(body, '    ')}" for head, body in entries)
    return f"{before}{header}{lines}\n\n{rest.lstrip()}".rstrip()


def _entries(section: str) -> list[Entry]:
    """Return a numpy section's entries: a head at the margin, its text indented below."""
    entries: list[Entry] = []
    for line in section.splitlines():
        if line and not line.startswith(" "):
            entries.append((line, ""))
        elif entries:
            head, body = entries[-1]
            entries[-1] = (head, f"{body}\n{line[4:]}".lstrip("\n"))
    return entries
