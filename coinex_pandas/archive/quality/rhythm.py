"""Gaps: candles by their period, funding by its interval, premium and basis by their usual step."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from coinex_pandas.archive.quality.findings import NO_TIME, Finding, Series, runs, when
from coinex_pandas.tables.times import PERIODS

__all__ = ["gaps", "period_of"]

_HOUR = PERIODS["1hour"]
_REGIME = 3
"""So many equal steps in a row are a rhythm: the exchange changes a market's funding interval at times."""
_STEPPED = ("futures_premium_index_history", "futures_basis_history")

Times = npt.NDArray[np.int64]


def gaps(series: Series) -> Iterator[Finding]:
    """Yield what is missing between two rows, and rows that are nearer than the rhythm allows."""
    if not series.time_column:
        return
    if series.table.endswith("_klines"):
        yield from _by_step(series, period_of(series), f"{series.key.get('period', '')} candles".lstrip())
    elif series.table in _STEPPED:
        yield from _by_step(series, _usual(_steps(series)[1]), "rows")
    elif series.table == "futures_funding_rate_history":
        yield from _by_regime(series)


def period_of(series: Series) -> int:
    """Return the period of candles in milliseconds: of the request, or what most of them are apart."""
    if not series.time_column:
        return 0
    return PERIODS.get(series.key.get("period", "")) or _usual(_steps(series)[1])


def _steps(series: Series) -> tuple[npt.NDArray[np.int64], Times, Times]:
    """Return places, steps and times of the rows that come after another one; rows of one time count once."""
    times = series.times()
    places = np.argsort(times, kind="stable")
    places = places[times[places] != NO_TIME]
    ordered = times[places]
    steps = np.diff(ordered)
    return places[1:][steps > 0], steps[steps > 0], ordered[1:][steps > 0]


def _usual(steps: Times) -> int:
    """Return the most frequent step, 0 where nothing can be said."""
    values, counts = np.unique(steps, return_counts=True)
    return int(values[counts.argmax()]) if len(steps) > 1 else 0


def _by_step(series: Series, step: int, what: str) -> Iterator[Finding]:
    if not step:
        return
    places, steps, times = _steps(series)
    for at in np.flatnonzero(steps != step).tolist():
        place, time, width = int(places[at]), int(times[at]), int(steps[at])
        if width > step:
            for first, count in _wanted(series, time - width + step, time, step):
                detail = f"{count} {what} are missing from {when(first)} on" if count > 1 else f"{what}: one is missing"
                yield series.finding("gap", place, count, detail, at=first)
        if width % step:
            detail = f"it comes {width / 1000:g} s after the one before it, which is no multiple of {step / 1000:g} s"
            yield series.finding("rhythm", place, 1, detail)


def _by_regime(series: Series) -> Iterator[Finding]:
    """Yield settlements that are missing: steps that are longer than those around them."""
    places, steps, times = _steps(series)
    # some seconds after the full hour, and not always as many
    hours = np.round(steps / _HOUR).astype(np.int64)
    regimes = _regimes(hours)
    for at in np.flatnonzero((regimes > 0) & (hours > regimes)).tolist():
        interval, end = int(regimes[at]) * _HOUR, int(times[at]) // _HOUR * _HOUR
        first = end - int(hours[at]) * _HOUR + interval
        detail = f"settlements are missing: the interval is {regimes[at]} h, and {hours[at]} h went by"
        for begin, count in _wanted(series, first, end, interval):
            yield series.finding("gap", int(places[at]), count, f"{count} {detail}", at=begin)


def _wanted(series: Series, first: int, stop: int, step: int) -> Iterator[tuple[int, int]]:
    """Yield first time and number of the missing rows that a capture asked for."""
    times = np.arange(first, stop, step)
    mask = np.full(len(times), series.ranges is None)
    for begin, end in series.ranges or ():
        mask |= (times >= begin) & (times <= end)
    for at, behind in runs(mask):
        yield int(times[at]), behind - at


def _regimes(hours: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the interval that holds at each step: that of the latest rhythm; before there is any, of the first one."""
    edges = np.flatnonzero(np.diff(hours, prepend=-1))
    lengths = np.diff(np.append(edges, len(hours)))
    result = np.zeros(len(hours), dtype=np.int64)
    current = 0
    for edge, length in zip(edges.tolist(), lengths.tolist(), strict=True):
        current = int(hours[edge]) if length >= _REGIME and hours[edge] else current
        result[edge : edge + length] = current
    first = np.flatnonzero(result)
    if len(first):
        result[: first[0]] = result[first[0]]
    return result
