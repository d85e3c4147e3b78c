"""What a private request asks for: the same readers for a query and for a JSON body; wrong ones are refused (4004).

In a query everything is text. In a body numbers of money are text and ids, counts and times are whole numbers, and
the exchange insists on that: a `Body` with the one in place of the other is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from coinex_pandas.simulator.market.catalogue import Catalogue, Market
from coinex_pandas.simulator.market.coins import COINS
from coinex_pandas.simulator.reply import Refusal, Reply

__all__ = [
    "STEPS",
    "Body",
    "Params",
    "Query",
    "Row",
    "choice",
    "choice_text",
    "currency",
    "decimal",
    "flag",
    "listed",
    "listing",
    "market",
    "market_text",
    "merge_step",
    "names",
    "page",
    "paged",
    "step_units",
    "text",
    "texts",
    "times",
    "whole",
    "whole_text",
]


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


Params = Mapping[str, Any]
"""What a private request asks: texts in a query, JSON values in a body."""


Row = dict[str, Any]
T = TypeVar("T")


def paged(params: Query, extra: list[Row], total: int, rows: Callable[[slice], list[Row]]) -> Reply:
    """Return one page of `extra` rows followed by a history.

    Parameters
    ----------
    params : mapping
        Holds page and limit.
    extra : list of dict
        Rows before the history's own.
    total : int
        Rows of the history.
    rows : callable
        Gives the history's rows of a slice.
    """
    number, limit = page(params)
    start, stop = (number - 1) * limit, number * limit
    ahead = len(extra)
    own = slice(min(total, max(0, start - ahead)), min(total, max(0, stop - ahead)))
    found = extra[start:stop] + (rows(own) if own.stop > own.start else [])
    return Reply(found, pagination={"has_next": stop < total + ahead})


def listing(params: Query, found: Sequence[T], row: Callable[[T], Row], *, counted: bool = True) -> Reply:
    """Return one page of a list that is known whole, with the total unless `counted` says no."""
    number, limit = page(params)
    start, stop = (number - 1) * limit, number * limit
    pagination: dict[str, Any] = {"total": len(found)} if counted else {}
    return Reply([row(each) for each in found[start:stop]], pagination={**pagination, "has_next": stop < len(found)})


Query = Mapping[str, str]

_MOST_NAMES = 10
_PAGE_ROWS = 10
_MOST_PAGE_ROWS = 1000


STEPS = ("0", *(f"{Decimal(10) ** -places:f}" for places in range(12, 0, -1)), "1", "10", "100", "1000")


def whole_text(params: Query, name: str, default: int, least: int = 0, most: int = _LARGEST_INT) -> int:
    """Return a whole_text number; empty or absent is the default."""
    text = params.get(name, "")
    if not text:
        return default
    # the length first: int() itself refuses thousands of digits with another error
    if not (text.isascii() and text.isdigit() and len(text) < 20 and least <= int(text) <= most):
        raise Refusal
    return int(text)


def choice_text(params: Query, name: str, values: Collection[str], default: str = "") -> str:
    """Return one of the values; without a default the parameter is required."""
    text = params.get(name) or default
    if text not in values:
        raise Refusal
    return text


def names(params: Query) -> list[str]:
    """Return the market_text names of a comma separated list; none at all means every market_text."""
    text = params.get("market", "")
    chosen = text.split(",") if text else []
    if len(chosen) > _MOST_NAMES:
        raise Refusal
    return chosen


def listed(params: Query, catalogue: Catalogue, area: str, now: int) -> list[Market]:
    """Return the markets asked for, in the order asked; all that are listed when none is named."""
    chosen = names(params)
    if not chosen:
        return catalogue.listed(area, now)
    return [_listed(catalogue, area, name, now) for name in chosen]


def market_text(params: Query, catalogue: Catalogue, area: str, now: int | None = None) -> Market:
    """Return the one market_text asked for; without `now` it may be delisted."""
    name = params.get("market", "")
    found = catalogue.find(area, name)
    if found is None:
        raise Refusal
    return found if now is None else _listed(catalogue, area, name, now)


def merge_step(params: Query, market_text: Market) -> int:
    """Return the price merge step in the market_text's units; a step below one unit merges nothing."""
    return step_units(choice_text(params, "interval", STEPS), market_text)


def step_units(interval: str, market_text: Market) -> int:
    """Return an interval in the market_text's price units."""
    return int(Decimal(interval).scaleb(market_text.price_places))


def page(params: Query) -> tuple[int, int]:
    """Return page and rows a page; more than 1000 rows are quietly 1000."""
    number = whole_text(params, "page", 1, least=1)
    return number, min(whole_text(params, "limit", _PAGE_ROWS, least=1), _MOST_PAGE_ROWS)


def _listed(catalogue: Catalogue, area: str, name: str, now: int) -> Market:
    found = catalogue.find(area, name)
    if found is None or not found.listed(now):
        raise Refusal
    return found
