"""Liquidations: when, at which price, and how large."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coinex_pandas.plot.drawing import canvas, columns, notes, palette
from coinex_pandas.plot.drawing.ticks import compact, tick_numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.legend import Legend

SIDES = (("long", "v"), ("short", "^"))
SMALLEST, LARGEST = 8.0, 380.0  # areas of the marks, in square points


def liquidations(frame: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Axes with a mark for each liquidation: its time, its price, an area by its worth, longs and shorts apart.

    Parameters
    ----------
    frame : DataFrame
        As ``cx.futures_liquidations`` returns it, of one market. A long (orange, pointing down) was sold by force,
        a short (blue, pointing up) bought.
    ax : Axes, optional
        Draw here. None makes a figure; ``ax.figure.savefig(...)`` saves it.

    Returns
    -------
    Axes
        x in UTC, y in the market's quote currency; the legend counts each side and sums its worth
        (price times amount; for inverse markets the amount, which is counted in USD).
    """
    columns.require(
        frame,
        ["created_at", "side", "liq_price", "liq_amount"],
        plot="liquidations",
        frames="cx.futures_liquidations",
    )
    market = columns.one_market(frame, plot="liquidations")
    quote = columns.quote_of(market)
    ax = canvas.new_axes(ax)
    rows = _rows(frame, inverse=quote == "USD")
    if len(rows):
        _draw(ax, rows, quote)
    else:
        notes.empty(ax)
    canvas.label(ax, title=canvas.joined(market, "liquidations"))
    canvas.label(ax, x="time (UTC)", y=canvas.with_unit("liquidation price", quote))
    _legend_of_one_size(notes.add(ax, frame, entries=True))
    return ax


def _rows(frame: pd.DataFrame, *, inverse: bool) -> pd.DataFrame:
    price, amount = columns.numbers(frame, "liq_price"), columns.numbers(frame, "liq_amount")
    return pd.DataFrame(
        {
            "day": columns.day_numbers(columns.times(frame, "created_at")),
            "side": columns.names(frame, "side"),
            "price": price,
            "worth": amount if inverse else price * amount,
        }
    ).dropna()


def _draw(ax: Axes, rows: pd.DataFrame, quote: str | None) -> None:
    most = float(rows["worth"].max())
    area = SMALLEST + (LARGEST - SMALLEST) * rows["worth"].clip(lower=0) / (most if most > 0 else 1.0)
    colours = palette.of(ax)
    for side, marker in SIDES:
        own = (rows["side"] == side).to_numpy()
        total = f"{compact(float(rows.loc[own, 'worth'].sum()))} {quote or ''}".rstrip()
        ax.scatter(
            rows.loc[own, "day"],
            rows.loc[own, "price"],
            s=area[own],
            marker=marker,
            color=colours.down if side == "long" else colours.up,
            alpha=0.55,
            linewidths=0.4,
            edgecolors=colours.background,
            label=f"{side}: {own.sum():,} · {total}",
        )
    canvas.time_axis(ax, rows["day"].to_numpy())
    tick_numbers(ax.yaxis, positive=True)


def _legend_of_one_size(legend: Legend | None) -> None:
    """Give the marks in the legend one size: matplotlib takes that of the first row, which would mean nothing there."""
    from matplotlib.collections import PathCollection

    for handle in legend.legend_handles if legend is not None else ():
        if isinstance(handle, PathCollection):
            handle.set_sizes(np.array([36.0]))
