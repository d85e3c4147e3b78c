"""A stream over real sockets: what it gives, how one waits, reads, bounds and ends it."""

from __future__ import annotations

import asyncio
import gc
import threading
import time

import msgspec
import numpy as np
import pandas as pd
import pytest

import coinex_pandas as cx
from coinex_pandas.live.protocol import connection
from coinex_pandas.live.sockets import driver, pool
from tests.waiting import until


def test_deals_pushed_are_the_deals_listed(exchange):
    """Every row of a stream stands in the exchange's own list, to the last bit, and none is left out between."""
    sandbox = exchange()
    with cx.live.futures_deals("BTCUSDT", "ETHUSDT") as stream:
        stream.wait(rows=150, seconds=60)
        sandbox.clock.freeze()  # or the list would go on beyond the stream's first deals
        frame = stream.df
    for market in ("BTCUSDT", "ETHUSDT"):
        mine = frame[frame["market"] == market]
        listed = cx.futures_deals(market, limit=1000).set_index("deal_id")
        expected = listed.loc[mine["deal_id"].iloc[0] : mine["deal_id"].iloc[-1]]
        assert expected.index.to_list() == mine["deal_id"].to_list()
        assert expected["price"].to_list() == mine["price"].to_list()
        assert expected["amount"].to_list() == mine["amount"].to_list()
        assert mine.index.is_monotonic_increasing


@pytest.mark.parametrize("name", sorted(name for name, known in cx.CHANNELS.items() if known.private is None))
def test_every_channel_streams(exchange, name):
    """Each function of cx.live receives rows whose columns and dtypes are those of the empty table."""
    exchange()
    with getattr(cx.live, name)("BTCUSDT") as stream:
        empty = stream._buffer.table.row
        frame = stream.wait(rows=1, seconds=60).df
        assert len(frame)
        assert stream.state == "live"
        assert empty is stream._channel.row
        assert 1 == len(stream.latest)
        assert frame.attrs["coinex"]["table"] == name


def test_an_empty_stream_has_all_columns():
    """Before anything has come, columns and dtypes are there."""
    with cx.live.futures_deals("BTCUSDT", session=nowhere()) as stream:
        frame = stream.df
    assert ["market", "deal_id", "side", "price", "amount", "received_at"] == list(frame)
    assert "datetime64[ms, UTC]" == str(frame.index.dtype)
    assert ["category", "int64", "category", "float64", "float64", "datetime64[ms, UTC]"] == [
        str(dtype) for dtype in frame.dtypes
    ]


def nowhere():
    """Return a session at an address where nobody listens."""
    return cx.Session(cx.Venue("nowhere", http="http://127.0.0.1:9/v2", ws="ws://127.0.0.1:9/v2"))


def test_one_connection_per_area_is_shared(exchange):
    """Two streams of an area share a connection and its complete subscriptions; another area has its own."""
    sandbox = exchange()
    with (
        cx.live.futures_deals("BTCUSDT") as one,
        cx.live.futures_deals("ETHUSDT") as other,
        cx.live.futures_tickers("BTCUSDT") as third,
        cx.live.spot_deals("BTCUSDT") as fourth,
    ):
        for stream in (one, other, third, fourth):
            stream.wait(rows=1, seconds=60)
        assert ["futures", "spot"] == sorted(sandbox.sockets.connections.values())
        sent = [request for _, request in received(sandbox) if request["method"] == "deals.subscribe"]
        assert ["BTCUSDT", "ETHUSDT"] == max((request["params"]["market_list"] for request in sent), key=len)


def received(sandbox):
    """Return the requests that came, as (connection, request)."""
    return [(each.connection, each.request) for each in sandbox.sockets.received]


def test_books_of_two_shapes_have_a_connection_each(exchange):
    """A market's book in two shapes cannot share a connection, for pushes do not tell theirs."""
    sandbox = exchange()
    with cx.live.futures_depth("BTCUSDT", limit=5) as few, cx.live.futures_depth("BTCUSDT", limit=50) as many:
        few.wait(rows=3, seconds=60)
        many.wait(rows=3, seconds=60)
        assert (10, 100) == (len(few.df), len(many.df))
        assert 2 == len(sandbox.sockets.connections)


