"""Endpoints of open futures positions: list, close, margin, leverage, stop loss and take profit.

Where the exchange's refusals are not documented, the sandbox answers 3600 (no such position or order), 3639 (an
impossible parameter) and 3109 (not enough balance, margin or position).
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import get_args

from coinex_pandas.simulator import parameters
from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.engine.engine import Trading
from coinex_pandas.simulator.engine.valuation import PRICE_TYPES
from coinex_pandas.simulator.market.catalogue import Market
from coinex_pandas.simulator.orders import rows as order_rows
from coinex_pandas.simulator.orders.matching import Matching
from coinex_pandas.simulator.orders.ticket import (
    check_distance,
    check_market,
    check_price,
    check_ticket,
    order_market,
    read_ticket,
)
from coinex_pandas.simulator.parameters import Params, listing
from coinex_pandas.simulator.positions.contract import leverages
from coinex_pandas.simulator.positions.leverage import PositionMargins
from coinex_pandas.simulator.positions.position import CLOSE_ALL, Mode, Position, StopKind, closing_order
from coinex_pandas.simulator.positions.positions import Positions
from coinex_pandas.simulator.positions.rows import position_row
from coinex_pandas.simulator.positions.stops import PositionStops
from coinex_pandas.simulator.reply import Refusal, Reply, Row

__all__ = ["PositionEndpoints"]

_SIGNED = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,20})?", re.ASCII)


class PositionEndpoints:
    """The endpoints that show and change futures positions."""

    def __init__(
        self,
        trading: Trading,
        matching: Matching,
        positions: Positions,
        margins: PositionMargins,
        stops: PositionStops,
    ) -> None:
        self._trading = trading
        self._matching = matching
        self._positions = positions
        self._margins = margins
        self._stops = stops

    def futures_positions(self, account: Account, params: Params) -> Reply:
        """Return the open positions, newest first."""
        positions = self._positions.of(account)
        if params.get("market"):
            market = self._market(params)
            positions = [position for position in positions if position.market == market]
        _check_type(params)
        return listing(params, positions, self._row, counted=False)

    def futures_close_position(self, account: Account, params: Params) -> Reply:
        """Close a position, or an amount of it.

        Without an amount an order at market closes all of it, and other closing orders are cancelled; an order at a
        price closes what no other order is going to close.
        """
        position = self._position(account, params)
        at, is_whole = self._trading.at, not params.get("amount")
        at_market = parameters.text(params, "type") == "market"
        size = position.size if at_market else self._positions.closable(position)
        if is_whole and size <= 0:
            raise Refusal(3109, "Other orders are about to close all of the position")
        amount = f"{size:f}" if is_whole else params["amount"]
        ticket = read_ticket(
            parameters.Body({**params, "side": position.closing_side, "amount": amount}),
            self._trading.world.catalogue,
            "futures",
        )
        check_market(ticket.market, "FUTURES", self._trading.moment())
        last = self._positions.prices.latest(ticket.market, at)
        if not is_whole:
            check_ticket(ticket, last)  # what is left of a position may be below the smallest amount
        elif not at_market:
            check_price("price", ticket.price, ticket.market)
        check_distance(ticket, last, 3606, "latest")
        origin = CLOSE_ALL if is_whole and at_market else "close"
        order = closing_order(self._trading, position, ticket, at=at, origin=origin)
        self._matching.place(order, at)
        return Reply(order_rows.order_row(order))

    def futures_adjust_position_margin(self, account: Account, params: Params) -> Reply:
        """Add an amount to a position's margin, or take it away when it is negative."""
        position = self._position(account, params)
        text = parameters.text(params, "amount")
        if not _SIGNED.fullmatch(text) or not Decimal(text):
            raise Refusal(message="invalid argument: amount")
        self._margins.adjust(position, Decimal(text))
        return Reply(self._row(position))

    def futures_adjust_position_leverage(self, account: Account, params: Params) -> Reply:
        """Set margin mode and leverage of a market."""
        market = self._market(params)
        _check_type(params)
        mode: Mode = "cross" if parameters.choice(params, "margin_mode", get_args(Mode)) == "cross" else "isolated"
        leverage = parameters.whole(params, "leverage", least=1)
        if leverage not in leverages(market):
            raise Refusal(3639, f"Invalid Parameter: leverage is one of {leverages(market)}")
        self._margins.set(account, market, mode, leverage)
        return Reply({"margin_mode": mode, "leverage": leverage})

    # ---- stop loss and take profit

    def futures_set_position_stop_loss(self, account: Account, params: Params) -> Reply:
        """Set a stop loss."""
        return self._set(account, params, "stop_loss")

    def futures_modify_position_stop_loss(self, account: Account, params: Params) -> Reply:
        """Change a stop loss."""
        return self._modify(account, params, "stop_loss")

    def futures_cancel_position_stop_loss(self, account: Account, params: Params) -> Reply:
        """Cancel a stop loss, or all of a position."""
        return self._cancel(account, params, "stop_loss")

    def futures_set_position_take_profit(self, account: Account, params: Params) -> Reply:
        """Set a take profit."""
        return self._set(account, params, "take_profit")

    def futures_modify_position_take_profit(self, account: Account, params: Params) -> Reply:
        """Change a take profit."""
        return self._modify(account, params, "take_profit")

    def futures_cancel_position_take_profit(self, account: Account, params: Params) -> Reply:
        """Cancel a take profit, or all of a position."""
        return self._cancel(account, params, "take_profit")

    def _set(self, account: Account, params: Params, kind: StopKind) -> Reply:
        position = self._position(account, params)
        price_type = parameters.choice(params, f"{kind}_type", PRICE_TYPES)
        price, amount = (
            parameters.decimal(params, f"{kind}_price"),
            parameters.decimal(params, f"{kind}_amount", Decimal(0)),
        )
        self._stops.set(position, kind, price, price_type, amount or None)
        return Reply(self._row(position))

    def _modify(self, account: Account, params: Params, kind: StopKind) -> Reply:
        position = self._position(account, params)
        if not any(params.get(f"{kind}_{part}") for part in ("type", "price", "amount")):
            raise Refusal(message=f"invalid argument: one of {kind}_type, {kind}_price and {kind}_amount is needed")
        stop = self._stops.find(position, kind, parameters.whole(params, f"{kind}_id"))
        price_type = parameters.choice(params, f"{kind}_type", PRICE_TYPES, stop.price_type)
        price = parameters.decimal(params, f"{kind}_price", stop.price)
        amount = parameters.decimal(params, f"{kind}_amount", stop.amount or Decimal(0))
        self._stops.modify(position, stop, price, price_type, amount or None)
        return Reply(self._row(position))

    def _cancel(self, account: Account, params: Params, kind: StopKind) -> Reply:
        position = self._position(account, params)
        stop_id = parameters.whole(params, f"{kind}_id", 0)
        self._stops.cancel(position, kind, self._stops.find(position, kind, stop_id) if stop_id else None)
        return Reply(self._row(position))

    def _market(self, params: Params) -> Market:
        return order_market(params, self._trading.world.catalogue, "futures")

    def _position(self, account: Account, params: Params) -> Position:
        market = self._market(params)
        _check_type(params)
        position = self._positions.find(account, market)
        if position is None:
            raise Refusal(3600, f"Position not found in {market.name}")
        return position

    def _row(self, position: Position) -> Row:
        return position_row(self._positions, position, self._trading.at)


def _check_type(params: Params) -> None:
    parameters.choice(params, "market_type", ("FUTURES",))
