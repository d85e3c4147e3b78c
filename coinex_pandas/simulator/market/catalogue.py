"""The markets of the sandbox exchange and their properties.

The list is the same for every seed; the seed decides details (tick sizes, settlement hours, caps). Some markets are
special, because such markets exist and programs have problems with them:

- EOSUSDT (spot and futures) was delisted 40 days before the clock's start,
- LRCUSDT (spot and futures) has a delisting planned nine days ahead and still trades,
- ZROUSDT (spot) is in its call auction for three more days: listed, quoted, without deals,
- GRINUSDT, HNSUSDT, SCUSDT and others trade a few times a day only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import floor, log10

from coinex_pandas.simulator.market.coins import COINS
from coinex_pandas.simulator.noise import draw, key

__all__ = ["DAY", "FOREVER", "MINUTE", "Catalogue", "Market"]

MINUTE = 60_000
DAY = 1440 * MINUTE
FOREVER = 2**62
"""A time after all others."""
_WEEK = 7 * DAY
_FIRST_MONDAY = 4 * DAY  # 1970-01-05
_DOLLARS = ("USDT", "USDC", "USD")
# a letter of the coin table -> area, quote and contract type of a market
_MARKS = {
    "f": ("futures", "USDT", "linear"),
    "d": ("futures", "USDC", "linear"),
    "i": ("futures", "USD", "inverse"),
    "s": ("spot", "USDT", ""),
    "c": ("spot", "USDC", ""),
    "b": ("spot", "BTC", ""),
}
_CAPS = (375_000, 750_000, 1_500_000)  # of 1e-8: the three caps seen on the wire


@dataclass(frozen=True, slots=True)
class Market:
    """One market. Prices and amounts live as whole numbers of 10^-places; times are milliseconds."""

    name: str
    area: str
    base: str
    quote: str
    contract: str
    number: int
    price_places: int
    amount_places: int
    tick: int
    activity: float
    size: float
    spread: float
    basis_mean: float
    basis_width: float
    funding_hours: int
    cap: int
    maker_fee: str
    taker_fee: str
    listed_at: int
    opens_at: int
    delisted_at: int
    key: int

    def __hash__(self) -> int:
        return self.key  # hashing all 22 fields would take most of the time of a dict lookup

    @property
    def inverse(self) -> bool:
        """Whether amounts are counted in US dollars and values in the base coin."""
        return self.contract == "inverse"

    def listed(self, now: int) -> bool:
        """Return whether the market is in the lists at that time."""
        return self.delisted_at == 0 or now < self.delisted_at

    def trading(self, now: int) -> bool:
        """Return whether deals can happen at that time."""
        return self.opens_at <= now and self.listed(now)

    @property
    def last_ms(self) -> int:
        """The last millisecond at which a deal can happen."""
        return self.delisted_at - 1 if self.delisted_at else FOREVER


class Catalogue:
    """All markets, delisted ones included.

    Parameters
    ----------
    seed : int
        Decides the details.
    start : int
        The clock's start in milliseconds; listing and delisting dates are relative to it.
    """

    def __init__(self, seed: int, start: int) -> None:
        self.seed = seed
        self.start = start
        markets = [self._market(number, *row) for number, row in enumerate(_pairs())]
        self._areas = {
            area: {market.name: market for market in markets if market.area == area} for area in ("spot", "futures")
        }

    def find(self, area: str, name: str) -> Market | None:
        """Return a market, also a delisted one; None when there never was one of that name."""
        return self._areas[area].get(name)

    def listed(self, area: str, now: int) -> list[Market]:
        """Return the markets in the lists at that time."""
        return [market for market in self._areas[area].values() if market.listed(now)]

    def _market(self, number: int, area: str, base: str, quote: str, contract: str) -> Market:
        name = base + quote
        own = key(self.seed, area, name)
        life = COINS[base].life * (0.55 if quote in ("USDC", "BTC") else 1.0)
        price = COINS[base].price / (1.0 if quote in _DOLLARS else COINS[quote].price)
        places = _price_places(name, price)
        random = draw(own, "details")
        listed_at, opens_at, delisted_at = self._dates(area, base, name)
        return Market(
            name=name,
            area=area,
            base=base,
            quote=quote,
            contract=contract,
            number=number,
            price_places=places,
            amount_places=0 if contract == "inverse" else max(0, min(8, 13 - places)),
            tick=_tick(area, price * 10**places, random),
            activity=_activity(life),
            size=60.0 + 4000.0 * life**2,
            spread=2e-5 + 3e-3 * (1 - life) ** 6,
            basis_mean=_basis_mean(area, random),
            basis_width=(0.0004 + 0.003 * (1 - life) ** 2) * (1.0 if area == "futures" else 0.25),
            funding_hours=_funding_hours(area, name, random),
            cap=_CAPS[0] if life > 0.9 else _CAPS[1 + int(random * 1000) % 2],
            maker_fee="0.0003" if area == "futures" else "0.002",
            taker_fee="0.0005" if area == "futures" else "0.002",
            listed_at=listed_at,
            opens_at=opens_at,
            delisted_at=delisted_at,
            key=own,
        )

    def _dates(self, area: str, base: str, name: str) -> tuple[int, int, int]:
        # a little over two years of history, from a Monday, so that every candle but a 3day one begins whole
        first = _monday(self.start - 760 * DAY)
        today = self.start - self.start % DAY
        if name == "EOSUSDT":
            return first, first, today - 40 * DAY
        if name == "LRCUSDT":
            return first, first, today + 9 * DAY
        if area == "spot" and base == "ZRO":
            return today - DAY, today + 3 * DAY, 0
        if base in ("WIF", "SUI"):  # younger than the history
            opened = _monday(self.start - 300 * DAY)
            return opened, opened, 0
        return first, first, 0


def _pairs() -> Iterator[tuple[str, str, str, str]]:
    for coin in COINS.values():
        for mark in coin.markets:
            area, quote, contract = _MARKS[mark]
            yield area, coin.ccy, quote, contract


def _price_places(name: str, price: float) -> int:
    if name == "YFIUSDT":
        return 0  # the reference says that 0 happens
    return max(2, min(12, 5 - floor(log10(price))))


def _tick(area: str, units: float, random: float) -> int:
    if area == "spot" or units < 200_000:
        return 1
    return (1, 1, 5, 10)[int(random * 4)]


def _activity(life: float) -> float:
    """Return the mean number of deals a minute."""
    return 6.5 * life**1.5 if life > 0.05 else 0.004


def _basis_mean(area: str, random: float) -> float:
    if area == "spot":
        return 0.0
    wide = 6.0 if random > 0.9 else 1.0
    return (random - 0.45) * 0.0012 * wide


def _funding_hours(area: str, name: str, random: float) -> int:
    if area == "spot":
        return 0
    if name in ("PEPEUSDT", "LATUSDT"):
        return 4
    return 2 if random > 0.95 and name[:3] not in ("BTC", "ETH") else 8


def _monday(instant: int) -> int:
    return instant - (instant - _FIRST_MONDAY) % _WEEK
