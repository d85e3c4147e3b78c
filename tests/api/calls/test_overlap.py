"""Lists that change while they are read: whole, every row once, and no more requests than it takes."""

import contextlib
import random
import tracemalloc
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coinex_pandas.api.calls.overlap import by_overlap, within_times
from coinex_pandas.api.calls.paging import Incomplete, joined
from coinex_pandas.tables.decoding import Page
from coinex_pandas.tables.rows.order import SpotOrder
from tests.profiles import cases

NOW = 1_780_000_000_000


class Exchange:
    """A list of orders, newest first, that changes after each question."""

    def __init__(self, rows, *, cut=1000, after=lambda _: None, says_more=True):
        self.rows = list(range(rows, 0, -1))
        self.cut, self.after, self.says_more = cut, after, says_more
        self.requests = []

    def place(self, count=1):
        """Put newer orders in front."""
        for _ in range(count):
            self.rows.insert(0, (self.rows[0] if self.rows else 0) + 1_000_000)

    def cancel(self, first, count=1):
        """Take orders away."""
        del self.rows[first : first + count]

    def times(self, ids):
        """Return when orders were made and changed."""
        return [NOW + i for i in ids], [NOW + i for i in ids]

    def __call__(self, *, page, limit):
        """Answer a question, then change."""
        size = min(limit, self.cut)
        self.requests.append((page, limit))
        ids = self.rows[(page - 1) * size : page * size]
        has_next = len(self.rows) > page * size
        created, updated = self.times(ids)
        frame = pd.DataFrame(
            {
                "created_at": pd.DatetimeIndex(np.array(created, dtype="M8[ms]")).tz_localize("UTC"),
                "updated_at": pd.DatetimeIndex(np.array(updated, dtype="M8[ms]")).tz_localize("UTC"),
            },
            index=pd.Index(np.array(ids, dtype=np.int64), name="order_id"),
        )
        falling = all(one >= other for one, other in pairwise(created))
        answer = Page(frame, has_next if self.says_more else None, len(ids), -1 if falling else None)
        self.after(self)
        return answer


def read(exchange, **more):
    """Return the ids that are read."""
    return [label for frame in by_overlap(exchange, "order_id", **more) for label in frame.index]


def read_on(exchange):
    """Return the ids that are read, in doubt or not."""
    labels = []
    with contextlib.suppress(Incomplete):
        for frame in by_overlap(exchange, "order_id"):
            labels.extend(frame.index)
    return labels


@pytest.mark.sweep
@pytest.mark.parametrize("rows", [0, 1, 9, 10, 11, 999, 1000, 1001, 2520, 5041])
@pytest.mark.parametrize("cut", [10, 100, 1000])
@pytest.mark.parametrize("says_more", [True, False])
def test_a_list_at_rest_is_read_once(rows, cut, says_more):
    """Every row comes once, whatever the exchange cuts its pages to, and whether or not it says that there is more."""
    exchange = Exchange(rows, cut=cut, says_more=says_more)
    expected = list(exchange.rows)
    assert expected == read_on(exchange)


def test_overlap_costs_little():
    """A hundred thousand rows take some 6% more requests than pages that only just fit together."""
    exchange = Exchange(100_000)
    assert 100_000 == len(set(read(exchange)))
    assert 107 >= len(exchange.requests)


def test_wall_of_2520_is_in_doubt():
    """No page of ten rows or fewer overlaps row 2520: all is read, and it says that it cannot be sure."""
    exchange, labels = Exchange(6000, cut=10), []
    with pytest.raises(Incomplete, match="pages of 10 rows could not all overlap"):
        labels.extend(label for frame in by_overlap(exchange, "order_id") for label in frame.index)
    labels = read_on(Exchange(6000, cut=10))
    assert 6000 == len(labels) == len(set(labels))


