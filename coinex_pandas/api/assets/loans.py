"""Margin loans: limits, borrowing, repaying, the history."""

from __future__ import annotations

from typing import Literal, get_args

import pandas as pd

from coinex_pandas.api.calls.arguments import Exact, choice, flag, one_name, optional, positive, whole_id
from coinex_pandas.api.calls.call import Call, table
from coinex_pandas.api.calls.history import listed
from coinex_pandas.api.calls.verb import Verb, change
from coinex_pandas.http.route import route
from coinex_pandas.http.session import Session
from coinex_pandas.tables.kinds import Numbers
from coinex_pandas.tables.rows.answer import Accepted
from coinex_pandas.tables.rows.payment import BorrowLimit, Loan, NewLoan
from coinex_pandas.tables.times import TimeLike

__all__ = ["LoanState", "margin_borrow", "margin_borrow_limit", "margin_borrows", "margin_repay"]

LoanState = Literal["loan", "debt", "liquidated", "finish"]


@route(
    "GET /assets/margin/interest-limit",
    BorrowLimit,
    docs="assets/loan-flat/http/list-margin-interest-limit",
    pace="account_history",
    single=True,
    needs="read",
)
def margin_borrow_limit(
    market: str, ccy: str, *, numbers: Numbers | None = None, session: Session | None = None
) -> pd.DataFrame:
    """Return how much of a currency can be borrowed in a margin market, and at which interest, one row.

    Parameters
    ----------
    ccy : str
        One of the market's two currencies.

    Examples
    --------
    >>> cx.margin_borrow_limit("BTCUSDT", "USDT")[["min_amount", "daily_interest_rate"]]
                  min_amount  daily_interest_rate
    market  ccy
    BTCUSDT USDT        10.0                0.001
    """
    params = {"market": one_name(market, "market"), "ccy": one_name(ccy, "ccy")}
    about = f"{params['market']}, {params['ccy']}"
    return table(Call(margin_borrow_limit, numbers, session), params, about=about)


@route(
    "GET /assets/margin/borrow-history",
    Loan,
    docs="assets/loan-flat/http/list-margin-borrow-history",
    pace="account_history",
    paged=True,
    needs="read",
)
def margin_borrows(
    market: str | None = None,
    *,
    status: LoanState | None = None,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return your margin loans, oldest first.

    Without a start from the first one, without an end to the last one. The exchange takes no range of time here:
    what is outside is read and left out.

    Parameters
    ----------
    market : str, optional
        One margin market, such as ``"BTCUSDT"``; None for all.
    status : {"loan", "debt", "liquidated", "finish"}, optional
        Only such loans: running, in debt, liquidated or repaid ones.

    Examples
    --------
    >>> cx.margin_borrows(status="loan")["to_repaid_amount"].sum().item()
    0.0
    """
    params = {
        "market": optional(one_name, market, "market"),
        "status": None if status is None else choice(status, get_args(LoanState), "status"),
    }
    return listed(Call(margin_borrows, numbers, session), params, start=start, end=end)


@route(
    "POST /assets/margin/borrow",
    NewLoan,
    docs="assets/loan-flat/http/margin-borrow",
    pace="account_modify",
    single=True,
    needs="trade",
)
def margin_borrow(
    market: str,
    ccy: str,
    borrow_amount: Exact,
    is_auto_renew: bool,
    *,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Borrow in a margin account, and return the loan.

    Parameters
    ----------
    ccy : str
        One of the market's two currencies.
    borrow_amount : str, int, Decimal or float
        How much; `margin_borrow_limit` has the minimum and the maximum.
    is_auto_renew : bool
        True: at the end of its term the loan is renewed, at the rate and for the term that hold then.

    Examples
    --------
    >>> cx.margin_borrow("BTCUSDT", "USDT", "100", is_auto_renew=False, dry_run=True)["body"].item()
    '{"market":"BTCUSDT","ccy":"USDT","borrow_amount":"100","is_auto_renew":false}'
    """
    name = one_name(market, "market")
    params = {
        "market": name,
        "ccy": one_name(ccy, "ccy"),
        "borrow_amount": positive(borrow_amount, "borrow_amount"),
        "is_auto_renew": flag(is_auto_renew, "is_auto_renew"),
    }
    return change(
        Verb(margin_borrow, numbers, session, dry_run),
        params,
        about=f"{name}, {params['ccy']}",
        finds_out=f'cx.margin_borrows("{name}")',
    )


@route(
    "POST /assets/margin/repay",
    Accepted,
    docs="assets/loan-flat/http/margin-repay",
    pace="account_modify",
    needs="trade",
)
def margin_repay(
    market: str,
    ccy: str,
    amount: Exact,
    *,
    borrow_id: int | str | None = None,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Repay a margin loan, and return the exchange's confirmation.

    Parameters
    ----------
    ccy : str
        The currency that was borrowed.
    amount : str, int, Decimal or float
        How much.
    borrow_id : int, optional
        Which loan; None leaves it to the exchange, presumably any of that market and currency.

    Raises
    ------
    BalanceTooLow
        The balance is smaller than that.

    Examples
    --------
    >>> cx.margin_repay("BTCUSDT", "USDT", "100.25", borrow_id=72762529, dry_run=True)["body"].item()
    '{"market":"BTCUSDT","ccy":"USDT","amount":"100.25","borrow_id":72762529}'
    """
    name = one_name(market, "market")
    params = {
        "market": name,
        "ccy": one_name(ccy, "ccy"),
        "amount": positive(amount, "amount"),
        "borrow_id": optional(whole_id, borrow_id, "borrow_id"),
    }
    return change(
        Verb(margin_repay, numbers, session, dry_run),
        params,
        about=f"{name}, {params['ccy']}",
        finds_out=f'cx.margin_borrows("{name}")',
    )
