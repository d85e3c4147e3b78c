"""What stands on a plot besides its data: the legend, the warning that the data is stale, the words "no data".

They have a strip of their own at the top of the Axes, so that they never cover what is drawn.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from coinex_pandas.plot.drawing import canvas, palette
from coinex_pandas.plot.drawing.columns import meta

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.legend import Legend

STALE = ("stale", "frozen", "closed", "unverified", "lost")
LINE = 14.0  # points from one line of small text to the next
MOST_LINES = 3
CHARACTER = 4.2  # points, of small text
MOST_CHARACTERS = 100
COLUMN = 110.0  # points that an entry of the legend needs


def empty(ax: Axes, text: str = "no data") -> Axes:
    """Say in the middle of the Axes that there is nothing to draw."""
    if not ax.has_data():
        # Ticks from 0 to 1 would seem to be a scale.
        ax.set_xticks([])
        ax.set_yticks([])
    look: dict[str, Any] = {"ha": "center", "va": "center", "color": palette.of(ax).text, "alpha": 0.7, "fontsize": 14}
    ax.text(0.5, 0.5, text, transform=ax.transAxes, **look, **canvas.PLAIN)
    return ax


def add(ax: Axes, *frames: pd.DataFrame | pd.Series[Any], entries: bool = False) -> Legend | None:
    """Make room at the top for the warnings that the frames deserve, and for the legend if `entries` are wanted."""
    width = canvas.points(ax)[0]
    length = min(MOST_CHARACTERS, max(20, int(width / CHARACTER)))
    warnings = _few(list(dict.fromkeys(text for frame in frames for text in cautions(frame, length))))
    size = len(ax.get_legend_handles_labels()[0]) if entries else 0
    columns = max(1, min(size, 4, int(width / COLUMN)))
    above = LINE * len(warnings) + (6 if warnings else 0)
    below = LINE * -(-size // columns) + 2 if size else 0
    if above + below:
        _headroom(ax, above + below)
    if warnings:
        _write(ax, "\n".join(warnings))
    return _legend(ax, columns, above) if size else None


def cautions(frame: pd.DataFrame | pd.Series[Any], length: int) -> list[str]:
    """Say why the frame is not the whole truth of this moment: stale, frozen, closed, or not every row."""
    attrs = meta(frame)
    texts = []
    verdict = attrs.get("freshness")
    if isinstance(verdict, Mapping):
        texts += _staleness(verdict)
    if attrs.get("complete") is False:
        texts.append(f"incomplete: {attrs.get('incomplete') or 'some rows are missing'}")
    return [textwrap.shorten(text, length, placeholder=" ...") for text in texts]


def _staleness(verdict: Mapping[str, Any]) -> list[str]:
    """Say the state of a frame that is not alive, or of those of its markets that are not."""
    if verdict.get("state") in STALE:
        return [f"{verdict['state']}: {verdict.get('because') or 'the data does not move'}"]
    counts = verdict.get("markets") or {}
    return [f"{counts[state]} of {sum(counts.values())} markets are {state}" for state in STALE if counts.get(state)]


def _few(texts: list[str]) -> list[str]:
    """Keep the first lines: a hundred snapshots can have a hundred reasons."""
    return texts if len(texts) <= MOST_LINES else [*texts[: MOST_LINES - 1], f"and {len(texts) - MOST_LINES + 1} more"]


def _headroom(ax: Axes, points: float) -> None:
    """Widen the y axis at its top by so many points, on any scale and in any direction."""
    share = min(points / canvas.points(ax)[1], 0.6)
    scale = ax.yaxis.get_transform()
    bottom, top = (float(end) for end in scale.transform(ax.get_ylim()))
    higher = float(scale.inverted().transform([bottom + (top - bottom) / (1 - share)])[0])
    if ax.get_autoscaley_on():
        # Not set_ylim, which would stop the axis from following what the caller draws later.
        # A single value stays in the middle when there is room below it, too.
        canvas.reserve(ax, y=[ax.get_ylim()[0], higher] if ax.dataLim.height == 0 else [higher])
    else:
        ax.set_ylim(top=higher)


def _write(ax: Axes, text: str) -> None:
    colours = palette.of(ax)
    box = {"boxstyle": "round,pad=0.3", "facecolor": colours.caution_paper, "edgecolor": colours.caution}
    ax.annotate(
        text,
        (0, 1),
        xycoords="axes fraction",
        xytext=(5, -5),
        textcoords="offset points",
        va="top",
        fontsize=8,
        color=colours.caution,
        bbox={**box, "linewidth": 0.6},
        zorder=10,
        **canvas.PLAIN,
    )


def _legend(ax: Axes, columns: int, points_below_top: float) -> Legend:
    colours = palette.of(ax)
    legend = ax.legend(
        loc="upper right",
        bbox_to_anchor=(1.0, 1.0 - points_below_top / canvas.points(ax)[1]),
        ncols=columns,
        fontsize=8,
        labelcolor=colours.text,
        facecolor=colours.background,
        framealpha=0.85,
        edgecolor="none",
        borderaxespad=0.1,
        borderpad=0.2,
        handlelength=1.6,
        columnspacing=1.2,
    )
    for text in legend.get_texts():
        text.set(**canvas.PLAIN)
    return legend
