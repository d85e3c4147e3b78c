"""Private histories whole: what an endpoint cannot filter, or cannot give in one piece, is solved here.

Three rules: a table that takes a range of time (`ranged`), one that takes none (`listed`), and one that must be asked
for in parts, such as one type or one currency at a time (`ranged` with its parts).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from coinex_pandas.answers import history
from coinex_pandas.options import Numbers
from coinex_pandas.overlapping import by_overlap, made_within
from coinex_pandas.paging import FOREVER, Ask, Incomplete, by_keyset
from coinex_pandas.reading import Page
from coinex_pandas.route import route_of
from coinex_pandas.session import Session
from coinex_pandas.times import TimeLike, span

__all__ = ["AT_ONCE", "FIRST", "Parts", "listed", "narrowed", "ranged"]

AT_ONCE = 100
"""Rows asked for at once: most pages name no maximum, some this one, and other clients live with it everywhere."""

FIRST = 2
"""Milliseconds: which range some pages take when they are told none is not documented; so they are told a start."""

Parts = Iterable[Mapping[str, Any]]
"""What tells the parts of a history apart: the parameters of each."""


def ranged(
    function: Callable[..., pd.DataFrame],
    params: Mapping[str, Any],
    parts: Parts = ({},),
    *,
    start: TimeLike | None,
    end: TimeLike | None,
    numbers: Numbers | None,
    session: Session | None,
) -> pd.DataFrame:
    """Return a history whose endpoint takes a range of time: every row once, oldest first.

    Parameters
    ----------
    function : callable
        The public function.
    params : mapping
        What every request carries.
    parts : iterable of mapping, default one part
        What each part adds, where the endpoint must be asked for parts one after the other.
    start, end, numbers, session
        As in every public function.
    """
    first, last = span(start, end)
    lower, upper = FIRST if first is None else first, FOREVER if last is None else last
    key = route_of(function).row.key

    def pages(ask: Ask) -> Iterator[pd.DataFrame]:
        return _part_by_part(ask, parts, lambda part: by_keyset(part, lower, upper, key, limit=AT_ONCE))

    return history(function, params, pages, numbers=numbers, session=session)


def _part_by_part(ask: Ask, parts: Parts, rule: Callable[[Ask], Iterator[pd.DataFrame]]) -> Iterator[pd.DataFrame]:
    """Yield the rows of every part; one that cannot be read whole does not keep the others from it."""
    doubt: Incomplete | None = None
    for part in parts:
        try:
            yield from rule(narrowed(ask, part))
        except Incomplete as reason:
            doubt = doubt or reason
    if doubt is not None:
        raise doubt


def narrowed(ask: Ask, part: Mapping[str, Any]) -> Ask:
    """Return a way to ask for one part only."""

    def narrow(**params: Any) -> Page:
        return ask(**params, **part)

    return narrow


def listed(
    function: Callable[..., pd.DataFrame],
    params: Mapping[str, Any],
    parts: Parts = ({},),
    *,
    by: str = "created_at",
    limit: int = AT_ONCE,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    numbers: Numbers | None,
    session: Session | None,
) -> pd.DataFrame:
    """Return a list whose endpoint takes no range of time: every row once, in the table's order, filtered here.

    Parameters
    ----------
    function : callable
        The public function.
    params : mapping
        What every request carries.
    parts : iterable of mapping, default one part
        As in `ranged`.
    by : str, default "created_at"
        The column of time that `start` and `end` are about.
    limit : int, default 100
        Rows asked for at once.
    start, end, numbers, session
        As in every public function.
    """
    first, last = span(start, end)
    key = route_of(function).row.key[0]

    def pages(ask: Ask) -> Iterator[pd.DataFrame]:
        frames = _part_by_part(ask, parts, lambda part: by_overlap(part, key, since=first, limit=limit))
        return made_within(frames, first, last, by)

    return history(function, params, pages, numbers=numbers, session=session)
