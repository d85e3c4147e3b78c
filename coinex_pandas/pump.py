"""One daemon thread with an event loop of its own carries every socket, so that a busy cell starves none of them.

It is the shell around `Link`: it does what the rules ask for. The thread is there as long as anybody listens.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import ssl
import threading
import time
from typing import Any

import picows
from requests.utils import get_environ_proxies

from coinex_pandas.channels import Channel
from coinex_pandas.feeds import Refill
from coinex_pandas.frames import CAP, QUICK
from coinex_pandas.intake import Intake
from coinex_pandas.link import AskLater, Connect, Drop, Link, Send
from coinex_pandas.refills import fetched
from coinex_pandas.session import Session

__all__ = ["Line", "attach", "detach", "line_of", "shut_down"]

_TICK = 0.25  # seconds between looks at what is due
_LONGEST_HOLD = 30.0  # seconds that reading stands still for a reader; then it misses rows
_HANDSHAKE = 10.0
_BINARY = picows.WSMsgType.BINARY

_lock = threading.Lock()
_pump: Pump | None = None


class Pump:
    """The thread, its loop, and the lines on it."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.lines: list[Line] = []
        self.listeners: set[int] = set()  # under the lock: whoever attaches while the last one leaves keeps it alive
        self.thread = threading.Thread(target=self._run, name="coinex-live", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_forever()
        finally:
            self.loop.run_until_complete(self.loop.shutdown_asyncgens())
            self.loop.close()

    def attach(self, channel: Channel, intake: Intake, session: Session) -> None:
        """Let an intake listen on a line that fits, a new one if need be; on the loop's thread."""
        for line in self.lines:
            if line.session.venue == session.venue and line.link.area == channel.area and line.fits(channel, intake):
                break
        else:
            line = Line(self, session, channel.area)
            self.lines.append(line)
        line.attach(channel, intake)

    def detach(self, channel: Channel, intake: Intake) -> None:
        """Let an intake go, and its line when nobody else listens; on the loop's thread."""
        for line in list(self.lines):
            line.detach(channel, intake)
            if not line.link.feeds:
                line.close()
                self.lines.remove(line)
        _end_without(self, intake)

    def end(self) -> None:
        """Close everything; on the loop's thread."""
        for line in self.lines:
            line.close()
        self.lines.clear()
        self.loop.call_later(0.01, self.loop.stop)  # transports say goodbye first


class Line:
    """One connection on the loop: what `Link` wants done, done."""

    def __init__(self, pump: Pump, session: Session, area: str) -> None:
        self.session = session
        self.link = Link(area)
        self._pump, self._loop = pump, pump.loop
        self._transport: Any = None
        self._connecting: asyncio.Task[None] | None = None
        self._holders: set[int] = set()
        self._tick: asyncio.TimerHandle | None = self._loop.call_later(_TICK, self._look)
        self._is_closed = False
        self.now = self._loop.time()

    def fits(self, channel: Channel, intake: Any) -> bool:
        """Return whether somebody can listen on this line."""
        return self.link.fits(channel, intake)

    def attach(self, channel: Channel, intake: Any) -> None:
        """Let somebody listen."""
        intake.hold = lambda held: self._loop.call_soon_threadsafe(self._hold, id(intake), held, intake)
        _lines[id(intake)] = self
        self.link.add(channel, intake, self._loop.time(), unix_ms())
        self.work()

    def detach(self, channel: Channel, intake: Any) -> None:
        """Let somebody go."""
        if _lines.get(id(intake)) is not self:
            return
        del _lines[id(intake)]
        self._hold(id(intake), False, intake)
        self.link.remove(channel, intake, self._loop.time())
        self.work()

    def close(self) -> None:
        """End the connection for good."""
        self._is_closed = True
        if self._tick is not None:
            self._tick.cancel()
        if self._connecting is not None:
            self._connecting.cancel()
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
                lambda: _Listener(self),
                f"{self.session.venue.ws}/{self.link.area}",
                ssl_context=_ssl(self.session),
                websocket_handshake_timeout=_HANDSHAKE,
                max_frame_size=CAP,
                max_redirects=0,
                proxy=_proxy(self.session),
            )
        except (OSError, picows.WSError, TimeoutError) as fault:
            self._lost(f"no connection: {type(fault).__name__}: {fault}")
            return
        self._transport = transport
        self.link.opened(self._loop.time(), unix_ms())
        self.work()

    def _ask(self, wish: AskLater) -> None:
        def begin() -> None:
            threading.Thread(target=self._refill, args=(wish.refill,), name="coinex-refill", daemon=True).start()

        self._loop.call_later(wish.pause, begin)

    def _refill(self, refill: Refill) -> None:
        """Ask over HTTP, on a thread of its own: that may take seconds."""
        rows, whole = fetched(self.session, self.link.area, refill)
        try:
            self._loop.call_soon_threadsafe(self._refilled, refill, rows, whole)
        except RuntimeError:  # the loop has ended meanwhile, and with it whoever listened
            return

    def _refilled(self, refill: Refill, rows: list[Any] | None, whole: bool) -> None:
        self.link.refilled(refill, rows, unix_ms(), whole=whole)
        self.work()

    def _hold(self, who: int, held: bool, intake: Any) -> None:
        """Stop or go on reading: what is not read waits at the exchange."""
        before = bool(self._holders)
        (self._holders.add if held else self._holders.discard)(who)
        if held:
            self._loop.call_later(_LONGEST_HOLD, self._hold_no_longer, who, intake)
        if bool(self._holders) != before and self._transport is not None:
            wire = self._transport.underlying_transport
            (wire.pause_reading if self._holders else wire.resume_reading)()
            self.link.hold(self._loop.time(), held=bool(self._holders))

    def _hold_no_longer(self, who: int, intake: Any) -> None:
        if who in self._holders:
            intake.give_up_holding()


