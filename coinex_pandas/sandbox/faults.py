"""Misbehaviour on request: which requests it hits is decided by seed and request number."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from coinex_pandas.sandbox.noise import draw
from coinex_pandas.sandbox.reply import Reply

__all__ = ["FAULTS", "SKEW_MS", "Faults", "Hits", "Spec", "alter"]

# name -> what it does to a request it hits
FAULTS: dict[str, str] = {
    "latency": "the answer comes late (0.05 s; give (rate, seconds) for another delay)",
    "bad_gateway": "HTTP 502 with an HTML page",
    "busy": "code 3008, service busy",
    "unavailable": "code 4001, service unavailable",
    "rate_limited": "code 4213 with X-RateLimit headers and Retry-After 0",
    "drop": "the connection is closed without an answer",
    "truncate": "a complete answer whose JSON stops in the middle",
    "cut": "the connection is closed in the middle of the body",
    "content_type": "the right JSON, labelled text/html",
    "insert_rows": "a new row has come up at the front of a paged history before its page 2 or later",
    "lying_has_next": "has_next is true on the last page too",
    "null_data": "code 0 with data null",
    "new_column": "every row has one more field, brand_new",
    "clock_skew": "the server's clock is 7 s ahead, in /time and in the Date header",
    "frozen": "trading has ended, yet everything still answers (see Exchange)",
}
SKEW_MS = 7_000
_LATENCY = 0.05

Rate = float | tuple[float, float] | list[int] | set[int] | frozenset[int] | range
Spec = str | Mapping[str, Rate] | None


@dataclass(frozen=True, slots=True)
class Hits:
    """The faults that hit one request, and how long it is held back."""

    names: frozenset[str] = frozenset()
    delay: float = 0.0

    def __contains__(self, name: object) -> bool:
        return name in self.names


class Faults:
    """A plan of faults that can be changed while the exchange runs.

    Parameters
    ----------
    spec : None, str or mapping
        One name, which then hits every request; or name -> rate from 0 to 1, or a list, set or range of request
        numbers counted from 1 since the plan was set. `latency` also takes (rate, seconds). The names are in FAULTS.
    seed : int
        Decides which requests a rate hits.

    Examples
    --------
    >>> faults = Faults({"busy": [1, 3]})
    >>> [sorted(faults.next().names) for _ in range(3)]
    [['busy'], [], ['busy']]
    """

    def __init__(self, spec: Spec = None, seed: int = 0) -> None:
        self._seed = seed
        self._lock = threading.Lock()
        self.set(spec)

    def set(self, spec: Spec) -> None:
        """Replace the plan and count requests from 1 again."""
        plan = {name: _checked(name, rate) for name, rate in _as_mapping(spec).items()}
        with self._lock:
            self._plan, self._count = plan, 0

    def next(self) -> Hits:
        """Count a request and return the faults that hit it."""
        with self._lock:
            self._count += 1
            plan, number = self._plan, self._count
        names = frozenset(name for name, rate in plan.items() if self._strikes(name, rate, number))
        delay = plan["latency"] if "latency" in names else 0.0
        return Hits(names, delay[1] if isinstance(delay, tuple) else _LATENCY if "latency" in names else 0.0)

    def _strikes(self, name: str, rate: Rate, number: int) -> bool:
        if isinstance(rate, tuple):
            rate = rate[0]
        if isinstance(rate, (int, float)):
            return draw(self._seed, "fault", name, number) < rate
        return number in rate

    def __repr__(self) -> str:
        return f"Faults({self._plan!r})"


def alter(reply: Reply, hits: Hits) -> Reply:
    """Apply the faults that change a good answer's data; a refusal stays as it is."""
    if reply.code != 0:
        return reply
    data, pagination = reply.data, reply.pagination
    if "new_column" in hits:
        data = _with_new_column(data)
    if "null_data" in hits:
        data = None
    if "lying_has_next" in hits and pagination is not None:
        pagination = {**pagination, "has_next": True}
    return Reply(data, reply.code, reply.message, pagination)


def _with_new_column(data: Any) -> Any:
    if isinstance(data, list):
        return [_with_new_column(row) for row in data]
    return {**data, "brand_new": "1.5"} if isinstance(data, dict) else data


def _as_mapping(spec: Spec) -> Mapping[str, Rate]:
    if spec is None:
        return {}
    return {spec: 1.0} if isinstance(spec, str) else spec


def _checked(name: str, rate: Rate) -> Rate:
    if name not in FAULTS:
        raise ValueError(f"there is no fault {name!r}; choose from {', '.join(sorted(FAULTS))}")
    share = rate[0] if isinstance(rate, tuple) else rate
    if isinstance(rate, tuple) and (name != "latency" or len(rate) != 2):
        raise ValueError(f"{name}: only latency takes a pair (rate, seconds); give request numbers as a list")
    if isinstance(share, (int, float)):
        if not 0 <= share <= 1:
            raise ValueError(f"{name}: the rate {share} is not between 0 and 1; give request numbers as a list")
        return rate
    return frozenset(share)
