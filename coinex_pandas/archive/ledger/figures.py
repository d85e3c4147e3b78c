"""Amounts and times as a statement writes them: every digit, no exponent, UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

__all__ = ["iso", "moment", "plain"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def plain(amount: Decimal | None) -> str:
    """Return an amount in full, without an exponent and without needless zeros; empty for none.

    Examples
    --------
    >>> plain(Decimal("1.50E+3")), plain(Decimal("-0.00000001000")), plain(Decimal("-0"))
    ('1500', '-0.00000001', '0')
    """
    if amount is None:
        return ""
    text = f"{amount:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def moment(at: int | None) -> str:
    """Return milliseconds as a time in UTC; empty for none.

    Examples
    --------
    >>> moment(1_780_315_200_007)
    '2026-06-01 12:00:00.007'
    """
    if at is None:
        return ""
    time = _EPOCH + timedelta(milliseconds=at)
    return f"{time:%Y-%m-%d %H:%M:%S}.{at % 1000:03d}" if at % 1000 else f"{time:%Y-%m-%d %H:%M:%S}"


def iso(at: int | None) -> str:
    """Return milliseconds as a time in UTC by ISO 8601; empty for none.

    Examples
    --------
    >>> iso(1_780_315_200_007)
    '2026-06-01T12:00:00.007Z'
    """
    if at is None:
        return ""
    return f"{_EPOCH + timedelta(milliseconds=at):%Y-%m-%dT%H:%M:%S}.{at % 1000:03d}Z"
