"""What a `Link` wants of its owner, in order: it has no sockets, threads and clocks of its own."""

from __future__ import annotations

from typing import NamedTuple

from coinex_pandas.live.protocol.account import CatchUp
from coinex_pandas.live.protocol.sign_in import Sign
from coinex_pandas.live.protocol.subscription import Refill

__all__ = ["AskLater", "Connect", "Drop", "Send", "Sign", "Todo"]


class Connect(NamedTuple):
    """Open the connection."""


class Send(NamedTuple):
    """Send a text frame."""

    text: str
    is_secret: bool = False

    def __repr__(self) -> str:
        return f"Send({'***' if self.is_secret else self.text!r})"


class Drop(NamedTuple):
    """Give the connection up; `Link.closed` is to be told the cause."""

    cause: str


class AskLater(NamedTuple):
    """Ask over HTTP for what was missed, after a pause of some seconds."""

    refill: Refill | CatchUp
    pause: float


Todo = Connect | Send | Drop | AskLater | Sign
