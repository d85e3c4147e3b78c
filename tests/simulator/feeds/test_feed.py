"""What is pushed and when, without sockets: the rhythms, the books that deltas build, the agreement with HTTP."""

from __future__ import annotations

from decimal import Decimal

import pytest

from coinex_pandas.simulator.exchange import Exchange
from coinex_pandas.simulator.feeds.feed import Feed, StalledFeed
from coinex_pandas.simulator.feeds.snapshot import Snapshots
from coinex_pandas.simulator.market.book import checksum
from coinex_pandas.simulator.market.clock import Clock
from tests.simulator.connection import NOW, Connection, changes, one

# ---- agreement with HTTP


def test_spot_states_are_the_tickers_of_http():
    """All markets of the area, each row the one that HTTP gives."""
    connection = Connection("spot")
    connection.subscribe("state")
    assert connection.http("tickers") == one(connection.step())["state_list"]


def test_futures_states_are_the_tickers_and_the_funding_of_http():
    """The row of HTTP with the open interest under its other name, and the funding beside it."""
    connection = Connection()
    connection.subscribe("state")
    funding = {row["market"]: row for row in connection.http("funding_rates")}
    rows = {row["market"]: dict(row) for row in one(connection.step())["state_list"]}
    assert list(rows) == [row["market"] for row in connection.http("tickers")]
    for ticker in connection.http("tickers"):
        row = rows[ticker["market"]]
        assert Decimal(row.pop("insurance_fund_size")) > 0
        assert ticker.pop("open_interest_volume") == row.pop("open_interest_size")
        for name in ("latest_funding_rate", "next_funding_rate", "latest_funding_time", "next_funding_time"):
            assert funding[ticker["market"]][name] == row.pop(name)
        assert ticker == row


@pytest.mark.parametrize("seconds", [0, 0.123, 47, 61, 3600])
def test_futures_funding_agrees_at_any_time(seconds):
    """Funding is computed once a minute only, and is never an old one."""
    connection = Connection()
    connection.subscribe("state", "BTCUSDT", "PEPEUSDT")
    connection.step()
    rows = one(connection.step(8 * 3600 - 120 + seconds))["state_list"]
    for told, asked in zip(rows, connection.http("funding_rates", market="BTCUSDT,PEPEUSDT"), strict=True):
        for name in ("latest_funding_rate", "next_funding_rate", "latest_funding_time", "next_funding_time"):
            assert asked[name] == told[name]


@pytest.mark.parametrize("limit", [5, 10, 20, 50])
@pytest.mark.parametrize("interval", ["0", "0.1", "10", "0.000000000001"])
def test_books_are_those_of_http(connection, limit, interval):
    """A full push is HTTP's answer, at every limit and interval."""
    connection.feed.depth.subscribe_books([("BTCUSDT", limit, interval, True)])
    for seconds in (0, 60):
        told = one(connection.step(seconds))
        assert connection.http("depth", market="BTCUSDT", limit=str(limit), interval=interval) == told


def test_deals_are_those_of_http(connection):
    """First the newest fifty, then exactly those that happen, whatever the steps."""
    connection.subscribe("deals", "BTCUSDT", "GRINUSDT")
    pushes = connection.step()
    seen = {push.data["market"]: push.data["deal_list"] for push in pushes}
    assert {50} == {len(rows) for rows in seen.values()} == {push.rows for push in pushes}
    for seconds in [0.001, 0.2, 5, 61, 0.2, 3600, 40_000]:
        for push in connection.step(seconds):
            assert "deals.update" == push.method
            seen[push.data["market"]] = push.data["deal_list"] + seen[push.data["market"]]
    for market, rows in seen.items():
        assert connection.http("deals", market=market, limit=str(min(1000, len(rows)))) == rows[:1000]
        ids = [row["deal_id"] for row in rows]
        assert sorted(set(ids), reverse=True) == ids


