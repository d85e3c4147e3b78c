"""Frames with several rows of a market: a history, which is drawn over time, or more rows than can be drawn."""

from __future__ import annotations

from typing import TypeVar

import pandas as pd

from coinex_pandas.plot.drawing import columns

TIMES = ("fetched_at", "created_at", "updated_at", "received_at")
LABELS = {"received_at": "time received (UTC)"}

Table = TypeVar("Table", pd.DataFrame, "pd.Series[float]")


def time_of(frame: pd.DataFrame) -> str | None:
    """Find the time of the rows, if a market has rows of several times: such a frame is a history."""
    name = next((name for name in TIMES if columns.has(frame, name)), None)
    if name is None or not columns.has(frame, "market"):
        return None
    rows = pd.DataFrame({"market": columns.names(frame), "time": columns.times(frame, name)}).dropna()
    return name if rows.drop_duplicates()["market"].duplicated().any() else None


def label_of(time: str) -> str:
    """Name the time axis: when rows came is not when the exchange made them."""
    return LABELS.get(time, "time (UTC)")


def newest(table: Table) -> tuple[Table, str]:
    """Keep the last row of each name in the index, with the words that say so when others are left out."""
    is_last = ~table.index.duplicated(keep="last")
    return (table, "") if is_last.all() else (table[is_last], "newest rows")
