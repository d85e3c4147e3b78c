"""Tables of the private channels: the rows that HTTP has, each as it was after an event.

They have the columns of their counterparts, which also read the sockets' spellings, and ``event`` behind them. The
exchange's own events stand in it unchanged. Two are this package's, for rows of a request over HTTP: ``snapshot`` is
the state at the time of the request, ``finish`` (of orders also the exchange's own) an end that the request revealed:
the row says what exactly happened where the exchange does.

Field names and meanings: https://docs.coinex.com/api/v2/spot/order/ws/user-order and its neighbours.
"""

from typing import Annotated, ClassVar

from msgspec import UNSET, UnsetType

from coinex_pandas.tables.column_types import IdOrNone, MarketOrNone, Price, Rate, TimeOrNone, note
from coinex_pandas.tables.kinds import ChoiceKind
from coinex_pandas.tables.rows.balance import FuturesBalance, SpotBalance
from coinex_pandas.tables.rows.order import FuturesOrder, FuturesStopOrder, SpotOrder, SpotStopOrder
from coinex_pandas.tables.rows.position import Position
from coinex_pandas.tables.rows.venue import Maintenance

__all__ = [
    "BalanceEvent",
    "FuturesBalancePush",
    "FuturesOrderPush",
    "FuturesStopPush",
    "Notice",
    "PositionPush",
    "SpotBalancePush",
    "SpotOrderPush",
    "SpotStopPush",
]

SNAPSHOT, FINISH, UPDATE = "snapshot", "finish", "update"

_Word = str | UnsetType | None
_OURS = "snapshot: asked for over HTTP"
_ENDED = f"{_OURS}; finish: gone when it was asked for"

OrderEvent = Annotated[
    _Word,
    ChoiceKind("order event", "put", UPDATE, "modify", FINISH, SNAPSHOT),
    note(f"finish: filled, cancelled, or gone when it was asked for; {_OURS}"),
]
StopEvent = Annotated[
    _Word,
    ChoiceKind("stop event", "put", "active", "cancel", FINISH, SNAPSHOT),
    note(f"{_ENDED}, be it triggered or cancelled"),
]
PositionEvent = Annotated[
    _Word, ChoiceKind("position event", UPDATE, "close", "sys_close", "adl", "liq", FINISH, SNAPSHOT), note(_ENDED)
]
BalanceEvent = Annotated[_Word, ChoiceKind("balance event", UPDATE, SNAPSHOT), note(_OURS)]


class SpotOrderPush(SpotOrder, kw_only=True):
    """An order on spot or margin after an event."""

    index: ClassVar = ""

    margin_market: Annotated[MarketOrNone, note("missing outside margin")] = UNSET
    event: OrderEvent = UNSET


class FuturesOrderPush(FuturesOrder, kw_only=True):
    """An order on futures after an event."""

    index: ClassVar = ""

    stop_id: Annotated[IdOrNone, note("stop order that it came from; 0 for none, missing where HTTP was asked")] = UNSET
    event: OrderEvent = UNSET


class SpotStopPush(SpotStopOrder, kw_only=True):
    """A stop order on spot or margin after an event."""

    index: ClassVar = ""

    margin_market: Annotated[MarketOrNone, note("missing outside margin")] = UNSET
    taker_fee_rate: Annotated[Rate, note("missing where HTTP was asked")] = UNSET
    maker_fee_rate: Annotated[Rate, note("missing where HTTP was asked")] = UNSET
    event: StopEvent = UNSET


class FuturesStopPush(FuturesStopOrder, kw_only=True):
    """A stop order on futures after an event."""

    index: ClassVar = ""

    taker_fee_rate: Annotated[Rate, note("missing where HTTP was asked")] = UNSET
    maker_fee_rate: Annotated[Rate, note("missing where HTTP was asked")] = UNSET
    event: StopEvent = UNSET


class SpotBalancePush(SpotBalance, kw_only=True):
    """A balance of the spot account, or of a margin account, after a change."""

    index: ClassVar = ""

    margin_market: Annotated[MarketOrNone, note("the margin account; missing for the spot account")] = UNSET
    updated_at: Annotated[TimeOrNone, note("NaT where HTTP was asked")] = UNSET
    event: BalanceEvent = UNSET


class FuturesBalancePush(FuturesBalance, kw_only=True):
    """A balance of the futures account after a change."""

    index: ClassVar = ""

    event: BalanceEvent = UNSET


class PositionPush(Position, kw_only=True):
    """A position after an event."""

    index: ClassVar = ""

    first_filled_price: Annotated[Price, note("missing where HTTP was asked")] = UNSET
    latest_filled_price: Annotated[Price, note("missing where HTTP was asked")] = UNSET
    event: PositionEvent = UNSET


class Notice(Maintenance, kw_only=True):
    """A planned maintenance, as it was announced."""

    also: ClassVar = {"start_time": "started_at", "end_time": "ended_at"}

    event: BalanceEvent = UNSET
