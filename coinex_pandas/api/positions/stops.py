"""Stop loss and take profit orders of your open futures positions; a position has up to 20 of them.

`futures_positions` with ``stops=True`` lists them with their ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import pandas as pd

from coinex_pandas.api.calls.arguments import Exact, choice, one_name, optional, positive, whole_id
from coinex_pandas.api.calls.verb import Verb, change
from coinex_pandas.api.orders.market_rules import Rules, rules_of
from coinex_pandas.api.orders.order_request import FUTURES, TriggerPrice
from coinex_pandas.errors import InvalidArgument
from coinex_pandas.http.route import route
from coinex_pandas.http.session import Session
from coinex_pandas.tables.kinds import Numbers
from coinex_pandas.tables.rows.position import Position

__all__ = [
    "futures_cancel_position_stop_loss",
    "futures_cancel_position_take_profit",
    "futures_modify_position_stop_loss",
    "futures_modify_position_take_profit",
    "futures_set_position_stop_loss",
    "futures_set_position_take_profit",
]


@route(
    "POST /futures/set-position-stop-loss",
    Position,
    docs="futures/position/http/set-position-stop-loss",
    pace="futures_order",
    single=True,
    needs="trade",
)
def futures_set_position_stop_loss(
    market: str,
    stop_loss_type: TriggerPrice,
    stop_loss_price: Exact,
    *,
    stop_loss_amount: Exact | None = None,
    check: bool = True,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Set a stop loss order on a position, and return the position.

    Parameters
    ----------
    stop_loss_type : {"latest_price", "mark_price", "index_price"}
        The price that triggers.
    stop_loss_price : str, int, Decimal or float
        Where it triggers.
    stop_loss_amount : str, int, Decimal or float, optional
        How much of the position is closed then; None for all of it.

    Raises
    ------
    InvalidArgument
        The market takes no such price or amount; nothing was sent.

    Examples
    --------
    >>> request = cx.futures_set_position_stop_loss("BTCUSDT", "mark_price", "66500", dry_run=True)
    >>> request["body"].item()
    '{"market":"BTCUSDT","market_type":"FUTURES","stop_loss_type":"mark_price","stop_loss_price":"66500"}'
    """
    stop = _new_stop("stop_loss", stop_loss_type, stop_loss_price, stop_loss_amount)
    return _send(Verb(futures_set_position_stop_loss, numbers, session, dry_run, check), market, stop)


