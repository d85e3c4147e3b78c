"""The rules of one connection to a socket of the exchange: no sockets, no threads, no clocks.

A driver reports what happens to a `Connection` (``on_open``, ``on_frame``, ``on_close``, ``tick``...) and then carries
out its ``actions``. The package's driver is ``sockets/driver.py``; the tests have one in simulated time. ``now`` is
seconds of a clock that never jumps, ``at`` unix milliseconds.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import Any

from coinex_pandas.errors.codes import lookup
from coinex_pandas.errors.quoting import quoted
from coinex_pandas.errors.refusals import refusal
from coinex_pandas.live.channel import Channel
from coinex_pandas.live.protocol.account import AccountRequest, AccountSubscription
from coinex_pandas.live.protocol.actions import Action, Connect, Drop, Recover
from coinex_pandas.live.protocol.deals import DealSubscription
from coinex_pandas.live.protocol.depth import DepthSubscription
from coinex_pandas.live.protocol.frames import FrameHandler
from coinex_pandas.live.protocol.messages import Reply
from coinex_pandas.live.protocol.requests import Requests
from coinex_pandas.live.protocol.sign_in import Signature, SignIn
from coinex_pandas.live.protocol.subscription import DealRequest, FollowUp, Recovery, Subscriber, Subscription

__all__ = ["Connection"]

PING = 20.0  # seconds between pings; the exchange drops a client that is silent for 60
REPLY_TIMEOUT = 10.0  # seconds to wait for the reply to a request, pings among them
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds before connecting again; doubled each time, with jitter
_STABLE = 60.0  # seconds that a connection must have lasted for the pauses to begin anew
_RETRY = 2.0  # seconds before repeating a subscription that the exchange was too busy for
_NEVER = float("inf")
_SUBSCRIPTIONS: dict[str, type[Subscription]] = {"deals": DealSubscription, "depth": DepthSubscription}


class Connection(FrameHandler):
    """One connection: what is subscribed on it, whether it is alive, and what was missed while it was not.

    Parameters
    ----------
    area : str
        ``spot`` or ``futures``.
    rng : random.Random, optional
        For the jitter of pauses.

    Attributes
    ----------
    actions : list
        What the driver has to do, in order.
    state : str
        ``idle``, ``connecting``, ``open``, ``dropping`` or ``waiting``.
    trouble : str
        Why the last connection ended, or could not be made.
    connects : int
        Connections made.
    """

    def __init__(self, area: str, rng: random.Random | None = None) -> None:
        super().__init__(area)
        self.actions: list[Action] = []
        self.state = "idle"
        self.trouble = ""
        self.connects = 0
        self._rng = rng or random.Random()
        self._requests = Requests()
        self._attempts = 0
        self._sign_in = SignIn()
        self._due: dict[str, float] = {}
        self._retries: dict[str, float] = {}  # when to repeat a subscription, by method
        self._leaving: dict[str, list[str]] = {}  # markets whose unsubscription is not acknowledged, by method
        self._is_held = False

    # ---- subscribers

    def fits(self, channel: Channel, subscriber: Subscriber) -> bool:
        """Return whether somebody can subscribe here: a market's book has one shape per connection."""
        subscription = self.subscriptions.get(channel.method)
        return not isinstance(subscription, DepthSubscription) or subscription.fits(subscriber)

    def add(self, channel: Channel, subscriber: Subscriber, now: float, at: int) -> None:
        """Add a subscriber; when the set of markets has grown, all of it is subscribed to."""
        subscription = self.subscriptions.get(channel.method)
        if subscription is None:
            is_public = channel.private is None
            kind = _SUBSCRIPTIONS.get(channel.method, Subscription) if is_public else AccountSubscription
            subscription = self.subscriptions[channel.method] = kind(channel)
            subscription.leaving = self._leaving.setdefault(channel.method, [])
        before = len(subscription.subscribers)
        self._follow_up(subscription.add(subscriber, at), now)
        if self.state == "idle":
            self._connect()
        elif self.state == "open" and len(subscription.subscribers) > before:
            self._subscribe(subscription, now)

    def remove(self, channel: Channel, subscriber: Subscriber, now: float) -> None:
        """Remove a subscriber."""
        subscription = self.subscriptions.get(channel.method)
        if subscription is None:
            return
        left = subscription.remove(subscriber)
        if self.state == "open" and left:
            subscription.leaving += left
            self._unsubscribe(subscription, left, now, tuple(left))
        if not subscription.subscribers:
            del self.subscriptions[channel.method]
            self._push_all.clear()

    # ---- the socket opens and closes

    def on_open(self, now: float, at: int) -> None:
        """Note that the connection is there."""
        self.state, self._last_frame_at = "open", at
        self.connects += 1
        self._due = {"ping": now + PING, "stable": now + _STABLE}
        for each in self.observers:
            each.opened(at)
        for subscription in self.subscriptions.values():
            self._subscribe(subscription, now)

    def on_close(self, now: float, cause: str) -> None:
        """Note that the connection is gone, or could not be made."""
        cause = quoted(cause)
        for each in self.observers:
            each.closed(cause)
        if self.state in ("open", "dropping"):
            for subscription in self.subscriptions.values():
                subscription.disconnect(self._last_frame_at, cause)
        self.trouble = cause
        self._requests.clear()
        self._retries.clear()
        for leaving in self._leaving.values():
            leaving.clear()
        self._is_held = False
        self._sign_in.end()
        self.state = "waiting"
        pause = _pause(self._attempts)
        self._attempts += 1
        self._due = {"connect": now + pause * self._rng.uniform(0.5, 1.0)}

    def _connect(self) -> None:
        self.state, self._due = "connecting", {}
        self.actions.append(Connect())

    # ---- time passes

    def tick(self, now: float) -> None:
        """Do what is due."""
        if now >= self._due.get("connect", _NEVER):
            self._connect()
        elif self.state == "open":
            self._tick_open(now)

    def _tick_open(self, now: float) -> None:
        if now >= self._requests.oldest + REPLY_TIMEOUT and not self._is_held:  # while held no reply can come
            self.state = "dropping"
            self.actions.append(Drop(f"no answer to a request within {REPLY_TIMEOUT:g} s"))
            return
        if now >= self._due["ping"]:
            self._due["ping"] = now + PING
            self.actions.append(self._requests.send("server.ping", {}, now))
        if now >= self._due.get("stable", _NEVER):
            del self._due["stable"]
            self._attempts = 0
        if now >= self._due.get("sign", _NEVER):
            del self._due["sign"]
            if self._account_subscriptions():
                self._sign()
        for method in [method for method, when in self._retries.items() if now >= when]:
            del self._retries[method]
            if method in self.subscriptions:
                self._subscribe(self.subscriptions[method], now)

    @property
    def wake(self) -> float:
        """When `tick` has something to do next."""
        oldest = _NEVER if self._is_held else self._requests.oldest
        return min(*self._due.values(), *self._retries.values(), oldest + REPLY_TIMEOUT, _NEVER)

    def hold(self, now: float, *, held: bool) -> None:
        """Note that reading stops for a while, or goes on: a reply that waited meanwhile is not late."""
        self._is_held = held
        if not held:
            self._requests.restart(now)

    # ---- requests and replies

    def _subscribe(self, subscription: Subscription, now: float) -> None:
        if not subscription.subscribers:  # all were refused; to name nothing would mean everything
            return
        if isinstance(subscription, AccountSubscription) and self._sign_in.state != "signed":
            self._sign()  # the reply to it lets the subscription follow
            return
        method, params = f"{subscription.channel.method}.subscribe", subscription.params(subscription.targets())
        names = tuple(subscription.subscribers)
        self._request(method, params, now, subscription, names)

    def _unsubscribe(
        self, subscription: Subscription, markets: list[str], now: float, leaving: tuple[str, ...] = ()
    ) -> None:
        method, params = f"{subscription.channel.method}.unsubscribe", subscription.params(markets)
        self._request(method, params, now, subscription, leaving)

    def _request(
        self, method: str, params: dict[str, Any], now: float, subscription: Subscription, names: tuple[str, ...]
    ) -> None:
        for each in self.observers:
            each.subscribed(method, params)
        self.actions.append(self._requests.send(method, params, now, subscription, names))

    def _on_reply(self, reply: Reply, now: float, at: int) -> Sequence[FollowUp]:
        request = self._requests.pop(reply.id)
        if request is not None and request.signs:
            self._on_sign_reply(reply, now)
        if request is None or request.subscription is None:
            return ()
        subscription, method = request.subscription, request.subscription.channel.method
        follow_ups: Sequence[FollowUp] = ()
        if not request.subscribes:
            for market in request.names:
                subscription.leaving.remove(market)
        elif reply.code == 0:
            follow_ups = subscription.acknowledge(request.names, at)
        elif lookup(reply.code).retry:
            self._retries[method] = now + _RETRY
        elif SignIn.lacks(reply.code) and self._sign_in.may_repeat(reply.code):
            self._sign()
        else:
            _refuse(subscription, request.names, reply)
        is_settled = method not in self._retries and not self._requests.is_pending(subscription)
        for each in self.observers:
            verb = "subscribe" if request.subscribes else "unsubscribe"
            each.replied(f"{method}.{verb}", request.names, reply.code, is_settled=is_settled, at=at)
        if is_settled:
            subscription.settle(at)
        return follow_ups

    # ---- follow-ups, and rows recovered over HTTP

    def _follow_up(self, follow_ups: Iterable[FollowUp], now: float) -> None:
        books: dict[Subscription, list[str]] = {}
        for each in follow_ups:
            if isinstance(each, (DealRequest, AccountRequest)):
                self.actions.append(Recover(each, 0.0))
            elif self.state == "open" and each.subscription.begins_anew(each.market, now):
                books.setdefault(each.subscription, []).append(each.market)
        for subscription, markets in books.items():
            self._resubscribe(subscription, markets, now)

    def _resubscribe(self, subscription: Subscription, markets: list[str], now: float) -> None:
        """Subscribe anew: nothing promises a whole book to a subscription that exists already."""
        self._unsubscribe(subscription, markets, now)
        self._subscribe(subscription, now)

    def on_recovery(self, request: DealRequest | AccountRequest, reply: Recovery, at: int) -> None:
        """Take the reply to a request over HTTP."""
        for each in self.observers:
            each.recovered(request, reply, at)
        again = request.subscription.on_recovery(request, reply, at)
        if again is not None:
            self.actions.append(Recover(again, 0.0 if again.attempt == 1 else _pause(again.attempt)))

    # ---- signing

    def on_signature(self, signature: Signature, connection: int, now: float) -> None:
        """Take the signature that was wanted."""
        if self.state == "open" and connection == self.connects and self._sign_in.state == "wanted":
            self._sign_in.state = "sent"
            self.actions.append(self._requests.send("server.sign", signature.params, now, signs=True))

    def on_sign_failure(self, cause: str, connection: int, now: float) -> None:
        """Note that no signature could be made; it is tried again."""
        if self.state == "open" and connection == self.connects and self._sign_in.state == "wanted":
            self.trouble = cause
            self._sign_later(now)

    def _account_subscriptions(self) -> list[AccountSubscription]:
        return [each for each in self.subscriptions.values() if isinstance(each, AccountSubscription)]

    def _sign(self) -> None:
        action = self._sign_in.begin(self.connects)
        if action is not None:
            self.actions.append(action)

    def _sign_later(self, now: float) -> None:
        self._sign_in.put_off()
        self._due["sign"] = now + _RETRY

    def _on_sign_reply(self, reply: Reply, now: float) -> None:
        if reply.code == 0:
            self._sign_in.state = "signed"
            for subscription in self._account_subscriptions():
                self._subscribe(subscription, now)
        elif lookup(reply.code).retry:
            self._sign_later(now)
        elif self._sign_in.may_repeat(reply.code):
            self._sign()
        else:
            for subscription in self._account_subscriptions():
                _refuse(subscription, (), reply, f"{self.area} socket, server.sign")


def _refuse(subscription: Subscription, names: tuple[str, ...], reply: Reply, endpoint: str = "") -> None:
    where = endpoint or subscription.channel.endpoint
    error = refusal(reply.code, reply.message or "", endpoint=where, about=", ".join(filter(None, names)))
    subscription.refuse(error)


def _pause(attempts: int) -> float:
    pause: float = FIRST_PAUSE * 2 ** min(attempts, 16)
    return min(LONGEST_PAUSE, pause)
