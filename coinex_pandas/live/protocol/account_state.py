"""What a subscriber to an account's channel knows: the newest row of each thing, and since when rows may be missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from coinex_pandas.live.channel import Channel
from coinex_pandas.live.protocol.account_rows import Key, age, completed, is_last, is_later, key_of, same, time_of
from coinex_pandas.live.protocol.subscription import Subscriber

__all__ = ["ALL", "AccountState", "AccountSubscriber", "DealState"]

ALL = ""
"""The one name under which an account's channel is subscribed to: everything, and chosen from here.

What a second subscription does to a first one is not documented for these channels; one that names nothing is
documented to mean everything, and a person's own events are few.
"""

_SHORT_LIVED = ("order", "stop", "user_deals")  # these can come and go within a second
_MOST_ENDED = 10_000  # ended orders and the like that are remembered, to know their rows when they come again
_MOST_DEALS = 100_000


class AccountSubscriber(Subscriber, Protocol):
    """The buffer of a stream of one's own account; no names mean everything."""

    market_type: str

    def count_duplicates(self, rows: int) -> None:
        """Note rows that came again."""


class AccountState:
    """What one subscriber knows of the orders, balances or positions of a channel.

    Attributes
    ----------
    joined : int or None
        From when on it wants what the state alone does not show: things that came and went before the subscription.
    since : int or None
        From when on something is missing.
    has_begun : bool
        Whether the first state has come.
    request : int
        The number of the request that waits for a reply; 0 for none.
    exchange_time, exchange_time_before : int
        The newest time of the exchange's clock, now and when the loss began.
    newest : dict
        The newest row of each thing.
    pushed : set
        What was pushed since the request.
    """

    def __init__(self, subscriber: AccountSubscriber, channel: Channel, at: int) -> None:
        self.subscriber, self.channel = subscriber, channel
        self.joined = at if channel.method in _SHORT_LIVED else None
        self.since: int | None = None
        self.has_begun = False
        self.request = 0
        self.exchange_time = self.exchange_time_before = 0
        self.newest: dict[Key, Any] = {}
        self.pushed: set[Key] = set()
        self._times: dict[Key, int] = {}  # the newest one of each balance: over HTTP they have none

    # ---- what is missing

    @property
    def is_incomplete(self) -> bool:
        """Whether something must be requested."""
        return not self.has_begun or self.since is not None

    def open_gap(self, start: int, cause: str) -> None:
        """Note that something may be missing from now on."""
        self.request = 0
        if self.since is None:
            self.since, self.exchange_time_before = start, self.exchange_time
            self.subscriber.open_gap(None, start, cause)

    def open_rows(self) -> tuple[Any, ...]:
        """Return the newest rows of what has not ended."""
        return tuple(row for row in self.newest.values() if not is_last(self.channel, row))

    # ---- rows

    def is_wanted(self, row: Any) -> bool:
        """Return whether a row is one that was subscribed to."""
        rules, subscriber = self.channel.private, self.subscriber
        if rules is not None and rules.by and subscriber.markets and getattr(row, rules.by) not in subscriber.markets:
            return False
        is_margin = isinstance(getattr(row, "margin_market", None), str)
        return is_margin == (subscriber.market_type == "MARGIN")

    def completed(self, row: Any) -> Any:
        """Return a row that was pushed, with what it leaves out and is known from the one before."""
        before = self.newest.get(key_of(self.channel, row))
        return row if before is None else completed(self.channel, row, before)

    def push(self, row: Any, at: int) -> None:
        """Take a row that was pushed."""
        key = key_of(self.channel, row)
        before = self.newest.get(key)
        if before is not None and same(before, row):
            self.subscriber.count_duplicates(1)
        elif before is not None and self._is_overtaken(row, before):
            self.subscriber.insert(ALL, (row,), at)
        else:
            self.pushed.add(key)
            self._append(key, row, at)

    def _is_overtaken(self, row: Any, before: Any) -> bool:
        """Return whether a row was sent before the newest one; an end that only HTTP reported is not beyond doubt."""
        if is_last(self.channel, before) and not is_last(self.channel, row):
            return not is_later(row, before)
        if not time_of(before):
            return 0 < time_of(row) <= self._times.get(key_of(self.channel, row), 0)
        return age(self.channel, row) < age(self.channel, before)

    def take(self, rows: Sequence[Any], at: int) -> int:
        """Take the rows of a reply over HTTP; return how many of them are new."""
        new = [row for row in rows if self.is_wanted(row) and self._is_new(row)]
        for row in sorted(new, key=time_of):
            self._append(key_of(self.channel, row), row, at)
        return len(new)

    def _is_new(self, row: Any) -> bool:
        key = key_of(self.channel, row)
        before = self.newest.get(key)
        if before is None:
            return True
        if is_last(self.channel, before):
            return False
        if key in self.pushed:  # unless the push was overtaken on its way
            return bool(time_of(row)) and age(self.channel, row) > age(self.channel, before)
        if time_of(row) and age(self.channel, row) < age(self.channel, before):
            return False  # a row without a time in a reply is newer than what came before the request
        return is_last(self.channel, row) or not same(before, row, but=("event", "updated_at"))

    def _append(self, key: Key, row: Any, at: int) -> None:
        self.exchange_time = max(self.exchange_time, time_of(row))
        if self.channel.method == "balance":
            self._times[key] = max(self._times.get(key, 0), time_of(row))
        self.newest.pop(key, None)  # what changed last stands last
        self.newest[key] = row
        self.subscriber.append(ALL, (row,), at, True)
        if len(self.newest) > 2 * _MOST_ENDED:
            self._forget()

    def _forget(self) -> None:
        """Forget the oldest of what has ended."""
        over = [key for key, row in self.newest.items() if is_last(self.channel, row)][:-_MOST_ENDED]
        for key in over:
            del self.newest[key]


class DealState(AccountState):
    """What one subscriber knows of deals: each comes once, and those before the subscription are requested."""

    def __init__(self, subscriber: AccountSubscriber, channel: Channel, at: int) -> None:
        super().__init__(subscriber, channel, at)
        self._last = (0, 0)  # time and id of the newest

    def open_rows(self) -> tuple[Any, ...]:
        """Return nothing: deals do not change."""
        return ()

    def push(self, row: Any, at: int) -> None:
        """Take a deal that was pushed."""
        self._put([row], at)

    def take(self, rows: Sequence[Any], at: int) -> int:
        """Take the deals of a reply over HTTP; return how many of them are new."""
        new = [row for row in rows if self.is_wanted(row) and key_of(self.channel, row) not in self.newest]
        self._put(sorted(new, key=_by_time), at)
        return len(new)

    def _put(self, rows: Sequence[Any], at: int) -> None:
        for row in rows:
            key = key_of(self.channel, row)
            if key in self.newest:
                self.subscriber.count_duplicates(1)
                continue
            self.newest[key] = None
            self.exchange_time = max(self.exchange_time, time_of(row))
            if _by_time(row) < self._last:
                self.subscriber.insert(ALL, (row,), at)
            else:
                self._last = _by_time(row)
                self.subscriber.append(ALL, (row,), at, True)
        if len(self.newest) > 2 * _MOST_DEALS:
            self.newest = dict.fromkeys(list(self.newest)[-_MOST_DEALS:])


def _by_time(row: Any) -> tuple[int, int]:
    return row.created_at, row.deal_id
