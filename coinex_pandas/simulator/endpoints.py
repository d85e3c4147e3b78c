"""Who answers which endpoint: objects with one method for each endpoint, named as the endpoint."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from coinex_pandas.simulator.reply import Reply

__all__ = ["Endpoints", "SpotAndFutures"]

_AREAS = ("spot", "futures")


class Endpoints:
    """The endpoints of a side of the exchange, public or private.

    Parameters
    ----------
    *objects : object
        Each has a method for every endpoint it answers; more can be added later.
    """

    def __init__(self, *objects: object) -> None:
        self._objects = list(objects)

    def add(self, *objects: object) -> None:
        """Add objects with endpoints."""
        self._objects += objects

    def find(self, name: str) -> Callable[..., Reply] | None:
        """Return the method that answers an endpoint, None when there is no such endpoint."""
        return next((getattr(each, name) for each in self._objects if hasattr(each, name)), None)


class SpotAndFutures:
    """A class whose methods each answer two endpoints.

    The method ``place_order(area, account, params)`` answers ``spot_place_order`` and ``futures_place_order``, if the
    class names it in `serves`.
    """

    serves: ClassVar[frozenset[str]] = frozenset()

    def __getattr__(self, name: str) -> Callable[..., Reply]:
        area, _, verb = name.partition("_")
        if area in _AREAS and verb in self.serves:
            method: Callable[..., Any] = getattr(self, verb)
            return partial(method, area)
        raise AttributeError(f"{type(self).__name__} has no {name}")
