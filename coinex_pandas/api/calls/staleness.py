"""Whether a table's values are alive: what index prices, funding times and volumes say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from coinex_pandas.errors import StaleDataWarning
from coinex_pandas.errors.warn import warn

__all__ = ["verdict"]


STATES = ("live", "stale", "frozen", "closed", "unknown")
DEAD = ("frozen", "closed")

INDEX_STALE = pd.Timedelta(minutes=5)  # the index is renewed every few seconds
INDEX_FROZEN = pd.Timedelta(hours=1)
FUNDING_LATE = pd.Timedelta(minutes=10)  # settlements are written some seconds after their time

NO_TIME = pd.Timedelta(0)


def state_by_index(age: pd.Timedelta) -> str:
    return "frozen" if age >= INDEX_FROZEN else "stale" if age >= INDEX_STALE else "live"


def state_by_funding(late: pd.Timedelta) -> str:
    return "frozen" if late >= FUNDING_LATE else "stale" if late > NO_TIME else "live"


def in_words(span: pd.Timedelta) -> str:
    seconds = max(0, int(span.total_seconds()))
    for length, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def verdict(name: str, frame: pd.DataFrame, at: pd.Timestamp | None, *, whole: bool) -> dict[str, Any] | None:
    """Return what one table by itself says of its freshness, None where it says nothing.

    Parameters
    ----------
    name : str
        The table.
    frame : DataFrame
        Its rows.
    at : Timestamp or None
        When it was fetched, by the exchange's clock; None where that is unknown, which only tickers bear.
    whole : bool
        Whether it holds every market.

    Returns
    -------
    dict or None
        ``state``, ``because``, and ``markets``: how many rows are in which state.
    """
    noun = name.partition("_")[2]
    if noun not in _BY_TABLE or not len(frame):
        return None
    when: Any = pd.NaT if at is None else at
    states, because = _BY_TABLE[noun](frame, when, whole)
    counts = {state: count for state in STATES if (count := states.count(state))}
    dead = sum(counts.get(state, 0) for state in DEAD)
    order = ("frozen", "closed") if dead == len(states) else ("live", "stale", "unknown", "frozen", "closed")
    return {"state": next(state for state in order if state in counts), "because": because, "markets": counts}


def _tickers_say(frame: pd.DataFrame, at: pd.Timestamp, whole: bool) -> tuple[list[str], str]:
    """Judge volumes, and where tickers are pushed also their funding times, which HTTP does not send."""
    states, because = _volumes_say(frame, at, whole)
    if "next_funding_time" not in frame or not (frame["next_funding_time"] < at).any():
        return states, because
    funding, why = _funding_says(frame, at, whole)
    return [state if late == "live" else late for state, late in zip(states, funding, strict=True)], f"{why}; {because}"


def _volumes_say(frame: pd.DataFrame, at: pd.Timestamp, whole: bool) -> tuple[list[str], str]:
    traded = int(np.count_nonzero(frame["volume"].to_numpy(dtype=float) > 0))  # also of exact numbers
    if whole and not traded and len(frame) > 1:
        return ["frozen"] * len(frame), f"none of {len(frame)} markets traded in 24 hours"
    if not traded and len(frame) > 1:
        return ["stale"] * len(frame), f"none of these {len(frame)} markets traded in 24 hours"
    because = (
        f"{traded} of {len(frame)} markets traded in 24 hours; a ticker carries no time: cx.freshness() asks for more"
    )
    return ["live"] * traded + ["unknown"] * (len(frame) - traded), because


def _index_says(frame: pd.DataFrame, at: pd.Timestamp, whole: bool) -> tuple[list[str], str]:
    ages = at - frame["created_at"].groupby(level="market", sort=False).max()
    youngest, oldest = in_words(ages.min()), in_words(ages.max())
    because = f"index prices of {len(ages)} markets are {youngest} to {oldest} old"
    return [state_by_index(age) for age in ages], because


def _funding_says(frame: pd.DataFrame, at: pd.Timestamp, whole: bool) -> tuple[list[str], str]:
    late = at - frame["next_funding_time"]
    overdue = int((late > NO_TIME).sum())
    because = f"the next funding of {overdue} of {len(frame)} markets is in the past"
    if overdue:
        because += f", by up to {in_words(late.max())}"
    return [state_by_funding(span) for span in late], because


def _markets_say(frame: pd.DataFrame, at: pd.Timestamp, whole: bool) -> tuple[list[str], str]:
    closed = frame["delisted_at"] <= at
    if "is_market_available" in frame:
        closed |= ~frame["is_market_available"].fillna(value=True).astype(bool)
    because = f"{int(closed.sum())} of {len(frame)} markets are marked as not available or delisted"
    return ["closed" if is_closed else "unknown" for is_closed in closed], because


_BY_TABLE: dict[str, Callable[[pd.DataFrame, pd.Timestamp, bool], tuple[list[str], str]]] = {
    "tickers": _tickers_say,
    "index_prices": _index_says,
    "funding_rates": _funding_says,
    "markets": _markets_say,
}


def warn_of(name: str, venue: str, freshness: Mapping[str, Any]) -> None:
    """Warn that a venue's values no longer move."""
    warn(f"{name} at {venue}: {freshness['state']}: {freshness['because']}", StaleDataWarning)
