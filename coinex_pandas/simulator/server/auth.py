"""Who asks: keys, signatures, their age, addresses and permissions, refused with the exchange's own codes.

Requests over HTTP can be signed in two ways: HMAC-SHA256, and the way from before 2024-04-18 (plain SHA-256 with the
secret at the end of the text), which programs still use; `Authenticator.signed` counts both. What is not documented
and decided here: a timestamp that is missing or no number is code 4004, one too old 4010, one too far ahead 4017; a key
past its end is unknown (4005); a key that may not trade gets 4115, one that may not withdraw 4011.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

import msgspec

from coinex_pandas.simulator.engine.accounts import Account, Accounts, Key
from coinex_pandas.simulator.market.clock import Clock
from coinex_pandas.simulator.reply import Refusal

__all__ = ["WINDOW_MS", "Authenticator", "Signature", "SignedRequest", "check_permissions"]

WINDOW_MS = 5_000
_LONGEST_WINDOW = 60_000
_SIGNATURE = re.compile(r"[0-9a-f]{64}", re.ASCII)
_MONEY_OUT = frozenset({"withdraw", "cancel_withdraw"})


@dataclass(frozen=True, slots=True)
class SignedRequest:
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


class Signature(msgspec.Struct):
    """The parameters of server.sign: the hex HMAC-SHA256 of the timestamp's digits."""

    access_id: str
    signed_str: str
    timestamp: int

    def __repr__(self) -> str:
        return "<signature>"


class Authenticator:
    """Find out whose key has signed, and refuse what is not signed as it should be.

    A timestamp may differ from the exchange's time by a window of real seconds: it is as many times longer as the
    sandbox's clock runs faster.

    Parameters
    ----------
    accounts : Accounts
        The keys there are.
    clock : Clock
        The exchange's time.

    Attributes
    ----------
    signed : Counter of str
        Good signatures of HTTP requests by scheme: ``hmac``, and ``sha256`` for the old one.
    """

    def __init__(self, accounts: Accounts, clock: Clock) -> None:
        self._accounts = accounts
        self._clock = clock
        self.signed: Counter[str] = Counter()

    def key_of(self, request: SignedRequest, skew: int = 0) -> Key:
        """Return the key that signed a request; raises Refusal.

        Parameters
        ----------
        request : SignedRequest
            As it came.
        skew : int
            By how many milliseconds the exchange's clock is wrong.
        """
        now = self._clock.now_ms() + skew
        key = self._key(request.headers.get("X-COINEX-KEY", ""), now)
        signature = request.headers.get("X-COINEX-SIGN", "")
        if not _SIGNATURE.fullmatch(signature):
            raise Refusal(4008, "signature value malformed")
        timestamp = request.headers.get("X-COINEX-TIMESTAMP", "")
        age, window = now - _digits(timestamp, "X-COINEX-TIMESTAMP"), _window(request.headers)
        self._count_scheme(request.prepared(timestamp), key, signature)
        self._check(key, request.address, age, window)
        return key

    def account_of(self, signature: Signature, address: str) -> Account | None:
        """Return the account whose key has signed a socket's request; None for a wrong signature."""
        now = self._clock.now_ms()
        try:
            key = self._key(signature.access_id, now)
            self._check(key, address, now - signature.timestamp, WINDOW_MS)
        except Refusal:
            return None
        return key.account if _is_hmac(str(signature.timestamp).encode(), key, signature.signed_str) else None

    def _key(self, access_id: str, now: int) -> Key:
        key = self._accounts.key(access_id)
        if key is None or 0 < key.expires_at <= now:
            raise Refusal(4005, "access_id not exist")
        return key

    def _count_scheme(self, prepared: bytes, key: Key, signature: str) -> None:
        old = hashlib.sha256(prepared + key.secret_key.encode("latin-1")).hexdigest()
        if _is_hmac(prepared, key, signature):
            self.signed["hmac"] += 1
        elif hmac.compare_digest(old, signature):
            self.signed["sha256"] += 1
        else:
            raise Refusal(4006, "signature incorrect")

    def _check(self, key: Key, address: str, age: int, window: int) -> None:
        """Refuse a signature that is too old or from elsewhere, or of a frozen account."""
        limit = window * max(1.0, self._clock.speed)
        if age > limit:
            raise Refusal(4010, "request expired")
        if age < -limit:
            raise Refusal(4017, "signature expired: the timestamp lies ahead")
        allowed = key.ip_whitelist
        if allowed and not any(ip_address(address) in ip_network(each, strict=False) for each in allowed):
            raise Refusal(4007, "ip not allow visit")
        if key.account.is_frozen:
            raise Refusal(4011, "user not allowed to access: the sub-account is frozen")


def check_permissions(key: Key, name: str, needs: str, params: Mapping[str, object]) -> None:
    """Refuse what a key or its account may not do.

    A transfer needs a key that may trade; only withdrawals need one that may withdraw. What a sub-account lacks
    keeps it from changing something; reading is always allowed.
    """
    if needs in ("", "read"):
        return
    if name in _MONEY_OUT:
        if not key.withdraw_enabled:
            raise Refusal(4011, "user not allowed to access: the key may not withdraw")
    elif not key.trade_enabled:
        raise Refusal(4115, "user not allowed to trade: the key may only read")
    types = [params.get(each) for each in ("market_type", "from_account_type", "to_account_type")]
    for permission, prefix in (("FUTURES", "futures_"), ("MARGIN", "margin_"), ("AMM", "amm_")):
        if (name.startswith(prefix) or permission in types) and not key.account.may(permission):
            raise Refusal(4512, f"sub-account lacks the permission {permission}")


def _is_hmac(text: bytes, key: Key, signature: str) -> bool:
    expected = hmac.new(key.secret_key.encode("latin-1"), text, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode())


def _window(headers: Mapping[str, str]) -> int:
    text = headers.get("X-COINEX-WINDOWTIME", "")
    window = _digits(text, "X-COINEX-WINDOWTIME") if text else WINDOW_MS
    return min(window, _LONGEST_WINDOW)


def _digits(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise Refusal(message=f"invalid argument: {name}")
    return int(text)
