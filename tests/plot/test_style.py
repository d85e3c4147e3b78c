"""The look: readable under any matplotlib style, on any background, and the same on the caller's Axes."""

import pytest
from matplotlib import colors
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.text import Text

from coinex_pandas import plot
from coinex_pandas.plot.drawing import palette
from tests.plot import frames
from tests.plot.test_repetition import pushes

pytestmark = pytest.mark.sweep

READABLE = 3.0  # what WCAG asks of large text and of graphs
PLOTS = {
    "candles": (plot.candles, frames.klines),
    "depth": (plot.depth, frames.depth),
    "basis over time": (plot.basis, lambda: pushes(frames.tickers(9), 3)),
    "basis across markets": (plot.basis, frames.tickers),
    "funding over time": (plot.funding, frames.funding_history),
    "funding across markets": (plot.funding, frames.funding_rates),
    "open interest": (plot.open_interest, frames.tickers),
    "liquidations": (plot.liquidations, frames.liquidations),
    "spread": (lambda frame, ax=None: plot.spread(frame, frame, axes=ax and [ax, ax])[0], frames.klines),
}
EVERY_PLOT = pytest.mark.parametrize("name", PLOTS)
STYLES = ("default", "dark_background", "ggplot", "grayscale", "Solarize_Light2", "seaborn-v0_8-darkgrid")


def stale(frame):
    """Note that the frame is stale, so that a plot has a warning as well."""
    frame.attrs["coinex"]["freshness"] = {"state": "stale"}
    return frame


def background(text):
    """Return the colour that a text is drawn on: its own box, the Axes, or the figure around them."""
    box, figure = text.get_bbox_patch(), text.get_figure(root=True)
    if box is not None:
        return box.get_facecolor()
    inside = text.axes is not None and text.axes.bbox.contains(*text.get_window_extent().get_points().mean(axis=0))
    return text.axes.get_facecolor() if inside else figure.get_facecolor()


def texts(ax):
    """Return all visible texts of the drawn figure."""
    figure = ax.get_figure(root=True)
    figure.canvas.draw()
    return [text for text in figure.findobj(Text) if text.get_visible() and text.get_text()]


def strokes(ax):
    """Return the colours of lines, bars and marks."""
    every = [line.get_color() for line in ax.lines if len(line.get_xdata()) > 2]
    every += [bar.get_facecolor() for bar in ax.patches]
    return every + [row for c in ax.collections for row in c.get_facecolor() if row[3] > 0.5]


@EVERY_PLOT
@pytest.mark.parametrize("style", STYLES)
def test_everything_is_readable_under_every_style(name, style):
    """Words, ticks and notes have enough contrast to what they are drawn on, and so has what is drawn."""
    draw, make = PLOTS[name]
    with plt.style.context(style):
        ax = draw(stale(make()))
        assert all(palette.contrast(text.get_color(), background(text)) >= READABLE for text in texts(ax))
        assert all(
            palette.contrast(colour[:3], ax.get_facecolor()) >= 1.9 for colour in map(colors.to_rgba, strokes(ax))
        )


@EVERY_PLOT
@pytest.mark.parametrize("page", ["black", "midnightblue", "white"])
def test_the_background_of_the_callers_axes_decides(name, page):
    """A dark figure made by hand gets light words, whatever style is in use now."""
    draw, make = PLOTS[name]
    figure = Figure(figsize=(8, 4), facecolor=page)
    ax = draw(make(), ax=figure.subplots(subplot_kw={"facecolor": page}))
    assert all(palette.contrast(text.get_color(), page) >= READABLE for text in texts(ax))


@EVERY_PLOT
def test_a_transparent_figure_is_readable_on_any_page(name):
    """Where the page of the notebook shines through, light or dark, words can be read on both."""
    draw, make = PLOTS[name]
    with plt.rc_context({"figure.facecolor": "none", "axes.facecolor": "none"}):
        ax = draw(make())
        for page in ("white", "#111111"):
            assert all(palette.contrast(text.get_color(), page) >= READABLE for text in texts(ax))


def test_a_transparent_dark_style_keeps_light_words():
    """A notebook that sets dark styles without a background (as some editors do) names the colour of its text."""
    with plt.style.context("dark_background"), plt.rc_context({"figure.facecolor": "none", "axes.facecolor": "none"}):
        assert "#ffffff" == palette.of(plot.candles(frames.klines()))[:2][0]


def look(ax):
    """Return what makes the look of Axes."""
    ax.get_figure(root=True).canvas.draw()
    spines = {side: (spine.get_visible(), spine.get_edgecolor()) for side, spine in ax.spines.items()}
    grid = [(line.get_visible(), line.get_color(), line.get_alpha()) for line in ax.get_xgridlines()[:2]]
    tick = ax.xaxis.get_major_ticks()[0].label1
    words = [(text.get_color(), text.get_fontsize()) for text in (ax.xaxis.label, ax.yaxis.label, tick)]
    return spines, grid, words, ax.get_axisbelow()


@EVERY_PLOT
@pytest.mark.parametrize("style", ["default", "dark_background"])
def test_the_callers_axes_get_the_same_look(name, style):
    """Grid, spines, ticks and colours are those of a figure of one's own."""
    draw, make = PLOTS[name]
    with plt.style.context(style):
        own, theirs = draw(make()), draw(make(), ax=Figure(figsize=(8, 4)).subplots())
        assert look(own) == look(theirs)


@EVERY_PLOT
def test_long_words_stay_beside_narrow_axes(name):
    """Titles and labels of small Axes are broken into lines that end where the Axes end, more or less."""
    draw, make = PLOTS[name]
    ax = Figure(figsize=(12, 8)).subplots(3, 4)[1, 1]
    draw(make(), ax=ax)
    ax.get_figure(root=True).canvas.draw()
    title = ax.title if ax.get_title() else ax._left_title
    assert title.get_window_extent().width < 1.25 * ax.bbox.width
    assert ax.xaxis.label.get_window_extent().width < 1.25 * ax.bbox.width
