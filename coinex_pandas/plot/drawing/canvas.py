"""What every plot is drawn on: Axes, their look, labels, the time axis."""

from __future__ import annotations

import importlib
import sys
import textwrap
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from coinex_pandas.errors import InvalidArgument, MissingExtra
from coinex_pandas.plot.drawing import palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PolyCollection
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

SIZE = (8.0, 4.0)
TALLEST = 12.0  # inches
LETTER, LETTER_OF_TITLE = 5.0, 5.6  # points that a letter needs on average

# Names are the exchange's and the user's words: a "$" in them is no formula, whatever the style says.
PLAIN: dict[str, Any] = {"parse_math": False, "usetex": False}


def new_axes(ax: Axes | None, *, height: float = SIZE[1]) -> Axes:
    """Take the caller's Axes, or make fresh ones on a figure of their own; both get the look of every plot here."""
    return _style(ax if ax is not None else _new_figure(min(height, TALLEST)).add_subplot())


def new_panels(axes: Sequence[Axes] | None, ratios: Sequence[int], *, height: float) -> NDArray[Any]:
    """Axes one above the other with a common time axis, or the caller's own."""
    if axes is None:
        grid = _new_figure(height).subplots(len(ratios), 1, sharex=True, squeeze=False, height_ratios=list(ratios))
        axes = list(grid[:, 0])
    panels = np.array(list(np.ravel(np.asarray(axes, dtype=object))), dtype=object)
    if len(panels) != len(ratios):
        raise InvalidArgument(f"axes must hold {len(ratios)} Axes, not {len(panels)}")
    return np.array([_style(panel) for panel in panels], dtype=object)


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
    """Give Axes the grid, the spines and the ticks of every plot here, in colours for their background."""
    colours = palette.of(ax)
    ax.grid(True, color=colours.text, alpha=0.13, linewidth=0.7, linestyle="-")
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set(color=colours.ink, alpha=0.55)
    ax.tick_params(colors=colours.ink, labelsize=9)
    return ax


def zero_line(ax: Axes) -> None:
    """Mark the height of zero."""
    ax.axhline(0, color=palette.of(ax).text, alpha=0.5, linewidth=0.8)


def label(ax: Axes, *, title: str = "", x: str = "", y: str = "") -> None:
    """Write title and axis labels where the caller has not written any."""
    ink, (width, height) = palette.of(ax).ink, points(ax)
    if title and not any(ax.get_title(loc) for loc in ("left", "center", "right")):
        ax.set_title(_lines(title, width / LETTER_OF_TITLE), loc="left", fontsize=11, color=ink, **PLAIN)
    if x and not ax.get_xlabel():
        ax.set_xlabel(_lines(x, width / LETTER), fontsize=9, color=ink, **PLAIN)
    if y and not ax.get_ylabel():
        ax.set_ylabel(_lines(y, height / LETTER), fontsize=9, color=ink, **PLAIN)


def _lines(text: str, letters: float) -> str:
    """Break text that is longer than its side of the Axes: it would run into what lies beside them."""
    width = max(15, int(letters))
    lines = [textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False) for line in text.split("\n")]
    return "\n".join(part for line in lines for part in line)


def joined(*parts: str | None) -> str:
    """Join the parts of a title that there are."""
    return " · ".join(part for part in parts if part)


def with_unit(what: str, unit: str | None) -> str:
    """``price (USDT)``, or only ``price`` when no unit is known."""
    return f"{what} ({unit})" if unit else what


def time_axis(ax: Axes, days: NDArray[np.float64]) -> None:
    """Make x a time axis in UTC that suits the times drawn."""
    from coinex_pandas.plot.drawing import utc_axis  # loads matplotlib

    ax.xaxis_date("UTC")
    width = points(ax)[0]
    ax.xaxis.set_major_locator(utc_axis.locator(width))
    ax.xaxis.set_major_formatter(utc_axis.UtcFormatter(width))
    # matplotlib opens a single moment to four years; two hours show where it is.
    if len(days) and np.ptp(days) == 0:
        reserve(ax, x=[days[0] - 1 / 24, days[0] + 1 / 24])
    label(ax, x="time (UTC)")


def points(ax: Axes) -> tuple[float, float]:
    """Width and height of the Axes in points; before the layout ran, about that."""
    figure, box = ax.get_figure(root=True), ax.get_position()
    width, height = SIZE if figure is None else figure.get_size_inches()
    return float(box.width * width * 72), float(box.height * height * 72)


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
