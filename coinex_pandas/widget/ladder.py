"""An order book as people read it: asks above bids, the best prices in the middle."""

from __future__ import annotations

from typing import Any

import pandas as pd

from coinex_pandas.widget import cells

MOST_LEVELS = 50  # each side; what the exchange sends at most, and what fits into one frame


def is_book(frame: pd.DataFrame) -> bool:
    """Return whether a frame is a book and no table of rows: its index shows it."""
    return "side" in frame.index.names and "level" in frame.index.names


def ordered(frame: pd.DataFrame, levels: int = MOST_LEVELS) -> pd.DataFrame:
    """Return the best `levels` of each side: the highest ask first, the lowest bid last."""
    bids, asks = (_side(frame, side).head(levels) for side in ("bid", "ask"))
    return pd.concat([asks.iloc[::-1], bids])


def texts(frame: pd.DataFrame) -> dict[str, Any]:
    """Return the ladder for the browser: how many asks come first, prices and amounts as exact texts."""
    frame = ordered(frame)
    asks = int((frame.index.get_level_values("side").astype(str) == "ask").sum())
    return {
        "asks": asks,
        "price": [cells.exact(value) for value in frame["price"].tolist()],
        "amount": [cells.exact(value) for value in frame["amount"].tolist()],
    }


def _side(frame: pd.DataFrame, side: str) -> pd.DataFrame:
    """Return one side, best price first."""
    levels = frame[frame.index.get_level_values("side").astype(str) == side]
    best = cells.prices(levels, "price").sort_values(ascending=side == "ask", kind="stable")
    return levels.iloc[best.index]
