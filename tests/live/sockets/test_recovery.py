"""Every fault of the sandbox's sockets over real sockets: nothing is lost without a gap that says so."""

from __future__ import annotations

import time
from collections import Counter

import pytest

import coinex_pandas as cx
from coinex_pandas.live.protocol import messages as frames
from coinex_pandas.simulator.faults import SOCKET_FAULTS
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("impatient")

LOSING = ["drop_socket", "half_open", "restart_server", "corrupt_gzip", "truncate_push", "gzip_bomb", "giant_frame"]
HARMLESS = ["duplicate_push", "reorder_push", "delay_push", "late_ack"]
CAUSES = {
    "drop_socket": "broke off",
    "half_open": "no answer to a request",
    "restart_server": "broke off",
    "corrupt_gzip": "no gzip",
    "truncate_push": "not what is documented",
    "gzip_bomb": "larger than",
    "giant_frame": "",  # the client hangs up, or unpacks and refuses: both are told
}


def listed_between(market, first, last):
    """Return the ids that the exchange lists between two deals."""
    found, at = [], None
    while not found or found[0] > first:
        page = cx.futures_deals(market, limit=1000, last_id=at)["deal_id"].to_list()
        if not page or (found and page[0] >= found[0]):
            break
        found = page + [deal for deal in found if deal > page[-1]]
        at = page[0]
    return [deal for deal in found if first <= deal <= last]


def assert_whole(stream, market="BTCUSDT"):
    """Demand that the deals of a stream are those of the exchange, each once, none left out."""
    ids = stream.df["deal_id"].to_list()
    assert listed_between(market, ids[0], ids[-1]) == ids


@pytest.mark.parametrize("fault", LOSING)
def test_lost_deals_are_refilled_and_the_gap_says_so(exchange, fault):
    """After a frame or a connection is lost the deals are whole again, and a closed gap tells why."""
    sandbox = exchange(speed=300.0)
    with cx.live.futures_deals("BTCUSDT") as stream:
        stream.wait(rows=60, seconds=30)
        sandbox.faults.set({fault: [3]})
        assert until(lambda: len(stream.gaps), 40), stream
        sandbox.faults.set(None)
        assert until(lambda: stream.gaps["end"].notna().all() and "live" == stream.state, 40), stream.gaps
        stream.wait(rows=stream.stats.rows + 20, seconds=40)
        gaps = stream.gaps
        assert gaps["refilled"].all(), gaps
        assert gaps["cause"].str.contains(CAUSES[fault]).any(), gaps["cause"].to_list()
        assert stream.df.attrs["coinex"]["complete"]
        assert_whole(stream)


@pytest.mark.parametrize("fault", HARMLESS)
def test_deals_that_come_twice_late_or_out_of_order_are_put_right(exchange, fault):
    """What the network repeats, swaps or delays makes no gap, and every deal stands once in its place."""
    sandbox = exchange(speed=300.0, faults={fault: 0.4})
    with cx.live.futures_deals("BTCUSDT") as stream:
        stream.wait(rows=150, seconds=60)
        sandbox.faults.set(None)
        stream.wait(rows=stream.stats.rows + 20, seconds=40)
        assert 0 == len(stream.gaps)
        assert_whole(stream)
        if fault == "duplicate_push":
            assert stream.stats.duplicates > 0


def test_a_bomb_costs_no_memory(exchange, monkeypatch):
    """A frame that would inflate to 128 MB is refused at the cap."""
    sizes = []
    honest = frames.unpacked
    monkeypatch.setattr(
        "coinex_pandas.live.protocol.connection.unpacked", lambda data: sizes.append(len(honest(data))) or honest(data)
    )
    sandbox = exchange()
    with cx.live.futures_deals("BTCUSDT") as stream:
        stream.wait(rows=1, seconds=30)
        sandbox.faults.set({"gzip_bomb": [1]})
        assert until(lambda: len(stream.gaps), 40)
        assert all(size <= frames.CAP for size in sizes)
        assert 1 == stream.stats.bad_frames


