"""Positions as rows on the wire, over HTTP and in pushes, and the event of a change."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from coinex_pandas.simulator.engine.engine import Event, Trading
from coinex_pandas.simulator.positions.contract import money, tier
from coinex_pandas.simulator.positions.position import Position, PositionStop, StopKind
from coinex_pandas.simulator.positions.positions import Positions
from coinex_pandas.simulator.reply import Row
from coinex_pandas.simulator.text import plain

__all__ = ["finished_row", "funding_row", "margin_row", "position_push", "position_row", "publish"]

EventName = Literal["update", "close", "sys_close", "adl", "liq"]

ZERO = Decimal(0)
_ADL_STEPS = (
    Decimal(0),
    Decimal("0.25"),
    Decimal("0.5"),
    Decimal(1),
)  # profit / margin from which the next rank begins


def position_row(positions: Positions, position: Position, at: int) -> Row:
    """Return an open position as HTTP shows it."""
    head = {"position_id": position.position_id, "market": position.market.name, "market_type": "FUTURES"}
    return (
        head
        | _figures(positions, position, at)
        | _settled(position, "settle_value")
        | _times(position)
        | _lists(position)
    )


def finished_row(position: Position) -> Row:
    """Return a closed position as HTTP shows it: without size, margin and limits, which ended with its last part."""
    return (
        {"position_id": position.position_id, "market": position.market.name, "market_type": "FUTURES"}
        | {"side": position.side, "finished_type": position.finished_type, "margin_mode": position.mode}
        | {"open_interest": "0", "close_avbl": "0", "ath_position_amount": plain(position.largest_size)}
        | {"unrealized_pnl": "0", "realized_pnl": plain(position.realized)}
        | _values(position)
        | _first_stops(position)
        | {"leverage": str(position.leverage), "margin_avbl": "0", "ath_margin_size": plain(position.largest_margin)}
        | {"position_margin_rate": "0", **_maintenance(position), "liq_price": "0", "bkr_price": "0", "adl_level": 1}
        | _settled(position, "settle_value")
        | _times(position)
    )


def position_push(positions: Positions, position: Position, at: int) -> Row:
    """Return the object ``position`` of a push; it lacks the market type and the lists of stop orders."""
    row = finished_row(position) if position.finished_type else _figures(positions, position, at)
    for name in ("market_type", "finished_type", "settle_value"):
        row.pop(name, None)
    prices = {"first_filled_price": position.first_price, "latest_filled_price": position.latest_price}
    return (
        {"position_id": position.position_id, "market": position.market.name}
        | row
        | _settled(position, "settle_val")
        | {name: plain(price) for name, price in prices.items()}
        | _times(position)
    )


def publish(trading: Trading, positions: Positions, position: Position, event: EventName, at: int) -> None:
    """Publish to an account's sockets what has happened to a position."""
    data = {"event": event, "position": position_push(positions, position, at)}
    trading.publish(Event(position.account, "futures", "position", position.market.name, data, at))


def margin_row(positions: Positions, position: Position, change: Decimal, at: int) -> Row:
    """Return a row of the histories of margin changes and of settlements."""
    return {
        "market": position.market.name,
        "market_type": "FUTURES",
        "position_id": position.position_id,
        "margin_mode": position.mode,
        "leverage": str(position.leverage),
        "liq_price": plain(positions.limit_price(position, at)),
        "bkr_price": plain(positions.limit_price(position, at, bankrupt=True)),
        "settle_price": plain(position.settle_price),
        "open_interest": plain(position.size),
        "margin_avbl": plain(positions.margin(position)),
        "margin_change": plain(change),
        "created_at": at,
    }


def funding_row(position: Position, price: Decimal, rate: Decimal, fee: Decimal, at: int) -> Row:
    """Return a row of the funding history; the fee is positive when the position paid it, as in the documentation."""
    return {
        "market": position.market.name,
        "market_type": "FUTURES",
        "ccy": position.ccy,
        "position_id": position.position_id,
        "side": position.side,
        "margin_mode": position.mode,
        "open_interest": plain(position.size),
        "settle_price": plain(price),
        "funding_rate": plain(rate),
        "funding_value": plain(fee),
        "created_at": at,
    }


def _figures(positions: Positions, position: Position, at: int) -> Row:
    margin, unrealized = positions.margin(position), positions.unrealized(position, at)
    rate = money(margin / position.settled_value) if position.settled_value else ZERO
    return (
        {"side": position.side, "margin_mode": position.mode, "open_interest": plain(position.size)}
        | {"close_avbl": plain(max(ZERO, positions.closable(position)))}
        | {"ath_position_amount": plain(position.largest_size), "unrealized_pnl": plain(unrealized)}
        | {"realized_pnl": plain(position.realized)}
        | _values(position)
        | _first_stops(position)
        | {"leverage": str(position.leverage), "margin_avbl": plain(margin)}
        | {"ath_margin_size": plain(position.largest_margin), "position_margin_rate": plain(rate)}
        | _maintenance(position)
        | {"liq_price": plain(positions.limit_price(position, at))}
        | {"bkr_price": plain(positions.limit_price(position, at, bankrupt=True))}
        | {"adl_level": _adl_level(unrealized, margin)}
    )


def _values(position: Position) -> Row:
    return {
        "avg_entry_price": plain(position.entry_price),
        "cml_position_value": plain(position.traded_value),
        "max_position_value": plain(position.largest_value),
    }


def _maintenance(position: Position) -> Row:
    rate = tier(position.market, position.size).maintenance_rate
    value = money(position.settled_value * rate)
    return {"maintenance_margin_rate": plain(rate), "maintenance_margin_value": plain(value)}


def _settled(position: Position, name: str) -> Row:
    return {"settle_price": plain(position.settle_price), name: plain(position.settled_value)}


def _times(position: Position) -> Row:
    return {"created_at": position.created_at, "updated_at": position.updated_at}


def _first_stops(position: Position) -> Row:
    """Return price and type of the first order of each kind, "0" and an empty text where there is none."""
    profit, loss = (next(iter(position.stops(kind)), None) for kind in ("take_profit", "stop_loss"))
    return {
        "take_profit_price": plain(profit.price) if profit else "0",
        "stop_loss_price": plain(loss.price) if loss else "0",
        "take_profit_type": profit.price_type if profit else "",
        "stop_loss_type": loss.price_type if loss else "",
    }


def _lists(position: Position) -> Row:
    kinds: tuple[StopKind, ...] = ("stop_loss", "take_profit")
    return {f"{kind}_list": [_stop(position, each) for each in position.stops(kind)] for kind in kinds}


def _stop(position: Position, stop: PositionStop) -> Row:
    return {
        "id": stop.stop_id,
        "price": plain(stop.price),
        "type": stop.price_type,
        "amount": plain(position.size if stop.amount is None else stop.amount),
        "is_all": stop.amount is None,
        "created_at": stop.created_at,
    }


def _adl_level(unrealized: Decimal, margin: Decimal) -> int:
    """Return the rank from 1 to 5: the more profit for its margin, the higher."""
    ratio = unrealized / margin if margin else ZERO
    return 1 + sum(ratio > step for step in _ADL_STEPS)
