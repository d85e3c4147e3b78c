"""Futures positions: open and closed ones, their stop loss and take profit orders, and what happened to them.

Field names, units and meanings: https://docs.coinex.com/api/v2/futures/position.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Annotated, Any, ClassVar

import pandas as pd
from msgspec import UNSET, UnsetType

from coinex_pandas.tables import blocks
from coinex_pandas.tables.column_types import (
    Amount,
    Count,
    Currency,
    DealRole,
    Flag,
    FuturesOnly,
    Id,
    IdOrNone,
    MarginMode,
    Market,
    Number,
    PositionEnd,
    PositionSide,
    Price,
    Rate,
    Side,
    StopPriceType,
    Time,
    Value,
    note,
)
from coinex_pandas.tables.kinds import ChoiceKind, ListKind, NumberKind, Numbers
from coinex_pandas.tables.row import Row
from coinex_pandas.tables.times import unix_ms

__all__ = [
    "FinishedPosition",
    "LeverageSetting",
    "Position",
    "PositionAdl",
    "PositionFunding",
    "PositionMarginChange",
    "PositionSettlement",
    "PositionStop",
    "StopKind",
    "Stops",
    "StopsKind",
]


_CCY = "margin and results of inverse markets are in base_ccy"
_ID = Annotated[IdOrNone, note("missing where the exchange leaves it out")]
_LEVERAGE = Annotated[Number, note("leverage of the position", unit="multiple")]


class _AnyPosition(Row, kw_only=True):
    """What open and closed positions have in common."""

    index: ClassVar = "position_id"
    order: ClassVar = ("created_at", "position_id")
    key: ClassVar = ("position_id",)
    also: ClassVar = {"settle_val": "settle_value"}
    former: ClassVar = ("base_fee", "quote_fee", "discount_fee", "maker_fee_rate", "taker_fee_rate")

    position_id: Id
    market: Market
    market_type: FuturesOnly
    side: PositionSide
    margin_mode: Annotated[MarginMode, note("cross: the free futures balance backs all positions")]
    open_interest: Annotated[Amount, note("position size; inverse markets count in quote_ccy")]
    close_avbl: Annotated[Amount, note("size that can still be closed")]
    ath_position_amount: Annotated[Amount, note("largest size it had")]
    unrealized_pnl: Annotated[Value, note(f"estimated at mark or latest price; {_CCY}")]
    realized_pnl: Annotated[Value, note(_CCY)]
    avg_entry_price: Price
    cml_position_value: Annotated[Value, note("cumulative value")]
    max_position_value: Annotated[Value, note("largest value")]
    take_profit_price: Annotated[Price, note("0 or missing: none is set")]
    stop_loss_price: Annotated[Price, note("0 or missing: none is set")]
    take_profit_type: Annotated[StopPriceType, note("price that triggers; missing: none is set")]
    stop_loss_type: Annotated[StopPriceType, note("price that triggers; missing: none is set")]
    leverage: _LEVERAGE
    margin_avbl: Annotated[Value, note(f"start margin plus added minus removed; {_CCY}")]
    ath_margin_size: Annotated[Value, note("largest margin")]
    position_margin_rate: Rate
    maintenance_margin_rate: Annotated[Rate, note("rises with the tier")]
    maintenance_margin_value: Annotated[Value, note("smallest margin that keeps it from liquidation")]
    liq_price: Annotated[Price, note("liquidation price; 0: none (cross)")]
    bkr_price: Annotated[Price, note("bankruptcy price; 0: none")]
    adl_level: Annotated[Count, note("rank in auto deleveraging")]
    settle_price: Annotated[Price, note("of the latest settlement")]
    settle_value: Annotated[Value, note("at the latest settlement")]
    created_at: Time
    updated_at: Time


class FinishedPosition(_AnyPosition, kw_only=True):
    """A closed position."""

    finished_type: Annotated[PositionEnd, note("how it ended")] = UNSET


class LeverageSetting(Row, kw_only=True):
    """Margin mode and leverage that a market was set to."""

    margin_mode: MarginMode
    leverage: Annotated[Count, note("", unit="multiple")]


class _MarginMove(Row, kw_only=True):
    """A position at the moment its margin changed."""

    index: ClassVar = "created_at"
    order: ClassVar = ("created_at",)
    also: ClassVar = {"bkr_pirce": "bkr_price"}

    market: Market
    market_type: FuturesOnly
    position_id: _ID = UNSET
    margin_mode: MarginMode
    leverage: _LEVERAGE
    liq_price: Annotated[Price, note("liquidation price")]
    bkr_price: Annotated[Price, note("bankruptcy price")]
    settle_price: Annotated[Price, note("by mark price")]
    open_interest: Annotated[Amount, note("position size")]
    margin_avbl: Annotated[Value, note("margin after the change")]
    margin_change: Value
    created_at: Time


class PositionMarginChange(_MarginMove, kw_only=True):
    """A change of a position's margin."""

    margin_change: Annotated[Value, note("positive: added, negative: removed")]


