"""Depth: how much rests in the order book, up to each price."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coinex_pandas.errors import InvalidArgument
from coinex_pandas.plot.drawing import canvas, columns, notes, palette
from coinex_pandas.plot.drawing.ticks import plain, tick_numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray


def depth(book: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Axes with the cumulative amounts of bids (blue) and asks (orange), the mid price and the spread.

    Parameters
    ----------
    book : DataFrame
        As ``cx.spot_depth`` and ``cx.futures_depth`` return it: index ``(side, level)``, columns ``price``, ``amount``.
        An empty book is drawn as the words "empty book".
    ax : Axes, optional
        Draw here. None makes a figure; ``ax.figure.savefig(...)`` saves it.

    Returns
    -------
    Axes
        x is the price (quote currency), y the amount up to it; the title gives the spread, absolute and in bp.
    """
    columns.require(
        book,
        ["side", "price", "amount"],
        plot="depth",
        frames="an order book (cx.spot_depth, cx.futures_depth)",
    )
    _require_one_book(book)
    market = columns.parameter(book, "market")
    ax = canvas.new_axes(ax)
    bids, asks = _levels(book, "bid"), _levels(book, "ask")
    if bids.size or asks.size:
        reach = _reach(bids, asks)
        colours = palette.of(ax)
        _draw_side(ax, bids, colours.up, "bids", -reach)
        _draw_side(ax, asks, colours.down, "asks", reach)
        _draw_mid(ax, bids, asks)
        _finish_axes(ax)
    else:
        notes.empty(ax, "empty book")
    quote = columns.quote_of(market)
    price = ", book of ".join(part for part in (canvas.with_unit("price", quote), _moment(book)) if part)
    canvas.label(ax, title=canvas.joined(market, _spread_text(bids, asks, quote)), x=price)
    canvas.label(ax, y=canvas.with_unit("cumulative amount", columns.amount_unit(market)))
    notes.add(ax, book, entries=True)
    return ax


def _require_one_book(book: pd.DataFrame) -> None:
    """Refuse several books in one frame: their amounts would be added up."""
    if columns.has(book, "level"):
        places = pd.DataFrame({name: columns.values(book, name) for name in ("side", "level")})
        if places.duplicated().any():
            raise InvalidArgument("depth draws one order book, this frame has a level more than once: select one book")


def _levels(book: pd.DataFrame, side: str) -> NDArray[np.float64]:
    """Rows (price, cumulative amount) from the best price outwards; a level without amount is no level."""
    price, amount = columns.numbers(book, "price"), columns.numbers(book, "amount")
    keep = (columns.names(book, "side") == side) & np.isfinite(price) & (amount > 0)
    price, amount = price[keep], amount[keep]
    outwards = np.argsort(-price if side == "bid" else price, kind="stable")
    return np.column_stack((price[outwards], np.cumsum(amount[outwards])))


def _draw_side(ax: Axes, levels: NDArray[np.float64], colour: str, name: str, single: float) -> None:
    """Draw the steps of one side; `single` is how far its tread reaches when it has one level only."""
    if not levels.size:
        ax.plot([], [], color=colour, label=f"{name}: none")
        return
    first, last = levels[0], levels[-1]
    # The last step gets a tread like the others, or its amount would be a bare vertical stroke.
    tread = [2 * last[0] - levels[-2, 0] if len(levels) > 1 else first[0] + single, last[1]]
    price, total = np.vstack(([first[0], 0.0], levels, tread)).T
    ax.step(price, total, where="post", color=colour, linewidth=1.4, label=name)
    area = ax.fill_between(price, total, step="post", color=colour, alpha=0.18, linewidth=0)
    area.sticky_edges.y.append(0.0)


def _draw_mid(ax: Axes, bids: NDArray[np.float64], asks: NDArray[np.float64]) -> None:
    if bids.size and asks.size:
        mid = (bids[0, 0] + asks[0, 0]) / 2
        ax.axvline(mid, color=palette.of(ax).text, linewidth=0.9, linestyle=(0, (4, 3)), label=f"mid {plain(mid)}")


def _reach(bids: NDArray[np.float64], asks: NDArray[np.float64]) -> float:
    """Take the spread, or one basis point of the price where there is none."""
    if bids.size and asks.size and asks[0, 0] > bids[0, 0]:
        return float(asks[0, 0] - bids[0, 0])
    return float((bids if bids.size else asks)[0, 0]) / 1e4


def _finish_axes(ax: Axes) -> None:
    from matplotlib.ticker import MaxNLocator

    # Long prices (0.0000001528) would run into one another with more ticks.
    ax.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    tick_numbers(ax.xaxis)
    tick_numbers(ax.yaxis, letters=True)


def _spread_text(bids: NDArray[np.float64], asks: NDArray[np.float64], quote: str | None) -> str:
    if not bids.size or not asks.size:
        return "" if not bids.size and not asks.size else f"no {'asks' if bids.size else 'bids'}"
    bid, ask = bids[0, 0], asks[0, 0]
    points = (ask - bid) / ((ask + bid) / 2) * 1e4
    word = "spread" if ask > bid else "crossed by"
    return f"{word} {plain(abs(ask - bid), 4)}{' ' + quote if quote else ''} ({abs(points):,.2f} bp)"


def _moment(book: pd.DataFrame) -> str:
    """When the exchange last changed the book; empty when the frame does not say."""
    state = columns.meta(book).get("book")
    updated_at = state.get("updated_at") if isinstance(state, Mapping) else None
    if not updated_at:
        return ""
    when = pd.Timestamp(updated_at, unit="ms") if isinstance(updated_at, int | float) else pd.Timestamp(updated_at)
    when = when.tz_localize("UTC") if when.tzinfo is None else when.tz_convert("UTC")
    return f"{when:%Y-%m-%d %H:%M:%S} UTC"
