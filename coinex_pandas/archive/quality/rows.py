"""What must hold for the rows of any table: each of them once, in the order of time, whole, at possible prices."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import numpy as np

from coinex_pandas.api.endpoints import ROUTES
from coinex_pandas.archive.quality.findings import NO_TIME, RECEIVED, Finding, Mask, Series, when
from coinex_pandas.tables.kinds import ChoiceKind, IdKind, NumberKind, TimeKind
from coinex_pandas.tables.row import Column

__all__ = ["crossed", "disordered", "duplicates", "impossible", "missing"]

_ALWAYS_THERE = frozenset(["amount", "price", "change", "balance", "fee", "side", "role", "status"])
_SIDES = (("best_bid_price", "best_ask_price"),)
_TRADED = ("open", "close", "high", "low", "last", "price", "index_price", "mark_price", "liq_price", "bkr_price")
_NEVER_ZERO = frozenset([*_TRADED, "best_bid_price", "best_ask_price"])
_NEVER_NEGATIVE = frozenset(
    ["volume", "value", "amount", "volume_buy", "volume_sell", "open_interest_volume", "liq_amount"]
)


def duplicates(series: Series) -> Iterator[Finding]:
    """Yield rows whose key another row before them has."""
    names = _key(series)
    if not names:
        return
    again = series.frame.duplicated(names).to_numpy()
    if again.any():
        whole = [column.name for column in series.row.columns() if column.name in series.frame]
        same = series.frame[whole].astype(str).duplicated().to_numpy()
        what = ", ".join(name for name in names if name not in series.key) or "market"
        yield from series.marked("duplicates", again & same, f"the same row again: its {what} was there before")
        yield from series.marked("duplicates", again & ~same, f"another row with the same {what}")


def _key(series: Series) -> list[str]:
    """Return the columns that no two rows have in common; none where that is not known."""
    if RECEIVED in series.frame:  # a stream has many rows of a market
        return ["deal_id"] if "deal_id" in series.frame else []
    names = series.row.key
    if not names or not set(names) <= set(series.frame):
        return []
    declared = {column.name for column in series.row.columns()}
    parameters = inspect.signature(ROUTES[series.table].function).parameters if series.table in ROUTES else {}
    request = parameters.keys() - declared
    own = [str(name) for name in series.frame if name in ("market", "ccy") or name in request]
    return list(dict.fromkeys([*own, *names]))


def disordered(series: Series) -> Iterator[Finding]:
    """Yield rows that are older than the one before them."""
    if not series.time_column:
        return
    times = series.times()
    back = np.flatnonzero((times[1:] < times[:-1]) & (times[1:] != NO_TIME)) + 1
    for place in back.tolist():
        detail = f"it is older than the row before it, which is of {when(times[place - 1])}"
        yield series.finding("order", place, 1, detail)


def missing(series: Series) -> Iterator[Finding]:
    """Yield rows that have no value in a column that always has one."""
    for column in series.row.columns():
        if column.name in series.frame and _is_demanded(column, is_public=series.is_public):
            empty = series.frame[column.name].isna().to_numpy()
            check = "price" if column.name in _NEVER_ZERO and _is_traded(series) else "missing"
            yield from series.marked(check, empty, f"{column.name} is missing")


def _is_demanded(column: Column, *, is_public: bool) -> bool:
    """Return whether the exchange always fills a column: of an account's numbers and words some are empty at times."""
    if column.optional or (isinstance(column.kind, TimeKind) and column.kind.optional):
        return False
    if isinstance(column.kind, (NumberKind, ChoiceKind)):
        return is_public or column.name in _ALWAYS_THERE
    return isinstance(column.kind, (TimeKind, IdKind))


def impossible(series: Series) -> Iterator[Finding]:
    """Yield prices of zero or less, and amounts below zero."""
    for column in series.row.columns():
        name = column.name
        if name not in series.frame or not isinstance(column.kind, NumberKind):
            continue
        if name in _NEVER_ZERO and _is_traded(series):
            yield from series.marked("price", series.numbers(name) <= 0, f"{name} is not above 0")
        elif name in _NEVER_NEGATIVE:
            yield from series.marked("amount", series.numbers(name) < 0, f"{name} is negative")


def _is_traded(series: Series) -> bool:
    """Return whether a price is one at which something was traded or offered: that of a market order is 0."""
    return series.is_public or series.table.endswith("_deals")


def crossed(series: Series) -> Iterator[Finding]:
    """Yield best bids at or above the best ask, and levels of a book that are not in the order of prices."""
    for bid, ask in _SIDES:
        if bid in series.frame and ask in series.frame:
            mask: Mask = series.numbers(bid) >= series.numbers(ask)
            yield from series.marked("crossed", mask, "the best bid is not below the best ask")
    if {"side", "level", "price"} <= set(series.frame):
        yield from _book(series)


def _book(series: Series) -> Iterator[Finding]:
    prices, sides = series.numbers("price"), series.frame["side"].astype(str).to_numpy()
    asks, bids = (np.flatnonzero(sides == side) for side in ("ask", "bid"))
    for places, way in ((asks, 1), (bids, -1)):
        wrong = np.flatnonzero(np.diff(prices[places]) * way <= 0) + 1
        for place in places[wrong].tolist():
            yield series.finding("levels", place, 1, f"the {sides[place]} is not behind the level before it")
    if len(asks) and len(bids) and prices[bids].max() >= prices[asks].min():
        yield series.finding("crossed", int(bids[0]), 1, "the best bid is not below the best ask")
