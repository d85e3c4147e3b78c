"""What every plot keeps: Axes come back, the caller's Axes are used, nothing leaks, nothing is hidden."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from coinex_pandas import plot
from coinex_pandas.errors import InvalidArgument, MissingExtra
from tests.plot import frames

pytestmark = pytest.mark.sweep

# plot, frame maker, words for the x axis, words for the y axis
PLOTS = {
    "candles": (plot.candles, frames.klines, "UTC", "price (USDT)"),
    "depth": (plot.depth, frames.depth, "price (USDT)", "cumulative amount (BTC)"),
    "basis over time": (plot.basis, frames.basis_history, "UTC", "basis (bp)"),
    "basis across markets": (plot.basis, frames.tickers, "(bp)", ""),
    "funding over time": (plot.funding, frames.funding_history, "UTC", "% per interval"),
    "funding across markets": (plot.funding, frames.funding_rates, "% per interval", ""),
    "open interest": (plot.open_interest, frames.tickers, "open interest (USD, USDT)", ""),
    "liquidations": (plot.liquidations, frames.liquidations, "UTC", "price (USDT)"),
}
EVERY_PLOT = pytest.mark.parametrize("name", PLOTS)


def texts(ax):
    """All words written inside the Axes."""
    return "\n".join(text.get_text() for text in ax.texts)


def drawn(ax):
    """Draw the figure to the end, as a file or a notebook would."""
    ax.get_figure(root=True).canvas.draw()
    return ax


@EVERY_PLOT
def test_axes_come_back_with_units(name):
    """A plot returns Axes whose labels tell the units, and UTC where there is time."""
    draw, make, x, y = PLOTS[name]
    ax = drawn(draw(make()))
    assert isinstance(ax, Axes)
    assert x in ax.get_xlabel()
    assert y in ax.get_ylabel()


@EVERY_PLOT
def test_no_figure_leaks(name):
    """Without an ax no figure stays with pyplot."""
    draw, make, *_ = PLOTS[name]
    before = plt.get_fignums()
    draw(make())
    assert before == plt.get_fignums()


@EVERY_PLOT
def test_the_callers_axes_are_used(name):
    """With an ax everything is drawn there, and the caller's own title and labels stay."""
    draw, make, *_ = PLOTS[name]
    left, right = Figure(figsize=(10, 4), layout="constrained").subplots(1, 2)
    left.set_title("mine")
    left.set_ylabel("my own")
    assert left is drawn(draw(make(), ax=left))
    assert left.has_data()
    assert not right.has_data()
    assert ("mine", "", "my own") == (left.get_title(), left.get_title("left"), left.get_ylabel())


@EVERY_PLOT
def test_the_frame_stays_as_it_was(name):
    """Drawing changes neither cells nor notes of the frame."""
    draw, make, *_ = PLOTS[name]
    frame, same = make(), make()
    draw(frame)
    pd.testing.assert_frame_equal(same, frame)
    assert same.attrs == frame.attrs


@EVERY_PLOT
def test_an_empty_frame_says_so(name):
    """A frame without rows gives Axes with the words for it."""
    draw, make, *_ = PLOTS[name]
    frame = frames.depth(0, 0) if name == "depth" else make(0)
    assert ("empty book" if name == "depth" else "no data") in texts(drawn(draw(frame)))


@EVERY_PLOT
def test_one_row_is_enough(name):
    """A frame of one row is drawn, and its time axis spans days, not years."""
    draw, make, x, _ = PLOTS[name]
    ax = drawn(draw(make(1)))
    assert ax.has_data()
    assert x != "UTC" or np.ptp(ax.get_xlim()) < 3


@EVERY_PLOT
def test_rows_of_missing_numbers_are_no_crash(name):
    """A frame whose numbers are all missing reads as one without data."""
    draw, make, *_ = PLOTS[name]
    frame = make()
    numbers = frame.select_dtypes("float64").columns
    frame[numbers] = np.nan
    assert ("empty book" if name == "depth" else "no data") in texts(drawn(draw(frame)))


