"""The parameters that many functions share, described once; ``@route`` puts them into each docstring."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from typing import Any

__all__ = ["with_parameters"]

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
    shared = [key for key in function.__annotations__.items() if key in _TEXTS]
    text = _into(text, "Parameters", [_TEXTS[key] for key in shared])
    return _into(text, "Raises", [_RAISES[key] for key in shared if key in _RAISES] + [_ALWAYS])


def _into(text: str, section: str, entries: list[tuple[str, str]]) -> str:
    """Return a docstring with entries at the end of a section; the section is made, before the examples, if need be."""
    entries = [(head, body) for head, body in entries if f"\n{head.split(' ')[0]}" not in text]
    lines = "\n".join(f"{head}\n{textwrap.indent(body, '    ')}" for head, body in entries)
    header = f"{section}\n{'-' * len(section)}\n"
    if header not in text:
        before, examples, after = text.partition("Examples\n--------\n")
        return f"{before.rstrip()}\n\n{header}{lines}\n\n{examples}{after}".rstrip()
    before, _, after = text.partition(header)
    own, gap, rest = after.partition("\n\n")
    return f"{before}{header}{own}\n{lines}{gap}{rest}" if lines else text
