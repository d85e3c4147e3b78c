"""The buffer between a socket and its stream: collects rows, writes them into the table in bulk, notes the gaps.

The socket's thread fills it, and a `Stream` (``stream.py``) reads it for the user, under one lock. Readers write the
rows that wait, too, and Ctrl-C may end that at any place: whatever a reader changes is prepared first and takes effect
by one assignment, so that a row is either in the table or still waits. What cannot be like that (rows inserted before
others, or moved in place) only the socket's thread does, which nobody interrupts.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from coinex_pandas.errors import ColumnsChanged, Refused
from coinex_pandas.live.channel import Channel
from coinex_pandas.live.late_rows import place_of_deal, together
from coinex_pandas.live.retention import Reader, Retention
from coinex_pandas.live.stats import Gap, gap_of_row
from coinex_pandas.tables.blocks import OddCell
from coinex_pandas.tables.growing_frame import GrowingFrame, Run
from coinex_pandas.tables.structs import extra_names
from coinex_pandas.tables.unknown_columns import MOST_EXTRAS

if TYPE_CHECKING:
    import pandas as pd

    from coinex_pandas.live.protocol.connection import Connection
    from coinex_pandas.live.protocol.observer import BufferObserver

__all__ = ["FLUSH", "Buffer"]

FLUSH = 256  # rows that are written at once
_NEVER = float("inf")


T = TypeVar("T")


class _Waiting(NamedTuple):
    """The rows that are not in the table yet, and what there was before them.

    The table takes the next such object as a note, at the same instant as the rows.
    """

    rows: list[Any]
    runs: list[Run]
    gaps: list[Gap]
    written: int = 0
    pushes: int = 0


class Buffer:
    """The rows of some markets of a channel, their state and their gaps.

    Parameters
    ----------
    channel : Channel
        Which.
    markets : tuple of str
        Whose rows.
    retention : Retention
        How much the table keeps.
    """

    def __init__(self, channel: Channel, markets: tuple[str, ...], retention: Retention) -> None:
        self.channel = channel
        self.markets = markets
        self._codes = {market: code for code, market in enumerate(markets)}
        self.lock = threading.Lock()
        self.table = self.empty()
        self.table.arrays.put_note(_Waiting([], [], []))
        # These two by the clock that never jumps: they are looked at to know how long something lasts.
        self.acknowledged_at: dict[str, float] = {}
        self.changed_at: float | None = None
        self.unheard: dict[str, float] = {}  # markets that have sent nothing since they were acknowledged
        self.readers: weakref.WeakSet[Reader] = weakref.WeakSet()  # one that was interrupted goes by itself
        self.notices: list[tuple[str, type[Warning]]] = []
        self.error: Refused | None = None
        self.is_ended = False
        self.observers: tuple[BufferObserver, ...] = ()
        self.duplicates = self.late_rows = self.refilled_rows = self.missed_by_readers = 0
        self.on_loss: Callable[[], None] | None = None
        self.hold: Callable[[bool], None] = _no_hold
        self.is_held = False
        self.connection: Connection | None = None
        self._keep_rows, self._keep_ms = retention
        self._type: type = channel.row
        self._is_loose = False  # rows have fallen out that the socket's thread should clear away
        self._waiters: list[Any] = []
        self._latest: dict[int, tuple[Any, int]] = {}
        self._open_gaps: dict[str | None, Gap] = {}
        self._target: float = _NEVER

    def empty(self, capacity: int | None = None) -> GrowingFrame:
        """Return an empty table for such rows."""
        return GrowingFrame(self.channel.row, self.markets, capacity)

    def run(self, market: str, at: int, rows: int) -> Run:
        """Return how a table counts rows of a market that came together."""
        return self._codes[market], at, rows

    def locked(self, work: Callable[[], T]) -> T:
        """Return what a function returns that is called under the lock, from any thread.

        One line, or an interrupt could strike when the lock is about to be released, and nobody would release it.
        """
        with self.lock: return work()  # noqa: E701  # fmt: skip

    @property
    def _waiting(self) -> _Waiting:
        waiting: _Waiting = self.table.arrays.extent.note
        return waiting

    @property
    def gaps(self) -> list[Gap]:
        """What was missed so far."""
        return self._waiting.gaps

    @property
    def received(self) -> int:
        """Rows so far."""
        waiting = self._waiting
        return waiting.written + len(waiting.rows)

    @property
    def messages(self) -> int:
        """Pushes so far; one with rows of several markets counts for each."""
        waiting = self._waiting
        return waiting.pushes + len(waiting.runs)

    def frame(self) -> pd.DataFrame:
        """Return the table so far; the lock is held."""
        self.flush()
        return self.table.frame()

    def latest(self) -> dict[str, tuple[Any, int]]:
        """Return the last row of each market and when it arrived; the lock is held."""
        self.flush()
        return {self.markets[code]: self._latest[code] for code in sorted(self._latest)}

    # ---- from the connection's side

    def acknowledge(self, market: str, at: int) -> None:
        """Note that a market's subscription works."""
        with self.lock:
            self.acknowledged_at[market] = self.unheard[market] = time.monotonic()
            self._wake_waiters()

    def append(self, market: str, rows: Sequence[Any], at: int, changed: bool) -> None:
        """Append rows of a market, oldest first."""
        with self.lock:
            if self.is_ended:
                return
            if rows[0].__class__ is not self._type:
                self._change_type(rows[0].__class__)
            waiting: _Waiting = self.table.arrays.extent.note
            pending = waiting.rows
            pending += rows
            waiting.runs.append(self.run(market, at, len(rows)))
            if changed:
                self.changed_at = time.monotonic()
            if self.unheard:
                self.unheard.pop(market, None)
            if len(pending) >= FLUSH or self._is_loose:
                self.flush(in_place=True)
            if waiting.written + len(pending) >= self._target:
                self._wake_waiters()

    def insert(self, market: str, rows: Sequence[Any], at: int) -> None:
        """Insert deals that belong before others; those that are there already are only counted."""
        with self.lock:
            if self.is_ended:
                return
            self.flush()
            while rows:
                rows = rows[self._insert_first(market, rows, at) :]
            self.fit(in_place=True)

    def open_gap(self, market: str | None, start: int, cause: str) -> None:
        """Open a gap."""
        with self.lock:
            self.flush()  # which finds the rows that cannot be written: they do not count
            gap = Gap(market, start, cause, self.received)
            last = self.gaps[-1] if self.gaps else gap
            if market is None and (last.market, last.after_row, last.end is None) == (None, gap.after_row, False):
                gap = last  # one bad frame after another is one gap
            else:
                self.gaps.append(gap)
            self._open_gaps[market] = gap
            for each in self.observers:
                each.open_gap(market, start, cause)

    def close_gap(self, market: str | None, end: int, refilled: bool, rows: int, why: str = "") -> None:
        """Close a gap; its cause also says why what was missed could not be recovered."""
        with self.lock:
            gap = self._open_gaps.pop(market, None)
            if gap is not None:
                gap.end = max(end, gap.start)  # a wall clock that was set back meanwhile
                gap.refilled, gap.rows = refilled, rows
                gap.cause += f"; not recovered: {why}" if why else ""
                self.refilled_rows += rows
                for each in self.observers:
                    each.close_gap(market, gap.end, refilled, rows, why)

    def disconnect(self) -> None:
        """Note that the connection is gone."""
        if self.on_loss is not None:
            self.on_loss()

    def refuse(self, error: Refused) -> None:
        """Note that the exchange refuses the subscription."""
        with self.lock:
            self.error = error
            self._wake_waiters()
            for each in self.observers:
                each.refuse(error)

    def end(self) -> None:
        """Take no more rows; wake all who wait for them."""
        self.locked(self._end)

    def _end(self) -> None:
        self.is_ended, self.hold = True, _no_hold
        self.flush()
        self._wake_waiters()
        for each in self.observers:
            each.end()

    def end_in_child(self) -> None:
        """End in a forked process: the socket's thread does not run there, and may have held the lock."""
        self.lock, self.observers = threading.Lock(), ()
        self.is_ended, self.hold = True, _no_hold

    # ---- under the lock

    def flush(self, *, in_place: bool = False) -> None:
        """Write the collected rows into the table; the lock is held.

        Parameters
        ----------
        in_place : bool, default False
            Whether rows may move within their memory: only on the socket's thread, where nothing can interrupt that.
        """
        waiting = self._waiting
        rows, runs, gaps = waiting.rows, waiting.runs, waiting.gaps
        if not rows:
            return
        try:
            parts = self.table.parts(rows, runs)
        except OddCell:
            rows, runs, gaps = self._clean(waiting)
            parts = self.table.parts(rows, runs) if rows else []
        rest = _Waiting([], [], gaps, waiting.written + len(rows), waiting.pushes + len(waiting.runs))
        if not rows:
            self.table.arrays.put_note(rest)
            return
        self._note(rows, runs)
        self.table.append(parts, rest, in_place=in_place)
        self.fit(in_place=in_place)
        self._wake_readers()

    def _wake_readers(self) -> None:
        for reader in self.readers:
            reader.wake()

    def _wake_waiters(self) -> None:
        waiters, self._waiters, self._target = self._waiters, [], _NEVER
        for waiter in waiters:
            waiter.release()

    def _note(self, rows: Sequence[Any], runs: Sequence[Run]) -> None:
        """Remember the last row of each market; the same rows may come once more, when a flush was interrupted."""
        codes, stamps, lengths = zip(*runs, strict=True)
        ends = dict(zip(codes, zip(accumulate(lengths), stamps, strict=True), strict=True))
        self._latest |= {code: (rows[end - 1], at) for code, (end, at) in ends.items()}

    def fit(self, *, in_place: bool = False) -> None:
        """Drop rows beyond the retention, but none that a reader has still to read; the lock is held."""
        surplus, gone = self._surplus(), self.table.gone
        for reader in self.readers:
            if reader.lags or self.is_ended:
                reader.skip_to(gone + surplus)
        unread = min((reader.place for reader in self.readers), default=gone + surplus) - gone
        if surplus or self._is_loose:
            self.table.drop_before(min(surplus, unread), in_place=in_place)
            self._is_loose = self.table.is_loose
        held = surplus > unread
        if held != self.is_held:
            self.hold(held)
            self.is_held = held

    def give_up_holding(self) -> None:
        """Drop rows although a reader has not read them; its next batch says how many it missed."""
        with self.lock:
            behind = self.table.gone + self._surplus()
            for reader in self.readers:
                reader.lags = reader.lags or reader.place < behind
            self.fit(in_place=True)

    def wait(self, rows: int | None, seconds: float) -> None:
        """Wait until so many rows have come, or something else happens, or so many seconds have passed.

        It takes no lock, so that an interrupt leaves none behind. Very seldom it misses what happens at the same
        instant: who waits looks again after a while.
        """
        waiter = threading.Lock()
        waiter.acquire()
        self._waiters.append(waiter)
        target = _NEVER if rows is None else rows
        self._target = min(self._target, target)
        if self.received < target:
            waiter.acquire(timeout=seconds)

    def _surplus(self) -> int:
        count = len(self.table)
        if self._keep_rows is not None:
            return max(0, count - self._keep_rows)
        if self._keep_ms is None or not count:
            return 0
        # A late row has a later stamp than its neighbours: the search may then keep more than it must, never less.
        stamps = self.table.column("received_at")
        return int(np.searchsorted(stamps, stamps[-1] - self._keep_ms))

    def _change_type(self, row: type) -> None:
        """Continue with rows that have other columns."""
        self.flush()
        self._type = row
        names = extra_names(row)
        for name in names:
            if self.table.add_text(name):
                text = f"{self.channel.name}: the exchange changed its pushes: new column {name!r} (kept as text)"
                if len(names) == MOST_EXTRAS and name == names[-1]:
                    text += "; there are so many that others are left out"
                self.notices.append((text, ColumnsChanged))

    def _clean(self, waiting: _Waiting) -> tuple[list[Any], list[Run], list[Gap]]:
        """Return rows without those that hold no number where one belongs, and gaps which say that those are lost."""
        kept: list[Any] = []
        lengths, gaps, at = [], list(waiting.gaps), 0
        for code, stamp, length in waiting.runs:
            before = len(kept)
            for row in waiting.rows[at : at + length]:
                gap = gap_of_row(row, self.label(code, row), stamp, waiting.written + len(kept))
                if gap is None:
                    kept.append(row)
                else:
                    gaps.append(gap)
            at += length
            lengths += [(code, stamp, len(kept) - before)] if len(kept) > before else []
        return kept, lengths, gaps

    def label(self, code: int, row: Any) -> str:
        """Return the market of a row."""
        return self.markets[code]

    def _insert_first(self, market: str, rows: Sequence[Any], at: int) -> int:
        """Insert the first of some rows, and those behind it that belong to the same place; return how many."""
        place, stop = self.place_of(market, rows[0])
        if place is None:
            self.duplicates += 1
            return 1
        batch, (code, *_) = together(rows, stop), self.run(market, at, 1)
        pairs = [(row, gap_of_row(row, self.label(code, row), at, self._waiting.written)) for row in batch]
        self.gaps.extend(gap for _, gap in pairs if gap is not None)
        good = [row for row, gap in pairs if gap is None]
        if good:
            self._insert_at(place, market, good, at)
        return len(batch)

    def _insert_at(self, place: int, market: str, rows: Sequence[Any], at: int) -> None:
        self.table.insert(place, self.table.parts(rows, [self.run(market, at, len(rows))]))
        waiting = self._waiting
        self.table.arrays.put_note(waiting._replace(written=waiting.written + len(rows)))
        self.late_rows += len(rows)
        for reader in self.readers:
            for number, row in enumerate(rows):
                reader.note_insert(self.table.gone + place + number, market, row, at)

    def place_of(self, market: str, row: Any) -> tuple[int | None, float | None]:
        """Return where a row belongs, and the id of the one behind it; see ``late_rows.py``."""
        return place_of_deal(self.table, market, row.deal_id)


def _no_hold(_held: bool) -> None:
    """Hold nothing: there is no connection yet."""
