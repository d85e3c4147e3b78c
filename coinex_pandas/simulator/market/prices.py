"""Prices as functions of time: index, mark and traded price of every market, and the basis between them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from coinex_pandas.simulator.market.catalogue import MINUTE, Market
from coinex_pandas.simulator.market.coins import COINS
from coinex_pandas.simulator.noise import PRICE_OCTAVES, Floats, Ints, key, path

__all__ = ["Prices"]

_STABLE = frozenset({"USDT", "USDC", "USD"})
_BASIS_OCTAVES = ((16, 0.25), (64, 0.45), (256, 0.6), (1024, 0.6))  # heights make a deviation near 1
_STRETCH = 64  # minutes
_MARK_SHARE = 0.8  # the mark price follows the traded price, damped


class Prices:
    """The price curves of an exchange.

    All coins follow one common curve in part, so that they rise and fall together. A market's index is the quotient of
    two coins; its traded price is the index times one plus the basis.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._common = key(seed, "tide")
        # prices at single instants (tickers, books, index) come from cached stretches: forty times cheaper
        self._stretch = lru_cache(maxsize=512)(self._compute_stretch)

    def index(self, market: Market, minutes: Ints) -> Floats:
        """Return the index price at whole minutes."""
        log_price = self._log_usd(market.base, minutes)
        if market.quote not in _STABLE:
            log_price = log_price - self._log_usd(market.quote, minutes)
        return np.exp(log_price)

    def basis(self, market: Market, minutes: Ints) -> Floats:
        """Return traded price / index price - 1 at whole minutes; it swings around the market's own mean."""
        return market.basis_mean + market.basis_width * path(market.key + 101, minutes, _BASIS_OCTAVES)

    def traded(self, market: Market, minutes: Ints) -> Floats:
        """Return the price around which deals happen, at whole minutes."""
        return self.index(market, minutes) * (1.0 + self.basis(market, minutes))

    def mark(self, market: Market, minutes: Ints) -> Floats:
        """Return the mark price at whole minutes."""
        return self.index(market, minutes) * (1.0 + _MARK_SHARE * self.basis(market, minutes))

    def index_at(self, market: Market, instant: int) -> float:
        """Return the index price at a millisecond."""
        return self._at(market, instant, 0.0)

    def mark_at(self, market: Market, instant: int) -> float:
        """Return the mark price at a millisecond."""
        return self._at(market, instant, _MARK_SHARE)

    def traded_at(self, market: Market, instant: int) -> float:
        """Return the price around which deals happen at a millisecond."""
        return self._at(market, instant, 1.0)

    def _at(self, market: Market, instant: int, share: float) -> float:
        minute, rest = divmod(instant, MINUTE)
        number = (minute + market.number) // _STRETCH  # markets renew theirs in different minutes
        at = minute + market.number - number * _STRETCH
        index, basis = self._stretch(market, number)
        before, after = (float(index[i] * (1.0 + share * basis[i])) for i in (at, at + 1))
        return before + (after - before) * (rest / MINUTE)

    def _compute_stretch(self, market: Market, number: int) -> tuple[Floats, Floats]:
        first = number * _STRETCH - market.number
        minutes = np.arange(first, first + _STRETCH + 1)
        return self.index(market, minutes), self.basis(market, minutes)

    def _log_usd(self, ccy: str, minutes: Ints) -> Floats:
        coin = COINS[ccy]
        middle = np.log(coin.price)
        if ccy in _STABLE:
            return np.full(len(minutes), middle)
        pace = 4e-4 + 6e-4 * (1.0 - coin.life)
        log_price: Floats = middle + pace * path(
            key(self._seed, "coin", ccy), minutes, PRICE_OCTAVES, self._common, 0.7
        )
        return log_price
