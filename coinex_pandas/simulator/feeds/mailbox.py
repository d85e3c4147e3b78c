"""The private channels of one connection: its account, its subscriptions, and the pushes that wait to be sent.

Not documented, and decided here: subscriptions add up, an empty one means all, and signing with another key gives the
connection to that account, without any subscription.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator

from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.engine.engine import Event
from coinex_pandas.simulator.feeds.pushes import Push
from coinex_pandas.simulator.reply import Row

__all__ = ["MAINTENANCE", "PRIVATE", "Mailbox", "notice_row"]


_BOTH = {
    "order": "market_list",
    "stop": "market_list",
    "user_deals": "market_list",
    "balance": "ccy_list",
    "notice": "channels",
}
PRIVATE: dict[str, dict[str, str]] = {"spot": _BOTH, "futures": _BOTH | {"position": "market_list"}}
"""The channels of each socket that need a signature, and the parameter that selects among their events."""

MAINTENANCE = 101
"""The only number of the channel `notice`."""


class _Selection:
    """The names that a channel is subscribed to: some, or all but some."""

    def __init__(self) -> None:
        self._all = False
        self._names: set[str] = set()
        self._excluded: set[str] = set()  # removed after all were added

    def add(self, names: Iterable[str]) -> None:
        chosen = set(names)
        if not chosen:
            self._all, self._excluded = True, set()
        self._names |= chosen
        self._excluded -= chosen

    def remove(self, names: Iterable[str]) -> None:
        chosen = set(names)
        if not chosen:
            self._all, self._names = False, set()
        self._names -= chosen
        self._excluded |= chosen

    def __contains__(self, name: str) -> bool:
        return name in self._names or (self._all and name not in self._excluded)


class Mailbox:
    """The events of an account that a connection is subscribed to.

    Parameters
    ----------
    area : str
        "spot" or "futures".

    Attributes
    ----------
    account : Account or None
        The account that has signed; None before.
    on_push : callable
        Called when there is something to send, on whichever thread that happens.

    Examples
    --------
    >>> mailbox = Mailbox("spot")
    >>> mailbox.sign(Account("me", 1))
    >>> mailbox.subscribe("balance", [])
    >>> mailbox.receive(Event(mailbox.account, "spot", "balance", "USDT", {"balance_list": [{"ccy": "USDT"}]}, 0))
    >>> [push.method for push in mailbox.due()]
    ['balance.update']
    """

    def __init__(self, area: str) -> None:
        self.area = area
        self.account: Account | None = None
        self.on_push: Callable[[], None] = _nothing
        self._selections = {method: _Selection() for method in PRIVATE[area]}
        self._waiting: deque[Push] = deque()

    def sign(self, account: Account) -> None:
        """Give the mailbox to an account."""
        if account is not self.account:
            self._selections = {method: _Selection() for method in PRIVATE[self.area]}
        self.account = account

    def subscribe(self, method: str, names: Iterable[str]) -> None:
        """Subscribe to some names, or to all."""
        self._selections[method].add(names)

    def unsubscribe(self, method: str, names: Iterable[str]) -> None:
        """Unsubscribe from some names, or from all."""
        self._selections[method].remove(names)

    def receive(self, event: Event) -> None:
        """Queue the push of an event, if it is subscribed to."""
        if event.area == self.area and event.account is self.account and event.name in self._selections[event.method]:
            self._put(Push(f"{event.method}.update", event.data, (event.name,), _rows(event.data)))

    def announce(self, info: Row) -> None:
        """Queue the push of a planned maintenance, if notices are subscribed to."""
        if self.account is not None and str(MAINTENANCE) in self._selections["notice"]:
            self._put(Push("notice.update", {"channel": MAINTENANCE, "info": info}, ()))

    def due(self) -> Iterator[Push]:
        """Yield the waiting pushes, oldest first."""
        while self._waiting:
            yield self._waiting.popleft()

    def _put(self, push: Push) -> None:
        self._waiting.append(push)
        self.on_push()


def notice_row(maintenance: Row) -> Row:
    """Return a maintenance of GET /maintain/info as a row of the channel `notice`."""
    return {
        "start_time": maintenance["started_at"],
        "end_time": maintenance["ended_at"],
        "scope": maintenance["scope"],
        "protect_duration_start": maintenance["protect_duration_start"],
        "protect_duration_end": maintenance["protect_duration_end"],
    }


def _rows(data: Row) -> int:
    rows = data.get("balance_list")
    return len(rows) if isinstance(rows, list) else 1


def _nothing() -> None:
    """Do nothing: there is no connection."""
