"""Withdrawals: requesting and cancelling one, and the history."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal, get_args

import pandas as pd

from coinex_pandas.api.assets.currencies import deposit_withdraw_config
from coinex_pandas.api.calls.arguments import (
    Exact,
    choice,
    json_object,
    one_name,
    optional,
    positive,
    text,
    whole_id,
    word,
)
from coinex_pandas.api.calls.call import Call
from coinex_pandas.api.calls.history import listed
from coinex_pandas.api.calls.verb import Verb, change
from coinex_pandas.errors import InvalidArgument
from coinex_pandas.http.route import route
from coinex_pandas.http.session import Session
from coinex_pandas.tables.kinds import Numbers
from coinex_pandas.tables.rows.answer import Accepted
from coinex_pandas.tables.rows.payment import Withdrawal
from coinex_pandas.tables.times import TimeLike

__all__ = ["WithdrawState", "cancel_withdraw", "withdraw", "withdrawals"]


WithdrawMethod = Literal["on_chain", "inter_user"]
WithdrawState = Literal[
    "created",
    "audit_required",
    "audited",
    "processing",
    "confirming",
    "finished",
    "cancelled",
    "cancellation_failed",
    "failed",
]


@route(
    "POST /assets/withdraw",
    Withdrawal,
    docs="assets/deposit-withdrawal/http/withdrawal",
    pace="account_modify",
    single=True,
    needs="withdraw",
)
def withdraw(
    ccy: str,
    amount: Exact,
    to_address: str,
    *,
    chain: str | None = None,
    withdraw_method: WithdrawMethod = "on_chain",
    memo: str | None = None,
    extra: Mapping[str, Any] | None = None,
    remark: str | None = None,
    fee_ccy: str | None = None,
    check: bool = True,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Request a withdrawal, and return it as the exchange recorded it.

    The address must be on the key's own list of withdrawal addresses, which is not the one of the website.
    Look at ``dry_run=True`` first.

    Parameters
    ----------
    amount : str, int, Decimal or float
        How much; the fee comes on top.
    to_address : str
        The address; between users the receiver's e-mail address or mobile number.
    chain : str, optional
        The chain as `deposit_withdraw_config` calls it, such as ``"TRC20"``; needed unless it goes to another user.
    withdraw_method : {"on_chain", "inter_user"}, default "on_chain"
        Over a chain, or to another user of the exchange (free, and at once).
    memo : str, optional
        Where the chain or the receiver needs one. An exchange mostly does, and money without it is lost.
    extra : mapping, optional
        On the chain KDA only: ``{"chain_id": "0"}``.
    remark : str, optional
        A note of your own.
    fee_ccy : str, optional
        Currency of the fee; the exchange does not document this parameter.
    check : bool, default True
        Whether chain, least amount, decimals and whether the currency can be withdrawn at all are compared with
        `deposit_withdraw_config` before anything is sent.

    Raises
    ------
    InvalidArgument
        It breaks one of those rules; nothing was sent.
    BalanceTooLow
        The balance is smaller than that.

    Examples
    --------
    >>> request = cx.withdraw("USDT", "25", "an address", chain="TRC20", dry_run=True)
    >>> request["url"].item().endswith("/v2/assets/withdraw")
    True
    """
    name = one_name(ccy, "ccy")
    params = {
        "ccy": name,
        "amount": positive(amount, "amount"),
        "to_address": word(to_address, "to_address"),
        "chain": optional(word, chain, "chain"),
        "withdraw_method": choice(withdraw_method, get_args(WithdrawMethod), "withdraw_method"),
        "memo": optional(word, memo, "memo"),
        "extra": optional(json_object, extra, "extra"),
        "remark": optional(text, remark, "remark"),
        "fee_ccy": optional(one_name, fee_ccy, "fee_ccy"),
    }
    if params["withdraw_method"] == "on_chain" and chain is None:
        raise InvalidArgument(f'chain: on_chain needs it; cx.deposit_withdraw_config("{name}") lists those of {name}')
    verb = Verb(withdraw, numbers, session, dry_run, check)
    if (rule_source := verb.rule_source()) is not None:
        _check(params, rule_source)
    return change(verb, params, finds_out=f'cx.withdrawals("{name}")')


