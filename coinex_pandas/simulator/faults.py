"""Faults on request: what they hit depends on the seed and the number of the request, connection or frame."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from numbers import Integral, Real
from typing import Any

from coinex_pandas.errors import InvalidArgument
from coinex_pandas.errors.quoting import short_repr
from coinex_pandas.simulator.noise import draw
from coinex_pandas.simulator.reply import Reply
from coinex_pandas.simulator.settings import seconds

__all__ = [
    "FAULTS",
    "HTTP_FAULTS",
    "SKEW_MS",
    "SOCKET_FAULTS",
    "Faults",
    "Hits",
    "Plan",
    "Rate",
    "Spec",
    "alter",
    "checked_plan",
    "is_hit",
]

# name -> what it does to a request it hits
HTTP_FAULTS: dict[str, str] = {
    "latency": "the answer comes late (0.05 s; give (rate, seconds) for another delay)",
    "bad_gateway": "HTTP 502 with an HTML page",
    "busy": "code 3008, service busy",
    "unavailable": "code 4001, service unavailable",
    "rate_limited": "code 4213 with X-RateLimit headers and Retry-After 0",
    "drop": "the connection is closed without an answer, and the request is not carried out",
    "lost_answer": "the request is carried out, then the connection is closed without an answer",
    "gateway_timeout": "the request is carried out, then comes HTTP 504 with an HTML page",
    "truncate": "a complete answer whose JSON stops in the middle",
    "cut": "the connection is closed in the middle of the body",
    "content_type": "the right JSON, labelled text/html",
    "insert_rows": "before page 2 or later of a paged history a new row comes at its front",
    "lying_has_next": "has_next is true on the last page too",
    "null_data": "code 0 with data null",
    "new_column": "every row has one more field, brand_new",
    "clock_skew": "the server's clock is 7 s ahead, in /time and in the Date header",
    "frozen": "trading has ended, yet everything still answers (see Exchange); on sockets when it hits every request",
    "closed_spot": "frozen, and spot knows its markets no more (see Exchange); on sockets when it hits every request",
}
# name -> what it does to a connection, a subscription or a pushed frame
SOCKET_FAULTS: dict[str, str] = {
    "refuse_socket": "connection: the upgrade is answered with HTTP 503",
    "late_ack": "subscription: acknowledged after three pushes or half a second, whichever is first",
    "silent_ack": "subscription: acknowledged, and then never a push",
    "drop_socket": "frame: not sent, the connection is dropped instead, without a close frame (1006)",
    "half_open": "frame: from this one on nothing is sent or answered, and the connection stays open",
    "stalled_feed": "frame: after this one values do not change, while updated_at moves on and acks and pongs come",
    "restart_server": "frame: not sent, all connections are dropped and new ones refused for a second",
    "duplicate_push": "frame: sent twice",
    "reorder_push": "frame: sent after the next one (or after half a second, when none comes)",
    "delay_push": "frame: sent 0.3 s later, and the frames after it, too",
    "corrupt_gzip": "frame: one byte in the middle of the gzip member is wrong",
    "truncate_push": "frame: a whole gzip member whose JSON stops in the middle",
    "gzip_bomb": "frame: small on the wire, 128 MB of JSON once inflated",
    "giant_frame": "frame: 20 MB on the wire and inflated",
    "wrong_checksum": "frame of a book: right levels, wrong checksum",
    "flip_level": "frame of a book: one level's amount is wrong, the checksum is that of the right book",
}
FAULTS: dict[str, str] = HTTP_FAULTS | SOCKET_FAULTS
SKEW_MS = 7_000
_LATENCY = 0.05
_ENDS = ("frozen", "closed_spot")  # under these trading has ended
_TIMED = ("latency", "delay_push", "late_ack", "restart_server")  # these also take (rate, seconds)

Numbers = list[int] | set[int] | frozenset[int] | range
Rate = float | Numbers | tuple[float | Numbers, float]
Plan = Mapping[str, Rate]
Spec = str | Plan | None


@dataclass(frozen=True, slots=True)
class Hits:
    """The faults that hit one request, and the seconds by which it is delayed."""

    names: frozenset[str] = frozenset()
    delay: float = 0.0

    def __contains__(self, name: object) -> bool:
        return name in self.names

    @property
    def end_trading(self) -> bool:
        """Whether trading has ended for the request."""
        return not self.names.isdisjoint(_ENDS)


class Faults:
    """A plan of faults that can be changed while the exchange runs.

    Parameters
    ----------
    spec : None, str or mapping
        One name: it hits everything. Or name -> rate from 0 to 1, or a list, set or range of numbers.
        `latency`, `delay_push`, `late_ack` and `restart_server` also take (rate or numbers, seconds). The names
        are in FAULTS. Numbers count from 1, and a new plan begins to count again:

        - faults of HTTP count requests,
        - `refuse_socket` counts the requests for an upgrade,
        - `late_ack` and `silent_ack` count the accepted subscribe requests of a connection, each connection for
          itself,
        - all other faults of sockets count the pushed frames of a connection, each connection for itself.
    seed : int
        Decides what a rate hits.

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
        """Replace the plan and count from 1 again."""
        plan = checked_plan(spec)
        with self._lock:
            self._plan, self._count, self._upgrades = plan, 0, 0

    @property
    def seed(self) -> int:
        """The seed that decides what a rate hits."""
        return self._seed

    @property
    def plan(self) -> Plan:
        """The current plan; another object after each `set`."""
        return self._plan

    @property
    def frozen(self) -> bool:
        """Whether trading has ended for every request, and for the sockets with them."""
        return any(map(self._hits_all, _ENDS))

    @property
    def closed_spot(self) -> bool:
        """Whether `closed_spot` hits every request, and the sockets with them."""
        return self._hits_all("closed_spot")

    def next(self) -> Hits:
        """Count a request and return the faults that hit it."""
        with self._lock:
            self._count += 1
            plan, number = self._plan, self._count
        http = {name: rate for name, rate in plan.items() if name in HTTP_FAULTS}
        names = frozenset(name for name, rate in http.items() if is_hit(rate, number, self._seed, "fault", name))
        delay = plan["latency"] if "latency" in names else 0.0
        return Hits(names, delay[1] if isinstance(delay, tuple) else _LATENCY if "latency" in names else 0.0)

    def refuses(self) -> bool:
        """Count an upgrade to a socket and return whether it is refused."""
        with self._lock:
            self._upgrades += 1
            plan, number = self._plan, self._upgrades
        return is_hit(plan.get("refuse_socket", 0.0), number, self._seed, "upgrade")

    def _hits_all(self, name: str) -> bool:
        rate = self._plan.get(name, 0.0)
        return isinstance(rate, (int, float)) and rate >= 1

    def __repr__(self) -> str:
        return f"Faults({self._plan!r})"


