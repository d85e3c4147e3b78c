"""What a request asks for, read from its text parameters; anything wrong is refused with code 4004."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal

from coinex_pandas.sandbox.catalogue import Catalogue, Market
from coinex_pandas.sandbox.reply import Refusal

__all__ = ["STEPS", "Params", "choice", "listed", "market", "merge_step", "names", "page", "step_units", "whole"]

Params = Mapping[str, str]

_MOST_NAMES = 10
_PAGE_ROWS = 10
_MOST_PAGE_ROWS = 1000
_LARGEST_INT = 2**62
STEPS = ("0", *(f"{Decimal(10) ** -places:f}" for places in range(12, 0, -1)), "1", "10", "100", "1000")


def whole(params: Params, name: str, default: int, least: int = 0, most: int = _LARGEST_INT) -> int:
    """Return a whole number; empty or absent is the default."""
    text = params.get(name, "")
    if not text:
        return default
    # the length first: int() itself refuses thousands of digits with another error
    if not (text.isascii() and text.isdigit() and len(text) < 20 and least <= int(text) <= most):
        raise Refusal
    return int(text)


def choice(params: Params, name: str, values: Collection[str], default: str = "") -> str:
    """Return one of the values; without a default the parameter is required."""
    text = params.get(name) or default
    if text not in values:
        raise Refusal
    return text


def names(params: Params) -> list[str]:
    """Return the market names of a comma separated list; none at all means every market."""
    text = params.get("market", "")
    chosen = text.split(",") if text else []
    if len(chosen) > _MOST_NAMES:
        raise Refusal
    return chosen


def listed(params: Params, catalogue: Catalogue, area: str, now: int) -> list[Market]:
    """Return the markets asked for, in the order asked; all that are listed when none is named."""
    chosen = names(params)
    if not chosen:
        return catalogue.listed(area, now)
    return [_listed(catalogue, area, name, now) for name in chosen]


def market(params: Params, catalogue: Catalogue, area: str, now: int | None = None) -> Market:
    """Return the one market asked for; without `now` it may be delisted."""
    name = params.get("market", "")
    found = catalogue.find(area, name)
    if found is None:
        raise Refusal
    return found if now is None else _listed(catalogue, area, name, now)


def merge_step(params: Params, market: Market) -> int:
    """Return the price merge step in the market's units; a step below one unit merges nothing."""
    return step_units(choice(params, "interval", STEPS), market)


def step_units(interval: str, market: Market) -> int:
    """Return an interval in the market's price units."""
    return int(Decimal(interval).scaleb(market.price_places))


def page(params: Params) -> tuple[int, int]:
    """Return page and rows a page; more than 1000 rows are quietly 1000."""
    number = whole(params, "page", 1, least=1)
    return number, min(whole(params, "limit", _PAGE_ROWS, least=1), _MOST_PAGE_ROWS)


def _listed(catalogue: Catalogue, area: str, name: str, now: int) -> Market:
    found = catalogue.find(area, name)
    if found is None or not found.listed(now):
        raise Refusal
    return found
