"""What a `Connection` wants its driver to do, in order: it has no sockets, threads or clocks of its own."""

from __future__ import annotations

from typing import NamedTuple

from coinex_pandas.live.protocol.account import AccountRequest
from coinex_pandas.live.protocol.sign_in import Sign
from coinex_pandas.live.protocol.subscription import DealRequest

__all__ = ["Action", "Connect", "Drop", "Recover", "Send", "Sign"]


class Connect(NamedTuple):
    """Open the socket; report `Connection.on_open`, or `Connection.on_close` with the reason."""


class Send(NamedTuple):
    """Send a text frame."""

    text: str
    is_secret: bool = False

    def __repr__(self) -> str:
        return f"Send({'***' if self.is_secret else self.text!r})"


class Drop(NamedTuple):
    """Close the socket; report `Connection.on_close` with this cause."""

    cause: str


class Recover(NamedTuple):
    """Request over HTTP what was missed, after a pause in seconds; report `Connection.on_recovery`."""

    request: DealRequest | AccountRequest
    pause: float


Action = Connect | Send | Drop | Recover | Sign
