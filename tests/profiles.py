"""How many generated cases a test tries: some in ``make test``, ten times as many in ``make long``, a tenth in quick.

A test names its number for ``make test``: ``@settings(max_examples=cases(60))``, or ``for seed in times(40)``.
The environment variable COINEX_CASES, quick or long, chooses another profile.
"""

import os
from collections import Counter

import pytest
from hypothesis import settings

PROFILES = {"quick": 0.1, "test": 1, "long": 10}
NAME = os.environ.get("COINEX_CASES", "test")
FACTOR = PROFILES[NAME]


def cases(count: int) -> int:
    """Return how many examples hypothesis generates where ``make test`` has so many."""
    return max(1, round(count * FACTOR))


def times(count: int) -> range:
    """Return the seeds, or the turns, of a loop or of a parametrized test that ``make test`` runs so many times."""
    return range(cases(count))


def left_out(items: list[pytest.Item]) -> list[pytest.Item]:
    """Return what ``make quick`` leaves out of the sweeps: of each, all but every fifth case.

    A sweep is a test that tries one thing with everything there is - each style, each line, each odd value - so that
    its cases say much the same; it bears the mark ``sweep``.
    """
    if NAME != "quick":
        return []
    counts: Counter[str] = Counter()
    left = []
    for item in items:
        if item.get_closest_marker("sweep") is not None:
            test = item.nodeid.partition("[")[0]
            counts[test] += 1
            if counts[test] % 5 != 1:
                left.append(item)
    return left


def load() -> None:
    """Choose the profile for all tests; on CI the same examples every time, elsewhere new ones whose finds are kept.

    No example has a deadline: a busy machine is no fault.
    """
    for name, factor in PROFILES.items():
        settings.register_profile(name, max_examples=round(100 * factor), deadline=None, derandomize="CI" in os.environ)
    settings.load_profile(NAME)
