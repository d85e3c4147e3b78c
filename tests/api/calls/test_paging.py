"""Generated histories are whole: none of their rows is lost or doubled unless the reader is told so.

Two things cannot be found out, and are left out: ``has_next`` false on a page that is shorter than the limit, which
nothing tells from a last page; and rows in no order whose first page happens to look sorted, which a page of a few
rows does now and then and a page of a thousand never.
"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from coinex_pandas.api.calls import paging
from coinex_pandas.api.calls.paging import BEGINNING, FOREVER, Incomplete, by_keyset, joined
from tests.api.calls.paging_model import FIRST, Draft, Server, counted
from tests.profiles import cases


def examples(count):
    """Return settings for so many examples."""
    return settings(max_examples=cases(count), suppress_health_check=list(HealthCheck))


def drafts(**fixed):
    """Return a strategy of histories; what is fixed stays as given."""
    fields = {
        "seed": st.integers(0, 10**6),
        "rows": st.integers(0, 40),
        "span": st.integers(1, 30),
        "late": st.sampled_from([0, 10, 40]),
        "order": st.sampled_from(["newest", "oldest", "none"]),
        "limit": st.integers(1, 8),
        "cap": st.integers(1, 8),
        "open_start": st.booleans(),
        "open_end": st.booleans(),
        "has_next": st.sampled_from(["true", "absent", "always"]),
        "clamps": st.booleans(),
        "faults": st.sampled_from([0, 20]),
    }
    return st.builds(Draft, **fields | {name: st.just(value) for name, value in fixed.items()})


RANGES = st.one_of(
    st.just((BEGINNING, FOREVER)),
    st.integers(FIRST - 2, FIRST + 32).map(lambda start: (start, FOREVER)),
    st.integers(FIRST - 2, FIRST + 32).map(lambda end: (BEGINNING, end)),
    st.tuples(st.integers(FIRST - 2, FIRST + 20), st.integers(1, 15)).map(lambda at: (at[0], at[0] + at[1])),
)


def read(server, start, end, key):
    """Return the history and whether it was declared whole."""
    frames = []
    try:
        frames.extend(by_keyset(server, start, end, key, limit=server.draft.limit))
    except Incomplete:
        return joined(frames or [server.frame[:0]], key), False
    return joined(frames, key), True


@pytest.fixture(autouse=True, scope="module")
def _short_pages():
    """The model's servers cut pages as short as they like; the exchange's own default is ten rows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paging, "LEAST", 0)
        yield


def check(server, start, end, key):
    """Read a history, compare it with what existed, and return whether it was declared whole."""
    frame, complete = read(server, start, end, key)
    assume(not server.deceptive)
    got, before, after = counted(frame), server.counts(start, end, now=False), server.counts(start, end, now=True)
    assert frame.index.is_monotonic_increasing
    if complete:
        assert {} == {row: (count, got.get(row, 0)) for row, count in before.items() if got.get(row, 0) < count}
    assert {} == {row: (count, after.get(row, 0)) for row, count in got.items() if after.get(row, 0) < count}
    return complete


@examples(300)
@given(drafts(), RANGES)
def test_rows_with_a_key_come_back_once(draft, bounds):
    """Whatever order, bounds, page size and pagination: each row once, or the reader is told."""
    check(Server(draft, keyed=True), *bounds, ("label",))


@examples(300)
@given(drafts(), RANGES)
def test_rows_without_a_key_come_back_as_often_as_they_exist(draft, bounds):
    """Equal rows are as many rows; where they cannot be told from repeated ones, the reader is told."""
    check(Server(draft, keyed=False), *bounds, ())


@examples(60)
@given(drafts(late=0, clamps=False), RANGES)
def test_a_history_that_stands_still_is_whole(draft, bounds):
    """With a key and without insertions nothing is ever in doubt."""
    assert check(Server(draft, keyed=True), *bounds, ("label",))


@st.composite
def moving(draw):
    """Return a sorted history with insertions in which no millisecond fills a page, told apart by an honest server.

    One that promises more for ever and inserts meanwhile leaves keyless rows in doubt, and says so.
    """
    draft = draw(drafts(clamps=False, order=draw(st.sampled_from(["newest", "oldest"]))))
    assume(draft.has_next != "always")
    server = Server(draft, keyed=draw(st.booleans()))
    most = int(np.unique(server.times, return_counts=True)[1].max(initial=0))
    # one row more than the fullest millisecond has, and as many again for those just outside an included bound
    draft.limit = draft.cap = 2 * most + 1
    return server


