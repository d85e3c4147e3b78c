"""Your own account: fees, settings, what the exchange says about it."""

from __future__ import annotations

from typing import Literal, get_args

import pandas as pd

from coinex_pandas.api.calls.arguments import choice, flag, one_name
from coinex_pandas.api.calls.call import Call, table
from coinex_pandas.api.calls.verb import Verb, change
from coinex_pandas.http.route import route
from coinex_pandas.http.session import Session
from coinex_pandas.tables.kinds import Numbers
from coinex_pandas.tables.rows.account import AccountInfo, FuturesSettings, TradeFeeRate
from coinex_pandas.tables.rows.answer import Accepted

__all__ = [
    "account_info",
    "account_settings",
    "futures_market_settings",
    "set_futures_market_settings",
    "trade_fee_rate",
]

PositionModeName = Literal["one_way", "hedge"]


@route(
    "GET /account/trade-fee-rate",
    TradeFeeRate,
    docs="account/fees/http/get-account-trade-fees",
    pace="account_query",
    single=True,
    needs="read",
)
def trade_fee_rate(
    market: str,
    market_type: Literal["SPOT", "FUTURES"],
    *,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return what you pay for deals in a market, one row.

    Parameters
    ----------
    market_type : {"SPOT", "FUTURES"}
        Which market of that name; margin markets have the rates of spot.

    Examples
    --------
    >>> cx.trade_fee_rate("BTCUSDT", "SPOT")
             maker_rate  taker_rate
    market
    BTCUSDT       0.002       0.002
    """
    name = one_name(market, "market")
    params = {"market": name, "market_type": choice(market_type, ("SPOT", "FUTURES"), "market_type")}
    return table(Call(trade_fee_rate, numbers, session), params)


@route(
    "GET /account/info",
    AccountInfo,
    docs="account/info/http/get-account-info",
    pace="account_query",
    single=True,
    needs="read",
)
def account_info(*, numbers: Numbers | None = None, session: Session | None = None) -> pd.DataFrame:
    """Return what the exchange says about the account, one row.

    The exchange's page on it is not available: whatever it sends beside the columns below is kept as text, and
    announced once by a `ColumnsChanged` warning.

    Examples
    --------
    >>> len(cx.account_info())
    1
    """
    return table(Call(account_info, numbers, session))


@route(
    "POST /account/settings",
    Accepted,
    docs="account/settings/http/modify-account-settings",
    pace="account_modify",
    needs="trade",
)
def account_settings(
    cet_discount_enabled: bool,
    *,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Change the account's settings, and return the exchange's confirmation.

    Parameters
    ----------
    cet_discount_enabled : bool
        Whether fees are paid in CET, at a discount.

    Examples
    --------
    >>> cx.account_settings(cet_discount_enabled=True, dry_run=True)["body"].item()
    '{"cet_discount_enabled":true}'
    """
    params = {"cet_discount_enabled": flag(cet_discount_enabled, "cet_discount_enabled")}
    # No call reads the setting, but setting it twice is the same as setting it once.
    repeat = f"cx.account_settings({params['cet_discount_enabled']}), which can be repeated,"
    return change(Verb(account_settings, numbers, session, dry_run), params, finds_out=repeat)


@route(
    "GET /account/futures-market-settings",
    FuturesSettings,
    docs="account/settings/http/accquire-futures-market-settings",
    pace="account_query",
    single=True,
    needs="read",
)
def futures_market_settings(*, numbers: Numbers | None = None, session: Session | None = None) -> pd.DataFrame:
    """Return what holds for all futures markets of the account, one row.

    Examples
    --------
    >>> cx.futures_market_settings()["position_mode"].item()
    'one_way'
    """
    return table(Call(futures_market_settings, numbers, session))


@route(
    "POST /account/futures-market-settings",
    Accepted,
    docs="account/settings/http/modify-futures-market-settings",
    pace="account_modify",
    needs="trade",
)
def set_futures_market_settings(
    position_mode: PositionModeName,
    *,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Change what holds for all futures markets of the account, and return the exchange's confirmation.

    Parameters
    ----------
    position_mode : {"one_way", "hedge"}
        One position per market, or independent long and short ones.

    Examples
    --------
    >>> cx.set_futures_market_settings("hedge", dry_run=True)["body"].item()
    '{"position_mode":"hedge"}'
    """
    return change(
        Verb(set_futures_market_settings, numbers, session, dry_run),
        {"position_mode": choice(position_mode, get_args(PositionModeName), "position_mode")},
        finds_out="cx.futures_market_settings()",
    )
