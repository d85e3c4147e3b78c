"""What a private request asks for: the same readers for a query and for a JSON body; wrong ones are refused (4004).

In a query everything is text. In a body numbers of money are text and ids, counts and times are whole numbers, and
the exchange insists on that: a `Body` with the one in place of the other is refused.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from coinex_pandas.sandbox.catalogue import Catalogue, Market
from coinex_pandas.sandbox.coins import COINS
from coinex_pandas.sandbox.reply import Refusal
from coinex_pandas.sandbox.trading import Params

__all__ = ["Body", "choice", "currency", "decimal", "flag", "market", "text", "texts", "times", "whole"]

_NUMBER = re.compile(r"[0-9]{1,30}(\.[0-9]{1,30})?", re.ASCII)
_LARGEST_INT = 2**62
_LONGEST_TEXT = 500


class Body(dict[str, Any]):
    """The parameters of a POST, as JSON gave them."""


def text(params: Params, name: str, default: str | None = None, most: int = _LONGEST_TEXT) -> str:
    """Return a text; empty or absent is the default, and without a default it is required."""
    found = params.get(name)
    if found is None or found == "":
        if default is None:
            raise _wrong(name)
        return default
    if not isinstance(found, str) or len(found) > most:
        raise _wrong(name)
    return found


def choice(params: Params, name: str, values: Collection[str], default: str | None = None) -> str:
    """Return one of the values; without a default the parameter is required.

    In a query case does not matter: the exchange's own MCP server asks with ``market_type=spot``.
    """
    found = text(params, name, default)
    if not isinstance(params, Body):
        found = next((value for value in values if value.lower() == found.lower()), found)
    if found not in values:
        raise _wrong(name)
    return found


def decimal(params: Params, name: str, default: Decimal | None = None, *, zero: bool = False) -> Decimal:
    """Return a number that came as text, in plain digits and above 0 (or 0, where `zero` says so)."""
    found = text(params, name, "" if default is not None else None)
    if not found and default is not None:
        return default
    if not _NUMBER.fullmatch(found):
        raise _wrong(name)
    number = Decimal(found)
    if number == 0 and not zero:
        raise _wrong(name)
    return number


def whole(params: Params, name: str, default: int | None = None, *, least: int = 0, most: int = _LARGEST_INT) -> int:
    """Return a whole number: digits in a query, a JSON number in a body."""
    found = params.get(name)
    if found is None or found == "":
        if default is None:
            raise _wrong(name)
        return default
    number = _whole(found, in_body=isinstance(params, Body))
    if number is None or not least <= number <= most:
        raise _wrong(name)
    return number


def flag(params: Params, name: str, default: bool | None = None) -> bool:
    """Return yes or no: the words true and false in a query, a JSON boolean in a body."""
    found = params.get(name)
    if found is None or found == "":
        if default is None:
            raise _wrong(name)
        return default
    if isinstance(found, bool):
        return found
    if isinstance(params, Body) or found not in ("true", "false"):
        raise _wrong(name)
    return bool(found == "true")


def texts(params: Params, name: str, default: list[str] | None = None) -> list[str]:
    """Return a list of texts: comma separated in a query, a JSON list in a body."""
    found = params.get(name)
    if found is None or (found == "" and not isinstance(params, Body)):
        if default is None:
            raise _wrong(name)
        return default
    if isinstance(found, str) and not isinstance(params, Body):
        return found.split(",")
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise _wrong(name)
    return found


def times(params: Params) -> tuple[int, int]:
    """Return start_time and end_time, both included; absent ones leave no bound."""
    return whole(params, "start_time", 0), whole(params, "end_time", _LARGEST_INT)


def currency(params: Params, name: str = "ccy", default: str | None = None) -> str:
    """Return a currency that exists here."""
    found = text(params, name, default)
    if found not in COINS and found != default:
        raise _wrong(name)
    return found


def market(params: Params, catalogue: Catalogue, area: str, name: str = "market") -> Market:
    """Return a market, also one that is delisted."""
    asked = text(params, name)
    found = catalogue.find(area, asked)
    if found is None:
        raise _wrong(name)
    return found


def _whole(found: object, *, in_body: bool) -> int | None:
    if isinstance(found, bool):
        return None
    if isinstance(found, int):
        return found
    # the length first: int() itself refuses thousands of digits with another error
    if in_body or not isinstance(found, str) or not (found.isascii() and found.isdigit() and len(found) < 20):
        return None
    return int(found)


def _wrong(name: str) -> Refusal:
    return Refusal(message=f"invalid argument: {name}")
