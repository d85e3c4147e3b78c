"""Whether a withdrawal is one that the exchange can take, found out before it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pandas as pd

from coinex_pandas.assets import deposit_withdraw_config
from coinex_pandas.errors import InvalidArgument
from coinex_pandas.session import Session

__all__ = ["check_withdrawal"]


def check_withdrawal(ccy: str, amount: str, chain: str | None, method: str, session: Session | None) -> None:
    """Compare a withdrawal with the rules of its currency; they are read anew, for they change at short notice.

    Raises
    ------
    InvalidArgument
        It does not fit; the text says what would.
    """
    rules = deposit_withdraw_config(ccy, numbers="decimal", session=session)
    if method == "inter_user":
        if not rules["inter_transfer_enabled"].iloc[0]:
            raise InvalidArgument(f"{ccy} cannot be sent to another user at present; check=False asks nevertheless")
        return
    chains = rules.index.get_level_values("chain")
    if chain not in chains:
        raise InvalidArgument(f"chain: {ccy} has {', '.join(map(str, chains))}, not {chain!r}")
    _check_chain(ccy, Decimal(amount), str(chain), rules.xs(chain, level="chain").iloc[0].to_dict())


def _check_chain(ccy: str, amount: Decimal, chain: str, rule: Mapping[Any, Any]) -> None:
    if any(pd.notna(rule[name]) and not rule[name] for name in ("withdraw_enabled", "chain_withdraw_enabled")):
        raise InvalidArgument(f"{ccy} cannot be withdrawn on {chain} at present; check=False asks nevertheless")
    least, decimals = rule["min_withdraw_amount"], rule["withdrawal_precision"]
    if pd.notna(least) and amount < least:
        raise InvalidArgument(f"amount: on {chain} at least {least:f} {ccy}, not {amount:f}")
    if pd.notna(decimals) and amount != (nearest := round(amount, int(decimals))):
        raise InvalidArgument(f"amount: on {chain} {ccy} has {decimals} decimals, such as {nearest:f}, not {amount:f}")