@EVERY_PLOT
@pytest.mark.parametrize("state", ["stale", "frozen", "closed"])
def test_stale_data_is_marked(name, state):
    """A frame that is not alive is drawn with a note of its state and the reason."""
    draw, make, *_ = PLOTS[name]
    frame = make()
    frame.attrs["coinex"]["freshness"] = {"state": state, "because": "index stands still"}
    assert f"{state}: index stands still" in texts(drawn(draw(frame)))


@EVERY_PLOT
def test_live_data_is_not_marked(name):
    """A frame that is alive and complete carries no note."""
    draw, make, *_ = PLOTS[name]
    frame = make()
    frame.attrs["coinex"] |= {"freshness": {"state": "live"}, "complete": True}
    assert "live" not in texts(draw(frame))
    assert "incomplete" not in texts(draw(frame))


def test_single_stale_markets_are_counted():
    """A table that is alive as a whole tells how many of its markets are not."""
    rates = frames.funding_rates()
    rates.attrs["coinex"]["freshness"] = {"state": "live", "because": "", "markets": {"live": 28, "frozen": 2}}
    assert "2 of 30 markets are frozen" == texts(plot.funding(rates)).splitlines()[-1]


def test_incomplete_data_is_marked():
    """A frame that lacks pages says so."""
    frame = frames.funding_history()
    frame.attrs["coinex"]["complete"] = False
    assert "incomplete" in texts(plot.funding(frame))


@EVERY_PLOT
def test_another_frame_is_refused_by_name(name):
    """A frame without the columns raises an error that names some of them and what would fit."""
    draw, *_ = PLOTS[name]
    with pytest.raises(InvalidArgument, match=r"lacks .*(price|rate|open|mark)") as raised:
        draw(pd.DataFrame({"colour": ["blue"]}))
    assert "cx." in str(raised.value)


@EVERY_PLOT
def test_no_frame_is_refused(name):
    """Something that is no frame at all raises the same kind of error."""
    draw, *_ = PLOTS[name]
    with pytest.raises(InvalidArgument, match="int"):
        draw(3)


@EVERY_PLOT
def test_exact_numbers_are_drawn_too(name):
    """Frames with text in place of floats (numbers="text") make the same scale."""
    draw, make, *_ = PLOTS[name]
    frame, exact = make(), make()
    for column in frame.select_dtypes("float64").columns:
        exact[column] = [repr(value) for value in frame[column]]
    assert drawn(draw(frame)).get_xlim() == drawn(draw(exact)).get_xlim()


@EVERY_PLOT
def test_index_turned_into_columns_is_fine(name):
    """A frame after reset_index is the same to a plot."""
    draw, make, *_ = PLOTS[name]
    assert drawn(draw(make())).get_xlim() == drawn(draw(make().reset_index())).get_xlim()


@pytest.mark.parametrize("draw", [plot.basis, plot.funding, plot.open_interest])
def test_top_counts_from_one(draw):
    """A plot of no market at all is refused."""
    with pytest.raises(InvalidArgument, match="top"):
        draw(frames.tickers(), top=0)


def test_importing_plots_does_not_load_matplotlib():
    """The plots can be imported without the weight of matplotlib."""
    code = "import sys, coinex_pandas.plot, coinex_pandas.plot.accessor; sys.exit('matplotlib' in sys.modules)"
    assert 0 == subprocess.run([sys.executable, "-c", code], check=False).returncode


@EVERY_PLOT
def test_a_missing_matplotlib_names_the_extra(name, monkeypatch):
    """Without matplotlib the error says which extra brings it."""
    draw, make, *_ = PLOTS[name]
    for module in [module for module in sys.modules if module.split(".")[0] == "matplotlib"]:
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtra, match="plot"):
        draw(make())
