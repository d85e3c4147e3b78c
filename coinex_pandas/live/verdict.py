"""What the newest values of a stream say of themselves: an exchange that has stopped may go on pushing them.

The judgement is that of the functions over HTTP (``api/calls/staleness.py``): a funding time in the past, no trade
anywhere. It takes the exchange's clock, which no push carries; so that is requested once, on a thread of its own, and
without it only volumes are judged.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress

import pandas as pd

from coinex_pandas.api import system
from coinex_pandas.api.calls.staleness import verdict
from coinex_pandas.http.session import Session
from coinex_pandas.live.batches import frame_of
from coinex_pandas.live.buffer import Buffer
from coinex_pandas.tables import times

__all__ = ["DOUBTS", "Verdict"]

DOUBTS = ("frozen", "stale")
"""The states in which values are not alive."""

_LASTS = 5.0  # seconds


class Verdict:
    """The judgement of one stream's newest rows, at most once in some seconds.

    Parameters
    ----------
    buffer : Buffer
        Whose rows.
    session : Session
        Whom to ask for the time.
    """

    def __init__(self, buffer: Buffer, session: Session) -> None:
        self._buffer, self._session = buffer, session
        self._is_due = buffer.channel.method == "state"
        self._judged_at = float("-inf")
        self._last = ("live", "")
        self._base: tuple[float, int] | None = None  # a moment of this machine, and the exchange's clock at it
        self._has_asked = False

    @property
    def because(self) -> str:
        """The evidence of the last look against the values; empty when there was none."""
        return self._last[1]

    def look(self) -> tuple[str, str]:
        """Return ``live``, ``stale`` or ``frozen``, and the evidence in words."""
        now = time.monotonic()
        if self._is_due and now - self._judged_at > _LASTS:
            self._ask()
            self._last, self._judged_at = self._judged(now), now
        return self._last

    def _judged(self, now: float) -> tuple[str, str]:
        newest = self._buffer.locked(self._buffer.latest)
        frame = frame_of(self._buffer, [(market, row, at) for market, (row, at) in newest.items()])
        base = self._base
        at = None if base is None else pd.Timestamp(base[1] + int((now - base[0]) * 1000), unit="ms", tz="UTC")
        said = verdict(self._buffer.channel.name, frame, at, whole=False)
        return (said["state"], said["because"]) if said is not None and said["state"] in DOUBTS else ("live", "")

    def _ask(self) -> None:
        if not self._has_asked:
            self._has_asked = True
            threading.Thread(target=self._ask_time, name="coinex-clock", daemon=True).start()

    def _ask_time(self) -> None:
        now = time.monotonic()
        with suppress(Exception):  # whatever the request raised: then nobody knows the time
            stamp = system.server_time(session=self._session)["timestamp"].item()
            self._base = (now, times.unix_ms(stamp))
            self._judged_at = float("-inf")
