"""Adapters: one carries requests, one does and prints none of them, one keeps a session at its venue."""

from __future__ import annotations

import weakref
from functools import cache
from http.client import CONTINUE, SWITCHING_PROTOCOLS, HTTPException
from queue import LifoQueue
from typing import Any

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3.connectionpool import HTTPConnectionPool

from coinex_pandas.http.bounds import BoundedReply, bounded_body
from coinex_pandas.http.processes import call_in_child
from coinex_pandas.http.venue import Venue

__all__ = ["RefusingAdapter", "SilentAdapter", "VenueAdapter"]

_MOST_INTERIM = 20  # replies before the final one; a server that sends them for ever is none


class _FinalReply(BoundedReply):
    """The final reply to a request.

    ``http.client`` skips one kind of interim reply, 100, and takes 102 or 103 for the reply; the real one would then be
    read as the reply to the next request.
    """

    _interim = 0

    def _read_status(self) -> tuple[str, int, str]:
        status: int
        plain: Any = super()  # no stub has this method, the only seam: begin() reads statuses until one is not 100
        version, status, reason = plain._read_status()
        if not CONTINUE <= status < 200:
            return version, status, reason
        self._interim += 1
        if status == SWITCHING_PROTOCOLS or self._interim > _MOST_INTERIM:
            raise HTTPException(f"interim reply {status} instead of the reply")
        return version, CONTINUE, reason  # whose headers are skipped


class _IdleConnections(LifoQueue[Any]):
    """The idle connections of a pool; a forked child has none, and may have been forked while the lock was held."""

    def __init__(self, maxsize: int = 0) -> None:
        super().__init__(maxsize)
        _idle.add(self)

    def renew(self) -> None:
        """Forget the connections, and get new locks."""
        super().__init__(self.maxsize)


_idle: weakref.WeakSet[_IdleConnections] = weakref.WeakSet()


@call_in_child
def _renew_idle() -> None:
    for connections in list(_idle):
        connections.renew()


@cache
def _pool_class(pool: type[HTTPConnectionPool], is_silent: bool) -> type[HTTPConnectionPool]:
    """Return a class of connection pools, such as one for SOCKS proxies, whose connections read final replies."""
    if issubclass(pool.QueueCls, _IdleConnections):
        return pool  # of a proxy that was used before
    settings = {"response_class": _FinalReply} | ({"debuglevel": 0} if is_silent else {})
    connection = type(pool.ConnectionCls.__name__, (pool.ConnectionCls,), settings)
    return type(pool.__name__, (pool,), {"ConnectionCls": connection, "QueueCls": _IdleConnections})


class VenueAdapter(HTTPAdapter):
    """Carries the requests of a session.

    It skips interim replies, reads no more of a reply than `bounds` allows, and shares no connection with a forked
    child.
    """

    _is_silent = False

    def init_poolmanager(self, *args: Any, **settings: Any) -> None:
        """Make the pools for venues that are reached directly."""
        super().init_poolmanager(*args, **settings)
        self._adapt(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **settings: Any) -> Any:
        """Return the pools for venues behind a proxy."""
        return self._adapt(super().proxy_manager_for(*args, **settings))

    def send(self, request: requests.PreparedRequest, *args: Any, **settings: Any) -> requests.Response:
        """Send a request, and return its response with the whole body, decompressed."""
        response = super().send(request, *args, **settings)
        try:
            response._content = bounded_body(response)
        except BaseException:
            response.close()
            raise
        vars(response)["_content_consumed"] = True  # as if it had been read the usual way
        return response

    def _adapt(self, manager: Any) -> Any:
        pools = manager.pool_classes_by_scheme
        manager.pool_classes_by_scheme = {scheme: _pool_class(pool, self._is_silent) for scheme, pool in pools.items()}
        return manager


class SilentAdapter(VenueAdapter):
    """Prints nothing, whatever ``http.client.HTTPConnection.debuglevel`` is.

    People set that level to look at the wire: it prints every header, the key and its signature too.
    """

    _is_silent = True


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
