"""The listener that picows calls: it passes the frames of a socket to a driver."""

from __future__ import annotations

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
    """Passes frames to a driver, those of one read of the socket together."""

    def __init__(self, driver: FrameHandler) -> None:
        super().__init__()
        self._driver = driver
        self._batch: list[bytes] = []
        self._size = 0
        self._parts: list[bytes] = []
        self._is_text = False
        self._cause = "the connection broke off"

    def on_ws_frame(self, transport: Any, frame: Any) -> None:
        """Take a frame of any kind."""
        kind = frame.msg_type
        if kind == _BINARY and frame.fin:
            self._collect(frame.get_payload_as_bytes())
        elif kind == picows.WSMsgType.CLOSE:
            self._cause = f"the exchange closed the connection, code {frame.get_close_code()}"
            self._pass_on()
            transport.disconnect()
        elif kind in (_BINARY, picows.WSMsgType.TEXT, picows.WSMsgType.CONTINUATION):
            self._part(transport, kind, frame)
        if frame.last_in_buffer:
            self._pass_on()

    def on_ws_disconnected(self, transport: Any) -> None:
        """Note that the connection ended."""
        self._pass_on()
        self._driver.gone(transport, self._cause)

    def _collect(self, data: bytes) -> None:
        """Add a frame to the batch, which stays small; a large one makes a batch of its own."""
        if self._size + len(data) > _TOGETHER or len(data) > SAFE_PACKED:
            self._pass_on()
        self._batch.append(data)
        self._size += len(data) if len(data) <= SAFE_PACKED else _TOGETHER

    def _pass_on(self) -> None:
        batch, self._batch, self._size = self._batch, [], 0
        if batch:
            self._driver.frames(batch)

    def _part(self, transport: Any, kind: Any, frame: Any) -> None:
        """Take a text frame, or a part of a message that comes in several frames."""
        if kind != picows.WSMsgType.CONTINUATION:
            self._parts, self._is_text = [], kind == picows.WSMsgType.TEXT
        self._parts.append(frame.get_payload_as_bytes())
        if sum(map(len, self._parts)) > MAX_UNPACKED:
            self._cause = f"a message of more than {MAX_UNPACKED} bytes came in parts"
            transport.disconnect()
        elif frame.fin:
            self._pass_on()
            whole, self._parts = b"".join(self._parts), []
            if self._is_text:
                self._driver.text_frame(whole)
            else:
                self._driver.frames([whole])
