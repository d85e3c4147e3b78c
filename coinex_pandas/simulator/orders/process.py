"""What time does to orders: deals of the tape hit them and trigger stop orders, the simulated book crosses them."""

from __future__ import annotations

from typing import NamedTuple

from coinex_pandas.simulator.market.catalogue import MINUTE, Market
from coinex_pandas.simulator.orders.liquidity import Print
from coinex_pandas.simulator.orders.matching import Matching
from coinex_pandas.simulator.orders.stops import Stops

__all__ = ["Flow"]


class _Happening(NamedTuple):
    market: Market
    deal: Print


class Flow:
    """The process that moves orders and stop orders on; it wants to see every minute while there are any.

    Within a stretch of time deals come in the order of their times, across all markets. Books, mark and index
    prices are looked at where it ends.
    """

    def __init__(self, matching: Matching, stops: Stops) -> None:
        self._matching = matching
        self._stops = stops

    def next_due(self, at: int) -> int | None:
        """Return the next whole minute while orders rest or wait."""
        return (at // MINUTE + 1) * MINUTE if self._markets() else None

    def step(self, start: int, end: int) -> None:
        """Let everything happen to orders that lies in (start, end]; nothing does once trading has ended."""
        if self._matching.trading.freeze() is not None:
            return
        for happening in self._happenings(start, end):
            self._matching.hit(happening.market, happening.deal)
            self._stops.dealt(happening.market, happening.deal.price, happening.deal.at)
        for market in self._markets():
            if market.listed(end):
                self._matching.cross(market, end)
                self._stops.look(market, end)
            else:
                self._delist(market, market.delisted_at)

    def _happenings(self, start: int, end: int) -> list[_Happening]:
        found = [
            _Happening(market, deal)
            for market in self._markets()
            for deal in self._matching.street.deals(market, start, end)
        ]
        return sorted(found, key=lambda happening: (happening.deal.at, happening.market.number))

    def _markets(self) -> list[Market]:
        """Return where orders rest or stop orders wait; each market once, in the catalogue's order."""
        found = {*self._matching.markets(), *self._stops.markets()}
        return sorted(found, key=lambda market: (market.area, market.number))

    def _delist(self, market: Market, at: int) -> None:
        self._stops.cancel_all(market, at)
        for order in self._matching.resting(market):
            self._matching.cancel(order, at)
