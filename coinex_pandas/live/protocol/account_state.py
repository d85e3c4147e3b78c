"""What one who listens to a private channel knows: the newest row of each thing, and since when something is missed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from coinex_pandas.live.channel import Channel
from coinex_pandas.live.protocol.account_rows import Key, age, ended, is_later, key_of, same, time_of
from coinex_pandas.live.protocol.subscription import Sink

__all__ = ["ALL", "DealSeat", "PrivateSink", "Seat"]

ALL = ""
"""The one name under which a private channel is subscribed to: everything, and chosen from here.

What a second subscription does to a first one is not documented for these channels; one that names nothing is
documented to mean everything, and a person's own events are few.
"""

_PASSING = ("order", "stop", "user_deals")  # these can come and go within a second
_MOST_ENDED = 10_000  # ended orders and the like that are remembered, to know their rows when they come again
_MOST_DEALS = 100_000


class PrivateSink(Sink, Protocol):
    """Who listens to a private channel; no names mean everything."""

    market_type: str

    def repeated(self, rows: int) -> None:
        """Note rows that came again."""


class Seat:
    """What one who listens knows of the things of a channel."""

    def __init__(self, sink: PrivateSink, known: Channel, at: int) -> None:
        self.sink, self.channel = sink, known
        # from when on it wants to know what the state alone does not tell: what came and went before the subscription
        self.joined = at if known.method in _PASSING else None
        self.since: int | None = None  # from when on something is missed
        self.has_begun = False  # whether the state was told
        self.question = 0  # the one that is not answered, 0 for none
        self.heard = self.heard_before = 0  # the newest time that the exchange told, now and when the loss began
        self._times: dict[Key, int] = {}  # the newest one of each thing, where HTTP tells none
        self.newest: dict[Key, Any] = {}
        self.fresh: set[Key] = set()  # what was pushed since the question

    # ---- what is missed

    @property
    def must_ask(self) -> bool:
        """Whether it does not know all that it should."""
        return not self.has_begun or self.since is not None

    def lose(self, start: int, cause: str) -> None:
        """Note that something may be missed from now on."""
        self.question = 0
        if self.since is None:
            self.since, self.heard_before = start, self.heard
            self.sink.lost(None, start, cause)

    def standing(self) -> tuple[Any, ...]:
        """Return the newest rows of what has not ended."""
        return tuple(row for row in self.newest.values() if not ended(self.channel, row))

    # ---- what comes

    def wants(self, row: Any) -> bool:
        """Return whether a row is about something that was asked for."""
        rules, sink = self.channel.private, self.sink
        if rules is not None and rules.by and sink.markets and getattr(row, rules.by) not in sink.markets:
            return False
        is_margin = isinstance(getattr(row, "margin_market", None), str)
        return is_margin == (sink.market_type == "MARGIN")

    def push(self, row: Any, at: int) -> None:
        """Take what was pushed."""
        key = key_of(self.channel, row)
        before = self.newest.get(key)
        if before is not None and same(before, row):
            self.sink.repeated(1)
        elif before is not None and self._is_overtaken(row, before):
            self.sink.late(ALL, (row,), at)
        else:
            self.fresh.add(key)
            self._take(key, row, at)

    def _is_overtaken(self, row: Any, before: Any) -> bool:
        """Return whether a row was sent before the newest one; an end that only HTTP told of is not beyond doubt."""
        if ended(self.channel, before) and not ended(self.channel, row):
            return not is_later(row, before)
        if not time_of(before):
            return 0 < time_of(row) <= self._times.get(key_of(self.channel, row), 0)
        return age(self.channel, row) < age(self.channel, before)

    def answer(self, rows: Sequence[Any], at: int) -> int:
        """Take what HTTP said; return how many rows that brought."""
        came = [row for row in rows if self.wants(row) and self._is_news(row)]
        for row in sorted(came, key=time_of):
            self._take(key_of(self.channel, row), row, at)
        return len(came)

    def _is_news(self, row: Any) -> bool:
        key = key_of(self.channel, row)
        before = self.newest.get(key)
        if before is None:
            return True
        if ended(self.channel, before):
            return False
        if key in self.fresh:  # unless the push was overtaken on its way
            return bool(time_of(row)) and age(self.channel, row) > age(self.channel, before)
        if time_of(row) and age(self.channel, row) < age(self.channel, before):
            return False  # where it tells no time, the answer to a question is newer than what came before that
        return ended(self.channel, row) or not same(before, row, but=("event", "updated_at"))

    def _take(self, key: Key, row: Any, at: int) -> None:
        self.heard = max(self.heard, time_of(row))
        if self.channel.method == "balance":
            self._times[key] = max(self._times.get(key, 0), time_of(row))
        self.newest.pop(key, None)  # what changed last stands last
        self.newest[key] = row
        self.sink.take(ALL, (row,), at, True)
        if len(self.newest) > 2 * _MOST_ENDED:
            self._forget()

    def _forget(self) -> None:
        """Let the oldest of what has ended fall out."""
        over = [key for key, row in self.newest.items() if ended(self.channel, row)][:-_MOST_ENDED]
        for key in over:
            del self.newest[key]


class DealSeat(Seat):
    """What one who listens knows of deals: each comes once, and what was made before the subscription is asked for."""

    def __init__(self, sink: PrivateSink, known: Channel, at: int) -> None:
        super().__init__(sink, known, at)
        self._last = (0, 0)  # time and id of the newest

    def standing(self) -> tuple[Any, ...]:
        """Return nothing: deals do not change."""
        return ()

    def push(self, row: Any, at: int) -> None:
        """Take a deal."""
        self._put([row], at)

    def answer(self, rows: Sequence[Any], at: int) -> int:
        """Take deals that were missed, or are there already; return how many are new."""
        missing = [row for row in rows if self.wants(row) and key_of(self.channel, row) not in self.newest]
        self._put(sorted(missing, key=_moment), at)
        return len(missing)

    def _put(self, rows: Sequence[Any], at: int) -> None:
        for row in rows:
            key = key_of(self.channel, row)
            if key in self.newest:
                self.sink.repeated(1)
                continue
            self.newest[key] = None
            self.heard = max(self.heard, time_of(row))
            if _moment(row) < self._last:
                self.sink.late(ALL, (row,), at)
            else:
                self._last = _moment(row)
                self.sink.take(ALL, (row,), at, True)
        if len(self.newest) > 2 * _MOST_DEALS:
            self.newest = dict.fromkeys(list(self.newest)[-_MOST_DEALS:])


def _moment(row: Any) -> tuple[int, int]:
    return row.created_at, row.deal_id
