"""Measure two ways in turns, in one run, and report the median of their ratios: machines differ, ratios less so."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Mapping

ROUNDS = 41

Clock = Callable[[], float]


def ratio(way: Callable[[], object], floor: Callable[[], object], *, clock: Clock = time.perf_counter) -> float:
    """Return how many times as long ``way`` takes as ``floor``: the median over rounds in which both are timed."""
    repeat = max(1, round(0.01 / max(_seconds(floor, 3, clock), 1e-6)))
    _seconds(way, repeat, clock)  # caches are filled on both sides
    rounds = [(_seconds(way, repeat, clock), _seconds(floor, repeat, clock)) for _ in range(ROUNDS)]
    return statistics.median(one / other for one, other in rounds)


def _seconds(way: Callable[[], object], repeat: int, clock: Clock) -> float:
    begin = clock()
    for _ in range(repeat):
        way()
    return (clock() - begin) / repeat


def report(title: str, ratios: Mapping[str, float], demands: Mapping[str, str]) -> None:
    """Print a table, and as the last line one JSON object of the ratios."""
    print(title)
    for name, value in ratios.items():
        print(f"  {name:<34}{value:>9.2f}   {demands.get(name, '')}")
    print(json.dumps({name: round(value, 4) for name, value in ratios.items()}))
