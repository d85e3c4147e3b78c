"""Whether a connection is signed for: asked of the shell, sent, acknowledged, and once more when a clock was wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from coinex_pandas.errors.codes import lookup

__all__ = ["Sign", "SignIn", "Signature"]

_MOST = 2  # signatures on a connection before a refusal is believed: the first may be of a clock that was wrong
_FIRST_DIGIT = 10_000
_UNSIGNED = 1001  # the code, less its first digit, of a channel that needs a signature


class Signature:
    """The parameters of ``server.sign``; they are shown nowhere."""

    def __init__(self, params: Mapping[str, Any]) -> None:
        self.params = msgspec.Raw(json.dumps(params).encode())  # a session's texts are not what msgspec takes for texts

    def __repr__(self) -> str:
        return "<signature>"


class Sign(NamedTuple):
    """Make a signature, and hand it to `Link.signature`.

    Attributes
    ----------
    anew : bool
        Whether the exchange's clock is to be measured before, because a signature was refused.
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
        Empty, ``wanted`` (the shell makes a signature), ``sent`` or ``signed``.
    """

    def __init__(self) -> None:
        self.state = ""
        self._count = 0

    def begin(self, connection: int) -> Sign | None:
        """Return the wish for a signature, if there is need of one."""
        if self.state:
            return None
        self.state = "wanted"
        self._count += 1
        return Sign(self._count > 1, connection)

    def end(self) -> None:
        """Note that the connection is gone."""
        self.state, self._count = "", 0

    def put_off(self) -> None:
        """Note that it comes to nothing for now."""
        self.state = ""
        self._count -= 1

    def may_repeat(self, code: int) -> bool:
        """Return whether a refusal calls for another signature."""
        self.state = ""
        again = lookup(code).kind == "auth" and self._count < _MOST
        self._count = self._count if again else 0
        return again

    @staticmethod
    def lacks(code: int) -> bool:
        """Return whether a subscription was refused for want of a signature."""
        return code % _FIRST_DIGIT == _UNSIGNED
