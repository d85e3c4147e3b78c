"""The sender of a connection: every frame goes out here, with the faults that hit it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from aiohttp import web

from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.feeds.feed import Feed, StalledFeed
from coinex_pandas.simulator.feeds.pushes import Push, encoded
from coinex_pandas.simulator.feeds.snapshot import Snapshot, Snapshots
from coinex_pandas.simulator.server.auth import Signature
from coinex_pandas.simulator.server.counters import Counters
from coinex_pandas.simulator.server.socket_faults import ConnectionFaults, damaged

__all__ = ["Hub", "Sender"]


_LONGEST_TURN = 0.005  # seconds of pushing after which other connections get their turn
_PUSHES_BEFORE_ACK = 3
_LONGEST_HOLD = 0.5  # seconds for which a frame waits for the next one, which overtakes it
_BIG = frozenset({"gzip_bomb", "giant_frame"})
_NONE: frozenset[str] = frozenset()


class _Held(NamedTuple):
    """A frame that is sent after the next one."""

    push: Push
    number: int
    hits: frozenset[str]
    until: float


@dataclass(eq=False)
class _LateAck:
    """An acknowledgement that comes after some pushes or some time."""

    reply: object
    pushes: int
    until: float


class Hub(Protocol):
    """What a connection needs of all sockets: snapshots, counters, settings, and the restart that a fault can cause."""

    snapshots: Snapshots
    counters: Counters
    push_every: float
    idle_after: float
    paused: bool

    def now_ms(self) -> int:
        """Return the exchange's time."""

    def account_of(self, signature: Signature, address: str) -> Account | None:
        """Return the account whose key has signed, None for a wrong signature."""

    async def catch_up(self) -> None:
        """Bring the private side up to the clock, so that events are published."""

    def restart_now(self, seconds: float) -> None:
        """Drop all connections and refuse new ones for some seconds."""


class Sender:
    """Sends the replies and pushes of one connection, and counts the pushes.

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
        faults: ConnectionFaults,
        hub: Hub,
    ) -> None:
        self.count = 0
        self.half_open = False
        self._number = number
        self._socket = socket
        self._transport = transport
        self._faults = faults
        self._hub = hub
        self._loop = asyncio.get_running_loop()
        self._turn_began = 0.0
        self._stalled: StalledFeed | None = None
        self._held: _Held | None = None
        self._late: list[_LateAck] = []

    def abort(self) -> None:
        """Drop the connection at once, without a close frame; what lies in its buffers is lost."""
        self._transport.abort()

    async def reply(self, reply: object) -> None:
        """Send a reply."""
        if not self.half_open and not self._transport.is_closing():
            await self._socket.send_bytes(encoded(reply))

    async def pong(self, message: bytes) -> None:
        """Answer a ping of the protocol."""
        if not self.half_open:
            await self._socket.pong(message)

    async def acknowledge(self, reply: object, subscribe: Callable[[], None]) -> None:
        """Carry out a subscription and acknowledge it, now or later: it counts before its acknowledgement is sent."""
        hits = self._faults.subscription()
        if "silent_ack" not in hits:
            subscribe()
        if "late_ack" in hits:
            until = self._loop.time() + self._faults.seconds("late_ack")
            self._late.append(_LateAck(reply, _PUSHES_BEFORE_ACK, until))
        else:
            await self.reply(reply)

    async def push(self, feed: Feed, snapshot: Snapshot, *, new_only: bool) -> None:
        """Push what is due at an instant."""
        self._turn_began = self._loop.time()
        for push in feed.due(snapshot, new_only=new_only):
            await self._deliver(push, feed)
        if self._stalled is not None:
            for push in self._stalled.due(snapshot.moment.now):
                await self._repeat(push)

    async def push_events(self, feed: Feed) -> None:
        """Push the events of an account."""
        self._turn_began = self._loop.time()
        for push in feed.mailbox.due():
            await self._deliver(push, feed)

    def deadlines(self) -> list[float]:
        """Return when delayed frames are to be sent."""
        held = [] if self._held is None else [self._held.until]
        return held + [late.until for late in self._late]

    async def send_due(self) -> None:
        """Send the delayed frames that are due."""
        now = self._loop.time()
        due = [late for late in self._late if late.pushes <= 0 or late.until <= now]
        self._late = [late for late in self._late if late not in due]
        for late in due:
            await self.reply(late.reply)
        if self._held is not None and self._held.until <= now:
            await self._send_held()

    async def _deliver(self, push: Push, feed: Feed) -> None:
        self.count += 1
        number, hits = self.count, self._faults.frame()
        if unsent := self._apply(hits):
            self._hub.counters.add_frame(self._number, number, self._hub.now_ms(), push, unsent, written=False)
            return
        if "delay_push" in hits:
            await asyncio.sleep(self._faults.seconds("delay_push"))
        if "reorder_push" in hits and self._held is None:
            self._held = _Held(push, number, hits, self._loop.time() + _LONGEST_HOLD)
            return
        stalled = StalledFeed(feed, self._hub.now_ms()) if "stalled_feed" in hits else None
        await self._write(push, number, hits - {"reorder_push", "stalled_feed"})
        self._stalled = stalled
        await self._send_held()

    def _apply(self, hits: frozenset[str]) -> set[str]:
        """Apply the faults of the whole connection; return those because of which the frame is not sent."""
        if "restart_server" in hits:
            self._hub.restart_now(self._faults.seconds("restart_server"))
        if "drop_socket" in hits:
            self.abort()
        self.half_open = self.half_open or "half_open" in hits
        unsent = set(hits & {"restart_server", "drop_socket"})
        unsent |= {"half_open"} if self.half_open else _NONE
        return unsent | ({"stalled_feed"} if self._stalled is not None else _NONE)

    async def _repeat(self, push: Push) -> None:
        self.count += 1
        if not self.half_open:
            await self._write(push, self.count, frozenset({"stalled_feed"}))

    async def _send_held(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            await self._write(held.push, held.number, held.hits)

    async def _write(self, push: Push, number: int, hits: frozenset[str]) -> None:
        frame, faults = (push.frame, set()) if not hits else await _damaged(push, hits)
        faults |= hits & {"delay_push", "reorder_push", "stalled_feed"}
        for repeat in ((), ("duplicate_push",)) if "duplicate_push" in hits else ((),):
            if self._transport.is_closing():
                return
            self._hub.counters.add_frame(self._number, number, self._hub.now_ms(), push, faults.union(repeat))
            await self._socket.send_bytes(frame)
        await self._acknowledge_late()
        if self._loop.time() - self._turn_began > _LONGEST_TURN:
            await asyncio.sleep(0)
            self._turn_began = self._loop.time()

    async def _acknowledge_late(self) -> None:
        for late in self._late:
            late.pushes -= 1
        if any(late.pushes <= 0 for late in self._late):
            await self.send_due()


async def _damaged(push: Push, hits: frozenset[str]) -> tuple[bytes, set[str]]:
    # half a second of packing: other connections go on meanwhile
    return await asyncio.to_thread(damaged, push, hits) if hits & _BIG else damaged(push, hits)
