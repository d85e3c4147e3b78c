"""Premium, basis, funding rates and open interest, in units of 1e-8 where they are rates."""

from __future__ import annotations

import numpy as np

from coinex_pandas.simulator.market.catalogue import MINUTE, Market
from coinex_pandas.simulator.market.clock import Moment
from coinex_pandas.simulator.market.coins import COINS
from coinex_pandas.simulator.market.prices import Prices
from coinex_pandas.simulator.noise import Ints, hashes, path

__all__ = ["STEP", "Funding", "clamp"]

STEP = 10  # minutes between rows of the premium and basis histories
_HOUR = 60
_FROZEN_RATE = -375_000  # what the wire showed after trading had stopped, the first settlement excepted
_FROZEN_LAG = 11 * _HOUR  # how far the frozen next_funding_time lies behind the clock's start, at least
_INTEREST_OCTAVES = ((256, 0.1), (4096, 0.2))


class Funding:
    """Funding rates, and what they are computed from.

    The premium index of an instant is the mean of the ten minutely basis values before it; the theoretical rate
    of a settlement is the mean of the premium rows after the settlement before it. Means are rounded half to even.
    """

    def __init__(self, prices: Prices, start: int) -> None:
        self._prices = prices
        self._start = start

    def premium(self, market: Market, minutes: Ints, moment: Moment) -> Ints:
        """Return the premium index at evenly spaced whole ten-minute marks."""
        if not len(minutes):
            return minutes
        every = np.arange(int(minutes[0]) - STEP, int(minutes[-1]))
        values = self._prices.basis(market, np.minimum(every, moment.newest_minute))
        return _round(values.reshape(-1, STEP).mean(axis=1))

    def basis(self, market: Market, minutes: Ints, moment: Moment) -> Ints:
        """Return the basis rate at minutes."""
        return _round(self._prices.basis(market, np.minimum(minutes, moment.newest_minute)))

    def settlements(self, market: Market, moment: Moment) -> tuple[Ints, Ints]:
        """Return all past settlements, newest first: the minute each belongs to and its time in milliseconds."""
        hours = market.funding_hours * _HOUR
        newest = moment.now // MINUTE // hours * hours
        oldest = -(-market.opens_at // MINUTE // hours) * hours + hours
        minutes = np.arange(newest, oldest - 1, -hours)
        delay = (hashes(market.key + 23, minutes) % np.uint64(30_000)).astype(np.int64) + 5_000
        times = minutes * MINUTE + delay
        is_past = (times <= min(moment.now, market.last_ms)).astype(np.bool_)
        return minutes[is_past], times[is_past]

    def theoretical(self, market: Market, settlements: Ints, moment: Moment) -> Ints:
        """Return the theoretical rate of consecutive settlements, which are minutes, newest first."""
        if not len(settlements):
            return settlements
        hours = market.funding_hours * _HOUR
        marks = np.arange(int(settlements[-1]) - hours + STEP, int(settlements[0]) + 1, STEP)
        rates = _mean(self.premium(market, marks, moment).reshape(-1, hours // STEP))[::-1]
        if moment.freeze is None:
            return rates
        after = settlements - moment.newest_minute
        shown: Ints = np.where(after <= 0, rates, np.where(after <= hours, 0, _FROZEN_RATE))
        return shown

    def upcoming(self, market: Market, moment: Moment) -> tuple[int, int]:
        """Return the minutes of the next settlement and of the one after it."""
        hours = market.funding_hours * _HOUR
        if moment.freeze is not None:
            last = (self._start // MINUTE - _FROZEN_LAG) // hours * hours
            return last - hours, last
        ahead = (moment.now // MINUTE // hours + 1) * hours
        return ahead, ahead + hours

    def current(self, market: Market, moment: Moment) -> tuple[int, int]:
        """Return the rate of the current period so far and the rate predicted for the next one, clamped."""
        hours = market.funding_hours * _HOUR
        newest = moment.newest_minute // STEP * STEP
        begun = moment.newest_minute // hours * hours
        # in a period's first ten minutes the newest row still belongs to the period before
        marks = np.arange(min(begun + STEP, newest), newest + 1, STEP)
        rows = self.premium(market, marks, moment)
        return clamp(market, int(_mean(rows[None, :])[0])), clamp(market, int(rows[-1]))

    def open_interest(self, market: Market, moment: Moment) -> int:
        """Return the size of all open positions in amount units."""
        minute = np.array([moment.newest_minute])
        dollars = 400.0 * market.size * (0.05 + market.activity)
        dollars *= float(np.exp(path(market.key + 29, minute, _INTEREST_OCTAVES)[0]))
        return int(dollars if market.inverse else dollars / COINS[market.base].price * 10**market.amount_places)


def clamp(market: Market, rate: int) -> int:
    """Keep a rate within the market's cap and floor."""
    return max(-market.cap, min(market.cap, rate))


def _round(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Ints:
    return np.rint(values * 1e8).astype(np.int64)


def _mean(rows: Ints) -> Ints:
    # sums of whole numbers are exact and stay below 2^53, so rint sees the true quotient and rounds half to even
    means: Ints = np.rint(rows.sum(axis=1) / rows.shape[1]).astype(np.int64)
    return means
