"""The ledger of the spot account."""

from __future__ import annotations

from typing import Literal, get_args

import pandas as pd

from coinex_pandas.api.calls.arguments import choice, one_name, optional
from coinex_pandas.api.calls.call import Call
from coinex_pandas.api.calls.history import ranged
from coinex_pandas.http.route import route
from coinex_pandas.http.session import Session
from coinex_pandas.tables.kinds import Numbers
from coinex_pandas.tables.rows.balance import Transaction
from coinex_pandas.tables.times import TimeLike

__all__ = ["TransactionName", "spot_transactions"]

TransactionName = Literal[
    "deposit", "withdraw", "trade", "maker_cash_back", "investment_interest", "exchange_order_transfer"
]
_TYPES = get_args(TransactionName)


@route(
    "GET /assets/spot/transcation-history",
    Transaction,
    docs="assets/balance/http/get-spot-transcation-history",
    pace="account_history",
    paged=True,
    needs="read",
)
def spot_transactions(
    type: TransactionName | None = None,
    ccy: str | None = None,
    *,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the changes of the spot balances with the balance after each, oldest first.

    Without a start from the first one, without an end to the last one. A request takes one type: with None they are
    read one after the other. Within one millisecond, changes of one type keep the exchange's order; in which order
    those of different types happened it does not say.

    Parameters
    ----------
    type : str, optional
        ``"deposit"``, ``"withdraw"``, ``"trade"``, ``"maker_cash_back"``, ``"investment_interest"`` (to and from Earn)
        or ``"exchange_order_transfer"`` (swaps); None for all of them.

    Examples
    --------
    >>> cx.spot_transactions("deposit", "ETH")["change"].sum().item()
    20.0
    """
    types = _TYPES if type is None else (choice(type, _TYPES, "type"),)
    params = {"ccy": optional(one_name, ccy, "ccy")}
    parts = [{"type": name} for name in types]
    return ranged(Call(spot_transactions, numbers, session), params, parts, start=start, end=end)