class PositionSettlement(_MarginMove, kw_only=True):
    """A settlement of a position: its unrealized result became a realized one."""

    margin_change: Annotated[Value, note("unrealized result that was moved into the margin")]


class PositionFunding(Row, kw_only=True):
    """A funding fee that a position paid or received."""

    index: ClassVar = "created_at"
    order: ClassVar = ("created_at",)

    market: Market
    market_type: FuturesOnly
    ccy: Annotated[Currency, note("settlement currency")]
    position_id: _ID = UNSET
    side: PositionSide
    margin_mode: MarginMode = UNSET
    open_interest: Annotated[Amount, note("position size")] = UNSET
    settle_price: Price = UNSET
    funding_rate: Annotated[Rate, note("positive: longs pay shorts")]
    funding_value: Annotated[Number, note("the fee; the exchange does not document its sign", unit="ccy")]
    created_at: Time


class PositionAdl(Row, kw_only=True):
    """A deal by which auto deleveraging reduced a position."""

    index: ClassVar = "created_at"
    order: ClassVar = ("created_at", "deal_id")
    key: ClassVar = ("deal_id",)

    market: Market
    market_type: FuturesOnly
    position_id: _ID = UNSET
    order_id: _ID = UNSET
    deal_id: Id
    amount: Amount
    price: Price
    side: Side
    role: DealRole
    created_at: Time


_NUMBERS = ("price", "amount")
_CONVERSIONS: dict[Numbers, Callable[[str], Any]] = {"float": float, "decimal": Decimal, "text": str}
_NUMBER = NumberKind("number")


class StopsKind(ListKind):
    """The stop orders of a position: numbers by ``numbers=``, times as Timestamps, everything else unchanged."""

    wire = list[dict[str, Any]] | UnsetType | None

    def __init__(self) -> None:
        super().__init__("stop orders", dict, [{"id": 27182, "price": "66500", "type": "mark_price"}])
        self.wire = type(self).wire
        self.arrow = (
            "list<struct<id: int64, price: double, type: string, amount: double, is_all: bool, "
            "created_at: timestamp[ms, tz=UTC]>>"
        )

    def array(self, values: Sequence[Any], numbers: Numbers) -> Any:
        """Return the cells; a position whose list did not come has a missing one, one without orders ()."""
        cells = [tuple(_stop(item, numbers) for item in value) if isinstance(value, list) else None for value in values]
        return blocks.objects(cells)

    def to_wire(self, value: Any) -> Any:
        """Return a cell as the wire carries it."""
        return [_on_wire(stop) for stop in value] if isinstance(value, tuple) else []


def _stop(item: dict[str, Any], numbers: Numbers) -> dict[str, Any]:
    stop = dict(item)
    for name in _NUMBERS:
        if name in stop:
            stop[name] = None if stop[name] in (None, "") else _CONVERSIONS[numbers](str(stop[name]))
    if stop.get("created_at") is not None:
        stop["created_at"] = pd.Timestamp(int(stop["created_at"]), unit="ms", tz="UTC")
    return stop


def _on_wire(stop: dict[str, Any]) -> dict[str, Any]:
    item = dict(stop)
    for name in _NUMBERS:
        if name in item:
            item[name] = _NUMBER.to_wire(item[name])
    if isinstance(item.get("created_at"), pd.Timestamp):
        item["created_at"] = unix_ms(item["created_at"])
    return item


Stops = Annotated[list[dict[str, Any]] | UnsetType | None, StopsKind()]


class Position(_AnyPosition, kw_only=True):
    """An open position."""

    stop_loss_list: Annotated[Stops, note("its stop loss orders, a tuple of dicts; stops=True makes rows of them")] = (
        UNSET
    )
    take_profit_list: Annotated[Stops, note("its take profit orders, likewise")] = UNSET


StopKind = Annotated[str | UnsetType | None, ChoiceKind("stop order", "stop_loss", "take_profit")]


class PositionStop(Row, kw_only=True):
    """A stop loss or take profit order of an open position."""

    index: ClassVar = ("position_id", "id")

    position_id: Id
    id: Annotated[Id, note("to be passed as stop_loss_id or take_profit_id")]
    market: Market
    side: Annotated[PositionSide, note("side of the position")]
    kind: StopKind
    type: Annotated[StopPriceType, note("price that triggers")]
    price: Annotated[Price, note("where it triggers")]
    amount: Annotated[Amount, note("missing where the exchange does not tell it")] = UNSET
    is_all: Annotated[Flag, note("whether it closes the whole position")] = UNSET
    created_at: Time
