"""Every fault of the sandbox's sockets over real sockets: nothing is lost without a gap that says so."""

from __future__ import annotations

from collections import Counter

import pytest

import coinex_pandas as cx
from coinex_pandas.live.protocol import messages
from coinex_pandas.simulator.faults import SOCKET_FAULTS
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("returning")

LOSING = ["drop_socket", "restart_server", "corrupt_gzip", "truncate_push", "gzip_bomb", "giant_frame"]
HARMLESS = ["duplicate_push", "reorder_push", "delay_push", "late_ack"]
CAUSES = {
    "drop_socket": "broke off",
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


def assert_refilled(sandbox, fault, cause):
    """Have a fault strike the third frame from here on, and demand that nothing is missing and a gap tells why."""
    with cx.live.futures_deals("BTCUSDT") as stream:
        stream.wait(rows=60, seconds=60)
        sandbox.faults.set({fault: [3]})
        assert until(lambda: len(stream.gaps)), stream
        sandbox.faults.set(None)
        assert until(lambda: stream.gaps["end"].notna().all() and "live" == stream.state), stream.gaps
        stream.wait(rows=stream.stats.rows + 20, seconds=60)
        gaps = stream.gaps
        assert gaps["refilled"].all(), gaps
        assert gaps["cause"].str.contains(cause).any(), gaps["cause"].to_list()
        assert stream.df.attrs["coinex"]["complete"]
        assert_whole(stream)


@pytest.mark.parametrize("fault", LOSING)
def test_lost_deals_are_refilled_and_the_gap_says_so(exchange, fault):
    """After a frame or a connection is lost the deals are whole again, and a closed gap tells why."""
    assert_refilled(exchange(), fault, CAUSES[fault])


def test_deals_lost_on_a_connection_that_died_silently_are_refilled(exchange, impatient):
    """A connection that nothing comes from any more is given up, and the gap tells why."""
    assert_refilled(exchange(), "half_open", "no answer to a request")


@pytest.mark.parametrize("fault", HARMLESS)
def test_deals_that_come_twice_late_or_out_of_order_are_put_right(exchange, fault):
    """What the network repeats, swaps or delays makes no gap, and every deal stands once in its place."""
    sandbox = exchange(faults={fault: (0.4, 0.05) if fault == "delay_push" else 0.4})
    with cx.live.futures_deals("BTCUSDT") as stream:
        stream.wait(rows=150, seconds=60)
        sandbox.faults.set(None)
        stream.wait(rows=stream.stats.rows + 20, seconds=60)
        assert 0 == len(stream.gaps)
        assert_whole(stream)
        if fault == "duplicate_push":
            assert stream.stats.duplicates > 0


def test_a_bomb_costs_no_memory(exchange, monkeypatch):
    """A frame that would inflate to 128 MB is refused at the cap."""
    sizes = []
    honest = messages.unpack
    monkeypatch.setattr(
        "coinex_pandas.live.protocol.frames.unpack", lambda data: sizes.append(len(honest(data))) or honest(data)
    )
    sandbox = exchange()
    with cx.live.futures_deals("BTCUSDT") as stream:
        stream.wait(rows=1, seconds=60)
        sandbox.faults.set({"gzip_bomb": [1]})
        assert until(lambda: len(stream.gaps))
        assert all(size <= messages.MAX_UNPACKED for size in sizes)
        assert 1 == stream.stats.bad_frames


def test_prices_that_are_lost_stay_lost_and_the_gap_says_so(exchange):
    """Best prices cannot be asked for afterwards: what was sent and not received lies in gaps, and nothing else."""
    sandbox = exchange(speed=300.0)

    def sent_and_received():
        sent = [each.data for each in sandbox.sockets.sent if each.method == "bbo.update"]
        frame = stream.df
        received = list(zip(frame["market"], frame.index.astype("int64"), strict=True))
        return [(row["market"], row["updated_at"]) for row in sent], received

    def is_quiet():
        sent, received = sent_and_received()
        return sent[-1] == received[-1] and len(sent) == len(received) + len(missing(sent, received))

    def missing(sent, received):
        there = Counter(received)
        return [key for key in sent if not there[key]]

    with cx.live.futures_bbo("BTCUSDT", "ETHUSDT") as stream:
        stream.wait(rows=50, seconds=60)
        sandbox.faults.set({"drop_socket": [20], "corrupt_gzip": [7, 12]})
        assert until(lambda: len(stream.gaps) >= 3)
        sandbox.faults.set(None)
        stream.wait(rows=stream.stats.rows + 50, seconds=60)
        assert until(lambda: stream.gaps["end"].notna().all())
        sandbox.sockets.pause()
        assert until(is_quiet), sent_and_received()
        (sent, received), frame, gaps = sent_and_received(), stream.df, stream.gaps
    lost = missing(sent, received)
    assert not gaps["refilled"].any()
    assert not frame.attrs["coinex"]["complete"]
    assert 0 < len(lost) <= 6
    places = set(gaps["after_row"])
    for key in lost:  # each lies where a gap says that rows may be missing
        before = set(sent[: sent.index(key)])
        assert sum(one in before for one in received) in places


def test_a_book_that_does_not_fit_is_unverified_until_a_fresh_one_comes(exchange):
    """A wrong checksum or a flipped level is seen at that very push; a fresh book is fetched, and the gap told."""
    sandbox = exchange(speed=20.0)
    for fault in ("wrong_checksum", "flip_level", "corrupt_gzip"):
        with cx.live.futures_depth("BTCUSDT", limit=20) as book:
            book.wait(rows=3, seconds=60)
            sandbox.faults.set({fault: [2]})
            assert until(lambda book=book: len(book.gaps)), fault
            sandbox.faults.set(None)
            assert until(lambda book=book: book.gaps["end"].notna().all()), book.gaps
            book.wait(rows=book.stats.rows + 2, seconds=60)
            assert "live" == book.state
            told = book.df.attrs["coinex"]["book"]
            assert told["verified"]
            if fault != "corrupt_gzip":
                assert not book.history["verified"].all()


def test_an_unverified_book_gives_no_prices(exchange, monkeypatch):
    """While the book is unverified, spread, mid and imbalance are None."""
    exchange(speed=0.0, now="2026-06-01 12:00")
    with cx.live.futures_depth("BTCUSDT", limit=20) as book:
        book.wait(rows=1, seconds=60)
        assert book.spread > 0
        assert book.mid is not None
        assert -1 <= book.imbalance() <= 1
        book._buffer.book.is_verified = False
        assert (None, None, None) == (book.spread, book.mid, book.imbalance())
        assert "unverified" == book.state
        with pytest.warns(cx.UnverifiedWarning, match="BTCUSDT"):
            assert not book.df.attrs["coinex"]["book"]["verified"]
        book.df  # noqa: B018  # told once


def test_the_book_streamed_is_the_book_answered(exchange):
    """At a clock that stands still, the book of a stream and the book over HTTP are the same, level by level."""
    exchange(speed=0.0, now="2026-06-01 12:00")
    with cx.live.futures_depth("BTCUSDT", limit=50) as book:
        live, asked = book.wait(rows=1, seconds=60).df, cx.futures_depth("BTCUSDT", limit=50)
        assert asked.equals(live)
        assert asked.attrs["coinex"]["book"]["checksum"] == live.attrs["coinex"]["book"]["checksum"]
        assert str(live["price"].iloc[0]) == str(float(book.levels("decimal")["price"].iloc[0]))


def test_a_stalled_feed_is_stale(exchange):
    """Values that stand still while updated_at moves on are stale, whatever acks and pongs say."""
    sandbox = exchange()
    with cx.live.futures_bbo("BTCUSDT", stale_after=0.5) as stream:
        stream.wait(rows=3, seconds=60)
        sandbox.faults.set({"stalled_feed": [1]})
        assert until(lambda: "stalled_feed" in struck(sandbox))
        stream.wait(rows=stream.stats.rows + 3, seconds=60)
        assert until(lambda: "stale" == stream.state), stream.status()
        stream.wait(rows=stream.stats.rows + 3, seconds=60)
        assert "stale" == stream.state


@pytest.mark.usefixtures("quick_rhythm")
def test_an_acknowledged_market_that_stays_silent_is_named(exchange):
    """A market that was acknowledged and never sends is reported by name; the others are not."""
    exchange()
    with cx.live.futures_tickers("BTCUSDT", "NOPEUSDT") as stream:
        stream.wait(rows=2, seconds=60)
        assert until(lambda: ("NOPEUSDT",) == stream.silent)
        assert ("NOPEUSDT",) == stream.status().silent


@pytest.mark.usefixtures("quick_rhythm")
def test_silence_after_an_acknowledgement_is_named(exchange):
    """A subscription that is acknowledged and never served is silent, not live."""
    exchange(faults={"silent_ack": 1.0})
    with cx.live.futures_tickers("BTCUSDT", stale_after=0.5) as stream:
        assert until(lambda: ("BTCUSDT",) == stream.silent)
        assert "stale" == stream.state


def test_refused_connections_are_tried_again(exchange):
    """A server that refuses is asked again, with pauses, until it takes the connection."""
    sandbox = exchange(faults={"refuse_socket": 1.0})
    with cx.live.futures_deals("BTCUSDT") as stream:
        assert until(lambda: sandbox.sockets.refused >= 3)
        assert until(lambda: "lost" == stream.state)
        assert "no connection: " in repr(stream)
        sandbox.faults.set(None)
        stream.wait(rows=1, seconds=60)
        assert 0 == len(stream.gaps)


def test_a_stream_that_shall_not_reconnect_ends(exchange):
    """With reconnect=False a lost connection ends the stream, with an open gap."""
    sandbox = exchange()
    with cx.live.futures_deals("BTCUSDT", reconnect=False) as stream:
        stream.wait(rows=1, seconds=60)
        sandbox.sockets.drop()
        assert until(lambda: "stopped" == stream.state)
        assert stream.gaps["end"].isna().all()
        assert 1 == len(stream.gaps)


def test_an_exchange_that_froze_is_stale(exchange):
    """The state of 2026-09-23: one push each, then silence; books empty with a checksum of 0, and verified."""
    exchange(faults="frozen")
    with (
        cx.live.futures_tickers("BTCUSDT", stale_after=0.5) as tickers,
        cx.live.futures_depth("BTCUSDT", stale_after=0.5) as book,
    ):
        tickers.wait(rows=1, seconds=60)
        book.wait(rows=1, seconds=60)
        assert until(lambda: ("stale", "stale") == (tickers.state, book.state))
        with pytest.warns(cx.StaleDataWarning):
            frame = book.df
        assert 0 == len(frame)
        assert frame.attrs["coinex"]["book"]["verified"]


def test_many_faults_at_once_lose_nothing(exchange):
    """Until each has struck often: the deals are whole, each once."""
    frequent = {"corrupt_gzip", "truncate_push", "duplicate_push", "reorder_push", "delay_push", "drop_socket"}
    sandbox = exchange(
        faults={
            "drop_socket": 0.02,
            "corrupt_gzip": 0.05,
            "truncate_push": 0.03,
            "duplicate_push": 0.1,
            "reorder_push": 0.1,
            "delay_push": (0.05, 0.05),
            "late_ack": (0.3, 0.1),
            "busy": 0.1,
            "refuse_socket": 0.2,
        },
    )
    with cx.live.futures_deals("BTCUSDT", "ETHUSDT") as stream:
        stream.wait(rows=110, seconds=60)
        assert until(lambda: struck(sandbox) >= frequent and len(sandbox.sockets.sent) > 200)
        sandbox.faults.set(None)
        assert until(lambda: "live" == stream.state and stream.gaps["end"].notna().all()), stream.gaps
        stream.wait(rows=stream.stats.rows + 20, seconds=60)
        frame, gaps = stream.df, stream.gaps
    assert gaps["refilled"].all(), gaps
    for market in ("BTCUSDT", "ETHUSDT"):
        ids = frame.loc[frame["market"] == market, "deal_id"].to_list()
        assert listed_between(market, ids[0], ids[-1]) == ids


def struck(sandbox):
    """Return the faults that frames were struck by."""
    return {name for each in sandbox.sockets.sent for name in each.faults}


def test_every_fault_is_looked_at():
    """No socket fault of the sandbox is left out here."""
    other = {"half_open", "wrong_checksum", "flip_level", "stalled_feed", "silent_ack", "refuse_socket"}
    assert set(SOCKET_FAULTS) == {*LOSING, *HARMLESS, *other}


def test_a_gap_says_why_it_could_not_be_recovered(exchange):
    """Where the exchange answers no question about what was missed, the gap tells what it answered instead."""
    sandbox = exchange()
    with cx.live.futures_deals("BTCUSDT", session=cx.Session(sandbox.venue, retries=0)) as stream:
        stream.wait(rows=60, seconds=60)
        sandbox.faults.set({"bad_gateway": 1.0})
        sandbox.sockets.drop()
        assert until(lambda: len(stream.gaps) and stream.gaps["end"].notna().all()), stream.gaps
        gap = stream.gaps.iloc[0]
    assert not gap["refilled"]
    assert "broke off" in gap["cause"]
    assert "not recovered: NoAnswer: GET /futures/deals" in gap["cause"]
