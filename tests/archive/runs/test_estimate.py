"""What a capture would take, beside what it takes."""

from collections import Counter

import pytest

from coinex_pandas.archive.collection.plan import market_histories
from coinex_pandas.archive.runs.capture import capture
from tests.archive.accounts import lived

pytestmark = pytest.mark.usefixtures("unpaced")

START = "2026-05-20"


@pytest.fixture(scope="module")
def exchange():
    """Give an account that lived."""
    with lived(5) as running:
        yield running


def requests(exchange, call):
    """Return what a call returns, and how many requests it sent of each kind."""
    before = len(exchange.server.log)
    result = call()
    return result, Counter(name for _, name, _ in exchange.server.log[before:] if name != "server_time")


@pytest.mark.parametrize("what", ["public", "account"])
def test_a_dry_run_tells_what_a_capture_takes(exchange, tmp_path, what):
    """No table takes more or less requests than it says; it writes nothing, and requests the lists only."""
    settings = {"markets": ["BTCUSDT"], "periods": ["1day", "1hour"], "start": START}
    settings |= {"session": exchange.session}
    path = tmp_path / "coinex"
    estimate, sent = requests(exchange, lambda: capture(path, what, **settings, dry_run=True))
    assert not path.exists()
    assert set(sent) <= {"spot_markets", "futures_markets", "subs"}
    coverage, sent = requests(exchange, lambda: capture(path, what, **settings))
    needs = estimate.groupby("table").agg({"requests": "sum", "bound": set, "tasks": "sum"})
    tasks = coverage.groupby("table").size()
    for table, need in needs.drop(index="server_time").iterrows():
        if table.endswith(("_klines", "_fee_rate")) and what == "account":
            continue  # the days and markets of an account are not known before
        assert need["tasks"] == tasks[table], table
        if "at least" not in need["bound"] and what == "public":  # an account's calls ask for lists of markets, too
            assert sent[table] <= need["requests"], table
        if "at most" not in need["bound"]:
            assert sent[table] >= need["requests"], table
    notes = estimate.attrs["coinex"]
    assert notes["requests"] == estimate["requests"].sum()
    assert 0 < notes["seconds"] <= estimate["seconds"].sum() + 0.1
    assert notes["bytes"] == estimate["bytes"].sum() > 0


def test_what_is_captured_already_is_not_counted(exchange, tmp_path):
    """Of candles only the last day is left."""
    settings = {"markets": ["BTCUSDT"], "periods": ["1hour"], "start": "2026-03-20", "tables": ["spot_klines"]}
    settings |= {"session": exchange.session}
    before = capture(tmp_path, "public", **settings, dry_run=True)
    capture(tmp_path, "public", **settings)
    after = capture(tmp_path, "public", **settings, dry_run=True)
    (first,), (second,) = (each.loc[each["stage"] == "candles", "requests"] for each in (before, after))
    assert second == 2 < first


def test_histories_begin_where_the_exchange_has_them():
    """Without a start also those of which a call without one returns the latest days only."""
    now = "2026-06-01T12:00:00+00:00"
    tasks = {task.table: task.params["start"] for task in market_histories("BTCUSDT", None, now)}
    assert tasks == {
        "futures_funding_rate_history": None,
        "futures_liquidations": None,
        "futures_premium_index_history": "2026-05-02T12:05:00+00:00",
        "futures_basis_history": "2017-12-01T00:00:00+00:00",
    }
    start = "2026-05-20T00:00:00+00:00"
    assert {start} == {task.params["start"] for task in market_histories("A", start, now)}