_lines: dict[int, Line] = {}


class _Listener(picows.WSListener):
    """Hands frames to a line, those of one look at the socket together."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line
        self._batch: list[bytes] = []
        self._size = 0
        self._parts: list[bytes] = []
        self._is_text = False
        self._cause = "the connection broke off"

    def on_ws_frame(self, transport: Any, frame: Any) -> None:
        """Take a frame of any kind."""
        kind = frame.msg_type
        if kind == _BINARY and frame.fin:
            self._collect(frame.get_payload_as_bytes())
        elif kind == picows.WSMsgType.CLOSE:
            self._cause = f"the exchange closed the connection, code {frame.get_close_code()}"
            self._hand_on()
            transport.disconnect()
        elif kind in (_BINARY, picows.WSMsgType.TEXT, picows.WSMsgType.CONTINUATION):
            self._part(transport, kind, frame)
        if frame.last_in_buffer:
            self._hand_on()

    def on_ws_disconnected(self, transport: Any) -> None:
        """Note that the connection ended."""
        self._hand_on()
        self._line.gone(transport, self._cause)

    def _collect(self, data: bytes) -> None:
        """Put a frame to the others as long as all of them, unpacked, cannot exceed the cap of one."""
        if self._size + len(data) > QUICK:
            self._hand_on()
        self._batch.append(data)
        self._size += len(data)

    def _hand_on(self) -> None:
        batch, self._batch, self._size = self._batch, [], 0
        if batch:
            self._line.frames(batch)

    def _part(self, transport: Any, kind: Any, frame: Any) -> None:
        """Take a text frame, or a part of a frame that came in several."""
        if kind != picows.WSMsgType.CONTINUATION:
            self._parts, self._is_text = [], kind == picows.WSMsgType.TEXT
        self._parts.append(frame.get_payload_as_bytes())
        if sum(map(len, self._parts)) > CAP:
            self._cause = f"a message of more than {CAP} bytes came in parts"
            transport.disconnect()
        elif frame.fin:
            self._hand_on()
            whole, self._parts = b"".join(self._parts), []
            if self._is_text:
                self._line.text_frame(whole)
            else:
                self._line.frames([whole])


def unix_ms() -> int:
    """Return what time it is by this machine's clock."""
    return int(time.time() * 1000)


def attach(channel: Channel, intake: Intake, session: Session) -> None:
    """Let an intake listen; the thread is started if it is not there."""
    global _pump  # noqa: PLW0603  # one thread for the whole process is the point
    with _lock:
        if _pump is None:
            _pump = Pump()
        _pump.listeners.add(id(intake))
        _pump.loop.call_soon_threadsafe(_pump.attach, channel, intake, session)


def detach(channel: Channel, intake: Intake) -> None:
    """Let an intake go; does nothing when the thread has ended."""
    with _lock:
        if _pump is not None:
            _pump.loop.call_soon_threadsafe(_pump.detach, channel, intake)


def line_of(intake: Intake) -> Line | None:
    """Return the line that an intake listens on."""
    return _lines.get(id(intake))


def shut_down() -> None:
    """End the thread and every connection; registered for the interpreter's end."""
    global _pump  # as in attach
    with _lock:
        pump, _pump = _pump, None
    if pump is not None and pump.thread.is_alive():
        pump.loop.call_soon_threadsafe(pump.end)
        pump.thread.join(2.0)


def _end_without(pump: Pump, intake: Intake) -> None:
    """End the thread when nobody else listens."""
    global _pump  # noqa: PLW0603  # as in attach
    with _lock:
        pump.listeners.discard(id(intake))
        if _pump is pump and not pump.listeners:
            _pump = None
            pump.end()


def _forget() -> None:
    """Start anew in a forked child, where the thread does not run."""
    global _pump, _lock  # as in attach
    _pump, _lock = None, threading.Lock()
    _lines.clear()


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


atexit.register(shut_down)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
