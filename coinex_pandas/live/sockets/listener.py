"""The listener that picows calls: it passes the frames of a socket to a driver."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, Protocol

import picows

from coinex_pandas.live.protocol.messages import MAX_UNPACKED, SAFE_PACKED

__all__ = ["FrameHandler", "Listener"]

_TOGETHER = 1 << 14  # packed bytes of frames that are passed on together
_BINARY = picows.WSMsgType.BINARY


class FrameHandler(Protocol):
    """What takes the frames of a socket: a driver."""

    def frames(self, batch: list[bytes]) -> None:
        """Take binary frames that came together."""

    def text_frame(self, text: bytes) -> None:
        """Take a text frame."""

    def gone(self, transport: Any, cause: str) -> None:
        """Note that the connection ended."""


class Listener(picows.WSListener):
    """Passes frames to a driver, those of one read of the socket together, and answers the protocol's own pings."""

    def __init__(self, driver: FrameHandler) -> None:
        super().__init__()
        self._end_task: asyncio.Task[None] | None = None
        self._driver = driver
        self._batch: list[bytes] = []
        self._size = 0
        self._parts: bytearray | None = None  # of a message that comes in several frames
        self._is_text = False
        self._is_congested = False
        self._is_over = False
        self._cause = ""

    def on_ws_connected(self, transport: Any) -> None:
        """Wait for the end of the connection, too."""
        self._end_task = asyncio.get_running_loop().create_task(_end_of(transport))

    def on_ws_frame(self, transport: Any, frame: Any) -> None:
        """Take a frame of any kind."""
        if self._is_over:  # picows passes on what else it has read
            return
        kind = frame.msg_type
        if frame.rsv1 or frame.rsv2 or frame.rsv3:  # no extension was agreed on that would give them a meaning
            self._refuse(transport, "a frame has reserved bits set")
        elif kind == _BINARY and frame.fin and self._parts is None:
            data = frame.get_payload_as_bytes()
            size = len(data)
            if size <= SAFE_PACKED and self._size + size <= _TOGETHER:  # nearly all frames: no further call for them
                self._batch.append(data)
                self._size += size
            else:
                self._collect(data)
        elif kind == picows.WSMsgType.PING:
            self._answer(transport, frame)
        elif kind == picows.WSMsgType.CLOSE:
            self._end(f"the exchange closed the connection, code {int(frame.get_close_code())}")
            transport.disconnect(graceful=not self._is_congested)
        elif kind != picows.WSMsgType.PONG:
            self._take_part(transport, kind, frame)
        if frame.last_in_buffer:
            self._pass_on()

    def on_ws_disconnected(self, transport: Any) -> None:
        """Note that the connection ended."""
        self._pass_on()
        self._driver.gone(transport, self._cause or _fault(transport) or "the connection broke off")

    def pause_writing(self) -> None:
        """Note that the exchange does not read what it is sent."""
        self._is_congested = True

    def resume_writing(self) -> None:
        """Note that it reads again."""
        self._is_congested = False

    def _answer(self, transport: Any, frame: Any) -> None:
        """Answer a ping, unless answers pile up: a server that does not read them must not fill the memory."""
        if not self._is_congested:
            transport.send_pong(frame.get_payload_as_bytes())

    def _collect(self, data: bytes) -> None:
        """Add a frame to the batch, which stays small; a large one makes a batch of its own."""
        if self._size + len(data) > _TOGETHER or len(data) > SAFE_PACKED:
            self._pass_on()
            if len(data) > MAX_UNPACKED:  # picows has refused it and hangs up, but reads on for 10 ms
                return
        self._batch.append(data)
        self._size += len(data) if len(data) <= SAFE_PACKED else _TOGETHER

    def _pass_on(self) -> None:
        batch, self._batch, self._size = self._batch, [], 0
        if batch:
            self._driver.frames(batch)

    def _take_part(self, transport: Any, kind: Any, frame: Any) -> None:
        """Take a text frame, or a part of a message that comes in several frames."""
        if (kind == picows.WSMsgType.CONTINUATION) is (self._parts is None):
            self._refuse(transport, "a message begins within another one, or goes on before it begins")
            return
        if self._parts is None:
            self._parts, self._is_text = bytearray(), kind == picows.WSMsgType.TEXT
        self._parts += frame.get_payload_as_memoryview()
        if len(self._parts) > MAX_UNPACKED:
            self._refuse(transport, f"a message of more than {MAX_UNPACKED} bytes came in parts")
        elif frame.fin:
            self._pass_on_whole()

    def _pass_on_whole(self) -> None:
        """Pass on a message of which all parts have come."""
        self._pass_on()
        whole, self._parts = bytes(self._parts or b""), None
        if self._is_text:
            self._driver.text_frame(whole)
        else:
            self._driver.frames([whole])

    def _refuse(self, transport: Any, why: str) -> None:
        """End the connection: what the exchange sent is against the protocol."""
        self._end(f"the exchange broke the protocol: {why}")
        transport.send_close(picows.WSCloseCode.PROTOCOL_ERROR)
        transport.disconnect(graceful=False)

    def _end(self, cause: str) -> None:
        """Pass on what came before the end, and note why it ends."""
        self._pass_on()
        self._cause, self._is_over = cause, True


def _fault(transport: Any) -> str:
    """Return what picows itself did not accept; empty where there was nothing."""
    handshake = transport.close_handshake
    if handshake is None or handshake.sent is None:
        return ""
    return f"the exchange broke the protocol: {handshake.sent.reason}"


async def _end_of(transport: Any) -> None:
    """Wait for the end of a connection and take its exception, which asyncio would report; the listener says why."""
    with suppress(Exception):
        await transport.wait_disconnected()
