"""What follows from an account's own rows: the candles that value each day of its ledger, the fees of its markets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd

from coinex_pandas.archive.collection.plan import Task
from coinex_pandas.archive.reader.archive import Archive
from coinex_pandas.archive.tables.coverage import coverage_of
from coinex_pandas.errors import NotCaptured

__all__ = ["fee_tasks", "index_tasks", "spot_tasks"]

QUOTE = "USDT"
_DAY = pd.Timedelta(days=1)
_PERIOD = "1hour"


def spot_tasks(root: Path) -> Iterator[Task]:
    """Yield the tasks of spot candles in USDT, for each currency the days on which it moved."""
    for ccy, days in _days(root):
        yield from _tasks("spot_klines", {"market": f"{ccy}{QUOTE}", "period": _PERIOD}, days)


def index_tasks(root: Path) -> Iterator[Task]:
    """Yield the tasks of index prices, for the currencies that spot has no candles of."""
    tasks = coverage_of(root)
    spot = tasks[(tasks["table"] == "spot_klines") & ~tasks["is_probe"] & tasks["complete"] & (tasks["rows"] > 0)]
    priced = set(spot["market"])
    for ccy, days in _days(root):
        if f"{ccy}{QUOTE}" not in priced:
            params = {"market": f"{ccy}{QUOTE}", "period": _PERIOD, "price_type": "index_price"}
            yield from _tasks("futures_klines", params, days)


def fee_tasks(root: Path) -> Iterator[Task]:
    """Yield the tasks of the fee rates of the markets that the account traded in."""
    for area in ("spot", "futures"):
        try:
            markets = Archive(root).table(f"{area}_user_deals")["market"]
        except NotCaptured:
            continue
        for market in sorted(markets.astype("str").unique()):
            yield Task("trade_fee_rate", {"market": market, "market_type": area.upper()})


def _days(root: Path) -> Iterator[tuple[str, list[pd.Timestamp]]]:
    """Yield each currency of the ledger but USDT, and the days on which it moved."""
    try:
        ledger = Archive(root).table("spot_transactions")
    except NotCaptured:
        return
    moves = pd.DataFrame({"ccy": ledger["ccy"].astype("str"), "day": ledger["created_at"].dt.floor("D")})
    for ccy, group in moves[moves["ccy"] != QUOTE].groupby("ccy"):
        yield str(ccy), sorted(group["day"].unique())


def _tasks(table: str, params: dict[str, str], days: Iterable[pd.Timestamp]) -> Iterator[Task]:
    """Yield a task for each stretch of days, and one day more on either side."""
    first = last = None
    for day in days:
        if last is not None and first is not None and day - last > 2 * _DAY:
            yield _task(table, params, first, last)
            first = None
        first, last = first or day, day
    if first is not None and last is not None:
        yield _task(table, params, first, last)


def _task(table: str, params: dict[str, str], first: pd.Timestamp, last: pd.Timestamp) -> Task:
    return Task(table, {**params, "start": (first - _DAY).isoformat(), "end": (last + 2 * _DAY).isoformat()})
