"""Answers that only futures have: funding, premium, basis, tiers, liquidations."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from coinex_pandas.sandbox import liquidations, parameters, quotes, reference
from coinex_pandas.sandbox.catalogue import DAY, MINUTE, Market
from coinex_pandas.sandbox.funding import STEP
from coinex_pandas.sandbox.moment import Moment
from coinex_pandas.sandbox.noise import Ints
from coinex_pandas.sandbox.paging import Row, paged
from coinex_pandas.sandbox.parameters import Params
from coinex_pandas.sandbox.reply import Refusal, Reply
from coinex_pandas.sandbox.text import rate
from coinex_pandas.sandbox.world import World

__all__ = [
    "Newcomers",
    "basis_history",
    "funding_rate",
    "funding_rate_history",
    "funding_rates",
    "liquidation_history",
    "position_levels",
    "premium_index_history",
]

# Gives the rows that a fault has put before a history: market name and the maker of one more row.
Newcomers = Callable[[str, Callable[[], Row]], list[Row]]

_HOUR = DAY // 24
_FOREVER = 2**62
_PREMIUM_SPAN = DAY
_PREMIUM_REACH = 30 * DAY
_NEWCOMER_RATE = 10_000


def funding_rates(world: World, params: Params, moment: Moment) -> Reply:
    """Return the current funding rates."""
    listed = parameters.listed(params, world.catalogue, "futures", moment.now)
    return Reply([funding_rate(world, market, moment) for market in listed])


def funding_rate_history(world: World, params: Params, moment: Moment, newcomers: Newcomers) -> Reply:
    """Return past settlements, newest first."""
    market = parameters.market(params, world.catalogue, "futures")
    start, stop = _span(params)
    minutes, times = world.funding.settlements(market, moment)
    within = (times >= start) & (times <= stop)
    minutes, times = minutes[within], times[within]

    def rows(part: slice) -> list[Row]:
        rates = world.funding.theoretical(market, minutes[part], moment)
        return [_settlement(market, at, of) for at, of in zip(times[part].tolist(), rates.tolist(), strict=True)]

    extra = newcomers(market.name, lambda: _settlement(market, moment.now, _NEWCOMER_RATE))
    return paged(params, _within(extra, "funding_time", start, stop), len(times), rows)


def premium_index_history(world: World, params: Params, moment: Moment) -> Reply:
    """Return the premium index every ten minutes, oldest first, in pages but without a pagination block."""
    market = parameters.market(params, world.catalogue, "futures")
    stop = parameters.whole(params, "end_time", moment.now)
    start = parameters.whole(params, "start_time", max(0, stop - 8 * _HOUR))
    if stop - start > _PREMIUM_SPAN or start < moment.now - _PREMIUM_REACH:
        raise Refusal
    number, limit = parameters.page(params)
    marks = _marks(market, start, stop, moment)[(number - 1) * limit : number * limit]
    return Reply(_rate_rows(market, marks, "premium_index", world.funding.premium(market, marks, moment)))


def basis_history(world: World, params: Params, moment: Moment) -> Reply:
    """Return the basis rate every ten minutes, oldest first; by default of the last seven days."""
    market = parameters.market(params, world.catalogue, "futures")
    stop = parameters.whole(params, "end_time", moment.now)
    start = parameters.whole(params, "start_time", max(0, min(stop, moment.now) - 7 * DAY))
    marks = _marks(market, start, stop, moment)
    return Reply(_rate_rows(market, marks, "basis_rate", world.funding.basis(market, marks, moment)))


def position_levels(world: World, params: Params, moment: Moment) -> Reply:
    """Return the position tiers."""
    listed = parameters.listed(params, world.catalogue, "futures", moment.now)
    return Reply([reference.position_level(market) for market in listed])


def liquidation_history(world: World, params: Params, moment: Moment, newcomers: Newcomers) -> Reply:
    """Return liquidations, newest first."""
    market = parameters.market(params, world.catalogue, "futures")
    start, stop = _span(params)
    found = liquidations.events(market, start, stop, moment)

    def rows(part: slice) -> list[Row]:
        return liquidations.rows(market, found.part(part), world.prices)

    extra = newcomers(market.name, lambda: _liquidation(world, market, moment))
    return paged(params, _within(extra, "created_at", start, stop), len(found), rows)


def funding_rate(world: World, market: Market, moment: Moment) -> Row:
    """Return the current funding of one market."""
    latest, following = world.funding.current(market, moment)
    latest_time, next_time = world.funding.upcoming(market, moment)
    return {
        "market": market.name,
        "mark_price": quotes.price_text(market, world.prices.mark_at(market, moment.until)),
        "latest_funding_rate": rate(latest),
        "next_funding_rate": rate(following),
        "max_funding_rate": rate(market.cap),
        "min_funding_rate": rate(-market.cap),
        "latest_funding_time": latest_time * MINUTE,
        "next_funding_time": next_time * MINUTE,
    }


def _settlement(market: Market, funding_time: int, theoretical: int) -> Row:
    actual = max(-market.cap, min(market.cap, theoretical))
    return {
        "market": market.name,
        "funding_time": funding_time,
        "theoretical_funding_rate": rate(theoretical),
        "actual_funding_rate": rate(actual),
    }


def _liquidation(world: World, market: Market, moment: Moment) -> Row:
    """Return a liquidation that happens right now: the newest one again, at another time."""
    newest = liquidations.events(market, 0, _FOREVER, moment).part(slice(0, 1))
    return liquidations.rows(market, newest, world.prices)[0] | {"created_at": moment.now}


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


def _span(params: Params) -> tuple[int, int]:
    return parameters.whole(params, "start_time", 0), parameters.whole(params, "end_time", _FOREVER)


def _within(rows: list[Row], column: str, start: int, stop: int) -> list[Row]:
    return [row for row in rows if start <= row[column] <= stop]
