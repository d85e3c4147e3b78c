"""How far a venue's clock is from this machine's: measured, kept for ten minutes, and measured again on demand."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from coinex_pandas.errors import UnexpectedBody
from coinex_pandas.http.route import Route
from coinex_pandas.http.session import Session
from coinex_pandas.tables.rows.venue import ServerTime
from coinex_pandas.tables.times import unix_ms

__all__ = ["Measurement", "VenueClock", "venue_clock", "venue_ms"]


_LASTS = 600.0  # seconds; a quartz clock drifts some 50 ms in them, a hundredth of what the exchange tolerates
_LOOKS = 3


class Measurement(NamedTuple):
    """One look at the venue's clock.

    Attributes
    ----------
    offset : float
        Milliseconds to add to this machine's clock.
    round_trip : float
        Milliseconds that the question and its answer took; the offset is right to half of it.
    """

    offset: float
    round_trip: float


class VenueClock:
    """The venue's clock as seen from here.

    It runs on this machine's monotonic clock from the moment of the measurement, so that setting this machine's clock
    meanwhile changes nothing.
    """

    def __init__(self, clock: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._monotonic = clock, monotonic
        self._lock = threading.Lock()
        self._base_ms = 0.0
        self._since: float | None = None
        self.number = 0
        """How often it was measured."""
        self.last: Measurement | None = None
        """The newest measurement."""

    @property
    def is_due(self) -> bool:
        """Whether it was not measured yet, or too long ago."""
        return self._since is None or self._monotonic() - self._since > _LASTS

    def now_ms(self) -> int:
        """Return the venue's time; this machine's as long as nothing was measured."""
        if self._since is None:
            return int(self._clock() * 1000)
        return int(self._base_ms + (self._monotonic() - self._since) * 1000)

    def measure(self, ask: Callable[[], int], *, unless: int | None = None) -> None:
        """Measure: the best of a few looks, the round trip halved.

        Parameters
        ----------
        ask : callable
            Asks the venue for its time in milliseconds.
        unless : int, optional
            A number of measurements: when another thread has measured since then, its result is taken.
        """
        with self._lock:
            if unless is not None and self.number != unless:
                return
            looks = [self._look(ask) for _ in range(_LOOKS)]
            trip, there, middle = min(looks)
            self._base_ms, self._since = there, middle
            self.last = Measurement(there + (self._monotonic() - middle) * 1000 - self._clock() * 1000, trip * 1000)
            self.number += 1

    def _look(self, ask: Callable[[], int]) -> tuple[float, float, float]:
        """Return the round trip in seconds, the venue's time in milliseconds, and the monotonic time it belongs to."""
        began = self._monotonic()
        there = ask()
        ended = self._monotonic()
        return ended - began, float(there), (began + ended) / 2


_clocks: dict[str, VenueClock] = {}
_lock = threading.Lock()


def venue_clock(address: str) -> VenueClock:
    """Return the one measurement of a venue's clock; all sessions there share it."""
    with _lock:
        return _clocks.setdefault(address, VenueClock())


SERVER_TIME = Route("server_time", "GET", "/time", ServerTime, "public", "common/http/time", single=True)


def venue_ms(session: Session) -> int:
    """Return the time in milliseconds that a session's venue tells."""
    times = session.page(SERVER_TIME, {}).frame["timestamp"]
    if times.empty:
        raise UnexpectedBody("null instead of the time", endpoint=SERVER_TIME.endpoint, body=b"null")
    return unix_ms(times.item())
