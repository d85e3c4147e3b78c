"""Arguments as people write them, checked and put into the form that the exchange takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from numbers import Integral, Rational, Real
from typing import Any, TypeVar

import numpy as np

from coinex_pandas.errors import InvalidArgument
from coinex_pandas.errors.quoting import short_repr

__all__ = [
    "Exact",
    "Ids",
    "Names",
    "book_shape",
    "choice",
    "exact",
    "flag",
    "ids_of",
    "json_object",
    "names_of",
    "one_name",
    "optional",
    "positive",
    "short_text",
    "text",
    "texts",
    "user_name",
    "whole",
    "whole_id",
    "word",
]


T = TypeVar("T")


def optional(check: Callable[[Any, str], T], value: Any, parameter: str) -> T | None:
    """Return what a check of this file makes of a value; None stays None."""
    return None if value is None else check(value, parameter)


def flag(value: Any, parameter: str) -> bool:
    """Return True or False; nothing else stands for one of them."""
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    raise InvalidArgument(f"{parameter} is True or False, not {short_repr(value)}")


# ---- texts


_LONGEST_TEXT = 1_000  # characters of a name, an address, a note: the exchange documents none that comes near
_MOST_CHARACTERS = 50  # that the exchange stores of a remark
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")  # half of a surrogate pair: no request can carry it


def user_name(value: Any, parameter: str = "sub_user_name") -> str:
    """Return the name of a sub-account, in the caller's spelling."""
    if not _is_word(value):
        raise InvalidArgument(f"{parameter}: the name of a sub-account as text, not {short_repr(value)}")
    return _sendable(value.strip(), parameter)


def word(value: Any, parameter: str) -> str:
    """Return a text that must not be empty; errors do not show it, because it may be an address."""
    if not _is_word(value):
        raise InvalidArgument(f"{parameter}: text that is not empty")
    return _sendable(value.strip(), parameter)


def text(value: Any, parameter: str) -> str:
    """Return a text, which may be empty."""
    if not isinstance(value, str):
        raise InvalidArgument(f"{parameter}: text")
    return _sendable(value, parameter)


def short_text(value: Any, parameter: str) -> str:
    """Return a text that is no longer than the exchange stores."""
    if not isinstance(value, str) or len(value) > _MOST_CHARACTERS:
        raise InvalidArgument(f"{parameter}: text of up to {_MOST_CHARACTERS} characters")
    return _sendable(value, parameter)


def texts(values: Any, parameter: str) -> list[str]:
    """Return a list of texts, of a list or of one text with commas."""
    items = _items(values)
    if items is None or not all(map(_is_word, items)):
        raise InvalidArgument(f"{parameter}: texts, one or several")
    return [_sendable(item.strip(), parameter) for item in items]


def json_object(value: Any, parameter: str) -> dict[str, str | int]:
    """Return a mapping of names to texts, whole numbers or flags, as the JSON object that is sent."""
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        raise InvalidArgument(f"{parameter}: a mapping of names to texts, not {short_repr(value)}")
    return {_sendable(name, parameter): _json_value(cell, f"{parameter}[{name!r}]") for name, cell in value.items()}


def _json_value(value: Any, parameter: str) -> str | int:
    if isinstance(value, str):
        return _sendable(value, parameter)
    if isinstance(value, bool) or (_is_whole(value) and abs(value) <= _LARGEST):
        return value if isinstance(value, bool) else int(value)
    raise InvalidArgument(f"{parameter}: text, a whole number, True or False, not {short_repr(value)}")


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _sendable(text: str, parameter: str) -> str:
    """Return a text that a request can carry; errors do not show it, because it may be an address."""
    if len(text) > _LONGEST_TEXT:
        raise InvalidArgument(f"{parameter}: text of up to {_LONGEST_TEXT:,} characters, not {len(text):,}")
    if _HALF_CHARACTER.search(text):
        raise InvalidArgument(f"{parameter}: the text has half of a surrogate pair in it, which is no character")
    return str(text)


def _items(values: Any) -> list[Any] | None:
    """Return the items of an iterable, or of a text with commas; None for what has no items that can be meant."""
    if isinstance(values, str):
        return list(values.split(","))
    # bytes are numbers, the items of a mapping or a table are labels, and an array without dimensions has none
    is_other = isinstance(values, (bytes, bytearray, memoryview, Mapping)) or getattr(values, "ndim", 1) != 1
    return list(values) if isinstance(values, Iterable) and not is_other else None


# ---- whole numbers


_LARGEST = 2**63 - 1  # ids, counts and times of the exchange have 64 bits


def whole_id(value: Any, parameter: str) -> int:
    """Return an id as the exchange takes it: a whole number, not text and never a float, which may have lost digits."""
    digits = value.strip() if isinstance(value, str) else ""
    if digits.isdecimal() and len(digits) <= len(str(_LARGEST)):
        value = int(digits)
    if _is_whole(value) and 0 <= value <= _LARGEST:
        return int(value)
    raise InvalidArgument(f"{parameter}: an id is a whole number, or its digits as text, not {short_repr(value)}")


def whole(number: Any, parameter: str, *, most: int | None = None) -> int:
    """Return a whole number from 1 on; a float is none."""
    if _is_whole(number) and 1 <= number <= (most or _LARGEST):
        return int(number)
    limit = f" to {most}" if most else " on"
    raise InvalidArgument(f"{parameter} is a whole number from 1{limit}, not {short_repr(number)}")


