"""The rules of one connection to a socket of the exchange, apart from sockets, threads and clocks.

Whoever owns a `Link` tells it what happened (`opened`, `closed`, `frame`, `tick`, `refilled`) and does what stands
in ``todo`` afterwards. The package's own shell is ``pump.py``; the tests have one in simulated time. ``now`` is
seconds of a clock that never jumps, ``at`` unix milliseconds.
"""

from __future__ import annotations

import gzip
import random
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple
from zlib import decompress

import msgspec

from coinex_pandas.errors import refusal
from coinex_pandas.errors.codes import lookup
from coinex_pandas.live.channel import Channel
from coinex_pandas.live.protocol.account import CatchUp, PrivateFeed
from coinex_pandas.live.protocol.actions import AskLater, Connect, Drop, Send, Todo
from coinex_pandas.live.protocol.deals import DealFeed
from coinex_pandas.live.protocol.depth import DepthFeed
from coinex_pandas.live.protocol.messages import (
    QUICK,
    BadFrame,
    Reply,
    Unknown,
    method_of,
    read,
    reader,
    unpacked,
    with_negative_zeros,
)
from coinex_pandas.live.protocol.sign_in import Signature, SignIn
from coinex_pandas.live.protocol.subscription import Ask, Feed, Recovered, Refill, Sink

__all__ = ["AskLater", "Connect", "Drop", "Link", "Send", "Todo"]

