"""Where deals belong that come late: each market's deals stand in the order of their ids.

A recovered deal is inserted before the market's first one with a larger id, wherever the rows of other markets stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, takewhile
from typing import Any

import numpy as np

from coinex_pandas.tables.growing_frame import GrowingFrame

__all__ = ["place_of_deal", "together"]

_NEVER = float("inf")
_NEAR = 1 << 16  # rows at the end of the table in which a late one is looked for first


def place_of_deal(table: GrowingFrame, market: str, deal_id: int) -> tuple[int | None, float | None]:
    """Return before which row a deal belongs, and the id of the market's next deal, infinity where there is none.

    No place: the deal is there, or it is older than all that is kept.
    """
    code = table.code("market", market)
    for near in (_NEAR, len(table)):
        start = max(0, len(table) - near)
        mine = np.flatnonzero(table.column("market")[start:] == code) + start
        ids = table.column("deal_id")[mine]
        at = int(np.searchsorted(ids, deal_id))
        if at < len(ids) and ids[at] == deal_id:
            return None, None
        if at:
            return (int(mine[at]), int(ids[at])) if at < len(ids) else (int(mine[-1]) + 1, _NEVER)
    if table.gone:
        return None, None
    return (int(mine[0]), int(ids[0])) if len(mine) else (len(table), _NEVER)


def together(rows: Sequence[Any], stop: float | None) -> Sequence[Any]:
    """Return the first row and those behind it that belong to the same place: of one type, rising, below an id.

    Without an id it is the first row only.
    """
    if stop is None:
        return rows[:1]

    def is_next(pair: tuple[Any, Any]) -> bool:
        former, row = pair
        return type(former) is type(row) and bool(former.deal_id < row.deal_id < stop)

    return rows[: 1 + sum(1 for _ in takewhile(is_next, pairwise(rows)))]
