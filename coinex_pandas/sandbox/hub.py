"""What a connection needs of those around it."""

from __future__ import annotations

from typing import Protocol

from coinex_pandas.sandbox.tally import Tally
from coinex_pandas.sandbox.views import Views

__all__ = ["Hub"]


class Hub(Protocol):
    """The exchange's views, the book-keeping, the settings, and the switch that a fault can reach."""

    views: Views
    tally: Tally
    push_every: float
    idle_after: float
    paused: bool

    def now_ms(self) -> int:
        """Return the exchange's time."""

    def restart_now(self, seconds: float) -> None:
        """Drop all connections and take none for a while."""
