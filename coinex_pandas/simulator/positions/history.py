"""Endpoints of the history of futures positions.

Simplified: nobody is ever deleveraged here, so that history is empty.
"""

from __future__ import annotations

from coinex_pandas.simulator import parameters
from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.engine.engine import Trading
from coinex_pandas.simulator.orders.log import between
from coinex_pandas.simulator.orders.ticket import order_market
from coinex_pandas.simulator.parameters import Params, listing
from coinex_pandas.simulator.positions.positions import Positions
from coinex_pandas.simulator.positions.rows import finished_row
from coinex_pandas.simulator.reply import Reply, Row

__all__ = ["PositionHistoryEndpoints"]


class PositionHistoryEndpoints:
    """The endpoints of closed positions and of the changes of all; newest first, start_time and end_time included."""

    def __init__(self, trading: Trading, positions: Positions) -> None:
        self._catalogue = trading.world.catalogue
        self._records = positions.records

    def futures_finished_positions(self, account: Account, params: Params) -> Reply:
        """Return closed positions; times are those at which they were closed."""
        positions = self._records.finished[account.name]
        start, end = between(positions, *parameters.times(params), key=lambda position: position.updated_at)
        market = self._market(params)
        shown = [each for each in reversed(positions[start:end]) if market in ("", each.market.name)]
        return listing(params, shown, finished_row, counted=False)

    def futures_position_margin_history(self, account: Account, params: Params) -> Reply:
        """Return changes of margin that were requested, or came with a change of leverage."""
        return self._rows(params, self._records.margin[account.name])

    def futures_position_funding_history(self, account: Account, params: Params) -> Reply:
        """Return funding fees."""
        return self._rows(params, self._records.funding[account.name])

    def futures_position_adl_history(self, account: Account, params: Params) -> Reply:
        """Return deals of auto deleveraging: none."""
        return self._rows(params, [])

    def futures_position_settle_history(self, account: Account, params: Params) -> Reply:
        """Return settlements."""
        return self._rows(params, self._records.settle[account.name])

    def _rows(self, params: Params, rows: list[Row]) -> Reply:
        start, end = between(rows, *parameters.times(params), key=lambda row: int(row["created_at"]))
        market, position_id = self._market(params), parameters.whole(params, "position_id", 0)
        shown = [
            row
            for row in reversed(rows[start:end])
            if market in ("", row["market"]) and position_id in (0, row["position_id"])
        ]
        return listing(params, shown, dict, counted=False)

    def _market(self, params: Params) -> str:
        """Return the name of the request's market, empty for all."""
        parameters.choice(params, "market_type", ("FUTURES",))
        return order_market(params, self._catalogue, "futures").name if params.get("market") else ""