PING = 20.0  # seconds between pings; the exchange drops who is silent for 60
PATIENCE = 10.0  # seconds to wait for the answer to a request, pings among them
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds before connecting again; doubled each time, with jitter
_GOOD = 60.0  # seconds that a connection must have held for the pauses to begin anew
_AGAIN = 2.0  # seconds before a subscription is repeated that the exchange was too busy for
_FOREVER = float("inf")
_UNREADABLE = (zlib.error, msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_FEEDS: dict[str, type[Feed]] = {"deals": DealFeed, "depth": DepthFeed}


class _Request(NamedTuple):
    feed: Feed | None
    names: tuple[str, ...]
    sent: float
    subscribes: bool
    signs: bool = False


class Link:
    """One connection: what is subscribed on it, whether it lives, and what was missed while it did not.

    Parameters
    ----------
    area : str
        ``spot`` or ``futures``.
    dice : random.Random, optional
        For the jitter of pauses.

    Attributes
    ----------
    todo : list
        What the owner has to do, in order.
    state : str
        ``idle``, ``connecting``, ``open``, ``dropping`` or ``waiting``.
    trouble : str
        Why the last connection ended, or did not come about.
    frames, bytes, bad, connects : int
        Frames and bytes received, frames that could not be read, and connections that came about.
    """

    def __init__(self, area: str, dice: random.Random | None = None) -> None:
        self.area = area
        self.todo: list[Todo] = []
        self.feeds: dict[str, Feed] = {}
        self.state = "idle"
        self.trouble = ""
        self.frames = self.bytes = self.bad = self.connects = 0
        self._dice = dice or random.Random()
        self._read = reader(area)
        self._quick: dict[type, Callable[[Sequence[Any], int], Sequence[Ask]]] = {}
        self._waiting: dict[int, _Request] = {}
        self._number = 0
        self._attempt = 0
        self._heard_at = 0
        self._sign_in = SignIn()
        self._due: dict[str, float] = {}
        self._again: dict[str, float] = {}
        self._leaving: dict[str, list[str]] = {}  # markets whose unsubscription is not answered yet, by method
        self._is_held = False

    # ---- who listens

    def fits(self, channel: Channel, sink: Sink) -> bool:
        """Return whether somebody can listen here: a market's book has one shape per connection."""
        feed = self.feeds.get(channel.method)
        return not isinstance(feed, DepthFeed) or feed.fits(sink)

    def add(self, channel: Channel, sink: Sink, now: float, at: int) -> None:
        """Let somebody listen; the complete set is subscribed to when it has grown."""
        feed = self.feeds.get(channel.method)
        if feed is None:
            kind = PrivateFeed if channel.private is not None else _FEEDS.get(channel.method, Feed)
            feed = self.feeds[channel.method] = kind(channel)
            feed.leaving = self._leaving.setdefault(channel.method, [])
        before = len(feed.sinks)
        self._ask(feed.add(sink, at), now)
        if self.state == "idle":
            self._connect()
        elif self.state == "open" and len(feed.sinks) > before:
            self._subscribe(feed, now)

    def remove(self, channel: Channel, sink: Sink, now: float) -> None:
        """Let somebody go."""
        feed = self.feeds.get(channel.method)
        if feed is None:
            return
        left = feed.remove(sink)
        if self.state == "open" and left:
            feed.leaving += left
            self._request(f"{channel.method}.unsubscribe", feed.request(left), now, feed, tuple(left))
        if not feed.sinks:
            del self.feeds[channel.method]
            self._quick.clear()

    # ---- what happens

    def opened(self, now: float, at: int) -> None:
        """Note that the connection is there."""
        self.state, self._heard_at = "open", at
        self.connects += 1
        self._due = {"ping": now + PING, "good": now + _GOOD}
        for feed in self.feeds.values():
            self._subscribe(feed, now)

    def closed(self, now: float, cause: str) -> None:
        """Note that the connection is gone, or did not come about."""
        if self.state in ("open", "dropping"):
            for feed in self.feeds.values():
                feed.disconnected(self._heard_at, cause)
        self.trouble = cause
        self._waiting.clear()
        self._again.clear()
        for leaving in self._leaving.values():
            leaving.clear()
        self._is_held = False
        self._sign_in.end()
        self.state = "waiting"
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(self._attempt, 16))
        self._attempt += 1
        self._due = {"connect": now + pause * self._dice.uniform(0.5, 1.0)}

    def frames_together(self, batch: Sequence[bytes], now: float, at: int) -> None:
        """Take binary frames that came together, each small enough that it cannot exceed the cap when unpacked.

        A flood of deals is handled several times as quickly so.
        """
        try:
            texts = [decompress(data, 31) for data in batch]
            pushes = [*map(self._read, texts)]
        except _UNREADABLE:  # an answer among them, or a bad one: each is looked at
            for data in batch:
                self.frame(data, now, at)
            return
        self.frames += len(batch)
        self.bytes += sum(map(len, batch))
        for kind, group in groupby(zip(pushes, texts, strict=True), key=_kind):
            quick = self._quick.get(kind)
            if quick is None:
                for push, text in group:
                    self._ask(self._handled(push, text, now, at), now)
            else:
                self._ask(quick([push.data for push, _ in group], at), now)
        self._heard_at = at

    def _handled(self, push: Any, text: bytes, now: float, at: int) -> Sequence[Ask]:
        try:
            return self._handle(push, text, now, at)
        except BadFrame as fault:  # of a private channel: what it holds is looked at by who reads it
            return self._missed(at, fault)

    def frame(self, data: Any, now: float, at: int) -> None:
        """Take a binary frame: unpack it, read it, hand it on."""
        self.frames += 1
        self.bytes += len(data)
        try:
            text = decompress(data, 31) if len(data) <= QUICK else unpacked(data)
            asks = self._handle(self._read(text), text, now, at)
        except (*_UNREADABLE, BadFrame):
            asks = self._second_look(data, now, at)
        self._ask(asks, now)
        self._heard_at = at

    def text_frame(self, text: bytes, now: float, at: int) -> None:
        """Take a text frame, which the exchange is not known to send."""
        self.frame(gzip.compress(text, 0), now, at)

    def _second_look(self, data: Any, now: float, at: int) -> Sequence[Ask]:
        """Take a frame that is no push as declared: an answer, a push with other columns, or no good at all."""
        try:
            text = with_negative_zeros(unpacked(data))
            return self._handle(read(self.area, text), text, now, at)
        except BadFrame as fault:
            return self._missed(at, fault)

    def _missed(self, at: int, fault: BadFrame) -> list[Ask]:
        """Note a frame that could not be read; return what is to be asked for."""
        self.bad += 1
        hit = [feed for method, feed in self.feeds.items() if fault.method in (method, None)]
        return [ask for feed in hit for ask in feed.missed(self._heard_at, at, str(fault))]

    def tick(self, now: float) -> None:
        """Do what is due."""
        if now >= self._due.get("connect", _FOREVER):
            self._connect()
        elif self.state == "open":
            self._look_after(now)

    def signature(self, signature: Signature, connection: int, now: float) -> None:
        """Take the signature that was wished for."""
        if self.state == "open" and connection == self.connects and self._sign_in.state == "wanted":
            self._sign_in.state = "sent"
            self._request("server.sign", signature.params, now, signs=True)

    def unsigned(self, cause: str, connection: int, now: float) -> None:
        """Note that no signature could be made; it is tried again."""
        if self.state == "open" and connection == self.connects and self._sign_in.state == "wanted":
            self.trouble = cause
            self._sign_later(now)

    @property
    def wake(self) -> float:
        """When `tick` has something to do next."""
        sent = [] if self._is_held else [request.sent for request in self._waiting.values()]
        return min(*self._due.values(), *self._again.values(), min(sent, default=_FOREVER) + PATIENCE, _FOREVER)

    def hold(self, now: float, *, held: bool) -> None:
        """Note that nothing is read for a while, or is again: nobody is to blame then for an answer that is late."""
        self._is_held = held
        if not held:
            self._waiting = {number: request._replace(sent=now) for number, request in self._waiting.items()}

    def refilled(self, asked: Refill | CatchUp, found: Recovered, at: int) -> None:
        """Take the answer to a refill."""
        again = asked.feed.refilled(asked, found, at)
        if again is not None:
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(again.attempt, 16))
            self.todo.append(AskLater(again, 0.0 if again.attempt == 1 else pause))

    # ---- inside

    def _connect(self) -> None:
        self.state, self._due = "connecting", {}
        self.todo.append(Connect())

    def _subscribe(self, feed: Feed, now: float) -> None:
        if not feed.sinks:  # all were refused; to name nothing would mean everything
            return
        if isinstance(feed, PrivateFeed) and self._sign_in.state != "signed":
            self._sign()  # it is subscribed to once that is acknowledged
            return
        self._request(
            f"{feed.channel.method}.subscribe", feed.request(feed.wanted()), now, feed, names=tuple(feed.sinks)
        )

    def _request(
        self,
        method: str,
        params: Mapping[str, Any] | msgspec.Raw,
        now: float,
        feed: Feed | None = None,
        names: tuple[str, ...] = (),
        *,
        signs: bool = False,
    ) -> None:
        self._number += 1
        self._waiting[self._number] = _Request(feed, names, now, method.endswith(".subscribe"), signs)
        text = msgspec.json.encode({"method": method, "params": params, "id": self._number}).decode()
        self.todo.append(Send(text, signs))

    def _ask(self, asks: Iterable[Ask], now: float) -> None:
        books: dict[Feed, list[str]] = {}
        for ask in asks:
            if isinstance(ask, (Refill, CatchUp)):
                self.todo.append(AskLater(ask, 0.0))
            else:
                books.setdefault(ask.feed, []).append(ask.market)
        for feed, markets in books.items():
            self._renew(feed, markets, now)

    def _renew(self, feed: Feed, markets: list[str], now: float) -> None:
        """Subscribe anew: a subscription that stands already is not promised a whole book."""
        if self.state == "open":
            self._request(f"{feed.channel.method}.unsubscribe", {"market_list": markets}, now, feed)
            self._subscribe(feed, now)

    def _look_after(self, now: float) -> None:
        late = any(now >= request.sent + PATIENCE for request in self._waiting.values())
        if late and not self._is_held:  # who does not read cannot complain of silence
            self.state = "dropping"
            self.todo.append(Drop(f"no answer to a request within {PATIENCE:g} s"))
            return
        if now >= self._due["ping"]:
            self._due["ping"] = now + PING
            self._request("server.ping", {}, now)
        if now >= self._due.get("good", _FOREVER):
            del self._due["good"]
            self._attempt = 0
        if now >= self._due.get("sign", _FOREVER):
            del self._due["sign"]
            if self._private():
                self._sign()
        for method in [method for method, when in self._again.items() if now >= when]:
            del self._again[method]
            if method in self.feeds:
                self._subscribe(self.feeds[method], now)

    def _handle(self, push: Any, text: bytes, now: float, at: int) -> Sequence[Ask]:
        if isinstance(push, Reply):
            return self._answered(push, now, at)
        feed = None if isinstance(push, Unknown) else self.feeds.get(method_of(push))
        if feed is None:
            return ()
        if isinstance(feed, DealFeed):  # no number of a deal is negative
            self._quick[type(push)] = feed.push_all
        elif b'"-0"' in text:
            push = self._read(with_negative_zeros(text))
        return feed.push(push.data, at)

    def _answered(self, reply: Reply, now: float, at: int) -> Sequence[Ask]:
        request = self._waiting.pop(reply.id, None)
        if request is not None and request.signs:
            self._signed(reply, now)
        if request is None or request.feed is None:
            return ()
        feed = request.feed
        asks: Sequence[Ask] = ()
        if not request.subscribes:
            for market in request.names:
                feed.leaving.remove(market)
        elif reply.code == 0:
            asks = feed.agreed(request.names, at)
        elif lookup(reply.code).retry:
            self._again[feed.channel.method] = now + _AGAIN
        elif SignIn.lacks(reply.code) and self._sign_in.may_repeat(reply.code):
            self._sign()
        else:
            self._refuse(feed, request.names, reply)
        if feed.channel.method not in self._again and all(other.feed is not feed for other in self._waiting.values()):
            feed.settled(at)
        return asks

    @staticmethod
    def _refuse(feed: Feed, names: tuple[str, ...], reply: Reply, endpoint: str = "") -> None:
        where = endpoint or feed.channel.endpoint
        error = refusal(reply.code, reply.message or "", endpoint=where, about=", ".join(filter(None, names)))
        for sink in feed.everybody():
            if not feed.is_served(sink):
                feed.remove(sink)  # or the next subscription would be refused with it, that of others too
                sink.refused(error)

    # ---- signing

    def _private(self) -> list[PrivateFeed]:
        return [feed for feed in self.feeds.values() if isinstance(feed, PrivateFeed)]

    def _sign(self) -> None:
        wish = self._sign_in.begin(self.connects)
        if wish is not None:
            self.todo.append(wish)

    def _sign_later(self, now: float) -> None:
        self._sign_in.put_off()
        self._due["sign"] = now + _AGAIN

    def _signed(self, reply: Reply, now: float) -> None:
        """Take the answer to a signature."""
        if reply.code == 0:
            self._sign_in.state = "signed"
            for feed in self._private():
                self._subscribe(feed, now)
        elif lookup(reply.code).retry:
            self._sign_later(now)
        elif self._sign_in.may_repeat(reply.code):
            self._sign()
        else:
            for feed in self._private():
                self._refuse(feed, (), reply, f"{self.area} socket, server.sign")


def _kind(pair: tuple[Any, bytes]) -> type:
    return type(pair[0])
