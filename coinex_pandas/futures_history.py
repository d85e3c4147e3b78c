"""Public futures histories: funding, premium, basis, liquidations; whole, whatever the exchange's pages hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pandas as pd

from coinex_pandas.answers import history, one_name
from coinex_pandas.options import Numbers, chosen_numbers
from coinex_pandas.paging import BEGINNING, FOREVER, Ask, by_keyset, within
from coinex_pandas.route import route, route_of
from coinex_pandas.rows.market import Basis, FundingSettlement, Liquidation, PremiumIndex
from coinex_pandas.session import Session
from coinex_pandas.system import exchange_time
from coinex_pandas.times import TimeLike, span

__all__ = [
    "futures_basis_history",
    "futures_funding_rate_history",
    "futures_liquidations",
    "futures_premium_index_history",
]

_HOUR = 3_600_000
_DAY = 24 * _HOUR
_PREMIUM_REACH = 30 * _DAY


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
    return _paged(futures_funding_rate_history, market, start=start, end=end, numbers=numbers, session=session)


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
    return _paged(futures_liquidations, market, start=start, end=end, numbers=numbers, session=session)


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

    Without a start the last 8 hours before the end; without an end up to now. The exchange keeps 30 days: of
    an earlier start the rest is returned, ``attrs["coinex"]["complete"]`` is False, and an ``IncompleteWarning``
    says so.

    Examples
    --------
    >>> cx.futures_premium_index_history("BTCUSDT")["premium_index"].mean().round(8).item()
    -0.00010423
    """
    params = {"market": one_name(market, "market")}
    first, last = span(start, end)
    chosen_numbers(numbers)  # before the clock is asked: a wrong argument sends nothing
    now = exchange_time(session)
    last = now if last is None else min(last, now)
    first = last - 8 * _HOUR if first is None else first
    reach = now - _PREMIUM_REACH + 60_000  # a minute inside, for the clock moves on while we ask
    cut = (
        f"the exchange keeps 30 days, since {pd.Timestamp(reach, unit='ms', tz='UTC'):%Y-%m-%d %H:%M} UTC"
        if first < reach
        else ""
    )
    days = [(at, min(at + _DAY - 2, last)) for at in range(max(first, reach), last, _DAY - 2)]

    def pages(ask: Ask) -> Iterator[pd.DataFrame]:
        for lower, upper in days:
            yield from by_keyset(ask, lower, upper, PremiumIndex.key)

    return history(
        futures_premium_index_history, params, pages, expected=2 * len(days), cut=cut, numbers=numbers, session=session
    )


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

    Without a start the last 7 days before the end; without an end up to now.

    Examples
    --------
    >>> cx.futures_basis_history("BTCUSDT", start="2026-05-31", end="2026-06-01")["basis_rate"].max().item()
    0.00016225
    """
    params = {"market": one_name(market, "market")}
    first, last = span(start, end)
    chosen_numbers(numbers)  # before the clock is asked: a wrong argument sends nothing
    now = exchange_time(session)
    last = now if last is None else min(last, now)
    first = last - 7 * _DAY if first is None else first
    weeks = [(at, min(at + 7 * _DAY, last)) for at in range(first, last, 7 * _DAY)]

    def pages(ask: Ask) -> Iterator[pd.DataFrame]:
        for lower, upper in weeks:
            yield within(ask(start_time=max(0, lower - 1), end_time=upper).frame, lower, upper)

    return history(futures_basis_history, params, pages, expected=len(weeks), numbers=numbers, session=session)


def _paged(
    function: Callable[..., pd.DataFrame],
    market: str,
    *,
    start: TimeLike | None,
    end: TimeLike | None,
    numbers: Numbers | None,
    session: Session | None,
) -> pd.DataFrame:
    """Return a history that the exchange hands out by page and limit."""
    first, last = span(start, end)
    lower, upper = BEGINNING if first is None else first, FOREVER if last is None else last
    key = route_of(function).row.key

    def pages(ask: Ask) -> Iterator[pd.DataFrame]:
        return by_keyset(ask, lower, upper, key)

    return history(function, {"market": one_name(market, "market")}, pages, numbers=numbers, session=session)