def test_a_stopped_stream_unsubscribes_and_keeps_its_rows(exchange):
    """Stopping one of two streams takes its markets back; its rows stay, and the other goes on."""
    sandbox = exchange()
    one = cx.live.futures_deals("BTCUSDT").wait(rows=1, seconds=60)
    with cx.live.futures_deals("ETHUSDT") as other:
        other.wait(rows=1, seconds=60)
        one.stop()
        one.stop()
        rows = len(one.df)
        assert until(lambda: [r for _, r in received(sandbox) if r["method"] == "deals.unsubscribe"])
        before = len(other.df)
        other.wait(rows=before + 5, seconds=60)
    assert rows == len(one.df)
    assert "stopped" == one.state
    with pytest.raises(cx.NoData, match="ended"):
        one.wait(rows=10**6)


def test_a_dropped_stream_ends(exchange):
    """A stream that nobody holds any more is let go, as when a cell is run again."""
    sandbox = exchange()
    cx.live.futures_deals("BTCUSDT").wait(rows=1, seconds=60)
    gc.collect()
    assert until(lambda: not sandbox.sockets.connections)
    assert until(lambda: pool._pool is None)


def test_waiting_says_what_did_not_come(exchange):
    """A market that does not exist is acknowledged and stays silent: the error says how the stream fares."""
    exchange()
    with cx.live.futures_deals("NOPEUSDT") as stream:
        assert until(lambda: "waiting" == stream.state)
        with pytest.raises(cx.NoData, match=r"0 of 1 rows .* waiting: the exchange acknowledged it"):
            stream.wait(rows=1, seconds=0.1)
        assert "waiting" == stream.state


def test_waiting_for_a_time_only(monkeypatch):
    """wait(seconds=) alone is patience, and no error; it lasts that long and ends."""
    with cx.live.futures_deals("BTCUSDT", session=nowhere()) as stream:
        clock = Hand()
        monkeypatch.setattr("coinex_pandas.live.stream.time", clock)
        monkeypatch.setattr(stream._buffer, "wait", lambda _rows, seconds: clock.sleep(seconds))
        assert stream is stream.wait(seconds=0.3)
        assert pytest.approx(0.3) == clock.now


class Hand:
    """A clock that moves only when somebody sleeps by it."""

    def __init__(self):
        self.now = 0.0
        self.time = self.monotonic = lambda: self.now

    def sleep(self, seconds):
        """Let time pass."""
        self.now += seconds


def test_an_unknown_method_refuses_the_stream(exchange, monkeypatch):
    """A refusal ends the wait with the exchange's code and the channel."""
    from dataclasses import replace

    exchange()
    known = cx.CHANNELS["futures_premium_index"]
    monkeypatch.setitem(cx.CHANNELS, "futures_premium_index", replace(known, area="spot"))
    with cx.live.futures_premium_index("BTCUSDT") as stream:
        with pytest.raises(cx.Refused, match="20002"):
            stream.wait(rows=1, seconds=60)
        assert "refused" == stream.state


@pytest.mark.parametrize(("keep", "most"), [(50, 50), ("300ms", 10_000)])
def test_a_bounded_stream_holds_no_more(exchange, keep, most):
    """With keep= old rows fall out, by number or by age."""
    exchange(speed=5000.0)
    with cx.live.futures_deals("BTCUSDT", "ETHUSDT", keep=keep) as stream:
        stream.wait(rows=600, seconds=60)
        assert until(lambda: stream.stats.rows > len(stream.df))  # by age some must be old first
        frame = stream.df
        assert 0 < len(frame) <= most
        assert stream.stats.rows > len(frame)
        if isinstance(keep, str):
            assert frame["received_at"].max() - frame["received_at"].min() <= pd.Timedelta(keep)


@pytest.mark.parametrize("keep", [0, -1, True, "soon", "-1s", 1.5])
def test_an_odd_bound_is_refused(keep):
    """What is neither rows nor a span of time is an InvalidArgument."""
    with pytest.raises(cx.InvalidArgument, match="keep"):
        cx.live.futures_deals("BTCUSDT", keep=keep, session=nowhere())


