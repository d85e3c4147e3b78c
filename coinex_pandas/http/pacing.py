"""Pacing: requests of all threads together stay below the exchange's rate limits.

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

from coinex_pandas.http.processes import call_in_child

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
_CREDIT = 0.012  # seconds that a late request may catch up: else each delay of a thread would cost a turn for good
_SECOND = 1.001  # a second, and the rounding of clocks and their sums
_LATEST = 0.25  # seconds of a slow answer that count as late arrival of its request: more is the exchange's own time
_TRIPS = 50  # round trips; the shortest of them is the length of the way


@dataclass(slots=True)
class Turn:
    """The moment at which a request of so many units reaches the exchange; at first the moment to send it."""

    moment: float
    units: int
    trips: deque[float] = field(default_factory=deque)

    def note_answer(self, now: float) -> None:
        """Note the time of the answer: if it took longer than others, the request may have arrived that much later."""
        trip = now - self.moment
        self.trips.append(trip)
        self.moment += min(trip - min(self.trips), _LATEST)


class Pacer:
    """Spreads requests evenly, so that no second holds more than its share.

    Even spacing is not enough: a request that is delayed on its way arrives close to those sent after it. So a request
    takes a turn first, and when the turn comes, its second is counted again, with the newest times of arrival.

    Parameters
    ----------
    per_second : int
        The limit to keep below.
    clock, sleep : callable
        For tests.

    Attributes
    ----------
    quota : (int, int) or None
        The limit and what remains of it, from the headers of the newest answer that has them.
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
        self._turns: deque[Turn] = deque()
        self._trips: deque[float] = deque(maxlen=_TRIPS)
        self.quota: tuple[int, int] | None = None

    def wait(self, units: int = 1) -> Turn:
        """Take the next free turn and sleep until it comes; ``Turn.note_answer`` makes the pace more exact."""
        with self._lock:
            turn = Turn(max(self._clock() - _CREDIT, self._next), units, self._trips)
            self._next = turn.moment + units * self._gap
            self._turns.append(turn)
        previous = -math.inf
        while (moment := self._due(turn)) > previous:
            if (pause := moment - self._clock()) > 0:
                self._sleep(pause)
            previous = moment
        turn.moment = max(turn.moment, self._clock())  # a thread may wake up late, and be that much nearer to the next
        return turn

    def _due(self, turn: Turn) -> float:
        """Return when a turn comes, by the times of arrival so far."""
        with self._lock:
            turn.moment = max(turn.moment, self._room_for(turn))
            return turn.moment

    def _room_for(self, turn: Turn) -> float:
        """Return the moment from which on a second has room for a turn beside the earlier ones."""
        before = self._clock() - _SECOND
        while self._turns and self._turns[0] is not turn and self._turns[0].moment <= before:
            self._turns.popleft()
        others = list(takewhile(lambda other: other is not turn, self._turns))
        units, room = turn.units + sum(other.units for other in others), turn.moment
        if units > self._limit:
            for other in sorted(others, key=attrgetter("moment")):
                units, room = units - other.units, other.moment + _SECOND
                if units <= self._limit:
                    break
        return room

    def adapt(self, limit: int, remaining: int) -> None:
        """Follow the exchange's own figures: a limit below the documented one, or one that others have used up."""
        with self._lock:
            self.quota = (limit, remaining)
            self._gap = 1.0 / (min(limit, self._limit) * _SHARE)
        if remaining <= 0:
            self.hold(self._gap)

    def hold(self, seconds: float) -> None:
        """Let no request go for a while; turns that are taken already come later, as far apart as before."""
        with self._lock:
            now = self._clock()
            waiting = [turn for turn in self._turns if turn.moment > now]
            delay = now + seconds - min((turn.moment for turn in waiting), default=self._next)
            for turn in waiting if delay > 0 else ():
                turn.moment += delay
            self._next += max(0.0, delay)


_pacers: dict[tuple[str, str, str], Pacer] = {}
call_in_child(_pacers.clear)  # another thread of the parent may be taking a turn


def pacer_of(address: str, group: str, account: str = "") -> Pacer:
    """Return the one pacer of a group at an address, for an account where the limit is the account's.

    An account is identified by a hash of its access id, ``Credentials.tag``: this table outlives the sessions.
    """
    key = (address, group, account)
    return _pacers.get(key) or _pacers.setdefault(key, Pacer(LIMITS[group]))  # one step: it needs no lock
