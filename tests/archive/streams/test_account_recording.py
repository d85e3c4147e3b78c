"""Recordings of one's own account: its rows, also those over HTTP, and no key anywhere."""

from contextlib import ExitStack

import pandas as pd
import pytest

import coinex_pandas as cx
from coinex_pandas.archive.streams.recording import record
from tests.archive.streams.conftest import notes, records, tables
from tests.waiting import until

SLOW = {"speed": 1.0, "seed": 7, "limits": False}


@pytest.fixture
def market(exchange, unpaced, returning):
    """Give a sandbox whose clock runs as ours does, and a price near the market's."""
    sandbox = exchange(**SLOW)
    return sandbox, round(cx.spot_tickers("BTCUSDT")["last"].item())


def buy(price):
    """Place a limit order."""
    cx.spot_place_order("BTCUSDT", "buy", "limit", "0.01", price=str(price))


def settled(stream):
    """Return whether a stream knows the state, and nothing is missed."""
    buffer = stream._buffer
    if buffer.connection is None or buffer.connection.state != "open" or not buffer.acknowledged_at:
        return False
    return not buffer.connection.subscriptions[stream._channel.method]._states[id(buffer)].is_incomplete


def test_the_events_of_an_account_are_recorded(market, tmp_path):
    """Orders, deals and balances, from the state at first over a lost connection to the end."""
    sandbox, price = market
    buy(price // 2)
    makers = (cx.live.spot_orders, cx.live.spot_user_deals, cx.live.spot_balances)
    sandbox.faults.set({"refuse_socket": 1.0})  # nothing comes before the recordings begin
    with ExitStack() as stack:
        streams = [stack.enter_context(make()) for make in makers]
        for stream in streams:
            stack.enter_context(record(stream, tmp_path))
        sandbox.faults.set(None)
        assert until(lambda: all(map(settled, streams)))
        buy(price * 21 // 20)
        buy(price // 3)
        assert until(lambda: all(len(stream.df) for stream in streams))
        sandbox.faults.set({"drop_socket": [1]})
        buy(price * 21 // 20)
        assert until(lambda: all(len(stream.gaps) for stream in streams))
        sandbox.faults.set(None)
        cx.spot_cancel_all_orders("BTCUSDT")
        assert until(lambda: all(map(settled, streams)))
        for stream in streams:
            stream.stop()
    rows, coverage = tables(tmp_path)
    for stream in streams:
        actual = rows[stream.name].drop(columns="record")
        pd.testing.assert_frame_equal(stream.df.tail(len(actual)), actual, check_categorical=False)
        assert len(stream.df) == len(actual)
        gaps = coverage[stream.name].gaps
        pd.testing.assert_frame_equal(stream.gaps, gaps)
        assert gaps["refilled"].all()
    assert notes(tmp_path, "recovered")
    keys = [part for part in sandbox.session._credentials.public_parts() if len(part) > 4]
    stored = b"".join(each.body + repr(dict(each.facts)).encode() for _, each in records(tmp_path))
    assert keys
    assert not any(key.encode() in stored for key in keys)


def test_what_was_known_before_completes_what_comes(market, tmp_path):
    """A recording that begins late knows the orders that are open: their ends have all columns."""
    _, price = market
    buy(price // 2)
    with cx.live.spot_orders() as stream:
        assert until(lambda: settled(stream))
        before = len(stream.df)
        with record(stream, tmp_path):
            cx.spot_cancel_all_orders("BTCUSDT")
            stream.wait(rows=before + 1, seconds=60)
            expected = stream.df
    rows, _ = tables(tmp_path)
    actual = rows["spot_orders"].drop(columns="record")
    assert len(actual)
    pd.testing.assert_frame_equal(expected.iloc[before:].head(len(actual)), actual, check_categorical=False)
