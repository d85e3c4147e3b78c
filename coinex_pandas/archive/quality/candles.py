"""What must hold for candles: each in itself, those of two periods together, and together with the deals in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pandas as pd

from coinex_pandas.archive.quality.findings import CAPTURED, Finding, Mask, Series, runs, when
from coinex_pandas.archive.quality.rhythm import period_of

__all__ = ["bounds", "compare_with_deals", "frozen", "overlaps"]

_MANY = 24  # candles
_SELDOM = 0.1
_SLACK = 1e-9  # sums of floats
_DUST = 1e-6  # each deal's value is rounded to 8 decimals: among small ones much of a candle's value

Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]


def bounds(series: Series) -> Iterator[Finding]:
    """Yield candles whose high and low do not enclose the others, or whose volume and value are exchanged."""
    opening, close, high, low, volume, value = (
        series.numbers(name) for name in ("open", "close", "high", "low", "volume", "value")
    )
    body = np.fmax(opening, close)
    yield from series.marked("candle", high < np.fmax(body, low), "high is below open, close or low")
    yield from series.marked("candle", low > np.fmin(opening, close), "low is above open or close")
    if _is_linear(series):
        lies_outside = (value > high * volume * 1.01 + _DUST) | (value < low * volume * 0.99 - _DUST)
        exchanged = (volume <= high * value * 1.01) & (volume >= low * value * 0.99)
        wrong = (volume > 0) & lies_outside & exchanged
        yield from series.marked("value", wrong, "volume and value are exchanged: volume / value is the price")


def _is_linear(series: Series) -> bool:
    """Return whether volume is in the base currency: inverse markets, quoted in USD, count in US dollars."""
    return series.table.startswith("spot") or not series.market.endswith("USD")


def frozen(series: Series, still: int) -> Iterator[Finding]:
    """Yield stretches in which nothing was traded and the price stood still, for so many milliseconds or longer.

    24 candles are enough where of the others not one in ten stands still: there that is no quiet night. Of an index and
    a mark price no volume says that they stood still, but high and low do.
    """
    period = period_of(series)
    if not period:
        return
    close, times = series.numbers("close"), series.times()
    is_still = series.numbers("volume") == 0 if _is_traded(series) else series.numbers("high") == series.numbers("low")
    same: Mask = np.concatenate(([False], (close[1:] == close[:-1]) & is_still[1:]))
    for start, stop in runs(same):
        others = np.count_nonzero(same) - (stop - start)
        is_lively = others <= _SELDOM * (len(same) - (stop - start))
        lasts = int(times[stop - 1] - times[start]) + period
        if lasts >= still or (is_lively and stop - start >= _MANY):
            words = "no trade, and one close" if _is_traded(series) else "one price"
            detail = f"{words}, {close[start]:g}, until {when(times[stop - 1] + period)}"
            yield series.finding("frozen", start, stop - start, detail)


def overlaps(candles: Sequence[Series]) -> Iterator[Finding]:
    """Yield candles that say something else than the shorter ones in them, where all of these are there."""
    for one, other in combinations(candles, 2):
        fine, coarse = sorted((one, other), key=period_of)
        short, long = period_of(fine), period_of(coarse)
        if short and long > short and not long % short and _likeness(one) == _likeness(other):
            yield from _overlap(fine, coarse, short, long)


def _likeness(series: Series) -> tuple[str, str, str]:
    return series.table, series.market, _price_type(series)


def _price_type(series: Series) -> str:
    return series.key.get("price_type") or "latest_price"


def _is_traded(series: Series) -> bool:
    """Return whether the prices are those of deals."""
    return _price_type(series) == "latest_price"


def _overlap(fine: Series, coarse: Series, short: int, long: int) -> Iterator[Finding]:
    inner, outer = _closed(fine, short), _closed(coarse, long)
    starts, times = coarse.times()[outer], fine.times()[inner]
    order = np.argsort(times, kind="stable")
    inner, times = inner[order], times[order]
    first, last = np.searchsorted(times, starts), np.searchsorted(times, starts + long)
    whole = np.flatnonzero((last - first == long // short) & (last > first))
    whole = whole[times[first[whole]] == starts[whole]]
    if not len(whole):
        return
    columns = {name: fine.numbers(name)[inner] for name in ("open", "close", "high", "low", "volume")}
    edges, rows = np.stack([first[whole], last[whole]], axis=1), outer[whole]
    expected = {
        "open": columns["open"][first[whole]],
        "close": columns["close"][last[whole] - 1],
        "high": _reduced(np.maximum, columns["high"], edges),
        "low": _reduced(np.minimum, columns["low"], edges),
        "volume": _reduced(np.add, columns["volume"], edges),
    }
    for name, values in expected.items():
        shown = coarse.numbers(name)[rows]
        far = np.abs(shown - values) > (_SLACK * np.abs(values) if name == "volume" else 0)
        for place, here, there in zip(rows[far].tolist(), shown[far], values[far], strict=True):
            words = f"{name} is {here:.15g}, and {there:.15g} by its {fine.key.get('period', 'shorter')} candles"
            yield coarse.finding("periods", place, 1, words)


def _reduced(function: np.ufunc, values: Floats, edges: npt.NDArray[np.int64]) -> Floats:
    """Return a function's result over each stretch from one edge to the next."""
    padded = np.append(values, values[-1:])  # an edge may lie behind the last value
    return np.asarray(function.reduceat(padded, edges.ravel())[::2])


def _closed(series: Series, period: int) -> npt.NDArray[np.int64]:
    """Return the places of candles that do not change any more: not the one that was open when it came."""
    times = series.times()
    if CAPTURED in series.frame:
        return np.flatnonzero(times + period <= series.milliseconds(CAPTURED))
    return np.flatnonzero(times < times.max(initial=0))


def compare_with_deals(candles: Series, deals: Series) -> Iterator[Finding]:
    """Yield candles that deals contradict: one outside of low and high, or more of them than the candle's volume.

    Deals that are missing contradict nothing, so it does not matter whether all of them are there.
    """
    period = period_of(candles)
    if not _is_traded(candles) or not period:
        return
    places = _closed(candles, period)
    starts = candles.times()[places]
    order = np.argsort(starts, kind="stable")
    places, starts = places[order], starts[order]
    times = deals.times()
    which = np.searchsorted(starts, times, side="right") - 1
    inside: Mask = (which >= 0) & (times < starts[which] + period) if len(starts) else np.zeros(len(times), dtype=bool)
    table = pd.DataFrame({"place": places[which[inside]], "price": deals.numbers("price")[inside]})
    table["amount"] = deals.numbers("amount")[inside]
    found = table.groupby("place").agg(high=("price", "max"), low=("price", "min"), volume=("amount", "sum"))
    rows = found.index.to_numpy()
    high, low, volume = (candles.numbers(name)[rows] for name in ("high", "low", "volume"))
    for mask, words in (
        (found["high"].to_numpy() > high, "a deal in it was above its high"),
        (found["low"].to_numpy() < low, "a deal in it was below its low"),
        (found["volume"].to_numpy() > volume * (1 + _SLACK) + _SLACK, "the deals in it are more than its volume"),
    ):
        for place in rows[mask].tolist():
            yield candles.finding("deals", place, 1, words)
