"""Who asks: keys, signatures, their age, addresses and permissions, refused with the exchange's own codes.

Two schemes of signing are accepted: HMAC-SHA256, and the one from before 2024-04-18 (plain SHA-256 with the secret
at the end of the text), which programs still use; `Gate.signed` counts both. What is not documented and decided
here: a timestamp that is missing or no number is code 4004, one too old 4010, one too far ahead 4017; a key past
its end is unknown (4005); a key that may not trade gets 4115, one that may not withdraw 4011.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any, Protocol

import msgspec

from coinex_pandas.simulator.engine.accounts import Account, Accounts, Key
from coinex_pandas.simulator.engine.engine import Trading
from coinex_pandas.simulator.market.parameters import Body, Params
from coinex_pandas.simulator.reply import Refusal, Reply
from coinex_pandas.simulator.server.rate_limits import Buckets

__all__ = ["WINDOW_MS", "Asked", "Endpoint", "Gate", "Outcome", "Reception", "Signature", "require", "signer_of"]


WINDOW_MS = 5_000
_LONGEST_WINDOW = 60_000
_SIGNATURE = re.compile(r"[0-9a-f]{64}", re.ASCII)
_MONEY_OUT = frozenset({"withdraw", "cancel_withdraw"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came over the wire; its repr shows nothing that was signed with."""

    method: str
    path: str
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    address: str

    def prepared(self, timestamp: str) -> bytes:
        """Return the text that is signed."""
        target = self.path.encode("utf-8", "surrogateescape")
        return self.method.encode() + target + self.body + timestamp.encode("latin-1", "replace")


class Gate:
    """Tell who signed a request.

    Parameters
    ----------
    accounts : Accounts
        The keys there are.

    Attributes
    ----------
    signed : Counter of str
        Good signatures by scheme: ``hmac``, and ``sha256`` for the old one.
    """

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self.signed: Counter[str] = Counter()

    def admit(self, asked: Asked, now: int, speed: float = 1.0) -> Key:
        """Return the key that signed a request; raises Refusal.

        The window is one of real seconds: it is as many times longer as the sandbox's clock runs faster.
        """
        key = self._accounts.key(asked.headers.get("X-COINEX-KEY", ""))
        if key is None or 0 < key.expires_at <= now:
            raise Refusal(4005, "access_id not exist")
        signature = asked.headers.get("X-COINEX-SIGN", "")
        if not _SIGNATURE.fullmatch(signature):
            raise Refusal(4008, "signature value malformed")
        timestamp = asked.headers.get("X-COINEX-TIMESTAMP", "")
        age, window = now - _digits(timestamp, "X-COINEX-TIMESTAMP"), _window(asked.headers)
        self._check_signature(asked.prepared(timestamp), key.secret_key, signature)
        _check_age(age, window * max(1.0, speed))
        _check_address(asked.address, key.ip_whitelist)
        if key.account.is_frozen:
            raise Refusal(4011, "user not allowed to access: the sub-account is frozen")
        return key

    def _check_signature(self, prepared: bytes, secret: str, signature: str) -> None:
        key = secret.encode("latin-1")
        if hmac.compare_digest(hmac.new(key, prepared, hashlib.sha256).hexdigest(), signature):
            self.signed["hmac"] += 1
        elif hmac.compare_digest(hashlib.sha256(prepared + key).hexdigest(), signature):
            self.signed["sha256"] += 1
        else:
            raise Refusal(4006, "signature incorrect")


def require(key: Key, name: str, needs: str, params: Mapping[str, object]) -> None:
    """Refuse what a key or its account may not do.

    A transfer needs a key that may trade; only withdrawals need one that may withdraw. What a sub-account lacks
    keeps it from changing something; looking is always allowed.
    """
    if needs in ("", "read"):
        return
    if name in _MONEY_OUT:
        if not key.withdraw_enabled:
            raise Refusal(4011, "user not allowed to access: the key may not withdraw")
    elif not key.trade_enabled:
        raise Refusal(4115, "user not allowed to trade: the key may only read")
    _check_permissions(key.account, name, params)


def _check_permissions(account: Account, name: str, params: Mapping[str, object]) -> None:
    asked = [params.get(each) for each in ("market_type", "from_account_type", "to_account_type")]
    for permission, prefix in (("FUTURES", "futures_"), ("MARGIN", "margin_"), ("AMM", "amm_")):
        if (name.startswith(prefix) or permission in asked) and not account.may(permission):
            raise Refusal(4512, f"sub-account lacks the permission {permission}")


def _check_age(age: int, window: float) -> None:
    if age > window:
        raise Refusal(4010, "request expired")
    if age < -window:
        raise Refusal(4017, "signature expired: the timestamp lies ahead")


def _check_address(address: str, allowed: tuple[str, ...]) -> None:
    if allowed and not any(ip_address(address) in ip_network(each, strict=False) for each in allowed):
        raise Refusal(4007, "ip not allow visit")


def _window(headers: Mapping[str, str]) -> int:
    text = headers.get("X-COINEX-WINDOWTIME", "")
    window = _digits(text, "X-COINEX-WINDOWTIME") if text else WINDOW_MS
    return min(window, _LONGEST_WINDOW)


def _digits(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise Refusal(message=f"invalid argument: {name}")
    return int(text)


class Signature(msgspec.Struct):
    """The parameters of server.sign: the hex HMAC-SHA256 of the timestamp's digits."""

    access_id: str
    signed_str: str
    timestamp: int

    def __repr__(self) -> str:
        return "<signature>"


def signer_of(accounts: Accounts, signature: Signature, now: int, address: str, speed: float = 1.0) -> Account | None:
    """Return the account whose key has signed; None for a signature that is not good, or not any more.

    As for requests the window is one of real seconds: it is as many times longer as the sandbox's clock runs faster.
    """
    key = accounts.key(signature.access_id)
    if key is None or 0 < key.expires_at <= now or key.account.is_frozen:
        return None
    if key.ip_whitelist and not any(ip_address(address) in ip_network(each, strict=False) for each in key.ip_whitelist):
        return None
    digits = str(signature.timestamp).encode()
    good = hmac.new(key.secret_key.encode("latin-1"), digits, hashlib.sha256).hexdigest()
    is_right = hmac.compare_digest(good.encode(), signature.signed_str.encode())
    return key.account if is_right and abs(now - signature.timestamp) <= WINDOW_MS * max(1.0, speed) else None


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
