"""Which requests come from this machine: those that a web page from elsewhere makes a browser send are refused.

The server listens on a loopback address, so that only programs of this machine reach it. A browser is one of them, and
it sends what any open page says. Two things tell such requests apart:

- ``Origin`` names the page's own address: browsers send it with every POST to another address and with every WebSocket
  handshake. Programs send none; a page that this machine serves, such as a notebook's, has a loopback address.
- ``Host`` names the address that was asked. A page at ``evil.example`` whose name is made to lead to 127.0.0.1 after it
  has loaded (DNS rebinding) shares its origin with what answers there, so no Origin gives it away; its Host does.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

__all__ = ["is_local"]

_NAMES = frozenset({"localhost", "localhost."})
_SCHEMES = frozenset({"http", "https", "ws", "wss"})


def is_local(headers: Mapping[str, str]) -> bool:
    """Return whether a request names this machine, and comes from a program or a page of this machine.

    Parameters
    ----------
    headers : mapping
        Of the request; lookups ignore case.

    Examples
    --------
    >>> is_local({"Host": "127.0.0.1:8765"}), is_local({"Host": "[::1]:8765", "Origin": "http://localhost:8888"})
    (True, True)
    >>> is_local({"Host": "evil.example:8765"}), is_local({"Host": "localhost", "Origin": "https://evil.example"})
    (False, False)
    """
    host, origin = headers.get("Host"), headers.get("Origin")
    # HTTP/1.0 needs no Host, and no browser leaves it out
    return (host is None or _is_this_machine(f"http://{host}")) and (origin is None or _is_this_machine(origin))


def _is_this_machine(address: str) -> bool:
    """Return whether an address is one of this machine; "null", the origin of a page without address, is none."""
    try:
        parts = urlsplit(address)
        name = parts.hostname or ""
        parts.port  # noqa: B018  # raises ValueError when it is no number
    except ValueError:
        return False
    if parts.scheme not in _SCHEMES or parts.username is not None or any((parts.path, parts.query, parts.fragment)):
        return False
    return name in _NAMES or _is_loopback(name)


def _is_loopback(name: str) -> bool:
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
