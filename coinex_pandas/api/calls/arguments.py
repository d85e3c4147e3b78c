"""Arguments as people write them, checked and put into the form that the exchange takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from numbers import Integral, Rational, Real
from typing import Any, TypeVar

from coinex_pandas.errors import InvalidArgument

__all__ = [
    "Exact",
    "Ids",
    "Names",
    "book_shape",
    "choice",
    "exact",
    "flag",
    "ids_of",
    "names_of",
    "one_name",
    "optional",
    "positive",
    "short_text",
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
    if isinstance(value, bool) or type(value).__name__ == "bool":  # numpy's, too
        return bool(value)
    raise InvalidArgument(f"{parameter} is True or False, not {value!r}")


def user_name(value: Any, parameter: str = "sub_user_name") -> str:
    """Return the name of a sub-account, in the caller's spelling."""
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise InvalidArgument(f"{parameter}: the name of a sub-account as text, not {value!r}")


def word(value: Any, parameter: str) -> str:
    """Return a text that must not be empty; errors do not show it, because it may be an address."""
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise InvalidArgument(f"{parameter}: text that is not empty")


_MOST_CHARACTERS = 50  # that the exchange stores of a remark


def short_text(value: Any, parameter: str) -> str:
    """Return a text that is no longer than the exchange stores."""
    if not isinstance(value, str) or len(value) > _MOST_CHARACTERS:
        raise InvalidArgument(f"{parameter}: text of up to {_MOST_CHARACTERS} characters")
    return value


def texts(values: Any, parameter: str) -> list[str]:
    """Return a list of texts, of a list or of one text with commas."""
    items: list[Any] = (
        values.split(",") if isinstance(values, str) else list(values) if isinstance(values, Iterable) else [None]
    )
    if not all(isinstance(item, str) and item.strip() for item in items):
        raise InvalidArgument(f"{parameter}: texts, one or several")
    return [item.strip() for item in items]


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
    items = names.split(",") if isinstance(names, str) else list(names) if isinstance(names, Iterable) else []
    if not items or not all(isinstance(name, str) and name.strip() for name in items):
        raise InvalidArgument(f"{parameter}: one name, several, or None for all, not {names!r}")
    return list(dict.fromkeys(name.strip().upper() for name in items))


def one_name(name: str, parameter: str) -> str:
    """Return the one name that an endpoint takes, as the exchange spells it."""
    names = names_of(name, parameter)
    if names is None or len(names) != 1:
        raise InvalidArgument(f"{parameter}: the exchange takes one name here, not {name!r}")
    return names[0]


Ids = int | str | Iterable[int | str]
"""One id, or several; commas separate several ids in one text."""


def ids_of(values: Ids, parameter: str) -> list[int]:
    """Return ids in the caller's order, each once.

    Raises
    ------
    InvalidArgument
        The list is empty, or an id is no whole number.
    """
    split = values.split(",") if isinstance(values, str) else values
    items = list(split) if isinstance(split, Iterable) else [split]
    if not items:
        raise InvalidArgument(f"{parameter}: one id or several, not {values!r}")
    return list(dict.fromkeys(whole_id(item, parameter) for item in items))


def choice(value: Any, choices: tuple[Any, ...], parameter: str) -> Any:
    """Return the one of the choices that a value is; upper and lower case of words do not matter.

    Raises
    ------
    InvalidArgument
        It is none of them.
    """
    folded = [_folded(each) for each in choices]
    if _folded(value) not in folded or isinstance(value, (bool, float)):
        raise InvalidArgument(f"{parameter} is one of {', '.join(map(str, choices))}, not {value!r}")
    return choices[folded.index(_folded(value))]


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def whole(number: Any, parameter: str, *, most: int | None = None) -> int:
    """Return a whole number from 1 on; a float is none."""
    count = int(number) if isinstance(number, Integral) and not isinstance(number, bool) else 0
    if not 1 <= count <= (most or count):
        raise InvalidArgument(f"{parameter} is a whole number from 1{f' to {most}' if most else ' on'}, not {number!r}")
    return count


Exact = str | int | float | Decimal
"""The types that a price or an amount may have."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")


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


_BOOK_LIMITS = (5, 10, 20, 50)
_BOOK_INTERVALS = ("0", *(format(Decimal(10) ** power, "f") for power in range(-12, 4)))


def book_shape(limit: int, interval: str | float) -> tuple[int, str]:
    """Return levels and price step of a book as the exchange takes them."""
    return choice(limit, _BOOK_LIMITS, "limit"), _interval(interval)


def _interval(interval: str | float) -> str:
    try:
        text = format(Decimal(str(interval)).normalize(), "f")
    except InvalidOperation:
        text = ""
    if text not in _BOOK_INTERVALS:
        raise InvalidArgument(f"interval is one of {', '.join(_BOOK_INTERVALS)}, not {interval!r}")
    return text
