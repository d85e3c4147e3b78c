"""The source of a view: what a stream or book must have, and its status."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import pandas as pd

__all__ = ["Status", "Watchable"]


class Status(NamedTuple):
    """The status of a stream at this moment.

    Attributes
    ----------
    state : str
        ``connecting``, ``waiting`` (subscribed, nothing has come yet), ``live``, ``stale`` (connected, but the data no
        longer change), ``held`` (reading waits for somebody), ``lost`` (no connection, trying again), ``refused``,
        ``stopped``; of a book also ``unverified``.
    age : float or None
        Seconds since the data last changed; None before the first.
    rows, messages, gaps : int
        Received rows, received pushes, gaps so far.
    silent : tuple of str
        Acknowledged markets that have sent nothing within their channel's rhythm.
    per_second : float
        Pushes per second in the last seconds.
    cause : str
        Why nothing comes, such as why there is no connection; empty where nothing speaks against it.
    """

    state: str
    age: float | None
    rows: int
    messages: int
    gaps: int
    silent: tuple[str, ...]
    per_second: float
    cause: str = ""


class Watchable(Protocol):
    """What a view shows: a stream or a book."""

    name: str
    markets: tuple[str, ...]

    def tail(self, rows: int, market: str | None = None) -> pd.DataFrame:
        """Return the newest rows, oldest first."""

    def status(self) -> Status:
        """Return its status."""

    def stop(self) -> None:
        """End the stream."""
