"""A proxy on this machine, for CONNECT and SOCKS5, that sends everybody to one port and notes what they wanted."""

from __future__ import annotations

import asyncio
import base64
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple


class Wish(NamedTuple):
    """What a client wanted of the proxy; a name has not been looked up by the client."""

    kind: str
    host: str
    port: int
    login: str


@asynccontextmanager
async def proxying(target: int) -> AsyncIterator[tuple[int, list[Wish]]]:
    """Give the port of a proxy and what has been wanted of it; all connections lead to the target's port."""
    wishes: list[Wish] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            first = await reader.readexactly(1)
            wishes.append(await (_socks(reader, writer) if first == b"\x05" else _connect(first, reader, writer)))
            there, back = await asyncio.open_connection("127.0.0.1", target)
            async with asyncio.TaskGroup() as group:
                group.create_task(_pipe(reader, back))
                group.create_task(_pipe(there, writer))
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client has gone
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], wishes


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass  # one side has gone; so goes the other
    finally:
        writer.close()


async def _connect(first: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Wish:
    head = (first + await reader.readuntil(b"\r\n\r\n")).decode()
    kind, target, _ = head.split(" ", 2)
    host, _, port = target.rpartition(":")
    logins = [line for line in head.split("\r\n") if line.lower().startswith("proxy-authorization: basic ")]
    login = base64.b64decode(logins[0].split(" ")[2]).decode() if logins else ""
    writer.write(b"HTTP/1.1 200 Go on\r\n\r\n")
    return Wish(kind, host, int(port), login)


async def _socks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Wish:
    methods, login = await reader.readexactly((await reader.readexactly(1))[0]), ""
    with_login = 2 in methods
    writer.write(b"\x05\x02" if with_login else b"\x05\x00")
    if with_login:
        await reader.readexactly(1)
        login = ":".join([await _text(reader), await _text(reader)])
        writer.write(b"\x01\x00")
    kind = (await reader.readexactly(4))[3]
    host = await _text(reader) if kind == 3 else socket.inet_ntoa(await reader.readexactly(4))
    port = int.from_bytes(await reader.readexactly(2), "big")
    writer.write(b"\x05\x00\x00\x01" + bytes(6))
    return Wish("SOCKS5", host, port, login)


async def _text(reader: asyncio.StreamReader) -> str:
    return (await reader.readexactly((await reader.readexactly(1))[0])).decode()
