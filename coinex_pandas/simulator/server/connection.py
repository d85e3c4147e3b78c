"""One connection of a client: it reads requests, replies, and pushes what is due."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import msgspec
from aiohttp import WSMessage, WSMsgType, web

from coinex_pandas.simulator.feeds.feed import Feed
from coinex_pandas.simulator.feeds.snapshot import Snapshot
from coinex_pandas.simulator.server.counters import decoded
from coinex_pandas.simulator.server.requests import SocketRequests
from coinex_pandas.simulator.server.sender import Hub, Sender
from coinex_pandas.simulator.server.socket_faults import ConnectionFaults

__all__ = ["Connection"]

_REST = 0.001  # seconds between looks when there is no pause and nothing was due


class Connection:
    """Serves one socket until either side has ended it.

    As observed, the server sends no ping of its own and no close frame; it drops a silent client.
    """

    def __init__(
        self,
        number: int,
        area: str,
        *,
        socket: web.WebSocketResponse,
        transport: asyncio.WriteTransport,
        faults: ConnectionFaults,
        hub: Hub,
        address: str,
    ) -> None:
        self.number = number
        self.area = area
        self._socket = socket
        self._hub = hub
        self._sender = Sender(number, socket=socket, transport=transport, faults=faults, hub=hub)
        self._feed = Feed(area)
        self._requests = SocketRequests(self._feed, lambda signature: hub.account_of(signature, address), hub.now_ms)
        self._loop = asyncio.get_running_loop()
        self._wakeup = asyncio.Event()
        self._done: Snapshot | None = None  # a snapshot that has nothing more to push
        self.mailbox = self._feed.mailbox
        self.mailbox.on_push = self._wake

    async def serve(self) -> None:
        """Serve until the connection is gone."""
        async with asyncio.TaskGroup() as group:
            pusher = group.create_task(self._push())
            try:
                await self._read_requests()
            finally:
                self.abort()
                pusher.cancel()

    def abort(self) -> None:
        """Drop the connection at once, without a close frame."""
        self._sender.abort()

    def _wake(self) -> None:
        """Check at once for something to push; from any thread."""
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._wakeup.set)

    # ---- requests

    async def _read_requests(self) -> None:
        """Reply until the client closes, or sends nothing for too long; pings of the protocol do not count."""
        last = self._loop.time()
        with suppress(ConnectionResetError):
            while (message := await self._receive(last)) is not None:
                if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    last = self._loop.time()
                    await self._reply(message.data)
                elif message.type == WSMsgType.PING:
                    await self._sender.pong(message.data)
                elif message.type != WSMsgType.PONG:
                    return

    async def _receive(self, last: float) -> WSMessage | None:
        """Return the client's next message; None when there was none for too long."""
        while True:
            try:
                async with asyncio.timeout_at(last + self._hub.idle_after):
                    return await self._socket.receive()
            except TimeoutError:
                if not self._sender.half_open:
                    return None
                last = self._loop.time()  # a half open connection is not closed either

    async def _reply(self, text: str | bytes) -> None:
        request = decoded(text)
        self._hub.counters.add_request(self.number, _without_signature(request, text))
        response = self._requests.handle(request)
        change = response.change
        if response.subscribes and change is not None:
            await self._sender.acknowledge(response.reply, change)
        else:
            await self._sender.reply(response.reply)
            if change is not None:
                change()
        if change is not None:
            self._done = None
            self._wakeup.set()  # also for an acknowledgement that comes late

    # ---- pushes

    async def _push(self) -> None:
        busy = False
        with suppress(ConnectionResetError):
            while True:
                new_only = await self._wait(busy=busy)
                busy = await self._round(new_only=new_only)

    async def _wait(self, *, busy: bool) -> bool:
        """Wait for the next turn; return whether it is one for new subscriptions only."""
        every = self._hub.push_every
        if every == 0:
            self._wakeup.clear()
            await asyncio.sleep(0 if busy else _REST)
            return False
        now = self._loop.time()
        # all connections wake at the same times, so that they share a snapshot
        turn = (now // every + 1) * every
        with suppress(TimeoutError):
            async with asyncio.timeout_at(min([turn, *self._sender.deadlines()])):
                await self._wakeup.wait()
        self._wakeup.clear()
        return self._loop.time() < turn

    async def _round(self, *, new_only: bool) -> bool:
        """Push what is due; return whether there was anything."""
        before = self._sender.count
        if self.mailbox.account is not None:
            await self._hub.catch_up()
        if not self._hub.paused:
            await self._sender.push_events(self._feed)
        snapshot = self._hub.snapshots.now(self.area)
        if snapshot is not self._done and not self._hub.paused:
            await self._sender.push(self._feed, snapshot, new_only=new_only)
            idle = self._sender.count == before and not new_only
            self._done = snapshot if idle and not self._wakeup.is_set() else None
        await self._sender.send_due()
        return self._sender.count > before


def _without_signature(request: object, text: str | bytes) -> str | bytes:
    """Return the text of a request as it may be kept and printed: without key and signature."""
    if isinstance(request, dict) and request.get("method") == "server.sign" and isinstance(request.get("params"), dict):
        masked = {name: "***" for name in ("access_id", "signed_str") if name in request["params"]}
        try:
            return msgspec.json.encode(request | {"params": request["params"] | masked})
        except RecursionError:  # an encoder may stop at fewer levels than a decoder
            return b""
    return text
