"""Public futures histories, whole: funding, premium, basis, liquidations."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from coinex_pandas.api.calls.arguments import one_name
from coinex_pandas.api.calls.call import Call
from coinex_pandas.api.calls.history import history, ranged
from coinex_pandas.api.calls.paging import BEGINNING, FOREVER, LEAST, PAGE, Ask, Incomplete, by_keyset, time_of, within
from coinex_pandas.errors import BadParameter
from coinex_pandas.http.route import route
from coinex_pandas.http.session import Session
from coinex_pandas.tables.kinds import Numbers
from coinex_pandas.tables.rows.market import Basis, FundingSettlement, Liquidation, PremiumIndex
from coinex_pandas.tables.times import TimeLike, span

__all__ = [
    "futures_basis_history",
    "futures_funding_rate_history",
    "futures_liquidations",
    "futures_premium_index_history",
]

_HOUR = 3_600_000
_DAY = 24 * _HOUR
_WEEK = 7 * _DAY
_MANY = 5  # weeks from which it pays to ask first what time it is there: "until 2100" must not be walked
_PREMIUM_SPAN = _DAY - 2  # a request reaches one millisecond further on each side
_PREMIUM_REACH = 30 * _DAY - 60_000  # a minute inside, for the clock moves on while we ask


@route(
    "GET /futures/funding-rate-history",
    FundingSettlement,
    docs="futures/market/http/list-market-funding-rate-history",
    paged=True,
)
def futures_funding_rate_history(
    market: str,
    *,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the funding rates that were settled, oldest first, as many requests as it takes.

    Without a start from the first one; without an end to the last one.

    Examples
    --------
    >>> cx.futures_funding_rate_history("BTCUSDT", start="2026-05-31", end="2026-06-01")["actual_funding_rate"]
    funding_time
    2026-05-31 00:00:13.234+00:00    0.000024
    2026-05-31 08:00:17.793+00:00   -0.000108
    2026-05-31 16:00:33.135+00:00   -0.000522
    Name: actual_funding_rate, dtype: float64
    """
    return _pages(Call(futures_funding_rate_history, numbers, session), market, start, end)


@route(
    "GET /futures/liquidation-history",
    Liquidation,
    docs="futures/market/http/list-market-liquidation-history",
    paged=True,
)
def futures_liquidations(
    market: str,
    *,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the positions that were liquidated, oldest first, as many requests as it takes.

    Without a start from the first one; without an end to the last one. The rows carry no id: equal rows are as
    many liquidations.

    Examples
    --------
    >>> cx.futures_liquidations("BTCUSDT", start="2026-05-31", end="2026-06-01").groupby("side")["liq_amount"].sum()
    side
    long     10.793373
    short     3.177727
    Name: liq_amount, dtype: float64
    """
    return _pages(Call(futures_liquidations, numbers, session), market, start, end)


@route(
    "GET /futures/premium-index-history",
    PremiumIndex,
    docs="futures/market/http/list-market-premium-history",
    paged=True,
)
def futures_premium_index_history(
    market: str,
    *,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the premium index of a market, oldest first, a request or two per day.

    Without a start the last 8 hours before the end; without an end, or with one in the future, up to now. The exchange
    keeps 30 days: of an earlier start the rest is returned, ``attrs["coinex"]["complete"]`` is False, and an
    ``IncompleteWarning`` says so.

    Examples
    --------
    >>> cx.futures_premium_index_history("BTCUSDT")["premium_index"].mean().round(8).item()
    -0.00011115
    """
    first, last = span(start, end)

    def pages(ask: Ask) -> Iterator[pd.DataFrame]:
        upper, reach = FOREVER if last is None else last, BEGINNING
        if first is None or upper - first > 2 * _DAY:
            newest = ask(page=1, limit=PAGE)  # without a range: the last 8 hours
            now = time_of(newest)
            reach = now - _PREMIUM_REACH
            if upper > now:  # whose rows may be as new as the time of the reply, or newer
                yield within(newest.frame, now - 8 * _HOUR if first is None else first, upper)
                if first is None and newest.rows < LEAST:
                    return
                upper = now
        yield from _premium_days(ask, upper - 8 * _HOUR if first is None else first, upper, reach)

    params = {"market": one_name(market, "market")}
    return history(Call(futures_premium_index_history, numbers, session), params, pages)


@route("GET /futures/basis-history", Basis, docs="futures/market/http/list-market-basis-history")
def futures_basis_history(
    market: str,
    *,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the basis of a market, oldest first, a request per week.

    Without a start the last 7 days before the end; without an end, or with one in the future, up to now.

    Examples
    --------
    >>> cx.futures_basis_history("BTCUSDT", start="2026-05-31", end="2026-06-01")["basis_rate"].max().item()
    0.00016225
    """
    first, last = span(start, end)

    def pages(ask: Ask) -> Iterator[pd.DataFrame]:
        upper = FOREVER if last is None else last
        if first is None or upper - first > _MANY * _WEEK:
            newest = ask()  # without a range: the last 7 days
            now = time_of(newest)
            if upper > now:  # whose rows may be as new as the time of the reply, or newer
                yield within(newest.frame, now - _WEEK if first is None else first, upper)
                if first is None:
                    return
                upper = now
        start_at = upper - _WEEK if first is None else first
        for lower in range(start_at, upper, _WEEK):
            end_at = min(lower + _WEEK, upper)
            yield within(ask(start_time=max(0, lower - 1), end_time=end_at).frame, lower, end_at)

    params = {"market": one_name(market, "market")}
    return history(Call(futures_basis_history, numbers, session), params, pages)


def _premium_days(ask: Ask, start: int, end: int, reach: int) -> Iterator[pd.DataFrame]:
    """Yield the premium index day by day, newest first: the exchange refuses longer ranges, and older ones."""
    refused = False
    while end > max(start, reach):
        lower = max(start, reach, end - _PREMIUM_SPAN)
        try:
            yield from by_keyset(ask, lower, end, PremiumIndex.key)
        except BadParameter:
            newest = ask(page=1, limit=1)  # refuses in its turn when it is the market that is not known
            reach = time_of(newest) - _PREMIUM_REACH
            if refused or lower > reach:
                raise
            refused = True
            continue  # the rest of the day, within reach
        end = lower
    if start < reach:
        raise Incomplete(
            f"the exchange keeps 30 days, since {pd.Timestamp(reach, unit='ms', tz='UTC'):%Y-%m-%d %H:%M} UTC"
        )


def _pages(call: Call, market: str, start: TimeLike | None, end: TimeLike | None) -> pd.DataFrame:
    """Return a history that takes a range of time; without a start none is sent."""
    params = {"market": one_name(market, "market")}
    return ranged(call, params, start=start, end=end, earliest=BEGINNING, limit=PAGE)
