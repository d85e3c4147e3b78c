"""What a stream or book says of itself at a glance, and what a view needs of one."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import pandas as pd

__all__ = ["Stats", "Status", "Watchable"]


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


class Stats(NamedTuple):
    """The counts of a stream.

    Attributes
    ----------
    messages, rows : int
        Pushes and rows received, recovered ones among them.
    bytes : int
        Packed bytes received on the connection, which streams of one venue and area share.
    lag : float
        Milliseconds from the newest row's own time to its arrival, clocks being what they are; NaN where rows carry
        no time.
    reconnects, bad_frames : int
        How often the connection was made anew, and frames on it that could not be read.
    duplicates, late, refilled : int
        Deals that came again and were dropped, that came late and were put in their place, that were recovered.
    missed_by_readers : int
        Rows that fell out of a bounded table before somebody who iterates had read them.
    dropped_repaints : int
        Repaints that views left out because the browser had not caught up.
    """

    messages: int
    rows: int
    bytes: int
    lag: float
    reconnects: int
    bad_frames: int
    duplicates: int
    late: int
    refilled: int
    missed_by_readers: int
    dropped_repaints: int


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
