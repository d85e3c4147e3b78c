"""The tape: every deal of every market, computed from market and minute alone, and the minute candles of the deals."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from coinex_pandas.simulator.market.candles import Bars, join
from coinex_pandas.simulator.market.catalogue import FOREVER, MINUTE, Market
from coinex_pandas.simulator.market.prices import Prices
from coinex_pandas.simulator.noise import Hashes, Ints, bell, hashes, key, path, uniform

__all__ = ["HOUR", "VALUE_PLACES", "Deals", "Tape", "deal_value"]

VALUE_PLACES = 8
HOUR = 60
"""Minutes of deals that are computed together and cached, which takes no longer than one minute of them."""
_SLOTS = 16  # deal ids of a minute
_BLOCK = 240  # every market deals at least once in each four hours
_QUIET_HOURS = 2 * _BLOCK // HOUR + 1  # the last deal is never further away than two blocks
_HOURS_KEPT = 256
_CHUNK = 2880  # minutes computed at once, so that memory stays flat
_BUSY_OCTAVES = ((64, 0.35), (1024, 0.4), (16384, 0.4))
_LARGEST = 200_000.0  # US dollars; keeps price * amount below 2^63


@dataclass(frozen=True, slots=True)
class Deals:
    """Deals in columns, oldest first. Prices and amounts are whole units; `buy` is the taker's side."""

    deal_id: Ints
    created_at: Ints
    buy: npt.NDArray[np.bool_]
    price: Ints
    amount: Ints

    def __len__(self) -> int:
        return len(self.deal_id)

    def part(self, start: int, stop: int) -> Deals:
        """Return the deals from one position up to another."""
        cut = slice(start, stop)
        return Deals(self.deal_id[cut], self.created_at[cut], self.buy[cut], self.price[cut], self.amount[cut])


