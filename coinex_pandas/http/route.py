"""``@route`` enters a function into the table of endpoints, and returns the same function.

``ROUTES`` is the exchange as a table: contract tests, the sandbox and the reference pages read it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal, ParamSpec, TypeVar

from coinex_pandas.http.docstrings import completed, renamed
from coinex_pandas.tables.row import Column, Row, secret_kind

__all__ = ["ROUTES", "Needs", "Route", "route"]


P = ParamSpec("P")
R = TypeVar("R")

DOCS = "https://docs.coinex.com/api/v2/"

Needs = Literal["", "read", "trade", "withdraw"]
"""What a call needs of its session: nothing, a key, or a key and the permission to trade, or to move money and keys."""

_PERMISSIONS: dict[Needs, str] = {
    "read": " Needs a `SignedSession`.",
    "trade": " Needs a `SignedSession` with ``trading=True``.",
    "withdraw": " Needs a `SignedSession` with ``withdrawing=True``.",
}


def _no_function(*args: Any, **settings: Any) -> Any:
    raise TypeError("this route belongs to no public function")


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint of the exchange and the table that its answer is.

    Attributes
    ----------
    name : str
        The function's name.
    method, path : str
        As in ``GET`` and ``/futures/deals``; the path stands below the venue's ``/v2``.
    row : type of Row
        The table.
    pace : str
        The rate limit group, a key of ``pacing.LIMITS``.
    docs : str
        The exchange's page, relative to its documentation.
    single : bool
        Whether ``data`` is one object instead of a list.
    paged : bool
        Whether it takes page and limit.
    needs : {"", "read", "trade", "withdraw"}
        What it needs of the session; "" is public, all else is signed.
    weight : str
        The parameter, a list, whose items count one unit of the rate limit each; "" counts one unit a request.
    batch : bool
        Whether ``data`` holds a code, a message and data of its own for each item.
    function : callable
        The public function.
    """

    name: str
    method: str
    path: str
    row: type[Row]
    pace: str
    docs: str
    single: bool = False
    paged: bool = False
    needs: Needs = ""
    weight: str = ""
    batch: bool = False
    function: Callable[..., Any] = field(default=_no_function, repr=False, compare=False)

    @property
    def endpoint(self) -> str:
        """The endpoint as errors name it."""
        return f"{self.method} {self.path}"

    @property
    def is_secret(self) -> bool:
        """Whether a reply may hold the keys of sub-accounts: then errors show nothing of it."""
        return secret_kind(self.row) is not None or (self.path.startswith("/account/subs/") and "api" in self.path)

    @property
    def signed(self) -> bool:
        """Whether a key must sign it."""
        return bool(self.needs)


ROUTES: dict[str, Route] = {}
"""Every endpoint by its function's name."""


def route(
    endpoint: str,
    row: type[Row],
    *,
    docs: str = "",
    pace: str = "public",
    single: bool = False,
    paged: bool = False,
    needs: Needs = "",
    weight: str = "",
    batch: bool = False,
    like: Callable[..., Any] | None = None,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a decorator that enters a function into ``ROUTES`` and completes its docstring.

    Parameters
    ----------
    endpoint : str
        Such as ``"GET /futures/deals"``.
    row : type of Row
        The table that the answer is.
    docs : str, default ""
        The exchange's page, relative to its documentation.
    pace : str, default "public"
        The rate limit group.
    single : bool, default False
        Whether ``data`` is one object instead of a list.
    paged : bool, default False
        Whether the endpoint takes page and limit.
    needs : {"", "read", "trade", "withdraw"}, default ""
        What it needs of the session; "" is public.
    weight : str, default ""
        The parameter, a list, whose items count one unit of the rate limit each.
    batch : bool, default False
        Whether ``data`` holds a code, a message and data of its own for each item.
    like : callable, optional
        The model of a twin, such as ``spot_deals`` of ``futures_deals``. All settings are the model's, in the twin's
        words (``spot_order`` becomes ``futures_order``), and so is what the twin's docstring leaves out.
    """
    method, path = endpoint.split()
    draft = Route("", method, path, row, pace, docs, single, paged, needs, weight, batch)

    def enter(function: Callable[P, R]) -> Callable[P, R]:
        entry = replace(draft, name=function.__name__, function=function)
        ROUTES[entry.name] = entry = entry if like is None else _twin(entry, route_of(like))
        function.__doc__ = f"{completed(function, like)}\n\n{_block(entry)}\n"
        return function

    return enter


def _twin(entry: Route, model: Route) -> Route:
    """Return a route with the settings of its model."""
    pace, docs = (renamed(text, model.name, entry.name) for text in (model.pace, model.docs))
    settings = {name: getattr(model, name) for name in ("single", "paged", "needs", "weight", "batch")}
    return replace(entry, pace=pace, docs=entry.docs or docs, **settings)


def route_of(function: Callable[..., Any]) -> Route:
    """Return the endpoint of a public function."""
    return ROUTES[function.__name__]


def _block(entry: Route) -> str:
    """Return what a docstring ends with: the columns, and where their meaning comes from."""
    lines = column_lines(entry.row.columns(), entry.row.index_names())
    notes = f"{entry.endpoint}.{_PERMISSIONS.get(entry.needs, '')} Source: {DOCS}{entry.docs}"
    return f"Columns\n-------\n{lines}\n\nNotes\n-----\n{notes}"


def column_lines(columns: Iterable[Column], index: tuple[str, ...]) -> str:
    """Return the entries of a docstring's section on columns."""
    return "\n".join(_line(column, index) for column in columns)


def _line(column: Column, index: tuple[str, ...]) -> str:
    dtype = f"{column.kind.index_dtype}, index" if column.name in index else column.kind.dtype
    unit = f" ({column.unit})" if column.unit and column.unit not in column.kind.dtype else ""
    meaning = ": ".join(text for text in (f"{column.kind.name}{unit}", column.meaning) if text)
    return f"{column.name} : {dtype}\n{textwrap.indent(meaning, '    ')}"
