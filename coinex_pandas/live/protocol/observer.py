"""Who watches a connection or a buffer without taking rows from it: a recording, which stores what came and happened.

All methods are called on the thread of the sockets, and must return at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from coinex_pandas.errors import Refused

__all__ = ["BufferObserver", "ConnectionObserver"]


class ConnectionObserver(Protocol):
    """Watches a connection; ``at`` are unix milliseconds."""

    def take_frames(self, batch: Sequence[bytes], texts: Sequence[bytes] | None, at: int) -> None:
        """Take binary frames before they are handled, and their JSON where it was decoded already."""

    def opened(self, at: int) -> None:
        """Note that the connection is there."""

    def closed(self, cause: str) -> None:
        """Note that the connection is gone, or could not be made."""

    def subscribed(self, method: str, params: Any) -> None:
        """Note that a subscription, or the end of one, was requested."""

    def replied(self, method: str, names: Sequence[str], code: int, *, is_settled: bool, at: int) -> None:
        """Note the reply to a subscription, and whether it was the last that its channel waited for."""

    def recovered(self, request: Any, reply: Any, at: int) -> None:
        """Take the rows that HTTP replied to a request for what was missed, before they are handled."""

    def responded(self, response: Any, **settings: Any) -> None:
        """Take a response to such a request, on the thread that sent it."""


class BufferObserver(Protocol):
    """Watches the buffer of a stream; it is called under the buffer's lock."""

    def open_gap(self, market: str | None, start: int, cause: str) -> None:
        """Note that from a moment on rows may be missing."""

    def close_gap(self, market: str | None, end: int, refilled: bool, rows: int, why: str) -> None:
        """Note that nothing is missed any more."""

    def refuse(self, error: Refused) -> None:
        """Note that the exchange refuses the subscription."""

    def end(self) -> None:
        """Note that the stream has ended."""
