"""Ids, user names, flags, positive numbers and addresses as people give them, to what the exchange takes."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from numbers import Integral
from typing import Any

from coinex_pandas.errors import InvalidArgument
from coinex_pandas.exact import exact

__all__ = ["flag", "positive", "texts", "user_name", "whole_id", "word"]


def flag(value: Any, parameter: str) -> bool:
    """Return True or False; nothing else is taken for one of them."""
    if isinstance(value, bool) or type(value).__name__ == "bool":  # numpy's, too
        return bool(value)
    raise InvalidArgument(f"{parameter} is True or False, not {value!r}")


def user_name(value: Any, parameter: str = "sub_user_name") -> str:
    """Return the name of a sub-account, spelt as it was given."""
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise InvalidArgument(f"{parameter}: the name of a sub-account as text, not {value!r}")


def word(value: Any, parameter: str) -> str:
    """Return a text that must not be empty; errors do not show it, it may be an address."""
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise InvalidArgument(f"{parameter}: text that is not empty")


def texts(values: Any, parameter: str) -> list[str]:
    """Return a list of texts, given as such or as one text with commas."""
    given = values.split(",") if isinstance(values, str) else list(values) if isinstance(values, Iterable) else [None]
    found = [value.strip() for value in given if isinstance(value, str) and value.strip()]
    if len(found) != len(given):
        raise InvalidArgument(f"{parameter}: texts, one or several")
    return found


def positive(value: Any, parameter: str) -> str:
    """Return a number that is more than 0 as exact text."""
    text = exact(value, parameter)
    if Decimal(text) <= 0:
        raise InvalidArgument(f"{parameter}: more than 0, not {text}")
    return text


def whole_id(value: int | str, parameter: str) -> int:
    """Return an id as the exchange takes it: a whole number, not text and never a float, which may have lost digits."""
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    if isinstance(value, Integral) and not isinstance(value, bool) and value >= 0:
        return int(value)
    raise InvalidArgument(f"{parameter}: an id is a whole number, or its digits as text, not {value!r}")
