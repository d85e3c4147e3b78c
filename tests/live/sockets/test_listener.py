"""The listener passes on each frame of a read at once, and ends a connection that breaks the protocol."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Coroutine
from typing import Any

import pytest

import coinex_pandas as cx
from coinex_pandas.live.protocol.messages import MAX_UNPACKED
from coinex_pandas.live.sockets.network import connect
from tests.live.sockets.raw_server import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    Handler,
    frame,
    received,
    serving,
)

pytestmark = pytest.mark.outside

LIMIT = 60.0  # seconds until a test says that nothing has come


def _run(test: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(test, LIMIT))


def _session(port: int) -> cx.Session:
    return cx.Session(cx.Venue("raw", http=f"http://127.0.0.1:{port}/v2", ws=f"ws://127.0.0.1:{port}/v2"))


async def _play(data: bytes) -> Handler:
    """Return what a handler has got when the connection is over, after a server sent some bytes at once."""
    handler = Handler()

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await reader.read()

    async with serving(client) as port:
        await connect(handler, _session(port), "spot")
        await handler.end.wait()
    return handler


async def _until_pong(data: bytes) -> tuple[Handler, bytes]:
    """Return what a handler has got by the time when the server has the answer to its ping, and that answer."""
    handler = Handler()
    answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        kind, payload = await received(reader)
        assert PONG == kind
        answer.set_result(payload)
        await reader.read()

    async with serving(client) as port:
        transport = await connect(handler, _session(port), "futures")
        payload = await answer
        batches, handler.batches = handler.batches, []
        transport.disconnect()
        await handler.end.wait()
    handler.batches = batches
    return handler, payload


def test_frames_before_a_ping_of_the_same_read_are_passed_on_with_it() -> None:
    """They do not wait for the frame after it."""
    handler, payload = _run(_until_pong(frame(BINARY, b"one") + frame(BINARY, b"two") + frame(PING, b"are you there")))
    assert [[b"one", b"two"]] == handler.batches
    assert b"are you there" == payload


@pytest.mark.parametrize("reserved", [0b100, 0b010, 0b001, 0b110])
def test_reserved_bits_end_the_connection(reserved: int) -> None:
    """What came before is passed on, the frame and what follows is not."""
    data = frame(BINARY, b"good") + frame(BINARY, b"odd", reserved=reserved) + frame(BINARY, b"late")
    handler = _run(_play(data))
    assert [b"good"] == [each for batch in handler.batches for each in batch]
    assert "reserved bits" in handler.cause


def test_a_message_in_parts_is_passed_on_as_one() -> None:
    """Also with a ping between its parts, and as text."""
    parts = frame(BINARY, b"a", fin=False) + frame(CONTINUATION, fin=False) + frame(CONTINUATION, b"bc")
    text = frame(TEXT, b"d", fin=False) + frame(PING, b"x") + frame(CONTINUATION, b"e")
    handler, _ = _run(_until_pong(parts + text))
    assert [[b"abc"]] == handler.batches
    assert [b"de"] == handler.texts


@pytest.mark.parametrize(
    "data",
    [
        frame(CONTINUATION, b"what does this go on with?"),
        frame(BINARY, b"a", fin=False) + frame(BINARY, b"b"),
        frame(BINARY, b"a", fin=False) + frame(TEXT, b"b"),
        frame(BINARY, b"a") + frame(BINARY, b"b", fin=False) + frame(BINARY, b"c", fin=False),
    ],
)
def test_parts_in_a_wrong_order_end_the_connection(data: bytes) -> None:
    """No message is made of parts of two."""
    handler = _run(_play(data))
    assert "broke the protocol" in handler.cause
    assert all(b"a" == each for batch in handler.batches for each in batch)


def test_many_small_parts_take_time_in_proportion_to_their_number() -> None:
    """Eight times as many do not take sixty times as long: each is added to the others, not counted anew."""
    few, many = (_run(_seconds_of_parts(number)) for number in (30_000, 240_000))
    assert many < 30 * few


async def _seconds_of_parts(number: int) -> float:
    """Return the processor's time for a message in parts of one byte."""
    begin = time.process_time()
    parts = frame(CONTINUATION, b"y", fin=False) * number
    handler, _ = await _until_pong(frame(BINARY, fin=False) + parts + frame(CONTINUATION) + frame(PING))
    assert [[b"y" * number]] == handler.batches
    return time.process_time() - begin


def test_a_message_has_a_longest_length_in_parts_and_as_a_whole() -> None:
    """Beyond it the connection ends, and the cause names the bound."""
    half = b"z" * (MAX_UNPACKED // 2 + 1)
    in_parts = _run(_play(frame(BINARY, half, fin=False) + frame(CONTINUATION, half)))
    whole = _run(_play(frame(BINARY, b"first") + frame(BINARY, half + half)))
    assert str(MAX_UNPACKED) in in_parts.cause
    assert str(MAX_UNPACKED) in whole.cause
    assert ([], [[b"first"]]) == (in_parts.batches, whole.batches)


def test_answers_to_pings_that_nobody_reads_do_not_pile_up() -> None:
    """A server that only sends pings, 30 MB of them, is answered until the way is full."""
    assert _run(_unread_pongs()) < 1 << 20


async def _unread_pongs() -> int:
    """Return the bytes that wait to be sent when a frame after many pings has come."""
    pings, handler = frame(PING, b"p" * 125) * 1_000, Handler()
    came = asyncio.Event()
    handler.frames = lambda _: came.set()

    async def client(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.pause_reading()
        for _ in range(240):
            writer.write(pings)
            await writer.drain()
        writer.write(frame(BINARY, b"last"))
        await handler.end.wait()

    async with serving(client, limit=1 << 10) as port:
        transport = await connect(handler, _session(port), "spot")
        await came.wait()
        waiting = transport.underlying_transport.get_write_buffer_size()
        transport.disconnect(graceful=False)
        await handler.end.wait()
    return int(waiting)


@pytest.mark.parametrize(("payload", "code"), [(b"\x03\xe9bye", "1001"), (b"\x0f\xa1", "4001"), (b"", "0")])
def test_a_close_is_reported_with_its_code(payload: bytes, code: str) -> None:
    """After the frames before it."""
    handler = _run(_play(frame(BINARY, b"last words") + frame(CLOSE, payload) + frame(BINARY, b"too late")))
    assert [[b"last words"]] == handler.batches
    assert handler.cause.endswith(f"code {code}")


def test_what_breaks_the_protocol_is_told_once(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """The cause says it; nothing goes to stderr, and no future is left whose exception nobody takes."""
    handler = _run(_play(frame(BINARY, b"first") + frame(0x5, b"of no kind")))
    assert [[b"first"]] == handler.batches
    assert "broke the protocol" in handler.cause
    gc.collect()
    assert "" == capfd.readouterr().err
    assert [] == [record for record in caplog.records if record.name == "asyncio"]
