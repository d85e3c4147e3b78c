"""The envelope of an answer: its code, message, data and pagination.

Source: https://docs.coinex.com/api/v2/guide.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import msgspec

from coinex_pandas.errors import UnexpectedBody
from coinex_pandas.errors.refusals import refusal

__all__ = ["Envelope", "Pagination", "check_code", "quoted_text"]


T = TypeVar("T")


class Pagination(msgspec.Struct):
    """The pagination of an answer, beside its data."""

    has_next: bool = False
    total: int | None = None


class Envelope(msgspec.Struct, Generic[T]):
    """What every answer has around its data; code 0 is success whatever the message says."""

    code: int
    data: T | None = None
    message: str | None = ""
    pagination: Pagination | None = None
    paginatation: Pagination | None = None  # the wire's spelling on some pages

    @property
    def pages(self) -> Pagination | None:
        """The pagination, by either of its names."""
        return self.pagination or self.paginatation


class _Head(msgspec.Struct):
    code: int
    message: str | None = ""


_head = msgspec.json.Decoder(_Head, strict=False)


def check_code(
    body: bytes, *, endpoint: str, about: str = "", retry_after: float | None = None, alone: bool = True
) -> None:
    """Raise the error that a body stands for: a refusal, or a body that is no envelope at all."""
    try:
        head = _head.decode(body)
    except (msgspec.DecodeError, RecursionError) as fault:
        raise UnexpectedBody(_reason(fault), endpoint=endpoint, body=body) from fault
    if head.code != 0:
        raise refusal(
            head.code, head.message or "", endpoint=endpoint, about=about, retry_after=retry_after, alone=alone
        )


def _reason(fault: msgspec.DecodeError | RecursionError) -> str:
    if isinstance(fault, RecursionError):
        return "its lists or objects stand too deep in each other"
    if isinstance(fault, msgspec.ValidationError):
        return f"not the exchange's envelope ({fault})"
    return f"not valid JSON ({fault})"


def quoted_text(raw: Any) -> str:
    """Return a JSON value as text: a string's content, anything else as its JSON."""
    text = bytes(raw).decode()
    return str(msgspec.json.decode(text)) if text.startswith('"') else text
