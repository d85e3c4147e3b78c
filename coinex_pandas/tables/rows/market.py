"""Market data of spot and futures: markets, tickers, deals, candles, index prices, funding, liquidations.

Field names, units and meanings: https://docs.coinex.com/api/v2/spot/market and https://docs.coinex.com/api/v2/futures/market.
"""

from typing import Annotated, ClassVar

from msgspec import UNSET

from coinex_pandas.tables.column_types import (
    Amount,
    ContractType,
    Currency,
    Decimals,
    Exchange,
    Flag,
    Id,
    Leverages,
    Market,
    MarketStatus,
    Number,
    PositionSide,
    Price,
    Rate,
    Seconds,
    Side,
    Time,
    TimeOrNone,
    Value,
    note,
)
from coinex_pandas.tables.row import Row

__all__ = [
    "Basis",
    "Candle",
    "Deal",
    "FundingRate",
    "FundingSettlement",
    "FuturesMarket",
    "FuturesTicker",
    "IndexPrice",
    "Liquidation",
    "PositionLevel",
    "PremiumIndex",
    "SpotMarket",
    "SpotTicker",
]


class SpotMarket(Row, kw_only=True):
    """A spot market and its rules."""

    index: ClassVar = "market"
    key: ClassVar = ("market",)
    also: ClassVar = {"is_pre_trading_available": "is_pre_market_trading_available"}

    market: Market
    maker_fee_rate: Rate
    taker_fee_rate: Rate
    min_amount: Annotated[Amount, note("smallest order amount")]
    base_ccy: Currency
    quote_ccy: Currency
    base_ccy_precision: Annotated[Decimals, note("decimals of amounts")]
    quote_ccy_precision: Annotated[Decimals, note("decimals of prices; the price step is 10 to its negative power")]
    status: Annotated[MarketStatus, note("bidding is a call auction; online alone does not say that it trades")] = UNSET
    delisted_at: Annotated[TimeOrNone, note("planned delisting; NaT for none")] = UNSET
    is_amm_available: Flag
    is_margin_available: Flag
    is_pre_market_trading_available: Flag = UNSET
    is_api_trading_available: Annotated[Flag, note("False: orders over the API are refused with 4159")] = UNSET


class FuturesMarket(Row, kw_only=True):
    """A futures market and its rules."""

    index: ClassVar = "market"
    key: ClassVar = ("market",)

    market: Market
    contract_type: Annotated[ContractType, note("linear: margined in USDT or USDC; inverse: in the coin itself")]
    maker_fee_rate: Rate
    taker_fee_rate: Rate
    min_amount: Annotated[Amount, note("smallest order amount; inverse markets count in quote_ccy")]
    base_ccy: Currency
    quote_ccy: Currency
    base_ccy_precision: Annotated[Decimals, note("decimals of amounts")]
    quote_ccy_precision: Annotated[Decimals, note("decimals of prices")]
    status: Annotated[MarketStatus, note("online alone does not say that it trades")] = UNSET
    delisted_at: Annotated[TimeOrNone, note("planned delisting; NaT for none")] = UNSET
    tick_size: Annotated[Price, note("price step")] = UNSET
    leverage: Annotated[Leverages, note("selectable leverages")]
    open_interest_volume: Annotated[Amount, note("open position size; inverse markets count in quote_ccy")] = UNSET
    is_market_available: Annotated[Flag, note("open for trading")] = UNSET
    is_copy_trading_available: Flag = UNSET
    is_api_trading_available: Flag = UNSET


class SpotTicker(Row, kw_only=True):
    """The last 24 hours of a spot market."""

    index: ClassVar = "market"
    key: ClassVar = ("market",)

    market: Market
    last: Annotated[Price, note("latest traded price")]
    open: Annotated[Price, note("price at the start of the 24 hours")]
    close: Annotated[Price, note("same as last")]
    high: Price
    low: Price
    volume: Annotated[Amount, note("traded in 24 hours")]
    value: Annotated[Value, note("traded in 24 hours")]
    volume_sell: Annotated[Amount, note("sold by takers lately; with volume_buy it does not add up to volume")]
    volume_buy: Annotated[Amount, note("bought by takers lately")]
    period: Annotated[Seconds, note("always 86400")]


class FuturesTicker(Row, kw_only=True):
    """The last 24 hours of a futures market."""

    index: ClassVar = "market"
    key: ClassVar = ("market",)

    market: Market
    last: Annotated[Price, note("latest traded price")]
    open: Annotated[Price, note("price at the start of the 24 hours")]
    close: Annotated[Price, note("same as last")]
    high: Price
    low: Price
    volume: Annotated[Amount, note("traded in 24 hours; inverse markets count in quote_ccy")]
    value: Annotated[Value, note("traded in 24 hours; of inverse markets the exchange names no unit")]
    volume_sell: Annotated[Amount, note("sold by takers lately; with volume_buy it does not add up to volume")]
    volume_buy: Annotated[Amount, note("bought by takers lately")]
    index_price: Annotated[Price, note("weighted price of several exchanges")]
    mark_price: Annotated[Price, note("price that positions are valued at")]
    open_interest_volume: Annotated[Amount, note("open position size; can differ from the one of futures_markets")] = (
        UNSET
    )
    period: Annotated[Seconds, note("always 86400")]


