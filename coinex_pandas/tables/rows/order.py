"""Orders, stop orders and own deals, of both areas.

Field names, units and meanings: https://docs.coinex.com/api/v2/spot/order and https://docs.coinex.com/api/v2/futures/order.
"""

from typing import Annotated, ClassVar

from msgspec import UNSET

from coinex_pandas.tables.column_types import (
    Amount,
    ClientId,
    Currency,
    DealRole,
    FuturesOnly,
    Id,
    IdOrNone,
    Market,
    MarketOrNone,
    MarketType,
    Number,
    OrderStatus,
    OrderType,
    Price,
    Rate,
    Side,
    StopPriceType,
    StopStatus,
    Time,
    TimeOrNone,
    TriggerDirection,
    Value,
    note,
)
from coinex_pandas.tables.row import Row
from coinex_pandas.tables.rows.answer import per_item

__all__ = [
    "FuturesOrder",
    "FuturesOrderItem",
    "FuturesStopOrder",
    "FuturesStopOrderItem",
    "FuturesUserDeal",
    "SpotOrder",
    "SpotOrderItem",
    "SpotStopOrder",
    "SpotStopOrderItem",
    "SpotUserDeal",
    "StopId",
    "StopIdItem",
]

_LAST_FILL = {"last_fill_amount": "last_filled_amount", "last_fill_price": "last_filled_price"}
_FILLS = {"unfill_amount": "unfilled_amount", "fill_amount": "filled_amount", "fill_value": "filled_value"} | _LAST_FILL
_MISSING_STATUS = "missing where the endpoint does not tell it: then compare filled_amount and unfilled_amount"


class SpotOrder(Row, kw_only=True):
    """An order on spot or margin."""

    index: ClassVar = "order_id"
    order: ClassVar = ("created_at", "order_id")
    key: ClassVar = ("order_id",)
    also: ClassVar = {
        **_FILLS,
        "base_ccy_fee": "base_fee",
        "quote_ccy_fee": "quote_fee",
        "discount_ccy_fee": "discount_fee",
    }

    order_id: Id
    market: Market
    market_type: MarketType = UNSET
    ccy: Annotated[Currency, note("what amounts are counted in: base_ccy, unless a market order said otherwise")] = (
        UNSET
    )
    side: Side
    type: OrderType
    amount: Annotated[Amount, note("ordered", unit="ccy")]
    price: Annotated[Price, note("0 for a market order")]
    unfilled_amount: Annotated[Amount, note("still open", unit="ccy")]
    filled_amount: Annotated[
        Amount, note("executed; of market orders in quote_ccy the exchange names no unit", unit="ccy")
    ] = UNSET
    filled_value: Annotated[Value, note("executed")]
    client_id: Annotated[ClientId, note("missing where none was given; several orders may share one")] = UNSET
    base_fee: Annotated[Number, note("fee taken in base_ccy", unit="base_ccy")]
    quote_fee: Annotated[Number, note("fee taken in quote_ccy", unit="quote_ccy")]
    discount_fee: Annotated[Number, note("fee taken in the discount currency, mostly CET", unit="CET")]
    maker_fee_rate: Rate
    taker_fee_rate: Rate
    last_filled_amount: Annotated[Amount, note("of the latest fill; 0 before the first", unit="ccy")] = UNSET
    last_filled_price: Annotated[Price, note("of the latest fill; can be missing once all is filled")] = UNSET
    created_at: Time
    updated_at: Annotated[TimeOrNone, note("NaT on some finished orders")]
    status: Annotated[OrderStatus, note(_MISSING_STATUS)] = UNSET


class FuturesOrder(Row, kw_only=True):
    """An order on futures."""

    index: ClassVar = "order_id"
    order: ClassVar = ("created_at", "order_id")
    key: ClassVar = ("order_id",)
    also: ClassVar = _FILLS

    order_id: Id
    market: Market
    market_type: FuturesOnly = UNSET
    side: Side
    type: OrderType
    amount: Annotated[Amount, note("ordered; inverse markets count in quote_ccy")]
    price: Annotated[Price, note("0 for a market order")]
    unfilled_amount: Annotated[Amount, note("still open")]
    filled_amount: Annotated[Amount, note("executed")]
    filled_value: Annotated[Value, note("executed")]
    client_id: Annotated[ClientId, note("missing where none was given; several orders may share one")] = UNSET
    fee: Annotated[Number, note("charged so far", unit="fee_ccy")]
    fee_ccy: Currency
    maker_fee_rate: Rate
    taker_fee_rate: Rate
    last_filled_amount: Annotated[Amount, note("of the latest fill; 0 before the first")] = UNSET
    last_filled_price: Annotated[Price, note("of the latest fill; can be missing once all is filled")] = UNSET
    realized_pnl: Annotated[Value, note("profit of the positions that it closed")] = UNSET
    created_at: Time
    updated_at: Annotated[TimeOrNone, note("NaT on some finished orders")]
    status: Annotated[OrderStatus, note(_MISSING_STATUS)] = UNSET