@route(
    "POST /assets/cancel-withdraw",
    Accepted,
    docs="assets/deposit-withdrawal/http/cancel-withdrawal",
    pace="account_modify",
    needs="withdraw",
)
def cancel_withdraw(
    withdraw_id: int | str,
    *,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Cancel a withdrawal that was not sent yet, and return the exchange's confirmation.

    Parameters
    ----------
    withdraw_id : int
        Its id, as in `withdraw` and `withdrawals`.

    Examples
    --------
    >>> cx.cancel_withdraw(31415, dry_run=True)["body"].item()
    '{"withdraw_id":31415}'
    """
    number = whole_id(withdraw_id, "withdraw_id")
    return change(
        Verb(cancel_withdraw, numbers, session, dry_run),
        {"withdraw_id": number},
        finds_out=f"cx.withdrawals(withdraw_id={number})",
    )


@route(
    "GET /assets/withdraw",
    Withdrawal,
    docs="assets/deposit-withdrawal/http/list-withdrawal-history",
    pace="account_history",
    paged=True,
    needs="read",
)
def withdrawals(
    ccy: str | None = None,
    *,
    withdraw_id: int | str | None = None,
    status: WithdrawState | None = None,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return your withdrawals, oldest first.

    Without a start from the first one, without an end to the last one. The exchange takes no range of time here:
    what is outside is read and left out.

    Parameters
    ----------
    withdraw_id : int, optional
        Only this one.
    status : str, optional
        Only such withdrawals: ``"created"``, ``"audit_required"``, ``"audited"``, ``"processing"``, ``"confirming"``,
        ``"finished"``, ``"cancelled"``, ``"cancellation_failed"`` or ``"failed"``.

    Raises
    ------
    UnknownMarket
        The exchange does not know the currency.

    Examples
    --------
    >>> cx.withdrawals("USDT", status="finished")["amount"].sum().item()
    0.0
    """
    params = {
        "ccy": optional(one_name, ccy, "ccy"),
        "withdraw_id": optional(whole_id, withdraw_id, "withdraw_id"),
        "status": None if status is None else choice(status, get_args(WithdrawState), "status"),
    }
    return listed(Call(withdrawals, numbers, session), params, start=start, end=end)


def _check(params: Mapping[str, Any], session: Session) -> None:
    """Compare a withdrawal with the rules of its currency; read each time, because they change at short notice.

    Raises
    ------
    InvalidArgument
        It breaks a rule; the text says which.
    """
    ccy, chain = params["ccy"], params["chain"]
    rules = deposit_withdraw_config(ccy, numbers="decimal", session=session)
    if params["withdraw_method"] == "inter_user":
        if not rules["inter_transfer_enabled"].iloc[0]:
            raise InvalidArgument(f"{ccy} cannot be sent to another user at present; check=False sends it anyway")
        return
    chains = rules.index.get_level_values("chain")
    if chain not in chains:
        raise InvalidArgument(f"chain: {ccy} has {', '.join(map(str, chains))}, not {chain!r}")
    _check_chain(ccy, Decimal(params["amount"]), str(chain), rules.xs(chain, level="chain").iloc[0].to_dict())


def _check_chain(ccy: str, amount: Decimal, chain: str, rule: Mapping[Any, Any]) -> None:
    if any(pd.notna(rule[name]) and not rule[name] for name in ("withdraw_enabled", "chain_withdraw_enabled")):
        raise InvalidArgument(f"{ccy} cannot be withdrawn on {chain} at present; check=False sends it anyway")
    least, decimals = rule["min_withdraw_amount"], rule["withdrawal_precision"]
    if pd.notna(least) and amount < least:
        raise InvalidArgument(f"amount: on {chain} at least {least:f} {ccy}, not {amount:f}")
    if pd.notna(decimals) and amount != (nearest := round(amount, int(decimals))):
        raise InvalidArgument(f"amount: on {chain} {ccy} has {decimals} decimals, such as {nearest:f}, not {amount:f}")
