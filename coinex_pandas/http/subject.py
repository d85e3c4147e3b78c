"""What a request is about, and whether its reply is about the same: market, currency, ids.

A reply that belongs to another request looks as good as the right one. A connection that two processes share, or a
gateway that lost count, mixes them up, and nothing but the names in it tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from coinex_pandas.errors import UnexpectedBody
from coinex_pandas.tables.decoding import Page
from coinex_pandas.tables.row import Row

__all__ = ["require_same_subject"]

_NAMES = ("market", "ccy")
_IDS = ("client_id", "order_id", "stop_id", "position_id", "borrow_id", "withdraw_id", "api_id")
_ORDERS = frozenset({"order_id", "stop_id"})


def require_same_subject(page: Page, row: type[Row], params: Mapping[str, Any], endpoint: str) -> None:
    """Raise when a reply names another market, currency or id than its request; what it leaves out is not compared."""
    for name, requested in _requested(params, _comparable(row) + tuple(page.subject)).items():
        for value in _values(page, name):
            if (text := _text(name, value)) and text not in requested:
                reason = f"a reply to another request: {name} {value!s} instead of {' or '.join(sorted(requested))}"
                raise UnexpectedBody(reason, endpoint=endpoint, body=b"")  # which may hold that other one's secrets


@cache
def _comparable(row: type[Row]) -> tuple[str, ...]:
    """Return the columns of a table that say what its rows are about."""
    columns = {column.name for column in row.columns()}
    # The currency of an order is the unit of its amount, and the id of a stop order changes with the order.
    others = ("ccy",) if _ORDERS & columns else ()
    return tuple(name for name in (*_NAMES, *_IDS) if name in columns and name not in (*others, *row.renewed))


def _requested(params: Mapping[str, Any], names: Iterable[str]) -> dict[str, set[str]]:
    """Return the values of each name that a request carries, alone, in a list, or in each item of a batch."""
    items = [item for item in params.get("orders") or () if isinstance(item, Mapping)]
    requested = {}
    for name in names:
        alone = [params.get(name), *(item.get(name) for item in items)]
        texts = {_text(name, each) for value in alone for each in _each(value, is_list=name in _NAMES)}
        texts |= {_text(name, each) for each in _each(params.get(f"{name}s"), is_list=True)}
        if texts and all(item.get(name) for item in items):
            requested[name] = texts
    return requested


def _each(value: Any, *, is_list: bool) -> Iterator[Any]:
    """Yield the values of a parameter: lists are lists, and in some texts commas stand between."""
    if isinstance(value, (list, tuple)):
        yield from value
    elif is_list and isinstance(value, str):
        yield from filter(None, value.split(","))
    elif value is not None and value != "":
        yield value


def _values(page: Page, name: str) -> Iterable[Any]:
    """Return the values of a name in a reply, without those that are missing."""
    if name in page.subject:
        return (page.subject[name],)
    frame = page.frame
    column = frame.index.get_level_values(name) if name in frame.index.names else frame[name].array
    values: Iterable[Any] = column.categories if hasattr(column, "categories") else column.dropna().unique()
    return values


def _text(name: str, value: Any) -> str:
    """Return a value as it is compared: the case of a market or currency says nothing."""
    return str(value).strip().upper() if name in _NAMES else str(value)
