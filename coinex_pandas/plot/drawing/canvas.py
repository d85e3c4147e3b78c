"""What every plot is drawn on: Axes, colours, labels, the UTC time axis."""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from coinex_pandas.errors import InvalidArgument, MissingExtra

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PolyCollection
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

# Blue against orange stays apart for every common kind of colour blindness; red against green does not.
UP = "#2f7ea6"
DOWN = "#d9713c"
INK = "#3d4852"
FAINT = "#9aa5b1"
WARNING = "#8a4b08"
LINES = (UP, DOWN, "#3f9170", "#8a6bb5", "#c49a1f", INK, "#7cc0dc", "#c2628c")

SIZE = (8.0, 4.0)


def new_axes(ax: Axes | None, *, height: float = SIZE[1]) -> Axes:
    """Take the caller's Axes as they are, or make fresh ones on a figure of their own."""
    return ax if ax is not None else _style(_new_figure(height).add_subplot())


def new_panels(axes: Sequence[Axes] | None, ratios: Sequence[int], *, height: float) -> NDArray[Any]:
    """Axes one above the other with a common time axis, or the caller's own."""
    if axes is None:
        figure = _new_figure(height)
        grid = figure.subplots(len(ratios), 1, sharex=True, squeeze=False, height_ratios=list(ratios))
        return np.array([_style(panel) for panel in grid[:, 0]], dtype=object)
    panels = np.array(list(np.ravel(np.asarray(axes, dtype=object))), dtype=object)
    if len(panels) != len(ratios):
        raise InvalidArgument(f"axes must hold {len(ratios)} Axes, not {len(panels)}")
    return panels


def _new_figure(height: float) -> Figure:
    """Make a figure that the notebook shows, and that no one else has to close."""
    try:
        importlib.import_module("matplotlib")
    except ModuleNotFoundError as error:
        raise MissingExtra("matplotlib", extra="plot") from error
    size = (SIZE[0], height)
    if _pyplot_shows():
        from matplotlib import pyplot as plt

        return plt.figure(figsize=size, layout="constrained")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _pyplot_shows() -> bool:
    """Tell whether a pyplot figure appears by itself here."""
    # An Axes as the last expression of a cell shows only its repr. Under a kernel the inline backend shows every new
    # pyplot figure at the end of the cell and closes it, so nothing leaks; everywhere else pyplot would keep it.
    # The kernel's backend turns interactive mode on with the first figure only, so that alone is not the question.
    # Other threads than the main one must not touch pyplot.
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    if shell is None or threading.current_thread() is not threading.main_thread():
        return False
    from matplotlib import get_backend, is_interactive

    return (hasattr(shell, "kernel") or is_interactive()) and get_backend().lower() != "agg"


def _style(ax: Axes) -> Axes:
    """Give Axes the grid, the spines and the ticks of every plot here."""
    ax.grid(True, color="#e6e9ed", linewidth=0.7)
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(FAINT)
    ax.tick_params(colors=INK, labelsize=9)
    return ax


def label(ax: Axes, *, title: str = "", x: str = "", y: str = "") -> None:
    """Write title and axis labels where the caller has not written any."""
    if title and not any(ax.get_title(loc) for loc in ("left", "center", "right")):
        ax.set_title(title, loc="left", fontsize=11, color=INK)
    if x and not ax.get_xlabel():
        ax.set_xlabel(x, fontsize=9, color=INK)
    if y and not ax.get_ylabel():
        ax.set_ylabel(y, fontsize=9, color=INK)


def with_unit(what: str, unit: str | None) -> str:
    """``price (USDT)``, or only ``price`` when no unit is known."""
    return f"{what} ({unit})" if unit else what


def time_axis(ax: Axes, days: NDArray[np.float64]) -> None:
    """Make x a time axis in UTC that suits the times drawn."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    ax.xaxis_date("UTC")
    # matplotlib.dates is not typed.
    locator = AutoDateLocator(tz="UTC", minticks=4, maxticks=9)  # type: ignore[no-untyped-call]  # see above
    ax.xaxis.set_major_locator(locator)
    formatter = ConciseDateFormatter(locator, tz="UTC")  # type: ignore[no-untyped-call]  # see above
    ax.xaxis.set_major_formatter(formatter)
    ax.xaxis.get_offset_text().set(size=9, color=INK)
    # matplotlib opens a single moment to four years; two hours show where it is.
    if len(days) and np.ptp(days) == 0:
        reserve(ax, x=[days[0] - 1 / 24, days[0] + 1 / 24])
    label(ax, x="time (UTC)")


def reserve(ax: Axes, *, x: Sequence[float] = (), y: Sequence[float] = ()) -> None:
    """Keep these values inside the Axes, by an invisible line: plain data limits are lost at the next relim."""
    from matplotlib.lines import Line2D

    if x:
        ax.add_line(Line2D(x, [0.0] * len(x), linestyle="none", transform=ax.get_xaxis_transform()))
    if y:
        ax.add_line(Line2D([0.0] * len(y), y, linestyle="none", transform=ax.get_yaxis_transform()))
    ax.autoscale_view()


def rectangles(
    x: NDArray[np.float64], width: float, bottom: NDArray[np.float64], top: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Corners of many upright boxes: one array for one collection, however many boxes there are."""
    left, right = x - width / 2, x + width / 2
    corners = [(left, bottom), (left, top), (right, top), (right, bottom)]
    return np.stack([np.column_stack(corner) for corner in corners], axis=1)


def boxes(verts: NDArray[np.float64], colours: NDArray[np.float64], **style: Any) -> PolyCollection:
    """Gather boxes in one collection, each with its colour."""
    from matplotlib.collections import PolyCollection

    return PolyCollection(list(verts), facecolors=colours, **style)  # a list: an (n, 4, 2) array is typed as one box


def two_colours(rising: NDArray[np.bool_], *, alpha: float = 1.0) -> NDArray[np.float64]:
    """RGBA rows, one for each flag."""
    from matplotlib.colors import to_rgba

    return np.where(rising[:, None], to_rgba(UP, alpha), to_rgba(DOWN, alpha))
