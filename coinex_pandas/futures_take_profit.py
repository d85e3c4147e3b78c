"""Take profit orders of one's open futures positions; a position has up to 20 of them.

`futures_positions` with ``stops=True`` lists them with their ids.
"""

from __future__ import annotations

import pandas as pd

from coinex_pandas.errors import InvalidArgument
from coinex_pandas.exact import Exact
from coinex_pandas.given import whole_id
from coinex_pandas.options import Numbers
from coinex_pandas.placing import TriggerPrice
from coinex_pandas.position_stops import new_stop_of, send_stop, stop_of
from coinex_pandas.route import route
from coinex_pandas.rows.position import Position
from coinex_pandas.session import Session

__all__ = [
    "futures_cancel_position_take_profit",
    "futures_modify_position_take_profit",
    "futures_set_position_take_profit",
]


@route(
    "POST /futures/set-position-take-profit",
    Position,
    docs="futures/position/http/set-position-take-profit",
    pace="futures_order",
    single=True,
    needs="trade",
)
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

    Parameters
    ----------
    take_profit_type : {"latest_price", "mark_price", "index_price"}
        The price that triggers.
    take_profit_price : str, int, Decimal or float
        Where it triggers.
    take_profit_amount : str, int, Decimal or float, optional
        How much of the position is closed then; None for all of it.

    Raises
    ------
    InvalidArgument
        The market takes no such price or amount; nothing was sent.

    Examples
    --------
    >>> asked = cx.futures_set_position_take_profit("BTCUSDT", "mark_price", "78000", dry_run=True)
    >>> asked["body"].item()
    '{"market":"BTCUSDT","market_type":"FUTURES","take_profit_type":"mark_price","take_profit_price":"78000"}'
    """
    stop = new_stop_of("take_profit", take_profit_type, take_profit_price, take_profit_amount)
    return send_stop(
        futures_set_position_take_profit, market, stop, check, dry_run=dry_run, numbers=numbers, session=session
    )


@route(
    "POST /futures/modify-position-take-profit",
    Position,
    docs="futures/position/http/modify-position-take-profit",
    pace="futures_order",
    single=True,
    needs="trade",
)
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

    Parameters
    ----------
    take_profit_id : int
        Which one, as ``futures_positions(market, stops=True)`` tells it.
    take_profit_type : {"latest_price", "mark_price", "index_price"}, optional
        The price that triggers.
    take_profit_price : str, int, Decimal or float, optional
        Where it triggers.
    take_profit_amount : str, int, Decimal or float, optional
        How much of the position is closed then.

    Raises
    ------
    InvalidArgument
        There is nothing to change, or the market takes no such price or amount; nothing was sent.

    Examples
    --------
    >>> asked = cx.futures_modify_position_take_profit("BTCUSDT", 27182, take_profit_price="78000", dry_run=True)
    >>> asked["body"].item()
    '{"market":"BTCUSDT","market_type":"FUTURES","take_profit_id":27182,"take_profit_price":"78000"}'
    """
    stop = stop_of("take_profit", take_profit_type, take_profit_price, take_profit_amount)
    if all(value is None for value in stop.values()):
        raise InvalidArgument(f"nothing to change: give one of {', '.join(stop)}")
    stop = {"take_profit_id": whole_id(take_profit_id, "take_profit_id"), **stop}
    return send_stop(
        futures_modify_position_take_profit, market, stop, check, dry_run=dry_run, numbers=numbers, session=session
    )


@route(
    "POST /futures/cancel-position-take-profit",
    Position,
    docs="futures/position/http/cancel-position-take-profit",
    pace="futures_order",
    single=True,
    needs="trade",
)
def futures_cancel_position_take_profit(
    market: str,
    take_profit_id: int | str | None = None,
    *,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Cancel take profit orders of a position, and return the position.

    Parameters
    ----------
    take_profit_id : int, optional
        Which one, as ``futures_positions(market, stops=True)`` tells it; None for all of them.

    Examples
    --------
    >>> cx.futures_cancel_position_take_profit("BTCUSDT", dry_run=True)["body"].item()
    '{"market":"BTCUSDT","market_type":"FUTURES"}'
    """
    stop = {"take_profit_id": None if take_profit_id is None else whole_id(take_profit_id, "take_profit_id")}
    return send_stop(
        futures_cancel_position_take_profit, market, stop, False, dry_run=dry_run, numbers=numbers, session=session
    )
