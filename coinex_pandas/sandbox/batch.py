"""Requests for several things at once: each item succeeds or fails by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from coinex_pandas.sandbox.asked import Body
from coinex_pandas.sandbox.reply import Refusal, Reply
from coinex_pandas.sandbox.trading import Params

__all__ = ["each", "ids", "items"]

T = TypeVar("T")

_MOST = 100


def items(params: Params, name: str = "orders") -> list[Body]:
    """Return the objects of a list in a body; at most 100, which is documented for futures_modify_orders only."""
    found = params.get(name)
    if not isinstance(found, list) or not 0 < len(found) <= _MOST or not all(isinstance(item, dict) for item in found):
        raise Refusal(message=f"invalid argument: {name}")
    return [Body(item) for item in found]


def ids(params: Params, name: str) -> list[int]:
    """Return whole numbers: a JSON list in a body, comma separated digits in a query."""
    found = params.get(name)
    if isinstance(found, str) and not isinstance(params, Body):
        found = [
            int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None for text in found.split(",")
        ]
    if not isinstance(found, list) or not 0 < len(found) <= _MOST or not all(type(item) is int for item in found):
        raise Refusal(message=f"invalid argument: {name}")
    return found


def each(wanted: Iterable[T], answer: Callable[[T], dict[str, Any]], message: str = "OK") -> Reply:
    """Return one row of code, data and message for each item, in the order asked for."""
    return Reply([_row(item, answer, message) for item in wanted])


def _row(item: T, answer: Callable[[T], dict[str, Any]], message: str) -> dict[str, Any]:
    try:
        return {"code": 0, "data": answer(item), "message": message}
    except Refusal as refusal:
        return {"code": refusal.reply.code, "data": None, "message": refusal.reply.message}