def _is_whole(value: Any) -> bool:
    """Return whether a value is a whole number; True is none, and neither is a span of time, which NumPy calls one."""
    return isinstance(value, Integral) and not isinstance(value, (bool, np.timedelta64))


Ids = int | str | Iterable[int | str]
"""One id, or several; commas separate several ids in one text."""


def ids_of(values: Ids, parameter: str) -> list[int]:
    """Return ids in the caller's order, each once.

    Raises
    ------
    InvalidArgument
        The list is empty, or an id is no whole number.
    """
    items = _items(values) if isinstance(values, Iterable) else [values]
    if not items:
        raise InvalidArgument(f"{parameter}: one id or several, not {short_repr(values)}")
    return list(dict.fromkeys(whole_id(item, parameter) for item in items))


# ---- names


Names = str | Iterable[str]
"""One name, or several; commas separate several names in one text."""


def names_of(names: Names | None, parameter: str) -> list[str] | None:
    """Return names as the exchange spells them, each once; None for all.

    Raises
    ------
    InvalidArgument
        The list is empty, which would ask the exchange for everything, or a name is no text.
    """
    if names is None:
        return None
    items = _items(names)
    if not items or not all(map(_is_word, items)):
        raise InvalidArgument(f"{parameter}: one name, several, or None for all, not {short_repr(names)}")
    return list(dict.fromkeys(_sendable(name.strip().upper(), parameter) for name in items))


def one_name(name: str, parameter: str) -> str:
    """Return the one name that an endpoint takes, as the exchange spells it."""
    names = names_of(name, parameter)
    if names is None or len(names) != 1:
        raise InvalidArgument(f"{parameter}: the exchange takes one name here, not {short_repr(name)}")
    return names[0]


def choice(value: Any, choices: tuple[Any, ...], parameter: str) -> Any:
    """Return the one of the choices that a value is; upper and lower case of words do not matter.

    Raises
    ------
    InvalidArgument
        It is none of them.
    """
    folded = [_folded(each) for each in choices]
    if not (value is None or isinstance(value, str) or _is_whole(value)) or _folded(value) not in folded:
        raise InvalidArgument(f"{parameter} is one of {', '.join(map(str, choices))}, not {short_repr(value)}")
    return choices[folded.index(_folded(value))]


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


# ---- decimals


Exact = str | int | float | Decimal
"""The types that a price or an amount may have."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_MOST_DIGITS = 400
"""Before the point, and behind it: every float fits, and 1E+999999999 does not grow to a text of a gigabyte."""


def exact(value: Any, parameter: str) -> str:
    """Return a number as plain decimal text, without an exponent and with the caller's digits only.

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
        It is no finite number: bool, NaN, infinity, a missing value, text that is no number; or it has more than 400
        digits before or behind the point.

    Examples
    --------
    >>> [exact(value, "price") for value in ("1.50", 3, 0.1, 1e-7, Decimal("2E+3"))]
    ['1.50', '3', '0.1', '0.0000001', '2000']
    """
    number = _decimal(value)
    if number is None or not number.is_finite():
        raise InvalidArgument(f"{parameter}: a number as text, int, Decimal or float, not {short_repr(value)}")
    text = format(number, "f") if -_MOST_DIGITS <= number.adjusted() < _MOST_DIGITS else ""
    if not text or len(text) > 2 * _MOST_DIGITS:
        raise InvalidArgument(
            f"{parameter}: a number of at most {_MOST_DIGITS} digits before and behind the point, not "
            f"{short_repr(value)}"
        )
    return text


def positive(value: Any, parameter: str) -> str:
    """Return a number that is more than 0 as exact text."""
    text = exact(value, parameter)
    if Decimal(text) <= 0:
        raise InvalidArgument(f"{parameter}: more than 0, not {short_repr(value)}")
    return text


def _decimal(value: Any) -> Decimal | None:
    """Return the number that a value is; None for what is none."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, str):
        # Decimal itself takes underscores, blanks around it and the digits of all scripts.
        return Decimal(value) if _NUMBER.fullmatch(value) else None
    if isinstance(value, np.bool_):  # no int, and no number here either
        return None
    if _is_whole(value):
        return Decimal(int(value))
    if isinstance(value, Real) and not isinstance(value, Rational):
        # str of a NumPy float is its own shortest text: a float32 of 0.1 is "0.1", not 0.10000000149011612
        return Decimal(str(value))
    return None


_BOOK_LIMITS = (5, 10, 20, 50)
_BOOK_INTERVALS = {Decimal(text): text for text in ("0", *(f"{Decimal(10) ** power:f}" for power in range(-12, 4)))}


def book_shape(limit: int, interval: str | float) -> tuple[int, str]:
    """Return levels and price step of a book as the exchange takes them."""
    return choice(limit, _BOOK_LIMITS, "limit"), _interval(interval)


def _interval(interval: str | float) -> str:
    try:
        number = Decimal(str(interval)) if isinstance(interval, (str, Real, Decimal)) else Decimal("NaN")
    except (InvalidOperation, ValueError):  # ValueError: an int of thousands of digits
        number = Decimal("NaN")
    if number.is_nan() or number not in _BOOK_INTERVALS:
        raise InvalidArgument(f"interval is one of {', '.join(_BOOK_INTERVALS.values())}, not {short_repr(interval)}")
    return _BOOK_INTERVALS[number]
