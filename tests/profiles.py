"""How many generated cases a test tries: some in ``make test``, ten times as many in ``make long``, a tenth in quick.

A test names its number for ``make test``: ``@settings(max_examples=cases(60))``, or ``for seed in times(40)``.
The environment variable COINEX_CASES, quick or long, chooses another profile.
"""

import os

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


def load() -> None:
    """Choose the profile for all tests; on CI the same examples every time, elsewhere new ones whose finds are kept.

    No example has a deadline: a busy machine is no fault.
    """
    for name, factor in PROFILES.items():
        settings.register_profile(name, max_examples=round(100 * factor), deadline=None, derandomize="CI" in os.environ)
    settings.load_profile(NAME)
