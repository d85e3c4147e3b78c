"""Referrals: who was invited, what they traded, and the rebates of it.

Field names, units and meanings: https://docs.coinex.com/api/v2/refer. The exchange does not say in which currency
values and fees are counted.
"""

from typing import Annotated, ClassVar

from coinex_pandas.tables.column_types import Count, Flag, Number, Rate, Text, Time, TimeOrNone, UserId, note
from coinex_pandas.tables.row import Row

__all__ = ["Rebate", "RebateDay", "Referee"]

_USDT = Annotated[Number, note("rebates paid in USDT", unit="USDT")]
_CET = Annotated[Number, note("rebates paid in CET", unit="CET")]


class Referee(Row, kw_only=True):
    """A user that was invited."""

    index: ClassVar = "uid"
    key: ClassVar = ("uid",)

    uid: Annotated[UserId, note("the exchange's number for the user")]
    account_name: Text
    registered_at: Time
    vip_level: Count
    bound_at: Annotated[Time, note("when the referral was bound")]
    refer_code: Text
    referrer_rebate_rate: Annotated[Rate, note("share that goes to the referrer")]
    referee_rebate_rate: Annotated[Rate, note("share that goes to the invited user")]
    first_deposit_time: Annotated[TimeOrNone, note("NaT: none")]
    first_deposit_value: Number
    total_deposit_value: Number
    first_deal_time: Annotated[TimeOrNone, note("NaT: none")]
    first_deal_value: Number
    has_spot_balance: Flag
    has_futures_balance: Flag
    total_spot_value: Annotated[Number, note("traded on spot")]
    total_spot_fee: Number
    total_spot_rebate_usdt: _USDT
    total_spot_rebate_cet: _CET
    total_futures_value: Annotated[Number, note("traded on futures")]
    total_futures_fee: Number
    total_futures_rebate_usdt: _USDT
    total_futures_rebate_cet: _CET
    total_deal_value: Annotated[Number, note("spot and futures")]
    total_deal_fee: Number
    total_deal_rebate_usdt: _USDT
    total_deal_rebate_cet: _CET


class RebateDay(Row, kw_only=True):
    """A day of all invited users together."""

    index: ClassVar = "created_at"
    order: ClassVar = ("created_at",)
    key: ClassVar = ("created_at",)

    created_at: Annotated[Time, note("the day")]
    deal_user_number: Annotated[Count, note("invited users that traded")]
    total_spot_value: Annotated[Number, note("traded on spot, estimated")]
    total_spot_fee: Number
    total_futures_value: Annotated[Number, note("traded on futures")]
    total_futures_fee: Number
    total_deal_value: Annotated[Number, note("spot and futures")]
    total_deal_fee: Number
    total_deal_rebate_usdt: _USDT
    total_deal_rebate_cet: _CET


class Rebate(Row, kw_only=True):
    """A day of one invited user."""

    index: ClassVar = "created_at"
    order: ClassVar = ("created_at",)
    key: ClassVar = ("created_at", "uid")

    created_at: Annotated[Time, note("the day")]
    uid: Annotated[UserId, note("the exchange's number for the user")]
    account_name: Text
    spot_value: Annotated[Number, note("traded on spot, estimated")]
    spot_fee: Number
    futures_value: Annotated[Number, note("traded on futures")]
    futures_fee: Number
    deal_value: Annotated[Number, note("spot and futures")]
    deal_fee: Number
    deal_rebate_usdt: _USDT
    deal_rebate_cet: _CET
