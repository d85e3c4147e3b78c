"""A reply over HTTP as an archive keeps it: without the request's headers, and without keys that a peer has echoed."""

from __future__ import annotations

from typing import Any

import requests

from coinex_pandas.errors.quoting import without_keys

__all__ = ["masked_body", "reply_facts"]

_HEADERS = ("Date", "Content-Type", "Retry-After", "X-RateLimit-Limit", "X-RateLimit-Remaining")
"""Of a reply; those of requests hold keys."""


def reply_facts(response: requests.Response, address: str, sent: int) -> dict[str, Any]:
    """Return what is known of a reply.

    Parameters
    ----------
    response : Response
        The reply.
    address : str
        What was requested.
    sent : int
        When, in nanoseconds since 1970.
    """
    return {
        "method": response.request.method,
        "url": address,
        "status": response.status_code,
        "headers": {name: response.headers[name] for name in _HEADERS if name in response.headers},
        "sent": sent,
    }


def masked_body(body: bytes) -> bytes:
    """Return a text from outside without the keys of this process, should it be an echo of them."""
    text = body.decode("utf-8", "surrogateescape")
    clean = without_keys(text)
    return body if clean == text else clean.encode("utf-8", "surrogateescape")
