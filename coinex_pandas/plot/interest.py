"""Open interest: what open positions are worth, ranked across the markets or over time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coinex_pandas.errors import InvalidArgument
from coinex_pandas.plot.drawing import canvas, columns, notes, ranking, repetition
from coinex_pandas.plot.drawing.ticks import compact, tick_magnitudes, tick_numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from numpy.typing import NDArray

    Snapshots = Mapping[Any, pd.DataFrame] | Sequence[pd.DataFrame]

NEEDED = ("market", "open_interest_volume", "mark_price")
FRAMES = "cx.futures_tickers, several of them, or one long frame of them with fetched_at"
ASSUMED = "names ending in USD taken as inverse"


def open_interest(
    frame: pd.DataFrame | Mapping[Any, pd.DataFrame] | Sequence[pd.DataFrame],
    markets: pd.DataFrame | None = None,
    *,
    ax: Axes | None = None,
    top: int = 20,
    log: bool = False,
) -> Axes:
    """Axes with the open interest in quote currency, of the largest markets.

    Open interest is counted in base currency and multiplied by the mark price here; that of an inverse market is
    counted in USD already. USDT, USDC and USD are drawn on one scale, as they are.

    Parameters
    ----------
    frame : DataFrame, or several
        ``cx.futures_tickers``: ranked bars. A dict ``{time: tickers}``, a list of tickers frames (their time is
        ``attrs["coinex"]["fetched_at"]``), one long frame with a column ``fetched_at``, or ``df`` of a stream: lines
        over time, at most 8. Of several rows of a market without times the last one is drawn.
    markets : DataFrame, optional
        ``cx.futures_markets``, whose ``contract_type`` tells which markets are inverse. None, or a market that it
        lacks: a name that ends in USD is taken as inverse, and the axis says so.
    ax : Axes, optional
        Draw here. None makes a figure; ``ax.figure.savefig(...)`` saves it.
    top : int, default 20
        How many markets at most.
    log : bool, default False
        A logarithmic scale; markets without open interest are left out.

    Returns
    -------
    Axes
    """
    columns.require_count(top, "top")
    if markets is not None:
        columns.require(markets, ["market", "contract_type"], plot="open_interest", frames="cx.futures_markets")
    if isinstance(frame, pd.DataFrame):
        columns.require(frame, NEEDED, plot="open_interest", frames=FRAMES)
        time = "fetched_at" if columns.has(frame, "fetched_at") else repetition.time_of(frame)
        if time is None:
            return _across(frame, markets, ax, top, log)
        return _over_time([(columns.times(frame, time), frame)], markets, ax, top=top, log=log, time=time)
    return _over_time(_snapshots(frame), markets, ax, top=top, log=log)


def _inverse(names: NDArray[np.str_], markets: pd.DataFrame | None) -> tuple[NDArray[np.bool_], bool]:
    """Which markets are inverse, and whether one of them is only by its name."""
    types = (
        {}
        if markets is None
        else dict(zip(columns.names(markets), columns.names(markets, "contract_type"), strict=True))
    )
    has_type = np.array([name in types for name in names], dtype=bool)
    by_type = np.array([types.get(name) == "inverse" for name in names], dtype=bool)
    by_name = np.array([columns.quote_of(name) == "USD" for name in names], dtype=bool)
    return np.where(has_type, by_type, by_name), bool((~has_type & by_name).any())


def _notional(tickers: pd.DataFrame, markets: pd.DataFrame | None) -> tuple[NDArray[np.float64], bool]:
    inverse, assumed = _inverse(columns.names(tickers), markets)
    volume, mark = columns.numbers(tickers, "open_interest_volume"), columns.numbers(tickers, "mark_price")
    return np.where(inverse, volume, volume * mark), assumed


def _across(tickers: pd.DataFrame, markets: pd.DataFrame | None, ax: Axes | None, top: int, log: bool) -> Axes:
    notional, assumed = _notional(tickers, markets)
    worth, which = repetition.newest(pd.Series(notional, index=columns.names(tickers)).dropna())
    worth = worth[worth > 0] if log else worth
    ranked = worth.sort_values(ascending=False, kind="stable").iloc[:top]
    ax = ranking.bar_axes(ax, len(ranked))
    if len(ranked):
        ranking.ranked_bars(ax, ranked, compact)
        _scale(ax.xaxis, log, lambda: ax.set_xscale("log"))
        if ranked.max() <= 0:
            ax.set_xlim(0, 1)  # nothing open anywhere: an axis that starts at zero, not one around it
    else:
        notes.empty(ax)
    words = f"largest {len(ranked)} of {len(worth)} markets" if len(ranked) < len(worth) else ""
    canvas.label(ax, title=canvas.joined("open interest", which, words), x=_unit_label(worth.index, assumed=assumed))
    notes.add(ax, tickers)
    return ax


def _over_time(
    snapshots: list[tuple[Any, pd.DataFrame]],
    markets: pd.DataFrame | None,
    ax: Axes | None,
    *,
    top: int,
    log: bool,
    time: str = "fetched_at",
) -> Axes:
    parts = [_with_time(tickers, moment) for moment, tickers in snapshots]
    long = pd.concat(parts) if parts else pd.DataFrame(columns=[*NEEDED, "fetched_at"])
    notional, assumed = _notional(long, markets)
    table = ranking.by_market(long.assign(notional=notional), "fetched_at", "notional")
    table = table.where(table > 0).dropna(axis=1, how="all") if log else table
    lines, words = ranking.largest(table, table.ffill().iloc[-1] if len(table) else table.sum(), top)
    only = str(table.columns[0]) if len(table.columns) == 1 else ""
    ax = canvas.new_axes(ax)
    canvas.label(ax, title=canvas.joined(only, "open interest over time", words and f"largest {words}"))
    canvas.label(ax, x=repetition.label_of(time), y=_unit_label(table.columns, assumed=assumed))
    if len(lines.columns):
        ranking.market_lines(ax, lines)
        _scale(ax.yaxis, log, lambda: ax.set_yscale("log"))
    else:
        notes.empty(ax)
    notes.add(ax, *(tickers for _, tickers in snapshots), entries=len(lines.columns) > 1)
    return ax


def _snapshots(several: Snapshots) -> list[tuple[Any, pd.DataFrame]]:
    """Return tickers frames, each with its time."""
    if isinstance(several, Mapping):
        pairs = list(several.items())
    elif isinstance(several, Sequence) and not isinstance(several, str):
        pairs = [(_fetched_at(frame), frame) for frame in several]
    else:
        raise InvalidArgument(f"open_interest draws {FRAMES}, not {type(several).__name__}")
    for _, tickers in pairs:
        columns.require(tickers, NEEDED, plot="open_interest", frames=FRAMES)
    return pairs


def _with_time(tickers: pd.DataFrame, moment: Any) -> pd.DataFrame:
    numbers = {name: columns.numbers(tickers, name) for name in NEEDED[1:]}
    return pd.DataFrame({"market": columns.names(tickers), **numbers, "fetched_at": pd.to_datetime(moment, utc=True)})


def _fetched_at(tickers: object) -> Any:
    moment = columns.meta(tickers).get("fetched_at") if isinstance(tickers, pd.DataFrame) else None
    if moment is None:
        raise InvalidArgument(
            "each frame of the list needs attrs['coinex']['fetched_at']; or pass a dict {time: frame}"
        )
    return moment


def _scale(axis: Axis, log: bool, make_logarithmic: Callable[[], object]) -> None:
    """Ticks for money, on either scale."""
    if log:
        make_logarithmic()
        tick_magnitudes(axis)
    else:
        tick_numbers(axis, letters=True)


def _unit_label(names: pd.Index[Any], *, assumed: bool) -> str:
    quotes = {columns.quote_of(str(name)) or "quote currency" for name in names}
    text = canvas.with_unit("open interest", ", ".join(sorted(quotes)))
    return f"{text}\n{ASSUMED}" if assumed else text