def is_hit(rate: Rate, number: int, *words: object) -> bool:
    """Return whether a number is hit; with a rate that depends on the number and on `words`."""
    share = rate[0] if isinstance(rate, tuple) else rate
    if isinstance(share, (int, float)):
        return share > 0 and draw(*words, number) < share
    return number in share


def checked_plan(spec: Spec) -> Plan:
    """Return a plan as a mapping; names and rates that do not exist raise InvalidArgument."""
    return {name: _checked(name, rate) for name, rate in _as_mapping(spec).items()}


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
    return replace(reply, data=data, pagination=pagination)


def _with_new_column(data: Any) -> Any:
    if isinstance(data, list):
        return [_with_new_column(row) for row in data]
    return {**data, "brand_new": "1.5"} if isinstance(data, dict) else data


def _as_mapping(spec: Spec) -> Plan:
    if spec is None:
        return {}
    if not isinstance(spec, (str, Mapping)):
        raise InvalidArgument(f"faults: a name, or a mapping of name to rate, not {short_repr(spec)}")
    return {spec: 1.0} if isinstance(spec, str) else spec


def _checked(name: str, rate: Rate) -> Rate:
    if not isinstance(name, str) or name not in FAULTS:
        raise InvalidArgument(f"there is no fault {short_repr(name)}; choose from {', '.join(sorted(FAULTS))}")
    if not isinstance(rate, tuple):
        return _checked_share(name, rate)
    if name not in _TIMED or len(rate) != 2:
        raise InvalidArgument(f"{name}: only {', '.join(_TIMED)} take a pair (rate, seconds); give numbers as a list")
    return _checked_share(name, rate[0]), seconds(rate[1], name)


def _checked_share(name: str, share: float | Numbers) -> float | range | frozenset[int]:
    if isinstance(share, range):
        return share  # as it is: a set of its numbers may not fit into the memory
    if isinstance(share, Real):
        if not 0 <= share <= 1:
            raise InvalidArgument(
                f"{name}: the rate {short_repr(share)} is not between 0 and 1; to hit certain requests, give their "
                "numbers as a list"
            )
        return float(share)
    return _checked_numbers(name, share)


def _checked_numbers(name: str, numbers: Any) -> frozenset[int]:
    is_list = isinstance(numbers, Collection) and not isinstance(numbers, (str, bytes, Mapping))
    if not is_list or not all(isinstance(each, Integral) for each in numbers):
        raise InvalidArgument(f"{name}: a rate from 0 to 1, or a list of numbers, not {short_repr(numbers)}")
    return frozenset(map(int, numbers))
