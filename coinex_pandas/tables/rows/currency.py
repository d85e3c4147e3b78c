"""Currencies: profile, chains with their deposit and withdrawal rules, AMM pools.

Field names, units and meanings: https://docs.coinex.com/api/v2/assets.
"""

from typing import Annotated, ClassVar

from msgspec import UNSET

from coinex_pandas.tables.column_types import (
    AmmType,
    Amount,
    Count,
    Currency,
    Decimals,
    Flag,
    Market,
    Name,
    Number,
    Rate,
    Text,
    Time,
    note,
)
from coinex_pandas.tables.row import Row

__all__ = ["AmmHolding", "AmmIncome", "AmmLiquidity", "AmmPool", "AssetInfo", "DepositWithdrawConfig"]


class ChainInfo(Row, kw_only=True):
    """One chain that a currency lives on."""

    chain_name: Annotated[Name, note("display name; not the chain code of the deposit and withdrawal functions")]
    identity: Annotated[Text, note("contract address; empty for a chain's own coin")] = UNSET
    explorer_url: Text = UNSET


class AssetInfo(Row, kw_only=True):
    """The profile of a currency, a row for each of its chains."""

    index: ClassVar = ("short_name", "chain_name")
    many: ClassVar = "chain_info"

    short_name: Annotated[Currency, note("the currency's ticker")]
    full_name: Text
    website_url: Text
    white_paper_url: Text
    chain_info: list[ChainInfo]


class Asset(Row, kw_only=True):
    """What holds for a currency on all its chains."""

    ccy: Currency
    deposit_enabled: Flag
    withdraw_enabled: Flag
    inter_transfer_enabled: Annotated[Flag, note("transfers between users are open")]
    is_st: Annotated[Flag, note("not spelt out by the exchange; presumably special treatment")] = UNSET


class Chain(Row, kw_only=True):
    """The rules of a currency on one chain."""

    chain: Name
    min_deposit_amount: Annotated[Amount, note("smaller deposits are not credited by themselves", unit="ccy")]
    min_withdraw_amount: Annotated[Amount, note("", unit="ccy")]
    deposit_enabled: Flag
    withdraw_enabled: Flag
    deposit_delay_minutes: Annotated[Count, note("extra delay before a deposit is credited", unit="minutes")]
    safe_confirmations: Annotated[Count, note("confirmations regarded as safe")]
    irreversible_confirmations: Annotated[Count, note("confirmations regarded as final")]
    deflation_rate: Annotated[Rate, note("share burnt by deflationary tokens")]
    withdrawal_fee: Annotated[Amount, note("per withdrawal", unit="ccy")]
    withdrawal_precision: Annotated[Decimals, note("decimals of a withdrawal")]
    memo: Annotated[Text, note("memo of the deposit address; empty for none")]
    is_memo_required_for_deposit: Flag
    explorer_asset_url: Text = UNSET


class DepositWithdrawConfig(Row, kw_only=True):
    """The deposit and withdrawal rules of a currency, a row for each of its chains."""

    index: ClassVar = ("ccy", "chain")
    many: ClassVar = "chains"

    asset: Asset
    chains: list[Chain]


class AmmPool(Row, kw_only=True):
    """An AMM liquidity pool."""

    index: ClassVar = "market"
    key: ClassVar = ("market",)

    market: Market
    type: Annotated[AmmType, note("price interval of the pool")]
    base_ccy: Currency
    quote_ccy: Currency
    base_ccy_amount: Amount
    quote_ccy_amount: Annotated[Amount, note("", unit="quote_ccy")]
    total_liquidity: Annotated[Number, note("value of the pool; the exchange names no currency")]
    apy_1day: Rate
    apy_7day: Rate
    value_7day: Annotated[Number, note("traded in 7 days; the exchange names no currency")]
    fee_dividend_7day: Annotated[Number, note("fees paid to providers in 7 days")]


class AmmLiquidity(Row, kw_only=True):
    """What one holds in an AMM pool."""

    index: ClassVar = "market"
    key: ClassVar = ("market",)

    market: Market
    base_ccy: Currency
    quote_ccy: Currency
    base_ccy_amount: Amount
    quote_ccy_amount: Annotated[Amount, note("", unit="quote_ccy")]
    liquidity_proportion: Annotated[Rate, note("own share of the pool")]


class AmmHolding(Row, kw_only=True):
    """What one holds in an AMM pool after it was changed."""

    index: ClassVar = "market"
    key: ClassVar = ("market",)

    market: Market
    base_ccy_amount: Amount
    quote_ccy_amount: Annotated[Amount, note("", unit="quote_ccy")]
    liquidity_proportion: Annotated[Rate, note("own share of the pool")]


class AmmIncome(Row, kw_only=True):
    """What one's part in an AMM pool earned until a settlement."""

    index: ClassVar = "created_at"
    order: ClassVar = ("created_at",)
    key: ClassVar = ("created_at", "market")

    created_at: Annotated[Time, note("of the settlement")]
    market: Market
    base_ccy: Currency
    quote_ccy: Currency
    base_ccy_amount: Annotated[Amount, note("own holding")]
    quote_ccy_amount: Annotated[Amount, note("own holding", unit="quote_ccy")]
    liquidity: Annotated[Number, note("value of the own holding; the exchange names no currency")]
    liquidity_proportion: Annotated[Rate, note("own share of the pool")]
    fee_dividend: Annotated[Number, note("own share of the fees; one page of the exchange calls it that of 7 days")]
