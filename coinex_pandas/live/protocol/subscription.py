"""The subscription to one channel on one connection: its markets, the newest rows, and what was missed.

It has no sockets and no clock; moments come in as unix milliseconds (``at``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from coinex_pandas.errors import Refused
from coinex_pandas.live.channel import Channel

__all__ = ["DealRequest", "FollowUp", "Recovery", "Resubscribe", "Subscriber", "Subscription"]


class Subscriber(Protocol):
    """The buffer of a stream or book that wants the rows of some markets of a channel."""

    markets: tuple[str, ...]

    def acknowledge(self, market: str, at: int) -> None:
        """Note that the subscription works: it was acknowledged, or a push came."""

    def append(self, market: str, rows: Sequence[Any], at: int, changed: bool) -> None:
        """Append rows of a market, oldest first."""

    def insert(self, market: str, rows: Sequence[Any], at: int) -> None:
        """Insert rows that belong before others, or drop them where they are there already."""

    def open_gap(self, market: str | None, start: int, cause: str) -> None:
        """Note that from a moment on rows of a market may be missing; None: nobody knows of which market."""

    def close_gap(self, market: str | None, end: int, refilled: bool, rows: int, why: str = "") -> None:
        """Note that nothing is missed any more, how many rows were recovered, and why others were not."""

    def disconnect(self) -> None:
        """Note that the connection is gone."""

    def refuse(self, error: Refused) -> None:
        """Note that the exchange refuses the subscription."""


class Resubscribe(NamedTuple):
    """Follow-up: subscribe to a market anew, so that the exchange sends its whole book."""

    subscription: Any
    market: str


class DealRequest(NamedTuple):
    """Follow-up: request over HTTP the deals of a market after a known one, or since a moment.

    Attributes
    ----------
    subscription : DealSubscription
        Which one needs them.
    market : str
        Whose deals.
    after : int
        The id of the known deal; 0 where none is known.
    since : int
        The moment of the loss, in unix milliseconds.
    number : int
        Only the reply to a market's latest request counts.
    attempt : int
        From 1.
    """

    subscription: Any
    market: str
    after: int
    since: int
    number: int
    attempt: int = 1


class Recovery(NamedTuple):
    """What HTTP replied to a request for missed rows.

    Attributes
    ----------
    rows : sequence or None
        The rows, oldest first; None when the request failed.
    why : str
        Why they are not all that was missed; empty when they are.
    is_final : bool
        Whether another attempt would get the same reply.
    at : int
        When the first of the replies was made, by the exchange's clock; 0 where that is unknown.
    """

    rows: Sequence[Any] | None
    why: str = ""
    is_final: bool = False
    at: int = 0


FollowUp = Resubscribe | DealRequest | Any
"""What a subscription needs from the exchange after an event; one to an account's channel needs an `AccountRequest`."""


