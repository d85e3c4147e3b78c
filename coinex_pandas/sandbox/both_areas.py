"""Endpoints that spot and futures have alike."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from coinex_pandas.sandbox.accounts import Account
from coinex_pandas.sandbox.reply import Reply
from coinex_pandas.sandbox.trading import Params

__all__ = ["BothAreas"]

_AREAS = ("spot", "futures")


class BothAreas:
    """A desk whose methods each serve two endpoints.

    The method ``place_order(area, account, params)`` answers for ``spot_place_order`` and
    ``futures_place_order``, if the class says so in `serves`.
    """

    serves: ClassVar[frozenset[str]] = frozenset()

    def __getattr__(self, name: str) -> Callable[[Account, Params], Reply]:
        area, _, verb = name.partition("_")
        if area in _AREAS and verb in self.serves:
            method: Callable[..., Any] = getattr(self, verb)
            return partial(method, area)
        raise AttributeError(f"{type(self).__name__} has no {name}")
