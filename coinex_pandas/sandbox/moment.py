"""The instant a question is answered for."""

from __future__ import annotations

from dataclasses import dataclass

from coinex_pandas.sandbox.catalogue import MINUTE, Market

__all__ = ["Moment"]


@dataclass(frozen=True, slots=True)
class Moment:
    """What time it is, and when the values stopped moving (None: they did not)."""

    now: int
    freeze: int | None = None

    @property
    def until(self) -> int:
        """The last millisecond whose events and prices are known."""
        return self.now if self.freeze is None else min(self.now, self.freeze)

    @property
    def known_minute(self) -> int:
        """The minute of the newest values."""
        return self.until // MINUTE

    def last_minute(self, market: Market) -> int:
        """Return the minute of the market's newest candle."""
        return min(self.now, market.last_ms) // MINUTE
