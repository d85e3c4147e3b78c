"""What a stream or book says of itself at a glance, and what a view needs of one."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import pandas as pd

__all__ = ["Status", "Watchable"]


class Status(NamedTuple):
    """How a stream fares right now.

    Attributes
    ----------
    state : str
        ``connecting``, ``waiting`` (subscribed, nothing has come yet), ``live``, ``stale`` (connected, but the data
        stand still), ``held`` (reading waits for somebody), ``lost`` (no connection, trying again), ``refused``,
        ``stopped``; of a book also ``unverified``.
    age : float or None
        Seconds since the data last changed; None before the first.
    rows, messages, gaps : int
        Received rows, received pushes, gaps so far.
    silent : tuple of str
        Acknowledged markets that have sent nothing within their channel's rhythm.
    per_second : float
        Pushes per second lately.
    """

    state: str
    age: float | None
    rows: int
    messages: int
    gaps: int
    silent: tuple[str, ...]
    per_second: float


class Watchable(Protocol):
    """What a view shows: a stream or a book."""

    name: str
    markets: tuple[str, ...]

    def tail(self, rows: int, market: str | None = None) -> pd.DataFrame:
        """Return the newest rows, oldest first."""

    def status(self) -> Status:
        """Return how it fares."""

    def stop(self) -> None:
        """End it."""
