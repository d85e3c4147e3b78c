"""A plain client of the sockets, on a loop of its own that runs while something is awaited."""

from __future__ import annotations

import asyncio
import json
import time
import zlib
from collections import deque

import aiohttp


def wait(condition, seconds=60.0):
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.002)


class Closed(Exception):
    """The connection is gone; says the code."""


class Client:
    """Send requests, take answers and pushes apart, and keep what came."""

    def __init__(self, url, **options):
        self.loop = asyncio.new_event_loop()
        self.frames = []  # every binary frame as it came
        self.received = []  # every push that could be read, in order
        self.waiting = deque()  # those not yet asked for
        self.answers = {}
        self._number = 0
        try:
            self._run(self._open(url, options))
        except BaseException:
            self.close()
            raise

    async def _open(self, url, options):
        self.session = aiohttp.ClientSession(trust_env=False)
        wanted = {"autoping": False, "compress": 0, "max_msg_size": 0} | options
        self.socket = await self.session.ws_connect(url, **wanted)

    def _run(self, coroutine):
        return self.loop.run_until_complete(coroutine)

    async def _frame(self, seconds):
        message = await self.socket.receive(seconds)
        if message.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.ERROR):
            raise Closed(self.socket.close_code)
        return message

    async def _next(self, seconds):
        message = await self._frame(seconds)
        assert aiohttp.WSMsgType.BINARY == message.type, message
        self.frames.append(message.data)
        told = json.loads(zlib.decompress(message.data, 31))
        if "method" in told:
            self.received.append(told)
            self.waiting.append(told)
        else:
            self.answers[told["id"]] = told

    def send(self, method, params, number=None):
        """Send a request without awaiting the answer; return its id."""
        self._number += 1
        number = self._number if number is None else number
        self.say(json.dumps({"method": method, "params": params, "id": number}))
        return number

    def say(self, text):
        """Send any text."""
        self._run(self.socket.send_str(text))

    def ask(self, method, params=None, timeout=60.0):
        """Send a request and return its answer, keeping pushes that come before it."""
        return self.answer(self.send(method, params or {}), timeout)

    def answer(self, number, timeout=60.0):
        """Return the answer to a request."""

        async def look():
            while number not in self.answers:
                await self._next(timeout)

        self._run(look())
        return self.answers.pop(number)

    def subscribe(self, channel, *markets):
        """Subscribe to a channel, which must be acknowledged."""
        answer = self.ask(f"{channel}.subscribe", {"market_list": list(markets)})
        assert (0, "OK") == (answer["code"], answer["message"])

    def push(self, timeout=60.0):
        """Return the next push."""

        async def look():
            while not self.waiting:
                await self._next(timeout)

        self._run(look())
        return self.waiting.popleft()

    def pushes(self, count):
        """Return so many pushes."""
        return [self.push() for _ in range(count)]

    def raw(self, timeout=60.0):
        """Return the next frame's bytes, which need not be readable."""
        return self._run(self._frame(timeout)).data

    def quiet(self, seconds=0.06):
        """Return the pushes that come within a time in which none is expected."""

        async def look():
            end = self.loop.time() + seconds
            while (left := end - self.loop.time()) > 0:
                try:
                    await self._next(left)
                except TimeoutError:
                    return

        self._run(look())
        found = list(self.waiting)
        self.waiting.clear()
        return found

    def gone(self, timeout=60.0):
        """Wait until the connection is gone and return its code."""

        async def look():
            while True:
                await self._next(timeout)

        try:
            self._run(look())
        except Closed as closed:
            return closed.args[0]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Close the connection and the loop."""

        async def end():
            if hasattr(self, "socket"):
                await self.socket.close()
            await self.session.close()

        if not self.loop.is_closed():
            self._run(end())
            self.loop.close()
