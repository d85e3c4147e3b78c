"""An order book as people read it: asks above bids, the best prices in the middle."""

from __future__ import annotations

from typing import Any

import pandas as pd

from coinex_pandas.widget import cells

MOST_LEVELS = 50  # each side; what the exchange sends at most, and what fits into one frame


def is_book(frame: pd.DataFrame) -> bool:
    """Tell a book from a table of rows by its index."""
    return "side" in frame.index.names and "level" in frame.index.names


def ordered(frame: pd.DataFrame, levels: int = MOST_LEVELS) -> pd.DataFrame:
    """Take the best `levels` of each side: the highest ask first, the lowest bid last."""
    bids, asks = (_side(frame, side).head(levels) for side in ("bid", "ask"))
    return pd.concat([asks.iloc[::-1], bids])


def texts(frame: pd.DataFrame) -> dict[str, Any]:
    """Write the ladder for the browser: how many asks come first, then prices and amounts as exact texts."""
    frame = ordered(frame)
    asks = int((frame.index.get_level_values("side").astype(str) == "ask").sum())
    return {
        "asks": asks,
        "price": [cells.exact(value) for value in frame["price"].tolist()],
        "amount": [cells.exact(value) for value in frame["amount"].tolist()],
    }


def _side(frame: pd.DataFrame, side: str) -> pd.DataFrame:
    """Take one side, best price first."""
    found = frame[frame.index.get_level_values("side").astype(str) == side]
    best = cells.prices(found, "price").sort_values(ascending=side == "ask", kind="stable")
    return found.iloc[best.index]
