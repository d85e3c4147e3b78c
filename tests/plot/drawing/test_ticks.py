"""Numbers on axes and bars, as people read them."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from coinex_pandas import plot
from coinex_pandas.plot.drawing import columns, ticks
from tests.plot import frames


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1_234_567, "1.23M"),
        (45_000, "45k"),
        (999_999, "1M"),
        (0.012, "0.012"),
        (-2.5e9, "-2.5B"),
        (7e12, "7T"),
    ],
)
def test_compact_numbers(value, text):
    """Three figures and a letter are enough beside a bar."""
    assert text == ticks.compact(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (87_250.25, "87,250.25"), (1.52823e-7, "0.000000152823"), (100.0, "100"), (1e-12, "0.000000000001")],
)
def test_plain_numbers(value, text):
    """Prices never turn into exponents."""
    assert text == ticks.plain(value)


@pytest.mark.parametrize(("step", "decimals"), [(20, 0), (1, 0), (0.25, 2), (2.5, 1), (2e-9, 9)])
def test_decimals_tell_steps_apart(step, decimals):
    """A tick has as many decimals as its neighbour's distance needs."""
    assert decimals == ticks.decimals_of(step)


@pytest.mark.parametrize(("low", "high"), [(0, 1e-7), (87_000, 87_001), (-3, 3), (0, 4e6), (1.2345e9, 1.2346e9)])
def test_neighbouring_ticks_read_differently(low, high):
    """No two ticks of an axis have the same label, and zero has no sign."""
    ax = Figure().subplots()
    ax.set_ylim(low, high)
    ticks.tick_numbers(ax.yaxis, letters=True)
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert len(labels) == len(set(labels))
    assert not any(label.startswith("-0") and float(label.strip("kMBT")) == 0 for label in labels)


@pytest.mark.parametrize(
    ("market", "quote", "unit"),
    [
        ("BTCUSDT", "USDT", "BTC"),
        ("BTCUSD", "USD", "USD"),
        ("ETHUSDC", "USDC", "ETH"),
        ("ETHBTC", "BTC", "ETH"),
        ("WHAT", None, None),
        (None, None, None),
    ],
)
def test_units_come_from_the_name(market, quote, unit):
    """The end of a market's name is its quote; inverse markets count USD."""
    assert (quote, unit) == (columns.quote_of(market), columns.amount_unit(market))


def test_markets_lose_the_blank_in_front():
    """The exchange's sample of liquidations has a blank before the market."""
    frame = frames.liquidations(3, market=" BTCUSDT")
    assert "BTCUSDT · liquidations" == plot.liquidations(frame).get_title("left")


@pytest.mark.parametrize(
    "cells", [[Decimal("1.5"), None], ["1.5", ""], ["1.5", None], [Decimal("1.5"), Decimal("NaN")]]
)
def test_exact_cells_become_floats(cells):
    """Decimal and text are read as numbers, an empty cell as missing."""
    one, missing = columns.numbers(pd.DataFrame({"price": pd.Series(cells, dtype=object)}), "price")
    assert 1.5 == one
    assert np.isnan(missing)


def test_infinite_numbers_count_as_missing():
    """A division by zero upstream does not blow up an axis."""
    frame = frames.klines(3)
    frame.iloc[1, frame.columns.get_loc("high")] = np.inf
    assert [False, True, False] == np.isnan(columns.numbers(frame, "high")).tolist()
