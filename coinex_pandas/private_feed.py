"""A private channel of a connection: what each who listens knows, and what HTTP is asked for after a loss.

The exchange sends no state to begin with, and nothing again. So whoever listens has the state asked for over HTTP once
the subscription works, and again whenever something may have been missed. The answer is older than what is pushed
after the question: of whatever was pushed since, the pushes are right; all else is as the answer says.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from msgspec import Raw

from coinex_pandas.channels import Channel
from coinex_pandas.feeds import Ask, Feed, Recovered, Sink
from coinex_pandas.private_rows import Key, age, ended, is_later, key_of, rows_in, same, time_of

__all__ = ["ALL", "CatchUp", "PrivateFeed", "PrivateSink"]

ALL = ""
"""The one name under which a private channel is subscribed to: everything, and chosen from here.

What a second subscription does to a first one is not documented for these channels; one that names nothing is
documented to mean everything, and a person's own events are few.
"""

_PASSING = ("order", "stop", "user_deals")  # these can come and go within a second
_MAINTENANCE = 101  # the only notice there is
_MOST_ENDED = 10_000  # ended orders and the like that are remembered, to know their rows when they come again
_MOST_DEALS = 100_000


class PrivateSink(Sink, Protocol):
    """Who listens to a private channel; no names mean everything."""

    market_type: str

    def repeated(self, rows: int) -> None:
        """Note rows that came again."""


class CatchUp(NamedTuple):
    """What is to be asked for over HTTP: the state, and what has come to an end since a moment.

    Attributes
    ----------
    feed, seat : object
        Who asks.
    channel : Channel
        What about.
    names : tuple of str
        The markets or currencies; none for all.
    market_type : str
        ``SPOT``, ``MARGIN`` or ``FUTURES``.
    since : int or None
        From when on something may have been missed, by this machine's clock, in the beginning since the call; None:
        only the state is asked for.
    heard : int
        The newest time of the exchange's clock that a row or an answer had told before the loss; 0 for none.
    standing : tuple of rows
        What had not ended as far as is known.
    question : int
        Which question it is: only the answer to the latest one counts.
    attempt : int
        From 1.
    """

    feed: Any
    seat: Any
    channel: Channel
    names: tuple[str, ...]
    market_type: str
    since: int | None
    heard: int
    standing: tuple[Any, ...]
    question: int
    attempt: int = 1


class _Seat:
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


class _DealSeat(_Seat):
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


class PrivateFeed(Feed):
    """A private channel on a connection; who listens shares the subscription, and knows what it knows by itself."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(channel)
        self._seats: dict[int, _Seat] = {}
        self._questions = 0

    def names_of(self, sink: Sink) -> tuple[str, ...]:
        """Return under which names somebody listens."""
        return (ALL,)

    def add(self, sink: Any, at: int) -> Sequence[Ask]:
        """Let somebody listen."""
        super().add(sink, at)
        seat = (_DealSeat if self.channel.method == "user_deals" else _Seat)(sink, self.channel, at)
        self._seats[id(sink)] = seat
        return self._asks() if ALL in self.live else ()

    def remove(self, sink: Sink) -> list[str]:
        """Let somebody go; return the name when nobody else listens."""
        self._seats.pop(id(sink), None)
        return super().remove(sink)

    def request(self, names: Sequence[str]) -> dict[str, Any]:
        """Return the parameters of a subscription, or of its end: nothing that is named means everything."""
        rules = self.channel.private
        named = [_MAINTENANCE] if self.channel.method == "notice" else []
        return {"market_list" if rules is None else rules.selector: named}

    def agreed(self, markets: Sequence[str], at: int) -> Sequence[Ask]:
        """Note an acknowledged subscription: now is the time to ask."""
        super().agreed(markets, at)
        return self._asks() if ALL in self.live else ()

    def push(self, data: Raw, at: int) -> Sequence[Ask]:
        """Hand on what was pushed."""
        if not self.listens(ALL):
            return ()
        rows = rows_in(self.channel, data)
        was_live = ALL in self.live
        self._begin(ALL, at)
        asks = () if was_live else self._asks()  # the acknowledgement comes late
        for row in rows:
            for seat in list(self._seats.values()):
                if seat.wants(row):
                    seat.push(row, at)
        return asks

    def disconnected(self, start: int, cause: str) -> None:
        """Note that the connection is gone."""
        if ALL in self.live:
            for seat in self._seats.values():
                seat.lose(start, cause)
        self.live.clear()
        for sink in self.everybody():
            sink.disconnected()

    def missed(self, start: int, end: int, cause: str) -> Sequence[Ask]:
        """Note that a frame was lost, which may have told anything."""
        for seat in self._seats.values():
            seat.lose(start, cause)
        return self._asks() if ALL in self.live else ()

    def refilled(self, asked: CatchUp, found: Recovered, at: int) -> CatchUp | None:
        """Take the answer to a question; return what to ask next, if anything."""
        seat: _Seat = asked.seat
        if self._seats.get(id(seat.sink)) is not seat or seat.question != asked.question:
            return None
        if found.rows is None and not found.is_final:
            return self._question(seat)._replace(attempt=asked.attempt + 1)
        rows = seat.answer(found.rows or (), at)
        seat.heard = max(seat.heard, found.at)
        if found.rows is None and seat.since is None:
            seat.sink.lost(None, at, "what there was at the beginning is not known")
            seat.since = at
        if seat.since is not None:
            seat.sink.found(None, at, not found.why, rows, found.why)
        seat.has_begun, seat.since, seat.question = True, None, 0
        seat.fresh.clear()
        return None

    def _asks(self) -> list[Any]:
        return [self._question(seat) for seat in self._seats.values() if seat.must_ask and not seat.question]

    def _question(self, seat: _Seat) -> CatchUp:
        self._questions += 1
        seat.question = self._questions
        seat.fresh.clear()
        sink = seat.sink
        is_new = seat.joined is not None and not seat.has_begun
        return CatchUp(
            self,
            seat,
            self.channel,
            sink.markets,
            sink.market_type,
            seat.joined if is_new else seat.since,
            0 if is_new else seat.heard_before,
            seat.standing(),
            self._questions,
        )
