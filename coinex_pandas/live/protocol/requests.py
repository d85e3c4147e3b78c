"""The requests of a connection: their ids, and which of them wait for a reply."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from coinex_pandas.live.protocol.actions import Send
from coinex_pandas.live.protocol.subscription import Subscription

__all__ = ["Request", "Requests"]


class Request(NamedTuple):
    """A request that was sent.

    Attributes
    ----------
    subscription : Subscription or None
        Which one it is for; None for pings and signatures.
    names : tuple of str
        The markets that it subscribes to, or unsubscribes from.
    sent_at : float
        When, in seconds.
    subscribes, signs : bool
        Whether it is a subscription, or a signature.
    """

    subscription: Subscription | None
    names: tuple[str, ...]
    sent_at: float
    subscribes: bool
    signs: bool


class Requests:
    """The requests that wait for a reply, by their ids."""

    def __init__(self) -> None:
        self._pending: dict[int, Request] = {}
        self._last_id = 0

    def __len__(self) -> int:
        return len(self._pending)

    def send(
        self,
        method: str,
        params: Mapping[str, Any] | msgspec.Raw,
        now: float,
        subscription: Subscription | None = None,
        names: tuple[str, ...] = (),
        *,
        signs: bool = False,
    ) -> Send:
        """Return the action that sends a request, which waits for a reply from now on."""
        self._last_id += 1
        self._pending[self._last_id] = Request(subscription, names, now, method.endswith(".subscribe"), signs)
        return Send(msgspec.json.encode({"method": method, "params": params, "id": self._last_id}).decode(), signs)

    def pop(self, number: int) -> Request | None:
        """Return the request that a reply belongs to, which no longer waits; None for a reply to nothing."""
        return self._pending.pop(number, None)

    def is_pending(self, subscription: Subscription) -> bool:
        """Return whether a request for a subscription waits."""
        return any(request.subscription is subscription for request in self._pending.values())

    @property
    def oldest(self) -> float:
        """When the oldest one was sent; infinity for none."""
        return min((request.sent_at for request in self._pending.values()), default=float("inf"))

    def restart(self, now: float) -> None:
        """Have all of them wait from now on."""
        self._pending = {number: request._replace(sent_at=now) for number, request in self._pending.items()}

    def clear(self) -> None:
        """Forget them: their connection is gone."""
        self._pending.clear()