@route("POST /futures/set-position-take-profit", Position, like=futures_set_position_stop_loss)
def futures_set_position_take_profit(
    market: str,
    take_profit_type: TriggerPrice,
    take_profit_price: Exact,
    *,
    take_profit_amount: Exact | None = None,
    check: bool = True,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Set a take profit order on a position, and return the position.

    Examples
    --------
    >>> request = cx.futures_set_position_take_profit("BTCUSDT", "mark_price", "78000", dry_run=True)
    >>> request["body"].item()
    '{"market":"BTCUSDT","market_type":"FUTURES","take_profit_type":"mark_price","take_profit_price":"78000"}'
    """
    stop = _new_stop("take_profit", take_profit_type, take_profit_price, take_profit_amount)
    return _send(Verb(futures_set_position_take_profit, numbers, session, dry_run, check), market, stop)


@route(
    "POST /futures/modify-position-stop-loss",
    Position,
    docs="futures/position/http/modify-position-stop-loss",
    pace="futures_order",
    single=True,
    needs="trade",
)
def futures_modify_position_stop_loss(
    market: str,
    stop_loss_id: int | str,
    *,
    stop_loss_type: TriggerPrice | None = None,
    stop_loss_price: Exact | None = None,
    stop_loss_amount: Exact | None = None,
    check: bool = True,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Change one stop loss order of a position, and return the position; what is None stays as it is.

    Parameters
    ----------
    stop_loss_id : int
        Which one, as in ``futures_positions(market, stops=True)``.
    stop_loss_type : {"latest_price", "mark_price", "index_price"}, optional
        The price that triggers.
    stop_loss_price : str, int, Decimal or float, optional
        Where it triggers.
    stop_loss_amount : str, int, Decimal or float, optional
        How much of the position is closed then.

    Raises
    ------
    InvalidArgument
        There is nothing to change, or the market takes no such price or amount; nothing was sent.

    Examples
    --------
    >>> request = cx.futures_modify_position_stop_loss("BTCUSDT", 27182, stop_loss_price="66500", dry_run=True)
    >>> request["body"].item()
    '{"market":"BTCUSDT","market_type":"FUTURES","stop_loss_id":27182,"stop_loss_price":"66500"}'
    """
    stop = _stop("stop_loss", stop_loss_type, stop_loss_price, stop_loss_amount)
    if all(value is None for value in stop.values()):
        raise InvalidArgument(f"nothing to change: give one of {', '.join(stop)}")
    stop = {"stop_loss_id": whole_id(stop_loss_id, "stop_loss_id"), **stop}
    return _send(Verb(futures_modify_position_stop_loss, numbers, session, dry_run, check), market, stop)


@route("POST /futures/modify-position-take-profit", Position, like=futures_modify_position_stop_loss)
def futures_modify_position_take_profit(
    market: str,
    take_profit_id: int | str,
    *,
    take_profit_type: TriggerPrice | None = None,
    take_profit_price: Exact | None = None,
    take_profit_amount: Exact | None = None,
    check: bool = True,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Change one take profit order of a position, and return the position; what is None stays as it is.

    Examples
    --------
    >>> request = cx.futures_modify_position_take_profit("BTCUSDT", 27182, take_profit_price="78000", dry_run=True)
    >>> request["body"].item()
    '{"market":"BTCUSDT","market_type":"FUTURES","take_profit_id":27182,"take_profit_price":"78000"}'
    """
    stop = _stop("take_profit", take_profit_type, take_profit_price, take_profit_amount)
    if all(value is None for value in stop.values()):
        raise InvalidArgument(f"nothing to change: give one of {', '.join(stop)}")
    stop = {"take_profit_id": whole_id(take_profit_id, "take_profit_id"), **stop}
    return _send(Verb(futures_modify_position_take_profit, numbers, session, dry_run, check), market, stop)


@route(
    "POST /futures/cancel-position-stop-loss",
    Position,
    docs="futures/position/http/cancel-position-stop-loss",
    pace="futures_order",
    single=True,
    needs="trade",
)
def futures_cancel_position_stop_loss(
    market: str,
    stop_loss_id: int | str | None = None,
    *,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Cancel stop loss orders of a position, and return the position.

    Parameters
    ----------
    stop_loss_id : int, optional
        Which one, as in ``futures_positions(market, stops=True)``; None for all of them.

    Examples
    --------
    >>> cx.futures_cancel_position_stop_loss("BTCUSDT", dry_run=True)["body"].item()
    '{"market":"BTCUSDT","market_type":"FUTURES"}'
    """
    stop = {"stop_loss_id": optional(whole_id, stop_loss_id, "stop_loss_id")}
    return _send(Verb(futures_cancel_position_stop_loss, numbers, session, dry_run), market, stop)


@route("POST /futures/cancel-position-take-profit", Position, like=futures_cancel_position_stop_loss)
def futures_cancel_position_take_profit(
    market: str,
    take_profit_id: int | str | None = None,
    *,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Cancel take profit orders of a position, and return the position."""
    stop = {"take_profit_id": optional(whole_id, take_profit_id, "take_profit_id")}
    return _send(Verb(futures_cancel_position_take_profit, numbers, session, dry_run), market, stop)


def _new_stop(kind: str, type_: TriggerPrice, price: Exact, amount: Exact | None) -> dict[str, Any]:
    """Return the parameters of a new stop order, which must say at which price it triggers."""
    for name, value in ((f"{kind}_type", type_), (f"{kind}_price", price)):
        if value is None:
            raise InvalidArgument(f"{name}: a new order needs it")
    return _stop(kind, type_, price, amount)


def _stop(kind: str, type_: TriggerPrice | None, price: Exact | None, amount: Exact | None) -> dict[str, Any]:
    """Return the parameters of a stop order, by the names that they have for its kind."""
    return {
        f"{kind}_type": None if type_ is None else choice(type_, get_args(TriggerPrice), f"{kind}_type"),
        f"{kind}_price": optional(positive, price, f"{kind}_price"),
        f"{kind}_amount": optional(positive, amount, f"{kind}_amount"),
    }


def _send(verb: Verb, market: str, stop: Mapping[str, Any]) -> pd.DataFrame:
    """Send a verb about a position's stop orders, after comparing it with the market's rules."""
    name = one_name(market, "market")
    if (rule_source := verb.rule_source()) is not None:
        _check(rules_of("futures", name, rule_source), stop)
    return change(
        verb,
        {"market": name, **FUTURES, **stop},
        finds_out=f'cx.futures_positions("{name}", stops=True)',
    )


def _check(rules: Rules, stop: Mapping[str, Any]) -> None:
    for parameter, text in stop.items():
        if parameter.endswith("_price") and text is not None:
            rules.check_price(text, parameter)
        if parameter.endswith("_amount") and text is not None:
            rules.check_amount(text)
