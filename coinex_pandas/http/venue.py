"""Where to ask: a venue is a name and two addresses.

The live exchange, the sandbox and (to come) an archive differ by nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from coinex_pandas.errors import InvalidArgument

__all__ = ["LIVE", "Venue"]


_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Venue:
    """A place that answers as the exchange does.

    Parameters
    ----------
    name : str
        What ``attrs["coinex"]["venue"]`` says.
    http, ws : str
        The two addresses, both including ``/v2``.

    Examples
    --------
    >>> Venue("mine", http="http://127.0.0.1:8765/v2", ws="ws://127.0.0.1:8765/v2")
    Venue(name='mine', http='http://127.0.0.1:8765/v2', ws='ws://127.0.0.1:8765/v2')
    """

    name: str
    http: str
    ws: str = ""

    def __post_init__(self) -> None:
        for address, schemes in ((self.http, ("http", "https")), (self.ws, ("", "ws", "wss"))):
            if _scheme(address) not in schemes:
                raise InvalidArgument(
                    f"venue {self.name!r}: {address!r} is no {' or '.join(filter(None, schemes))} address"
                )
        object.__setattr__(self, "http", self.http.rstrip("/"))
        object.__setattr__(self, "ws", self.ws.rstrip("/"))

    @property
    def is_local(self) -> bool:
        """Whether it runs on this machine."""
        return urlsplit(self.http).hostname in _LOOPBACK

    @property
    def in_the_clear(self) -> str:
        """The address to which a key would travel unencrypted to another machine; "" when there is none."""
        addresses = (urlsplit(address) for address in (self.http, self.ws) if address)
        open_ones = (each for each in addresses if each.scheme in ("http", "ws") and each.hostname not in _LOOPBACK)
        return next((each.geturl() for each in open_ones), "")


def _scheme(address: str) -> str | None:
    """Return the scheme of an address; None when it is none."""
    try:
        return urlsplit(address).scheme
    except ValueError:  # such as one with half a bracket
        return None


LIVE = Venue("live", http="https://api.coinex.com/v2", ws="wss://socket.coinex.com/v2")
"""The exchange itself."""
