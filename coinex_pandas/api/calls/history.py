"""Private histories whole: what an endpoint cannot filter, or cannot give in one piece, is solved here.

Three rules: a table that takes a range of time (`ranged`), one that takes none (`listed`), and one that must be asked
for in parts, such as one type or one currency at a time (`ranged` with its parts).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from coinex_pandas.api.calls.call import Request
from coinex_pandas.api.calls.options import options
from coinex_pandas.api.calls.overlap import by_overlap, made_within
from coinex_pandas.api.calls.paging import FOREVER, Ask, Incomplete, by_keyset
from coinex_pandas.errors import CoinExError
from coinex_pandas.http.route import route_of
from coinex_pandas.http.session import Session
from coinex_pandas.tables.decoding import Page
from coinex_pandas.tables.kinds import Numbers
from coinex_pandas.tables.times import TimeLike, span

__all__ = ["AT_ONCE", "FIRST", "Parts", "history", "listed", "narrowed", "ranged"]


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


_FEW, _SOON = 5, 2.0  # requests of a history, and seconds, that pass without a progress bar


def history(
    function: Callable[..., pd.DataFrame],
    params: Mapping[str, Any],
    pages: Callable[[Ask], Iterator[pd.DataFrame]],
    *,
    expected: int | None = None,
    cut: str = "",
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return a history as one frame.

    Parameters
    ----------
    function : callable
        The public function.
    params : mapping
        What every request carries; ``market`` or ``ccy`` is named in errors.
    pages : callable
        One of the rules of ``paging.py``, given the way to ask.
    expected : int, optional
        How many requests it will take, where that is known; for the progress bar.
    cut : str, default ""
        Why the answer cannot be whole, where that is known beforehand.
    numbers, session
        As in every public function.

    Raises
    ------
    CoinExError
        What stopped it; its ``partial`` holds the rows that were read before.
    """
    about = str(params.get("market") or params.get("ccy") or "")
    request = Request(function, params, about, numbers, session)
    frames: list[pd.DataFrame] = []
    try:
        with _Progress(request, expected) as ask:
            frames.extend(pages(ask))
    except Incomplete as reason:
        cut = cut or str(reason)
    except (CoinExError, KeyboardInterrupt) as error:
        if frames:
            partial = request.finished(frames, cut=f"stopped by {type(error).__name__}", quiet=True)
            vars(error)["partial"] = partial
            error.add_note(f"{len(partial)} rows were read before it: see the error's .partial")
        raise
    return request.finished(frames or [request.route.row.empty(request.numbers)], cut=cut or request._null())


class _Progress:
    """Counts a history's requests, and shows a bar once they are more than a few."""

    def __init__(self, request: Request, expected: int | None) -> None:
        self._request, self._expected, self._bar = request, expected, None
        self._began = time.monotonic()

    def __enter__(self) -> Ask:
        return self._ask

    def __exit__(self, *details: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def _ask(self, **params: int | str | None) -> Page:
        page = self._request.ask("", **params)
        if self._bar is None and self._wanted():
            self._bar = _bar(
                f"{self._request.route.name} {self._request.about}", self._expected, self._request.sent - 1
            )
        if self._bar is not None:
            self._bar.update()
        return page

    def _wanted(self) -> bool:
        if options.progress is None and threading.current_thread() is not threading.main_thread():
            return False  # nobody waits for it: a stream catches up
        if options.progress is None:
            return self._request.sent > _FEW and time.monotonic() - self._began > _SOON
        return options.progress


def _bar(title: str, expected: int | None, done: int) -> Any:
    import warnings

    from tqdm import TqdmWarning

    with warnings.catch_warnings():
        # In a notebook without ipywidgets tqdm falls back to text and warns of it; the text is good enough.
        warnings.simplefilter("ignore", TqdmWarning)
        from tqdm.auto import tqdm

        return tqdm(desc=title, total=expected, initial=done, unit="page", leave=False)
