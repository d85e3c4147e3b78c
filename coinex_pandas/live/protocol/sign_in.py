"""The signature of a connection: requested from the driver, sent, acknowledged, and repeated when a clock was wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from coinex_pandas.errors.codes import lookup

__all__ = ["Sign", "SignIn", "Signature"]

_MOST = 2  # signatures on a connection before a refusal is final: the first may be of a clock that was wrong
_FIRST_DIGIT = 10_000
_UNSIGNED = 1001  # the code, less its first digit, of a channel that needs a signature


class Signature:
    """The parameters of ``server.sign``; its repr hides them."""

    def __init__(self, params: Mapping[str, Any]) -> None:
        self.params = msgspec.Raw(json.dumps(params).encode())  # msgspec refuses a str subclass, a session's texts

    def __repr__(self) -> str:
        return "<signature>"


class Sign(NamedTuple):
    """Make a signature; report `Connection.on_signature`, or `Connection.on_sign_failure` with the reason.

    Attributes
    ----------
    anew : bool
        Whether to measure the exchange's clock first, because a signature was refused.
    connection : int
        Which connection it is for.
    """

    anew: bool
    connection: int


class SignIn:
    """The rules of signing for one connection after the other.

    Attributes
    ----------
    state : str
        Empty, ``wanted`` (the driver makes a signature), ``sent`` or ``signed``.
    """

    def __init__(self) -> None:
        self.state = ""
        self._count = 0

    def begin(self, connection: int) -> Sign | None:
        """Return the action that makes a signature; None where one is under way or acknowledged."""
        if self.state:
            return None
        self.state = "wanted"
        self._count += 1
        return Sign(self._count > 1, connection)

    def end(self) -> None:
        """Note that the connection is gone."""
        self.state, self._count = "", 0

    def put_off(self) -> None:
        """Note that this attempt failed, and does not count."""
        self.state = ""
        self._count -= 1

    def may_repeat(self, code: int) -> bool:
        """Return whether to answer a refusal with another signature."""
        self.state = ""
        again = lookup(code).kind == "auth" and self._count < _MOST
        self._count = self._count if again else 0
        return again

    @staticmethod
    def lacks(code: int) -> bool:
        """Return whether a subscription was refused because there is no signature."""
        return code % _FIRST_DIGIT == _UNSIGNED