def test_prices_that_are_lost_stay_lost_and_the_gap_says_so(exchange):
    """Best prices cannot be asked for afterwards: what was sent and not received lies in gaps, and nothing else."""
    sandbox = exchange(speed=300.0)
    with cx.live.futures_bbo("BTCUSDT", "ETHUSDT") as stream:
        stream.wait(rows=50, seconds=30)
        sandbox.faults.set({"drop_socket": [20], "corrupt_gzip": [7, 12]})
        assert until(lambda: len(stream.gaps) >= 3, 40)
        sandbox.faults.set(None)
        stream.wait(rows=stream.stats.rows + 50, seconds=40)
        assert until(lambda: stream.gaps["end"].notna().all())
        sandbox.sockets.pause()
        until(lambda: stream.stats.rows == stream.wait(seconds=0.3).stats.rows, 5)
        sent, frame, gaps = sandbox.sockets.sent, stream.df, stream.gaps
    rows = [each for each in sent if each.method == "bbo.update"]
    got = Counter(zip(frame["market"], frame["received_at"].index.astype("int64"), strict=True))
    wanted = [(each.data["market"], each.data["updated_at"]) for each in rows]
    missing = [key for key in wanted if not got[key]]
    assert not gaps["refilled"].any()
    assert not stream.df.attrs["coinex"]["complete"]
    assert len(wanted) == len(frame) + len(missing)
    assert 0 < len(missing) <= 6
    places = set(gaps["after_row"])
    keys = list(zip(frame["market"], frame.index.astype("int64"), strict=True))
    for key in missing:  # each lies where a gap says that rows may be missing
        before = wanted[: wanted.index(key)]
        assert sum(one in set(before) for one in keys) in places


def test_a_book_that_does_not_fit_is_unverified_until_a_fresh_one_comes(exchange):
    """A wrong checksum or a flipped level is seen at that very push; a fresh book is fetched, and the gap told."""
    sandbox = exchange(speed=10.0)
    for fault in ("wrong_checksum", "flip_level", "corrupt_gzip"):
        with cx.live.futures_depth("BTCUSDT", limit=20) as book:
            book.wait(rows=3, seconds=30)
            sandbox.faults.set({fault: [2]})
            assert until(lambda book=book: len(book.gaps), 40), fault
            sandbox.faults.set(None)
            assert until(lambda book=book: book.gaps["end"].notna().all(), 40), book.gaps
            book.wait(rows=book.stats.rows + 2, seconds=40)
            assert "live" == book.state
            told = book.df.attrs["coinex"]["book"]
            assert told["verified"]
            if fault != "corrupt_gzip":
                assert not book.history["verified"].all()


def test_an_unverified_book_gives_no_prices(exchange, monkeypatch):
    """While the book is unverified, spread, mid and imbalance are None."""
    exchange(speed=0.0, now="2026-06-01 12:00")
    with cx.live.futures_depth("BTCUSDT", limit=20) as book:
        book.wait(rows=1, seconds=30)
        assert book.spread > 0
        assert book.mid is not None
        assert -1 <= book.imbalance() <= 1
        book._intake.book.is_verified = False
        assert (None, None, None) == (book.spread, book.mid, book.imbalance())
        assert "unverified" == book.state
        with pytest.warns(cx.UnverifiedWarning, match="BTCUSDT"):
            assert not book.df.attrs["coinex"]["book"]["verified"]
        book.df  # noqa: B018  # told once


def test_the_book_streamed_is_the_book_answered(exchange):
    """At a clock that stands still, the book of a stream and the book over HTTP are the same, level by level."""
    exchange(speed=0.0, now="2026-06-01 12:00")
    with cx.live.futures_depth("BTCUSDT", limit=50) as book:
        live, asked = book.wait(rows=1, seconds=30).df, cx.futures_depth("BTCUSDT", limit=50)
        assert asked.equals(live)
        assert asked.attrs["coinex"]["book"]["checksum"] == live.attrs["coinex"]["book"]["checksum"]
        assert str(live["price"].iloc[0]) == str(float(book.levels("decimal")["price"].iloc[0]))


def test_a_stalled_feed_is_stale(exchange):
    """Values that stand still while updated_at moves on are stale, whatever acks and pongs say."""
    sandbox = exchange()
    with cx.live.futures_bbo("BTCUSDT", stale_after=1.0) as stream:
        stream.wait(rows=3, seconds=30)
        sandbox.faults.set({"stalled_feed": [1]})
        assert until(lambda: "stale" == stream.state, 20), stream.status()
        before = stream.stats.rows
        stream.wait(rows=before + 3, seconds=30)
        assert "stale" == stream.state


@pytest.mark.usefixtures("quick_rhythm")
def test_an_acknowledged_market_that_stays_silent_is_named(exchange):
    """A market that was acknowledged and never sends is reported by name; the others are not."""
    exchange()
    with cx.live.futures_tickers("BTCUSDT", "NOPEUSDT") as stream:
        stream.wait(rows=2, seconds=30)
        assert until(lambda: ("NOPEUSDT",) == stream.silent, 10)
        assert ("NOPEUSDT",) == stream.status().silent


