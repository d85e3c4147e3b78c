"""Answers that only futures have: funding, premium, basis, tiers, liquidations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coinex_pandas.simulator.market import parameters, quotes, reference
from coinex_pandas.simulator.market.catalogue import DAY, MINUTE, Market
from coinex_pandas.simulator.market.clock import Moment
from coinex_pandas.simulator.market.funding import STEP
from coinex_pandas.simulator.market.parameters import Query as Params
from coinex_pandas.simulator.market.parameters import Row, market_text, paged, whole_text
from coinex_pandas.simulator.market.prices import Prices
from coinex_pandas.simulator.market.world import World
from coinex_pandas.simulator.noise import Ints, bell, hashes, uniform
from coinex_pandas.simulator.reply import Refusal, Reply
from coinex_pandas.simulator.text import fixed, rate

__all__ = [
    "Events",
    "Newcomers",
    "basis_history",
    "funding_rate",
    "funding_rate_history",
    "funding_rates",
    "liquidation_events",
    "liquidation_history",
    "liquidation_rows",
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
    market = market_text(params, world.catalogue, "futures")
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
    market = market_text(params, world.catalogue, "futures")
    stop = whole_text(params, "end_time", moment.now)
    start = whole_text(params, "start_time", max(0, stop - 8 * _HOUR))
    if stop - start > _PREMIUM_SPAN or start < moment.now - _PREMIUM_REACH:
        raise Refusal
    number, limit = parameters.page(params)
    marks = _marks(market, start, stop, moment)[(number - 1) * limit : number * limit]
    return Reply(_rate_rows(market, marks, "premium_index", world.funding.premium(market, marks, moment)))


def basis_history(world: World, params: Params, moment: Moment) -> Reply:
    """Return the basis rate every ten minutes, oldest first; by default of the last seven days."""
    market = market_text(params, world.catalogue, "futures")
    stop = whole_text(params, "end_time", moment.now)
    start = whole_text(params, "start_time", max(0, min(stop, moment.now) - 7 * DAY))
    marks = _marks(market, start, stop, moment)
    return Reply(_rate_rows(market, marks, "basis_rate", world.funding.basis(market, marks, moment)))


def position_levels(world: World, params: Params, moment: Moment) -> Reply:
    """Return the position tiers."""
    listed = parameters.listed(params, world.catalogue, "futures", moment.now)
    return Reply([reference.position_level(market) for market in listed])


def liquidation_history(world: World, params: Params, moment: Moment, newcomers: Newcomers) -> Reply:
    """Return liquidations, newest first."""
    market = market_text(params, world.catalogue, "futures")
    start, stop = _span(params)
    found = liquidation_events(market, start, stop, moment)

    def rows(part: slice) -> list[Row]:
        return liquidation_rows(market, found.part(part), world.prices)

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
    newest = liquidation_events(market, 0, _FOREVER, moment).part(slice(0, 1))
    return liquidation_rows(market, newest, world.prices)[0] | {"created_at": moment.now}


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
    return whole_text(params, "start_time", 0), whole_text(params, "end_time", _FOREVER)


def _within(rows: list[Row], column: str, start: int, stop: int) -> list[Row]:
    return [row for row in rows if start <= row[column] <= stop]


_CELL = 60 * MINUTE
_MOST = 4  # liquidation_events an hour


@dataclass(frozen=True, slots=True)
class Events:
    """Times of liquidations and the hash that decides the rest of each."""

    created_at: Ints
    fate: npt.NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.created_at)

    def part(self, cut: slice) -> Events:
        """Return some of the liquidation_events."""
        return Events(self.created_at[cut], self.fate[cut])


def liquidation_events(market: Market, start: int, stop: int, moment: Moment) -> Events:
    """Return the liquidations at start <= time <= stop, newest first."""
    last = min(stop, moment.until, market.last_ms)
    first = max(start, market.opens_at)
    cells = np.arange(last // _CELL, first // _CELL - 1, -1)
    hashed = hashes(market.key + 41, cells)
    chance = min(0.6, 0.05 + market.activity / 10)
    counts = np.where(uniform(hashed) < chance, 1 + (hashed & np.uint64(3)).astype(np.int64), 0)
    row = np.repeat(np.arange(len(cells)), counts)
    place = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    # a cluster shares its millisecond; in one cluster of eight the first two liquidation_rows are equal in everything
    twin = ((hashed[row] >> np.uint64(8)) % np.uint64(8) == 0) & (place == 1)
    fate = hashes(market.key + 43, cells[row] * _MOST + np.where(twin, 0, place))
    created_at = cells[row] * _CELL + (hashed[row] >> np.uint64(16)).astype(np.int64) % _CELL
    within = (created_at >= first) & (created_at <= last)
    return Events(created_at[within], fate[within])


def liquidation_rows(market: Market, found: Events, prices: Prices) -> list[dict[str, object]]:
    """Return wire liquidation_rows of liquidations that come newest first."""
    if not len(found):
        return []
    minutes = found.created_at[::-1] // MINUTE
    price = prices.mark(market, minutes)[::-1]
    long = (found.fate & np.uint64(1)) == 1
    slip = 1.0 + np.where(long, -1.0, 1.0) * 0.002 * uniform(found.fate)
    liquidated = _units(market, price * slip)
    bankrupt = _units(market, price * slip * np.where(long, 0.995, 1.005))
    worth = market.size * 4.0 * np.exp(bell(found.fate))
    amount = worth if market.inverse else worth * 10.0**market.amount_places / price
    columns = (
        found.created_at.tolist(),
        long.tolist(),
        liquidated,
        np.maximum(1, amount).astype(np.int64).tolist(),
        bankrupt,
    )
    return [
        {
            "market": market.name,
            "side": "long" if is_long else "short",
            "liq_price": fixed(at, market.price_places),
            "liq_amount": fixed(size, market.amount_places),
            "bkr_price": fixed(ruin, market.price_places),
            "created_at": created_at,
        }
        for created_at, is_long, at, size, ruin in zip(*columns, strict=True)
    ]


def _units(market: Market, price: npt.NDArray[np.float64]) -> list[int]:
    ticks = np.rint(price * (10.0**market.price_places / market.tick)).astype(np.int64)
    units: list[int] = (np.maximum(ticks, 1) * market.tick).tolist()
    return units
