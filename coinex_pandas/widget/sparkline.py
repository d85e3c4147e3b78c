"""The sparkline of a view: the points of the main price, since the view began."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coinex_pandas.widget import cells

if TYPE_CHECKING:
    from numpy.typing import NDArray

POINTS = 120
HEIGHT = 100  # points travel as whole numbers from 0 to HEIGHT; the chart has no more pixels
MOST_AT_ONCE = 6  # points of one frame after the first, so that a fast market's chart still reaches back seconds


class Sparkline:
    """The chart of one market's price: of `market`, or of the newest row's market when that one sends nothing."""

    def __init__(self, market: str | None) -> None:
        self._market = market
        self._points: deque[float] = deque(maxlen=POINTS)
        self._name = ""

    def extend(self, frame: pd.DataFrame) -> None:
        """Add the prices of new rows, oldest first."""
        name = cells.main_column(frame)
        if name is None or frame.empty:
            return
        self._name = name
        prices = cells.prices(self._of_market(frame), name).dropna().to_numpy()
        self._points.extend((_thin(prices) if self._points else prices).tolist())

    def chart(self) -> dict[str, Any] | None:
        """Return heights between the lowest and the highest point, and both as texts; None without points."""
        if not self._points:
            return None
        points = np.array(self._points)
        low, high = float(points.min()), float(points.max())
        heights = (points - low) / ((high - low) or 1.0) * HEIGHT
        return {
            "name": " ".join(part for part in (self._market, self._name) if part),
            "heights": heights.round().astype(int).tolist(),
            "low": cells.exact(low),
            "high": cells.exact(high),
            "last": cells.exact(float(points[-1])),
        }

    def _of_market(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of one market: prices of several on one scale mean nothing."""
        if "market" not in frame:
            return frame
        markets = frame["market"].astype(str)
        if not self._points and self._market not in set(markets):
            self._market = str(markets.iloc[-1])
        return frame[(markets == self._market).to_numpy()]


def _thin(points: NDArray[Any]) -> NDArray[Any]:
    """Return the first, the lowest, the highest, the last and two between of many points, in their order."""
    if len(points) <= MOST_AT_ONCE:
        return points
    third = len(points) // 3
    places = {0, int(points.argmin()), int(points.argmax()), third, 2 * third, len(points) - 1}
    return points[sorted(places)]
