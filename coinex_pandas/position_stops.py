"""What stop loss and take profit orders of positions ask alike: their parameters, checked, and the one request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_args

import pandas as pd

from coinex_pandas.answers import one_name
from coinex_pandas.errors import InvalidArgument
from coinex_pandas.exact import Exact
from coinex_pandas.given import positive
from coinex_pandas.options import Numbers
from coinex_pandas.order_checks import rules_of
from coinex_pandas.placing import TriggerPrice
from coinex_pandas.session import Session
from coinex_pandas.twins import choice
from coinex_pandas.verbs import change, checks

__all__ = ["new_stop_of", "send_stop", "stop_of"]


def new_stop_of(kind: str, type_: TriggerPrice, price: Exact, amount: Exact | None) -> dict[str, Any]:
    """Return what is said of a new stop order: at which price it triggers it must say itself."""
    for name, value in ((f"{kind}_type", type_), (f"{kind}_price", price)):
        if value is None:
            raise InvalidArgument(f"{name}: a new order needs it")
    return stop_of(kind, type_, price, amount)


def stop_of(kind: str, type_: TriggerPrice | None, price: Exact | None, amount: Exact | None) -> dict[str, Any]:
    """Return what is said of a stop order, by the names that its kind gives to it."""
    return {
        f"{kind}_type": None if type_ is None else choice(type_, get_args(TriggerPrice), f"{kind}_type"),
        f"{kind}_price": None if price is None else positive(price, f"{kind}_price"),
        f"{kind}_amount": None if amount is None else positive(amount, f"{kind}_amount"),
    }


def send_stop(
    function: Callable[..., pd.DataFrame],
    market: str,
    stop: Mapping[str, Any],
    check: bool,
    *,
    dry_run: bool,
    numbers: Numbers | None,
    session: Session | None,
) -> pd.DataFrame:
    """Send what a verb says of a position's stop orders, compared with the market's rules if wanted."""
    name = one_name(market, "market")
    if checks(function, check, dry_run=dry_run, session=session):
        _check(name, stop, session)
    return change(
        function,
        {"market": name, "market_type": "FUTURES", **stop},
        about=name,
        finds_out=f'cx.futures_positions("{name}", stops=True)',
        dry_run=dry_run,
        numbers=numbers,
        session=session,
    )


def _check(market: str, stop: Mapping[str, Any], session: Session | None) -> None:
    rules = rules_of("futures", market, session)
    for parameter, text in stop.items():
        if parameter.endswith("_price") and text is not None:
            rules.check_price(text, parameter)
        if parameter.endswith("_amount") and text is not None:
            rules.check_amount(text)
