"""A server in a process of its own that acknowledges a subscription and then pushes as fast as it is read."""

from __future__ import annotations

import asyncio
import base64
import gzip
import hashlib
import json
import multiprocessing
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

import pushes

_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_PIECE = 500  # frames written at once


def wrapped(payload: bytes) -> bytes:
    """Return a binary WebSocket frame."""
    size = len(payload)
    head = bytes([size]) if size < 126 else b"\x7e" + struct.pack(">H", size)
    return b"\x82" + head + payload


async def _shake(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
    key = next(value for name, value in lines.items() if name.lower() == b"sec-websocket-key")
    accept = base64.b64encode(hashlib.sha1(key + _MAGIC).digest())
    answer = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
    writer.write(answer + accept + b"\r\n\r\n")


def _serve(channel: Connection, count: int) -> None:
    frames = [wrapped(frame) for frame in pushes.deal_frames(count)]
    pieces = [b"".join(frames[at : at + _PIECE]) for at in range(0, count, _PIECE)]

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _shake(reader, writer)
            await reader.read(4096)  # whatever is subscribed to
            writer.write(wrapped(gzip.compress(json.dumps({"id": 1, "code": 0, "message": "OK"}).encode())))
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
            await reader.read(1)  # until the client says goodbye, or goes
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def main() -> None:
        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        channel.send(server.sockets[0].getsockname()[1])
        await asyncio.get_running_loop().run_in_executor(None, channel.recv)

    asyncio.run(main())


@contextmanager
def flood(count: int) -> Iterator[str]:
    """Give the address of a server that pushes so many frames to each client."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(there, count), daemon=True)
    process.start()
    try:
        yield f"ws://127.0.0.1:{here.recv()}/v2"
    finally:
        here.send("stop")
        process.join(5)
