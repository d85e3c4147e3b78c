"""Names are text: a "$" in them is no formula, in any plot, legend, label or note."""

import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.text import Text

from coinex_pandas import plot
from tests.plot import frames
from tests.plot.test_repetition import pushes

pytestmark = pytest.mark.sweep

NAME = r"$\nosuch{$USDT"  # as a formula it is none


def renamed(frame):
    """Give the first market that name."""
    frame.index = pd.Index([NAME, *frame.index[1:]], name="market")
    return frame


def noted(frame):
    """Add a note that names the market, too."""
    because = f"{NAME} is quiet"
    frame.attrs["coinex"] |= {
        "freshness": {"state": "stale", "because": because},
        "complete": False,
        "incomplete": NAME,
    }
    return frame


def book():
    """Make a book of the market."""
    frame = frames.depth()
    frame.attrs["coinex"]["request"]["params"]["market"] = NAME
    return frame


PLOTS = {
    "candles": lambda ax: plot.candles(noted(frames.klines(market=NAME)), ax=ax),
    "depth": lambda ax: plot.depth(noted(book()), ax=ax),
    "basis over time": lambda ax: plot.basis(noted(frames.basis_history(market=NAME)), ax=ax),
    "basis of several": lambda ax: plot.basis(
        pd.concat([frames.basis_history(market=NAME), frames.basis_history()]), ax=ax
    ),
    "basis across markets": lambda ax: plot.basis(noted(renamed(frames.tickers(4))), ax=ax),
    "basis of a stream": lambda ax: plot.basis(pushes(noted(renamed(frames.tickers(3))), 4), ax=ax),
    "funding over time": lambda ax: plot.funding(noted(frames.funding_history(market=NAME)), ax=ax),
    "funding of a stream": lambda ax: plot.funding(pushes(noted(renamed(frames.funding_rates(3))), 4), ax=ax),
    "funding across markets": lambda ax: plot.funding(noted(renamed(frames.funding_rates(4))), ax=ax),
    "open interest": lambda ax: plot.open_interest(noted(renamed(frames.tickers(4))), ax=ax),
    "open interest over time": lambda ax: plot.open_interest([noted(renamed(frames.tickers(4)))] * 2, ax=ax),
    "liquidations": lambda ax: plot.liquidations(noted(frames.liquidations(market=NAME)), ax=ax),
}


def words(figure):
    """Return all texts of a figure that has been drawn to the end."""
    figure.canvas.draw()
    return [text for text in figure.findobj(Text) if text.get_text()]


@pytest.mark.parametrize("name", PLOTS)
@pytest.mark.parametrize("own", [True, False], ids=["own figure", "ax="])
def test_a_name_with_dollars_is_drawn_as_it_is(name, own):
    """The figure can be drawn, and the name is there, letter by letter."""
    ax = PLOTS[name](None if own else Figure(figsize=(7, 4)).subplots())
    shown = [text for text in words(ax.figure) if NAME in text.get_text()]
    assert shown
    assert not any(text.get_parse_math() for text in shown)


def test_names_in_a_spread():
    """Market and labels, in title and legend."""
    upper, _ = plot.spread(frames.klines(market=NAME), frames.klines(market=NAME), labels=("$a$", r"\b$ $"))
    shown = [text.get_text() for text in words(upper.figure)]
    assert {"$a$", r"\b$ $", rf"{NAME} · $a$ against \b$ $"} <= set(shown)


def test_a_style_that_sets_all_text_with_tex():
    """Names, units and values stay text: "%" and "_" would be commands there."""
    with plt.rc_context({"text.usetex": True}):
        ax = plot.funding(renamed(frames.funding_rates(4)))
        labels = [ax.xaxis.label, *ax.get_yticklabels(), *ax.get_legend().get_texts()]
        own_title = next(text for text in ax.findobj(Text) if text.get_text() == ax.get_title("left"))
        assert not any(text.get_usetex() for text in (own_title, *labels, *ax.texts))


def test_the_callers_own_formulas_stay():
    """What somebody has written on the Axes is theirs."""
    ax = Figure().subplots()
    ax.set_title(r"$\alpha$")
    plot.candles(frames.klines(), ax=ax)
    assert ax.title.get_parse_math()
