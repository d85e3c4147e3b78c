"""A stream of one's own orders, deals, balances or positions, and its buffer."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import Any

import numpy as np
import pandas as pd

from coinex_pandas.http.session import Session
from coinex_pandas.live.batches import frame_of
from coinex_pandas.live.buffer import Buffer
from coinex_pandas.live.channel import Channel
from coinex_pandas.live.protocol.account_rows import Key, is_last, key_of
from coinex_pandas.live.retention import Keep, Retention
from coinex_pandas.live.stats import Gap
from coinex_pandas.live.stream import Stream
from coinex_pandas.tables.growing_frame import GrowingFrame, Run

__all__ = ["AccountBuffer", "PrivateStream"]


_LEAD = ("market", "event", "status", "side", "type", "price", "amount", "filled_amount")
"""The columns that a view begins with, where a table has them: it shows only a few."""

_MOST_ENDED = 10_000  # of what has ended the newest stay among the latest


class PrivateStream(Stream):
    """One's own orders, stop orders, deals, balances or positions as they change; made by the functions of ``cx.live``.

    What a `Stream` has, this has too. ``df`` has a row for each event, and ``latest`` the newest row of each order,
    balance or position: both begin with the state when the stream started, requested over HTTP. It is requested again
    whenever something may have been missed; each such time is a row of ``gaps``. Silence does not make it ``stale``:
    nothing may happen on an account for hours.
    """

    _buffer: AccountBuffer

    def __init__(
        self,
        channel: Channel,
        names: tuple[str, ...],
        session: Session,
        *,
        market_type: str,
        keep: Keep | None = None,
        reconnect: bool = True,
    ) -> None:
        self._market_type = market_type
        super().__init__(channel, names, session, keep=keep, reconnect=reconnect)

    def _new_buffer(self, retention: Retention) -> AccountBuffer:
        return AccountBuffer(self._channel, self.markets, self._market_type, retention)

    @property
    def latest(self) -> pd.DataFrame:
        """The newest row of each order, balance or position, in the order of their last changes; index as over HTTP.

        It includes what has ended, the newest ten thousand: ``latest[latest["event"] != "finish"]`` are the open
        orders. Of deals it is the newest one of each market.
        """
        newest = self._buffer.locked(self._buffer.newest)
        frame = frame_of(self._buffer, [("", row, at) for row, at in newest]).reset_index()
        keys = self._index()
        texts = [name for name in keys if isinstance(frame[name].dtype, pd.CategoricalDtype)]
        frame = frame.astype(dict.fromkeys(texts, "str"))
        declared = [column.name for column in self._buffer.table.columns]
        rest = [name for name in frame if name not in declared]
        return self._describe(frame[[*declared, *rest]].set_index(keys))

    def _index(self) -> list[str]:
        if self._channel.method == "user_deals":
            return ["market"]
        keys = () if self._channel.private is None else self._channel.private.key
        return [name for name in keys if name != "margin_market" or self._market_type == "MARGIN"]

    @property
    def silent(self) -> tuple[str, ...]:
        """Nothing: silence on an account is no bad sign."""
        return ()

    def tail(self, rows: int, market: str | None = None) -> pd.DataFrame:
        """Return the newest rows, oldest first; of one market, or of all."""
        is_of_one = market is not None and "market" in self._buffer.table.frame(0, 0)
        frame = super().tail(rows, market if is_of_one else None)
        lead = [name for name in _LEAD if name in frame]
        return frame[[*lead, *frame.columns.drop(lead)]]

    def _params(self) -> dict[str, Any]:
        rules = self._channel.private
        names = {rules.by: list(self.markets)} if rules is not None and rules.by else {}
        return names | {"market_type": self._market_type}

    def _label(self) -> str:
        return super()._label() if self.markets else "all"


class AccountBuffer(Buffer):
    """The rows of an account's channel: of some markets or currencies, or of all.

    Parameters
    ----------
    channel : Channel
        Which.
    names : tuple of str
        The markets, or currencies; none for all.
    market_type : str
        Which rows of the spot socket: ``SPOT`` or ``MARGIN``; ``FUTURES`` on the other one.
    retention : Retention
        How much the table keeps.
    """

    def __init__(self, channel: Channel, names: tuple[str, ...], market_type: str, retention: Retention) -> None:
        super().__init__(channel, names, retention)
        self.market_type = market_type
        self._newest: dict[Key, tuple[Any, int]] = {}

    def empty(self, capacity: int | None = None) -> GrowingFrame:
        """Return an empty table, whose rows have their own column for the market or currency."""
        return GrowingFrame(self.channel.row, None, capacity)

    def run(self, market: str, at: int, rows: int) -> Run:
        """Return how a table counts rows that came together."""
        return 0, at, rows

    def newest(self) -> list[tuple[Any, int]]:
        """Return the last row of each thing and when it arrived; the lock is held."""
        self.flush()
        return list(self._newest.values())

    def count_duplicates(self, rows: int) -> None:
        """Note rows that came again."""
        with self.lock:
            self.duplicates += rows

    def open_gap(self, market: str | None, start: int, cause: str) -> None:
        """Open a gap."""
        with self.lock:
            self.flush()
            self._open_gaps[None] = gap = Gap(None, start, cause, self.received)
            self.gaps.append(gap)
            for each in self.observers:
                each.open_gap(None, start, cause)

    # ---- under the lock

    def label(self, code: int, row: Any) -> str:
        """Return the ids that say what a row is about."""
        return " ".join(map(str, key_of(self.channel, row)))

    def place_of(self, market: str, row: Any) -> tuple[int | None, float | None]:
        """Return where a row that was overtaken belongs: before the newest one of the same thing, deals by their time.

        No place: it is older than all that is kept. No others belong there, too.
        """
        if self.channel.method == "user_deals":
            return self._place_of_deal(row), None
        is_same = np.ones(len(self.table), dtype=bool)
        for name, cell in zip(self._keys(), key_of(self.channel, row), strict=True):
            stored = cell if isinstance(cell, int) else self.table.code(name, cell)
            is_same &= self.table.column(name) == stored
        (mine,) = np.nonzero(is_same)
        return int(mine[-1]) if len(mine) else None, None

    def _place_of_deal(self, row: Any) -> int | None:
        times, ids = self.table.column("created_at"), self.table.column("deal_id")
        first, last = (int(np.searchsorted(times, row.created_at, side)) for side in ("left", "right"))
        place = first + int(np.count_nonzero(ids[first:last] < row.deal_id))
        return place if place or not self.table.gone else None

    def _keys(self) -> Sequence[str]:
        return () if self.channel.private is None else self.channel.private.key

    def _note(self, rows: Sequence[Any], runs: Sequence[Run]) -> None:
        """Remember the last row of each thing."""
        stamps = (at for _, at, length in runs for at in repeat(at, length))
        for row, at in zip(rows, stamps, strict=True):
            key = self._latest_key(row)
            self._newest.pop(key, None)
            self._newest[key] = (row, at)
        if len(self._newest) > 2 * _MOST_ENDED:
            over = [key for key, (row, _) in self._newest.items() if is_last(self.channel, row)][:-_MOST_ENDED]
            for key in over:
                del self._newest[key]

    def _latest_key(self, row: Any) -> Key:
        """Return the key of a row among the latest ones: of deals there is one for each market."""
        return (row.market,) if self.channel.method == "user_deals" else key_of(self.channel, row)
