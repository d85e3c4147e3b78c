"""The sandbox's clock: real time, or a chosen instant from which it runs, runs faster, or stops."""

from __future__ import annotations

import time
from dataclasses import dataclass

from coinex_pandas.errors import InvalidArgument
from coinex_pandas.simulator.market.catalogue import MINUTE, Market
from coinex_pandas.simulator.settings import LONGEST, number, whole_number

__all__ = ["LAST", "Clock", "Moment"]

LAST = 253_370_764_800_000
"""The last time of a sandbox, in milliseconds: what comes after the year 9998 has dates that nobody can write."""
_FASTEST = 1e6  # eleven days each second


class Clock:
    """The time of the exchange.

    Parameters
    ----------
    start : int, optional
        The time at the start, in milliseconds since 1970 UTC; None for the computer's time.
    speed : float
        Seconds of the exchange per real second, up to a million; 0 stops the clock.

    Attributes
    ----------
    start : int
        The time at the start.

    Examples
    --------
    >>> clock = Clock(1_790_133_720_000, speed=0)
    >>> clock.advance(1.5)
    >>> clock.now_ms()
    1790133721500
    """

    def __init__(self, start: int | None = None, speed: float = 1.0) -> None:
        self.start = _real_ms() if start is None else whole_number(start, "now", least=0, most=LAST)
        self._speed = number(speed, "speed", most=_FASTEST)
        self._origin = float(self.start)
        self._since = time.monotonic()

    @property
    def speed(self) -> float:
        """Seconds of the exchange per real second; may be changed at any time."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        checked = number(speed, "speed", most=_FASTEST)
        self._origin, self._since, self._speed = self._exact(), time.monotonic(), checked

    def now_ms(self) -> int:
        """Return the time in milliseconds since 1970 UTC; it stands still when the year 9999 begins."""
        return min(LAST, int(self._exact()))

    def advance(self, seconds: float) -> None:
        """Move the clock forward, by thirty years at most; InvalidArgument when it would pass the year 9998."""
        moved = number(seconds, "advance: the clock cannot run backwards; seconds", most=LONGEST)
        if self._exact() + moved * 1000 > LAST:
            raise InvalidArgument(f"advance({moved:g}): the sandbox's time ends with the year 9998")
        self._origin += seconds * 1000

    def freeze(self) -> None:
        """Stop the clock; `advance` still works."""
        self.speed = 0.0

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
