"""Closing futures positions, their margin and leverage."""

from __future__ import annotations

from typing import Literal, get_args

import pandas as pd

from coinex_pandas.api.calls.arguments import Exact, choice, exact, flag, one_name, optional, positive, whole
from coinex_pandas.api.calls.verb import Verb, change
from coinex_pandas.api.market.markets import futures_markets
from coinex_pandas.api.orders.market_rules import rules_of
from coinex_pandas.api.orders.order_request import FUTURES, OrderType, StpMode, client_id_of, price_of
from coinex_pandas.http.route import route
from coinex_pandas.http.session import Session
from coinex_pandas.tables.kinds import Numbers
from coinex_pandas.tables.rows.order import FuturesOrder
from coinex_pandas.tables.rows.position import LeverageSetting, Position

__all__ = ["futures_adjust_position_leverage", "futures_adjust_position_margin", "futures_close_position"]

MarginModeName = Literal["cross", "isolated"]


@route(
    "POST /futures/close-position",
    FuturesOrder,
    docs="futures/position/http/close-position",
    pace="futures_order",
    single=True,
    needs="trade",
)
def futures_close_position(
    market: str,
    type: OrderType,
    *,
    price: Exact | None = None,
    amount: Exact | None = None,
    client_id: str | None = None,
    is_hide: bool = False,
    stp_mode: StpMode | None = None,
    check: bool = True,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Close a position or a part of it by an order, and return the order.

    Parameters
    ----------
    type : {"limit", "market", "maker_only", "ioc", "fok"}
        The type of order; all but ``"market"`` need a price.
    price : str, int, Decimal or float, optional
        At which price.
    amount : str, int, Decimal or float, optional
        How much of it; None for the whole position.
    client_id : str, optional
        A name for the order: 1 to 32 letters, digits, hyphens and underscores; None makes one.
    is_hide : bool, default False
        Whether others do not see the order in the book.

    Raises
    ------
    InvalidArgument
        Type and price do not fit together, or the market takes no such price or amount; nothing was sent.
    OrderRefused
        The exchange refused the order.

    Examples
    --------
    >>> request = cx.futures_close_position("BTCUSDT", "market", client_id="exit-1", dry_run=True)
    >>> request["body"].item()
    '{"market":"BTCUSDT","market_type":"FUTURES","type":"market","client_id":"exit-1"}'
    """
    name = one_name(market, "market")
    kind = choice(type, get_args(OrderType), "type")
    params = {
        "market": name,
        **FUTURES,
        "type": kind,
        "price": price_of(kind, price),
        "amount": optional(positive, amount, "amount"),
        "client_id": client_id_of(client_id),
        "is_hide": flag(is_hide, "is_hide") or None,
        "stp_mode": None if stp_mode is None else choice(stp_mode, get_args(StpMode), "stp_mode"),
    }
    verb = Verb(futures_close_position, numbers, session, dry_run, check)
    if (rule_source := verb.rule_source()) is not None:
        rules = rules_of("futures", name, rule_source)
        rules.check_order({key: value for key, value in params.items() if value is not None})
    return change(
        verb,
        params,
        finds_out=f'cx.futures_pending_orders("{name}", client_id="{params["client_id"]}") and '
        f'cx.futures_positions("{name}")',
    )


@route(
    "POST /futures/adjust-position-margin",
    Position,
    docs="futures/position/http/adjust-position-margin",
    pace="futures_order",
    single=True,
    needs="trade",
)
def futures_adjust_position_margin(
    market: str,
    amount: Exact,
    *,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Add margin to a position or take some away, and return the position.

    Parameters
    ----------
    amount : str, int, Decimal or float
        How much, in the market's settlement currency; a negative one is taken away.

    Raises
    ------
    BalanceTooLow
        The balance is smaller than that.

    Examples
    --------
    >>> cx.futures_adjust_position_margin("BTCUSDT", "-12.5", dry_run=True)["body"].item()
    '{"market":"BTCUSDT","market_type":"FUTURES","amount":"-12.5"}'
    """
    name = one_name(market, "market")
    return change(
        Verb(futures_adjust_position_margin, numbers, session, dry_run),
        {"market": name, **FUTURES, "amount": exact(amount, "amount")},
        finds_out=f'cx.futures_position_margin_history("{name}")',
    )


@route(
    "POST /futures/adjust-position-leverage",
    LeverageSetting,
    docs="futures/position/http/adjust-position-leverage",
    pace="futures_order",
    single=True,
    needs="trade",
)
def futures_adjust_position_leverage(
    market: str,
    margin_mode: MarginModeName,
    leverage: int,
    *,
    check: bool = True,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Set margin mode and leverage of a market, and return both, one row.

    Parameters
    ----------
    margin_mode : {"cross", "isolated"}
        Whether the free futures balance backs the position, or only the position's own margin.
    leverage : int
        One of the market's, see ``futures_markets(market)["leverage"]``.

    Raises
    ------
    InvalidArgument
        The market has no such leverage; nothing was sent.

    Examples
    --------
    >>> cx.futures_adjust_position_leverage("BTCUSDT", "isolated", 10, dry_run=True)["body"].item()
    '{"market":"BTCUSDT","market_type":"FUTURES","margin_mode":"isolated","leverage":10}'
    """
    name = one_name(market, "market")
    verb = Verb(futures_adjust_position_leverage, numbers, session, dry_run, check)
    if (rule_source := verb.rule_source()) is not None:
        offered = futures_markets(name, session=rule_source)["leverage"].iloc[0]
        choice(leverage, offered or (leverage,), "leverage")
    params = {
        "market": name,
        **FUTURES,
        "margin_mode": choice(margin_mode, get_args(MarginModeName), "margin_mode"),
        "leverage": whole(leverage, "leverage"),
    }
    return change(
        verb,
        params,
        finds_out=f'cx.futures_positions("{name}")',
    )
