"""Histories whole, from answers that hold at most a page: rules only, no sockets.

A request is a call of ``ask(start_time=, end_time=, ...) -> Page``. Ranges are ``[start, end)`` in
milliseconds; the exchange does not say whether its own bounds are included, so every request reaches one step
further and what is outside is dropped here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd

from coinex_pandas.tables.decoding import Page
from coinex_pandas.tables.times import unix_ms

__all__ = ["Ask", "Incomplete", "by_keyset", "by_windows", "joined"]

PAGE = 1000
"""Rows per request: the documented maximum of candles and deals, and what other clients use elsewhere."""

LEAST = 10
"""Rows of a page when the request does not say how many: the exchange surely makes no shorter pages."""

BEGINNING, FOREVER = 0, 2**62
_MOST_PAGES = 10_000  # a server that always says "more" must not hold a caller for ever


class Ask(Protocol):
    """Sends one request of a history."""

    def __call__(self, **params: int | str | None) -> Page:
        """Return one answer."""


class Incomplete(Exception):
    """Raised into a history's consumer: the rows so far are all there will be, and why."""


def stamps(frame: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return a frame's times in milliseconds."""
    return pd.DatetimeIndex(frame.index).asi8


def time_of(page: Page) -> int:
    """Return when an answer was made, in milliseconds by the venue's clock: ranges are bound to that."""
    return unix_ms(pd.Timestamp.now("UTC") if page.at is None else page.at)


def within(frame: pd.DataFrame, start: int, end: int) -> pd.DataFrame:
    """Return the rows of ``[start, end)``."""
    first, last = np.searchsorted(stamps(frame), [start, end])
    return frame if first == 0 and last == len(frame) else frame.iloc[first:last]


def by_windows(
    ask: Ask, start: int, end: int, step: int, *, most: int = PAGE, is_past: bool = False
) -> Iterator[pd.DataFrame]:
    """Yield the rows of a regular series (candles), newest window first.

    A window holds at most ``most`` steps, edges included, so that no answer is cut. If the first window is empty, the
    end may lie in the future: one request for the newest rows of all says where to go on, however far away that is.
    Any other empty window is followed by one request for everything before it: markets are younger than some starts.

    Parameters
    ----------
    ask : Ask
        Takes ``start_time``, ``end_time`` and ``limit``.
    start, end : int
        Milliseconds, the end not included.
    step : int
        Milliseconds between two rows.
    most : int, default 1000
        The most rows of an answer.
    is_past : bool, default False
        Whether there are rows after the end, so that it does not lie in the future.
    """
    older_exist = False
    while end > start:
        lower = max(start, end - (most - 2) * step)
        rows = within(ask(start_time=max(0, lower - step), end_time=end, limit=most).frame, lower, end)
        if len(rows):
            yield rows
        elif not is_past and (newest := _newest_before(ask, lower, most)) is not None:
            yield within(newest, start, end)
            if len(newest) < most:  # these are all
                return
            lower = int(stamps(newest)[0])
        elif lower > start and not older_exist:
            if not ask(start_time=max(0, start - 1), end_time=lower, limit=most).rows:
                return
            older_exist = True
        older_exist = older_exist and not len(rows)
        end, is_past = lower, True


def _newest_before(ask: Ask, end: int, most: int) -> pd.DataFrame | None:
    """Return the newest rows of all where they lie before a time, or where there are none."""
    newest = ask(limit=most).frame
    return newest if not len(newest) or stamps(newest)[-1] < end else None


def by_keyset(ask: Ask, start: int, end: int, key: Sequence[str], *, limit: int = PAGE) -> Iterator[pd.DataFrame]:
    """Yield the rows of a page/limit history so that nothing depends on two pages fitting together.

    Always page 1 of what is still missing: rows that appear between two requests cannot shift it. The outermost
    millisecond of an answer may be cut in two, so its rows are left to the next request.

    Parameters
    ----------
    ask : Ask
        Takes ``start_time``, ``end_time``, ``page`` and ``limit``.
    start, end : int
        Milliseconds, the end not included; ``BEGINNING`` and ``FOREVER`` for open ends.
    key : sequence of str
        The columns that distinguish two rows; empty where there are none.
    limit : int, default 1000
        Rows per request.

    Raises
    ------
    Incomplete
        Some rows could not be distinguished from repeated ones.
    """
    direction, largest = 0, 0  # as far as pages have shown: their order, the most rows of one
    doubt: Incomplete | None = None
    while end > start:
        page = _ask_between(ask, start, end, 1, limit)
        rows = within(page.frame, start, end)
        if _is_last(page, limit, largest):
            yield rows
            break
        direction, largest = page.direction or direction, max(largest, page.rows)
        if _reaches_beyond(page, direction, start, end):
            yield rows
            break
        if not len(rows) or page.direction is None or not direction:
            yield from _by_number(ask, start, end, key, limit)
            break
        first, last = int(stamps(rows)[0]), int(stamps(rows)[-1])
        whole, left = ((first + 1, end), (start, first + 1)) if direction < 0 else ((start, last), (last, end))
        if left == (start, end):  # the page holds one millisecond, at the edge
            moment = first if direction < 0 else last
            try:
                yield from _by_number(ask, moment, moment + 1, key, limit)
            except Incomplete as reason:
                doubt = reason  # of one millisecond; the rest can still be read
            left = (start, moment) if direction < 0 else (moment + 1, end)
        else:
            yield within(rows, *whole)
        start, end = left
    if doubt is not None:
        raise doubt


def _ask_between(ask: Ask, start: int, end: int, page: int, limit: int) -> Page:
    return ask(
        start_time=None if start <= BEGINNING else start - 1,
        end_time=None if end >= FOREVER else end,
        page=page,
        limit=limit,
    )


def _reaches_beyond(page: Page, direction: int, start: int, end: int) -> bool:
    """Return whether a sorted page goes on behind the range's far end, so that it holds all of the range."""
    if page.direction is None or not direction:
        return False
    return bool(stamps(page.frame)[0] < start if direction < 0 else stamps(page.frame)[-1] >= end)


def _is_last(page: Page, limit: int, largest: int) -> bool:
    """Return whether nothing is left.

    A full page is never believed to be the last one. Without a pagination block a page is the last when it
    is shorter than one that came before, or than the exchange's own default: how long it makes pages is not documented.
    """
    if page.has_next is None:
        return page.rows < max(largest, LEAST) or page.rows == 0
    return page.rows == 0 or (not page.has_next and page.rows < limit)


def _by_number(ask: Ask, start: int, end: int, key: Sequence[str], limit: int) -> Iterator[pd.DataFrame]:
    """Yield pages by their number: for rows of one millisecond, or an order that cannot be followed.

    Rows that were inserted meanwhile push earlier ones onto the next page, where they come again.
    """
    labels_before: set[tuple[object, ...]] = set()
    doubtful, largest = False, 0
    for number in range(1, _MOST_PAGES + 1):
        page = _ask_between(ask, start, end, number, limit)
        labels = _labels(page.frame, key)
        fresh = np.array([number == 1 or label not in labels_before for label in labels], dtype=bool)
        labels_before.update(labels)
        yield within(page.frame[fresh], start, end)
        doubtful |= not key and len(within(page.frame[~fresh], start, end)) > 0
        if _is_last(page, limit, largest):
            break
        if not fresh.any():
            raise Incomplete(f"the exchange promised more, and page {number} held earlier rows again and no other")
        largest = max(largest, page.rows)
    else:
        raise Incomplete(f"the exchange still promised more after {_MOST_PAGES} pages")
    if doubtful:
        raise Incomplete("equal rows stood on two pages, and the table has no key that distinguishes them")


def _labels(rows: pd.DataFrame, key: Sequence[str]) -> list[tuple[object, ...]]:
    """Return what distinguishes rows; a column that begins with an underscore is none of the exchange's."""
    names = list(key) or [str(rows.index.name), *(name for name in rows.columns if not name.startswith("_"))]
    columns = [stamps(rows).tolist() if name == rows.index.name else _comparable(rows[name]) for name in names]
    return list(zip(*columns, strict=True))


def _comparable(column: pd.Series[Any]) -> list[object]:
    """Return a column's cells; None for what is missing, because NaN is equal to nothing."""
    missing = column.isna().to_numpy()
    cells: list[object] = column.tolist()
    return (
        [None if is_missing else cell for cell, is_missing in zip(cells, missing, strict=True)]
        if missing.any()
        else cells
    )


def joined(frames: Sequence[pd.DataFrame], key: Sequence[str], order: Sequence[str] = ()) -> pd.DataFrame:
    """Return frames of one table as one, in time order (or that of the columns named), each key once.

    Categories that differ from page to page are united first; otherwise pandas would fall back to plain text.
    """
    filled = [frame for frame in frames if len(frame)] or list(frames[:1])
    if len(filled) == 1:
        return filled[0]
    whole = pd.concat(_same_columns(_same_categories(sorted(filled, key=_first_time))))
    times = stamps(whole) if isinstance(whole.index, pd.DatetimeIndex) else None
    if times is not None and not (times[1:] >= times[:-1]).all():
        whole = whole.sort_index(kind="stable")
    if times is None and order:
        whole = whole.sort_values(list(order), kind="stable")
    if not key:
        return whole
    repeated = whole.reset_index()[list(key)].duplicated() if not _is_index(whole, key) else whole.index.duplicated()
    return whole[~np.asarray(repeated)] if repeated.any() else whole


def _first_time(frame: pd.DataFrame) -> int:
    return int(stamps(frame)[0]) if isinstance(frame.index, pd.DatetimeIndex) else 0


def _is_index(frame: pd.DataFrame, key: Sequence[str]) -> bool:
    return list(key) == list(frame.index.names)


def _same_columns(frames: list[pd.DataFrame]) -> list[pd.DataFrame]:
    """Return frames with the columns of all: one page may carry a new column that another lacks."""
    names = list(dict.fromkeys(name for frame in frames for name in frame.columns))
    return [frame if list(frame.columns) == names else frame.reindex(columns=names) for frame in frames]


def _same_categories(frames: list[pd.DataFrame]) -> list[pd.DataFrame]:
    first, *rest = frames
    for name in first.columns[[isinstance(dtype, pd.CategoricalDtype) for dtype in first.dtypes]]:
        if all(frame.dtypes[name] is first.dtypes[name] for frame in rest):
            continue
        words = pd.api.types.union_categoricals([frame[name] for frame in frames]).categories
        frames = [frame.assign(**{name: frame[name].cat.set_categories(words)}) for frame in frames]
    return frames
