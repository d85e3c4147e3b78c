"""Whole histories, as many requests as they take: of an endpoint that takes a range of time, or of one that takes none.

Either can have parts, where the endpoint answers one type or one currency at a time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from coinex_pandas.api.calls.call import Call
from coinex_pandas.api.calls.options import options
from coinex_pandas.api.calls.overlap import by_overlap, within_times
from coinex_pandas.api.calls.paging import FOREVER, Ask, Incomplete, by_keyset
from coinex_pandas.errors import CoinExError, MarketClosed
from coinex_pandas.tables.decoding import Page
from coinex_pandas.tables.times import TimeLike, span

__all__ = ["AT_ONCE", "FIRST", "Parts", "history", "listed", "narrowed", "ranged"]


AT_ONCE = 100
"""Rows per request: most endpoints document no maximum, some this one, and other clients use it everywhere."""

FIRST = 2
"""Milliseconds. Which range some endpoints take when there is none is not documented, so a start is always sent."""

Parts = Iterable[Mapping[str, Any]]
"""The parts of a history: the parameters that each adds."""


def ranged(
    call: Call,
    params: Mapping[str, Any],
    parts: Parts = ({},),
    *,
    start: TimeLike | None,
    end: TimeLike | None,
    earliest: int = FIRST,
    limit: int = AT_ONCE,
) -> pd.DataFrame:
    """Return a history whose endpoint takes a range of time: every row once, oldest first.

    Parameters
    ----------
    call : Call
        The public function's.
    params : mapping
        What every request carries.
    parts : iterable of mapping, default one part
        What the requests of each part carry in addition; the parts are read one after the other.
    start, end
        As in every public function.
    earliest : int, default 2
        The start that stands for None; with 0 none is sent.
    limit : int, default 100
        Rows per request.
    """
    first, last = span(start, end)
    lower, upper = earliest if first is None else first, FOREVER if last is None else last

    def pages(ask: Ask) -> Iterator[pd.DataFrame]:
        return _part_by_part(ask, parts, lambda part: by_keyset(part, lower, upper, call.route.row.key, limit=limit))

    return history(call, params, pages)


def _part_by_part(ask: Ask, parts: Parts, rule: Callable[[Ask], Iterator[pd.DataFrame]]) -> Iterator[pd.DataFrame]:
    """Yield the rows of every part; one that cannot be read, or not whole, does not keep the others from it."""
    doubts: list[str] = []
    refusal: MarketClosed | None = None
    is_any_read = False
    for part in parts:
        try:
            yield from rule(narrowed(ask, part))
            is_any_read = True
        except Incomplete as reason:
            doubts.append(str(reason))
            is_any_read = True
        except MarketClosed as fault:
            doubts.append(f"{' '.join(map(str, part.values()))}: refused with code {fault.code} ({fault.message})")
            refusal = refusal or fault
    if refusal is not None and not is_any_read:
        raise refusal
    if doubts:
        raise Incomplete("; ".join(dict.fromkeys(doubts)))


def narrowed(ask: Ask, part: Mapping[str, Any]) -> Ask:
    """Return a way to ask for one part only."""

    def narrow(**params: Any) -> Page:
        return ask(**params, **part)

    return narrow


def listed(
    call: Call,
    params: Mapping[str, Any],
    parts: Parts = ({},),
    *,
    by: str = "created_at",
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    limit: int = AT_ONCE,
) -> pd.DataFrame:
    """Return a list whose endpoint takes no range of time: every row once, in the table's order, filtered here.

    Parameters
    ----------
    call : Call
        The public function's.
    params : mapping
        What every request carries.
    parts : iterable of mapping, default one part
        As in `ranged`.
    by : str, default "created_at"
        The column of time that `start` and `end` are about.
    start, end
        As in every public function.
    limit : int, default 100
        Rows per request.
    """
    first, last = span(start, end)
    key = call.route.row.key[0]

    def pages(ask: Ask) -> Iterator[pd.DataFrame]:
        frames = _part_by_part(ask, parts, lambda part: by_overlap(part, key, since=first, limit=limit))
        return within_times(frames, first, last, by)

    return history(call, params, pages)


_FEW, _SOON = 5, 2.0  # requests of a history, and seconds, that pass without a progress bar


def history(
    call: Call,
    params: Mapping[str, Any],
    pages: Callable[[Ask], Iterator[pd.DataFrame]],
    *,
    expected: int | None = None,
) -> pd.DataFrame:
    """Return a history as one frame.

    Parameters
    ----------
    call : Call
        The public function's.
    params : mapping
        What every request carries; ``market`` or ``ccy`` is named in errors.
    pages : callable
        One of the rules of ``paging.py`` or ``overlap.py``, which is handed the way to ask.
    expected : int, optional
        How many requests it will take, where that is known; for the progress bar.

    Raises
    ------
    CoinExError
        What stopped it; its ``partial`` holds the rows that were read before.
    """
    call.set_params(params)
    frames: list[pd.DataFrame] = []
    sink = call.session.sink_of(call.route) or frames.append
    cut = ""
    try:
        with _Progress(call, expected) as ask:
            for frame in pages(ask):
                sink(frame)
    except Incomplete as reason:
        cut = str(reason)
    except (CoinExError, KeyboardInterrupt) as error:
        if frames:
            partial = call.frame(frames, cut=f"stopped by {type(error).__name__}", quiet=True)
            vars(error)["partial"] = partial
            error.add_note(f"{len(partial)} rows were read before it: see the error's .partial")
        raise
    return call.frame(frames or [call.route.row.empty(call.numbers)], cut=cut or call.doubt())


class _Progress:
    """Counts a history's requests, and shows a bar once they are more than a few."""

    def __init__(self, call: Call, expected: int | None) -> None:
        self._call, self._expected, self._bar = call, expected, None
        self._began = time.monotonic()

    def __enter__(self) -> Ask:
        return self._ask

    def __exit__(self, *details: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def _ask(self, **params: int | str | None) -> Page:
        call = self._call
        page = call.ask(**params)
        if self._bar is None and self._is_due():
            self._bar = _bar(f"{call.route.name} {call.about}", self._expected, call.requests - 1)
        if self._bar is not None:
            self._bar.update()
        return page

    def _is_due(self) -> bool:
        if options.progress is None and threading.current_thread() is not threading.main_thread():
            return False  # nobody looks at it: a stream catches up
        if options.progress is None:
            return self._call.requests > _FEW and time.monotonic() - self._began > _SOON
        return options.progress


def _bar(title: str, expected: int | None, requests: int) -> Any:
    import warnings

    from tqdm import TqdmWarning

    with warnings.catch_warnings():
        # In a notebook without ipywidgets tqdm falls back to text and warns of it; the text is good enough.
        warnings.simplefilter("ignore", TqdmWarning)
        from tqdm.auto import tqdm

        return tqdm(desc=title, total=expected, initial=requests, unit="page", leave=False)
