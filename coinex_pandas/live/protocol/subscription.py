"""What one channel of one connection owes to those who listen: which markets, what came last, what was missed.

No sockets and no clock; moments come in as unix milliseconds (``at``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from coinex_pandas.errors import Refused
from coinex_pandas.live.channel import Channel

__all__ = ["Ask", "Feed", "Fresh", "Recovered", "Refill", "Sink"]


class Sink(Protocol):
    """Who listens to some markets of a channel: a stream or a book."""

    markets: tuple[str, ...]

    def agreed(self, market: str, at: int) -> None:
        """Note that the subscription works: it was acknowledged, or something came."""

    def take(self, market: str, rows: Sequence[Any], at: int, changed: bool) -> None:
        """Take rows of a market, oldest first."""

    def late(self, market: str, rows: Sequence[Any], at: int) -> None:
        """Take rows that belong before others that are there, or are there already."""

    def lost(self, market: str | None, start: int, cause: str) -> None:
        """Note that from a moment on rows of a market (None: of whichever) may be missing."""

    def found(self, market: str | None, end: int, refilled: bool, rows: int, why: str = "") -> None:
        """Note that nothing is missed any more, how many rows were recovered, and what kept others from it."""

    def disconnected(self) -> None:
        """Note that the connection is gone."""

    def refused(self, error: Refused) -> None:
        """Note that the exchange refuses the subscription."""


class Fresh(NamedTuple):
    """A market is to be subscribed to anew, so that its book comes whole."""

    feed: Feed
    market: str


class Refill(NamedTuple):
    """What is to be asked for over HTTP: the deals of a market after one that is known, or since a moment."""

    feed: Any
    market: str
    after: int
    since: int
    question: int
    attempt: int = 1


class Recovered(NamedTuple):
    """The deals after a known one, or since a moment; None when asking failed.

    Attributes
    ----------
    rows : sequence or None
        The deals, oldest first.
    why : str
        What keeps them from reaching back to the known one; empty when they do.
    is_final : bool
        Whether asking again would be answered in the same way.
    at : int
        When the first of the answers was made, by the exchange's clock; 0 where that was not told.
    """

    rows: Sequence[Any] | None
    why: str = ""
    is_final: bool = False
    at: int = 0


Ask = Fresh | Refill | Any
"""What a feed needs from the exchange; a private one asks for a `CatchUp`."""


class Feed:
    """A channel on a connection.

    Parameters
    ----------
    channel : Channel
        Which.
    """

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.sinks: dict[str, list[Sink]] = {}
        self.live: set[str] = set()
        self.broken: dict[str, list[Sink]] = {}  # the markets that miss something, and who was told
        self.leaving: list[str] = []  # what comes of these was sent before their unsubscription was read
        self._before: dict[str, tuple[Any, ...]] = {}
        self._newest: dict[str, tuple[Any, int]] = {}

    def names_of(self, sink: Sink) -> tuple[str, ...]:
        """Return the names under which somebody listens."""
        return sink.markets

    def add(self, sink: Sink, at: int) -> Sequence[Ask]:
        """Let somebody listen; return what is to be asked for on that account."""
        for market in self.names_of(sink):
            self.sinks.setdefault(market, []).append(sink)
            if market in self.live:
                sink.agreed(market, at)
                self._welcome(sink, market)
        return ()

    def _welcome(self, sink: Sink, market: str) -> None:
        """Hand what came last to somebody who joins: the exchange sends it to the first one only."""
        if market in self._newest and market not in self.broken:
            row, at = self._newest[market]
            sink.take(market, (row,), at, True)

    def remove(self, sink: Sink) -> list[str]:
        """Let somebody go; return the markets that nobody else listens to."""
        names = self.names_of(sink)
        for market in names:
            if sink in self.sinks.get(market, ()):
                self.sinks[market].remove(sink)
        left = [market for market in names if market in self.sinks and not self.sinks[market]]
        for market in left:
            self._forget(market)
        return left

    def wanted(self) -> list[Any]:
        """Return what a subscription names."""
        return list(self.sinks)

    def request(self, names: Sequence[Any]) -> dict[str, Any]:
        """Return the parameters of a subscription, or of its end."""
        return {"market_list": list(names)}

    def is_served(self, sink: Sink) -> bool:
        """Return whether all that somebody listens to works."""
        return self.live.issuperset(self.names_of(sink))

    def everybody(self) -> list[Sink]:
        """Return all who listen, each once."""
        return list(dict.fromkeys(sink for sinks in self.sinks.values() for sink in sinks))

    def agreed(self, markets: Sequence[str], at: int) -> Sequence[Ask]:
        """Note an acknowledged subscription."""
        for market in markets:
            if self.listens(market):
                self._begin(market, at)
        return ()

    def listens(self, market: str) -> bool:
        """Return whether somebody wants what comes of a market now."""
        return market in self.sinks and market not in self.leaving

    def working(self) -> list[str]:
        """Return the markets whose subscriptions work, in a settled order."""
        return [market for market in self.sinks if market in self.live]

    def settled(self, at: int) -> None:
        """Note that no request of this channel is unanswered any more."""

    def push(self, data: Any, at: int) -> Sequence[Ask]:
        """Hand on what was pushed."""
        for row in getattr(data, "state_list", (data,)):
            market = row.market
            if market in self.sinks and market not in self.leaving:
                self._begin(market, at)
                if market in self.broken:
                    self._heal(market, at)
                self._hand_out(market, row, at)
        return ()

    def disconnected(self, start: int, cause: str) -> None:
        """Note that the connection is gone: every market that was subscribed misses what is sent from now on."""
        for market in self.working():
            self._break(market, start, cause)
        self.live.clear()
        for sink in self.everybody():
            sink.disconnected()

    def missed(self, start: int, end: int, cause: str) -> Sequence[Ask]:
        """Note that one frame was lost, nobody knows of which market; pushes may come before an acknowledgement."""
        for sink in self.everybody():
            sink.lost(None, start, cause)
            sink.found(None, end, refilled=False, rows=0)
        return ()

    def _hand_out(self, market: str, row: Any, at: int) -> None:
        values = _values(row)
        changed = self._before.get(market) != values
        self._before[market], self._newest[market] = values, (row, at)
        for sink in self.sinks[market]:
            sink.take(market, (row,), at, changed)

    def _begin(self, market: str, at: int) -> None:
        """Note that a market's subscription works; a push may come before its acknowledgement."""
        if market not in self.live:
            self.live.add(market)
            for sink in self.sinks[market]:
                sink.agreed(market, at)

    def _break(self, market: str, start: int, cause: str) -> None:
        """Note that a market misses something; who joined after an earlier loss may not know it yet."""
        told = self.broken.setdefault(market, [])
        for sink in self.sinks[market]:
            if sink not in told:
                told.append(sink)
                sink.lost(market, start, cause)

    def _heal(self, market: str, end: int, *, refilled: bool = False, rows: int = 0, why: str = "") -> None:
        for sink in self.broken.pop(market, ()):
            if sink in self.sinks[market]:
                sink.found(market, end, refilled, rows, why)

    def _forget(self, market: str) -> None:
        del self.sinks[market]
        self.live.discard(market)
        self.broken.pop(market, None)
        self._before.pop(market, None)
        self._newest.pop(market, None)


def _values(row: Any) -> tuple[Any, ...]:
    """Return what a row says beside when: a time that moves on is no sign of life."""
    return tuple(getattr(row, name) for name in row.__struct_fields__ if name not in ("updated_at", "created_at"))
