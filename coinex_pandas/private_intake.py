"""What the socket's thread does for a private stream beside what it does for any."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import Any

import numpy as np

from coinex_pandas.channels import Channel
from coinex_pandas.gaps import Gap
from coinex_pandas.growing_frame import GrowingFrame, Run
from coinex_pandas.intake import Intake
from coinex_pandas.keep import Keep
from coinex_pandas.private_rows import Key, ended, key_of

__all__ = ["PrivateIntake"]

_MOST_ENDED = 10_000  # of the things that have ended the newest stay among the latest


class PrivateIntake(Intake):
    """The rows of a private channel: of some markets or currencies, or of all.

    Parameters
    ----------
    channel : Channel
        Which.
    names : tuple of str
        The markets, or currencies; none for all.
    market_type : str
        Which rows of the spot socket: ``SPOT`` or ``MARGIN``; ``FUTURES`` on the other one.
    keep : (int or None, int or None)
        How many rows, or milliseconds, to hold.
    """

    def __init__(self, channel: Channel, names: tuple[str, ...], market_type: str, keep: Keep) -> None:
        super().__init__(channel, names, keep)
        self.market_type = market_type
        self._newest: dict[Key, tuple[Any, int]] = {}

    def empty(self, capacity: int | None = None) -> GrowingFrame:
        """Return a table whose rows name what they are about themselves."""
        return GrowingFrame(self.channel.row, None, capacity)

    def run(self, market: str, at: int, rows: int) -> Run:
        """Return how a table is told of rows that came together."""
        return 0, at, rows

    def newest(self) -> list[tuple[Any, int]]:
        """Return the last row of each thing and when it arrived; the lock is held."""
        self.flush()
        return list(self._newest.values())

    def repeated(self, rows: int) -> None:
        """Note rows that came again."""
        with self.lock:
            self.duplicates += rows

    def lost(self, market: str | None, start: int, cause: str) -> None:
        """Open a gap."""
        with self.lock:
            self.flush()
            self._open[None] = gap = Gap(None, start, cause, self.received)
            self.gaps.append(gap)

    # ---- under the lock

    def named(self, code: int, row: Any) -> str:
        """Return what a row is about, for words."""
        return " ".join(map(str, key_of(self.channel, row)))

    def place_of(self, market: str, row: Any) -> int | None:
        """Return where a row that was overtaken belongs: before the newest one of the same thing, deals by their time.

        None: its like have fallen out.
        """
        if self.channel.method == "user_deals":
            return self._place_of_deal(row)
        there = np.ones(len(self.table), dtype=bool)
        for name, cell in zip(self._keys(), key_of(self.channel, row), strict=True):
            stored = cell if isinstance(cell, int) else self.table.code(name, cell)
            there &= self.table.kept(name) == stored
        (mine,) = np.nonzero(there)
        return int(mine[-1]) if len(mine) else None

    def _place_of_deal(self, row: Any) -> int | None:
        times, ids = self.table.kept("created_at"), self.table.kept("deal_id")
        first, last = (int(np.searchsorted(times, row.created_at, side)) for side in ("left", "right"))
        place = first + int(np.count_nonzero(ids[first:last] < row.deal_id))
        return place if place or not self.table.gone else None

    def _keys(self) -> Sequence[str]:
        return () if self.channel.private is None else self.channel.private.key

    def _note(self, rows: Sequence[Any], runs: Sequence[Run]) -> None:
        """Remember the last row of each thing."""
        stamps = (at for _, at, length in runs for at in repeat(at, length))
        for row, at in zip(rows, stamps, strict=True):
            key = self._about(row)
            self._newest.pop(key, None)
            self._newest[key] = (row, at)
        if len(self._newest) > 2 * _MOST_ENDED:
            over = [key for key, (row, _) in self._newest.items() if ended(self.channel, row)][:-_MOST_ENDED]
            for key in over:
                del self._newest[key]

    def _about(self, row: Any) -> Key:
        """Return what the latest rows are told apart by: of deals there is one for each market."""
        return (row.market,) if self.channel.method == "user_deals" else key_of(self.channel, row)
