"""What a currency was worth in USDT: the rate, its time and where it comes from.

The shortest candle that holds the moment gives the rate: its opening or its closing price, whichever is nearer in time.
Spot prices come first, then the index prices of futures markets, then a way over another currency. Without any of them
there is no rate, and the source says why.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from coinex_pandas.archive.ledger.chain import EXACT
from coinex_pandas.archive.ledger.source import Rows, Tables
from coinex_pandas.tables.times import PERIODS

__all__ = ["Prices", "Rate"]

_UNIT = "USDT"
_OVER = ("USDC", "BTC", "ETH")  # currencies that others are quoted in
_PRICE_TYPES = ("index_price", "mark_price", "latest_price")
_NEVER = 2**63
_FAR = 86_400_000  # milliseconds: a candle that is further away says nothing about the moment


class Rate(NamedTuple):
    """How many USDT one unit was worth: `rate` and `at` are None where nothing tells it, `source` then says why."""

    rate: Decimal | None
    at: int | None
    source: str


class _Candle(NamedTuple):
    start: int
    end: int
    open: Decimal
    close: Decimal


class Prices:
    """The archived prices of some currencies in USDT.

    Parameters
    ----------
    tables : Tables
        The tables of the archive.
    currencies : iterable of str
        The currencies that a rate will be needed for.
    """

    def __init__(self, tables: Tables, currencies: Iterable[str]) -> None:
        wanted = {*currencies, *_OVER}
        markets = {f"{ccy}{unit}" for ccy in wanted for unit in (_UNIT, *_OVER)}
        self._candles: defaultdict[tuple[str, str], dict[str, list[_Candle]]] = defaultdict(dict)
        self._read(tables.of_markets("spot_klines", markets), "spot")
        self._read(tables.of_markets("futures_klines", markets), "futures")
        self._index = _index_prices(tables, markets)

    def rate(self, ccy: str, at: int) -> Rate:
        """Return what a unit of a currency was worth in USDT at a moment."""
        if ccy == _UNIT:
            return Rate(Decimal(1), at, "USDT itself")
        direct = self._direct(f"{ccy}{_UNIT}", at)
        if direct is not None:
            return direct
        for over in _OVER:
            first = self._direct(f"{ccy}{over}", at)
            second = None if first is None or over == ccy else self._direct(f"{over}{_UNIT}", at)
            if first is not None and second is not None:
                return _product(first, second)
        return Rate(None, None, f"no price of {ccy} within a day was captured")

    def _read(self, found: Rows, area: str) -> None:
        candles: defaultdict[tuple[str, str], defaultdict[str, list[_Candle]]] = defaultdict(lambda: defaultdict(list))
        for row in found:
            kind = "spot" if area == "spot" else row.get("price_type") or "latest_price"
            candle = _candle(row)
            if candle is not None:
                candles[row["market"], kind][row["period"]].append(candle)
        for key, periods in candles.items():
            for period in sorted(periods, key=PERIODS.__getitem__):
                self._candles[key][period] = sorted(periods[period])

    def _direct(self, market: str, at: int) -> Rate | None:
        """Return the rate of a market: of the candles that hold the moment, else of the nearest price within a day."""
        kinds = ("spot", *_PRICE_TYPES)
        for kind in kinds:
            for period, candles in self._candles.get((market, kind), {}).items():
                candle = _last_until(candles, at)
                if candle is not None and at < candle.end:
                    return _of(candle, at, _name(market, kind, period))
        near = [*self._near(market, at), *self._index.get(market, ())]
        best = min(near, key=lambda rate: abs((rate.at or 0) - at), default=None)
        return best if best is not None and abs((best.at or 0) - at) <= _FAR else None

    def _near(self, market: str, at: int) -> Iterator[Rate]:
        for kind in ("spot", *_PRICE_TYPES):
            for period, candles in self._candles.get((market, kind), {}).items():
                place = bisect_right(candles, at, key=lambda candle: candle.start)
                for candle in candles[max(0, place - 1) : place + 1]:
                    yield _of(candle, at, f"{_name(market, kind, period)}, the nearest")


def _candle(row: dict[str, Any]) -> _Candle | None:
    """Return a candle; None where a price is missing. One that was captured before its end ends there."""
    if row.get("open") is None or row.get("close") is None or row.get("period") not in PERIODS:
        return None
    start = row["created_at"]
    end = min(start + PERIODS[row["period"]], row.get("captured_at") or _NEVER)
    return _Candle(start, end, Decimal(row["open"]), Decimal(row["close"]))


def _last_until(candles: Sequence[_Candle], at: int) -> _Candle | None:
    place = bisect_right(candles, at, key=lambda candle: candle.start)
    return candles[place - 1] if place else None


def _of(candle: _Candle, at: int, name: str) -> Rate:
    if abs(at - candle.start) <= abs(candle.end - at):
        return Rate(candle.open, candle.start, f"{name} open")
    return Rate(candle.close, candle.end, f"{name} close")


def _name(market: str, kind: str, period: str) -> str:
    return f"{'spot' if kind == 'spot' else f'futures {kind}'} {market} {period} candle"


def _product(first: Rate, second: Rate) -> Rate:
    """Return the rate over another currency; its time is the one that is further away from now."""
    if first.rate is None or second.rate is None or first.at is None or second.at is None:
        return Rate(None, None, "no price was captured")
    source = f"{first.source} x {second.source}"
    return Rate(EXACT.multiply(first.rate, second.rate), min(first.at, second.at), source)


def _index_prices(tables: Tables, markets: set[str]) -> dict[str, list[Rate]]:
    """Return the index prices by market, as they were captured."""
    prices: defaultdict[str, list[Rate]] = defaultdict(list)
    for name in ("spot_index_prices", "futures_index_prices"):
        area = name.split("_")[0]
        for row in tables.of_markets(name, markets):
            if row.get("price") is not None and row.get("created_at") is not None:
                rate = Rate(Decimal(row["price"]), row["created_at"], f"{area} index price {row['market']}")
                prices[row["market"]].append(rate)
    return dict(prices)