@examples(100)
@given(moving(), RANGES)
def test_insertions_do_not_put_a_sorted_history_in_doubt(server, bounds):
    """Where a page reaches beyond one millisecond, reading goes by time, and needs neither key nor standstill."""
    assert check(server, *bounds, ("label",) if server.keyed else ())


@examples(50)
@given(drafts(has_next="never", late=0, clamps=False), RANGES)
def test_a_full_page_is_never_the_last(draft, bounds):
    """``has_next`` false on a full page is not believed."""
    draft.cap = draft.limit = max(draft.limit, draft.cap)
    server = Server(draft, keyed=True)
    # by number, every page but the last is full, so nothing is hidden from a reader who asks on
    assert check(server, *bounds, ("label",))


@examples(40)
@given(st.lists(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 20)), max_size=6), min_size=1, max_size=6))
def test_joined_frames_are_in_order_and_hold_each_key_once(parts):
    """However pages overlap, a key stands once, and times ascend; without a key every row stays."""
    parts = [list({label: (at, label) for at, label in part}.values()) for part in parts]  # a page repeats no key
    frames = [_frame(part) for part in parts]
    rows = [row for part in parts for row in part]
    assert sorted({label for _, label in rows}) == sorted(joined(frames, ("label",))["label"])
    assert sorted(rows) == sorted(_rows(joined(frames, ())))
    assert joined(frames, ()).index.is_monotonic_increasing


def _frame(rows):
    times = pd.to_datetime([at for at, _ in sorted(rows)], unit="ms", utc=True).as_unit("ms")
    return pd.DataFrame({"label": np.array([label for _, label in sorted(rows)], np.int64)}, index=times)


def _rows(frame):
    return list(zip(frame.index.asi8.tolist(), frame["label"].tolist(), strict=True))


def test_joined_unites_categories_and_columns():
    """A word or a column that only one page has stays what it is; the others miss it."""
    one, two = _frame([(1, 1)]), _frame([(2, 2)])
    one["side"], two["side"] = pd.Categorical(["buy"]), pd.Categorical(["sell"])
    two["brand_new"] = pd.array(["1.5"], dtype="str")
    frame = joined([two, one], ("label",))
    assert ["buy", "sell"] == list(frame["side"])
    assert "category" == frame["side"].dtype
    assert [True, False] == list(frame["brand_new"].isna())


def test_joined_keeps_an_empty_history_typed():
    """No rows at all are still the table."""
    frame = joined([_frame([]), _frame([])], ("label",))
    assert (0, ["label"]) == (len(frame), list(frame.columns))


def test_a_server_that_always_promises_more_is_left_in_the_end(monkeypatch):
    """New rows on every page and no end: the reader is told, not held for ever."""
    monkeypatch.setattr("coinex_pandas.api.calls.paging._MOST_PAGES", 20)
    server = Server(Draft(seed=1, rows=400, span=1, limit=3, has_next="always"), keyed=True)
    with pytest.raises(Incomplete, match="still promised more after 20 pages"):
        list(by_keyset(server, BEGINNING, FOREVER, ("label",), limit=3))
    assert 20 < server.requests < 25


def test_a_server_that_gives_the_same_page_for_ever_is_found_out():
    """A server that ignores the page number cannot show more than one page of a millisecond."""
    server = Server(Draft(seed=1, rows=9, span=1, limit=3), keyed=True)
    stuck = lambda **params: server(**params | {"page": 1})  # noqa: E731  # one line says it
    with pytest.raises(Incomplete, match="again"):
        list(by_keyset(stuck, BEGINNING, FOREVER, ("label",), limit=3))


def test_few_requests_for_a_calm_history():
    """1,000 rows at 100 a page take eleven or twelve requests, not one for each millisecond."""
    draft = Draft(seed=3, rows=1000, span=10**9, limit=100, cap=100)
    server = Server(draft, keyed=True)
    assert 1000 == sum(len(frame) for frame in by_keyset(server, BEGINNING, FOREVER, ("label",), limit=100))
    assert server.requests <= 12