class Deal(Row, kw_only=True):
    """One trade on the tape."""

    index: ClassVar = "created_at"
    order: ClassVar = ("created_at", "deal_id")
    key: ClassVar = ("deal_id",)

    deal_id: Id
    created_at: Time
    side: Annotated[Side, note("side of the taker")]
    price: Price
    amount: Annotated[Amount, note("inverse markets count in quote_ccy")]


class Candle(Row, kw_only=True):
    """One candlestick."""

    index: ClassVar = "created_at"
    order: ClassVar = ("created_at",)
    key: ClassVar = ("created_at",)

    market: Market
    created_at: Annotated[Time, note("opening time")]
    open: Price
    close: Price
    high: Price
    low: Price
    volume: Annotated[Amount, note("traded amount; inverse markets count in quote_ccy")]
    value: Annotated[
        Value,
        note(
            "traded value; of inverse markets the exchange names no unit. An answer of 2024 had volume and value "
            "exchanged: on linear markets value / volume lies between low and high"
        ),
    ]


class IndexSource(Row, kw_only=True):
    """One exchange in an index."""

    exchange: Annotated[Exchange, note("where the price was taken")]
    created_at: Annotated[Time, note("when it was taken")]
    index_weight: Annotated[Rate, note("weight; all of them add up to 1")]
    index_price: Annotated[Price, note("price there; spot only")] = UNSET


class IndexPrice(Row, kw_only=True):
    """An index price, a row for each of its sources."""

    index: ClassVar = ("market", "exchange")
    many: ClassVar = "sources"

    market: Market
    created_at: Annotated[Time, note("time of the index")]
    price: Annotated[Price, note("index price")]
    sources: list[IndexSource]


class FundingRate(Row, kw_only=True):
    """The current funding of a futures market."""

    index: ClassVar = "market"
    key: ClassVar = ("market",)

    market: Market
    mark_price: Price
    latest_funding_rate: Annotated[Rate, note("of latest_funding_time, indicative; positive: longs pay shorts")]
    next_funding_rate: Annotated[Rate, note("predicted for next_funding_time")]
    max_funding_rate: Annotated[Rate, note("cap")]
    min_funding_rate: Annotated[Rate, note("floor")]
    latest_funding_time: Time
    next_funding_time: Annotated[Time, note("in the past: the venue stands still")]


class FundingSettlement(Row, kw_only=True):
    """One funding that was settled."""

    index: ClassVar = "funding_time"
    order: ClassVar = ("funding_time",)
    key: ClassVar = ("funding_time",)

    market: Market
    funding_time: Annotated[Time, note("when it was collected, some seconds after the full hour")]
    theoretical_funding_rate: Annotated[Rate, note("computed")]
    actual_funding_rate: Annotated[Rate, note("charged")]


class PremiumIndex(Row, kw_only=True):
    """The premium of a futures market over its index at one time."""

    index: ClassVar = "created_at"
    order: ClassVar = ("created_at",)
    key: ClassVar = ("created_at",)

    market: Market
    created_at: Time
    premium_index: Annotated[Rate, note("what the funding rate is computed from")]


class Basis(Row, kw_only=True):
    """The basis of a futures market at one time."""

    index: ClassVar = "created_at"
    order: ClassVar = ("created_at",)
    key: ClassVar = ("created_at",)
    also: ClassVar = {"funding_time": "created_at"}

    market: Market
    created_at: Time
    basis_rate: Annotated[Rate, note("(futures price - index price) / index price")]


class Tier(Row, kw_only=True):
    """One tier of position sizes."""

    amount: Annotated[Amount, note("largest position of the tier; inverse markets count in quote_ccy")]
    leverage: Annotated[Number, note("highest leverage", unit="multiple")]
    maintenance_margin_rate: Rate
    min_initial_margin_rate: Rate


class PositionLevel(Row, kw_only=True):
    """The tiers of position sizes of a market, a row each."""

    index: ClassVar = ("market", "tier")
    many: ClassVar = "level"
    numbered: ClassVar = "tier"

    market: Market
    level: list[Tier]


class Liquidation(Row, kw_only=True):
    """One position that was liquidated."""

    index: ClassVar = "created_at"
    order: ClassVar = ("created_at",)

    market: Market
    side: Annotated[PositionSide, note("side of the liquidated position")]
    liq_price: Annotated[Price, note("liquidation price")]
    liq_amount: Annotated[Amount, note("liquidated amount; inverse markets count in quote_ccy")]
    bkr_price: Annotated[Price, note("bankruptcy price")]
    created_at: Time
