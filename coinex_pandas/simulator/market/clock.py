"""The sandbox's clock: real time, or a chosen instant from which it runs, runs faster, or stops."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from coinex_pandas.simulator.market.catalogue import MINUTE, Market

__all__ = ["Clock", "Moment"]


class Clock:
    """The time of the exchange.

    Parameters
    ----------
    start : int, optional
        The time at the start, in milliseconds since 1970 UTC; None for the computer's time.
    speed : float
        Seconds of the exchange per real second; 0 stops the clock.

    Examples
    --------
    >>> clock = Clock(1_790_133_720_000, speed=0)
    >>> clock.advance(1.5)
    >>> clock.now_ms()
    1790133721500
    """

    def __init__(self, start: int | None = None, speed: float = 1.0) -> None:
        if not (speed >= 0 and math.isfinite(speed)):
            raise ValueError(f"speed is {speed}; the clock cannot run backwards, give 0 or more")
        self.start = _real_ms() if start is None else int(start)
        self.speed = speed
        self._origin = float(self.start)
        self._since = time.monotonic()

    def now_ms(self) -> int:
        """Return the time in milliseconds since 1970 UTC."""
        return int(self._exact())

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        if seconds < 0:
            raise ValueError(f"advance({seconds}): the clock cannot run backwards")
        self._origin += seconds * 1000

    def freeze(self) -> None:
        """Stop the clock; `advance` still works."""
        self._origin, self._since, self.speed = self._exact(), time.monotonic(), 0.0

    def _exact(self) -> float:
        # monotonic, so that a correction of the computer's clock never makes the exchange's time jump back
        return self._origin + (time.monotonic() - self._since) * 1000 * self.speed

    def __repr__(self) -> str:
        return f"Clock(now_ms={self.now_ms()}, speed={self.speed:g})"


def _real_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant of the exchange, and when its values froze (None: they did not)."""

    now: int
    freeze: int | None = None

    @property
    def until(self) -> int:
        """The last millisecond with events and prices."""
        return self.now if self.freeze is None else min(self.now, self.freeze)

    @property
    def newest_minute(self) -> int:
        """The minute of the newest values."""
        return self.until // MINUTE

    def last_minute(self, market: Market) -> int:
        """Return the minute of the market's newest candle."""
        return min(self.now, market.last_ms) // MINUTE
