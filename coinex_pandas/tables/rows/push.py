"""Tables that only the sockets send, or send with more columns than HTTP does.

Field names, units and meanings: https://docs.coinex.com/api/v2/spot/market/ws/market and its neighbours.
"""

from typing import Annotated, ClassVar

from msgspec import UNSET

from coinex_pandas.tables.column_types import (
    Amount,
    Market,
    MillisecondTime,
    Number,
    Price,
    Rate,
    Time,
    TimeOrNone,
    note,
)
from coinex_pandas.tables.row import Row
from coinex_pandas.tables.rows.market import FuturesTicker, PremiumIndex

__all__ = ["BestPrices", "FuturesIndex", "FuturesState", "PremiumPush", "SpotIndex"]


class FuturesState(FuturesTicker, kw_only=True, rename={"open_interest_volume": "open_interest_size"}):
    """The last 24 hours of a futures market, and its funding."""

    # Synthetic rows such as ETHUSD_SIGNPRICE come without these two.
    index_price: Annotated[Price, note("weighted price of several exchanges")] = UNSET
    mark_price: Annotated[Price, note("price that positions are valued at")] = UNSET
    open_interest_volume: Annotated[Amount, note("open position size; open_interest_size on this wire")] = UNSET
    insurance_fund_size: Annotated[Number, note("insurance fund; the exchange names no unit")] = UNSET
    latest_funding_rate: Annotated[Rate, note("of the current period; positive: longs pay shorts")] = UNSET
    next_funding_rate: Annotated[Rate, note("predicted")] = UNSET
    latest_funding_time: TimeOrNone = UNSET
    next_funding_time: Annotated[TimeOrNone, note("in the past: the venue stands still")] = UNSET


class SpotIndex(Row, kw_only=True):
    """The index price of a spot market."""

    key: ClassVar = ("market",)

    market: Market
    index_price: Annotated[Price, note("weighted price of several exchanges")]


class FuturesIndex(Row, kw_only=True):
    """Index and mark price of a futures market."""

    key: ClassVar = ("market",)

    market: Market
    index_price: Annotated[Price, note("weighted price of several exchanges")]
    mark_price: Annotated[Price, note("price that positions are valued at")] = UNSET


class BestPrices(Row, kw_only=True):
    """Best bid and best ask of a market."""

    index: ClassVar = "updated_at"
    in_seconds: ClassVar = ("updated_at",)

    market: Market
    updated_at: Annotated[MillisecondTime, note("when the book changed")]
    best_bid_price: Annotated[Price, note("NaN where nobody bids")] = UNSET
    best_bid_size: Annotated[Amount, note("inverse markets count in quote_ccy")] = UNSET
    best_ask_price: Annotated[Price, note("NaN where nobody asks")] = UNSET
    best_ask_size: Annotated[Amount, note("inverse markets count in quote_ccy")] = UNSET


class PremiumPush(PremiumIndex, kw_only=True, rename={"created_at": "updated_at"}):
    """The premium of a futures market over its index as it moves; ``created_at`` is ``updated_at`` on this wire."""

    created_at: Time
