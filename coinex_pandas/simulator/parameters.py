"""The parameters of a request, read and checked, and the pages of rows that they ask for.

One set of readers serves queries and JSON bodies; what is wrong is refused with code 4004 and the parameter's name. In
a query everything is text. In a body numbers of money are text and ids, counts and times are whole numbers, and the
exchange insists on that: a `Body` with the one in place of the other is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from coinex_pandas.simulator.market.catalogue import FOREVER, Catalogue, Market
from coinex_pandas.simulator.market.coins import COINS
from coinex_pandas.simulator.reply import Refusal, Reply, Row

__all__ = [
    "MERGE_STEPS",
    "Body",
    "Params",
    "choice",
    "currency",
    "decimal",
    "flag",
    "listed_market",
    "listed_markets",
    "listing",
    "market",
    "merge_step",
    "page",
    "paged",
    "text",
    "texts",
    "times",
    "whole",
]

Params = Mapping[str, Any]
"""The parameters of a request: texts in a query, JSON values in a body."""
MERGE_STEPS = ("0", *(f"{Decimal(10) ** -places:f}" for places in range(12, 0, -1)), "1", "10", "100", "1000")
"""The intervals to which the prices of an order book can be merged."""
_NUMBER = re.compile(r"[0-9]{1,30}(\.[0-9]{1,30})?", re.ASCII)
_LONGEST_TEXT = 500
_LONGEST_DIGITS = 19  # int() itself refuses thousands of digits with another error
_MOST_MARKETS = 10
_PAGE_ROWS = 10
_MOST_PAGE_ROWS = 1000

T = TypeVar("T")


class Body(dict[str, Any]):
    """The parameters of a POST, as JSON gave them."""


# ---- values


def text(params: Params, name: str, default: str | None = None, most: int = _LONGEST_TEXT) -> str:
    """Return a text; empty or absent is the default, and without a default it is required."""
    value = params.get(name)
    if value is None or value == "":
        return _default(name, default)
    if not isinstance(value, str) or len(value) > most:
        raise _wrong(name)
    return value


def choice(params: Params, name: str, values: Collection[str], default: str | None = None) -> str:
    """Return one of the values; without a default the parameter is required.

    In a query case does not matter: the exchange's own MCP server asks with ``market_type=spot``.
    """
    value = text(params, name, default)
    if not isinstance(params, Body):
        value = next((each for each in values if each.lower() == value.lower()), value)
    if value not in values:
        raise _wrong(name)
    return value


def decimal(params: Params, name: str, default: Decimal | None = None, *, zero: bool = False) -> Decimal:
    """Return a number that came as text, in plain digits and above 0 (or 0, where `zero` says so)."""
    digits = text(params, name, "" if default is not None else None)
    if not digits and default is not None:
        return default
    if not _NUMBER.fullmatch(digits):
        raise _wrong(name)
    number = Decimal(digits)
    if number == 0 and not zero:
        raise _wrong(name)
    return number


def whole(params: Params, name: str, default: int | None = None, *, least: int = 0, most: int = FOREVER) -> int:
    """Return a whole number: digits in a query, a JSON number in a body."""
    value = params.get(name)
    if value is None or value == "":
        return _default(name, default)
    number = value if isinstance(params, Body) else _from_digits(value)
    if type(number) is not int or not least <= number <= most:  # a bool is no number
        raise _wrong(name)
    return number


def flag(params: Params, name: str, default: bool | None = None) -> bool:
    """Return yes or no: the words true and false in a query, a JSON boolean in a body."""
    value = params.get(name)
    if value is None or value == "":
        return _default(name, default)
    if isinstance(value, bool):
        return value
    if isinstance(params, Body) or value not in ("true", "false"):
        raise _wrong(name)
    return bool(value == "true")


def texts(params: Params, name: str, default: list[str] | None = None) -> list[str]:
    """Return a list of texts: comma separated in a query, a JSON list in a body."""
    value = params.get(name)
    if value is None or (value == "" and not isinstance(params, Body)):
        return _default(name, default)
    if isinstance(value, str) and not isinstance(params, Body):
        return value.split(",")
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise _wrong(name)
    return value


def times(params: Params) -> tuple[int, int]:
    """Return start_time and end_time, both included; absent ones leave no bound."""
    return whole(params, "start_time", 0), whole(params, "end_time", FOREVER)


def _default(name: str, default: T | None) -> T:
    if default is None:
        raise _wrong(name)
    return default


def _from_digits(value: object) -> object:
    is_number = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _LONGEST_DIGITS
    return int(str(value)) if is_number else value


def _wrong(name: str) -> Refusal:
    return Refusal(message=f"invalid argument: {name}")


# ---- currencies and markets


def currency(params: Params, name: str = "ccy", default: str | None = None) -> str:
    """Return a currency that exists here."""
    ccy = text(params, name, default)
    if ccy not in COINS and ccy != default:
        raise _wrong(name)
    return ccy


def market(params: Params, catalogue: Catalogue, area: str, name: str = "market") -> Market:
    """Return a market, also one that is delisted."""
    return _market(catalogue, area, text(params, name), name)


def listed_market(params: Params, catalogue: Catalogue, area: str, now: int) -> Market:
    """Return a market that is listed."""
    return _listed(market(params, catalogue, area), now)


def listed_markets(params: Params, catalogue: Catalogue, area: str, now: int) -> list[Market]:
    """Return the markets of a comma separated list, in its order; all that are listed when none is named."""
    names = texts(params, "market", [])
    if len(names) > _MOST_MARKETS:
        raise _wrong("market")
    if not names:
        return catalogue.listed(area, now)
    return [_listed(_market(catalogue, area, name, "market"), now) for name in names]


def merge_step(interval: str, of: Market) -> int:
    """Return one of the MERGE_STEPS in the market's price units; a step below one unit merges nothing."""
    return int(Decimal(interval).scaleb(of.price_places))


def _market(catalogue: Catalogue, area: str, value: str, name: str) -> Market:
    market = catalogue.find(area, value)
    if market is None:
        raise _wrong(name)
    return market


def _listed(market: Market, now: int) -> Market:
    if not market.listed(now):
        raise _wrong("market")
    return market


# ---- pages


def page(params: Params) -> tuple[int, int]:
    """Return page and rows a page; more than 1000 rows are quietly 1000."""
    number = whole(params, "page", 1, least=1)
    return number, min(whole(params, "limit", _PAGE_ROWS, least=1), _MOST_PAGE_ROWS)


def paged(params: Params, first: list[Row], total: int, rows: Callable[[slice], list[Row]]) -> Reply:
    """Return one page of some rows that come first, followed by a history.

    Parameters
    ----------
    params : mapping
        Holds page and limit.
    first : list of dict
        Rows before the history's own.
    total : int
        Rows of the history.
    rows : callable
        Gives the history's rows of a slice.
    """
    number, limit = page(params)
    start, stop = (number - 1) * limit, number * limit
    ahead = len(first)
    own = slice(min(total, max(0, start - ahead)), min(total, max(0, stop - ahead)))
    shown = first[start:stop] + (rows(own) if own.stop > own.start else [])
    return Reply(shown, pagination={"has_next": stop < total + ahead})


def listing(params: Params, items: Sequence[T], row: Callable[[T], Row], *, counted: bool = True) -> Reply:
    """Return one page of a complete list, with the total unless `counted` says no."""
    number, limit = page(params)
    start, stop = (number - 1) * limit, number * limit
    pagination: Row = {"total": len(items)} if counted else {}
    return Reply([row(each) for each in items[start:stop]], pagination={**pagination, "has_next": stop < len(items)})
