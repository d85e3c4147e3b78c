"""The process of orders: deals of the tape fill them and trigger stop orders, the simulated book crosses them."""

from __future__ import annotations

from coinex_pandas.simulator.market.catalogue import MINUTE, Market
from coinex_pandas.simulator.orders.liquidity import TapeDeal
from coinex_pandas.simulator.orders.matching import Matching
from coinex_pandas.simulator.orders.stops import Stops

__all__ = ["OrderProcess"]


class OrderProcess:
    """The process that fills orders and triggers stop orders, every minute while there are any.

    Within a stretch of time deals are taken in the order of their times, across all markets. Books, mark and index
    prices are read where it ends.
    """

    def __init__(self, matching: Matching, stops: Stops) -> None:
        self._matching = matching
        self._stops = stops

    def next_due(self, at: int) -> int | None:
        """Return the next whole minute while orders rest or wait."""
        return (at // MINUTE + 1) * MINUTE if self._markets() else None

    def step(self, start: int, end: int) -> None:
        """Do everything that happens to orders in (start, end]; nothing does once trading has ended."""
        if self._matching.trading.freeze() is not None:
            return
        for market, deal in self._deals(start, end):
            self._matching.hit(market, deal)
            self._stops.check_last_price(market, deal.price, deal.at)
        for market in self._markets():
            if market.listed(end):
                self._matching.cross(market, end)
                self._stops.check_prices(market, end)
            else:
                self._delist(market, market.delisted_at)

    def _deals(self, start: int, end: int) -> list[tuple[Market, TapeDeal]]:
        deals = [
            (market, deal) for market in self._markets() for deal in self._matching.liquidity.deals(market, start, end)
        ]
        return sorted(deals, key=lambda each: (each[1].at, each[0].number))

    def _markets(self) -> list[Market]:
        """Return the markets where orders rest or stop orders wait; each once, in the catalogue's order."""
        markets = {*self._matching.markets(), *self._stops.markets()}
        return sorted(markets, key=lambda market: (market.area, market.number))

    def _delist(self, market: Market, at: int) -> None:
        self._stops.cancel_all(market, at)
        for order in self._matching.resting(market):
            self._matching.cancel(order, at)
