"""Pacing: keep below the exchange's rate limits, shared by all threads.

A dozen lines of our own instead of a library: the one measured (pyrate-limiter 4.5) takes 0.16 s to import, a third
of what importing pandas and requests takes, for what one addition under a lock does.
Source of the limits: https://docs.coinex.com/api/v2/rate-limit.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import takewhile
from operator import attrgetter

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
_LATEST = 0.25  # seconds that a slow answer may count as late arrival of its request: more was the exchange thinking
_TRIPS = 50  # round trips of which the shortest tells how long the way is when nothing stands in it


@dataclass(slots=True)
class Turn:
    """When so many units reach the exchange, as far as is known: at first when they are to be sent."""

    moment: float
    units: int
    trips: deque[float] = field(default_factory=deque)

    def note_answer(self, now: float) -> None:
        """Note that the answer is there; what it took longer than others, the request may have arrived later."""
        trip = now - self.moment
        self.trips.append(trip)
        self.moment += min(trip - min(self.trips), _LATEST)


class Pacer:
    """Spreads requests evenly, so that no second holds more than its share.

    Even spacing is not enough: a request that is held up on its way arrives close to those sent after it. So a turn
    is taken first, and when it has come, its second is counted once more, with what is known by then.

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
        self._trips: deque[float] = deque(maxlen=_TRIPS)
        self.quota: tuple[int, int] | None = None

    def wait(self, units: int = 1) -> Turn:
        """Take the next free moment(s) and sleep until then; who tells the turn when it ended paces more exactly."""
        with self._lock:
            turn = Turn(max(self._clock() - _CREDIT, self._next), units, self._trips)
            self._next = turn.moment + units * self._gap
            self._taken.append(turn)
        come = -math.inf
        while (moment := self._due(turn)) > come:
            if (pause := moment - self._clock()) > 0:
                self._sleep(pause)
            come = moment
        turn.moment = max(turn.moment, self._clock())  # a thread may wake up late, and be that much nearer to the next
        return turn

    def _due(self, turn: Turn) -> float:
        """Return when a turn comes, by what is known now."""
        with self._lock:
            turn.moment = max(turn.moment, self._room_for(turn))
            return turn.moment

    def _room_for(self, turn: Turn) -> float:
        """Return the moment from which on a second has room for a turn beside those taken before it."""
        before = self._clock() - _SECOND
        while self._taken and self._taken[0] is not turn and self._taken[0].moment <= before:
            self._taken.popleft()
        others = list(takewhile(lambda taken: taken is not turn, self._taken))
        held, room = turn.units + sum(other.units for other in others), turn.moment
        if held > self._limit:
            for other in sorted(others, key=attrgetter("moment")):
                held, room = held - other.units, other.moment + _SECOND
                if held <= self._limit:
                    break
        return room

    def adapt(self, limit: int, left: int) -> None:
        """Follow what the exchange tells: a lower limit than the documented one, or a bucket that others emptied."""
        with self._lock:
            self.quota = (limit, left)
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
