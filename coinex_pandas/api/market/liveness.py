"""Whether a market is alive, stale, frozen or closed, and the evidence.

An exchange that has stopped may go on answering with frozen values as if alive: status "online", tickers with prices,
books with a moving time. What gives it away is the age of its index, a funding time in the past, a volume of 0
everywhere, empty books, and its own flags.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal

import numpy as np
import pandas as pd

from coinex_pandas.api.calls.arguments import flag, names_of, optional
from coinex_pandas.api.calls.evidence import Evidence
from coinex_pandas.api.calls.staleness import DEAD, NO_TIME, STATES, in_words, state_by_funding, state_by_index
from coinex_pandas.api.market.book_and_trades import futures_depth, spot_depth
from coinex_pandas.api.market.markets import (
    futures_funding_rates,
    futures_index_prices,
    futures_markets,
    futures_tickers,
    spot_index_prices,
    spot_markets,
    spot_tickers,
)
from coinex_pandas.errors import InvalidArgument, UnknownMarket
from coinex_pandas.errors.quoting import short_repr
from coinex_pandas.http.route import route_of
from coinex_pandas.http.session import Session, current
from coinex_pandas.tables.decoding import Page

__all__ = ["freshness"]

_TABLES = {
    "spot": (spot_markets, spot_tickers, spot_index_prices),
    "futures": (futures_markets, futures_tickers, futures_index_prices),
}
_BOOKS = {"spot": spot_depth, "futures": futures_depth}


def freshness(
    area: Literal["spot", "futures"],
    market: str | Iterable[str] | None = None,
    *,
    books: bool | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return for each market whether its data is alive, and what says so.

    Parameters
    ----------
    area : {"spot", "futures"}
        Which half of the exchange.
    market : str or iterable of str, optional
        The markets; None for all.
    books : bool, optional
        Whether to read order books too, one request each: True for every market, False for none, None (default)
        for those that are not clearly alive.
    session : Session, optional
        Where to ask; None for the current one.

    Returns
    -------
    DataFrame
        Index ``market``; columns

        - ``state`` : category; ``live``; ``stale`` (values are older than they should be); ``frozen`` (they no longer
          move); ``closed`` (the exchange itself says so); ``unknown`` (no evidence);
        - ``because`` : str, the evidence in words, which the table's repr never cuts;
        - ``index_age`` : timedelta, how old the index price is; NaT where there is none;
        - ``funding_overdue`` : timedelta, how long ago the next funding should have been; NaT where it is to come;
        - ``volume`` : float64, traded in 24 hours, in base_ccy;
        - ``is_available`` : boolean, ``is_market_available``; missing on spot, which has no such flag;
        - ``delisted_at`` : datetime64[ms, UTC], planned delisting;
        - ``book_levels`` : Int64, levels in the order book; missing where it was not read.

    Raises
    ------
    InvalidArgument
        The area is neither of the two.
    UnknownMarket
        A market is not in the exchange's list.
    CoinExError
        No answer, another refusal, or an unexpected answer.

    Notes
    -----
    Three requests (four on futures) plus one for each book. Ages are taken by the exchange's own clock.

    Examples
    --------
    >>> cx.freshness("futures")["state"].value_counts()
    state
    live       41
    stale       0
    frozen      0
    closed      0
    unknown     0
    Name: count, dtype: int64
    """
    if not isinstance(area, str) or area not in ("spot", "futures"):
        raise InvalidArgument(f"area is 'spot' or 'futures', not {short_repr(area)}")
    names, reads_books = names_of(market, "market"), optional(flag, books, "books")
    venue = current(session)
    evidence = _evidence(area, venue)
    if names is not None:
        evidence = _rows_of(evidence, names, area)
    levels = _book_levels(area, _books_to_read(evidence, reads_books), venue)
    evidence["book_levels"] = levels.reindex(evidence.index).astype("Int64")
    verdicts = evidence.apply(_verdict, axis=1, result_type="expand") if len(evidence) else evidence[[]]
    states = pd.Categorical(verdicts.get(0, []), categories=STATES)
    evidence.insert(0, "state", pd.Series(states, index=evidence.index))
    evidence.insert(1, "because", pd.Series(verdicts.get(1, []), index=evidence.index, dtype="str"))
    table = Evidence(evidence.drop(columns=["all_still", "is_gone"]))
    table.attrs = evidence.attrs  # a new table does not take over those of its data
    return table


