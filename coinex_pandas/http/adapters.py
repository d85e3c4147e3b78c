"""Two adapters: one prints no request of a signed session, the other keeps a session at its venue."""

from __future__ import annotations

from typing import Any

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from coinex_pandas.http.venue import Venue

__all__ = ["RefusingAdapter", "SilentAdapter"]


class _Plain(HTTPConnection):
    debuglevel = 0


class _Secure(HTTPSConnection):
    debuglevel = 0


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


_POOLS = {"http": _PlainPool, "https": _SecurePool}


class SilentAdapter(HTTPAdapter):
    """Prints nothing, whatever ``http.client.HTTPConnection.debuglevel`` is.

    People set that level to look at the wire: it prints every header, the key and its signature too.
    """

    def init_poolmanager(self, *args: Any, **settings: Any) -> None:
        """Make the pools for venues that are reached directly."""
        super().init_poolmanager(*args, **settings)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *args: Any, **settings: Any) -> Any:
        """Return the pools for venues behind a proxy."""
        manager = super().proxy_manager_for(*args, **settings)
        manager.pool_classes_by_scheme = _POOLS
        return manager


class RefusingAdapter(BaseAdapter):
    """Refuses every address but the venue's own."""

    def __init__(self, venue: Venue) -> None:
        super().__init__()
        self._venue = venue

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Refuse a request before anything is connected."""
        raise requests.ConnectionError(f"a session at {self._venue.name} reaches {self._venue.http} only")

    def close(self) -> None:
        """Hold nothing open."""
