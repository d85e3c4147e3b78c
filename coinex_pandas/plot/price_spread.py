"""Spread: two prices over time and what lies between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coinex_pandas.errors import InvalidArgument
from coinex_pandas.plot.drawing import canvas, columns, notes, palette
from coinex_pandas.plot.drawing.ticks import plain, tick_numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray


def spread(
    a: pd.DataFrame | pd.Series[Any],
    b: pd.DataFrame | pd.Series[Any],
    *,
    axes: Sequence[Axes] | None = None,
    labels: tuple[str, str] | None = None,
) -> NDArray[Any]:
    """Two Axes: both prices above; below their difference a - b, with a second scale in basis points of b's median.

    Parameters
    ----------
    a, b : DataFrame or Series
        Klines frames (their ``close`` is taken) or prices indexed by time. Only the times that both have are drawn;
        of several prices at one time the last counts.
    axes : two Axes, optional
        Draw here. None makes a figure; ``axes[0].figure.savefig(...)`` saves it.
    labels : two texts, optional
        Names of the two prices; None takes the markets' names.

    Returns
    -------
    numpy array of two Axes
    """
    if labels is not None and len(labels) != 2:
        raise InvalidArgument(f"labels must be two names, not {len(labels)}")
    prices = pd.concat([_prices(a), _prices(b)], axis=1, join="inner", keys=["a", "b"]).dropna().sort_index()
    markets = [_market(source) for source in (a, b)]
    first, second = labels or _two_names(a, b, markets)
    upper, lower = panels = canvas.new_panels(axes, (3, 2), height=5.0)
    quotes = {columns.quote_of(market) for market in markets}
    quote = quotes.pop() if len(quotes) == 1 else None
    canvas.label(upper, title=_title(first, second, markets), y=canvas.with_unit("price", quote))
    canvas.label(lower, x="time (UTC)", y=canvas.with_unit("difference", quote))
    if len(prices):
        _draw_prices(upper, prices, (first, second))
        _draw_difference(lower, prices)
    else:
        notes.empty(upper, "no data" if not len(a) or not len(b) else "no common times")
        notes.empty(lower, "")
    notes.add(upper, a, b, entries=True)
    return panels


def _prices(source: pd.DataFrame | pd.Series[Any]) -> pd.Series[float]:
    """One price for each time, in UTC."""
    if isinstance(source, pd.Series):
        # An empty Series has a plain index: there is no time in it to be wrong.
        if len(source) and not isinstance(source.index, pd.DatetimeIndex):
            raise InvalidArgument(f"spread needs prices indexed by time, not by {type(source.index).__name__}")
        source = source.rename("close").rename_axis("created_at").to_frame()
    columns.require(
        source,
        ["created_at", "close"],
        plot="spread",
        frames="klines frames (cx.futures_klines) or Series of prices",
    )
    columns.one_market(source, plot="spread")
    prices = pd.Series(columns.numbers(source, "close"), index=columns.times(source, "created_at"))
    prices = prices[prices.index.notna()]
    return prices[~prices.index.duplicated(keep="last")]


def _market(source: pd.DataFrame | pd.Series[Any]) -> str | None:
    if isinstance(source, pd.DataFrame):
        return columns.one_market(source, plot="spread")
    return columns.parameter(source, "market")


def _two_names(
    a: pd.DataFrame | pd.Series[Any], b: pd.DataFrame | pd.Series[Any], markets: list[str | None]
) -> tuple[str, str]:
    """Name the markets, with their areas when both are the same market (spot against futures)."""
    names = []
    for source, market, fallback in ((a, markets[0], "a"), (b, markets[1], "b")):
        own = source.name if isinstance(source, pd.Series) else None
        names.append(str(market or own or fallback))
    if names[0] == names[1]:
        # "BTCUSDT futures" and "BTCUSDT spot" if that tells them apart, else "BTCUSDT a" and "BTCUSDT b".
        areas = [str(columns.meta(source).get("table", "")).split("_")[0] for source in (a, b)]
        names = [f"{name} {area}" for name, area in zip(names, areas if areas[0] != areas[1] else "ab", strict=True)]
    return names[0], names[1]


def _title(first: str, second: str, markets: list[str | None]) -> str:
    """Name both prices, and before them the markets that their names do not tell."""
    missing = dict.fromkeys(
        market for name, market in zip((first, second), markets, strict=True) if market and market not in name
    )
    return canvas.joined(", ".join(missing), f"{first} against {second}")


def _draw_prices(ax: Axes, prices: pd.DataFrame, labels: tuple[str, str]) -> None:
    days, colours = columns.day_numbers(pd.DatetimeIndex(prices.index)), palette.of(ax)
    marker = "o" if len(days) == 1 else ""
    # Two prices of one thing lie on each other: the second is thinner, so that the first shows on both sides of it.
    styles = (("a", colours.up, 2.2), ("b", colours.down, 0.9))
    for (column, colour, width), name in zip(styles, labels, strict=True):
        heights = prices[column].to_numpy()
        ax.plot(days, heights, color=colour, linewidth=width, marker=marker, markersize=3 + width, label=name)
    canvas.time_axis(ax, days)
    # The time is written once, under the lower panel, where the two share it.
    if ax.get_shared_x_axes().get_siblings(ax) != [ax]:
        ax.set_xlabel("")
    tick_numbers(ax.yaxis)


def _draw_difference(ax: Axes, prices: pd.DataFrame) -> None:
    days = columns.day_numbers(pd.DatetimeIndex(prices.index))
    other = prices["b"].to_numpy()
    marker = "o" if len(days) == 1 else ""
    ax.plot(days, prices["a"].to_numpy() - other, color=palette.of(ax).up, linewidth=1.2, marker=marker, markersize=4)
    canvas.zero_line(ax)
    canvas.time_axis(ax, days)
    tick_numbers(ax.yaxis)
    _scale_in_points(ax, float(np.median(other)))


def _scale_in_points(ax: Axes, typical: float) -> None:
    """Add a scale at the right: the difference in basis points of a typical price, whatever the left one shows."""
    if typical == 0:
        return
    point, ink = typical / 1e4, palette.of(ax).ink
    both_ways = (lambda height: np.asarray(height) / point, lambda points: np.asarray(points) * point)
    right = ax.secondary_yaxis("right", functions=both_ways)
    right.spines[:].set_visible(False)
    right.tick_params(colors=ink, labelsize=9)
    right.set_ylabel(f"difference (bp) of {plain(typical, 5)}", fontsize=9, color=ink, **canvas.PLAIN)
    tick_numbers(right.yaxis)