class SpotStopOrder(Row, kw_only=True):
    """An order on spot or margin that waits for a price."""

    index: ClassVar = "stop_id"
    order: ClassVar = ("created_at", "stop_id")
    key: ClassVar = ("stop_id",)

    stop_id: Id
    market: Market
    market_type: MarketType = UNSET
    ccy: Annotated[Currency, note("what the amount is counted in")] = UNSET
    side: Side
    type: Annotated[OrderType, note("of the order that is sent at the trigger")]
    amount: Annotated[Amount, note("ordered", unit="ccy")]
    price: Annotated[Price, note("0 for a market order")]
    trigger_price: Price
    trigger_direction: Annotated[TriggerDirection, note("higher: fires when the price rises above trigger_price")]
    trigger_price_type: Annotated[StopPriceType, note("which price; spot orders cannot choose it")] = UNSET
    client_id: Annotated[ClientId, note("missing where none was given; several may share one")] = UNSET
    created_at: Time
    updated_at: Annotated[TimeOrNone, note("NaT on some finished ones")]
    status: Annotated[StopStatus, note("the exchange defines it, and has not been seen to send it over HTTP")] = UNSET


class FuturesStopOrder(Row, kw_only=True):
    """An order on futures that waits for a price."""

    index: ClassVar = "stop_id"
    order: ClassVar = ("created_at", "stop_id")
    key: ClassVar = ("stop_id",)

    stop_id: Id
    market: Market
    market_type: FuturesOnly = UNSET
    side: Side
    type: Annotated[OrderType, note("of the order that is sent at the trigger")]
    amount: Annotated[Amount, note("ordered; inverse markets count in quote_ccy")]
    price: Annotated[Price, note("0 for a market order")]
    trigger_price: Price
    trigger_direction: Annotated[
        TriggerDirection, note("higher: fires when the price rises above trigger_price; missing on some old ones")
    ]
    trigger_price_type: Annotated[StopPriceType, note("which price")] = UNSET
    client_id: Annotated[ClientId, note("missing where none was given; several may share one")] = UNSET
    created_at: Time
    updated_at: Annotated[TimeOrNone, note("NaT on some finished ones")]
    status: Annotated[StopStatus, note("the exchange defines it, and has not been seen to send it over HTTP")] = UNSET


class SpotUserDeal(Row, kw_only=True):
    """An own trade on spot or margin."""

    index: ClassVar = "created_at"
    order: ClassVar = ("created_at", "deal_id")
    key: ClassVar = ("market", "deal_id", "order_id")  # who trades with oneself has two rows of one deal

    deal_id: Id
    created_at: Time
    order_id: Annotated[IdOrNone, note("missing where the exchange leaves it out")] = UNSET
    market: Market
    margin_market: Annotated[MarketOrNone, note("missing outside margin")] = UNSET
    side: Annotated[Side, note("own side")]
    price: Price
    amount: Amount
    role: DealRole = UNSET
    fee: Annotated[Number, note("positive", unit="fee_ccy")] = UNSET
    fee_ccy: Currency = UNSET
    client_id: Annotated[ClientId, note("of the order; not every answer tells it")] = UNSET


class FuturesUserDeal(Row, kw_only=True):
    """An own trade on futures."""

    index: ClassVar = "created_at"
    order: ClassVar = ("created_at", "deal_id")
    key: ClassVar = ("market", "deal_id", "order_id")  # who trades with oneself has two rows of one deal

    deal_id: Id
    created_at: Time
    order_id: Annotated[IdOrNone, note("missing where the exchange leaves it out")] = UNSET
    position_id: IdOrNone = UNSET
    market: Market
    side: Annotated[Side, note("own side")]
    price: Price
    amount: Annotated[Amount, note("inverse markets count in quote_ccy")]
    role: DealRole = UNSET
    fee: Annotated[Number, note("positive", unit="fee_ccy")] = UNSET
    fee_ccy: Currency = UNSET
    realized_pnl: Annotated[Value, note("profit of the part of a position that it closed")] = UNSET
    client_id: Annotated[ClientId, note("of the order; not every answer tells it")] = UNSET


class StopId(Row, kw_only=True):
    """The id that a stop order was given: all that the exchange answers."""

    index: ClassVar = "stop_id"
    key: ClassVar = ("stop_id",)
    renewed: ClassVar = ("stop_id",)

    stop_id: Id
    client_id: Annotated[ClientId, note("what it was placed with; the exchange does not repeat it")] = UNSET


SpotOrderItem = per_item(SpotOrder)
FuturesOrderItem = per_item(FuturesOrder)
SpotStopOrderItem = per_item(SpotStopOrder)
FuturesStopOrderItem = per_item(FuturesStopOrder)
StopIdItem = per_item(StopId)