@pytest.mark.usefixtures("quick_rhythm")
def test_silence_after_an_acknowledgement_is_named(exchange):
    """A subscription that is acknowledged and never served is silent, not live."""
    exchange(faults={"silent_ack": 1.0})
    with cx.live.futures_tickers("BTCUSDT", stale_after=1.0) as stream:
        assert until(lambda: ("BTCUSDT",) == stream.silent, 10)
        assert "stale" == stream.state


def test_refused_connections_are_tried_again(exchange):
    """A server that refuses is asked again, with pauses, until it takes the connection."""
    sandbox = exchange(faults={"refuse_socket": [1, 2, 3]})
    with cx.live.futures_deals("BTCUSDT") as stream:
        assert "connecting" == stream.state
        stream.wait(rows=1, seconds=30)
        assert 3 == sandbox.sockets.refused
        assert 0 == len(stream.gaps)


def test_a_stream_that_shall_not_reconnect_ends(exchange):
    """With reconnect=False a lost connection ends the stream, with an open gap."""
    sandbox = exchange()
    with cx.live.futures_deals("BTCUSDT", reconnect=False) as stream:
        stream.wait(rows=1, seconds=30)
        sandbox.sockets.drop()
        assert until(lambda: "stopped" == stream.state)
        assert stream.gaps["end"].isna().all()
        assert 1 == len(stream.gaps)


def test_an_exchange_that_froze_is_stale(exchange):
    """The state of 2026-09-23: one push each, then silence; books empty with a checksum of 0, and verified."""
    exchange(faults="frozen")
    with (
        cx.live.futures_tickers("BTCUSDT", stale_after=1.0) as tickers,
        cx.live.futures_depth("BTCUSDT", stale_after=1.0) as book,
    ):
        tickers.wait(rows=1, seconds=30)
        book.wait(rows=1, seconds=30)
        assert until(lambda: ("stale", "stale") == (tickers.state, book.state), 10)
        with pytest.warns(cx.StaleDataWarning):
            frame = book.df
        assert 0 == len(frame)
        assert frame.attrs["coinex"]["book"]["verified"]


def test_many_faults_at_once_lose_nothing(exchange):
    """Half a minute of everything: the deals are whole, each once."""
    sandbox = exchange(
        speed=300.0,
        faults={
            "drop_socket": 0.02,
            "corrupt_gzip": 0.05,
            "truncate_push": 0.03,
            "duplicate_push": 0.1,
            "reorder_push": 0.1,
            "delay_push": 0.05,
            "late_ack": 0.3,
            "busy": 0.1,
            "refuse_socket": 0.2,
        },
    )
    with cx.live.futures_deals("BTCUSDT", "ETHUSDT") as stream:
        stream.wait(rows=110, seconds=60)
        time.sleep(4)
        sandbox.faults.set(None)
        assert until(lambda: "live" == stream.state and stream.gaps["end"].notna().all(), 60), stream.gaps
        stream.wait(rows=stream.stats.rows + 20, seconds=60)
        frame, gaps = stream.df, stream.gaps
    assert gaps["refilled"].all(), gaps
    for market in ("BTCUSDT", "ETHUSDT"):
        ids = frame.loc[frame["market"] == market, "deal_id"].to_list()
        assert listed_between(market, ids[0], ids[-1]) == ids


def test_every_fault_is_looked_at():
    """No socket fault of the sandbox is left out here."""
    other = {"wrong_checksum", "flip_level", "stalled_feed", "silent_ack", "refuse_socket"}
    assert set(SOCKET_FAULTS) == {*LOSING, *HARMLESS, *other}


def test_a_gap_says_why_it_could_not_be_recovered(exchange):
    """Where the exchange answers no question about what was missed, the gap tells what it answered instead."""
    sandbox = exchange(speed=300.0)
    with cx.live.futures_deals("BTCUSDT", session=cx.Session(sandbox.venue, retries=0)) as stream:
        stream.wait(rows=60, seconds=30)
        sandbox.faults.set({"bad_gateway": 1.0})
        sandbox.sockets.drop()
        assert until(lambda: len(stream.gaps) and stream.gaps["end"].notna().all(), 60), stream.gaps
        gap = stream.gaps.iloc[0]
    assert not gap["refilled"]
    assert "broke off" in gap["cause"]
    assert "not recovered: NoAnswer: GET /futures/deals" in gap["cause"]