def test_batches_add_up(exchange):
    """Iterating gives every row once, in order, in any event loop; so does a callback."""
    exchange()
    called: list[pd.DataFrame] = []

    async def collect(stream, rows):
        batches = []
        async for batch in stream:
            batches.append(batch)
            if sum(map(len, batches)) >= rows:
                return batches
        return batches

    with cx.live.futures_deals("BTCUSDT", "ETHUSDT") as stream:
        stop = stream.on_rows(called.append)
        batches = cx.run(collect(stream, 130))
        again = asyncio.run(collect(stream, 100))
        assert until(lambda: sum(map(len, called)) >= 130)
        stop()
    ids = stream.df["deal_id"].to_list()  # of the stream that has ended: a callback may still get a last batch
    for found in (batches, again, called):
        got = pd.concat(found)["deal_id"].to_list()
        assert ids[: len(got)] == got


def flooded(exchange, **settings):
    """Return a sandbox that pushes as fast as it can, and the markets to listen to."""
    sandbox = exchange(speed=20_000.0, push_every=0, **settings)
    return sandbox, tuple(cx.futures_markets().index[:12])


async def soon(condition):
    """Await that something is so."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        await asyncio.sleep(0.01)


def test_a_slow_reader_of_a_bounded_stream_loses_nothing(exchange, monkeypatch):
    """While somebody who iterates is behind, reading stands still instead of rows falling out unread; pings go on."""
    sandbox, markets = flooded(exchange)
    monkeypatch.setattr(connection, "PING", 0.1)
    monkeypatch.setattr(driver, "_LONGEST_HOLD", 600.0)
    batches = []

    def pings():
        return sum(request["method"] == "server.ping" for _, request in received(sandbox))

    async def slow(stream):
        async for batch in stream:
            batches.append(batch)
            if len(batches) == 5:
                return
            await soon(lambda: "held" == stream.state)  # more has come than is kept; the next look lets it go on
            before = pings()
            await soon(lambda before=before: pings() > before)
            assert "held" == stream.state

    with cx.live.futures_deals(*markets, keep=100) as stream:
        cx.run(slow(stream))
        assert 0 == stream.stats.missed_by_readers
        assert 0 == stream.stats.reconnects
    assert not [batch for batch in batches if "missed" in batch.attrs["coinex"]]
    deals = pd.concat(batches)
    assert len(deals) > 500
    for market in markets[:2]:
        mine = deals.loc[deals["market"] == market, "deal_id"].to_list()
        assert sorted(set(mine)) == mine
        listed = cx.futures_deals(market, limit=1000, last_id=mine[-1])["deal_id"]
        assert [deal for deal in mine if deal >= listed.min()] == listed[listed >= mine[0]].to_list()


def test_a_reader_that_does_not_come_back_holds_nobody_for_long(exchange, monkeypatch):
    """Somebody who reads one batch and no more misses rows after a while, and is told; the others go on."""
    monkeypatch.setattr(driver, "_LONGEST_HOLD", 0.2)
    _, markets = flooded(exchange)

    async def gone(stream):
        batches = aiter(stream)
        await anext(batches)
        read = stream.stats.rows
        await soon(lambda: "held" == stream.state)
        await soon(lambda: stream.stats.rows > read + 3000)
        assert "live" == stream.state
        batch = await anext(batches)
        assert batch.attrs["coinex"]["missed"] > 1000
        await batches.aclose()

    with cx.live.futures_deals(*markets, keep=100) as stream:
        cx.run(gone(stream))
        assert stream.stats.missed_by_readers > 1000


def test_a_second_stream_begins_with_what_came_last(exchange):
    """Who joins a market that is streamed already is not left waiting for the next trade."""
    exchange(speed=0.0, now="2026-06-01 12:00")
    with cx.live.futures_deals("BTCUSDT") as one, cx.live.futures_tickers("BTCUSDT") as two:
        one.wait(rows=50, seconds=60)
        two.wait(rows=1, seconds=60)
        with cx.live.futures_deals("BTCUSDT") as other, cx.live.futures_tickers("BTCUSDT") as another:
            assert one.df["deal_id"].to_list() == other.wait(rows=50, seconds=60).df["deal_id"].to_list()
            assert two.df["last"].to_list() == another.wait(rows=1, seconds=60).df["last"].to_list()


def test_a_stopped_stream_takes_no_more(exchange):
    """After stop() table, book and counts stay as they are, also when others go on listening."""
    exchange()
    with cx.live.futures_depth("BTCUSDT") as going, cx.live.futures_deals("BTCUSDT") as also:
        book = cx.live.futures_depth("BTCUSDT").wait(rows=2, seconds=60)
        deals = cx.live.futures_deals("BTCUSDT").wait(rows=60, seconds=60)
        book.stop()
        deals.stop()
        kept, rows, counts = book.levels(), len(deals.df), deals.stats
        going.wait(rows=going.stats.rows + 10, seconds=60)
        also.wait(rows=also.stats.rows + 10, seconds=60)
        assert kept.equals(book.levels())
        assert (rows, counts.rows, counts.messages) == (len(deals.df), deals.stats.rows, deals.stats.messages)
        assert deals.stats.bytes > 0


def test_a_callback_that_fails_is_shown_and_called_no_more(exchange):
    """The error of a callback reaches threading.excepthook, and the stream goes on."""
    exchange()
    errors = []

    def wrong(_batch):
        raise RuntimeError("mine")

    former, threading.excepthook = threading.excepthook, errors.append
    try:
        with cx.live.futures_deals("BTCUSDT") as stream:
            stream.on_rows(wrong)
            assert until(lambda: errors)
            stream.wait(rows=stream.stats.rows + 1, seconds=60)
    finally:
        threading.excepthook = former
    assert "mine" == str(errors[0].exc_value)


def test_a_column_that_is_new_is_kept_and_announced(exchange):
    """A field that pushes newly carry becomes a column of text; it is told once, where the user can hear it."""
    from coinex_pandas.live.protocol.messages import decode_any, decoder

    exchange()
    text = (
        b'{"method":"bbo.update","data":{"market":"BTCUSDT","updated_at":1,"best_bid_price":"1","best_bid_size":"2",'
        b'"best_ask_price":"3","best_ask_size":"","brand_new":"x"},"id":null}'
    )
    with cx.live.futures_bbo("BTCUSDT", session=nowhere()) as stream:
        with pytest.raises(msgspec.ValidationError):
            decoder("futures")(text)
        stream._buffer.append("BTCUSDT", [decode_any("futures", text).data], 5, True)
        with pytest.warns(cx.ColumnsChanged, match="brand_new"):
            frame = stream.df
        assert ["x"] == frame["brand_new"].to_list()
        assert np.isnan(frame["best_ask_size"].iloc[0])


def test_all_markets_when_none_is_named(exchange):
    """Without names a stream is of every market that the exchange lists."""
    exchange()
    with cx.live.futures_tickers() as stream:
        markets = cx.futures_markets().index
        stream.wait(rows=len(markets), seconds=60)
        assert set(markets) == set(stream.latest.index)


def test_a_venue_without_sockets_says_so():
    """A venue that has no address for sockets is an InvalidArgument."""
    session = cx.Session(cx.Venue("mute", http="http://127.0.0.1:9/v2"))
    with pytest.raises(cx.InvalidArgument, match="ws="):
        cx.live.futures_deals("BTCUSDT", session=session)


def test_a_session_given_is_the_session_used(exchange):
    """A stream keeps the session that it was born with, whatever cx.use switches to."""
    exchange()
    with cx.live.futures_deals("BTCUSDT") as stream:
        cx.use(cx.Session(cx.LIVE))
        assert "sandbox" == stream.wait(rows=1, seconds=60).venue


def test_a_repr_is_short_and_tells_the_state(exchange):
    """The repr has name, markets, venue, state and rows."""
    exchange()
    with cx.live.futures_deals("BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT") as stream:
        stream.wait(rows=1, seconds=60)
        assert repr(stream).startswith("<futures_deals of BTCUSDT, ETHUSDT, SOLUSDT and 1 more at sandbox: live, ")


def test_no_news_ends_with_a_warning_once(exchange):
    """Data that stand still make the state stale, whatever acks and pongs say, and one StaleDataWarning."""
    sandbox = exchange()
    with cx.live.futures_tickers("BTCUSDT", stale_after=0.3) as stream:
        stream.wait(rows=2, seconds=60)
        sandbox.sockets.pause()
        assert until(lambda: "stale" == stream.state)
        with pytest.warns(cx.StaleDataWarning, match="stale"):
            frame = stream.df
        assert "stale" == frame.attrs["coinex"]["freshness"]["state"]
        stream.df  # noqa: B018  # a second look warns no more
        sandbox.sockets.resume()
        assert until(lambda: "live" == stream.state)
