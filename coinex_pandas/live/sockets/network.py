"""The way to a socket: opened through the proxy and with the certificates that requests would use over HTTP."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import certifi
import picows
from python_socks import ProxyType
from python_socks.async_.asyncio import Proxy
from requests.adapters import HTTPAdapter
from requests.exceptions import InvalidProxyURL
from requests.utils import get_auth_from_url, prepend_scheme_if_needed, select_proxy
from urllib3.util.ssl_ import create_urllib3_context, resolve_cert_reqs

from coinex_pandas.errors.quoting import quoted
from coinex_pandas.http.session import Session
from coinex_pandas.live.protocol.messages import MAX_UNPACKED
from coinex_pandas.live.sockets.listener import FrameHandler, Listener

__all__ = ["Network", "connect", "network_of", "reason_of"]

_HANDSHAKE = 10.0  # seconds for the WebSocket handshake, the TLS handshake and the reply of a SOCKS proxy, each
_OPENING = 30.0  # seconds for all of it
_SOCKS = {  # what speaks to the proxy, and whether the proxy looks up the host's name
    "socks4": (ProxyType.SOCKS4, False),
    "socks4a": (ProxyType.SOCKS4, True),
    "socks5": (ProxyType.SOCKS5, False),
    "socks5h": (ProxyType.SOCKS5, True),
}
_SOCKS_PORT = 1080  # where the address names none

_log = logging.getLogger("coinex_pandas.live")
_log.addHandler(logging.NullHandler())  # the reason is in the gap and in the state; nothing goes to stderr


class Network(NamedTuple):
    """How a session reaches an address.

    Attributes
    ----------
    proxy : str or None
        The proxy's address, with its scheme; None for a direct connection.
    verify : bool or str
        Whether certificates are checked, or the file or folder of the authorities.
    cert : str, (str, str) or None
        The client's own certificate, or that and its key.
    """

    proxy: str | None
    verify: bool | str
    cert: Any


def network_of(session: Session, address: str) -> Network:
    """Return how requests would reach the same host and port over HTTP, from the session and the environment."""
    url = address.replace("ws", "http", 1)
    settings = session.merge_environment_settings(url, {}, None, None, None)
    verify = settings["verify"]
    return Network(_proxy(url, settings["proxies"]), True if verify is None else verify, settings["cert"])


def _proxy(url: str, proxies: Any) -> str | None:
    """Return the proxy for an address, with its scheme."""
    proxy = select_proxy(url, proxies)
    if not proxy:
        return None
    whole = str(prepend_scheme_if_needed(proxy, "http"))  # type: ignore[no-untyped-call]  # no stub has it
    if not urlsplit(whole).hostname:
        raise InvalidProxyURL("the address of the proxy names no host")
    return whole


async def connect(handler: FrameHandler, session: Session, area: str) -> Any:
    """Return the open socket of an area, whose frames a handler takes.

    Raises
    ------
    Exception
        Whatever the network, a proxy, a certificate or the server raises; `reason_of` words it.
    """
    address = f"{session.venue.ws}/{area}"
    network = network_of(session, address)
    scheme = urlsplit(network.proxy or "").scheme.lower()
    is_secure, through_tls, through_socks = address.startswith("wss"), scheme == "https", scheme in _SOCKS
    context = _context(network) if is_secure or through_tls else None
    async with asyncio.timeout(_OPENING):
        transport, _ = await picows.ws_connect(
            lambda: Listener(handler),
            address,
            ssl_context=context if is_secure else None,
            websocket_handshake_timeout=_HANDSHAKE,
            logger_name=_log,
            enable_auto_pong=False,  # a listener that sees the pings knows which frame is the last of a read
            max_frame_size=MAX_UNPACKED,
            max_redirects=0,
            proxy=None if through_socks else network.proxy,
            proxy_ssl_context=context if through_tls else None,
            socket_factory=_dialer(str(network.proxy)) if through_socks else None,
        )
    return transport


def reason_of(fault: BaseException) -> str:
    """Return why there is no connection, in a few words and without the password of a proxy."""
    text = str(fault) or (f"not open within {_OPENING:g} s" if isinstance(fault, TimeoutError) else "")
    return quoted(f"{type(fault).__name__}: {text}".removesuffix(": "))


def _dialer(proxy: str) -> Callable[[Any], Awaitable[Any]]:
    """Return what opens a connection through a SOCKS proxy; picows itself takes each of them for socks5h or socks4."""
    parts, (user, password) = urlsplit(proxy), get_auth_from_url(proxy)
    kind, rdns = _SOCKS[parts.scheme.lower()]

    async def dial(address: Any) -> Any:
        server = Proxy(kind, str(parts.hostname), parts.port or _SOCKS_PORT, user or None, password or None, rdns)
        return await server.connect(address.host, address.port, timeout=_HANDSHAKE)

    return dial


def _context(network: Network) -> ssl.SSLContext:
    """Return how certificates are checked: with urllib3's settings, as requests would have them set."""
    wanted: Any = SimpleNamespace(ca_certs=None, ca_cert_dir=None, cert_file=None, key_file=None)
    # The stubs of requests leave this method without types.
    HTTPAdapter().cert_verify(wanted, "https://", network.verify, network.cert)  # type: ignore[no-untyped-call]
    context = create_urllib3_context(cert_reqs=resolve_cert_reqs(wanted.cert_reqs))
    if wanted.cert_reqs == "CERT_REQUIRED":
        is_default = not (wanted.ca_certs or wanted.ca_cert_dir)
        context.load_verify_locations(certifi.where() if is_default else wanted.ca_certs, wanted.ca_cert_dir)
    if wanted.cert_file:
        context.load_cert_chain(wanted.cert_file, wanted.key_file)
    return context