@settings(max_examples=cases(200))
@given(seed=st.integers(0, 2**32), rows=st.integers(0, 400), cut=st.integers(10, 60), says_more=st.booleans())
def test_what_was_there_all_along_is_read_once(seed, rows, cut, says_more):
    """Rows that are added and removed anywhere, between any two questions, hide no row and repeat none."""
    luck = random.Random(seed)
    removed = set()

    def change(exchange):
        if len(exchange.requests) > 60:
            return
        if luck.random() < 0.5:
            exchange.place(luck.choice([1, 3, cut // 2]))
        if luck.random() < 0.5 and exchange.rows:
            first = luck.randrange(len(exchange.rows))
            count = luck.choice([1, 2, cut, 2 * cut])
            removed.update(exchange.rows[first : first + count])
            exchange.cancel(first, count)

    exchange = Exchange(rows, cut=cut, after=change, says_more=says_more)
    there = set(exchange.rows)
    labels = read(exchange)
    assert len(labels) == len(set(labels))
    assert there - removed <= set(labels)


def test_removed_rows_make_it_look_again():
    """When more was removed than pages overlap, it goes back instead of leaving a hole."""
    exchange = Exchange(5000, after=lambda at: at.cancel(0, 500) if len(at.requests) == 2 else None)
    assert set(range(1, 4501)) <= set(read(exchange))


def test_lying_has_next_ends():
    """An exchange that promises more for ever is asked for it, and not believed when nothing comes."""

    class Liar(Exchange):
        def __call__(self, **params):
            return super().__call__(**params)._replace(has_next=True)

    exchange = Liar(1500)
    assert 1500 == len(read(exchange))
    assert 8 > len(exchange.requests)


def test_page_that_is_ignored_is_not_whole():
    """An exchange that always sends the same rows and promises more leaves the list in doubt."""

    class Deaf(Exchange):
        def __call__(self, *, page, limit):
            return super().__call__(page=1, limit=limit)

    with pytest.raises(Incomplete, match="promised more"):
        read(Deaf(5000))


def test_sorted_list_is_left_early():
    """A list that falls in time is read as far back as the start, and a page beyond."""
    exchange = Exchange(50_000)
    start = NOW + 48_500
    frames = within_times(by_overlap(exchange, "order_id", since=start), start, None)
    assert 1501 == sum(map(len, frames))
    assert 3 == len(exchange.requests)


def test_order_that_hides_newer_ones_is_looked_behind():
    """Sorted by the time of the last change, an old order can stand before newer ones: nothing is left out."""

    class ByChange(Exchange):
        def times(self, ids):
            """Return old times of making for every third."""
            return [NOW + (i if i % 3 else i - 40_000) for i in ids], [NOW + i for i in ids]

    exchange = ByChange(5000)
    start = NOW + 2000
    frames = list(within_times(by_overlap(exchange, "order_id", since=start), start, None))
    assert [i for i in range(5000, 1999, -1) if i % 3] == [label for frame in frames for label in frame.index]


def test_a_long_list_is_whole_in_bounded_memory():
    """Tens of thousands of orders, more of them while they are read: complete, exact, in little more than they take."""
    total = cases(30_000)
    luck = random.Random(4)
    exchange = Exchange(total, after=lambda at: at.place(luck.choice([0, 1, 5, 40])))

    def ask(*, page, limit):
        made = exchange(page=page, limit=limit)
        return made._replace(frame=as_orders(made.frame))

    there = set(exchange.rows)
    tracemalloc.start()
    whole = joined(list(by_overlap(ask, "order_id")), SpotOrder.key, SpotOrder.order)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert there <= set(whole.index)
    assert whole.index.is_unique
    assert whole["created_at"].is_monotonic_increasing
    assert peak < 4 * whole.memory_usage(deep=True).sum()


def as_orders(frame):
    """Return the frame of orders of some ids."""
    count = len(frame)
    cells = {column.name: [None] * count for column in SpotOrder.columns()}
    cells |= {"order_id": list(frame.index), "created_at": list(frame["created_at"].array.asi8)}
    numbers = ("amount", "price", "unfilled_amount", "filled_amount", "filled_value", "base_fee")
    cells |= {name: [1.5] * count for name in numbers}
    floats = (
        "quote_fee",
        "discount_fee",
        "maker_fee_rate",
        "taker_fee_rate",
        "last_filled_amount",
        "last_filled_price",
    )
    cells |= {name: [0.0] * count for name in floats}
    cells |= {"market": ["BTCUSDT"] * count, "client_id": [f"cx-{label:024}" for label in frame.index]}
    return SpotOrder.frame(cells)
