"""A WebSocket server that sends whatever bytes a test wants, and a handler that keeps what a listener passes on."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
_KEY = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

Client = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def frame(kind: int, payload: bytes = b"", *, fin: bool = True, reserved: int = 0) -> bytes:
    """Return a frame as a server sends it; ``reserved`` is the three bits as a number."""
    size = len(payload)
    if size < 126:
        length = bytes([size])
    elif size < 1 << 16:
        length = b"\x7e" + struct.pack(">H", size)
    else:
        length = b"\x7f" + struct.pack(">Q", size)
    return bytes([fin << 7 | reserved << 4 | kind]) + length + payload


async def shake_hands(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Accept a client."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
    original = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key"))
    key = original.partition(b": ")[2]
    assert b"websocket" == lines[b"upgrade"]
    accept = base64.b64encode(hashlib.sha1(key + _KEY).digest())
    writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
    writer.write(b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")


async def received(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Return the kind and the payload of the next, short frame of a client."""
    first, second = await reader.readexactly(2)
    mask = await reader.readexactly(4)
    payload = await reader.readexactly(second & 0x7F)
    return first & 0xF, bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


@asynccontextmanager
async def serving(client: Client, **settings: Any) -> AsyncIterator[int]:
    """Give the port of a server that treats each client, after the handshake, as a test wants."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await shake_hands(reader, writer)
            await client(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client has gone
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, **settings)
    async with server:
        yield server.sockets[0].getsockname()[1]


class Handler:
    """Keeps what a listener passes on."""

    def __init__(self) -> None:
        self.batches: list[list[bytes]] = []
        self.texts: list[bytes] = []
        self.cause = ""
        self.end = asyncio.Event()

    def frames(self, batch: list[bytes]) -> None:
        """Keep a batch of frames."""
        self.batches.append(batch)

    def text_frame(self, text: bytes) -> None:
        """Keep a text frame."""
        self.texts.append(text)

    def gone(self, _transport: Any, cause: str) -> None:
        """Note the end."""
        self.cause = cause
        self.end.set()
