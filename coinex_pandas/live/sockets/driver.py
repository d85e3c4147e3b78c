"""One socket: carries out what the rules of a connection ask for, and tells them what happens."""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import picows
from requests.utils import get_environ_proxies

from coinex_pandas.http.session import Session
from coinex_pandas.live.channel import Channel
from coinex_pandas.live.protocol.account import CatchUp
from coinex_pandas.live.protocol.actions import AskLater, Connect, Drop, Send
from coinex_pandas.live.protocol.connection import Link
from coinex_pandas.live.protocol.messages import CAP
from coinex_pandas.live.protocol.sign_in import Sign, Signature
from coinex_pandas.live.protocol.subscription import Recovered, Refill
from coinex_pandas.live.sockets.listener import Listener
from coinex_pandas.live.sockets.recovery import caught_up, fetched, key_tag, signature

__all__ = ["Line"]


_TICK = 0.25  # seconds between looks at what is due
_AT_ONCE = 4  # markets that are asked for over HTTP at a time
_LONGEST_HOLD = 30.0  # seconds that reading stands still for a reader; then it misses rows
_HANDSHAKE = 10.0


class Line:
    """One connection on the loop: what `Link` wants done, done."""

    def __init__(self, loop: asyncio.AbstractEventLoop, session: Session, area: str) -> None:
        self.session = session
        self.link = Link(area)
        self._loop = loop
        self._transport: Any = None
        self._connecting: asyncio.Task[None] | None = None
        self._listening: set[int] = set()
        self._holders: dict[int, asyncio.TimerHandle] = {}
        self._refills: deque[Refill | CatchUp] = deque()
        self._asking = 0
        self._tick: asyncio.TimerHandle | None = self._loop.call_later(_TICK, self._look)
        self._is_closed = False
        self.now = self._loop.time()

    def is_for(self, session: Session, area: str) -> bool:
        """Return whether a session would connect as this line did: two keys never share one."""
        mine, other = (
            (each.venue, each.proxies, each.verify, each.trust_env, key_tag(each)) for each in (self.session, session)
        )
        return self.link.area == area and mine == other

    def attach(self, channel: Channel, intake: Any) -> None:
        """Let somebody listen."""
        intake.hold = partial(_tell, self._loop, self._hold, intake)
        intake.link = self.link
        self._listening.add(id(intake))
        self.link.add(channel, intake, self._loop.time(), unix_ms())
        self.work()

    def detach(self, channel: Channel, intake: Any) -> None:
        """Let somebody go."""
        if id(intake) not in self._listening:
            return
        self._hold(intake, False)
        self._listening.discard(id(intake))
        self.link.remove(channel, intake, self._loop.time())
        self.work()

    def close(self) -> None:
        """End the connection for good."""
        self._is_closed = True
        if self._tick is not None:
            self._tick.cancel()
        self._hang_up()

    # ---- from the socket

    def frames(self, batch: list[bytes]) -> None:
        """Take the binary frames that one look at the socket brought."""
        link = self.link
        if len(batch) == 1:
            link.frame(batch[0], self.now, unix_ms())
        else:
            link.frames_together(batch, self.now, unix_ms())
        if link.todo:
            self.work()

    def text_frame(self, text: bytes) -> None:
        """Take a text frame."""
        self.link.text_frame(text, self.now, unix_ms())
        self.work()

    def gone(self, transport: Any, cause: str) -> None:
        """Note that the connection ended."""
        if transport is self._transport:
            self._transport = None
            self._lost(cause)

    # ---- what the link wants

    def work(self) -> None:
        """Do what the link asks for, in order."""
        todo = self.link.todo
        while todo and not self._is_closed:
            wish = todo.pop(0)
            if isinstance(wish, Send):
                self._send(wish.text)
            elif isinstance(wish, Connect):
                self._connecting = self._loop.create_task(self._connect())
            elif isinstance(wish, Drop):
                self._hang_up()
                self._lost(wish.cause)
            elif isinstance(wish, Sign):
                threading.Thread(target=self._sign, args=(wish,), name="coinex-sign", daemon=True).start()
            else:
                self._ask(wish)

    def _look(self) -> None:
        self.now = self._loop.time()
        self._tick = self._loop.call_later(_TICK, self._look)
        self.link.tick(self.now)
        self.work()

    def _lost(self, cause: str) -> None:
        self.link.closed(self._loop.time(), cause)
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
            transport, _ = await picows.ws_connect(
                lambda: Listener(self),
                f"{self.session.venue.ws}/{self.link.area}",
                ssl_context=_ssl(self.session),
                websocket_handshake_timeout=_HANDSHAKE,
                max_frame_size=CAP,
                max_redirects=0,
                proxy=_proxy(self.session),
            )
        except Exception as fault:  # whatever a proxy, a certificate or a server comes up with: it is tried again
            if not self._is_closed:
                self._lost(f"no connection: {type(fault).__name__}: {fault}")
            return
        if self._is_closed:
            transport.disconnect(graceful=False)
            return
        self._transport = transport
        self.link.opened(self._loop.time(), unix_ms())
        self._read_or_not()
        self.work()

    def _ask(self, wish: AskLater) -> None:
        self._loop.call_later(wish.pause, self._queue, wish.refill)

    def _sign(self, wish: Sign) -> None:
        """Make a signature, on a thread of its own: the exchange's clock may have to be asked for before."""
        made = signature(self.session, anew=wish.anew)
        _tell(self._loop, self._signed, made, wish.connection)

    def _signed(self, made: Signature | str, connection: int) -> None:
        if isinstance(made, Signature):
            self.link.signature(made, connection, self._loop.time())
        else:
            self.link.unsigned(made, connection, self._loop.time())
        self.work()

    def _queue(self, *refills: Refill | CatchUp) -> None:
        """Ask over HTTP, for a few markets at a time, on threads of their own: that may take seconds."""
        self._refills.extend(refills)
        while self._refills and self._asking < _AT_ONCE and not self._is_closed:
            self._asking += 1
            asked = (self._refills.popleft(),)
            threading.Thread(target=self._refill, args=asked, name="coinex-refill", daemon=True).start()

    def _refill(self, refill: Refill | CatchUp) -> None:
        if isinstance(refill, CatchUp):
            found = caught_up(self.session, refill)
        else:
            found = fetched(self.session, self.link.area, refill)
        _tell(self._loop, self._refilled, refill, found)

    def _refilled(self, refill: Refill | CatchUp, found: Recovered) -> None:
        self._asking -= 1
        self.link.refilled(refill, found, unix_ms())
        self._queue()
        self.work()

    def _hold(self, intake: Any, held: bool) -> None:
        """Stop or go on reading for somebody: what is not read waits at the exchange."""
        before = bool(self._holders)
        timer = self._holders.pop(id(intake), None)
        if timer is not None:
            timer.cancel()
        if held and id(intake) in self._listening:
            self._holders[id(intake)] = self._loop.call_later(_LONGEST_HOLD, intake.give_up_holding)
        if bool(self._holders) != before:
            self._read_or_not()

    def _read_or_not(self) -> None:
        """Have the socket read as long as nobody holds it."""
        if self._transport is not None:
            wire = self._transport.underlying_transport
            (wire.pause_reading if self._holders else wire.resume_reading)()
            self.link.hold(self._loop.time(), held=bool(self._holders))


def unix_ms() -> int:
    """Return what time it is by this machine's clock."""
    return int(time.time() * 1000)


def _tell(loop: asyncio.AbstractEventLoop, call: Callable[..., object], *args: object) -> None:
    """Have something done on the loop's thread, if the loop is still there."""
    with suppress(RuntimeError):  # it has ended, and with it all that was to be done
        loop.call_soon_threadsafe(call, *args)


def _proxy(session: Session) -> str | None:
    """Return the proxy that the session would use for the same address over HTTP."""
    address = session.venue.ws.replace("ws", "http", 1)
    chosen = session.proxies or (get_environ_proxies(address) if session.trust_env else {})
    scheme = address.partition(":")[0]
    found = chosen.get(scheme) or chosen.get("all")
    return None if found is None else str(found)


def _ssl(session: Session) -> ssl.SSLContext | None:
    """Return how certificates are checked: as the session does, whose authorities are certifi's."""
    if not session.venue.ws.startswith("wss"):
        return None
    import certifi

    made = ssl.create_default_context(cafile=session.verify if isinstance(session.verify, str) else certifi.where())
    if session.verify is False:
        made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    return made
