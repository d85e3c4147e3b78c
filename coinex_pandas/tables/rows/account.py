"""Accounts: fees and settings, sub-accounts and their keys.

Field names, units and meanings: https://docs.coinex.com/api/v2/account.
"""

from typing import Annotated, ClassVar

from msgspec import UNSET, UnsetType

from coinex_pandas.tables.column_types import (
    AccountType,
    Amount,
    Count,
    Currency,
    Flag,
    Id,
    IdOrNone,
    IpAddresses,
    Market,
    Permissions,
    PositionMode,
    Rate,
    Text,
    Time,
    TimeOrNone,
    TransferStatus,
    UserId,
    note,
)
from coinex_pandas.tables.row import Row
from coinex_pandas.tables.secret import SecretKind

__all__ = [
    "AccountInfo",
    "FuturesSettings",
    "SubAccount",
    "SubInfo",
    "SubKey",
    "SubTransfer",
    "TradeFeeRate",
]


class TradeFeeRate(Row, kw_only=True):
    """What an account pays for its deals in a market."""

    index: ClassVar = "market"
    key: ClassVar = ("market",)

    market: Market
    maker_rate: Annotated[Rate, note("of the value, for orders that rested")]
    taker_rate: Annotated[Rate, note("of the value, for orders that were filled at once")]


class FuturesSettings(Row, kw_only=True):
    """What holds for all futures markets of an account. Either of the two may be missing."""

    position_mode: Annotated[
        PositionMode, note("one_way: one position per market, hedge: independent long and short ones")
    ] = UNSET
    settle_switch: Annotated[Count, note("automatic settlement, of accounts that know no position mode yet")] = UNSET


class AccountInfo(Row, kw_only=True):
    """The exchange's data of an account. It documents no column: all others that it sends come as text."""

    user_id: Annotated[UserId, note("the exchange's number for the account")] = UNSET


class SubInfo(Row, kw_only=True):
    """Which sort of account a key belongs to. The exchange's page on it is not at hand: both may be missing."""

    user_type: Annotated[Text, note("such as NORMAL or SUB_ACCOUNT")] = UNSET
    sub_user_name: Annotated[Text, note("missing for a main account")] = UNSET


class SubAccount(Row, kw_only=True):
    """A sub-account."""

    index: ClassVar = "sub_user_name"
    key: ClassVar = ("sub_user_name",)

    sub_user_name: Text
    is_frozen: Annotated[Flag, note("disabled")]
    is_authorized: Flag
    permissions: Annotated[Permissions, note("any of FUTURES, MARGIN, AMM, API")]
    balance_usd: Annotated[Amount, note("value of its assets", unit="usd")]


class SubKey(Row, kw_only=True):
    """A key of a sub-account. Neither half is shown: ``frame["secret_key"].iloc[0].reveal()`` tells the secret."""

    index: ClassVar = "api_id"
    order: ClassVar = ("created_at", "api_id")
    key: ClassVar = ("api_id",)

    api_id: Id
    created_at: Time
    access_id: Annotated[str | UnsetType | None, SecretKind(), note("shown as ***; its reveal() tells it")]
    secret_key: Annotated[str | UnsetType | None, SecretKind(), note("shown as ***; its reveal() tells it")]
    ip_whitelist: Annotated[IpAddresses, note("addresses that may use it; empty: all")]
    trade_enabled: Flag
    withdraw_enabled: Flag
    is_expired: Annotated[Flag, note("a key without addresses lasts three months, one with addresses for ever")]
    expires_at: Annotated[TimeOrNone, note("NaT: never")]
    remark: Text


class SubTransfer(Row, kw_only=True):
    """A transfer from, to or between sub-accounts."""

    index: ClassVar = "created_at"
    order: ClassVar = ("created_at",)

    id: Annotated[IdOrNone, note("missing in older answers")] = UNSET
    created_at: Time
    from_account_type: AccountType
    to_account_type: AccountType
    from_user_name: Annotated[Text, note("empty or missing: the main account")]
    to_user_name: Annotated[Text, note("empty or missing: the main account")]
    ccy: Currency
    amount: Annotated[Amount, note("", unit="ccy")]
    status: Annotated[TransferStatus, note("deducted: taken from the source, not yet arrived")]
