"""``frame.coinex``: the plots and the notes of a frame, as its own methods.

Importing this module registers the accessor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from coinex_pandas import plot
from coinex_pandas.plot.drawing import columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray


@pd.api.extensions.register_dataframe_accessor("coinex")
class CoinexAccessor:
    """What this package knows about a frame, and its plots; a frame that does not fit raises InvalidArgument."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame

    @property
    def meta(self) -> dict[str, Any]:
        """Table, venue, request, time and freshness of the frame (``attrs["coinex"]``); empty for any other frame."""
        return columns.meta(self._frame)

    def plot_candles(self, *, ax: Axes | None = None, volume: bool = True) -> Axes:
        """Axes with candles of a klines frame; see ``cx.plot.candles``."""
        return plot.candles(self._frame, ax=ax, volume=volume)

    def plot_depth(self, *, ax: Axes | None = None) -> Axes:
        """Axes with the cumulative order book; see ``cx.plot.depth``."""
        return plot.depth(self._frame, ax=ax)

    def plot_spread(
        self,
        other: pd.DataFrame | pd.Series[Any],
        *,
        axes: Sequence[Axes] | None = None,
        labels: tuple[str, str] | None = None,
    ) -> NDArray[Any]:
        """Two Axes with this price and `other`, and their difference; see ``cx.plot.spread``."""
        return plot.spread(self._frame, other, axes=axes, labels=labels)

    def plot_basis(
        self, *, ax: Axes | None = None, top: int = 20, price: Literal["mark_price", "last"] = "mark_price"
    ) -> Axes:
        """Axes with the basis in basis points; see ``cx.plot.basis``."""
        return plot.basis(self._frame, ax=ax, top=top, price=price)

    def plot_funding(self, *, ax: Axes | None = None, top: int = 20) -> Axes:
        """Axes with funding rates in percent; see ``cx.plot.funding``."""
        return plot.funding(self._frame, ax=ax, top=top)

    def plot_open_interest(
        self, markets: pd.DataFrame | None = None, *, ax: Axes | None = None, top: int = 20, log: bool = False
    ) -> Axes:
        """Axes with open interest in quote currency; see ``cx.plot.open_interest``."""
        return plot.open_interest(self._frame, markets, ax=ax, top=top, log=log)

    def plot_liquidations(self, *, ax: Axes | None = None) -> Axes:
        """Axes with liquidations by time, price and worth; see ``cx.plot.liquidations``."""
        return plot.liquidations(self._frame, ax=ax)
