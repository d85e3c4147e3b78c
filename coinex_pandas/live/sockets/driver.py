"""The driver of one connection: carries out its actions on a socket and over HTTP, and reports what happens."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import picows

from coinex_pandas.api import system
from coinex_pandas.http.session import Session
from coinex_pandas.http.signed_session import SignedSession
from coinex_pandas.live.buffer import Buffer
from coinex_pandas.live.channel import Channel
from coinex_pandas.live.protocol.account import AccountRequest
from coinex_pandas.live.protocol.actions import Connect, Drop, Send
from coinex_pandas.live.protocol.connection import Connection
from coinex_pandas.live.protocol.sign_in import Sign, Signature
from coinex_pandas.live.protocol.subscription import DealRequest, Recovery
from coinex_pandas.live.sockets.network import connect, reason_of
from coinex_pandas.live.sockets.recovery import observed, recover_account, recover_deals
from coinex_pandas.tables import times

__all__ = ["Driver", "call_on"]


_TICK = 0.25  # seconds between looks at what is due
_AT_ONCE = 4  # requests over HTTP at a time
_LONGEST_HOLD = 30.0  # seconds that reading stops for a reader; then it misses rows


class Driver:
    """Drives one `Connection` on the loop; all methods run on the loop's thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop, session: Session, area: str) -> None:
        self.session = session
        self.connection = Connection(area)
        self._loop = loop
        self._transport: Any = None
        self._connecting: asyncio.Task[None] | None = None
        self._buffers: set[int] = set()
        self._holds: dict[int, asyncio.TimerHandle] = {}  # the buffers that reading stops for
        self._requests: deque[DealRequest | AccountRequest] = deque()
        self._requests_under_way = 0
        self._timer: asyncio.TimerHandle | None = self._loop.call_later(_TICK, self._tick)
        self._is_closed = False
        self.now = self._loop.time()

    def is_for(self, session: Session, area: str) -> bool:
        """Return whether a session would connect in the same way: two keys never share a connection."""
        mine, other = (
            (each.venue, each.proxies, each.verify, each.cert, each.trust_env, _account(each))
            for each in (self.session, session)
        )
        return self.connection.area == area and mine == other

    def attach(self, channel: Channel, buffer: Buffer) -> None:
        """Subscribe a buffer."""
        buffer.hold = partial(call_on, self._loop, self._hold, buffer)
        buffer.connection = self.connection
        self._buffers.add(id(buffer))
        self.connection.add(channel, buffer, self._loop.time(), unix_ms())
        self.work()

    def detach(self, channel: Channel, buffer: Buffer) -> None:
        """Unsubscribe a buffer."""
        if id(buffer) not in self._buffers:
            return
        self._hold(buffer, False)
        self._buffers.discard(id(buffer))
        self.connection.remove(channel, buffer, self._loop.time())
        self.work()

    def close(self) -> None:
        """End the connection for good."""
        self._is_closed = True
        if self._timer is not None:
            self._timer.cancel()
        self._hang_up()

    # ---- what happens on the socket

    def frames(self, batch: list[bytes]) -> None:
        """Take the binary frames that one read of the socket brought."""
        connection = self.connection
        if len(batch) == 1:
            connection.on_frame(batch[0], self.now, unix_ms())
        else:
            connection.on_frames(batch, self.now, unix_ms())
        if connection.actions:
            self.work()

    def text_frame(self, text: bytes) -> None:
        """Take a text frame."""
        self.connection.on_text_frame(text, self.now, unix_ms())
        self.work()

    def gone(self, transport: Any, cause: str) -> None:
        """Note that the connection ended."""
        if transport is self._transport:
            self._transport = None
            self._on_close(cause)

    # ---- the connection's actions

    def work(self) -> None:
        """Carry out the connection's actions, in order."""
        actions = self.connection.actions
        while actions and not self._is_closed:
            action = actions.pop(0)
            if isinstance(action, Send):
                self._send(action.text)
            elif isinstance(action, Connect):
                self._connecting = self._loop.create_task(self._connect())
            elif isinstance(action, Drop):
                self._hang_up()
                self._on_close(action.cause)
            elif isinstance(action, Sign):
                threading.Thread(target=self._sign, args=(action,), name="coinex-sign", daemon=True).start()
            else:
                self._loop.call_later(action.pause, self._recover, action.request)

    def _tick(self) -> None:
        self.now = self._loop.time()
        self._timer = self._loop.call_later(_TICK, self._tick)
        self.connection.tick(self.now)
        self.work()

    def _on_close(self, cause: str) -> None:
        self.connection.on_close(self._loop.time(), cause)
        self.work()

    def _send(self, text: str) -> None:
        if self._transport is not None:
            self._transport.send(picows.WSMsgType.TEXT, text.encode())

    def _hang_up(self) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.disconnect(graceful=False)

    async def _connect(self) -> None:
        try:
            transport = await connect(self, self.session, self.connection.area)
        except Exception as fault:  # whatever a proxy, a certificate or a server raises: it is tried again
            if not self._is_closed:
                self._on_close(f"no connection: {reason_of(fault)}")
            return
        if self._is_closed:
            transport.disconnect(graceful=False)
            return
        self._transport = transport
        self.connection.on_open(self._loop.time(), unix_ms())
        self._pause_or_resume()
        self.work()

    # ---- signatures and recovery, on threads of their own

    def _sign(self, action: Sign) -> None:
        """Make a signature; the exchange's clock may have to be requested first."""
        result = _signature(self.session, anew=action.anew)
        call_on(self._loop, self._on_signature, result, action.connection)

    def _on_signature(self, result: Signature | str, connection: int) -> None:
        if isinstance(result, Signature):
            self.connection.on_signature(result, connection, self._loop.time())
        else:
            self.connection.on_sign_failure(result, connection, self._loop.time())
        self.work()

    def _recover(self, *requests: DealRequest | AccountRequest) -> None:
        """Queue requests over HTTP, and start a few at a time: each may take seconds."""
        self._requests.extend(requests)
        while self._requests and self._requests_under_way < _AT_ONCE and not self._is_closed:
            self._requests_under_way += 1
            args = (self._requests.popleft(),)
            threading.Thread(target=self._request, args=args, name="coinex-recovery", daemon=True).start()

    def _request(self, request: DealRequest | AccountRequest) -> None:
        session = observed(self.session, [each.responded for each in self.connection.observers])
        if isinstance(request, AccountRequest):
            reply = recover_account(session, request)
        else:
            reply = recover_deals(session, self.connection.area, request)
        call_on(self._loop, self._on_recovery, request, reply)

    def _on_recovery(self, request: DealRequest | AccountRequest, reply: Recovery) -> None:
        self._requests_under_way -= 1
        self.connection.on_recovery(request, reply, unix_ms())
        self._recover()
        self.work()

    # ---- reading stops for readers that lag behind

    def _hold(self, buffer: Buffer, held: bool) -> None:
        """Stop reading for a buffer, or go on: what is not read waits at the exchange."""
        was_held = bool(self._holds)
        timer = self._holds.pop(id(buffer), None)
        if timer is not None:
            timer.cancel()
        if held and id(buffer) in self._buffers:
            self._holds[id(buffer)] = self._loop.call_later(_LONGEST_HOLD, buffer.give_up_holding)
        if bool(self._holds) != was_held:
            self._pause_or_resume()

    def _pause_or_resume(self) -> None:
        """Have the socket read as long as no buffer holds it."""
        if self._transport is not None:
            wire = self._transport.underlying_transport
            (wire.pause_reading if self._holds else wire.resume_reading)()
            self.connection.hold(self._loop.time(), held=bool(self._holds))


def unix_ms() -> int:
    """Return what time it is by this machine's clock."""
    return int(time.time() * 1000)


def call_on(loop: asyncio.AbstractEventLoop, function: Callable[..., object], *args: object) -> None:
    """Call a function on the loop's thread, if the loop still runs."""
    with suppress(RuntimeError):  # it has ended, and its connections with it
        loop.call_soon_threadsafe(function, *args)


def _account(session: Session) -> str:
    """Return what distinguishes one key from another without being it; empty without a key."""
    return session.account if isinstance(session, SignedSession) else ""


def _signature(session: Session, *, anew: bool) -> Signature | str:
    """Return a signature for a socket, or why there is none; on request measure the exchange's clock first."""
    if not isinstance(session, SignedSession):
        return "the session has no key"
    try:
        if anew:
            session.skew.measure(lambda: _server_time(session), unless=session.skew.number)
        return Signature(session.socket_signature())
    except Exception as error:  # the stream goes on, and says why it has no signature
        return f"no signature: {type(error).__name__}: {error}"


def _server_time(session: Session) -> int:
    return times.unix_ms(system.server_time(session=session)["timestamp"].item())
