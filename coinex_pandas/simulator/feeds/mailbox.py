"""The private channels of one connection: whose it is, what it wants to be told, and what waits to be sent.

What is documented nowhere, and decided here: subscriptions add up, one that names nothing wants all, and signing with
another key makes the connection that account's, with nothing subscribed to.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator

from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.engine.engine import Event
from coinex_pandas.simulator.feeds.pushes import Push
from coinex_pandas.simulator.reply import Row

__all__ = ["MAINTENANCE", "PRIVATE", "Mailbox", "notice_row"]


PRIVATE: dict[str, dict[str, str]] = {
    "spot": {
        "order": "market_list",
        "stop": "market_list",
        "user_deals": "market_list",
        "balance": "ccy_list",
        "notice": "channels",
    },
    "futures": {
        "order": "market_list",
        "stop": "market_list",
        "user_deals": "market_list",
        "balance": "ccy_list",
        "position": "market_list",
        "notice": "channels",
    },
}
"""The channels of each socket that need a signature, and the parameter that chooses among what they tell."""

MAINTENANCE = 101
"""The only number of the channel `notice`."""


class _Choice:
    """What is wanted of a channel: some names, or all but some."""

    def __init__(self) -> None:
        self._all = False
        self._names: set[str] = set()
        self._without: set[str] = set()  # taken out of all again

    def add(self, names: Iterable[str]) -> None:
        given = set(names)
        if not given:
            self._all, self._without = True, set()
        self._names |= given
        self._without -= given

    def take_out(self, names: Iterable[str]) -> None:
        given = set(names)
        if not given:
            self._all, self._names = False, set()
        self._names -= given
        self._without |= given

    def __contains__(self, name: str) -> bool:
        return name in self._names or (self._all and name not in self._without)


class Mailbox:
    """What a connection is told of its account.

    Parameters
    ----------
    area : str
        "spot" or "futures".

    Attributes
    ----------
    account : Account or None
        Whose; None until somebody has signed.
    on_mail : callable
        Called when there is something to send, on whichever thread that happens.

    Examples
    --------
    >>> mailbox = Mailbox("spot")
    >>> mailbox.sign(Account("me", 1))
    >>> mailbox.subscribe("balance", [])
    >>> mailbox.hear(Event(mailbox.account, "spot", "balance", "USDT", {"balance_list": [{"ccy": "USDT"}]}, 0))
    >>> [push.method for push in mailbox.due()]
    ['balance.update']
    """

    def __init__(self, area: str) -> None:
        self.area = area
        self.account: Account | None = None
        self.on_mail: Callable[[], None] = _nothing
        self._choices = {method: _Choice() for method in PRIVATE[area]}
        self._waiting: deque[Push] = deque()

    def sign(self, account: Account) -> None:
        """Make it an account's."""
        if account is not self.account:
            self._choices = {method: _Choice() for method in PRIVATE[self.area]}
        self.account = account

    def subscribe(self, method: str, names: Iterable[str]) -> None:
        """Want to be told of some names, or of all."""
        self._choices[method].add(names)

    def unsubscribe(self, method: str, names: Iterable[str]) -> None:
        """Want to be told no more of some names, or of any."""
        self._choices[method].take_out(names)

    def hear(self, event: Event) -> None:
        """Take note of what has happened, if it is wanted here."""
        if event.area == self.area and event.account is self.account and event.name in self._choices[event.method]:
            self._put(Push(f"{event.method}.update", event.data, (event.name,), _rows(event.data)))

    def announce(self, info: Row) -> None:
        """Take note of a planned maintenance, if it is wanted here."""
        if self.account is not None and str(MAINTENANCE) in self._choices["notice"]:
            self._put(Push("notice.update", {"channel": MAINTENANCE, "info": info}, ()))

    def due(self) -> Iterator[Push]:
        """Yield what waits, oldest first."""
        while self._waiting:
            yield self._waiting.popleft()

    def _put(self, push: Push) -> None:
        self._waiting.append(push)
        self.on_mail()


def notice_row(maintenance: Row) -> Row:
    """Return a maintenance of GET /maintain/info as the channel `notice` words it."""
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
    """Wake nobody: there is no connection."""
