"""A private channel of a connection: what each who listens knows, and what HTTP is asked for after a loss.

The exchange sends no state to begin with, and nothing again. So whoever listens has the state asked for over HTTP once
the subscription works, and again whenever something may have been missed. The answer is older than what is pushed
after the question: of whatever was pushed since, the pushes are right; all else is as the answer says.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from msgspec import Raw

from coinex_pandas.live.channel import Channel
from coinex_pandas.live.protocol.account_rows import rows_in
from coinex_pandas.live.protocol.account_state import ALL, DealSeat, Seat
from coinex_pandas.live.protocol.subscription import Ask, Feed, Recovered, Sink

__all__ = ["CatchUp", "PrivateFeed"]

_MAINTENANCE = 101  # the only notice there is


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


class PrivateFeed(Feed):
    """A private channel on a connection; who listens shares the subscription, and knows what it knows by itself."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(channel)
        self._seats: dict[int, Seat] = {}
        self._questions = 0

    def names_of(self, sink: Sink) -> tuple[str, ...]:
        """Return under which names somebody listens."""
        return (ALL,)

    def add(self, sink: Any, at: int) -> Sequence[Ask]:
        """Let somebody listen."""
        super().add(sink, at)
        seat = (DealSeat if self.channel.method == "user_deals" else Seat)(sink, self.channel, at)
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
        seat: Seat = asked.seat
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

    def _question(self, seat: Seat) -> CatchUp:
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
