"""The money of sub-accounts: balances, transfers. Only the main account may ask."""

from __future__ import annotations

from typing import Any, Literal, get_args

import pandas as pd

from coinex_pandas.api.assets.transfers import AccountName
from coinex_pandas.api.calls.arguments import Exact, choice, one_name, optional, positive, user_name
from coinex_pandas.api.calls.call import Call, table
from coinex_pandas.api.calls.history import ranged
from coinex_pandas.api.calls.verb import Verb, change
from coinex_pandas.errors import InvalidArgument
from coinex_pandas.http.route import route
from coinex_pandas.http.session import Session
from coinex_pandas.tables.kinds import Numbers
from coinex_pandas.tables.row import Row
from coinex_pandas.tables.rows.account import SubTransfer
from coinex_pandas.tables.rows.answer import Accepted
from coinex_pandas.tables.rows.balance import FuturesBalance, MarginBalance, SpotBalance
from coinex_pandas.tables.times import TimeLike

__all__ = ["sub_balances", "sub_spot_balances", "sub_transfer", "sub_transfers"]

_BALANCES: dict[str, type[Row]] = {"SPOT": SpotBalance, "MARGIN": MarginBalance, "FUTURES": FuturesBalance}
_ENDS = ("SPOT", "FUTURES")


@route(
    "GET /account/subs/balance",
    SpotBalance,
    docs="account/subs/http/get-sub-balance",
    pace="account_query",
    needs="read",
)
def sub_balances(
    sub_user_name: str,
    market_type: AccountName,
    *,
    market: str | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return what an account of a sub-account holds.

    The columns depend on ``market_type`` and on nothing else: they are those of `spot_balances` (shown below),
    `margin_balances` or `futures_balances`.

    Parameters
    ----------
    market_type : {"SPOT", "MARGIN", "FUTURES"}
        Which of its accounts.
    market : str, optional
        For MARGIN: one margin market; None for all.

    Examples
    --------
    >>> answer = cx.create_sub("grid-3")
    >>> cx.sub_balances("grid-3", "SPOT")["available"].sum().item()
    0.0
    """
    kind = choice(market_type, get_args(AccountName), "market_type")
    if market is not None and kind != "MARGIN":
        raise InvalidArgument(f"market: only MARGIN has accounts by market, {kind} has one for all")
    params = {
        "sub_user_name": user_name(sub_user_name),
        "market_type": kind,
        "market": optional(one_name, market, "market"),
    }
    return table(Call(sub_balances, numbers, session), params, row=_BALANCES[kind])


@route(
    "GET /account/subs/spot-balance",
    SpotBalance,
    docs="account/subs/http/get-sub-spot-balance",
    pace="account_query",
    needs="read",
)
def sub_spot_balances(
    sub_user_name: str,
    *,
    ccy: str | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return what the spot account of a sub-account holds, a row per currency.

    `sub_balances` has replaced it at the exchange; it reads the other accounts, too.

    Examples
    --------
    >>> answer = cx.create_sub("grid-4")
    >>> cx.sub_spot_balances("grid-4")["available"].sum().item()
    0.0
    """
    params = {"sub_user_name": user_name(sub_user_name), "ccy": optional(one_name, ccy, "ccy")}
    return table(Call(sub_spot_balances, numbers, session), params)


@route(
    "POST /account/subs/transfer",
    Accepted,
    docs="account/subs/http/sub-transfer",
    pace="account_modify",
    needs="withdraw",
)
def sub_transfer(
    from_account_type: Literal["SPOT", "FUTURES"],
    to_account_type: Literal["SPOT", "FUTURES"],
    ccy: str,
    amount: Exact,
    *,
    from_user_name: str | None = None,
    to_user_name: str | None = None,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Move money to, from or between sub-accounts, and return the exchange's confirmation.

    Parameters
    ----------
    from_account_type, to_account_type : {"SPOT", "FUTURES"}
        From which account of the sender to which of the receiver; between two sub-accounts SPOT to SPOT only.
    amount : str, int, Decimal or float
        How much.
    from_user_name, to_user_name : str, optional
        The sub-account that sends, and the one that receives; None for the main account. One must be named.

    Raises
    ------
    InvalidArgument
        The sender and the receiver do not fit together; nothing was sent.
    BalanceTooLow
        The balance is smaller than that.

    Examples
    --------
    >>> cx.sub_transfer("SPOT", "SPOT", "USDT", "100", to_user_name="grid-1", dry_run=True)["body"].item()
    '{"from_account_type":"SPOT","to_account_type":"SPOT","to_user_name":"grid-1","ccy":"USDT","amount":"100"}'
    """
    name = one_name(ccy, "ccy")
    params: dict[str, Any] = {
        "from_account_type": choice(from_account_type, _ENDS, "from_account_type"),
        "to_account_type": choice(to_account_type, _ENDS, "to_account_type"),
        "from_user_name": optional(user_name, from_user_name, "from_user_name"),
        "to_user_name": optional(user_name, to_user_name, "to_user_name"),
        "ccy": name,
        "amount": positive(amount, "amount"),
    }
    named = [sub for sub in (params["from_user_name"], params["to_user_name"]) if sub is not None]
    if not named:
        raise InvalidArgument("from_user_name, to_user_name: name the sub-account that sends, that receives, or both")
    if len(named) == 2 and (params["from_account_type"], params["to_account_type"]) != ("SPOT", "SPOT"):
        raise InvalidArgument("between two sub-accounts money goes from SPOT to SPOT only")
    return change(
        Verb(sub_transfer, numbers, session, dry_run), params, finds_out=f'cx.sub_transfers("{named[0]}", ccy="{name}")'
    )


@route(
    "GET /account/subs/transfer-history",
    SubTransfer,
    docs="account/subs/http/list-sub-transfer-history",
    pace="account_history",
    paged=True,
    needs="read",
)
def sub_transfers(
    sub_user_name: str | None = None,
    *,
    ccy: str | None = None,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the transfers from, to and between sub-accounts, oldest first.

    Without a start from the first one, without an end to the last one.

    Parameters
    ----------
    sub_user_name : str, optional
        Only those of one sub-account.

    Examples
    --------
    >>> cx.sub_transfers()["amount"].sum().item()
    0.0
    """
    params = {
        "sub_user_name": optional(user_name, sub_user_name, "sub_user_name"),
        "ccy": optional(one_name, ccy, "ccy"),
    }
    return ranged(Call(sub_transfers, numbers, session), params, start=start, end=end)
