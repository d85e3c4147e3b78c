"""What picows calls: frames of a socket, handed to a line."""

from __future__ import annotations

from typing import Any, Protocol

import picows

from coinex_pandas.live.protocol.messages import CAP, QUICK

__all__ = ["Listener", "Taker"]

_TOGETHER = 1 << 14  # packed bytes of frames that are handed on together
_BINARY = picows.WSMsgType.BINARY


class Taker(Protocol):
    """Who takes what a socket brings."""

    def frames(self, batch: list[bytes]) -> None:
        """Take binary frames that came together."""

    def text_frame(self, text: bytes) -> None:
        """Take a text frame."""

    def gone(self, transport: Any, cause: str) -> None:
        """Note that the connection ended."""


class Listener(picows.WSListener):
    """Hands frames to a line, those of one look at the socket together."""

    def __init__(self, line: Taker) -> None:
        super().__init__()
        self._line = line
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
            self._hand_on()
            transport.disconnect()
        elif kind in (_BINARY, picows.WSMsgType.TEXT, picows.WSMsgType.CONTINUATION):
            self._part(transport, kind, frame)
        if frame.last_in_buffer:
            self._hand_on()

    def on_ws_disconnected(self, transport: Any) -> None:
        """Note that the connection ended."""
        self._hand_on()
        self._line.gone(transport, self._cause)

    def _collect(self, data: bytes) -> None:
        """Put a frame to the others, which together stay small; a large one is taken by itself."""
        if self._size + len(data) > _TOGETHER or len(data) > QUICK:
            self._hand_on()
        self._batch.append(data)
        self._size += len(data) if len(data) <= QUICK else _TOGETHER

    def _hand_on(self) -> None:
        batch, self._batch, self._size = self._batch, [], 0
        if batch:
            self._line.frames(batch)

    def _part(self, transport: Any, kind: Any, frame: Any) -> None:
        """Take a text frame, or a part of a frame that came in several."""
        if kind != picows.WSMsgType.CONTINUATION:
            self._parts, self._is_text = [], kind == picows.WSMsgType.TEXT
        self._parts.append(frame.get_payload_as_bytes())
        if sum(map(len, self._parts)) > CAP:
            self._cause = f"a message of more than {CAP} bytes came in parts"
            transport.disconnect()
        elif frame.fin:
            self._hand_on()
            whole, self._parts = b"".join(self._parts), []
            if self._is_text:
                self._line.text_frame(whole)
            else:
                self._line.frames([whole])
