"""The gaps and counts of a stream: what it missed, from when to when and why, and what it received."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from msgspec import UNSET

from coinex_pandas.api.calls.evidence import Evidence
from coinex_pandas.tables import blocks

__all__ = ["Gap", "Stats", "gap_of_row", "gaps_frame"]


@dataclass(slots=True)
class Gap:
    """A time in which rows may have been missed.

    Attributes
    ----------
    market : str or None
        Whose; None where a frame of an unknown market was lost.
    start, end : int, int or None
        Unix milliseconds, by this machine's clock: rows that would have arrived between them may be missing. No end:
        it goes on.
    cause : str
        What happened, and why missed rows could not be recovered.
    after_row : int
        Rows that the stream had received before it.
    refilled : bool or None
        Whether all that was missed was recovered; None while that is open.
    rows : int
        Rows that were recovered.
    """

    market: str | None
    start: int
    cause: str
    after_row: int
    end: int | None = None
    refilled: bool | None = None
    rows: int = 0


def gap_of_row(row: Any, market: str, at: int, after: int) -> Gap | None:
    """Return the gap that a row leaves which cannot be written, None for one that can."""
    for name in row.__struct_fields__:
        cell = getattr(row, name)
        if cell is None:
            setattr(row, name, UNSET)
        elif isinstance(cell, float) and not np.isfinite(cell):
            cause = f"a row of {market} has {cell!r} in column {name!r}, which is no number"
            return Gap(market, at, cause, after, end=at, refilled=False)
    return None


def gaps_frame(gaps: Sequence[Gap]) -> pd.DataFrame:
    """Return gaps as a DataFrame, a row each."""
    ends = np.array([np.iinfo(np.int64).min if gap.end is None else gap.end for gap in gaps], dtype=np.int64)
    return Evidence(
        {
            "market": pd.array([gap.market for gap in gaps], dtype="str"),
            "start": blocks.utc(np.array([gap.start for gap in gaps], dtype=np.int64)),
            "end": blocks.utc(ends),
            "cause": pd.array([gap.cause for gap in gaps], dtype="str"),
            "refilled": pd.array([gap.refilled for gap in gaps], dtype="boolean"),
            "rows": pd.array([gap.rows for gap in gaps], dtype="int64"),
            "after_row": pd.array([gap.after_row for gap in gaps], dtype="int64"),
        }
    )


class Stats(NamedTuple):
    """The counts of a stream.

    Attributes
    ----------
    messages, rows : int
        Pushes and rows received, recovered ones among them.
    bytes : int
        Packed bytes received on the connection, which streams of one venue and area share.
    lag : float
        Milliseconds from the newest row's own time to its arrival, by two clocks that may differ; NaN where rows have
        no time.
    reconnects, bad_frames : int
        How often the connection was made again, and frames on it that could not be decoded.
    duplicates, late, refilled : int
        Rows that came again and were dropped, that came late and were inserted in their place, that were recovered.
    missed_by_readers : int
        Rows that were dropped from a bounded table before somebody who iterates had read them.
    dropped_repaints : int
        Repaints that views left out because the browser had not caught up.
    """

    messages: int
    rows: int
    bytes: int
    lag: float
    reconnects: int
    bad_frames: int
    duplicates: int
    late: int
    refilled: int
    missed_by_readers: int
    dropped_repaints: int
