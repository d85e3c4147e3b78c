"""The private channels of one connection: whose it is, what it wants to be told, and what waits to be sent.

What is documented nowhere, and decided here: subscriptions add up, one that names nothing wants all, and signing with
another key makes the connection that account's, with nothing subscribed to.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from ipaddress import ip_address, ip_network
from typing import Any

import msgspec

from coinex_pandas.sandbox.accounts import Account, Accounts
from coinex_pandas.sandbox.gate import WINDOW_MS
from coinex_pandas.sandbox.pushes import Push
from coinex_pandas.sandbox.trading import Event

__all__ = ["MAINTENANCE", "PRIVATE", "Mailbox", "Signature", "notice_row", "signer_of"]

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

Row = dict[str, Any]


class Signature(msgspec.Struct):
    """The parameters of server.sign: the hex HMAC-SHA256 of the timestamp's digits."""

    access_id: str
    signed_str: str
    timestamp: int

    def __repr__(self) -> str:
        return "<signature>"


def signer_of(accounts: Accounts, signature: Signature, now: int, address: str, speed: float = 1.0) -> Account | None:
    """Return the account whose key has signed; None for a signature that is not good, or not any more.

    As for requests the window is one of real seconds: it is as many times longer as the sandbox's clock runs faster.
    """
    key = accounts.key(signature.access_id)
    if key is None or 0 < key.expires_at <= now or key.account.is_frozen:
        return None
    if key.ip_whitelist and not any(ip_address(address) in ip_network(each, strict=False) for each in key.ip_whitelist):
        return None
    digits = str(signature.timestamp).encode()
    good = hmac.new(key.secret_key.encode("latin-1"), digits, hashlib.sha256).hexdigest()
    is_right = hmac.compare_digest(good.encode(), signature.signed_str.encode())
    return key.account if is_right and abs(now - signature.timestamp) <= WINDOW_MS * max(1.0, speed) else None


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