def test_a_long_absence_is_pushed_in_parts():
    """No push holds more than a thousand deals, and the parts come oldest first; a day at a time."""
    connection = Connection("spot")
    connection.subscribe("deals", "BTCUSDT")
    last = one(connection.step())["deal_list"][0]["deal_id"]
    first, second = connection.step(30 * 3600), connection.step()
    assert 5 < len(first) < 15
    for push in first + second:
        rows = push.data["deal_list"]
        assert 1 <= len(rows) == push.rows <= 1000
        assert rows[-1]["deal_id"] > last
        last = rows[0]["deal_id"]
    assert connection.http("deals", market="BTCUSDT", limit="1")[0]["deal_id"] == last
    assert [] == connection.step()


def test_index_is_that_of_http(connection):
    """Index prices agree with the list, mark prices with the ticker."""
    connection.subscribe("index", "BTCUSDT", "ETHUSDT")
    for seconds in (0, 5, 12.345):
        told = {push.data["market"]: push.data for push in connection.step(seconds)}
        assert 2 == len(told)
        for row in connection.http("index_prices", market="BTCUSDT,ETHUSDT"):
            assert row["price"] == told[row["market"]]["index_price"]
        if connection.area == "futures":
            for row in connection.http("tickers", market="BTCUSDT,ETHUSDT"):
                assert row["mark_price"] == told[row["market"]]["mark_price"]


def test_bbo_is_the_top_of_the_book_of_http(connection):
    """Best prices and sizes are the first level of the book."""
    connection.subscribe("bbo", "BTCUSDT")
    told = one(connection.step())
    depth = connection.http("depth", market="BTCUSDT", limit="5", interval="0")["depth"]
    assert depth["bids"][0] == (told["best_bid_price"], told["best_bid_size"])
    assert depth["asks"][0] == (told["best_ask_price"], told["best_ask_size"])
    assert depth["updated_at"] == told["updated_at"]


