"""The stages of a capture: what is worth most, and vanishes first, comes first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from coinex_pandas.api.endpoints import ROUTES
from coinex_pandas.archive.collection.plan import (
    FIRST_DAY,
    Task,
    account_snapshots,
    candles,
    catalogues,
    histories,
    margin_orders,
    market_histories,
    probes,
)
from coinex_pandas.tables.times import period_name

__all__ = ["Choice", "Frames", "Stage", "account_stages", "public_stages"]

_ALWAYS = {"spot_markets", "futures_markets"}
"""What other tasks follow from."""
_SUB_WALLETS = ("SPOT", "MARGIN", "FUTURES")

Frames = dict[str, pd.DataFrame]
"""What tasks returned, by their keys."""
Stage = tuple[str, Callable[[Frames], Iterator[Task]]]
"""A title, and a function of the frames so far that yields tasks."""


@dataclass(frozen=True)
class Choice:
    """What of an exchange is captured.

    Attributes
    ----------
    markets : tuple of str or None
        Only these; None for all.
    tables : tuple of str or None
        Only these functions; None for all.
    periods : tuple of str
        The periods of candles.
    start : str or None
        Where histories begin; None for the very first row.
    until : str
        The time of the exchange when the capture begins.
    """

    until: str
    markets: tuple[str, ...] | None = None
    tables: tuple[str, ...] | None = None
    periods: tuple[str, ...] = ("1day", "1hour")
    start: str | None = None

    def facts(self) -> dict[str, Any]:
        """Return what a run is begun with."""
        settings = {
            "markets": self.markets and list(self.markets),
            "tables": self.tables and list(self.tables),
            "periods": list(self.periods),
            "start": self.start,
        }
        return {"until": self.until, "settings": settings}

    def of(self, tasks: Iterable[Task]) -> Iterator[Task]:
        """Yield the tasks that are chosen."""
        for task in tasks:
            market = task.params.get("market")
            if self.tables is not None and task.table not in self.tables and task.table not in _ALWAYS:
                continue
            if self.markets is None or market is None or market in self.markets:
                yield task


def public_stages(choice: Choice) -> Iterator[Stage]:
    """Yield the stages of a public capture."""
    yield "probe", lambda _: _probes(choice, is_private=False)
    yield "catalogues", lambda _: choice.of(catalogues())
    yield "market histories", lambda frames: choice.of(_market_histories(frames, choice))
    yield "candles", lambda frames: choice.of(_candles(frames, choice))


def account_stages(choice: Choice) -> Iterator[Stage]:
    """Yield the stages of an account's capture."""
    yield "probe", lambda _: _probes(choice, is_private=True)
    yield "catalogues", lambda _: choice.of(catalogues())
    yield "balances", lambda _: choice.of(account_snapshots())
    yield "history", lambda _: choice.of(histories(choice.start))
    yield "margin orders", lambda frames: choice.of(_margin_orders(frames, choice))
    yield "sub-accounts", lambda frames: choice.of(_sub_accounts(frames))


def _probes(choice: Choice, *, is_private: bool) -> Iterator[Task]:
    for task in choice.of(probes(choice.markets or ("BTCUSDT",))):
        if is_private or not ROUTES[task.table].signed:
            yield task


def _names(frames: Frames, key: str) -> Sequence[str]:
    frame = frames.get(key)
    return [] if frame is None or frame.empty else list(frame.index.unique())


def _market_histories(frames: Frames, choice: Choice) -> Iterator[Task]:
    for market in _names(frames, "futures_markets()"):
        yield from market_histories(market, choice.start, choice.until)


def _candles(frames: Frames, choice: Choice) -> Iterator[Task]:
    start = choice.start or FIRST_DAY
    for period in choice.periods:
        for area in ("futures", "spot"):
            for market in _names(frames, f"{area}_markets()"):
                yield candles(area, market, period_name(period), start)


def _margin_orders(frames: Frames, choice: Choice) -> Iterator[Task]:
    """Yield the tasks of orders on margin, which the exchange lists one market at a time."""
    markets = frames.get("spot_markets()", pd.DataFrame())
    if markets.empty:
        return
    for market in markets.index[markets["is_margin_available"].fillna(False)]:
        yield from margin_orders(market, choice.start)


def _sub_accounts(frames: Frames) -> Iterator[Task]:
    for name in _names(frames, "subs()"):
        yield Task("sub_spot_balances", {"sub_user_name": name})
        for wallet in _SUB_WALLETS:
            yield Task("sub_balances", {"sub_user_name": name, "market_type": wallet})
