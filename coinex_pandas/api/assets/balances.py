"""Balances of your accounts: spot, futures, margin, financial and credit balances."""

from __future__ import annotations

import pandas as pd

from coinex_pandas.api.calls.arguments import one_name, optional
from coinex_pandas.api.calls.call import Call, table
from coinex_pandas.http.route import route
from coinex_pandas.http.session import Session
from coinex_pandas.tables.kinds import Numbers
from coinex_pandas.tables.rows.balance import CreditBalance, CreditInfo, FuturesBalance, MarginBalance, SpotBalance

__all__ = [
    "credit_balances",
    "credit_info",
    "financial_balances",
    "futures_balances",
    "margin_balances",
    "spot_balances",
]


@route(
    "GET /assets/spot/balance",
    SpotBalance,
    docs="assets/balance/http/get-spot-balance",
    pace="account_query",
    needs="read",
)
def spot_balances(*, numbers: Numbers | None = None, session: Session | None = None) -> pd.DataFrame:
    """Return what the spot account holds, a row per currency.

    For sums over many small amounts use ``numbers="decimal"``: balances have up to 20 decimals.

    Examples
    --------
    >>> cx.spot_balances()
          available  frozen
    ccy
    BTC         2.0     0.0
    CET     50000.0     0.0
    ETH        20.0     0.0
    USDC    20000.0     0.0
    USDT   100000.0     0.0
    """
    return table(Call(spot_balances, numbers, session))


@route(
    "GET /assets/futures/balance",
    FuturesBalance,
    docs="assets/balance/http/get-futures-balance",
    pace="futures_account_query",
    needs="read",
)
def futures_balances(*, numbers: Numbers | None = None, session: Session | None = None) -> pd.DataFrame:
    """Return what the futures account holds, a row per currency.

    Examples
    --------
    >>> cx.futures_balances()[["available", "margin", "unrealized_pnl"]]
          available  margin  unrealized_pnl
    ccy
    BTC         1.0     0.0             0.0
    USDT    50000.0     0.0             0.0
    """
    return table(Call(futures_balances, numbers, session))


@route(
    "GET /assets/margin/balance",
    MarginBalance,
    docs="assets/balance/http/get-marigin-balance",
    pace="account_query",
    needs="read",
)
def margin_balances(
    market: str | None = None, *, numbers: Numbers | None = None, session: Session | None = None
) -> pd.DataFrame:
    """Return what the margin accounts hold and owe, a row per market.

    Parameters
    ----------
    market : str, optional
        One margin market, such as ``"BTCUSDT"``; None for all.

    Raises
    ------
    UnknownMarket
        The exchange does not know the market, or has no margin trading there.

    Examples
    --------
    >>> cx.margin_balances("BTCUSDT")[["available_quote_ccy", "repaid_quote_ccy"]]
                    available_quote_ccy  repaid_quote_ccy
    margin_account
    BTCUSDT                         0.0               0.0
    """
    name = optional(one_name, market, "market")
    return table(Call(margin_balances, numbers, session), {"market": name})


@route(
    "GET /assets/financial/balance",
    SpotBalance,
    docs="assets/balance/http/get-financial-balance",
    pace="account_query",
    needs="read",
)
def financial_balances(*, numbers: Numbers | None = None, session: Session | None = None) -> pd.DataFrame:
    """Return what the financial (Earn) account holds, a row per currency.

    Examples
    --------
    >>> cx.financial_balances()["available"].sum().item()
    0.0
    """
    return table(Call(financial_balances, numbers, session))


@route(
    "GET /assets/credit/info",
    CreditInfo,
    docs="assets/balance/http/get-credit-info",
    pace="account_query",
    single=True,
    needs="read",
)
def credit_info(*, numbers: Numbers | None = None, session: Session | None = None) -> pd.DataFrame:
    """Return the credit account in sums, one row.

    Examples
    --------
    >>> cx.credit_info()["equity"].item()
    0.0
    """
    return table(Call(credit_info, numbers, session))


# The exchange's page on rate limits leaves some private paths out: reads among them are paced as `account_query`,
# changes as `account_modify`, the strictest groups that they can belong to.
@route(
    "GET /assets/credit/balance",
    CreditBalance,
    docs="assets/balance/http/get-credit-balance",
    pace="account_query",
    needs="read",
)
def credit_balances(*, numbers: Numbers | None = None, session: Session | None = None) -> pd.DataFrame:
    """Return what the credit account owes, a row per currency.

    Examples
    --------
    >>> cx.credit_balances()["repaid"].sum().item()
    0.0
    """
    return table(Call(credit_balances, numbers, session))
