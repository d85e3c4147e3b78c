"""Whether rows of Arrow stand in order already: histories come in order, and to sort millions of rows takes seconds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from coinex_pandas.errors import MissingExtra

try:
    import pyarrow as pa
    import pyarrow.compute as pc
except ImportError as fault:
    raise MissingExtra("pyarrow", extra="archive") from fault

__all__ = ["is_rising"]


def is_rising(rows: Any, names: Iterable[str]) -> bool:
    """Return whether each row stands above the one before by some columns; so no two rows are equal in them.

    Parameters
    ----------
    rows : pyarrow.Table
        The rows.
    names : iterable of str
        The columns, the one that counts most first.

    Returns
    -------
    bool
        False also where a column is none of whole numbers, times or words, or has missing cells: then nobody looked.
    """
    is_tied = np.ones(max(0, rows.num_rows - 1), dtype=bool)
    for name in names:
        values = _ranks(rows[name])
        if values is None or (is_tied & (values[1:] < values[:-1])).any():
            return False
        is_tied &= values[1:] == values[:-1]
    return not is_tied.any()


def _ranks(column: Any) -> np.ndarray[Any, Any] | None:
    """Return whole numbers that are ordered as the cells of a column are."""
    kind = column.type
    if column.null_count:
        return None
    if pa.types.is_dictionary(kind):
        words = column.unify_dictionaries() if isinstance(column, pa.ChunkedArray) else column
        words = words.combine_chunks() if isinstance(words, pa.ChunkedArray) else words
        ranks = np.argsort(np.argsort(words.dictionary.to_numpy(zero_copy_only=False)))
        places: np.ndarray[Any, Any] = ranks[words.indices.to_numpy()]
        return places
    if pa.types.is_integer(kind) or pa.types.is_timestamp(kind):
        numbers: np.ndarray[Any, Any] = pc.cast(column, pa.int64()).to_numpy()
        return numbers
    return None
