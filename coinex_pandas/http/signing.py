"""How a request is signed: what is signed is read off the finished request, so it is what is sent.

Source: https://docs.coinex.com/api/v2/authorization.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from coinex_pandas.errors import InvalidArgument
from coinex_pandas.http.credentials import Credentials

__all__ = ["HEADERS", "Signer", "prepared_text", "socket_params"]

HEADERS = ("X-COINEX-KEY", "X-COINEX-SIGN", "X-COINEX-TIMESTAMP")
"""What a signed request carries; ``X-COINEX-WINDOWTIME`` stands beside them and is not secret."""


def prepared_text(method: str, path: str, body: bytes, timestamp: int) -> bytes:
    """Return what is signed.

    Parameters
    ----------
    method : str
        In upper case.
    path : str
        With ``/v2`` and with the query as it goes on the wire.
    body : bytes
        As it goes on the wire; empty when there is none.
    timestamp : int
        Milliseconds.

    Examples
    --------
    >>> prepared_text("GET", "/v2/spot/order-status?market=BTCUSDT&order_id=7", b"", 1700490703564)
    b'GET/v2/spot/order-status?market=BTCUSDT&order_id=71700490703564'
    """
    return method.encode() + path.encode("latin-1") + body + str(timestamp).encode()


def socket_params(credentials: Credentials, timestamp: int) -> dict[str, Any]:
    """Return the parameters of a socket's ``server.sign``: the timestamp's digits are all that is signed."""
    signature = credentials.signature(str(timestamp).encode())
    return {"access_id": credentials.access_id, "signed_str": signature, "timestamp": timestamp}


class Signer(AuthBase):
    """Signs a finished request, with a timestamp of its own each time.

    Parameters
    ----------
    credentials : Credentials
        The key.
    address : str
        The venue's HTTP address: no other one is signed for.
    now_ms : callable
        The exchange's clock in milliseconds.
    window : int, optional
        For how many milliseconds a request is valid; None for the exchange's own 5,000.
    """

    def __init__(
        self, credentials: Credentials, address: str, now_ms: Callable[[], int], window: int | None = None
    ) -> None:
        self._credentials = credentials
        self._address = address
        self._now_ms = now_ms
        self._window = window

    def __repr__(self) -> str:
        return "<Signer ***>"

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return the request with its signature; nothing may be changed about it afterwards."""
        self._require_home(request.url or "")
        timestamp = self._now_ms()
        body = request.body or b""
        text = prepared_text(
            str(request.method), request.path_url, body if isinstance(body, bytes) else body.encode(), timestamp
        )
        request.headers.update(self._headers(text, timestamp))
        request.hooks["response"].append(_without_signature)  # the first of all: others look at responses
        return request

    def _headers(self, text: bytes, timestamp: int) -> Mapping[str, str]:
        key, signature = self._credentials.access_id, self._credentials.signature(text)
        headers = dict(zip(HEADERS, (key, signature, str(timestamp)), strict=True))
        return headers if self._window is None else headers | {"X-COINEX-WINDOWTIME": str(self._window)}

    def _require_home(self, url: str) -> None:
        home, target = urlsplit(self._address), urlsplit(url)
        is_home = (home.scheme, home.hostname, home.port) == (target.scheme, target.hostname, target.port)
        if not is_home or not target.path.startswith(f"{home.path}/"):
            raise InvalidArgument(f"a key signs for {self._address} only")


def _without_signature(response: requests.Response, **_sent_with: Any) -> None:
    """Take the signature off a request that was answered: its response keeps it, and people look at responses."""
    for name in HEADERS:
        response.request.headers.pop(name, None)
