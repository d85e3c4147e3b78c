"""The buffer between a socket and its stream: collects rows, writes them into the table in bulk, notes the gaps.

The socket's thread fills it, and a `Stream` (``stream.py``) reads it for the user, under one lock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import UNSET

from coinex_pandas.errors import ColumnsChanged, Refused
from coinex_pandas.live.channel import Channel
from coinex_pandas.live.retention import Reader, Retention
from coinex_pandas.live.stats import Gap
from coinex_pandas.tables.blocks import OddCell
from coinex_pandas.tables.growing_frame import GrowingFrame, Run
from coinex_pandas.tables.structs import extra_names

if TYPE_CHECKING:
    from coinex_pandas.live.protocol.connection import Connection

__all__ = ["FLUSH", "Buffer"]

FLUSH = 256  # rows that are written at once
_NEVER = float("inf")
_NEAR = 1 << 16  # rows at the end of the table in which a late one is looked for first


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
        self.news = threading.Condition(self.lock)
        self.table = self.empty()
        self.gaps: list[Gap] = []
        self.acknowledged_at: dict[str, int] = {}
        self.readers: list[Reader] = []
        self.notices: list[tuple[str, type[Warning]]] = []
        self.error: Refused | None = None
        self.is_ended = False
        self.changed_at: int | None = None
        self.duplicates = self.late_rows = self.refilled_rows = self.missed_by_readers = 0
        self.on_loss: Callable[[], None] | None = None
        self.hold: Callable[[bool], None] = _no_hold
        self.is_held = False
        self.connection: Connection | None = None
        self._keep_rows, self._keep_ms = retention
        self._rows: list[Any] = []
        self._runs: list[Run] = []
        self._type: type = channel.row
        self._written = self._pushes = 0
        self._latest: dict[int, tuple[Any, int]] = {}
        self._open_gaps: dict[str | None, Gap] = {}
        self._target: float = _NEVER

    def empty(self, capacity: int | None = None) -> GrowingFrame:
        """Return an empty table for such rows."""
        return GrowingFrame(self.channel.row, self.markets, capacity)

    def run(self, market: str, at: int, rows: int) -> Run:
        """Return how a table counts rows of a market that came together."""
        return self._codes[market], at, rows

    @property
    def received(self) -> int:
        """Rows so far."""
        return self._written + len(self._rows)

    @property
    def messages(self) -> int:
        """Pushes so far; one with rows of several markets counts for each."""
        return self._pushes + len(self._runs)

    @property
    def latest(self) -> dict[str, tuple[Any, int]]:
        """The last row of each market and when it arrived; the lock is held."""
        self.flush()
        return {self.markets[code]: self._latest[code] for code in sorted(self._latest)}

    # ---- from the connection's side

    def acknowledge(self, market: str, at: int) -> None:
        """Note that a market's subscription works."""
        with self.lock:
            self.acknowledged_at[market] = at
            self.news.notify_all()

    def append(self, market: str, rows: Sequence[Any], at: int, changed: bool) -> None:
        """Append rows of a market, oldest first."""
        with self.lock:
            if self.is_ended:
                return
            if rows[0].__class__ is not self._type:
                self._change_type(rows[0].__class__)
            pending = self._rows
            pending += rows
            self._runs.append(self.run(market, at, len(rows)))
            if changed:
                self.changed_at = at
            if len(pending) >= FLUSH:
                self.flush()
            if self._written + len(pending) >= self._target:
                self.news.notify_all()

    def insert(self, market: str, rows: Sequence[Any], at: int) -> None:
        """Insert deals that belong before others; those that are there already are only counted."""
        with self.lock:
            if self.is_ended:
                return
            self.flush()
            for row in rows:
                self._insert_row(market, row, at)
            self.fit()

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

    def close_gap(self, market: str | None, end: int, refilled: bool, rows: int, why: str = "") -> None:
        """Close a gap; its cause also says why what was missed could not be recovered."""
        with self.lock:
            gap = self._open_gaps.pop(market, None)
            if gap is not None:
                gap.end, gap.refilled, gap.rows = end, refilled, rows
                gap.cause += f"; not recovered: {why}" if why else ""
                self.refilled_rows += rows

    def disconnect(self) -> None:
        """Note that the connection is gone."""
        if self.on_loss is not None:
            self.on_loss()

    def refuse(self, error: Refused) -> None:
        """Note that the exchange refuses the subscription."""
        with self.lock:
            self.error = error
            self.news.notify_all()

    def end(self) -> None:
        """Take no more rows; wake all who wait for them."""
        with self.lock:
            self.is_ended, self.hold = True, _no_hold
            self.flush()
            self.news.notify_all()
            for reader in self.readers:
                reader.wake()

    def end_in_child(self) -> None:
        """End in a forked process: the socket's thread does not run there, and may have held the lock."""
        self.lock = threading.Lock()
        self.news = threading.Condition(self.lock)
        self.is_ended, self.hold = True, _no_hold

    # ---- under the lock

    def flush(self) -> None:
        """Write the collected rows into the table; the lock is held."""
        rows, runs = self._rows, self._runs
        if not rows:
            return
        self._rows, self._runs = [], []
        self._written += len(rows)
        self._pushes += len(runs)
        try:
            parts = self.table.parts(rows, runs)
        except OddCell:
            rows, runs = self._clean(rows, runs)
            if not rows:
                return
            parts = self.table.parts(rows, runs)
        self._note(rows, runs)
        self.table.append(parts)
        self.fit()
        for reader in self.readers:
            reader.wake()

    def _note(self, rows: Sequence[Any], runs: Sequence[Run]) -> None:
        """Remember the last row of each market."""
        codes, stamps, lengths = zip(*runs, strict=True)
        ends = dict(zip(codes, zip(accumulate(lengths), stamps, strict=True), strict=True))
        self._latest |= {code: (rows[end - 1], at) for code, (end, at) in ends.items()}

    def fit(self) -> None:
        """Drop rows beyond the retention, but none that a reader has still to read."""
        surplus, gone = self._surplus(), self.table.gone
        for reader in self.readers:
            if reader.lags or self.is_ended:
                reader.skip_to(gone + surplus)
        unread = min((reader.place for reader in self.readers), default=gone + surplus) - gone
        if surplus:
            self.table.drop_before(min(surplus, unread))
        held = surplus > unread
        if held != self.is_held:
            self.is_held = held
            self.hold(held)

    def give_up_holding(self) -> None:
        """Drop rows although a reader has not read them; its next batch says how many it missed."""
        with self.lock:
            behind = self.table.gone + self._surplus()
            for reader in self.readers:
                reader.lags = reader.lags or reader.place < behind
            self.fit()

    def wait(self, rows: int | None, seconds: float) -> None:
        """Wait until so many rows have come, or something else happens, or so many seconds have passed."""
        with self.lock:
            self._target = min(self._target, _NEVER if rows is None else rows)
            self.news.wait(seconds)
            self._target = _NEVER  # others who wait look again within a moment

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
        for name in extra_names(row):
            if self.table.add_text(name):
                text = f"{self.channel.name}: the exchange changed its pushes: new column {name!r} (kept as text)"
                self.notices.append((text, ColumnsChanged))

    def _clean(self, rows: Sequence[Any], runs: Sequence[Run]) -> tuple[list[Any], list[Run]]:
        """Return rows without those that hold no number where one belongs; a gap says that those are lost."""
        kept: list[Any] = []
        lengths, at = [], 0
        self._written -= len(rows)
        for code, stamp, length in runs:
            before = len(kept)
            for row in rows[at : at + length]:
                if self._is_good(row, self.label(code, row), stamp):
                    kept.append(row)
                    self._written += 1
            at += length
            lengths += [(code, stamp, len(kept) - before)] if len(kept) > before else []
        return kept, lengths

    def label(self, code: int, row: Any) -> str:
        """Return the market of a row."""
        return self.markets[code]

    def _is_good(self, row: Any, market: str, at: int) -> bool:
        """Return whether a row can be written; if not, note a gap after the rows written so far."""
        for name in row.__struct_fields__:
            cell = getattr(row, name)
            if cell is None:
                setattr(row, name, UNSET)
            elif isinstance(cell, float) and not np.isfinite(cell):
                cause = f"a row of {market} has {cell!r} in column {name!r}, which is no number"
                self.gaps.append(Gap(market, at, cause, self._written, end=at, refilled=False))
                return False
        return True

    def _insert_row(self, market: str, row: Any, at: int) -> None:
        place = self.place_of(market, row)
        if place is None:
            self.duplicates += 1
            return
        run = self.run(market, at, 1)
        try:
            parts = self.table.parts([row], [run])
        except OddCell:
            if not self._is_good(row, self.label(run[0], row), at):
                return
            parts = self.table.parts([row], [run])
        self.table.insert(place, parts)
        self._written += 1
        self.late_rows += 1
        for reader in self.readers:
            reader.note_insert(self.table.gone + place, market, row, at)

    def place_of(self, market: str, row: Any) -> int | None:
        """Return where a deal belongs among its market's; None if it is there, or older than all that is kept."""
        deal_id, code = row.deal_id, self.table.code("market", market)
        for near in (_NEAR, len(self.table)):
            start = max(0, len(self.table) - near)
            mine = np.flatnonzero(self.table.column("market")[start:] == code) + start
            ids = self.table.column("deal_id")[mine]
            at = int(np.searchsorted(ids, deal_id))
            if at < len(ids) and ids[at] == deal_id:
                return None
            if at:
                return int(mine[at]) if at < len(ids) else int(mine[-1]) + 1
        if self.table.gone:
            return None
        return int(mine[0]) if len(mine) else len(self.table)


def _no_hold(_held: bool) -> None:
    """Hold nothing: there is no connection yet."""
