"""What a connection needs of those around it."""

from __future__ import annotations

from typing import Protocol

from coinex_pandas.sandbox.accounts import Account
from coinex_pandas.sandbox.private_channels import Signature
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

    def signer(self, signature: Signature, address: str) -> Account | None:
        """Return the account whose key has signed, None for a signature that is not good."""

    async def catch_up(self) -> None:
        """Bring the private side up to the clock, so that what happens by itself is told of."""

    def restart_now(self, seconds: float) -> None:
        """Drop all connections and take none for a while."""
