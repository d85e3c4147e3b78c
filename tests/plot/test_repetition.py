"""Frames with several rows of a market: a history is drawn over time, otherwise the newest rows; titles say so."""

import numpy as np
import pandas as pd
import pytest

from coinex_pandas import plot
from coinex_pandas.plot.drawing import canvas
from tests.plot import frames

pytestmark = pytest.mark.sweep

PLOTS = {"basis": (plot.basis, frames.tickers), "funding": (plot.funding, frames.funding_rates)}
PLOTS["open interest"] = (plot.open_interest, frames.tickers)
EVERY_PLOT = pytest.mark.parametrize("name", PLOTS)


def pushes(frame, times, name="received_at"):
    """Repeat all markets at each of so many times, as a stream receives them; numbers grow a little each time."""
    moments = frames.moments(times, "3s", name)
    numbers = list(frame.select_dtypes("float64"))
    parts = [frame.assign(**{column: frame[column] * (1 + step / 500) for column in numbers}) for step in range(times)]
    repeated = pd.concat(parts).reset_index()
    repeated.attrs = frame.attrs
    return repeated.set_index(moments.repeat(len(frame)))


def drawn_markets(ax):
    """Return whose lines or bars there are, each as often as it is drawn."""
    if ax.get_legend() is not None and len(ax.lines) > 1 and "time" in ax.get_xlabel():
        return [text.get_text() for text in ax.get_legend().get_texts()]
    return [label.get_text() for label in ax.get_yticklabels()]


@EVERY_PLOT
@pytest.mark.parametrize("time", ["received_at", "fetched_at", "created_at", "updated_at"])
def test_rows_of_several_times_are_a_history(name, time):
    """Each market is one line over all its times; the title says that it is over time."""
    draw, make = PLOTS[name]
    ax = draw(pushes(make(5), 7, time))
    assert "over time" in ax.get_title("left")
    assert 5 == len(drawn_markets(ax)) == len(set(drawn_markets(ax)))
    assert [7] * 5 == [len(line.get_xdata()) for line in ax.lines[:5]]
    assert ("time received (UTC)" if time == "received_at" else "time (UTC)") == ax.get_xlabel()


@EVERY_PLOT
def test_rows_without_times_are_reduced_to_the_newest(name):
    """The last row of each market is drawn, markets are counted once, and the title says so."""
    draw, make = PLOTS[name]
    repeated = pushes(make(6), 9).reset_index(drop=True)
    ax, once = draw(repeated, top=4), draw(repeated.tail(6), top=4)
    assert "newest rows" in ax.get_title("left")
    assert "of 6 markets" in ax.get_title("left")
    assert [bar.get_width() for bar in once.patches] == [bar.get_width() for bar in ax.patches]
    assert drawn_markets(once) == drawn_markets(ax)


@EVERY_PLOT
def test_one_push_of_each_market_is_no_history(name):
    """With one row for each market there are bars, whatever times the rows have."""
    draw, make = PLOTS[name]
    ax = draw(pushes(make(4), 1))
    assert 4 == len(ax.patches)
    assert not any(word in ax.get_title("left") for word in ("time", "newest"))


@EVERY_PLOT
def test_more_markets_than_colours_are_counted_once(name):
    """At most eight lines, and the title counts markets, not rows."""
    draw, make = PLOTS[name]
    ax = draw(pushes(make(11), 3))
    assert "8 of 11 markets" in ax.get_title("left")
    assert 8 == len(drawn_markets(ax))


def test_the_history_of_one_market():
    """It is named in the title; of funding rates the next one is drawn as well."""
    one = pushes(frames.funding_rates(1), 5)
    ax = plot.funding(one)
    assert "COIN0USDT · funding rate over time" == ax.get_title("left")
    assert ["current rate", "next rate"] == [text.get_text() for text in ax.get_legend().get_texts()]
    assert "COIN0USDT · basis over time" == plot.basis(pushes(frames.tickers(1), 5)).get_title("left")


def test_the_basis_of_the_last_price_over_time():
    """price="last" holds for a history as well."""
    ax = plot.basis(pushes(frames.tickers(3), 2), price="last")
    assert "last price over index price (bp)" == ax.get_ylabel()
    assert [6.0, 6.0] == pytest.approx(ax.lines[0].get_ydata().tolist())


@EVERY_PLOT
@pytest.mark.parametrize("top", [37, 150, 2000])
def test_figures_do_not_grow_without_bounds(name, top):
    """However many bars are wanted, the figure has no more than twelve inches."""
    draw, make = PLOTS[name]
    ax = draw(make(900), top=top)
    assert ax.figure.get_size_inches()[1] <= canvas.TALLEST
    assert top == len(ax.patches) or 900 == len(ax.patches)
    assert np.all(ax.figure.get_size_inches() > 0)
