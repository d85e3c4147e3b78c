"""What goes on with positions while time passes."""

from __future__ import annotations

from coinex_pandas.sandbox.catalogue import MINUTE
from coinex_pandas.sandbox.funding_payments import FundingPayments
from coinex_pandas.sandbox.liquidation import Liquidation
from coinex_pandas.sandbox.position_stops import PositionStops
from coinex_pandas.sandbox.positions import Positions

__all__ = ["PositionProcess"]


class PositionProcess:
    """Funding, stop loss and take profit, liquidation and delisting, in this order, at the end of each stretch of time.

    While positions are open stretches end with each minute and each settlement. Mark prices run straight from minute
    to minute, so a price that is reached within a stretch is acted on at its end.
    """

    def __init__(
        self, positions: Positions, payments: FundingPayments, stops: PositionStops, liquidation: Liquidation
    ) -> None:
        self._positions = positions
        self._payments = payments
        self._stops = stops
        self._liquidation = liquidation

    def next_due(self, at: int) -> int | None:
        """Return the end of the minute, or the next settlement when it is earlier; None without positions."""
        settlement = self._payments.next_due(at)
        return None if settlement is None else min(settlement, (at // MINUTE + 1) * MINUTE)

    def step(self, start: int, end: int) -> None:
        """Let everything happen that lies in (start, end]."""
        if self._positions.any():
            self._payments.settle(start, end)
            self._stops.trigger(start, end)
            self._liquidation.look(end)
            self._liquidation.close_delisted(end)