def test_premium_is_that_of_the_history_at_full_ten_minutes():
    """At each ten-minute mark the push is the row of the history; in between it moves from one to the next."""
    connection = Connection(now=NOW // 600_000 * 600_000)
    connection.subscribe("premium", "BTCUSDT", "PEPEUSDT")
    for _ in range(4):
        for push in connection.step():
            (row,) = connection.http("premium_index_history", market=push.data["market"], limit="1000")[-1:]
            assert (row["created_at"], row["premium_index"]) == (push.data["updated_at"], push.data["premium_index"])
        assert 100 < sum(changes(connection, 59, 10)) <= 118
        connection.exchange.clock.advance(10)


# ---- rhythms


def test_nothing_changes_while_the_clock_stands(connection):
    """Every channel gives its first push at once and then nothing."""
    connection.subscribe("state")
    connection.feed.depth.subscribe_books([("BTCUSDT", 5, "0", True), ("ETHUSDT", 50, "0.1", False)])
    for channel in ("deals", "index", "bbo"):
        connection.subscribe(channel, "BTCUSDT")
    methods = [push.method for push in connection.step()]
    assert ["depth", "depth", "state", "deals", "index", "bbo"] == [method.split(".")[0] for method in methods]
    assert [0, 0, 0] == changes(connection, 3, 0)


def test_index_comes_every_five_seconds(connection):
    """Changed or not, and not earlier."""
    connection.subscribe("index", "BTCUSDT")
    assert [1, 0, 0, 0, 0, 1, 0] == [len(connection.step(seconds)) for seconds in (0, 1, 1, 1, 1.9, 0.1, 1)]


def test_states_are_bundled_and_only_the_changed_ones():
    """One push for all; on a quiet exchange only those rows that differ."""
    connection = Connection("spot")
    connection.subscribe("state")
    before = {row["market"]: row for row in one(connection.step())["state_list"]}
    counts = []
    for _ in range(20):
        connection.exchange.clock.advance(0.2)
        after = {row["market"]: row for row in connection.http("tickers")}
        changed = [row for name, row in after.items() if row != before[name]]
        pushed = [row for push in connection.step() for row in push.data["state_list"]]
        assert changed == pushed
        counts.append(len(changed))
        before = after
    assert 0 < sum(counts) < 20 * len(before) / 2


def test_bbo_comes_when_it_changes(connection):
    """No push repeats the one before, and a change is pushed at once."""
    connection.subscribe("bbo", "BTCUSDT")
    last = None
    pushed = 0
    for _ in range(200):
        depth = connection.http("depth", market="BTCUSDT", limit="5", interval="0")["depth"]
        best = (*depth["bids"][0], *depth["asks"][0])
        pushes = connection.step()
        assert (best != last) == bool(pushes)
        pushed += len(pushes)
        last = best
        connection.exchange.clock.advance(0.2)
    assert 20 < pushed < 200


@pytest.mark.parametrize(("limit", "interval"), [(5, "0"), (10, "0.01"), (20, "1"), (50, "0"), (50, "0.0000001")])
def test_deltas_build_the_whole_book(connection, limit, interval):
    """After every push the book kept by a client is the one that HTTP answers, and its checksum fits."""
    markets = ("BTCUSDT", "SOLBTC" if connection.area == "spot" else "PEPEUSDT")
    connection.feed.depth.subscribe_books([(market, limit, interval, False) for market in markets])
    books = {market: {"bids": {}, "asks": {}} for market in markets}
    whole = []
    for seconds in (0, *[0.2] * 40, 51.8, *[0.2] * 20):
        for push in connection.step(seconds):
            whole += [connection.exchange.clock.now_ms() - NOW] if push.data["is_full"] else []
            merge(books[push.data["market"]], push.data)
        for market, book in books.items():
            bids, asks = levels(book)
            asked = connection.http("depth", market=market, limit=str(limit), interval=interval)["depth"]
            assert (asked["bids"], asked["asks"]) == (bids, asks)
            assert asked["checksum"] == checksum(bids, asks)
    assert [0, 0, 60_000, 60_000] == whole


def merge(book, data):
    """Apply a push to a client's book."""
    for side in ("bids", "asks"):
        if data["is_full"]:
            book[side] = {}
        for price, amount in data["depth"][side]:
            if Decimal(amount):
                book[side][price] = amount
            else:
                del book[side][price]


def levels(book):
    """Return a client's book, best levels first."""
    return tuple(
        sorted(book[side].items(), key=lambda level: Decimal(level[0]), reverse=side == "bids")
        for side in ("bids", "asks")
    )


def test_deltas_have_zeros_and_carry_the_checksum_of_the_whole(connection):
    """Levels that leave the window have amount "0", and the checksum is that of the whole book."""
    connection.feed.depth.subscribe_books([("BTCUSDT", 20, "0", False)])
    connection.step()
    zeros = pushes = 0
    for _ in range(100):
        for push in connection.step(0.2):
            assert not push.data["is_full"]
            depth = push.data["depth"]
            assert 0 < len(depth["bids"]) + len(depth["asks"]) < 40
            zeros += sum(amount == "0" for side in ("bids", "asks") for _, amount in depth[side])
            full = connection.http("depth", market="BTCUSDT", limit="20", interval="0")["depth"]
            assert (full["checksum"], full["last"]) == (depth["checksum"], depth["last"])
            pushes += 1
    assert pushes > 30
    assert zeros > 10


def test_whole_books_stay_whole_and_an_unchanged_one_is_silent(connection):
    """With if_full every push is whole; while no level changes there is none."""
    connection.feed.depth.subscribe_books([("BTCUSDT", 5, "0", True)])
    asked, steps = None, []
    for _ in range(100):
        book = connection.http("depth", market="BTCUSDT", limit="5", interval="0")["depth"]
        pushes = connection.step()
        assert (asked is None or (book["bids"], book["asks"]) != asked) == bool(pushes)
        assert all(push.data["is_full"] for push in pushes)
        asked = (book["bids"], book["asks"])
        steps.append(len(pushes))
        connection.exchange.clock.advance(0.2)
    assert 1 < sum(steps) < 100


def test_a_whole_book_comes_every_minute():
    """Also where nothing changes: 60 s after the last whole one, and not before."""
    connection = Connection("futures", "frozen")
    connection.feed.depth.subscribe_books([("BTCUSDT", 5, "0", False)])
    first = one(connection.step())["depth"]
    assert 0 == sum(changes(connection, 59, 1))
    again = one(connection.step(1))
    assert (True, 60_000) == (again["is_full"], again["depth"]["updated_at"] - first["updated_at"])


# ---- when trading has ended


@pytest.mark.parametrize("area", ["spot", "futures"])
def test_frozen_channels_are_as_observed(area):
    """One state, one book (an empty one on futures), and silence everywhere else."""
    connection = Connection(area, "frozen")
    for channel in connection.feed.channels:
        connection.subscribe(channel, "BTCUSDT")
    connection.feed.depth.subscribe_books([("BTCUSDT", 50, "0", True)])
    book, state = connection.step()
    assert ("depth.update", "state.update") == (book.method, state.method)
    assert book.data["is_full"]
    if area == "futures":
        depth = book.data["depth"]
        assert ([], [], 0) == (depth["asks"], depth["bids"], depth["checksum"])
        assert "552.725" == state.data["state_list"][0]["open_interest_size"]
    assert "0" == state.data["state_list"][0]["volume"]
    assert 0 == sum(changes(connection, 28, 1))


def test_thawing_brings_pushes_back():
    """Without the fault every channel pushes again."""
    connection = Connection("futures", "frozen")
    for channel in connection.feed.channels:
        connection.subscribe(channel, "BTCUSDT")
    connection.feed.depth.subscribe_books([("BTCUSDT", 5, "0", False)])
    connection.step()
    connection.exchange.faults.set(None)
    assert 6 == len({push.method for push in connection.step()})
    connection.exchange.faults.set({"frozen": 0.5})  # now and then over HTTP only
    assert {"state.update", "premium.update"} <= {push.method for push in connection.step(30)}


# ---- when values stand still


def test_a_standstill_repeats_old_values_with_new_times():
    """All but deals come again at their rhythm, with another updated_at and nothing else."""
    connection = Connection()
    for channel in ("state", "deals", "index", "bbo", "premium"):
        connection.subscribe(channel, "BTCUSDT")
    connection.feed.depth.subscribe_books([("BTCUSDT", 5, "0", False)])
    before = {push.method: push.data for push in connection.step()}
    still = StalledFeed(connection.feed, NOW)
    assert [] == list(still.due(NOW + 199))
    connection.step(3)
    quick = {push.method: push.data for push in still.due(NOW + 3000)}
    assert {"state.update", "bbo.update", "premium.update", "depth.update"} == set(quick)
    assert before["state.update"] == quick["state.update"]
    for method in ("bbo.update", "premium.update"):
        assert before[method] | {"updated_at": NOW + 3000} == quick[method]
    assert before["depth.update"]["depth"] | {"updated_at": NOW + 3000} == quick["depth.update"]["depth"]
    assert before["index.update"] in [push.data for push in still.due(NOW + 5000)]


# ---- one view for all


def test_connections_share_what_is_computed(connection):
    """Two feeds of the same instant get the very same pushes; the frame is packed once."""
    other = Feed(connection.area)
    for feed in (connection.feed, other):
        feed.channels["bbo"].subscribe(["BTCUSDT"])
        feed.channels["deals"].subscribe(["BTCUSDT"])
        feed.depth.subscribe_books([("BTCUSDT", 5, "0", False)])
    for _ in range(10):
        connection.exchange.clock.advance(7)
        mine, theirs = (list(feed.due(connection.snapshots.now(connection.area))) for feed in (connection.feed, other))
        assert [id(push) for push in mine] == [id(push) for push in theirs]
        assert all(one.frame is two.frame for one, two in zip(mine, theirs, strict=True))


def test_a_running_clock_gives_one_view_for_twenty_milliseconds():
    """Close instants share a view; a clock that stands or jumps never gives an old one."""
    exchange = Exchange(0, Clock(NOW, speed=0))
    snapshots = Snapshots(exchange)
    first = snapshots.now("futures")
    assert first is snapshots.now("futures")
    exchange.clock.advance(0.001)
    assert first is not snapshots.now("futures")
    exchange.clock.speed = 1.0
    exchange.clock.now_ms = lambda: NOW + 100
    second = snapshots.now("futures")
    exchange.clock.now_ms = lambda: NOW + 119
    assert second is snapshots.now("futures")
    exchange.clock.now_ms = lambda: NOW + 121
    assert second is not snapshots.now("futures")