class Tape:
    """The deals of an exchange.

    Every method takes `until`: the last millisecond that has passed. The tape itself
    respects a market's opening and delisting.

    Attributes
    ----------
    hour : callable
        Returns the deals of a market in an hour, counted since 1970, also those that have not happened yet; cached.
    """

    def __init__(self, prices: Prices) -> None:
        self._prices = prices
        self.hour = lru_cache(maxsize=_HOURS_KEPT)(self._hour)

    def deals(self, market: Market, start: int, stop: int, until: int) -> Deals:
        """Return the deals of the minutes start <= minute < stop, oldest first."""
        start = max(start, market.opens_at // MINUTE)
        stop = max(start, min(stop, _next_minute(market, until)))
        counts = self._counts(market, np.arange(start, stop))
        row = np.repeat(np.arange(stop - start), counts)
        slot = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
        number = (start + row) * _SLOTS + slot
        hashed = hashes(market.key, number)
        created_at = _times(start + row, slot, counts[row], hashed)
        price = self._deal_prices(market, np.arange(start, stop + 1), row, created_at, hashed)
        deals = Deals(_first_id(market) + number, created_at, _buys(hashed), price, _amounts(market, hashed, price))
        return deals.part(0, int(np.searchsorted(created_at, min(until, market.last_ms), side="right")))

    def newest(self, market: Market, limit: int, last_id: int, until: int) -> Deals:
        """Return the newest `limit` deals with an id up to `last_id` (0 = all), oldest first."""
        stop = _next_minute(market, until)
        if last_id:
            stop = min(stop, max(0, last_id - _first_id(market)) // _SLOTS + 1)
        opens = market.opens_at // MINUTE
        span = min(_CHUNK, int(limit / max(market.activity, 1 / _BLOCK) * 1.2) + 2)
        parts: list[Deals] = []
        while stop > opens and sum(map(len, parts)) < limit:
            deals = self.deals(market, max(opens, stop - span), stop, until)
            if last_id:
                deals = deals.part(0, int(np.searchsorted(deals.deal_id, last_id, side="right")))
            parts.append(deals)
            stop = max(opens, stop - span)
        return _newest(parts, limit)

    def minutes(self, market: Market, start: int, stop: int, until: int) -> Bars:
        """Return one candle for each minute start <= minute < stop; a minute without deals is flat."""
        start = max(start, market.opens_at // MINUTE)
        parts: list[Bars] = []
        while start < stop:
            end = min(stop, start + _CHUNK)
            deals = self.deals(market, start, end, until)
            if parts:
                before = int(parts[-1].close[-1])
            elif len(deals) and deals.created_at[0] // MINUTE == start:
                before = 0  # not needed: the first minute has deals
            else:
                before = self.last_price(market, min(until, start * MINUTE - 1))
            parts.append(bars(market, deals, start, end, before))
            start = end
        return join(parts)

    def last_price(self, market: Market, until: int) -> int:
        """Return the price of the newest deal, in units; the reference price when there was none yet."""
        latest = min(until, market.last_ms)
        newest = latest // MINUTE // HOUR
        for hour in range(newest, newest - _QUIET_HOURS, -1):
            deals = self.hour(market, hour)
            past_deals = int(deals.created_at.searchsorted(latest, side="right"))
            if past_deals:
                return int(deals.price[past_deals - 1])
        return self.reference_price(market)

    def reference_price(self, market: Market) -> int:
        """Return the price, in units, at which the market opens."""
        return to_units(market, self._prices.traded_at(market, market.opens_at))

    def _hour(self, market: Market, hour: int) -> Deals:
        return self.deals(market, hour * HOUR, (hour + 1) * HOUR, FOREVER)

    def _counts(self, market: Market, minutes: Ints) -> Ints:
        if not len(minutes):
            return np.empty(0, np.int64)
        random = uniform(hashes(market.key + 7, minutes))
        factor = np.exp(path(market.key + 11, minutes, _BUSY_OCTAVES))
        # the mean of the last factor is one: many quieter minutes, few busy ones
        mean = market.activity * factor * (0.25 + 2.25 * random * random)
        counts = np.minimum((mean + uniform(hashes(market.key + 13, minutes))).astype(np.int64), _SLOTS)
        forced = hashes(market.key + 17, minutes // _BLOCK) % np.uint64(_BLOCK) == (minutes % _BLOCK).astype(np.uint64)
        at_least: Ints = np.maximum(counts, forced)
        return at_least

    def _deal_prices(self, market: Market, minutes: Ints, row: Ints, created_at: Ints, hashed: Hashes) -> Ints:
        curve = self._prices.traded(market, minutes)
        price = curve[row] + np.diff(curve)[row] * ((created_at - minutes[row] * MINUTE) * (1.0 / MINUTE))
        away = ((hashed >> np.uint64(16)) & np.uint64(0xFFFF)).astype(np.float64) * 2.0**-16 - 0.3
        price *= 1.0 + np.where(_buys(hashed), market.spread, -market.spread) * away
        ticks = np.rint(price * (10.0**market.price_places / market.tick)).astype(np.int64)
        units: Ints = np.maximum(ticks, 1) * market.tick
        return units


def to_units(market: Market, price: float) -> int:
    """Round a price to the market's tick and return it in units."""
    ticks: int = max(1, round(price * 10**market.price_places / market.tick))
    return ticks * market.tick


def bars(market: Market, deals: Deals, start: int, stop: int, before: int) -> Bars:
    """Sum deals up into one candle a minute; `before` is the price of the deal before the range."""
    at = deals.created_at // MINUTE - start
    heads = np.flatnonzero(np.diff(at, prepend=-1))
    tails = np.append(heads[1:], len(at)) - 1
    rows = at[heads] if len(at) else heads
    filled = np.zeros(stop - start, np.int64)
    filled[rows] = 1
    close = np.concatenate(([before], deals.price[tails] if len(at) else at))[np.cumsum(filled)]
    none = np.zeros(stop - start, np.int64)
    flat = Bars(
        np.arange(start, stop),
        close.copy(),
        close,
        close.copy(),
        close.copy(),
        none,
        none.copy(),
        none.copy(),
    )
    if len(at):
        _fill(market, flat, deals, rows, heads)
    return flat


def deal_value(market: Market, price: Ints, amount: Ints) -> Ints:
    """Return price * amount in units of 1e-8, rounded down; an inverse market's value is amount / price coins.

    The unit of an inverse market's value is not documented; it is taken from the amount being in dollars.
    """
    if market.inverse:
        coins: Ints = amount * 10 ** (VALUE_PLACES + market.price_places) // price
        return coins
    places = market.price_places + market.amount_places - VALUE_PLACES
    value: Ints = price * amount // 10**places if places >= 0 else price * amount * 10**-places
    return value


def _fill(market: Market, into: Bars, deals: Deals, rows: Ints, heads: Ints) -> None:
    into.open[rows] = deals.price[heads]
    into.high[rows] = np.maximum.reduceat(deals.price, heads)
    into.low[rows] = np.minimum.reduceat(deals.price, heads)
    into.volume[rows] = np.add.reduceat(deals.amount, heads)
    into.value[rows] = np.add.reduceat(deal_value(market, deals.price, deals.amount), heads)
    into.bought[rows] = np.add.reduceat(np.where(deals.buy, deals.amount, 0), heads)


def _buys(hashed: Hashes) -> npt.NDArray[np.bool_]:
    side: npt.NDArray[np.bool_] = (hashed & np.uint64(8)) != 0
    return side


def _times(minute: Ints, slot: Ints, count: Ints, hashed: Hashes) -> Ints:
    part = (hashed >> np.uint64(48)).astype(np.float64) * 2.0**-16
    created_at = minute * MINUTE + ((slot + part) * (MINUTE / count)).astype(np.int64)
    # one in eight deals is part of the order before it and shares its millisecond
    created_at[((hashed & np.uint64(7)) == 0) & (slot > 0)] = 0
    return np.maximum.accumulate(created_at)


def _amounts(market: Market, hashed: Hashes, price: Ints) -> Ints:
    value = np.minimum(market.size * np.exp(1.3 * bell(hashes(market.key + 19, hashed)) - 0.8), _LARGEST)
    if market.inverse:
        return np.maximum(1, value.astype(np.int64))
    if market.quote == "BTC":
        value = value / 60_000.0
    units = value * 10.0 ** (market.amount_places + market.price_places) / price
    return np.maximum(1, units.astype(np.int64))


def _next_minute(market: Market, until: int) -> int:
    return min(until, market.last_ms) // MINUTE + 1


def _first_id(market: Market) -> int:
    return 100_000_000_000 + market.number * 10_000_000_000 + key(market.key, "ids") % 1_000_000_000


def _newest(parts: list[Deals], limit: int) -> Deals:
    parts.reverse()
    none = np.empty(0, np.int64)
    whole = Deals(
        np.concatenate([none, *(part.deal_id for part in parts)]),
        np.concatenate([none, *(part.created_at for part in parts)]),
        np.concatenate([none.astype(np.bool_), *(part.buy for part in parts)]),
        np.concatenate([none, *(part.price for part in parts)]),
        np.concatenate([none, *(part.amount for part in parts)]),
    )
    return whole.part(max(0, len(whole) - limit), len(whole))
