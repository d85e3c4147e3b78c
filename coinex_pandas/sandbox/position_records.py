"""What happened to positions: the rows of the position histories, oldest first."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from coinex_pandas.sandbox.position import Position

__all__ = ["PositionRecords"]

Rows = defaultdict[str, list[dict[str, Any]]]


class PositionRecords:
    """Lists by account name.

    Attributes
    ----------
    finished : mapping of Position
        Closed positions.
    margin, funding, settle : mapping of dict
        Changes of margin, funding fees and settlements, as rows for the wire.
    """

    def __init__(self) -> None:
        self.finished: defaultdict[str, list[Position]] = defaultdict(list)
        self.margin: Rows = defaultdict(list)
        self.funding: Rows = defaultdict(list)
        self.settle: Rows = defaultdict(list)
