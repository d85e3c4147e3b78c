"""How a DataFrame over memory that still grows stays what it was: pandas copies before it writes into it.

pandas keeps for each block a list of those who share it, and copies before a write when there is more than one. An
entry that never goes away, one small block held by this module, therefore makes every write copy first, also into
frames and series derived from a snapshot that is itself long gone. The name is private to pandas: it is tried on first
use, and where it is missing or no longer works, snapshots are plain copies.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from coinex_pandas.tables import blocks

__all__ = ["guard"]


def guard(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame over read-only arrays that can be written to as any other frame, and never writes through."""
    if not _works():
        return frame.copy()
    _share(frame)
    return frame


def _share(frame: Any) -> None:
    witness = _witness()
    for block in frame._mgr.blocks:
        block.refs.add_reference(witness)
    references = frame.index._references
    if references is not None:
        references.add_reference(witness)


@cache
def _witness() -> Any:
    """Return the block that shares everything."""
    frame: Any = pd.DataFrame({"witness": [0.0]})
    return frame._mgr.blocks[0]


@cache
def _works() -> bool:
    """Return whether writes into a part of a snapshot, whose whole is gone, copy first."""
    memory = np.zeros((2, 4))
    view = memory[:, :3]
    view.flags.writeable = False
    try:
        frame = blocks.frame(("one", "two"), {}, view, (0, 1), pd.RangeIndex(3))
        _share(frame)
        part = frame.iloc[1:]  # tail() is a copy
        del frame
        part.iloc[0, 0] = 1.0
        part["two"] += 1.0
    except Exception:  # whatever a later pandas does here, a copy is right
        return False
    return not memory.any() and part["one"].to_list()[0] == 1.0
