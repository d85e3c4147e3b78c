"""How long something lasts is measured by the clock that never jumps, whatever becomes of the wall clock."""

import gzip
import json
import random
from types import SimpleNamespace

import pytest

import coinex_pandas as cx
from coinex_pandas.live import buffer, stream
from coinex_pandas.live.book import BookBuffer
from coinex_pandas.live.protocol.actions import Send
from coinex_pandas.live.protocol.connection import Connection
from coinex_pandas.live.retention import Retention
from coinex_pandas.live.sockets import pool

AT = 1_780_000_000_000
HOUR = 3_600_000


class Clocks:
    """A clock that moves on, and a wall clock that somebody sets."""

    def __init__(self):
        self.seconds, self.wall = 500.0, AT

    def pass_time(self, seconds, *, set_back=0):
        """Let time pass, and set the wall clock back by some milliseconds."""
        self.seconds += seconds
        self.wall += int(seconds * 1000) - set_back


@pytest.fixture
def clocks(monkeypatch):
    """Give the clocks of streams and buffers."""
    made = Clocks()
    fake = SimpleNamespace(
        monotonic=lambda: made.seconds, time=lambda: made.wall / 1000, time_ns=lambda: made.wall * 1_000_000
    )
    for module in (buffer, stream):
        monkeypatch.setattr(module, "time", fake)
    monkeypatch.setattr(pool, "attach", lambda *_args: lambda: None)
    return made


def push(connection, clocks, price):
    """Have best prices come."""
    data = {"market": "LTCUSDT", "updated_at": clocks.wall, "best_bid_price": price, "best_bid_size": "1"}
    data |= {"best_ask_price": "9", "best_ask_size": "1"}
    frame = gzip.compress(json.dumps({"method": "bbo.update", "data": data, "id": None}).encode())
    connection.on_frame(frame, clocks.seconds, clocks.wall)


@pytest.mark.parametrize("set_back", [0, HOUR, -HOUR])
def test_a_dead_feed_is_stale_and_a_live_one_is_live(clocks, set_back):
    """A wall clock that is set makes neither of them the other; age and silence are right, too."""
    channel = cx.CHANNELS["spot_bbo"]
    with cx.Session(cx.LIVE) as session, stream.Stream(channel, ("LTCUSDT", "XRPUSDT"), session, stale_after=30) as bbo:
        connection = bbo._buffer.connection = Connection("spot", random.Random(1))
        connection.add(channel, bbo._buffer, clocks.seconds, clocks.wall)
        connection.on_open(clocks.seconds, clocks.wall)
        for market in bbo.markets:
            bbo._buffer.acknowledge(market, clocks.wall)
        push(connection, clocks, "5")
        clocks.pass_time(20, set_back=set_back)
        assert ("live", 20.0) == (bbo.state, bbo.status().age)
        push(connection, clocks, "6")
        clocks.pass_time(29)
        assert ("live", 29.0) == (bbo.state, bbo.status().age)
        clocks.pass_time(40, set_back=set_back)
        assert "stale" == bbo.state
        assert ("XRPUSDT",) == bbo.silent
        with pytest.warns(cx.StaleDataWarning, match=r"last changed 69\.0 s ago"):
            assert "stale" == bbo.df.attrs["coinex"]["freshness"]["state"]


def depth(clocks, connection, *, checksum, is_full):
    """Have a push of a book come."""
    inside = {"asks": [["9", "1"]], "bids": [["5", "1"]], "last": "5", "updated_at": clocks.wall, "checksum": checksum}
    data = {"market": "LTCUSDT", "is_full": is_full, "depth": inside}
    frame = gzip.compress(json.dumps({"method": "depth.update", "data": data, "id": None}).encode())
    connection.on_frame(frame, clocks.seconds, clocks.wall)


@pytest.mark.parametrize("set_back", [0, HOUR, -HOUR])
def test_a_book_with_a_wrong_checksum_is_renewed_every_few_seconds(clocks, set_back):
    """A whole book is requested again after five seconds, however the wall clock was set, and not before."""
    connection = Connection("spot", random.Random(1))
    book = BookBuffer(cx.CHANNELS["spot_depth"], ("LTCUSDT",), Retention(), (5, "0", False))
    connection.add(book.channel, book, clocks.seconds, clocks.wall)
    connection.on_open(clocks.seconds, clocks.wall)
    requests = []
    for _ in range(4):
        connection.actions.clear()
        depth(clocks, connection, checksum=7, is_full=True)
        requests.append(sum("depth.subscribe" in each.text for each in connection.actions if isinstance(each, Send)))
        clocks.pass_time(2, set_back=set_back)
    assert [1, 0, 0, 1] == requests


def test_a_gap_does_not_end_before_it_begins(clocks):
    """Its moments are those of the wall clock; one that was set back meanwhile gives the beginning."""
    rows = buffer.Buffer(cx.CHANNELS["spot_bbo"], ("LTCUSDT",), Retention())
    rows.open_gap("LTCUSDT", AT, "gone")
    rows.close_gap("LTCUSDT", AT - HOUR, refilled=False, rows=0)
    assert AT == rows.gaps[0].end
