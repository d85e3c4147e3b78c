"""frame.coinex: the same plots, and the notes of a frame."""

import inspect

import pandas as pd
import pytest

from coinex_pandas import plot
from coinex_pandas.errors import InvalidArgument
from coinex_pandas.plot.accessor import CoinexAccessor
from tests.plot import frames

FRAMES = {
    "candles": frames.klines,
    "depth": frames.depth,
    "basis": frames.tickers,
    "funding": frames.funding_rates,
    "open_interest": frames.tickers,
    "liquidations": frames.liquidations,
}


def test_every_plot_has_its_method():
    """No plot is missing from the accessor, and none is left over."""
    assert {f"plot_{name}" for name in plot.__all__} == {
        name for name in dir(CoinexAccessor) if name.startswith("plot_")
    }


@pytest.mark.parametrize("name", plot.__all__)
def test_keywords_are_those_of_the_plot(name):
    """A method takes what its plot takes, the frame aside."""
    own = list(inspect.signature(getattr(CoinexAccessor, f"plot_{name}")).parameters.values())[1:]
    theirs = list(inspect.signature(getattr(plot, name)).parameters.values())[1:]
    assert [(p.kind, p.default) for p in theirs] == [(p.kind, p.default) for p in own]
    assert [p.name for p in theirs if p.kind is p.KEYWORD_ONLY] == [p.name for p in own if p.kind is p.KEYWORD_ONLY]


@pytest.mark.parametrize("name", FRAMES)
def test_methods_draw_what_the_plot_draws(name):
    """frame.coinex.plot_x() and plot.x(frame) make the same Axes."""
    frame = FRAMES[name]()
    method, function = getattr(frame.coinex, f"plot_{name}")(), getattr(plot, name)(frame)
    assert function.get_title("left") == method.get_title("left")
    assert function.get_xlim() == method.get_xlim()
    assert function.get_ylim() == method.get_ylim()


def test_spread_against_another():
    """The other price is the first argument."""
    upper, lower = frames.klines().coinex.plot_spread(frames.klines(), labels=("one", "two"))
    assert "BTCUSDT · one against two" == upper.get_title("left")
    assert lower.has_data()


def test_meta_is_what_was_noted():
    """Notes come back as they are; a frame from elsewhere has none."""
    assert "futures_klines" == frames.klines().coinex.meta["table"]
    assert {} == pd.DataFrame().coinex.meta


def test_a_frame_that_does_not_fit_is_refused():
    """The method raises the plot's own error."""
    with pytest.raises(InvalidArgument, match="candles draws a klines frame"):
        frames.tickers().coinex.plot_candles()
