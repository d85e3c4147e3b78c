"""Pages of a history that comes newest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from coinex_pandas.sandbox.parameters import Params, page
from coinex_pandas.sandbox.reply import Reply

__all__ = ["Row", "listing", "paged"]

Row = dict[str, Any]
T = TypeVar("T")


def paged(params: Params, extra: list[Row], total: int, rows: Callable[[slice], list[Row]]) -> Reply:
    """Return one page of `extra` rows followed by a history.

    Parameters
    ----------
    params : mapping
        Holds page and limit.
    extra : list of dict
        Rows before the history's own.
    total : int
        Rows of the history.
    rows : callable
        Gives the history's rows of a slice.
    """
    number, limit = page(params)
    start, stop = (number - 1) * limit, number * limit
    ahead = len(extra)
    own = slice(min(total, max(0, start - ahead)), min(total, max(0, stop - ahead)))
    found = extra[start:stop] + (rows(own) if own.stop > own.start else [])
    return Reply(found, pagination={"has_next": stop < total + ahead})


def listing(params: Params, found: Sequence[T], row: Callable[[T], Row], *, counted: bool = True) -> Reply:
    """Return one page of a list that is known whole, with the total unless `counted` says no."""
    number, limit = page(params)
    start, stop = (number - 1) * limit, number * limit
    pagination: dict[str, Any] = {"total": len(found)} if counted else {}
    return Reply([row(each) for each in found[start:stop]], pagination={**pagination, "has_next": stop < len(found)})
