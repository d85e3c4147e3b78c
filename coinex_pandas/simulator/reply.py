"""The reply to a request before it becomes bytes, and the exception that refuses a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

__all__ = ["Refusal", "Reply", "Row"]

Row = dict[str, Any]
_INVALID_ARGUMENT = 4004


@dataclass(slots=True)
class Reply:
    """The envelope: code, data (ready for JSON, decimals as text), message, and pagination where there is one.

    One endpoint has another name for the last one: `pagination_name`.
    """

    data: Any
    code: int = 0
    message: str = "OK"
    pagination: Row | None = None
    pagination_name: str = "pagination"

    def envelope(self) -> dict[str, Any]:
        """Return the JSON object that goes on the wire."""
        body = {"code": self.code, "data": self.data, "message": self.message}
        return body if self.pagination is None else {**body, self.pagination_name: self.pagination}

    def encode(self) -> bytes:
        """Return the envelope as JSON bytes."""
        return msgspec.json.encode(self.envelope())


class Refusal(Exception):
    """The exchange refuses a request: the HTTP status is 200, the code says why."""

    def __init__(self, code: int = _INVALID_ARGUMENT, message: str = "invalid argument") -> None:
        super().__init__(f"{code} {message}")
        self.reply = Reply({}, code, message)
