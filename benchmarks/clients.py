"""The client libraries for WebSockets, side by side: frames a second beside gunzip + orjson of the same frames.

Each of them does what the package does with a frame (unpack, decode into rows); the socket is all that differs.
"""

from __future__ import annotations

import asyncio
import time
import zlib
from collections.abc import Callable, Coroutine
from typing import Any

from coinex_pandas.live.protocol.messages import decoder

Client = Callable[[str, int], Coroutine[Any, Any, None]]
_SUBSCRIBE = '{"method":"deals.subscribe","params":{"market_list":["BTCUSDT"]},"id":1}'
_read = decoder("futures")


def _handle(data: Any) -> None:
    try:
        _read(zlib.decompress(data, 31))
    except ValueError:  # the acknowledgement, once
        return


async def with_picows(address: str, count: int) -> None:
    """Read frames with picows."""
    import picows

    done = asyncio.get_running_loop().create_future()

    class Listener(picows.WSListener):
        left = count + 1

        def on_ws_frame(self, transport: Any, frame: Any) -> None:
            _handle(frame.get_payload_as_memoryview())
            self.left -= 1
            if not self.left:
                done.set_result(None)

    transport, _ = await picows.ws_connect(Listener, f"{address}/futures")
    transport.send(picows.WSMsgType.TEXT, _SUBSCRIBE.encode())
    await done
    transport.disconnect()


async def with_aiohttp(address: str, count: int) -> None:
    """Read frames with aiohttp."""
    import aiohttp

    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{address}/futures", autoping=False, max_msg_size=0) as socket,
    ):
        await socket.send_str(_SUBSCRIBE)
        for _ in range(count + 1):
            _handle((await socket.receive()).data)


async def with_websockets(address: str, count: int) -> None:
    """Read frames with websockets."""
    from websockets.asyncio.client import connect

    settings: dict[str, Any] = {"compression": None, "ping_interval": None, "max_size": None, "proxy": None}
    async with connect(f"{address}/futures", **settings) as socket:
        await socket.send(_SUBSCRIBE)
        for _ in range(count + 1):
            _handle(await socket.recv())


CLIENTS: dict[str, Client] = {"picows": with_picows, "aiohttp": with_aiohttp, "websockets": with_websockets}


def seconds(client: Client, address: str, count: int) -> float:
    """Return how long a client takes to read all frames."""
    begin = time.perf_counter()
    asyncio.run(client(address, count))
    return time.perf_counter() - begin
