"""Requests that need a key: signature, rate limit and permissions are checked, then the exchange answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from coinex_pandas.simulator.exchange import Exchange
from coinex_pandas.simulator.faults import SKEW_MS, Hits
from coinex_pandas.simulator.parameters import Body, Params
from coinex_pandas.simulator.reply import Refusal, Reply
from coinex_pandas.simulator.server.auth import Authenticator, SignedRequest, check_permissions
from coinex_pandas.simulator.server.rate_limits import Buckets

__all__ = ["Endpoint", "Response", "SignedRequests", "too_many"]

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
class Response:
    """A reply and the headers that go with it."""

    reply: Reply
    headers: Mapping[str, str] = field(default_factory=dict)


class SignedRequests:
    """Answer requests that need a key.

    Parameters
    ----------
    exchange : Exchange
        Answers the requests.
    auth : Authenticator
        Finds out who has signed.
    buckets : Buckets
        Limits the requests of each account.
    """

    def __init__(self, exchange: Exchange, auth: Authenticator, buckets: Buckets) -> None:
        self._exchange = exchange
        self._auth = auth
        self._buckets = buckets

    def answer(self, request: SignedRequest, endpoint: Endpoint, query: Mapping[str, str], hits: Hits) -> Response:
        """Answer a request as it came over the wire, refusals included."""
        try:
            key = self._auth.key_of(request, SKEW_MS if "clock_skew" in hits else 0)
            params = query if request.method == "GET" else _body(request)
        except Refusal as refusal:
            return Response(refusal.reply)
        taken = self._buckets.take(endpoint.pace, key.account.name, _units(endpoint, params))
        if not taken.granted:
            return Response(too_many(), taken.headers)
        try:
            check_permissions(key, endpoint.name, endpoint.needs, params)
        except Refusal as refusal:
            return Response(refusal.reply, taken.headers)
        reply = self._exchange.answer_private(endpoint.name, key.account, params, hits)
        return Response(reply, taken.headers)


def too_many() -> Reply:
    """Return the answer to one request too many."""
    return Reply({}, 4213, "rate limit exceeded")


def _units(endpoint: Endpoint, params: Params) -> int:
    items = params.get(endpoint.weight) if endpoint.weight else None
    return max(1, len(items)) if isinstance(items, list) else 1


def _body(request: SignedRequest) -> Body:
    """Return a body's parameters; one that is no JSON object, or not labelled as JSON, is refused."""
    if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != _JSON:
        raise Refusal(message="invalid argument: Content-Type is not application/json")
    try:
        return Body(msgspec.json.decode(request.body, type=dict[str, Any]))
    except (msgspec.DecodeError, RecursionError) as fault:
        raise Refusal(message="invalid argument: the body is no JSON object") from fault
