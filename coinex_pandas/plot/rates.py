"""Basis and funding: what futures cost against their index, over time or across the markets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from coinex_pandas.errors import InvalidArgument
from coinex_pandas.plot.drawing import canvas, columns, notes, palette, ranking, repetition
from coinex_pandas.plot.drawing.ticks import tick_numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

HISTORIES = {"basis_rate": "basis", "premium_index": "premium index"}
PRICES = {"mark_price": "mark price", "last": "last price"}
FUNDING_UNIT = "funding rate (% per interval)"
USUAL_HOURS = 8


def basis(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    top: int = 20,
    price: Literal["mark_price", "last"] = "mark_price",
) -> Axes:
    """Axes with the basis in basis points (1 bp = 0.01 %): over time, or ranked across the markets.

    Parameters
    ----------
    frame : DataFrame
        ``cx.futures_basis_history`` or ``cx.futures_premium_index_history``: a line over time, one for each market
        (the 8 widest when there are more). ``cx.futures_tickers``: bars of (price - index) / index, the widest ones;
        with several rows of a market and their times (such as ``df`` of a stream) lines over time, without times the
        last row of each.
    ax : Axes, optional
        Draw here. None makes a figure; ``ax.figure.savefig(...)`` saves it.
    top : int, default 20
        How many markets at most.
    price : {"mark_price", "last"}, default "mark_price"
        Which price of the tickers is set against the index price.

    Returns
    -------
    Axes
    """
    columns.require_count(top, "top")
    history = next((name for name in HISTORIES if isinstance(frame, pd.DataFrame) and columns.has(frame, name)), None)
    if history is not None:
        return _basis_over_time(frame, history, ax, top)
    if price not in ("mark_price", "last"):
        raise InvalidArgument(f"price must be 'mark_price' or 'last', not {price!r}")
    columns.require(
        frame,
        ["market", "index_price", price],
        plot="basis",
        frames="cx.futures_tickers, cx.futures_basis_history or cx.futures_premium_index_history",
    )
    time = repetition.time_of(frame)
    if time is not None:
        return _price_basis_over_time(frame, time, price, ax, top)
    return _basis_across(frame, price, ax, top)


def _basis_over_time(frame: pd.DataFrame, column: str, ax: Axes | None, top: int) -> Axes:
    columns.require(frame, ["created_at"], plot="basis", frames="a history with times (cx.futures_basis_history)")
    table = ranking.by_market(frame, "created_at", column) * 1e4
    what = HISTORIES[column]
    ax = _lines_over_time(ax, table, what, f"{what} (bp)", top=top)
    notes.add(ax, frame, entries=len(table.columns) > 1)
    return ax


def _price_basis_over_time(frame: pd.DataFrame, time: str, price: str, ax: Axes | None, top: int) -> Axes:
    table = ranking.by_market(frame.assign(basis=_points(frame, price)), time, "basis")
    ax = _lines_over_time(ax, table, "basis over time", f"{PRICES[price]} over index price (bp)", top=top, time=time)
    notes.add(ax, frame, entries=len(table.columns) > 1)
    return ax


def _lines_over_time(
    ax: Axes | None, table: pd.DataFrame, what: str, unit: str, *, top: int, time: str = "created_at"
) -> Axes:
    """Axes with a line for each of the widest markets."""
    lines, words = ranking.largest(table, table.abs().mean(), top)
    ax = canvas.new_axes(ax)
    canvas.label(ax, title=canvas.joined(_only_market(table), what, words and f"widest {words}"))
    canvas.label(ax, x=repetition.label_of(time), y=unit)
    if len(lines):
        ranking.market_lines(ax, lines)
        canvas.zero_line(ax)
        tick_numbers(ax.yaxis)
    else:
        notes.empty(ax)
    return ax


def _only_market(table: pd.DataFrame) -> str:
    return str(table.columns[0]) if len(table.columns) == 1 else ""


def _points(frame: pd.DataFrame, price: str) -> NDArray[np.float64]:
    """Basis of each row in basis points; NaN without an index price."""
    index = columns.numbers(frame, "index_price")
    index[index == 0] = np.nan
    points: NDArray[np.float64] = (columns.numbers(frame, price) - index) / index * 1e4
    return points


def _basis_across(frame: pd.DataFrame, price: str, ax: Axes | None, top: int) -> Axes:
    points, which = repetition.newest(pd.Series(_points(frame, price), index=columns.names(frame)).dropna())
    widest = points.abs().sort_values(ascending=False, kind="stable").index[:top]
    ranked = points[widest].sort_values(ascending=False, kind="stable")
    ax = ranking.bar_axes(ax, len(ranked))
    if len(ranked):
        ranking.ranked_bars(ax, ranked, lambda value: f"{value:+,.1f}")
        tick_numbers(ax.xaxis)
    else:
        notes.empty(ax)
    words = f"widest {len(ranked)} of {len(points)} markets" if len(ranked) < len(points) else ""
    canvas.label(ax, title=canvas.joined("basis", which, words), x=f"{PRICES[price]} over index price (bp)")
    notes.add(ax, frame)
    return ax


def funding(frame: pd.DataFrame, *, ax: Axes | None = None, top: int = 20) -> Axes:
    """Axes with funding rates in percent for each settlement interval; above zero longs pay shorts.

    Parameters
    ----------
    frame : DataFrame
        ``cx.futures_funding_rate_history``: bars of the rate charged, the theoretical rate as a thin line (several
        markets: a line each, at most 8). ``cx.futures_funding_rates``: bars of the current rate, a mark at the
        next one; both ends of the ranking when there are more than `top` markets; with several rows of a market as
        for `basis`. A rate is for one interval of
        its market, not made yearly; an interval other than 8 hours stands beside the market's name.
    ax : Axes, optional
        Draw here. None makes a figure; ``ax.figure.savefig(...)`` saves it.
    top : int, default 20
        How many markets at most.

    Returns
    -------
    Axes
    """
    columns.require_count(top, "top")
    if isinstance(frame, pd.DataFrame) and columns.has(frame, "actual_funding_rate"):
        return _funding_over_time(frame, ax, top)
    columns.require(
        frame,
        ["market", "latest_funding_rate", "next_funding_rate"],
        plot="funding",
        frames="cx.futures_funding_rates or cx.futures_funding_rate_history",
    )
    time = repetition.time_of(frame)
    if time is not None:
        return _rates_over_time(frame, time, ax, top)
    return _funding_across(frame, ax, top)


def _rates_over_time(frame: pd.DataFrame, time: str, ax: Axes | None, top: int) -> Axes:
    """Axes with the current rate as it was at several times; of a single market with the next rate."""
    table = ranking.by_market(frame, time, "latest_funding_rate") * 100
    ax = _lines_over_time(ax, table, "funding rate over time", FUNDING_UNIT, top=top, time=time)
    if len(table.columns) == 1:
        ax.lines[0].set_label("current rate")
        _thin_line(ax, ranking.by_market(frame, time, "next_funding_rate") * 100, "next rate")
    notes.add(ax, frame, entries=True)
    return ax


def _funding_over_time(frame: pd.DataFrame, ax: Axes | None, top: int) -> Axes:
    columns.require(frame, ["funding_time"], plot="funding", frames="cx.futures_funding_rate_history")
    table = ranking.by_market(frame, "funding_time", "actual_funding_rate") * 100
    if len(table.columns) != 1:
        ax = _lines_over_time(ax, table, "funding rate", FUNDING_UNIT, top=top)
    else:
        ax = canvas.new_axes(ax)
        _funding_bars(ax, frame, table.iloc[:, 0])
        canvas.zero_line(ax)
        tick_numbers(ax.yaxis)
        canvas.label(ax, title=canvas.joined(_only_market(table), "funding rate"), x="time (UTC)", y=FUNDING_UNIT)
    notes.add(ax, frame, entries=True)
    return ax


def _funding_bars(ax: Axes, frame: pd.DataFrame, actual: pd.Series[float]) -> None:
    days = columns.day_numbers(pd.DatetimeIndex(actual.index))
    heights = np.asarray(actual, dtype="float64")
    # The interval can shrink from 8 to 2 hours on the way: the smallest gap keeps bars apart.
    width = 0.72 * float(np.min(np.diff(days))) if len(days) > 1 else USUAL_HOURS / 24
    bars = canvas.rectangles(days, width, np.zeros_like(heights), heights)
    # The edge keeps bars visible that are thinner than a pixel.
    ax.add_collection(canvas.boxes(bars, palette.of(ax).signs(heights >= 0), edgecolors="face", linewidths=0.4))
    if columns.has(frame, "theoretical_funding_rate"):
        _thin_line(ax, ranking.by_market(frame, "funding_time", "theoretical_funding_rate") * 100, "theoretical rate")
    canvas.time_axis(ax, days)
    canvas.reserve(ax, x=[days[0] - width, days[-1] + width])


def _thin_line(ax: Axes, table: pd.DataFrame, name: str) -> None:
    if len(table):
        days = columns.day_numbers(pd.DatetimeIndex(table.index))
        style: dict[str, Any] = {"color": palette.of(ax).text, "linewidth": 0.8, "alpha": 0.6, "label": name}
        ax.step(days, table.iloc[:, 0].to_numpy(), where="mid", **style)


def _funding_across(frame: pd.DataFrame, ax: Axes | None, top: int) -> Axes:
    rates = pd.DataFrame(
        {
            "latest": columns.numbers(frame, "latest_funding_rate") * 100,
            "next": columns.numbers(frame, "next_funding_rate") * 100,
            "name": _names_with_interval(frame),
        },
        index=columns.names(frame),
    ).dropna(subset=["latest"])
    rates, which = repetition.newest(rates)
    ranked = rates.sort_values("latest", ascending=False, kind="stable").set_index("name")
    if len(ranked) > top:
        ranked = pd.concat([ranked.iloc[: (top + 1) // 2], ranked.iloc[len(ranked) - top // 2 :]])
    ax = ranking.bar_axes(ax, len(ranked))
    if len(ranked):
        _draw_rates(ax, ranked, divided=len(ranked) < len(rates))
    else:
        notes.empty(ax)
    words = f"highest and lowest of {len(rates)} markets" if len(ranked) < len(rates) else ""
    canvas.label(ax, title=canvas.joined("funding rates", which, words))
    canvas.label(ax, x="funding rate (% per interval, 8 h unless named)")
    notes.add(ax, frame, entries=True)
    return ax


def _names_with_interval(frame: pd.DataFrame) -> NDArray[np.str_]:
    names = columns.names(frame)
    if not (columns.has(frame, "latest_funding_time") and columns.has(frame, "next_funding_time")):
        return names
    gap = columns.times(frame, "next_funding_time") - columns.times(frame, "latest_funding_time")
    hours = gap / pd.Timedelta(hours=1)
    usual = np.isnan(hours) | np.isclose(hours, USUAL_HOURS, atol=0.1)
    return np.array(
        [name if same else f"{name} ({hour:.0f} h)" for name, hour, same in zip(names, hours, usual, strict=True)],
        dtype=np.str_,
    )


def _draw_rates(ax: Axes, ranked: pd.DataFrame, *, divided: bool) -> None:
    ranking.ranked_bars(ax, ranked["latest"], lambda value: f"{value:+.4f}", beside=ranked["next"])
    rows, ink = np.arange(len(ranked)), palette.of(ax).text
    ax.scatter(ranked["next"], rows, marker="D", s=14, color=ink, zorder=3, label="next rate")
    if divided:
        place = (len(ranked) + 1) // 2 - 0.5
        ax.axhline(place, color=ink, alpha=0.5, linewidth=0.8, linestyle=(0, (4, 3)))
    tick_numbers(ax.xaxis)