class Subscription:
    """A channel on a connection, shared by all who subscribe to it.

    Parameters
    ----------
    channel : Channel
        Which.
    """

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.subscribers: dict[str, list[Subscriber]] = {}
        self.live: set[str] = set()  # markets whose subscription works
        self.open_gaps: dict[str, list[Subscriber]] = {}  # by market, those who have noted it
        self.leaving: list[str] = []  # markets whose unsubscription is not acknowledged: their pushes do not count
        self._last_values: dict[str, tuple[Any, ...]] = {}
        self._newest: dict[str, tuple[Any, int]] = {}

    # ---- subscribers

    def names_of(self, subscriber: Subscriber) -> tuple[str, ...]:
        """Return the names under which somebody subscribes."""
        return subscriber.markets

    def add(self, subscriber: Subscriber, at: int) -> Sequence[FollowUp]:
        """Add a subscriber; return the follow-ups."""
        for market in self.names_of(subscriber):
            self.subscribers.setdefault(market, []).append(subscriber)
            if market in self.live:
                subscriber.acknowledge(market, at)
                self._send_latest(subscriber, market)
        return ()

    def _send_latest(self, subscriber: Subscriber, market: str) -> None:
        """Give a subscriber who joins the newest row: the exchange sends it to the first one only."""
        if market in self._newest and market not in self.open_gaps:
            row, at = self._newest[market]
            subscriber.append(market, (row,), at, True)

    def remove(self, subscriber: Subscriber) -> list[str]:
        """Remove a subscriber; return the markets that nobody else subscribes to."""
        names = self.names_of(subscriber)
        for market in names:
            if subscriber in self.subscribers.get(market, ()):
                self.subscribers[market].remove(subscriber)
        left = [market for market in names if market in self.subscribers and not self.subscribers[market]]
        for market in left:
            self._drop(market)
        return left

    def is_served(self, subscriber: Subscriber) -> bool:
        """Return whether all that somebody subscribes to works."""
        return self.live.issuperset(self.names_of(subscriber))

    def all_subscribers(self) -> list[Subscriber]:
        """Return all subscribers, each once."""
        return list(dict.fromkeys(each for market in self.subscribers.values() for each in market))

    def is_wanted(self, market: str) -> bool:
        """Return whether somebody wants the pushes of a market now."""
        return market in self.subscribers and market not in self.leaving

    def live_markets(self) -> list[str]:
        """Return the markets whose subscriptions work, in a fixed order."""
        return [market for market in self.subscribers if market in self.live]

    # ---- requests

    def targets(self) -> list[Any]:
        """Return what a subscription names."""
        return list(self.subscribers)

    def params(self, names: Sequence[Any]) -> dict[str, Any]:
        """Return the parameters of a subscription or an unsubscription."""
        return {"market_list": list(names)}

    # ---- events

    def acknowledge(self, markets: Sequence[str], at: int) -> Sequence[FollowUp]:
        """Note that the exchange acknowledged a subscription."""
        for market in markets:
            if self.is_wanted(market):
                self._start(market, at)
        return ()

    def settle(self, at: int) -> None:
        """Note that every request of this channel has its reply."""

    def push(self, data: Any, at: int) -> Sequence[FollowUp]:
        """Give the rows of a push to the subscribers."""
        for row in getattr(data, "state_list", (data,)):
            market = row.market
            if market in self.subscribers and market not in self.leaving:
                self._start(market, at)
                if market in self.open_gaps:
                    self._close_gap(market, at)
                self._distribute(market, row, at)
        return ()

    def refuse(self, error: Refused) -> None:
        """Note that the exchange refuses the subscription: those leave whose markets do not work."""
        for subscriber in self.all_subscribers():
            if not self.is_served(subscriber):
                self.remove(subscriber)  # or the next subscription would be refused with it, that of others too
                subscriber.refuse(error)

    def disconnect(self, start: int, cause: str) -> None:
        """Note that the connection is gone: every subscribed market misses what is sent from now on."""
        for market in self.live_markets():
            self._open_gap(market, start, cause)
        self.live.clear()
        for subscriber in self.all_subscribers():
            subscriber.disconnect()

    def lose_frame(self, start: int, end: int, cause: str) -> Sequence[FollowUp]:
        """Note that one frame was lost, of an unknown market; pushes may come before an acknowledgement."""
        for subscriber in self.all_subscribers():
            subscriber.open_gap(None, start, cause)
            subscriber.close_gap(None, end, refilled=False, rows=0)
        return ()

    # ---- inside

    def _distribute(self, market: str, row: Any, at: int) -> None:
        values = _values(row)
        changed = self._last_values.get(market) != values
        self._last_values[market], self._newest[market] = values, (row, at)
        for subscriber in self.subscribers[market]:
            subscriber.append(market, (row,), at, changed)

    def _start(self, market: str, at: int) -> None:
        """Note that a market's subscription works; a push may come before its acknowledgement."""
        if market not in self.live:
            self.live.add(market)
            for subscriber in self.subscribers[market]:
                subscriber.acknowledge(market, at)

    def _open_gap(self, market: str, start: int, cause: str) -> None:
        """Note that a market misses something; who joined after an earlier loss may not have noted it yet."""
        informed = self.open_gaps.setdefault(market, [])
        for subscriber in self.subscribers[market]:
            if subscriber not in informed:
                informed.append(subscriber)
                subscriber.open_gap(market, start, cause)

    def _close_gap(self, market: str, end: int, *, refilled: bool = False, rows: int = 0, why: str = "") -> None:
        for subscriber in self.open_gaps.pop(market, ()):
            if subscriber in self.subscribers[market]:
                subscriber.close_gap(market, end, refilled, rows, why)

    def _drop(self, market: str) -> None:
        del self.subscribers[market]
        self.live.discard(market)
        self.open_gaps.pop(market, None)
        self._last_values.pop(market, None)
        self._newest.pop(market, None)


def _values(row: Any) -> tuple[Any, ...]:
    """Return what a row says beside when: a time that moves on is no sign of life."""
    return tuple(getattr(row, name) for name in row.__struct_fields__ if name not in ("updated_at", "created_at"))
