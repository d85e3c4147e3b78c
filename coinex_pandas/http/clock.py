"""A venue's clock: its offset from this machine's is measured, and again after ten minutes or on demand."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from coinex_pandas.errors import UnexpectedBody
from coinex_pandas.http.processes import call_in_child
from coinex_pandas.http.route import Route
from coinex_pandas.http.session import Session
from coinex_pandas.tables.rows.venue import ServerTime
from coinex_pandas.tables.times import unix_ms

__all__ = ["SERVER_TIME", "Measurement", "VenueClock", "venue_clock", "venue_ms"]


_VALID = 600.0  # seconds; a quartz clock drifts some 50 ms in them, a hundredth of what the exchange tolerates
_SAMPLES = 3


class Measurement(NamedTuple):
    """One measurement of the venue's clock.

    Attributes
    ----------
    offset : float
        Milliseconds to add to this machine's clock.
    round_trip : float
        Milliseconds from the request to its answer; the offset is right to half of it.
    """

    offset: float
    round_trip: float


class VenueClock:
    """The venue's clock as seen from here.

    It runs on this machine's monotonic clock from the moment of the measurement: whoever sets this machine's clock
    meanwhile does not change it.
    """

    def __init__(self, clock: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._monotonic = clock, monotonic
        self._lock = threading.Lock()
        self._base_ms = 0.0
        self._since: float | None = None
        self.number = 0
        """How many measurements there were."""
        self.last: Measurement | None = None
        """The newest measurement."""

    @property
    def is_due(self) -> bool:
        """Whether there is no measurement yet, or only an old one."""
        return self._since is None or self._monotonic() - self._since > _VALID

    def now_ms(self) -> int:
        """Return the venue's time; this machine's before the first measurement."""
        if self._since is None:
            return int(self._clock() * 1000)
        return int(self._base_ms + (self._monotonic() - self._since) * 1000)

    def measure(self, server_ms: Callable[[], int], *, unless: int | None = None) -> None:
        """Measure: the best of a few samples, the round trip halved.

        Parameters
        ----------
        server_ms : callable
            Requests the venue's time, in milliseconds.
        unless : int, optional
            ``number`` as the caller knows it: when another thread has measured since then, its result counts.
        """
        with self._lock:
            if unless is not None and self.number != unless:
                return
            samples = [self._sample(server_ms) for _ in range(_SAMPLES)]
            trip, venue, middle = min(samples)
            self._base_ms, self._since = venue, middle
            self.last = Measurement(venue + (self._monotonic() - middle) * 1000 - self._clock() * 1000, trip * 1000)
            self.number += 1

    def _sample(self, server_ms: Callable[[], int]) -> tuple[float, float, float]:
        """Return the round trip in seconds, the venue's time in milliseconds, and the monotonic time it belongs to."""
        start = self._monotonic()
        venue = server_ms()
        end = self._monotonic()
        return end - start, float(venue), (start + end) / 2


_clocks: dict[str, VenueClock] = {}
call_in_child(_clocks.clear)  # another thread of the parent may be measuring


def venue_clock(address: str) -> VenueClock:
    """Return the one clock of a venue; all sessions there share it."""
    return _clocks.get(address) or _clocks.setdefault(address, VenueClock())  # one step: it needs no lock


SERVER_TIME = Route("server_time", "GET", "/time", ServerTime, "public", "common/http/time", single=True)
"""The endpoint that signed sessions read the clock from; `api.system` makes a function of it."""


def venue_ms(session: Session) -> int:
    """Return the time of a session's venue in milliseconds, from one request."""
    times = session.page(SERVER_TIME, {}).frame["timestamp"]
    if times.empty:
        raise UnexpectedBody("null instead of the time", endpoint=SERVER_TIME.endpoint, body=b"null")
    return unix_ms(times.item())
