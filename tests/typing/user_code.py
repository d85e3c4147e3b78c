"""What users write, held to mypy --strict by `make lint`; it is never run."""

from __future__ import annotations

from matplotlib.axes import Axes
from pandas import DataFrame

import coinex_pandas as cx


def tables() -> list[DataFrame]:
    """Return frames of each sort of function."""
    with cx.sandbox(seed=7, faults={"busy": 0.1, "truncate": [3, 7]}, now="2026-06-01") as exchange:
        venue = cx.Venue("mine", http=exchange.http, ws=exchange.ws)
        former: cx.Session = cx.use(venue)
        exchange.clock.advance(60)
        exchange.faults.set("frozen")
        found = [
            cx.futures_tickers(),
            cx.futures_tickers(["BTCUSDT", "ETHUSDT"], numbers="decimal"),
            cx.futures_klines("BTCUSDT", "1h", start="2026-01-01", end=1_780_000_000_000, price_type="mark_price"),
            cx.futures_depth("BTCUSDT", limit=5, interval="0.1"),
            cx.freshness("futures", books=False),
        ]
        cx.use(former)
    cx.options.numbers = "float"
    return found


def drawing(candles: DataFrame) -> Axes:
    """Return a plot."""
    return cx.plot.candles(candles, volume=False)


def advice(error: cx.Refused) -> str:
    """Return what an error knows."""
    return f"{error.code} {error.message} {error.endpoint} {error.advice} {error.retry_after}"
