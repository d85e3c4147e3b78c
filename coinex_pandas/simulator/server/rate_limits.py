"""Rate limits: a bucket of units for each group and account, refilled all the time, and a record of the requests.

A bucket holds the units of one second, which is not documented. A batch of more items than that (up to 100 are
documented) needs a full one and leaves it in debt. Time is the computer's, not the sandbox clock's: programs
are limited in real time. The long cycles (1H to 24H) are not simulated: their limits are not published.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from coinex_pandas.http.pacing import LIMITS

__all__ = ["Arrival", "Buckets", "Taken"]

_KEPT = 200_000
_SECOND = 1.0


class Taken(NamedTuple):
    """Whether the units were granted, the group's units per second, and the units left."""

    granted: bool
    limit: int
    remaining: int

    @property
    def headers(self) -> dict[str, str]:
        """The headers for the client."""
        return {"X-RateLimit-Limit": str(self.limit), "X-RateLimit-Remaining": str(self.remaining)}


class Arrival(NamedTuple):
    """The time of a request (monotonic seconds), its units, and whether they were granted."""

    at: float
    units: int
    granted: bool


@dataclass(slots=True)
class _Bucket:
    units: float
    at: float


class Buckets:
    """The buckets of an exchange; safe to use from any thread.

    Parameters
    ----------
    enforced : bool
        False counts requests and refuses none.
    now : callable
        The time in seconds; for tests.

    Attributes
    ----------
    enforced : bool
        The parameter; may be changed at any time.
    """

    def __init__(self, enforced: bool = True, now: Callable[[], float] = time.monotonic) -> None:
        self.enforced = enforced
        self._now = now
        self._lock = threading.Lock()
        self._buckets: dict[tuple[str, str], _Bucket] = {}
        self._arrivals: defaultdict[tuple[str, str], deque[Arrival]] = defaultdict(lambda: deque(maxlen=_KEPT))

    def take(self, group: str, owner: str, units: int = 1) -> Taken:
        """Take units from the bucket of a group and an owner: an account, or an IP address."""
        limit = LIMITS[group]
        with self._lock:
            now = self._now()
            bucket = self._buckets.setdefault((group, owner), _Bucket(float(limit), now))
            bucket.units = min(float(limit), bucket.units + (now - bucket.at) * limit)
            bucket.at = now
            granted = not self.enforced or min(units, limit) <= bucket.units
            if granted:
                bucket.units -= units if self.enforced else min(units, bucket.units)
            self._arrivals[group, owner].append(Arrival(now, units, granted))
            return Taken(granted, limit, max(0, int(bucket.units)))

    def arrivals(self, group: str, owner: str | None = None) -> list[Arrival]:
        """Return the newest requests of a group, oldest first; of one owner or of all."""
        with self._lock:
            queues = [self._arrivals[key] for key in self._arrivals if key[0] == group and owner in (None, key[1])]
            return sorted(chain.from_iterable(queues))

    def busiest(self, group: str, owner: str | None = None) -> int:
        """Return the most units within any one second, granted or not; None takes the maximum over the owners."""
        if owner is None:
            with self._lock:
                owners = [key[1] for key in self._arrivals if key[0] == group]
            return max((self.busiest(group, each) for each in owners), default=0)
        return _busiest(self.arrivals(group, owner))


def _busiest(arrivals: list[Arrival]) -> int:
    most = within = first = 0
    for arrival in arrivals:
        within += arrival.units
        while arrivals[first].at <= arrival.at - _SECOND:
            within -= arrivals[first].units
            first += 1
        most = max(most, within)
    return most
