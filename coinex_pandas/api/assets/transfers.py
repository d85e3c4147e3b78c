"""Transfers between your own accounts: the verb and the history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args

import pandas as pd

from coinex_pandas.api.assets.balances import futures_balances, margin_balances, spot_balances
from coinex_pandas.api.assets.ledger import spot_transactions
from coinex_pandas.api.calls.arguments import Exact, Names, choice, names_of, one_name, optional, positive
from coinex_pandas.api.calls.call import Call
from coinex_pandas.api.calls.history import ranged
from coinex_pandas.api.calls.verb import Verb, change
from coinex_pandas.errors import InvalidArgument, NotPermitted
from coinex_pandas.http.route import route
from coinex_pandas.http.session import Session
from coinex_pandas.tables.kinds import Numbers
from coinex_pandas.tables.rows.answer import Accepted
from coinex_pandas.tables.rows.payment import Transfer
from coinex_pandas.tables.times import TimeLike

__all__ = ["AccountName", "transfer", "transfers"]

AccountName = Literal["SPOT", "MARGIN", "FUTURES"]
_ACCOUNTS = get_args(AccountName)
_OTHERS = ("MARGIN", "FUTURES")  # what a transfer's other side can be; one side is always SPOT


@route(
    "POST /assets/transfer",
    Accepted,
    docs="assets/transfer/http/transfer",
    pace="account_modify",
    needs="withdraw",
)
def transfer(
    from_account_type: AccountName,
    to_account_type: AccountName,
    ccy: str,
    amount: Exact,
    *,
    market: str | None = None,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Move money between your own accounts, and return the exchange's confirmation.

    The exchange returns no id: see `transfers` for what became of it.

    Parameters
    ----------
    from_account_type, to_account_type : {"SPOT", "MARGIN", "FUTURES"}
        From which account to which; one of them is SPOT.
    amount : str, int, Decimal or float
        How much.
    market : str, optional
        The margin market; needed when one side is MARGIN.

    Raises
    ------
    InvalidArgument
        The two accounts do not fit together, or the market of a margin account is missing; nothing was sent.
    BalanceTooLow
        The balance is smaller than that.

    Examples
    --------
    >>> cx.transfer("SPOT", "FUTURES", "USDT", "100", dry_run=True)["body"].item()
    '{"from_account_type":"SPOT","to_account_type":"FUTURES","ccy":"USDT","amount":"100"}'
    """
    ends = [
        choice(from_account_type, _ACCOUNTS, "from_account_type"),
        choice(to_account_type, _ACCOUNTS, "to_account_type"),
    ]
    others = [end for end in ends if end != "SPOT"]
    if len(others) != 1:
        raise InvalidArgument(f"a transfer has SPOT on one side and MARGIN or FUTURES on the other, not {ends}")
    if (market is not None) != ("MARGIN" in others):
        raise InvalidArgument("market: the margin market when one side is MARGIN, and None otherwise")
    name = one_name(ccy, "ccy")
    params = {
        "from_account_type": ends[0],
        "to_account_type": ends[1],
        "ccy": name,
        "amount": positive(amount, "amount"),
        "market": optional(one_name, market, "market"),
    }
    return change(
        Verb(transfer, numbers, session, dry_run),
        params,
        about=name,
        finds_out=f'cx.transfers("{name}", "{others[0]}")',
    )


@route(
    "GET /assets/transfer-history",
    Transfer,
    docs="assets/transfer/http/list-transfer-history",
    pace="account_history",
    paged=True,
    needs="read",
)
def transfers(
    ccy: Names | None = None,
    transfer_type: Literal["MARGIN", "FUTURES"] | None = None,
    *,
    market: str | None = None,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the transfers between your own accounts, oldest first.

    Without a start from the first one, without an end to the last one. A request takes one currency and one type; with
    None they are read one after the other. Which currencies there can be is read from the balances and from the
    whole ledger of the spot account, so it is quicker to name them.

    Parameters
    ----------
    ccy : str or iterable of str, optional
        One currency or several; None for every one that the accounts hold or ever held.
    transfer_type : {"MARGIN", "FUTURES"}, optional
        The side that is not SPOT; None for both.
    market : str, optional
        Only this margin market.

    Raises
    ------
    UnknownMarket
        The exchange does not know a currency.

    Examples
    --------
    >>> answer = cx.transfer("SPOT", "FUTURES", "BTC", "0.25")
    >>> cx.transfers("BTC", "FUTURES")[["from_account_type", "to_account_type", "amount"]]
                              from_account_type to_account_type  amount
    created_at
    2026-06-01 12:00:00+00:00              SPOT         FUTURES    0.25
    """
    names = names_of(ccy, "ccy")
    types = _OTHERS if transfer_type is None else (choice(transfer_type, _OTHERS, "transfer_type"),)
    params = {
        "ccy": names[0] if names is not None and len(names) == 1 else None,
        "transfer_type": types[0] if len(types) == 1 else None,
        "market": optional(one_name, market, "market"),
    }

    def parts() -> Iterator[Mapping[str, Any]]:
        for name in names or _own_currencies(end, session):
            yield from ({"ccy": name, "transfer_type": kind} for kind in types)

    return ranged(Call(transfers, numbers, session), params, parts(), start=start, end=end)


def _own_currencies(end: TimeLike | None, session: Session | None) -> list[str]:
    """Return every currency that the accounts hold, or that the spot account's ledger has."""
    try:
        margin = margin_balances(session=session)
        currencies = {*spot_balances(session=session).index, *futures_balances(session=session).index}
        ledger = spot_transactions(end=end, session=session)
        currencies |= {*margin["base_ccy"].dropna(), *margin["quote_ccy"].dropna(), *ledger["ccy"].dropna()}
    except NotPermitted as fault:
        fault.add_note("the currencies could not be read from the balances: name them with ccy=")
        raise
    return sorted(currencies)
