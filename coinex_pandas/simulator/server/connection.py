"""One socket of a client: it listens, answers, and pushes what is due."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import msgspec
from aiohttp import WSMessage, WSMsgType, web

from coinex_pandas.simulator.feeds.feed import Feed
from coinex_pandas.simulator.feeds.snapshot import View
from coinex_pandas.simulator.server.requests import Desk
from coinex_pandas.simulator.server.sender import Hub, Outlet
from coinex_pandas.simulator.server.socket_faults import Mishaps

__all__ = ["Connection"]

_REST = 0.001  # seconds between looks when there is no pause and nothing was due


class Connection:
    """Serve one socket until either side is gone.

    As observed, the server sends no ping of its own and no close frame; it lets a silent client fall.
    """

    def __init__(
        self,
        number: int,
        area: str,
        *,
        socket: web.WebSocketResponse,
        transport: asyncio.WriteTransport,
        mishaps: Mishaps,
        hub: Hub,
        address: str,
    ) -> None:
        self.number = number
        self.area = area
        self._socket = socket
        self._hub = hub
        self._outlet = Outlet(number, socket=socket, transport=transport, mishaps=mishaps, hub=hub)
        self._feed = Feed(area)
        self._desk = Desk(self._feed, lambda signature: hub.signer(signature, address))
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._seen: View | None = None  # a view that has nothing more to push
        self.mailbox = self._feed.mailbox
        self.mailbox.on_mail = self._wake

    async def serve(self) -> None:
        """Serve until the connection is gone."""
        async with asyncio.TaskGroup() as group:
            pusher = group.create_task(self._push())
            try:
                await self._listen()
            finally:
                self.abort()
                pusher.cancel()

    def abort(self) -> None:
        """Drop the connection at once, without a close frame."""
        self._outlet.abort()

    def _wake(self) -> None:
        """Look for something to push at once; from any thread."""
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._news.set)

    # ---- requests

    async def _listen(self) -> None:
        """Answer until the client closes, or says nothing for too long; its protocol pings are no word."""
        heard = self._loop.time()
        with suppress(ConnectionResetError):
            while (message := await self._hear(heard)) is not None:
                if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    heard = self._loop.time()
                    await self._answer(message.data)
                elif message.type == WSMsgType.PING:
                    await self._outlet.pong(message.data)
                elif message.type != WSMsgType.PONG:
                    return

    async def _hear(self, heard: float) -> WSMessage | None:
        """Return the client's next message; None when there was none for too long."""
        while True:
            try:
                async with asyncio.timeout_at(heard + self._hub.idle_after):
                    return await self._socket.receive()
            except TimeoutError:
                if not self._outlet.half_open:
                    return None
                heard = self._loop.time()  # who answers nothing does not hang up either

    async def _answer(self, text: str | bytes) -> None:
        request = _read(text)
        self._hub.tally.hear(self.number, _without_signature(request))
        outcome = self._desk.handle(request)
        change = outcome.change
        if outcome.subscribes and change is not None:
            await self._outlet.acknowledge(outcome.answer, change)
        else:
            await self._outlet.say(outcome.answer)
            if change is not None:
                change()
        if change is not None:
            self._seen = None
            self._news.set()  # also wakes for an acknowledgement that comes late

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
            self._news.clear()
            await asyncio.sleep(0 if busy else _REST)
            return False
        now = self._loop.time()
        # all connections wake at the same times, so that they share what they show
        turn = (now // every + 1) * every
        with suppress(TimeoutError):
            async with asyncio.timeout_at(min([turn, *self._outlet.appointments()])):
                await self._news.wait()
        self._news.clear()
        return self._loop.time() < turn

    async def _round(self, *, new_only: bool) -> bool:
        """Push what is due; return whether there was anything."""
        before = self._outlet.count
        if self.mailbox.account is not None:
            await self._hub.catch_up()
        if not self._hub.paused:
            await self._outlet.push_mail(self._feed)
        view = self._hub.views.now(self.area)
        if view is not self._seen and not self._hub.paused:
            await self._outlet.push(self._feed, view, new_only=new_only)
            idle = self._outlet.count == before and not new_only
            self._seen = view if idle and not self._news.is_set() else None
        await self._outlet.keep_appointments()
        return self._outlet.count > before


def _without_signature(request: object) -> object:
    """Return a request as it may be kept: whoever prints it shows no key."""
    if isinstance(request, dict) and request.get("method") == "server.sign" and isinstance(request.get("params"), dict):
        masked = {name: "***" for name in ("access_id", "signed_str") if name in request["params"]}
        return request | {"params": request["params"] | masked}
    return request


def _read(text: str | bytes) -> object:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return text
