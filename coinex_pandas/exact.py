"""Numbers as the exchange takes them: plain decimal text, the caller's own digits and nothing else."""

from __future__ import annotations

import re
from decimal import Decimal
from numbers import Integral, Rational, Real
from typing import Any

from coinex_pandas.errors import InvalidArgument

__all__ = ["Exact", "exact"]

Exact = str | int | float | Decimal
"""What a price or an amount may be given as."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")


def exact(value: Any, parameter: str) -> str:
    """Return a number as plain decimal text, without exponent and without a digit that was not given.

    Parameters
    ----------
    value : str, int, Decimal or float
        The number. Text and Decimal keep their trailing zeros; a float is sent as its shortest exact text, so that
        ``0.1`` is ``"0.1"``.
    parameter : str
        Its name, for errors.

    Raises
    ------
    InvalidArgument
        It is no finite number: bool, NaN, infinity, a missing value, text that is no number.

    Examples
    --------
    >>> [exact(value, "price") for value in ("1.50", 3, 0.1, 1e-7, Decimal("2E+3"))]
    ['1.50', '3', '0.1', '0.0000001', '2000']
    """
    number = _decimal(value)
    if number is None or not number.is_finite():
        raise InvalidArgument(f"{parameter}: a number as text, int, Decimal or float, not {value!r}")
    return format(number, "f")


def _decimal(value: Any) -> Decimal | None:
    """Return the number that a value is; None for what is none."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, str):
        # Decimal itself takes underscores, blanks around it and the digits of all scripts.
        return Decimal(value) if _NUMBER.fullmatch(value) else None
    if isinstance(value, bool) or type(value).__name__ == "bool":  # numpy's is no int, and no number here either
        return None
    if isinstance(value, Integral):
        return Decimal(int(value))
    if isinstance(value, Real) and not isinstance(value, Rational):
        # str of a NumPy float is its own shortest text: a float32 of 0.1 is "0.1", not 0.10000000149011612
        return Decimal(str(value))
    return None
