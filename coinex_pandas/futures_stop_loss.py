"""Stop loss orders of one's open futures positions; a position has up to 20 of them.

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
    "futures_cancel_position_stop_loss",
    "futures_modify_position_stop_loss",
    "futures_set_position_stop_loss",
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
    >>> asked = cx.futures_set_position_stop_loss("BTCUSDT", "mark_price", "66500", dry_run=True)
    >>> asked["body"].item()
    '{"market":"BTCUSDT","market_type":"FUTURES","stop_loss_type":"mark_price","stop_loss_price":"66500"}'
    """
    stop = new_stop_of("stop_loss", stop_loss_type, stop_loss_price, stop_loss_amount)
    return send_stop(
        futures_set_position_stop_loss, market, stop, check, dry_run=dry_run, numbers=numbers, session=session
    )


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
        Which one, as ``futures_positions(market, stops=True)`` tells it.
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
    >>> asked = cx.futures_modify_position_stop_loss("BTCUSDT", 27182, stop_loss_price="66500", dry_run=True)
    >>> asked["body"].item()
    '{"market":"BTCUSDT","market_type":"FUTURES","stop_loss_id":27182,"stop_loss_price":"66500"}'
    """
    stop = stop_of("stop_loss", stop_loss_type, stop_loss_price, stop_loss_amount)
    if all(value is None for value in stop.values()):
        raise InvalidArgument(f"nothing to change: give one of {', '.join(stop)}")
    stop = {"stop_loss_id": whole_id(stop_loss_id, "stop_loss_id"), **stop}
    return send_stop(
        futures_modify_position_stop_loss, market, stop, check, dry_run=dry_run, numbers=numbers, session=session
    )


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
        Which one, as ``futures_positions(market, stops=True)`` tells it; None for all of them.

    Examples
    --------
    >>> cx.futures_cancel_position_stop_loss("BTCUSDT", dry_run=True)["body"].item()
    '{"market":"BTCUSDT","market_type":"FUTURES"}'
    """
    stop = {"stop_loss_id": None if stop_loss_id is None else whole_id(stop_loss_id, "stop_loss_id")}
    return send_stop(
        futures_cancel_position_stop_loss, market, stop, False, dry_run=dry_run, numbers=numbers, session=session
    )
