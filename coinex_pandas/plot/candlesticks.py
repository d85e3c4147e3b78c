"""Candles: price over time, with the traded volume as a faint band below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coinex_pandas.plot.drawing import canvas, columns, notes, palette
from coinex_pandas.plot.drawing.ticks import compact, tick_numbers
from coinex_pandas.tables.times import PERIODS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

SECONDS = {length // 1000: period for period, length in PERIODS.items()}
DAY = 86400.0
BAND = 0.18  # the share of the Axes' height that the volume may use


def candles(klines: pd.DataFrame, *, ax: Axes | None = None, volume: bool = True) -> Axes:
    """Axes with one candle for each row of a klines frame; blue closes above its open or level with it, orange below.

    Parameters
    ----------
    klines : DataFrame
        As ``cx.spot_klines`` and ``cx.futures_klines`` return it: one market, index ``created_at`` (the open of each
        candle, where it is drawn). Rows with a missing price are left out; of several at one time the last counts.
    ax : Axes, optional
        Draw here. None makes a figure; ``ax.figure.savefig(...)`` saves it.
    volume : bool, default True
        Draw the volume too, scaled to its maximum, which is written beside it.

    Returns
    -------
    Axes
        x in UTC, y in the market's quote currency.
    """
    wanted = ["created_at", "open", "high", "low", "close"] + (["volume"] if volume else [])
    columns.require(klines, wanted, plot="candles", frames="a klines frame (cx.spot_klines, cx.futures_klines)")
    market = columns.one_market(klines, plot="candles")
    ax = canvas.new_axes(ax)
    rows = _complete_rows(klines, wanted)
    period = _period(klines, rows)
    if len(rows):
        _draw(ax, rows, width=0.72 * _interval(rows, period), volume_unit=columns.amount_unit(market))
    else:
        notes.empty(ax)
    canvas.label(ax, title=canvas.joined(market, period))
    canvas.label(ax, x="time (UTC)", y=canvas.with_unit("price", columns.quote_of(market)))
    notes.add(ax, klines)
    return ax


def _complete_rows(klines: pd.DataFrame, wanted: list[str]) -> pd.DataFrame:
    """Day numbers and prices of the rows that can be drawn, in the order of time."""
    days = columns.day_numbers(columns.times(klines, "created_at"))
    rows = pd.DataFrame({"day": days, **{name: columns.numbers(klines, name) for name in wanted[1:]}})
    rows = rows.dropna(subset=["day", "open", "high", "low", "close"])
    return rows.drop_duplicates("day", keep="last").sort_values("day", kind="stable")


def _period(klines: pd.DataFrame, rows: pd.DataFrame) -> str | None:
    """Name the period that the rows show; of less than two rows, that of the request."""
    # A resampled frame still has the request for its shorter candles: its own rows count more.
    if len(rows) < 2:
        return columns.parameter(klines, "period")
    return SECONDS.get(round(_interval(rows, None) * DAY))


def _interval(rows: pd.DataFrame, period: str | None) -> float:
    """Days from candle to candle, gaps aside; of a single candle its period, or a minute."""
    gaps = np.diff(rows["day"].to_numpy())
    gaps = gaps[gaps > 0]
    return float(np.median(gaps)) if len(gaps) else PERIODS.get(period or "", 60_000) / 1000 / DAY


def _draw(ax: Axes, rows: pd.DataFrame, *, width: float, volume_unit: str | None) -> None:
    day, low, high = (rows[name].to_numpy() for name in ("day", "low", "high"))
    rising = (rows["close"] >= rows["open"]).to_numpy()
    _draw_prices(ax, rows, rising, width)
    floor, ceiling = float(low.min()), float(high.max())
    if "volume" in rows:
        _draw_volume(ax, day, rows["volume"].fillna(0.0).to_numpy(), rising, width=width, unit=volume_unit)
        floor -= (ceiling - floor) * 1.4 * BAND
    canvas.time_axis(ax, day)
    canvas.reserve(ax, x=[day[0] - width, day[-1] + width], y=[floor, ceiling])
    tick_numbers(ax.yaxis, positive=bool(low.min() >= 0))


def _draw_prices(ax: Axes, rows: pd.DataFrame, rising: NDArray[np.bool_], width: float) -> None:
    from matplotlib.collections import LineCollection

    day, first, last, low, high = (rows[name].to_numpy() for name in ("day", "open", "close", "low", "high"))
    colours = palette.of(ax).signs(rising)
    wicks = np.stack([np.column_stack((day, low)), np.column_stack((day, high))], axis=1)
    # Thin lines when there are many candles, or they melt into one block.
    stroke = float(np.clip(300 / len(rows), 0.35, 1.0))
    ax.add_collection(LineCollection(list(wicks), colors=colours, linewidths=stroke), autolim=False)
    bodies = canvas.rectangles(day, width, np.minimum(first, last), np.maximum(first, last))
    # The edge keeps a candle visible whose open is its close.
    ax.add_collection(canvas.boxes(bodies, colours, edgecolors="face", linewidths=stroke), autolim=False)


def _draw_volume(
    ax: Axes,
    day: NDArray[np.float64],
    volume: NDArray[np.float64],
    rising: NDArray[np.bool_],
    *,
    width: float,
    unit: str | None,
) -> None:
    most = float(volume.max())
    tops = volume / most * BAND if most > 0 else volume
    bars = canvas.rectangles(day, width, np.zeros_like(tops), tops)
    across: dict[str, Any] = {"transform": ax.get_xaxis_transform(), "linewidths": 0, "zorder": 0.5}
    colours = palette.of(ax)
    ax.add_collection(canvas.boxes(bars, colours.signs(rising, alpha=0.3), **across), autolim=False)
    text = f"volume up to {compact(most)} {unit or ''}".rstrip()
    look: dict[str, Any] = {"fontsize": 7.5, "color": colours.text, "alpha": 0.75, "va": "bottom"}
    ax.text(0.008, BAND + 0.01, text, transform=ax.transAxes, **look, **canvas.PLAIN)
