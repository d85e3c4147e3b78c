"""Numbers as the decimal text of the wire."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

__all__ = ["fixed", "fixed_all", "plain", "quantities", "quantity", "rate"]

RATE_PLACES = 8


def fixed(units: int, places: int) -> str:
    """Return units of 10^-places with all their places, as the exchange writes prices: (1050, 3) gives "1.050"."""
    return fixed_all((units,), places)[0]


def fixed_all(units: Iterable[int], places: int) -> list[str]:
    """Return `fixed` of each of many numbers that are not negative."""
    if places == 0:
        return [str(unit) for unit in units]
    form, scale = f"%d.%0{places}d", 10**places
    return [form % divmod(unit, scale) for unit in units]


def quantity(units: int, places: int) -> str:
    """Return an amount or a value; nothing is "0", as on the wire, not "0.00"."""
    return fixed(units, places) if units else "0"


def quantities(units: Iterable[int], places: int) -> list[str]:
    """Return `quantity` of each of many numbers."""
    if places == 0:
        return [str(unit) for unit in units]
    form, scale = f"%d.%0{places}d", 10**places
    return [form % divmod(unit, scale) if unit else "0" for unit in units]


def rate(units: int, places: int = RATE_PLACES) -> str:
    """Return a signed fraction without needless zeros: (-375000) gives "-0.00375"."""
    text = fixed(abs(units), places)
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"-{text}" if units < 0 else text


def plain(value: Decimal) -> str:
    """Return a decimal in full, without an exponent and without needless zeros: Decimal("1.50E+3") gives "1500"."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text
