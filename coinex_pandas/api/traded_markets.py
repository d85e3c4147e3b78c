"""Which markets an account can have traded in: own deals are told one market at a time, and nobody lists those."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import pandas as pd

from coinex_pandas.api.assets.ledger import spot_transactions
from coinex_pandas.api.calls.overlap import by_overlap
from coinex_pandas.api.calls.paging import BEGINNING, FOREVER, Ask, Incomplete, by_keyset
from coinex_pandas.api.market.markets import spot_markets
from coinex_pandas.errors import Refused
from coinex_pandas.http.route import Route, route_of
from coinex_pandas.http.session import Session, current
from coinex_pandas.tables.decoding import Page

__all__ = ["Markets", "traded_markets"]


class Markets(NamedTuple):
    """Where markets are found.

    Attributes
    ----------
    lists : tuple of callable
        The functions whose tables to go through whole.
    params : mapping
        What they are asked with.
    by_currency : bool
        Whether the ledger's trades tell currencies, whose markets are then asked as well.
    all_of : str
        The column of `spot_markets` whose markets are asked one and all, because none of the lists is to be had.
    """

    lists: tuple[Callable[..., pd.DataFrame], ...]
    params: Mapping[str, Any]
    by_currency: bool = False
    all_of: str = ""


def traded_markets(
    found: Markets, session: Session | None, start: int | None, end: int | None, doubts: list[str]
) -> Iterator[str]:
    """Yield each market in which the account can have traded since the start; what is in doubt is noted."""
    venue = current(session)
    names: dict[str, None] = {}
    for function in found.lists:
        listed = route_of(function)
        rows = by_overlap(_asking(venue, listed, found.params), listed.row.key[0], since=start)
        for frame in _read(rows, listed.name, doubts):
            names |= dict.fromkeys(frame["market"].dropna().unique())
    if found.by_currency:
        names |= dict.fromkeys(_markets_between(_currencies(venue, start, end, doubts), venue))
    if found.all_of:
        markets = _spot_markets(venue)
        names |= dict.fromkeys(markets.index[markets[found.all_of].fillna(False)])
    yield from names


def _asking(venue: Session, listed: Route, params: Mapping[str, Any]) -> Ask:
    def ask(**more: int | str | None) -> Page:
        return venue.page(listed, {**params, **more})

    return ask


def _read(frames: Iterator[pd.DataFrame], table: str, doubts: list[str]) -> Iterator[pd.DataFrame]:
    try:
        yield from frames
    except Incomplete as reason:
        doubts.append(f"markets were looked for in {table}: {reason}")


def _currencies(venue: Session, start: int | None, end: int | None, doubts: list[str]) -> set[str]:
    """Return the currencies that trades have moved, by the ledger."""
    ask = _asking(venue, route_of(spot_transactions), {"type": "trade"})
    first, last = BEGINNING if start is None else start, FOREVER if end is None else end
    names: set[str] = set()
    try:
        for frame in _read(by_keyset(ask, first, last, ()), "spot_transactions", doubts):
            names.update(frame["ccy"].dropna().unique())
    except Refused as fault:  # the ledger is a second witness: without it the orders' markets are still right
        doubts.append(f"markets were looked for in orders alone, for the ledger was refused ({fault})")
    return names


def _markets_between(currencies: set[str], venue: Session) -> list[str]:
    """Return the spot markets of which both currencies are among those."""
    if not currencies:
        return []
    markets = _spot_markets(venue)
    return list(markets.index[markets["base_ccy"].isin(currencies) & markets["quote_ccy"].isin(currencies)])


def _spot_markets(venue: Session) -> pd.DataFrame:
    return venue.page(route_of(spot_markets), {}).frame
