"""Pacing: keep below the exchange's rate limits, shared by all threads.

A dozen lines of our own instead of a library: the one measured (pyrate-limiter 4.5) takes 0.16 s to import, a third
of what importing pandas and requests takes, for what one addition under a lock does.
Source of the limits: https://docs.coinex.com/api/v2/rate-limit.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["LIMITS", "Pacer", "Turn", "pacer_of"]

LIMITS: dict[str, int] = {
    "public": 400,
    "spot_order": 30,
    "spot_cancel": 60,
    "spot_batch_cancel": 40,
    "spot_query": 50,
    "spot_history": 10,
    "account_modify": 10,
    "account_query": 10,
    "account_history": 10,
    "futures_order": 20,
    "futures_cancel": 40,
    "futures_batch_cancel": 20,
    "futures_query": 50,
    "futures_history": 10,
    "futures_account_query": 10,
}
"""Requests per second by group. ``public`` is the limit of one IP address, which every request counts into."""

_SHARE = 0.98  # of the limit; the rest is for requests that arrive closer together than they were sent
_CREDIT = 0.012  # seconds that a late request may catch up: else each hiccup of a thread would cost a turn for good
_SECOND = 1.001  # a second, and what clocks and their sums round off
_WAY = 0.03  # seconds that a request may have been on its way; its answer tells whether it was less


@dataclass(slots=True)
class Turn:
    """When so many units reach the exchange, as far as is known: at first when they are to be sent."""

    moment: float
    units: int

    def ended(self, now: float) -> None:
        """Note that the answer is there: the request arrived before it, perhaps much later than it was sent."""
        self.moment = min(now, self.moment + _WAY)


class Pacer:
    """Spreads requests evenly, so that no second holds more than its share.

    Parameters
    ----------
    per_second : int
        The limit to keep below.
    clock, sleep : callable
        For tests.

    Attributes
    ----------
    told : (int, int) or None
        The limit and what is left of it, as the newest answer that told them has it.
    """

    def __init__(
        self,
        per_second: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._limit = per_second
        self._gap = 1.0 / (per_second * _SHARE)
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._next = 0.0
        self._taken: deque[Turn] = deque()
        self._held = 0
        self.told: tuple[int, int] | None = None

    def wait(self, units: int = 1) -> Turn:
        """Take the next free moment(s) and sleep until then; who tells the turn when it ended paces more exactly."""
        with self._lock:
            now = self._clock()
            turn = self._with_room(max(now - _CREDIT, self._next), units)
            self._next = turn.moment + units * self._gap
        if turn.moment > now:
            self._sleep(turn.moment - now)
        turn.moment = max(turn.moment, self._clock())  # a thread may wake up late, and be that much nearer to the next
        return turn

    def _with_room(self, moment: float, units: int) -> Turn:
        """Take the first turn from a moment on whose second has room for so many units.

        Spacing alone gives them room, unless a batch comes close behind others or a request was late.
        """
        while self._taken and (self._taken[0].moment <= moment - _SECOND or self._held + units > self._limit):
            former = self._taken.popleft()
            self._held -= former.units
            moment = max(moment, former.moment + _SECOND)
        turn = Turn(moment, units)
        self._taken.append(turn)
        self._held += units
        return turn

    def heed(self, limit: int, left: int) -> None:
        """Follow what the exchange tells: a lower limit than the documented one, or a bucket that others emptied."""
        with self._lock:
            self.told = (limit, left)
            self._gap = 1.0 / (min(limit, self._limit) * _SHARE)
        if left <= 0:
            self.hold(self._gap)

    def hold(self, seconds: float) -> None:
        """Let nobody go for a while."""
        with self._lock:
            self._next = max(self._next, self._clock() + seconds)


_pacers: dict[tuple[str, str, str], Pacer] = {}
_lock = threading.Lock()


def pacer_of(address: str, group: str, account: str = "") -> Pacer:
    """Return the one pacer of a group at an address, for an account where the limit is the account's.

    An account is told apart by a hash of its key's name, ``Credentials.tag``: this table outlives the sessions.
    """
    with _lock:
        key = (address, group, account)
        if key not in _pacers:
            _pacers[key] = Pacer(LIMITS[group])
        return _pacers[key]
