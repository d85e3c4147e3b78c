"""The way of a private request: who signed it, does the rate allow it, may they, and then the desk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from coinex_pandas.sandbox.asked import Body
from coinex_pandas.sandbox.buckets import Buckets
from coinex_pandas.sandbox.gate import Asked, Gate, require
from coinex_pandas.sandbox.reply import Refusal, Reply
from coinex_pandas.sandbox.trading import Params, Trading

__all__ = ["Endpoint", "Outcome", "Reception"]

_JSON = "application/json"


class Endpoint(Protocol):
    """What the sandbox needs of a route."""

    @property
    def name(self) -> str:
        """The function's name."""

    @property
    def method(self) -> str:
        """GET or POST."""

    @property
    def path(self) -> str:
        """The path below /v2."""

    @property
    def pace(self) -> str:
        """The rate limit group."""

    @property
    def needs(self) -> str:
        """What a key must be allowed: nothing for a public endpoint, or read, trade, withdraw."""

    @property
    def weight(self) -> str:
        """The list parameter whose items count one unit each; empty: a request counts one."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """An answer and the headers that go with it."""

    reply: Reply
    headers: Mapping[str, str] = field(default_factory=dict)


class Reception:
    """Take signed requests and pass them on.

    Parameters
    ----------
    trading : Trading
        Answers in the end.
    gate : Gate
        Knows who signed.
    buckets : Buckets
        Knows how much each account has asked.
    """

    def __init__(self, trading: Trading, gate: Gate, buckets: Buckets) -> None:
        self._trading = trading
        self._gate = gate
        self._buckets = buckets

    def answer(self, asked: Asked, endpoint: Endpoint, query: Mapping[str, str], skew: int = 0) -> Outcome:
        """Answer a request, refusals included; `skew` is by how much the exchange's clock is wrong."""
        clock = self._trading.clock
        try:
            key = self._gate.admit(asked, clock.now_ms() + skew, clock.speed)
            params = query if asked.method == "GET" else _body(asked)
        except Refusal as refusal:
            return Outcome(refusal.reply)
        taken = self._buckets.take(endpoint.pace, key.account.name, _units(endpoint, params))
        if not taken.granted:
            return Outcome(too_many(), taken.headers)
        try:
            require(key, endpoint.name, endpoint.needs, params)
            return Outcome(self._trading.answer(endpoint.name, key.account, params), taken.headers)
        except Refusal as refusal:
            return Outcome(refusal.reply, taken.headers)


def too_many() -> Reply:
    """Return the answer to one request too many."""
    return Reply({}, 4213, "rate limit exceeded")


def _units(endpoint: Endpoint, params: Params) -> int:
    items = params.get(endpoint.weight) if endpoint.weight else None
    return max(1, len(items)) if isinstance(items, list) else 1


def _body(asked: Asked) -> Body:
    """Return a body's parameters; one that is no JSON object, or not labelled as JSON, is refused."""
    if asked.headers.get("Content-Type", "").partition(";")[0].strip().lower() != _JSON:
        raise Refusal(message="invalid argument: Content-Type is not application/json")
    try:
        found: dict[str, Any] = msgspec.json.decode(asked.body, type=dict[str, Any])
    except msgspec.DecodeError as fault:
        raise Refusal(message="invalid argument: the body is no JSON object") from fault
    return Body(found)
