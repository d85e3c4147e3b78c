"""Public data of currencies: profiles, deposit and withdrawal rules."""

from __future__ import annotations

import pandas as pd

from coinex_pandas.api.calls.arguments import one_name, optional
from coinex_pandas.api.calls.call import Call, table
from coinex_pandas.http.route import route
from coinex_pandas.http.session import Session
from coinex_pandas.tables.kinds import Numbers
from coinex_pandas.tables.rows.currency import AssetInfo, DepositWithdrawConfig

__all__ = ["assets_info", "deposit_withdraw_config", "deposit_withdraw_configs"]


@route("GET /assets/info", AssetInfo, docs="assets/deposit-withdrawal/http/list-assets-info")
def assets_info(
    ccy: str | None = None, *, numbers: Numbers | None = None, session: Session | None = None
) -> pd.DataFrame:
    """Return the profiles of currencies, a row per currency and chain.

    Raises
    ------
    UnknownMarket
        The exchange does not know the currency.

    Examples
    --------
    >>> cx.assets_info("USDT").index.get_level_values("chain_name")[:2].to_list()
    ['Tron (TRC20)', 'Ethereum (ERC20)']
    """
    name = optional(one_name, ccy, "ccy")
    return table(Call(assets_info, numbers, session), {"ccy": name})


@route(
    "GET /assets/deposit-withdraw-config",
    DepositWithdrawConfig,
    docs="assets/deposit-withdrawal/http/get-deposit-withdrawal-config",
    pace="account_query",
    single=True,
)
def deposit_withdraw_config(
    ccy: str, *, numbers: Numbers | None = None, session: Session | None = None
) -> pd.DataFrame:
    """Return the deposit and withdrawal rules of a currency, a row per chain.

    ``deposit_enabled`` and ``withdraw_enabled`` hold for the currency, ``chain_deposit_enabled`` and
    ``chain_withdraw_enabled`` for the chain: both must be True.

    Raises
    ------
    UnknownMarket
        The exchange does not know the currency.

    Examples
    --------
    >>> cx.deposit_withdraw_config("USDT")[["min_withdraw_amount", "withdrawal_fee"]]
                   min_withdraw_amount  withdrawal_fee
    ccy  chain
    USDT TRC20                  0.2773          0.2773
         ERC20                  0.9707          0.9707
         BSC                    0.6781          0.6781
         SOL                    0.6303          0.6303
         ARBITRUM               0.8402          0.8402
    """
    name = one_name(ccy, "ccy")
    return table(Call(deposit_withdraw_config, numbers, session), {"ccy": name})


@route(
    "GET /assets/all-deposit-withdraw-config",
    DepositWithdrawConfig,
    docs="assets/deposit-withdrawal/http/list-all-deposit-withdrawal-config",
    pace="account_query",
)
def deposit_withdraw_configs(*, numbers: Numbers | None = None, session: Session | None = None) -> pd.DataFrame:
    """Return the deposit and withdrawal rules of all currencies, a row per currency and chain.

    Examples
    --------
    >>> cx.deposit_withdraw_configs()["withdraw_enabled"].value_counts()
    withdraw_enabled
    True     57
    False     6
    Name: count, dtype: Int64
    """
    return table(Call(deposit_withdraw_configs, numbers, session))
