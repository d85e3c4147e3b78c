"""Lists whole that know no time filter and change while they are read (orders, stop orders): rules only, no sockets.

A request can only say "page p of n rows". A row that is added in front pushes others onto the next page, where they
come again; one that is removed pulls others onto the page before, which was read already. So each page is chosen such
that it begins with some rows of the one before: as long as one of these comes, no row lies between the two pages. When
none comes, more rows were removed than the pages overlap, and the next request begins further in front.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from coinex_pandas.api.calls.paging import LEAST, PAGE, Ask, Incomplete, stamps
from coinex_pandas.tables.decoding import Page

__all__ = ["by_overlap", "within_times"]

_SHARE = 50  # one row of so many overlaps; with what page sizes leave over it costs some 6% more requests
_MOST_PAGES = 10_000  # a server that always says "more" must not hold a caller for ever
_IDLE = 10  # pages without a new row, after which a server that says "more" is not believed
_NOTHING_NEW = "the exchange promised more, and its pages held earlier rows again and no other"


class _Window(NamedTuple):
    """Which rows a request is for: page ``number`` of ``size`` rows."""

    number: int
    size: int

    @property
    def first(self) -> int:
        return (self.number - 1) * self.size

    @property
    def stop(self) -> int:
        return self.number * self.size


def by_overlap(ask: Ask, key: str, *, since: int | None = None, limit: int = PAGE) -> Iterator[pd.DataFrame]:
    """Yield the rows of a list that were there at the first request, each once, and perhaps some later ones.

    Parameters
    ----------
    ask : Ask
        Takes ``page`` and ``limit``.
    key : str
        The column that tells two rows apart.
    since : int, optional
        Milliseconds. Where the list has proved to be sorted, newest first, reading stops with the first page whose
        rows were all made and changed before; older rows of that page are yielded, too.
    limit : int, default 1000
        Rows per request.

    Notes
    -----
    ``has_next`` is believed only where a page is as long as pages are. One that is shorter and promises more is
    followed by one request for the page after it: if that is empty, the list is whole.

    Raises
    ------
    Incomplete
        The exchange promised more and sent nothing new.
    """
    reading = _Reading(limit)
    for _ in range(_MOST_PAGES):
        window = reading.next_window()
        page = ask(page=window.number, limit=window.size)
        labels = _labels(page.frame, key)
        if reading.leaves_a_hole(window, labels):
            reading.step_back()
            continue
        fresh = reading.enter(window, page, labels)
        yield page.frame[fresh]
        if reading.is_last(window, page) or (reading.falls and _is_older(page, since)):
            break
        if reading.is_doubtful(window, page):
            following = ask(page=window.number + 1, limit=window.size)
            if not following.rows:
                break  # it promised more, and there is none
            if not reading.has_new(_labels(following.frame, key)):
                raise Incomplete(_NOTHING_NEW)
        if reading.idle == _IDLE:
            raise Incomplete(_NOTHING_NEW)
        reading.go_on(window, page)
    else:
        raise Incomplete(f"the exchange still promised more after {_MOST_PAGES} pages")
    if not reading.overlapped:
        raise Incomplete(
            f"pages of {reading.most} rows could not all overlap, so rows may be missing if others were removed"
        )


class _Reading:
    """How far a list is read.

    Parameters
    ----------
    limit : int
        Rows per request.
    """

    def __init__(self, limit: int) -> None:
        self._limit = self.most = limit
        self._labels: set[Any] = set()
        self._read = self._furthest = self._overlap = self._longest = 0
        self.idle = 0
        self.falls = self.overlapped = True

    def next_window(self) -> _Window:
        """Return what to ask for next."""
        return _window(self._read, self.most, self._overlap)

    def leaves_a_hole(self, window: _Window, labels: Sequence[Any]) -> bool:
        """Return whether none of the rows came before, though some should have: rows may lie between."""
        return 0 < window.first < self._read and self._labels.isdisjoint(labels)

    def step_back(self) -> None:
        """Begin further in front next time."""
        self._overlap *= 4

    def enter(self, window: _Window, page: Page, labels: Sequence[Any]) -> np.ndarray[Any, Any]:
        """Enter the rows of a page, and return which of them are new."""
        fresh = np.array([label not in self._labels for label in labels], dtype=bool)
        self._labels.update(labels)
        self.overlapped = self.overlapped and not 0 < window.first == self._read
        self.falls = self.falls and page.direction in (-1, 0)
        self._longest = max(self._longest, page.rows)
        self.idle = 0 if fresh.any() or window.stop <= self._furthest else self.idle + 1
        return fresh

    def is_last(self, window: _Window, page: Page) -> bool:
        """Return whether nothing is left; a full page is never believed to be the last one.

        Without a pagination block a page is the last when it is shorter than the request says. At the very first one it
        is unclear how long the exchange makes pages, but surely not shorter than its own default.
        """
        if page.rows == 0:
            return True
        if page.has_next is None:
            is_first = window.number == 1 and self.most == self._limit
            return page.rows < (min(LEAST, window.size) if is_first else window.size)
        return not page.has_next and page.rows < window.size

    def is_doubtful(self, window: _Window, page: Page) -> bool:
        """Return whether a page that promises more is shorter than pages are, so that it should be the last."""
        return bool(page.has_next) and page.rows < min(window.size, max(self._longest, LEAST))

    def has_new(self, labels: Sequence[Any]) -> bool:
        """Return whether some rows did not come before."""
        return not self._labels.issuperset(labels)

    def go_on(self, window: _Window, page: Page) -> None:
        """Move on to the end of a page."""
        if page.rows < window.size:  # the exchange makes shorter pages
            self.most = min(self.most, page.rows)
        self._read = (window.number - 1) * min(window.size, page.rows) + page.rows
        self._furthest = max(self._furthest, self._read)
        self._overlap = max(1, self.most // _SHARE)


def _window(read: int, most: int, overlap: int) -> _Window:
    """Return the page that begins ``overlap`` rows or more before what is read, and reaches furthest beyond it."""
    behind = read - overlap
    steps_back = overlap > max(1, most // _SHARE)
    if behind <= 0 and (steps_back or most > read):
        return _Window(1, most)
    windows = [_Window(behind // size + 1, size) for size in range(most, 1, -1)]
    onward = [window for window in windows if window.stop > read or steps_back]
    free = [window for window in onward if not _is_wall(window.stop, most)]
    return max(free or onward, key=lambda window: window.stop, default=_Window(read // most + 1, most))


def _is_wall(row: int, most: int) -> bool:
    """Return whether pages of every size end there, so that none overlaps it: 2520 rows and pages of ten."""
    return not any(row % size for size in range(most, 1, -1))


def _labels(frame: pd.DataFrame, key: str) -> list[Any]:
    column = frame.index if frame.index.name == key else frame[key]
    labels: list[Any] = column.tolist()
    return labels


def within_times(
    frames: Iterable[pd.DataFrame], start: int | None, end: int | None, by: str = "created_at"
) -> Iterator[pd.DataFrame]:
    """Yield the rows of which a time is in ``[start, end)``, in milliseconds; all of them without both."""
    if start is None and end is None:
        yield from frames
        return
    for frame in frames:
        times = _milliseconds(frame, by)
        inside = np.ones(len(frame), dtype=bool)
        if start is not None:
            inside &= times >= start
        if end is not None:
            inside &= times < end
        yield frame if inside.all() else frame[inside]


def _milliseconds(frame: pd.DataFrame, name: str) -> np.ndarray[Any, Any]:
    if frame.index.name == name:
        return stamps(frame)
    return np.asarray(pd.DatetimeIndex(frame[name]).asi8)


def _is_older(page: Page, since: int | None) -> bool:
    """Return whether a page lies before a time entirely; in a list sorted newest first, all that follows does, too.

    By which time the exchange sorts is not documented: behind an order that was made before that time and finished
    after it, newer ones may follow. So both times of every row must be before it.
    """
    if since is None or not page.rows:
        return False
    names = [name for name in ("created_at", "updated_at") if name in (page.frame.index.name, *page.frame)]
    # Where a time is missing its number is the lowest of all.
    return all(bool(_milliseconds(page.frame, name).max() < since) for name in names)
