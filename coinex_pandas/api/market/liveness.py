"""Is this market alive, stale, frozen or closed? With the evidence.

An exchange that has stopped may go on answering with frozen values as if alive: status "online", tickers with prices,
books with a moving time. What gives it away is the age of its index, a funding time in the past, a volume of 0
everywhere, empty books, and its own flags.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np
import pandas as pd

from coinex_pandas.api.calls.staleness import _NEVER, DEAD, STATES, _of_funding, _of_index, _spoken
from coinex_pandas.errors import InvalidArgument, UnknownMarket
from coinex_pandas.http.route import ROUTES
from coinex_pandas.http.session import Session, current
from coinex_pandas.tables.decoding import Page

__all__ = ["freshness"]


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
        Whether to ask for order books too, one request each: True for every market, False for none, None (default)
        for those that are not plainly alive.
    session : Session, optional
        Where to ask; None for the current one.

    Returns
    -------
    DataFrame
        Index ``market``; columns

        - ``state`` : category; ``live``; ``stale`` (values are older than they should be); ``frozen`` (they no longer
          move); ``closed`` (the exchange itself says so); ``unknown`` (nothing tells);
        - ``because`` : str, the evidence in words;
        - ``index_age`` : timedelta, how old the index price is; NaT where there is none;
        - ``funding_overdue`` : timedelta, how long ago the next funding should have been; NaT where it lies ahead;
        - ``volume`` : float64, traded in 24 hours, in base_ccy;
        - ``is_available`` : boolean, ``is_market_available``; missing on spot, which has no such flag;
        - ``delisted_at`` : datetime64[ms, UTC], planned delisting;
        - ``book_levels`` : Int64, levels in the order book; missing where it was not asked for.

    Raises
    ------
    InvalidArgument
        The area is neither of the two.
    UnknownMarket
        A market is not in the exchange's list.
    CoinExError
        As in every function that asks.

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
    if area not in ("spot", "futures"):
        raise InvalidArgument(f"area is 'spot' or 'futures', not {area!r}")
    asked = current(session)
    evidence = _gathered(area, asked)
    if market is not None:
        evidence = _chosen(evidence, market, area)
    levels = _book_levels(area, _wanted(evidence, books), asked)
    evidence["book_levels"] = levels.reindex(evidence.index).astype("Int64")
    judged = evidence.apply(_judged, axis=1, result_type="expand") if len(evidence) else evidence[[]]
    states = pd.Categorical(judged.get(0, []), categories=STATES)
    evidence.insert(0, "state", pd.Series(states, index=evidence.index))
    evidence.insert(1, "because", pd.Series(judged.get(1, []), index=evidence.index, dtype="str"))
    return evidence.drop(columns=["all_still", "is_gone"])


def _gathered(area: str, session: Session) -> pd.DataFrame:
    """Return the evidence of every market of an area."""
    markets, tickers, index = (_page(f"{area}_{noun}", session) for noun in ("markets", "tickers", "index_prices"))
    made = pd.DataFrame(index=markets.frame.index)
    made["index_age"] = _index_ages(index).reindex(made.index)
    made["funding_overdue"] = pd.Series(pd.NaT, index=made.index, dtype="timedelta64[ms]")
    if area == "futures":
        made["funding_overdue"] = _overdue(_page("futures_funding_rates", session)).reindex(made.index)
    made["volume"] = tickers.frame["volume"].reindex(made.index)
    made["is_available"] = markets.frame.get("is_market_available", pd.Series(pd.NA, made.index, "boolean"))
    made["delisted_at"] = markets.frame["delisted_at"]
    made["is_gone"] = markets.frame["delisted_at"] <= _at(markets)
    made["book_levels"] = pd.array([pd.NA] * len(made), dtype="Int64")
    made["all_still"] = _nothing_traded(tickers.frame)
    made.attrs["coinex"] = {
        "table": "freshness",
        "venue": session.venue.name,
        "request": {"endpoint": ROUTES[f"{area}_markets"].endpoint, "params": {"area": area}},
        "fetched_at": _at(markets).isoformat(),
        "complete": True,
        "freshness": None,
    }
    return made


def _page(name: str, session: Session) -> Page:
    return session.page(ROUTES[name], {})


def _at(page: Page) -> pd.Timestamp:
    return page.at or pd.Timestamp.now("UTC")  # a session always says; a page alone need not


def _index_ages(page: Page) -> pd.Series[pd.Timedelta]:
    made = page.frame["created_at"].groupby(level="market", sort=False).max()
    return (_at(page) - made).astype("timedelta64[ms]")


def _overdue(page: Page) -> pd.Series[pd.Timedelta]:
    late = (_at(page) - page.frame["next_funding_time"]).astype("timedelta64[ms]")
    return late.where(late > _NEVER)


def _nothing_traded(tickers: pd.DataFrame) -> bool:
    """Return whether no market at all traded in 24 hours; one alone may just be quiet."""
    return len(tickers) > 1 and bool((tickers["volume"] == 0).all())


def _chosen(evidence: pd.DataFrame, market: str | Iterable[str], area: str) -> pd.DataFrame:
    from coinex_pandas.api.calls.arguments import names_of  # answers judges its frames by this module

    names = names_of(market, "market") or []
    lost = [name for name in names if name not in evidence.index]
    if lost:
        raise UnknownMarket(
            0,
            "the market list (code 0) does not hold it",
            endpoint=ROUTES[f"{area}_markets"].endpoint,
            about=", ".join(lost),
        )
    return evidence.loc[names]


def _wanted(evidence: pd.DataFrame, books: bool | None) -> list[str]:
    if books is None:
        alive = [_judged(row)[0] == "live" for _, row in evidence.iterrows()]
        return list(evidence.index[(evidence["volume"].fillna(0) == 0) | ~np.array(alive, dtype=bool)])
    return list(evidence.index) if books else []


def _book_levels(area: str, names: list[str], session: Session) -> pd.Series[int]:
    from concurrent.futures import ThreadPoolExecutor

    route = ROUTES[f"{area}_depth"]

    def levels(name: str) -> int:
        return session.page(route, {"market": name, "limit": 5, "interval": "0"}, about=name).rows

    with ThreadPoolExecutor(8) as pool:
        return pd.Series(list(pool.map(levels, names)), index=pd.Index(names, dtype="str"), dtype="Int64")


def _judged(evidence: pd.Series[Any]) -> tuple[str, str]:
    """Return a market's state and the evidence in words; the gravest finding decides."""
    found = [(state, text) for state, text in _findings(evidence) if text]
    state = next(
        (state for state in ("closed", "frozen", "stale", "live") if any(state == known for known, _ in found)),
        "unknown",
    )
    told = [text for known, text in found if known == state or (state in DEAD and known != "live")]
    return state, "; ".join(told) or "no evidence either way"


def _findings(evidence: pd.Series[Any]) -> Iterable[tuple[str, str]]:
    age, late, volume = evidence["index_age"], evidence["funding_overdue"], evidence["volume"]
    levels = evidence["book_levels"]
    empty, untraded = not pd.isna(levels) and levels == 0, not pd.isna(volume) and volume == 0
    if not pd.isna(evidence["is_available"]) and not evidence["is_available"]:
        yield "closed", "is_market_available is False"
    if evidence["is_gone"]:
        yield "closed", f"delisted since {evidence['delisted_at']:%Y-%m-%d %H:%M} UTC"
    if not pd.isna(age):
        yield _of_index(age), f"index price is {_spoken(age)} old"
    if not pd.isna(late):
        yield _of_funding(late), f"next funding was due {_spoken(late)} ago"
    if evidence["all_still"]:
        yield "frozen", "no market traded in 24 hours"
    if empty and untraded:
        yield "stale", "empty order book and no trade in 24 hours"
    elif empty:
        yield "stale", "empty order book"
    if not pd.isna(volume) and volume > 0:
        yield "live", "traded in the last 24 hours"
