"""The public endpoints that only futures have: funding, premium, basis, tiers, liquidations."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from coinex_pandas.simulator import parameters
from coinex_pandas.simulator.faults import Hits
from coinex_pandas.simulator.market import quotes, reference
from coinex_pandas.simulator.market.catalogue import DAY, FOREVER, MINUTE, Market
from coinex_pandas.simulator.market.clock import Moment
from coinex_pandas.simulator.market.funding import STEP
from coinex_pandas.simulator.market.liquidations import liquidation_events, liquidation_rows
from coinex_pandas.simulator.market.world import World
from coinex_pandas.simulator.noise import Ints
from coinex_pandas.simulator.parameters import Params
from coinex_pandas.simulator.reply import Refusal, Reply, Row
from coinex_pandas.simulator.text import rate

__all__ = ["FuturesEndpoints"]

_HOUR = DAY // 24
_PREMIUM_SPAN = DAY
_PREMIUM_REACH = 30 * DAY
_INSERTED_RATE = 10_000


class FuturesEndpoints:
    """The public endpoints of futures alone.

    Parameters
    ----------
    world : World
        The simulated markets.
    moment : callable
        Returns the instant to answer for.
    hits : callable
        Returns the faults that hit the request; `insert_rows` puts one more row before a history on each hit.
    """

    def __init__(self, world: World, moment: Callable[[], Moment], hits: Callable[[], Hits]) -> None:
        self._world = world
        self._moment = moment
        self._hits = hits
        self._inserted: dict[tuple[str, str], list[Row]] = {}

    def futures_funding_rates(self, params: Params) -> Reply:
        """Return the current funding rates."""
        moment = self._moment()
        return Reply([quotes.funding_rate(self._world, market, moment) for market in self._listed(params, moment)])

    def futures_funding_rate_history(self, params: Params) -> Reply:
        """Return past settlements, newest first."""
        market, moment, funding = self._market(params), self._moment(), self._world.funding
        start, stop = parameters.times(params)
        minutes, times = funding.settlements(market, moment)
        within = (times >= start) & (times <= stop)
        minutes, times = minutes[within], times[within]

        def rows(part: slice) -> list[Row]:
            rates = funding.theoretical(market, minutes[part], moment)
            return [_settlement(market, at, of) for at, of in zip(times[part].tolist(), rates.tolist(), strict=True)]

        inserted = self._inserted_rows(
            "funding", market, params, lambda: _settlement(market, moment.now, _INSERTED_RATE)
        )
        first = [row for row in inserted if start <= row["funding_time"] <= stop]
        return parameters.paged(params, first, len(times), rows)

    def futures_premium_index_history(self, params: Params) -> Reply:
        """Return the premium index every ten minutes, oldest first, in pages but without a pagination block."""
        market, moment = self._market(params), self._moment()
        stop = parameters.whole(params, "end_time", moment.now)
        start = parameters.whole(params, "start_time", max(0, stop - 8 * _HOUR))
        if stop - start > _PREMIUM_SPAN or start < moment.now - _PREMIUM_REACH:
            raise Refusal
        number, limit = parameters.page(params)
        marks = _marks(market, start, stop, moment)[(number - 1) * limit : number * limit]
        return Reply(_rate_rows(market, marks, "premium_index", self._world.funding.premium(market, marks, moment)))

    def futures_basis_history(self, params: Params) -> Reply:
        """Return the basis rate every ten minutes, oldest first; by default of the last seven days."""
        market, moment = self._market(params), self._moment()
        stop = parameters.whole(params, "end_time", moment.now)
        start = parameters.whole(params, "start_time", max(0, min(stop, moment.now) - 7 * DAY))
        marks = _marks(market, start, stop, moment)
        return Reply(_rate_rows(market, marks, "basis_rate", self._world.funding.basis(market, marks, moment)))

    def futures_position_levels(self, params: Params) -> Reply:
        """Return the position tiers."""
        return Reply([reference.position_level(market) for market in self._listed(params, self._moment())])

    def futures_liquidations(self, params: Params) -> Reply:
        """Return liquidations, newest first."""
        market, moment = self._market(params), self._moment()
        start, stop = parameters.times(params)
        events = liquidation_events(market, start, stop, moment)

        def rows(part: slice) -> list[Row]:
            return liquidation_rows(market, events.part(part), self._world.prices)

        inserted = self._inserted_rows("liquidations", market, params, lambda: self._new_liquidation(market, moment))
        first = [row for row in inserted if start <= row["created_at"] <= stop]
        return parameters.paged(params, first, len(events), rows)

    def _market(self, params: Params) -> Market:
        return parameters.market(params, self._world.catalogue, "futures")

    def _listed(self, params: Params, moment: Moment) -> list[Market]:
        return parameters.listed_markets(params, self._world.catalogue, "futures", moment.now)

    def _inserted_rows(self, history: str, market: Market, params: Params, new: Callable[[], Row]) -> list[Row]:
        """Return the rows that the fault `insert_rows` has put before a history so far."""
        rows = self._inserted.setdefault((history, market.name), [])
        if "insert_rows" in self._hits() and parameters.page(params)[0] > 1:
            rows.insert(0, new())
        return rows

    def _new_liquidation(self, market: Market, moment: Moment) -> Row:
        """Return a liquidation that happens right now: the newest one again, at another time."""
        newest = liquidation_events(market, 0, FOREVER, moment).part(slice(0, 1))
        return liquidation_rows(market, newest, self._world.prices)[0] | {"created_at": moment.now}


def _settlement(market: Market, funding_time: int, theoretical: int) -> Row:
    actual = max(-market.cap, min(market.cap, theoretical))
    return {
        "market": market.name,
        "funding_time": funding_time,
        "theoretical_funding_rate": rate(theoretical),
        "actual_funding_rate": rate(actual),
    }


def _rate_rows(market: Market, marks: Ints, column: str, rates: Ints) -> list[Row]:
    return [
        {"market": market.name, "created_at": at, column: rate(of)}
        for at, of in zip((marks * MINUTE).tolist(), rates.tolist(), strict=True)
    ]


def _marks(market: Market, start: int, stop: int, moment: Moment) -> Ints:
    """Return the ten-minute marks within start <= time <= stop, as minutes."""
    step = STEP * MINUTE
    first = -(-max(start, market.opens_at) // step)
    last = min(stop, moment.now, market.last_ms) // step
    return np.arange(first, last + 1) * STEP
