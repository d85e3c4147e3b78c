"""The way out of a connection: every frame passes here, and so do its faults."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from aiohttp import web

from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.feeds.feed import Feed, Standstill
from coinex_pandas.simulator.feeds.pushes import Push, encoded
from coinex_pandas.simulator.feeds.snapshot import View, Views
from coinex_pandas.simulator.server.auth import Signature
from coinex_pandas.simulator.server.counters import Tally
from coinex_pandas.simulator.server.socket_faults import Mishaps, mangled

__all__ = ["Hub", "Outlet"]


_LONGEST_TURN = 0.005  # seconds of pushing after which others get theirs
_PUSHES_BEFORE_ACK = 3
_LONGEST_HOLD = 0.5  # seconds for which a frame waits for the one that overtakes it
_BIG = frozenset({"gzip_bomb", "giant_frame"})
_NONE: frozenset[str] = frozenset()


class _Held(NamedTuple):
    """A frame that the next one overtakes."""

    push: Push
    number: int
    hits: frozenset[str]
    until: float


@dataclass(eq=False)
class _LateAck:
    """An acknowledgement that comes after some pushes or some time."""

    answer: object
    pushes: int
    until: float


class Outlet:
    """Write the answers and pushes of one connection, and note the pushes.

    Attributes
    ----------
    count : int
        The pushes that were due so far.
    half_open : bool
        Whether nothing is sent any more.
    """

    def __init__(
        self,
        number: int,
        *,
        socket: web.WebSocketResponse,
        transport: asyncio.WriteTransport,
        mishaps: Mishaps,
        hub: Hub,
    ) -> None:
        self.count = 0
        self.half_open = False
        self._number = number
        self._socket = socket
        self._transport = transport
        self._mishaps = mishaps
        self._hub = hub
        self._loop = asyncio.get_running_loop()
        self._turn_began = 0.0
        self._standstill: Standstill | None = None
        self._held: _Held | None = None
        self._late: list[_LateAck] = []

    def abort(self) -> None:
        """Drop the connection at once, without a close frame; what lies in its buffers is lost."""
        self._transport.abort()

    async def say(self, answer: object) -> None:
        """Send an answer."""
        if not self.half_open and not self._transport.is_closing():
            await self._socket.send_bytes(encoded(answer))

    async def pong(self, message: bytes) -> None:
        """Answer a ping of the protocol."""
        if not self.half_open:
            await self._socket.pong(message)

    async def acknowledge(self, answer: object, effect: Callable[[], None]) -> None:
        """Let a subscription take effect and acknowledge it, now or later: what happens once it is known is pushed."""
        hits = self._mishaps.subscription()
        if "silent_ack" not in hits:
            effect()
        if "late_ack" in hits:
            until = self._loop.time() + self._mishaps.seconds("late_ack")
            self._late.append(_LateAck(answer, _PUSHES_BEFORE_ACK, until))
        else:
            await self.say(answer)

    async def push(self, feed: Feed, view: View, *, new_only: bool) -> None:
        """Push what is due at an instant."""
        self._turn_began = self._loop.time()
        for push in feed.due(view, new_only=new_only):
            await self._deliver(push, feed)
        if self._standstill is not None:
            for push in self._standstill.due(view.moment.now):
                await self._repeat(push)

    async def push_mail(self, feed: Feed) -> None:
        """Push what an account is to be told."""
        self._turn_began = self._loop.time()
        for push in feed.mailbox.due():
            await self._deliver(push, feed)

    def appointments(self) -> list[float]:
        """Return when something that was put off is to be sent."""
        held = [] if self._held is None else [self._held.until]
        return held + [late.until for late in self._late]

    async def keep_appointments(self) -> None:
        """Send what was put off until now."""
        now = self._loop.time()
        due = [late for late in self._late if late.pushes <= 0 or late.until <= now]
        self._late = [late for late in self._late if late not in due]
        for late in due:
            await self.say(late.answer)
        if self._held is not None and self._held.until <= now:
            await self._let_go()

    async def _deliver(self, push: Push, feed: Feed) -> None:
        self.count += 1
        number, hits = self.count, self._mishaps.frame()
        if swallowed := self._strike(hits):
            self._hub.tally.note(self._number, number, self._hub.now_ms(), push, swallowed, written=False)
            return
        if "delay_push" in hits:
            await asyncio.sleep(self._mishaps.seconds("delay_push"))
        if "reorder_push" in hits and self._held is None:
            self._held = _Held(push, number, hits, self._loop.time() + _LONGEST_HOLD)
            return
        standstill = Standstill(feed, self._hub.now_ms()) if "stalled_feed" in hits else None
        await self._write(push, number, hits - {"reorder_push", "stalled_feed"})
        self._standstill = standstill
        await self._let_go()

    def _strike(self, hits: frozenset[str]) -> set[str]:
        """Do what hits the whole connection; return the faults that swallow the frame."""
        if "restart_server" in hits:
            self._hub.restart_now(self._mishaps.seconds("restart_server"))
        if "drop_socket" in hits:
            self.abort()
        self.half_open = self.half_open or "half_open" in hits
        swallowed = set(hits & {"restart_server", "drop_socket"})
        swallowed |= {"half_open"} if self.half_open else _NONE
        return swallowed | ({"stalled_feed"} if self._standstill is not None else _NONE)

    async def _repeat(self, push: Push) -> None:
        self.count += 1
        if not self.half_open:
            await self._write(push, self.count, frozenset({"stalled_feed"}))

    async def _let_go(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            await self._write(held.push, held.number, held.hits)

    async def _write(self, push: Push, number: int, hits: frozenset[str]) -> None:
        frame, faults = (push.frame, set()) if not hits else await _spoilt(push, hits)
        faults |= hits & {"delay_push", "reorder_push", "stalled_feed"}
        for again in ((), ("duplicate_push",)) if "duplicate_push" in hits else ((),):
            if self._transport.is_closing():
                return
            self._hub.tally.note(self._number, number, self._hub.now_ms(), push, faults.union(again))
            await self._socket.send_bytes(frame)
        await self._acknowledge_late()
        if self._loop.time() - self._turn_began > _LONGEST_TURN:
            await asyncio.sleep(0)
            self._turn_began = self._loop.time()

    async def _acknowledge_late(self) -> None:
        for late in self._late:
            late.pushes -= 1
        if any(late.pushes <= 0 for late in self._late):
            await self.keep_appointments()


async def _spoilt(push: Push, hits: frozenset[str]) -> tuple[bytes, set[str]]:
    # half a second of packing: other connections go on meanwhile
    return await asyncio.to_thread(mangled, push, hits) if hits & _BIG else mangled(push, hits)


class Hub(Protocol):
    """The exchange's views, the book-keeping, the settings, and the switch that a fault can reach."""

    views: Views
    tally: Tally
    push_every: float
    idle_after: float
    paused: bool

    def now_ms(self) -> int:
        """Return the exchange's time."""

    def signer(self, signature: Signature, address: str) -> Account | None:
        """Return the account whose key has signed, None for a signature that is not good."""

    async def catch_up(self) -> None:
        """Bring the private side up to the clock, so that what happens by itself is told of."""

    def restart_now(self, seconds: float) -> None:
        """Drop all connections and take none for a while."""