def _evidence(area: str, session: Session) -> pd.DataFrame:
    """Return the evidence of every market of an area."""
    markets, tickers, index = (_page(function, session) for function in _TABLES[area])
    evidence = pd.DataFrame(index=markets.frame.index)
    evidence["index_age"] = _index_ages(index).reindex(evidence.index)
    evidence["funding_overdue"] = pd.Series(pd.NaT, index=evidence.index, dtype="timedelta64[ms]")
    if area == "futures":
        evidence["funding_overdue"] = _overdue(_page(futures_funding_rates, session)).reindex(evidence.index)
    evidence["volume"] = tickers.frame["volume"].reindex(evidence.index)
    evidence["is_available"] = markets.frame.get("is_market_available", pd.Series(pd.NA, evidence.index, "boolean"))
    evidence["delisted_at"] = markets.frame["delisted_at"]
    evidence["is_gone"] = markets.frame["delisted_at"] <= _at(markets)
    evidence["book_levels"] = pd.array([pd.NA] * len(evidence), dtype="Int64")
    evidence["all_still"] = _nothing_traded(tickers.frame)
    evidence.attrs["coinex"] = {
        "table": "freshness",
        "venue": session.venue.name,
        "request": {"endpoint": route_of(_TABLES[area][0]).endpoint, "params": {"area": area}},
        "fetched_at": _at(markets).isoformat(),
        "complete": True,
        "freshness": None,
    }
    return evidence


def _page(function: Callable[..., pd.DataFrame], session: Session) -> Page:
    return session.page(route_of(function), {})


def _at(page: Page) -> pd.Timestamp:
    return page.at or pd.Timestamp.now("UTC")  # a session always sets it


def _index_ages(page: Page) -> pd.Series[pd.Timedelta]:
    newest = page.frame["created_at"].groupby(level="market", sort=False).max()
    return (_at(page) - newest).astype("timedelta64[ms]")


def _overdue(page: Page) -> pd.Series[pd.Timedelta]:
    late = (_at(page) - page.frame["next_funding_time"]).astype("timedelta64[ms]")
    return late.where(late > NO_TIME)


def _nothing_traded(tickers: pd.DataFrame) -> bool:
    """Return whether no market at all traded in 24 hours; one alone may just be quiet."""
    return len(tickers) > 1 and bool((tickers["volume"] == 0).all())


def _rows_of(evidence: pd.DataFrame, names: list[str], area: str) -> pd.DataFrame:
    absent = [name for name in names if name not in evidence.index]
    if absent:
        raise UnknownMarket(
            0,
            "the market list (code 0) does not hold it",
            endpoint=route_of(_TABLES[area][0]).endpoint,
            about=", ".join(absent),
        )
    return evidence.loc[names]


def _books_to_read(evidence: pd.DataFrame, books: bool | None) -> list[str]:
    if books is None:
        alive = [_verdict(row)[0] == "live" for _, row in evidence.iterrows()]
        return list(evidence.index[(evidence["volume"].fillna(0) == 0) | ~np.array(alive, dtype=bool)])
    return list(evidence.index) if books else []


def _book_levels(area: str, names: list[str], session: Session) -> pd.Series[int]:
    from concurrent.futures import ThreadPoolExecutor

    route = route_of(_BOOKS[area])

    def levels(name: str) -> int:
        return session.page(route, {"market": name, "limit": 5, "interval": "0"}, about=name).rows

    with ThreadPoolExecutor(8) as pool:
        return pd.Series(list(pool.map(levels, names)), index=pd.Index(names, dtype="str"), dtype="Int64")


def _verdict(evidence: pd.Series[Any]) -> tuple[str, str]:
    """Return a market's state and the evidence in words; the worst finding decides."""
    findings = list(_findings(evidence))
    states = {state for state, _ in findings}
    worst = next((state for state in ("closed", "frozen", "stale", "live") if state in states), "unknown")
    texts = [text for state, text in findings if state == worst or (worst in DEAD and state != "live")]
    return worst, "; ".join(texts) or "no evidence either way"


def _findings(evidence: pd.Series[Any]) -> Iterable[tuple[str, str]]:
    age, late, volume = evidence["index_age"], evidence["funding_overdue"], evidence["volume"]
    levels = evidence["book_levels"]
    empty, untraded = not pd.isna(levels) and levels == 0, not pd.isna(volume) and volume == 0
    if not pd.isna(evidence["is_available"]) and not evidence["is_available"]:
        yield "closed", "is_market_available is False"
    if evidence["is_gone"]:
        yield "closed", f"delisted since {evidence['delisted_at']:%Y-%m-%d %H:%M} UTC"
    if not pd.isna(age):
        yield state_by_index(age), f"index price is {in_words(age)} old"
    if not pd.isna(late):
        yield state_by_funding(late), f"next funding was due {in_words(late)} ago"
    if evidence["all_still"]:
        yield "frozen", "no market traded in 24 hours"
    if empty and untraded:
        yield "stale", "empty order book and no trade in 24 hours"
    elif empty:
        yield "stale", "empty order book"
    if not pd.isna(volume) and volume > 0:
        yield "live", "traded in the last 24 hours"
