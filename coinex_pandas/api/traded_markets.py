"""Which markets an account can have traded in: the exchange lists own deals by market, and no such markets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import pandas as pd

from coinex_pandas.api.assets.ledger import spot_transactions
from coinex_pandas.api.calls.overlap import by_overlap
from coinex_pandas.api.calls.paging import BEGINNING, FOREVER, Ask, Incomplete, by_keyset
from coinex_pandas.api.market.markets import spot_markets
from coinex_pandas.errors import MarketClosed, Refused
from coinex_pandas.http.route import Route, route_of
from coinex_pandas.http.session import Session
from coinex_pandas.tables.decoding import Page

__all__ = ["Markets", "traded_markets"]


class Markets(NamedTuple):
    """Where an account's markets are read from.

    Attributes
    ----------
    lists : tuple of callable
        The functions whose tables to go through whole.
    params : mapping
        The parameters of their requests.
    by_currency : bool
        Whether markets between the currencies of the ledger's trades are added.
    all_of : str
        The column of `spot_markets` that marks markets of which all are taken, because no list can be read.
    """

    lists: tuple[Callable[..., pd.DataFrame], ...]
    params: Mapping[str, Any]
    by_currency: bool = False
    all_of: str = ""


def traded_markets(
    sources: Markets, session: Session, start: int | None, end: int | None, doubts: list[str]
) -> Iterator[str]:
    """Yield each market in which the account can have traded since the start; doubts are collected."""
    names: dict[str, None] = {}
    for function in sources.lists:
        listed = route_of(function)
        rows = by_overlap(_ask_of(session, listed, sources.params), listed.row.key[0], since=start)
        for frame in _read(rows, listed.name, doubts):
            names |= dict.fromkeys(frame["market"].dropna().unique())
    if sources.by_currency:
        names |= dict.fromkeys(_markets_between(_currencies(session, start, end, doubts), session))
    if sources.all_of:
        markets = _spot_markets(session)
        names |= dict.fromkeys(markets.index[markets[sources.all_of].fillna(False)])
    yield from names


def _ask_of(session: Session, listed: Route, params: Mapping[str, Any]) -> Ask:
    def ask(**more: int | str | None) -> Page:
        return session.page(listed, {**params, **more})

    return ask


def _read(frames: Iterator[pd.DataFrame], table: str, doubts: list[str]) -> Iterator[pd.DataFrame]:
    try:
        yield from frames
    except (Incomplete, MarketClosed) as reason:
        doubts.append(f"markets were looked for in {table}: {reason}")


def _currencies(session: Session, start: int | None, end: int | None, doubts: list[str]) -> set[str]:
    """Return the currencies that trades have moved, by the ledger."""
    ask = _ask_of(session, route_of(spot_transactions), {"type": "trade"})
    first, last = BEGINNING if start is None else start, FOREVER if end is None else end
    names: set[str] = set()
    try:
        for frame in _read(by_keyset(ask, first, last, ()), "spot_transactions", doubts):
            names.update(frame["ccy"].dropna().unique())
    except Refused as fault:  # the ledger only adds markets: without it those of the orders are still right
        doubts.append(f"markets were looked for in orders alone, for the ledger was refused ({fault})")
    return names


def _markets_between(currencies: set[str], session: Session) -> list[str]:
    """Return the spot markets of which both currencies are among those."""
    if not currencies:
        return []
    markets = _spot_markets(session)
    return list(markets.index[markets["base_ccy"].isin(currencies) & markets["quote_ccy"].isin(currencies)])


def _spot_markets(session: Session) -> pd.DataFrame:
    return session.page(route_of(spot_markets), {}).frame
