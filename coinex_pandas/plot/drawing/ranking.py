"""What several plots draw: bars by market in the order of their values, and lines over time by market."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coinex_pandas.plot.drawing import canvas, columns, palette

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

MOST_LINES = palette.MOST_LINES
VALUE = 44.0  # points that the value at the end of a bar needs


def bar_axes(ax: Axes | None, bars: int) -> Axes:
    """Take the caller's Axes, or make fresh ones that are high enough for so many bars."""
    return canvas.new_axes(ax, height=max(2.4, 1.1 + 0.2 * bars))


def ranked_bars(
    ax: Axes,
    ranked: pd.Series[float],
    text: Callable[[float], str],
    *,
    beside: pd.Series[float] | None = None,
) -> None:
    """One bar for each market, the first on top, blue above zero, orange below.

    Its value is written at its end, clear of a mark at `beside`.
    """
    rows, colours = np.arange(len(ranked)), palette.of(ax)
    ax.barh(rows, ranked.to_numpy(), height=0.72, color=colours.signs(ranked.to_numpy() >= 0))
    ax.set_ylim(len(ranked) - 0.4, -0.6)
    width, height = canvas.points(ax)
    ax.margins(x=max(0.14, VALUE / width))
    ax.grid(visible=False, axis="y")
    if ranked.min() < 0:
        ax.axvline(0, color=colours.text, alpha=0.5, linewidth=0.8)
    points = height / len(ranked)
    size = float(np.clip(0.7 * points, 4.0, 8.5))
    every = max(1, int(np.ceil(5 / points)))
    ax.set_yticks(rows[::every], [str(name) for name in ranked.index[::every]], fontsize=size, **canvas.PLAIN)
    if every == 1:
        _write_values(ax, ranked, beside if beside is not None else ranked, text, size=size)


def _write_values(
    ax: Axes, ranked: pd.Series[float], beside: pd.Series[float], text: Callable[[float], str], *, size: float
) -> None:
    ink = palette.of(ax).text
    for row, (value, mark) in enumerate(zip(ranked, beside, strict=True)):
        side = 1 if value >= 0 else -1
        ax.annotate(
            text(value),
            (side * np.nanmax([side * value, side * mark]), row),
            xytext=(side * (4 if mark == value else 7), 0),
            textcoords="offset points",
            ha="left" if side > 0 else "right",
            va="center_baseline",
            fontsize=size,
            color=ink,
            **canvas.PLAIN,
        )


def market_lines(ax: Axes, table: pd.DataFrame) -> None:
    """One line for each column of a table indexed by time, at most as many as there are colours."""
    for colour, (name, column) in zip(palette.of(ax).lines, table.items(), strict=False):
        line = column.dropna()
        days = columns.day_numbers(pd.DatetimeIndex(line.index))
        marker = "o" if len(line) == 1 else ""
        ax.plot(days, line.to_numpy(), color=colour, linewidth=1.2, marker=marker, markersize=4, label=str(name))
    canvas.time_axis(ax, columns.day_numbers(pd.DatetimeIndex(table.index)))


def by_market(frame: pd.DataFrame, time: str, column: str) -> pd.DataFrame:
    """Spread the column into a table: times down, markets across; of several rows at one time the last counts."""
    rows = pd.DataFrame(
        {
            "time": columns.times(frame, time),
            "market": columns.names(frame) if columns.has(frame, "market") else column,
            "value": columns.numbers(frame, column),
        }
    ).dropna()
    return rows.pivot_table(index="time", columns="market", values="value", aggfunc="last")


def largest(table: pd.DataFrame, size: pd.Series[float], top: int) -> tuple[pd.DataFrame, str]:
    """Keep the columns of the largest `size`, with the words that say so when some are left out."""
    names = size.sort_values(ascending=False, kind="stable").index[: min(top, MOST_LINES)]
    words = f"{len(names)} of {len(table.columns)} markets" if len(names) < len(table.columns) else ""
    return table[names], words
