"""How much a stream's table holds."""

from __future__ import annotations

import pandas as pd

from coinex_pandas.errors import InvalidArgument

__all__ = ["Keep", "kept"]

Keep = tuple[int | None, int | None]
"""Rows, or milliseconds, that a table holds at most; two times None holds all."""


def kept(keep: int | str | pd.Timedelta | None) -> Keep:
    """Return how many rows, or milliseconds, a table holds.

    Raises
    ------
    InvalidArgument
        It is neither a number of rows from 1 on nor a span of time.

    Examples
    --------
    >>> kept(1000), kept("10min"), kept(None)
    ((1000, None), (None, 600000), (None, None))
    """
    if keep is None:
        return None, None
    if isinstance(keep, int) and not isinstance(keep, bool) and keep >= 1:
        return keep, None
    try:
        span = pd.Timedelta(keep) if not isinstance(keep, (int, float)) else pd.Timedelta(0)
    except (ValueError, TypeError):
        span = pd.Timedelta(0)
    if not span > pd.Timedelta(0):
        raise InvalidArgument(f"keep is a number of rows, a span of time such as '10min', or None, not {keep!r}")
    return None, int(span.total_seconds() * 1000)
