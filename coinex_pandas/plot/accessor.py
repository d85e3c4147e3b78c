"""``frame.coinex``: the plots and the notes of a frame, and its ways into other tools, as its own methods.

Importing this module registers the accessor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from coinex_pandas import plot
from coinex_pandas.plot.drawing import columns
from coinex_pandas.tables import export

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

    @property
    def numeric(self) -> pd.DataFrame:
        """The columns that one computes with, neither words, flags nor ids: ``candles.coinex.numeric.pct_change()``."""
        return export.numeric(self._frame)

    def as_unit(self, unit: export.Unit) -> pd.DataFrame:
        """Frame with all times, the index among them, in "ms", "us" or "ns": ``merge_asof`` wants both sides alike."""
        return export.as_unit(self._frame, unit)

    def plain(self) -> pd.DataFrame:
        """Frame whose cells any tool knows: words and exact decimals as text, lists as JSON, secrets as ``***``."""
        return export.plain(self._frame)

    def to_csv(self, path: export.Target | None = None, *, index: bool = True, sep: str = ",") -> str | None:
        """Write the frame as CSV, or return that for None: numbers have all their digits and no exponent."""
        return export.to_csv(self._frame, path, index=index, sep=sep)

    def to_sql(
        self,
        name: str,
        con: Any,
        *,
        if_exists: Literal["fail", "replace", "append"] = "fail",
        index: bool = True,
    ) -> int | None:
        """Write the frame to a table of a database, as ``DataFrame.to_sql`` does: exact decimals and lists as text."""
        return export.plain(self._frame).to_sql(name, con, if_exists=if_exists, index=index)

    def to_excel(self, excel_writer: Any, *, sheet_name: str = "Sheet1", index: bool = True) -> None:
        """Write the frame to a file, or to a ``pd.ExcelWriter``: times are UTC, ids of 16 digits and more are text.

        It needs a library that writes such files (``pip install openpyxl``).
        """
        export.for_excel(self._frame).to_excel(excel_writer, sheet_name=sheet_name, index=index)

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
