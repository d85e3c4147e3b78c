"""The subscription to a channel of one's own account: what it pushes, and what to request over HTTP.

The exchange sends no state at first, and nothing twice. So each subscriber's state is requested over HTTP once the
subscription works, and again whenever something may have been missed. The reply is older than what is pushed after
the request: for whatever was pushed since, the pushes are right; all else is as the reply says.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from msgspec import Raw

from coinex_pandas.live.channel import Channel
from coinex_pandas.live.protocol.account_rows import rows_in
from coinex_pandas.live.protocol.account_state import ALL, AccountState, DealState
from coinex_pandas.live.protocol.subscription import FollowUp, Recovery, Subscriber, Subscription
from coinex_pandas.tables.unknown_columns import Extras

__all__ = ["AccountRequest", "AccountSubscription"]

_MAINTENANCE = 101  # the only kind of notice


class AccountRequest(NamedTuple):
    """Follow-up: request over HTTP the state, and what has ended since a moment.

    Attributes
    ----------
    subscription : AccountSubscription
        Which one needs it.
    state : AccountState
        Of which subscriber.
    channel : Channel
        Which rows.
    names : tuple of str
        The markets or currencies; none for all.
    market_type : str
        ``SPOT``, ``MARGIN`` or ``FUTURES``.
    since : int or None
        From when on something may have been missed, by this machine's clock; in the beginning since the call. None:
        only the state is requested.
    exchange_time : int
        The newest time of the exchange's clock in a row or reply before the loss; 0 for none.
    open_rows : tuple of rows
        What had not ended, as far as is known.
    number : int
        Only the reply to a state's latest request counts.
    attempt : int
        From 1.
    """

    subscription: Any
    state: Any
    channel: Channel
    names: tuple[str, ...]
    market_type: str
    since: int | None
    exchange_time: int
    open_rows: tuple[Any, ...]
    number: int
    attempt: int = 1


class AccountSubscription(Subscription):
    """An account's channel on a connection; its subscribers share it, and each has a state of its own."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(channel)
        self._states: dict[int, AccountState] = {}
        self._extras = Extras()
        self._count = 0

    def names_of(self, subscriber: Subscriber) -> tuple[str, ...]:
        """Return the one name under which everybody subscribes."""
        return (ALL,)

    def add(self, subscriber: Any, at: int) -> Sequence[FollowUp]:
        """Add a subscriber."""
        super().add(subscriber, at)
        kind = DealState if self.channel.method == "user_deals" else AccountState
        self._states[id(subscriber)] = kind(subscriber, self.channel, at)
        return self._requests() if ALL in self.live else ()

    def remove(self, subscriber: Subscriber) -> list[str]:
        """Remove a subscriber; return the name when there is no other."""
        self._states.pop(id(subscriber), None)
        return super().remove(subscriber)

    def params(self, names: Sequence[str]) -> dict[str, Any]:
        """Return the parameters of a subscription or an unsubscription: an empty list means everything."""
        rules = self.channel.private
        notices = [_MAINTENANCE] if self.channel.method == "notice" else []
        return {"market_list" if rules is None else rules.selector: notices}

    def acknowledge(self, markets: Sequence[str], at: int) -> Sequence[FollowUp]:
        """Note that the exchange acknowledged the subscription: now the state can be requested."""
        super().acknowledge(markets, at)
        return self._requests() if ALL in self.live else ()

    def push(self, data: Raw, at: int) -> Sequence[FollowUp]:
        """Give the rows of a push to the states that want them."""
        if not self.is_wanted(ALL):
            return ()
        rows = rows_in(self.channel, data, self._extras)
        was_live = ALL in self.live
        self._start(ALL, at)
        follow_ups = () if was_live else self._requests()  # the acknowledgement comes late
        for row in rows:
            for state in list(self._states.values()):
                if state.is_wanted(whole := state.completed(row)):
                    state.push(whole, at)
        return follow_ups

    def disconnect(self, start: int, cause: str) -> None:
        """Note that the connection is gone."""
        if ALL in self.live:
            for state in self._states.values():
                state.open_gap(start, cause)
        self.live.clear()
        for subscriber in self.all_subscribers():
            subscriber.disconnect()

    def lose_frame(self, start: int, end: int, cause: str) -> Sequence[FollowUp]:
        """Note that a frame was lost, which may have held anything."""
        for state in self._states.values():
            state.open_gap(start, cause)
        return self._requests() if ALL in self.live else ()

    def awaits(self, request: AccountRequest) -> bool:
        """Return whether the reply to a request still counts."""
        state: AccountState = request.state
        return self._states.get(id(state.subscriber)) is state and state.request == request.number

    def on_recovery(self, request: AccountRequest, reply: Recovery, at: int) -> AccountRequest | None:
        """Take the reply to a request; return the next attempt, if one is needed."""
        state: AccountState = request.state
        if not self.awaits(request):
            return None
        if reply.rows is None and not reply.is_final:
            return self._request(state)._replace(attempt=request.attempt + 1)
        rows = state.take(reply.rows or (), at)
        state.exchange_time = max(state.exchange_time, reply.at)
        if reply.rows is None and state.since is None:
            state.subscriber.open_gap(None, at, "what there was at the beginning is not known")
            state.since = at
        if state.since is not None:
            state.subscriber.close_gap(None, at, not reply.why, rows, reply.why)
        state.has_begun, state.since, state.request = True, None, 0
        state.pushed.clear()
        return None

    def _requests(self) -> list[Any]:
        return [self._request(state) for state in self._states.values() if state.is_incomplete and not state.request]

    def _request(self, state: AccountState) -> AccountRequest:
        self._count += 1
        state.request = self._count
        state.pushed.clear()
        is_new = state.joined is not None and not state.has_begun
        return AccountRequest(
            self,
            state,
            self.channel,
            state.subscriber.markets,
            state.subscriber.market_type,
            state.joined if is_new else state.since,
            0 if is_new else state.exchange_time_before,
            state.open_rows(),
            self._count,
        )
