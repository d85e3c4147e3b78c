"""What a capture asks for, in order: each task is one call of a public function.

Sources: the pages of the endpoints, and what checklists for the closing of exchanges ask people to save.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pandas as pd

from coinex_pandas.api.endpoints import ROUTES
from coinex_pandas.http.session import Session
from coinex_pandas.tables.kinds import Numbers

__all__ = [
    "CHANGING",
    "FIRST_DAY",
    "Task",
    "account_snapshots",
    "call",
    "candles",
    "catalogues",
    "histories",
    "is_history",
    "margin_orders",
    "market_histories",
    "probes",
]


class Task(NamedTuple):
    """One call of a public function.

    Attributes
    ----------
    table : str
        The function.
    params : dict
        What it is called with, JSON-able.
    is_probe : bool
        Whether its first reply is all that is wanted.
    """

    table: str
    params: dict[str, Any]
    is_probe: bool = False

    @property
    def key(self) -> str:
        """The task's name, the same in each run: without its start, unless it has an end as well."""
        is_open = "end" not in self.params
        settled = {name: value for name, value in sorted(self.params.items()) if not (is_open and name == "start")}
        words = ", ".join(f"{name}={value!r}" for name, value in settled.items())
        return f"{'probe of ' if self.is_probe else ''}{self.table}({words})"


def is_history(table: str) -> bool:
    """Return whether a function takes a range of time: its rows stay what they are, more are added."""
    return "start" in inspect.signature(ROUTES[table].function).parameters


def call(task: Task, session: Session, numbers: Numbers) -> pd.DataFrame:
    """Return what a task's function returns."""
    function = ROUTES[task.table].function
    settings = {"numbers": numbers} if "numbers" in inspect.signature(function).parameters else {}
    frame: pd.DataFrame = function(**task.params, **settings, session=session)
    return frame


FIRST_DAY = "2017-12-01T00:00:00+00:00"
"""The exchange opened in that month: nothing of it is older."""

_ACCOUNT_NOW = (
    "spot_balances",
    "futures_balances",
    "margin_balances",
    "financial_balances",
    "credit_info",
    "credit_balances",
    "amm_liquidity",
    "futures_positions",
    "spot_pending_orders",
    "futures_pending_orders",
    "spot_pending_stop_orders",
    "futures_pending_stop_orders",
    "account_info",
    "futures_market_settings",
    "subs",
    "sub_info",
    "referees",
    "agent_referees",
)
"""What an account is now: asked anew in each run."""

_MARGIN = {"market_type": "MARGIN"}
_ACCOUNT_PAST: tuple[tuple[str, dict[str, Any]], ...] = (
    ("spot_transactions", {}),
    ("deposits", {}),
    ("withdrawals", {}),
    ("spot_user_deals", {}),
    ("spot_user_deals", _MARGIN),
    ("futures_user_deals", {}),
    ("spot_finished_orders", {}),
    ("futures_finished_orders", {}),
    ("spot_finished_stop_orders", {}),
    ("futures_finished_stop_orders", {}),
    ("futures_finished_positions", {}),
    ("futures_position_margin_history", {}),
    ("futures_position_funding_history", {}),
    ("futures_position_adl_history", {}),
    ("futures_position_settle_history", {}),
    ("transfers", {}),
    ("margin_borrows", {}),
    ("amm_incomes", {}),
    ("sub_transfers", {}),
    ("referee_rebate_records", {}),
    ("agent_rebate_records", {}),
    ("referee_rebate_details", {}),
    ("agent_rebate_details", {}),
)

CHANGING = {
    "deposits",
    "withdrawals",
    "margin_borrows",
    "spot_finished_orders",
    "futures_finished_orders",
    "spot_finished_stop_orders",
    "futures_finished_stop_orders",
}
"""Histories that are read whole in each run: a row changes after it was made, or joins them long after."""

_CATALOGUES = (
    "spot_markets",
    "futures_markets",
    "assets_info",
    "deposit_withdraw_configs",
    "futures_position_levels",
    "maintenances",
    "spot_tickers",
    "futures_tickers",
    "spot_index_prices",
    "futures_index_prices",
    "futures_funding_rates",
)

_PREMIUM_KEPT = pd.Timedelta(days=30) - pd.Timedelta(minutes=5)
"""How far back the exchange has the premium index, and a little less: time passes until the request comes."""


def account_snapshots() -> Iterator[Task]:
    """Yield the tasks of what an account is now."""
    for table in _ACCOUNT_NOW:
        yield Task(table, {})


def margin_orders(market: str, start: str | None) -> Iterator[Task]:
    """Yield the tasks of a market's orders on margin."""
    for table in ("spot_pending_orders", "spot_pending_stop_orders"):
        yield Task(table, {"market": market, **_MARGIN})
    for table in ("spot_finished_orders", "spot_finished_stop_orders"):
        yield Task(table, {"market": market, **_MARGIN, "start": start})


def histories(start: str | None) -> Iterator[Task]:
    """Yield the tasks of an account's past."""
    for table, params in _ACCOUNT_PAST:
        yield Task(table, {**params, "start": start})


def catalogues() -> Iterator[Task]:
    """Yield the tasks of what the exchange has: saved before anything else that is public, for lists can vanish."""
    for table in _CATALOGUES:
        yield Task(table, {})


def market_histories(market: str, start: str | None, until: str) -> Iterator[Task]:
    """Yield the tasks of a futures market's past, beside its candles; without a start two of them are of days only."""
    kept = (pd.Timestamp(until) - _PREMIUM_KEPT).isoformat()
    yield Task("futures_funding_rate_history", {"market": market, "start": start})
    yield Task("futures_liquidations", {"market": market, "start": start})
    yield Task("futures_premium_index_history", {"market": market, "start": max(start or kept, kept)})
    yield Task("futures_basis_history", {"market": market, "start": start or FIRST_DAY})


def candles(area: str, market: str, period: str, start: str) -> Task:
    """Return the task of a market's candles."""
    return Task(f"{area}_klines", {"market": market, "period": period, "start": start})


def probes(markets: Sequence[str] = ("BTCUSDT",)) -> Iterator[Task]:
    """Yield one task per endpoint that reads and needs nothing which only the account knows.

    Public lists are asked about one market: of a market that is gone the exchange says so, a list only lacks it.
    """
    samples: dict[str, Any] = {"market": markets[0], "ccy": "USDT", "period": "1hour", "market_type": "SPOT"}
    for table, route in ROUTES.items():
        if route.method != "GET" or route.is_secret:
            continue
        parameters = inspect.signature(route.function).parameters
        wanted = {name for name, each in parameters.items() if each.default is inspect.Parameter.empty}
        if not route.signed and "market" in parameters:
            wanted.add("market")
        if wanted <= samples.keys():
            yield Task(table, {name: samples[name] for name in parameters if name in wanted}, is_probe=True)
