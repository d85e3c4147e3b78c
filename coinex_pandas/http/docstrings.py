"""What many docstrings share, written once: parameters by name and type, errors, and the text of twins.

A function's docstring in the source holds what is its own; ``@route`` completes it when the module is imported.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable
from typing import Any

__all__ = ["completed", "renamed"]

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
            "The range: start is included, end is not. Naive times are UTC, whole numbers are milliseconds\n"
            "(seconds, microseconds, 20260501 and the like are refused). What None means stands above."
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
    ("check", "bool"): (
        "check : bool, default True",
        (
            "Whether to compare it with the market's rules before it is sent; they are read once for each market and\n"
            "session. False leaves that to the exchange."
        ),
    ),
    ("market", "str | None"): ("market : str, optional", 'One market, such as ``"BTCUSDT"``; None for all.'),
    ("ccy", "str"): ("ccy : str", 'The currency, such as ``"USDT"``.'),
    ("ccy", "str | None"): ("ccy : str, optional", 'One currency, such as ``"USDT"``; None for all.'),
    ("client_id", "str | None"): (
        "client_id : str, optional",
        (
            "The order's own name: up to 32 letters, digits, ``-`` and ``_``. None: one is made, so that an order\n"
            "whose answer was lost can be looked up. Orders can share one."
        ),
    ),
    ("market_type", "SpotOrMargin"): (
        'market_type : {"SPOT", "MARGIN"}, default "SPOT"',
        "Which account; the exchange takes one market at a time on margin.",
    ),
    ("orders", "Orders"): (
        "orders : DataFrame or iterable of mappings",
        "Up to 100 orders, a row or a mapping each, with the parameters by name; a missing cell leaves one out.",
    ),
    ("order_id", "int | str"): ("order_id : int", "The order's id."),
    ("stop_id", "int | str"): ("stop_id : int", "The stop order's id."),
    ("order_ids", "Ids"): ("order_ids : int or iterable of int", "The ids, all of one market."),
    ("stop_ids", "Ids"): ("stop_ids : int or iterable of int", "The ids, all of one market."),
    ("side", "BuySell"): ('side : {"buy", "sell"}', "What to do."),
    ("side", "BuySell | None"): ('side : {"buy", "sell"}, optional', "One side only; None for both."),
    ("type", "OrderType"): (
        'type : {"limit", "market", "maker_only", "ioc", "fok"}',
        (
            "``limit`` rests until it is filled or cancelled; ``market`` takes what is there; ``maker_only`` is\n"
            "cancelled if it would take; ``ioc`` fills what it can at once, ``fok`` all or nothing, and the rest is\n"
            "cancelled."
        ),
    ),
    ("price", "Exact | None"): (
        "price : str, int, Decimal or float, optional",
        "Needed by every type but ``market``, which has none; sent exactly as it is written.",
    ),
    ("trigger_price", "Exact"): ("trigger_price : str, int, Decimal or float", "The price that sends the order."),
    ("trigger_price", "Exact | None"): (
        "trigger_price : str, int, Decimal or float, optional",
        "The price that sends the order.",
    ),
    ("trigger_price_type", "TriggerPrice"): (
        'trigger_price_type : {"latest_price", "mark_price", "index_price"}',
        "Which price is compared with ``trigger_price``.",
    ),
    ("is_hide", "bool"): ("is_hide : bool, default False", "Leave the order out of the public order book."),
    ("stp_mode", "StpMode | None"): (
        'stp_mode : {"ct", "cm", "both"}, optional',
        (
            "When it meets an own order: drop what is left of the taker, of the maker, or of both; None for what the\n"
            "account is set to."
        ),
    ),
    ("dry_run", "bool"): (
        "dry_run : bool, default False",
        (
            "Send nothing, and return a frame of one row with the request as it would be sent (method, url, body,\n"
            "headers); key and signature are masked."
        ),
    ),
    ("sub_user_name", "str"): ("sub_user_name : str", "The sub-account's user name."),
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
    ("market", "str | None"): ("UnknownMarket", "The exchange does not know the market, or no longer does."),
    ("market", "Names | None"): ("UnknownMarket", "The exchange does not know one of the markets, or no longer does."),
    ("check", "bool"): ("InvalidArgument", "It cannot be right, or breaks a rule of the market; nothing was sent."),
    ("dry_run", "bool"): (
        "OutcomeUnknown",
        "It was sent, but no clear answer came; the error says how to find out, and it was not sent again.",
    ),
    ("start", "TimeLike | None"): (
        "InvalidArgument",
        "A time cannot be read, or the range is reversed; nothing was sent.",
    ),
}
_ALWAYS = ("CoinExError", "No answer, another refusal, or an unexpected answer.")


_ORDER = ("Parameters", "Returns", "Raises", "Notes", "Examples")
_HEADER = re.compile(rf"^({'|'.join(_ORDER)})\n-+\n", re.MULTILINE)
Parts = dict[str, str]
"""The sections of a docstring by their headers; what stands before the first of them by ""."""

_own: dict[Callable[..., Any], Parts] = {}
"""What each function says itself: its twin begins with it."""


def completed(function: Callable[..., Any], like: Callable[..., Any] | None = None) -> str:
    """Return a function's docstring, completed by what it shares with others.

    Parameters
    ----------
    function : callable
        Its docstring has what is its own: a summary at the least.
    like : callable, optional
        The model of a twin, such as ``spot_deals`` of ``futures_deals``. What the twin's docstring leaves out is taken
        from the model's, in the twin's words: the text below the summary, the parameters that the twin has, too, the
        errors, the examples.
    """
    annotations = inspect.get_annotations(function)  # inspect.signature takes a millisecond for all of them
    names = list(annotations)
    parts = _parts(inspect.cleandoc(function.__doc__ or ""))
    if like is not None:
        model = {key: renamed(part, like.__name__, function.__name__) for key, part in _own[like].items()}
        parts = _filled(parts, model, names)
    _own[function] = parts
    shared = [key for key in annotations.items() if key in _TEXTS]
    parameters = _joined(parts["Parameters"], [_TEXTS[key] for key in shared])
    errors = _joined(parts["Raises"], [*(_RAISES[key] for key in shared if key in _RAISES), _ALWAYS])
    parameters.sort(key=lambda entry: names.index(_name(entry[0])))
    return _docstring(parts | {"Parameters": _section(parameters), "Raises": _section(errors)})


def renamed(text: str, model: str, twin: str) -> str:
    """Return a text about one function in the words of its twin: spot becomes futures, stop-loss take-profit."""
    old, new = (name.split("_") for name in (model, twin))
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    while old and new and old[0] == new[0]:
        old, new = old[1:], new[1:]
    for joint in "_- " if old and new else "":
        text = re.sub(rf"(?<![a-z]){joint.join(old)}(?![a-z])", joint.join(new), text)
    return text


def _parts(text: str) -> Parts:
    before, *rest = (part.strip() for part in _HEADER.split(text))
    return dict.fromkeys(_ORDER, "") | {"": before} | dict(zip(rest[::2], rest[1::2], strict=True))


def _docstring(parts: Parts) -> str:
    sections = [f"{header}\n{'-' * len(header)}\n{parts[header]}" for header in _ORDER if parts[header]]
    return "\n\n".join([parts[""], *sections])


def _filled(parts: Parts, model: Parts, names: list[str]) -> Parts:
    """Return the sections of a twin with what it leaves to its model."""
    filled = {header: part or model[header] for header, part in parts.items()}
    if "\n\n" not in parts[""]:
        filled[""] = parts[""] + model[""].removeprefix(model[""].partition("\n\n")[0])
    parameters = [entry for entry in _entries(model["Parameters"]) if _name(entry[0]) in names]
    filled["Parameters"] = _section(_joined(parts["Parameters"], parameters))
    filled["Raises"] = _section(_joined(parts["Raises"], _entries(model["Raises"])))
    return filled


def _joined(section: str, more: list[Entry]) -> list[Entry]:
    """Return the entries of a section, and those of others whose names it does not have."""
    entries = _entries(section)
    there = {_name(head) for head, _ in entries}
    return entries + [entry for entry in more if _name(entry[0]) not in there]


def _name(head: str) -> str:
    return head.partition(" ")[0].strip("*,")


def _section(entries: list[Entry]) -> str:
    return "\n".join(f"{head}\n{textwrap.indent(body, '    ')}" for head, body in entries)


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
