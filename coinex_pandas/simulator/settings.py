"""The settings of a sandbox, checked when they are made: a wrong one is an error at once, not an HTTP 500 later."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Context, Decimal
from ipaddress import ip_network
from numbers import Integral, Real
from typing import Any

import numpy as np

from coinex_pandas.api.calls.arguments import exact, texts
from coinex_pandas.errors import InvalidArgument
from coinex_pandas.errors.quoting import short_repr
from coinex_pandas.simulator.market.coins import COINS

__all__ = ["LONGEST", "addresses", "amount", "amounts", "number", "seconds", "whole_number"]

LONGEST = 1e9
"""Seconds that anything here may last: thirty years."""

_MOST_MONEY = Decimal(10) ** 18
_MOST_DECIMALS = 20  # the exchange's own; the ledger is exact to 60 digits, and sums must fit, too
_SMALLEST = Decimal((0, (1,), -_MOST_DECIMALS))
_WIDE = Context(prec=60)


def number(value: Any, name: str, *, least: float = 0.0, most: float) -> float:
    """Return a number within bounds; text is none, nor is True, nor what is not finite."""
    if _is_a(value, Real) and least <= value <= most:
        return float(value)
    raise InvalidArgument(f"{name} is {short_repr(value)}; give a number from {least:g} to {most:g}")


def seconds(value: Any, name: str) -> float:
    """Return a number of seconds."""
    return number(value, name, most=LONGEST)


def _is_a(value: Any, kind: type) -> bool:
    """Return whether a value is a number of a kind: True is none, and neither is a span of time, as NumPy has it."""
    return isinstance(value, kind) and not isinstance(value, (bool, np.timedelta64))


def whole_number(value: Any, name: str, *, least: int, most: int) -> int:
    """Return a whole number within bounds."""
    if _is_a(value, Integral) and least <= value <= most:
        return int(value)
    raise InvalidArgument(f"{name} is {short_repr(value)}; give a whole number from {least} to {most}")


def amount(value: Any, name: str) -> Decimal:
    """Return an amount of money that the ledger can hold, 0 or more."""
    money = Decimal(exact(value, name))
    if not 0 <= money < _MOST_MONEY or _WIDE.quantize(money, _SMALLEST) != money:
        raise InvalidArgument(
            f"{name}: an amount is from 0 to below {_MOST_MONEY:.0e}, with at most {_MOST_DECIMALS} decimals, not "
            f"{short_repr(value)}"
        )
    return money


def amounts(balances: Any, name: str = "balances") -> dict[str, Decimal]:
    """Return amounts by currency, of currencies that the sandbox has."""
    if not isinstance(balances, Mapping):
        raise InvalidArgument(f'{name}: a mapping such as {{"USDT": "1000"}}, not {short_repr(balances)}')
    if unknown := [ccy for ccy in balances if not isinstance(ccy, str) or ccy not in COINS]:
        raise InvalidArgument(f"{name}: the sandbox has no currency {short_repr(unknown[0])}")
    return {ccy: amount(value, f"{name}[{ccy!r}]") for ccy, value in balances.items()}


def addresses(values: Any, name: str) -> tuple[str, ...]:
    """Return IP addresses and networks, as text."""
    items = texts(values, name)
    for item in items:
        try:
            ip_network(item, strict=False)
        except ValueError:
            raise InvalidArgument(f"{name}: {short_repr(item)} is no IP address or network") from None
    return tuple(items)
