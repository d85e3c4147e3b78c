"""Deposits: addresses that take them, and the history."""

from __future__ import annotations

from typing import Literal, get_args

import pandas as pd

from coinex_pandas.api.calls.arguments import choice, one_name, optional, word
from coinex_pandas.api.calls.call import Call, table
from coinex_pandas.api.calls.history import listed
from coinex_pandas.api.calls.verb import Verb, change
from coinex_pandas.http.route import route
from coinex_pandas.http.session import Session
from coinex_pandas.tables.kinds import Numbers
from coinex_pandas.tables.rows.payment import Deposit, DepositAddress
from coinex_pandas.tables.times import TimeLike

__all__ = ["DepositState", "deposit_address", "deposits", "renew_deposit_address"]

DepositState = Literal["processing", "confirming", "cancelled", "finished", "too_small", "exception"]


@route(
    "GET /assets/deposit-address",
    DepositAddress,
    docs="assets/deposit-withdrawal/http/get-deposit-address",
    pace="account_query",
    single=True,
    needs="read",
)
def deposit_address(
    ccy: str, chain: str, *, numbers: Numbers | None = None, session: Session | None = None
) -> pd.DataFrame:
    """Return the address that takes deposits of a currency on a chain, one row.

    Parameters
    ----------
    chain : str
        The chain as `deposit_withdraw_config` calls it, such as ``"TRC20"``.

    Raises
    ------
    BadParameter
        The exchange does not know the currency, or not on that chain.

    Examples
    --------
    >>> cx.deposit_address("USDT", "TRC20").columns.to_list()
    ['address', 'memo']
    """
    name = one_name(ccy, "ccy")
    params = {"ccy": name, "chain": word(chain, "chain")}
    return table(Call(deposit_address, numbers, session), params, about=f"{name} on {chain}")


@route(
    "POST /assets/renewal-deposit-address",
    DepositAddress,
    docs="assets/deposit-withdrawal/http/update-deposit-address",
    pace="account_modify",
    single=True,
    needs="withdraw",
)
def renew_deposit_address(
    ccy: str,
    chain: str,
    *,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Make a new address that takes deposits of a currency on a chain, and return it, one row.

    Parameters
    ----------
    chain : str
        The chain as `deposit_withdraw_config` calls it, such as ``"TRC20"``.

    Raises
    ------
    BadParameter
        The exchange does not know the currency, or not on that chain.

    Examples
    --------
    >>> cx.renew_deposit_address("USDT", "TRC20", dry_run=True)["body"].item()
    '{"ccy":"USDT","chain":"TRC20"}'
    """
    name = one_name(ccy, "ccy")
    return change(
        Verb(renew_deposit_address, numbers, session, dry_run),
        {"ccy": name, "chain": word(chain, "chain")},
        about=f"{name} on {chain}",
        finds_out=f'cx.deposit_address("{name}", "{chain}")',
    )


@route(
    "GET /assets/deposit-history",
    Deposit,
    docs="assets/deposit-withdrawal/http/list-deposit-history",
    pace="account_history",
    paged=True,
    needs="read",
)
def deposits(
    ccy: str | None = None,
    *,
    tx_id: str | None = None,
    status: DepositState | None = None,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return your deposits, oldest first.

    Without a start from the first one, without an end to the last one. The exchange takes no range of time here:
    what is outside is read and left out.

    Parameters
    ----------
    tx_id : str, optional
        Only the deposit of this transaction of a chain.
    status : str, optional
        Only such deposits: ``"processing"``, ``"confirming"``, ``"cancelled"``, ``"finished"``, ``"too_small"`` or
        ``"exception"``.

    Raises
    ------
    UnknownMarket
        The exchange does not know the currency.

    Examples
    --------
    >>> cx.deposits("USDT", status="finished")["amount"].sum().item()
    0.0
    """
    params = {
        "ccy": optional(one_name, ccy, "ccy"),
        "tx_id": optional(word, tx_id, "tx_id"),
        "status": None if status is None else choice(status, get_args(DepositState), "status"),
    }
    return listed(Call(deposits, numbers, session), params, start=start, end=end)
