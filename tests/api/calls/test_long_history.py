"""Tens of thousands of finished orders, to which seven come after each page: all, exact, in bounded memory."""

import tracemalloc
from decimal import Decimal

import numpy as np
import pytest

import coinex_pandas as cx
from tests.api.calls.long_order_log import START, STEP, long_log
from tests.profiles import cases

ROWS, EACH = cases(30_000), 7
FRAMES = 4  # the pages, the whole, its sorted copy, and what is at work; measured: 2.8


@pytest.mark.usefixtures("unpaced")
def test_a_long_list_that_grows_while_it_is_read():
    """Every order once, oldest first, with the floats of its texts; at no time more than a few frames in memory."""
    with long_log(ROWS, EACH) as me:
        cx.spot_pending_orders(session=me)  # imports and caches are not the history's
        tracemalloc.start()
        frame = cx.spot_finished_orders("BTCUSDT", session=me)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    numbers = np.arange(ROWS)
    assert frame.index.tolist() == (100_000_000_000 + numbers).tolist()
    assert frame["price"].tolist() == [float(Decimal(6_000_000 + number) / 100) for number in range(ROWS)]
    assert frame["amount"].tolist() == [float(Decimal(number % 977 + 1) / 1000) for number in range(ROWS)]
    assert frame["created_at"].astype("int64").tolist() == (START + numbers * STEP).tolist()
    assert frame["client_id"].tolist() == [f"mine-{number}" for number in range(ROWS)]
    assert frame.attrs["coinex"]["complete"]
    assert peak < FRAMES * frame.memory_usage(deep=True).sum()
    assert frame.attrs["coinex"]["request"]["requests"] < 1.1 * ROWS / 1000  # pages overlap, but not by much


@pytest.mark.usefixtures("unpaced")
def test_exact_numbers_of_a_list_that_grows():
    """The same as decimals, from the first digit to the last."""
    with long_log(3_000, EACH) as me:
        frame = cx.spot_finished_orders("BTCUSDT", numbers="decimal", session=me)
    assert frame["filled_value"].tolist() == [
        Decimal(6_000_000 + number) / 100 * (Decimal(number % 977 + 1) / 1000) for number in range(3_000)
    ]
