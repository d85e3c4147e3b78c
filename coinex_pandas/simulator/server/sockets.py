"""The sockets of the server: the connections, what was sent on them, and the methods to disturb them."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping

from aiohttp import web

from coinex_pandas.errors import InvalidArgument
from coinex_pandas.errors.quoting import short_repr
from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.engine.engine import Event
from coinex_pandas.simulator.exchange import Exchange
from coinex_pandas.simulator.faults import Plan, Spec, checked_plan, is_hit
from coinex_pandas.simulator.feeds.mailbox import notice_row
from coinex_pandas.simulator.feeds.snapshot import Snapshots
from coinex_pandas.simulator.market.reference import maintenance
from coinex_pandas.simulator.server.auth import Authenticator, Signature
from coinex_pandas.simulator.server.connection import Connection
from coinex_pandas.simulator.server.counters import Count, Counters, Received, Sent
from coinex_pandas.simulator.server.socket_faults import ConnectionFaults
from coinex_pandas.simulator.settings import LONGEST, number, seconds

__all__ = ["IDLE_AFTER", "PUSH_EVERY", "Sockets"]

PUSH_EVERY = 0.2
IDLE_AFTER = 60.0
_AREAS = {"/v2/spot": "spot", "/v2/futures": "futures"}
_ANSWER_WITHIN = 10.0  # seconds


class Sockets:
    """Everything about the sockets of a sandbox; safe to use from any thread.

    Parameters
    ----------
    exchange : Exchange
        Its values and events are pushed.
    auth : Authenticator
        Finds out who has signed.
    push_every : float
        Seconds between looks at what is due; 0 looks as often as the machine can.
    idle_after : float
        Seconds without a request after which a connection is dropped.

    Attributes
    ----------
    opened, refused : int
        How many connections there have been, and how many upgrades were refused.
    """

    def __init__(
        self, exchange: Exchange, auth: Authenticator, *, push_every: float = PUSH_EVERY, idle_after: float = IDLE_AFTER
    ) -> None:
        self.push_every = push_every
        self.idle_after = idle_after
        self.opened = 0
        self.refused = 0
        self.paused = False
        self.snapshots = Snapshots(exchange)
        self.counters = Counters()
        self._exchange = exchange
        self._auth = auth
        self._open: dict[int, Connection] = {}
        self._script: deque[Plan] = deque()
        self._down_until = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None
        exchange.trading.listeners.append(self._publish)

    @property
    def push_every(self) -> float:
        """Seconds between looks at what is due; may be changed at any time."""
        return self._push_every

    @push_every.setter
    def push_every(self, every: float) -> None:
        self._push_every = seconds(every, "push_every")

    @property
    def idle_after(self) -> float:
        """Seconds without a request after which a connection is dropped; may be changed at any time."""
        return self._idle_after

    @idle_after.setter
    def idle_after(self, after: float) -> None:
        self._idle_after = seconds(after, "idle_after")

    # ---- what was sent and received

    @property
    def sent(self) -> list[Sent]:
        """The newest pushed frames, oldest first."""
        return self.counters.sent

    @property
    def received(self) -> list[Received]:
        """The newest requests, oldest first."""
        return self.counters.received

    @property
    def counts(self) -> dict[int, dict[str, Count]]:
        """Frames and rows written, by connection and method."""
        return self.counters.counts

    @property
    def connections(self) -> dict[int, str]:
        """The open connections: number and area."""
        return {number: connection.area for number, connection in dict(self._open).items()}

    # ---- disturbances

    def drop(self) -> None:
        """Drop all connections now, without a close frame: clients see 1006."""
        self._on_loop(self._drop_now)

    def restart(self, seconds: float) -> None:
        """Drop all connections and refuse new ones with HTTP 503 for some seconds."""
        downtime = number(seconds, "restart(seconds)", most=LONGEST)
        self._on_loop(lambda: self.restart_now(downtime))

    def pause(self) -> None:
        """Push nothing until `resume`; requests are still answered."""
        self.paused = True

    def resume(self) -> None:
        """Push again, beginning with the changes since `pause`."""
        self.paused = False

    def announce(self) -> None:
        """Push the planned maintenance to those who want notices."""
        info = notice_row(maintenance(self.now_ms()))
        for connection in list(self._open.values()):
            connection.mailbox.announce(info)

    def script(self, plans: Iterable[Spec]) -> None:
        """Give the coming connections plans of their own, one each, in the format of `faults`.

        Such a plan replaces the exchange's for its connection, and its numbers count from the connection's beginning.
        A plan with `refuse_socket` is used up by the upgrade that it refuses. A new script replaces what is left of
        the former one.
        """
        if isinstance(plans, (str, Mapping)) or not isinstance(plans, Iterable):
            raise InvalidArgument(f"script: a list of plans, one for each connection, not {short_repr(plans)}")
        self._script = deque([checked_plan(spec) for spec in plans])

    # ---- for the server, on its loop

    def is_upgrade(self, request: web.Request) -> bool:
        """Return whether a request asks for an upgrade to a socket."""
        return request.path.rstrip("/") in _AREAS and request.headers.get("Upgrade", "").lower() == "websocket"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve a socket until it ends, or refuse it."""
        self._loop = asyncio.get_running_loop()
        own = self._script.popleft() if self._script else None
        if self._refuses(own):
            self.refused += 1
            return web.Response(status=503, text="503 Service Unavailable")
        socket = web.WebSocketResponse(autoping=False, autoclose=False, compress=False)
        await socket.prepare(request)
        if request.transport is not None:
            area = _AREAS[request.path.rstrip("/")]
            await self._serve(socket, request.transport, area, own, request.remote or "")
        return socket

    async def shut(self, _: web.Application) -> None:
        """Drop all connections, so that the server can end."""
        self._drop_now()

    def now_ms(self) -> int:
        """Return the exchange's time."""
        return self._exchange.clock.now_ms()

    def account_of(self, signature: Signature, address: str) -> Account | None:
        """Return the account whose key has signed, None for a wrong signature."""
        with self._exchange.trading.lock:
            return self._auth.account_of(signature, address)

    async def catch_up(self) -> None:
        """Bring the private side up to the clock, so that events are published."""
        trading = self._exchange.trading
        if trading.is_far_behind:
            await asyncio.to_thread(trading.advance)
        else:
            trading.advance()

    def _publish(self, event: Event) -> None:
        for connection in list(self._open.values()):
            connection.mailbox.receive(event)

    def restart_now(self, seconds: float) -> None:
        """Drop all connections and refuse new ones for some seconds; on the loop."""
        self._down_until = time.monotonic() + seconds
        self._drop_now()

    async def _serve(
        self,
        socket: web.WebSocketResponse,
        transport: asyncio.WriteTransport,
        area: str,
        own: Plan | None,
        address: str,
    ) -> None:
        self.opened += 1
        number = self.opened
        faults = ConnectionFaults(self._exchange.faults, number, own)
        connection = self._open[number] = Connection(
            number, area, socket=socket, transport=transport, faults=faults, hub=self, address=address
        )
        try:
            await connection.serve()
        finally:
            self._open.pop(number, None)

    def _refuses(self, own: Plan | None) -> bool:
        rate = 0.0 if own is None else own.get("refuse_socket", 0.0)
        is_refused = self._exchange.faults.refuses() if own is None else is_hit(rate, 1, "script")
        return is_refused or time.monotonic() < self._down_until

    def _drop_now(self) -> None:
        while self._open:
            self._open.popitem()[1].abort()

    def _on_loop(self, act: Callable[[], None]) -> None:
        """Run something on the server's loop and wait for it; without a loop at once, as there are no connections."""
        loop = self._loop
        if loop is None or loop.is_closed():
            act()
            return

        async def done() -> None:
            act()

        asyncio.run_coroutine_threadsafe(done(), loop).result(_ANSWER_WITHIN)
