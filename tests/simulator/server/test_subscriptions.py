"""Subscriptions: what adds up, what replaces, what an empty list means, and how they end."""

from __future__ import annotations

import pytest

from tests.simulator.connection import Connection, changes, one


def test_an_empty_list_is_all_markets_where_documented():
    """State and deals on both sockets, index on futures; else it is acknowledged and silent."""
    for area in ("spot", "futures"):
        connection = Connection(area)
        count = len(connection.http("markets"))
        found = {}
        for channel in connection.feed.channels:
            connection.subscribe(channel)
            found[channel] = len({name for push in connection.step() for name in push.markets})
            connection.feed.channels[channel].unsubscribe([])
        auction = 1 if area == "spot" else 0  # a market before its opening has no deals
        expected = {"depth": 0, "state": count, "deals": count - auction, "bbo": 0}
        expected |= {"index": 0} if area == "spot" else {"index": count, "premium": 0}
        assert expected == found


def test_a_state_subscription_replaces_the_former():
    """Only the markets of the newest one are pushed, each at once."""
    connection = Connection()
    connection.subscribe("state", "BTCUSDT", "ETHUSDT")
    connection.step()
    connection.subscribe("state", "ETHUSDT")
    assert [("ETHUSDT",)] == [push.markets for push in connection.step(0)]
    connection.subscribe("state")
    assert 40 < len(one(connection.step())["state_list"])


@pytest.mark.parametrize("channel", ["deals", "bbo", "index"])
def test_other_subscriptions_add_up(connection, channel):
    """A second one leaves the first in place, and naming a market again begins nothing anew."""
    connection.subscribe(channel, "BTCUSDT")
    connection.step()
    connection.subscribe(channel, "BTCUSDT", "ETHUSDT")
    assert [("ETHUSDT",)] == [push.markets for push in connection.step()]
    pushed = {name for _ in range(100) for push in connection.step(1) for name in push.markets}
    assert {"BTCUSDT", "ETHUSDT"} == pushed


def test_depth_adds_up_and_other_settings_begin_with_a_whole_book(connection):
    """The last settings of a market win."""
    connection.feed.depth.subscribe_books([("BTCUSDT", 5, "0", False)])
    connection.feed.depth.subscribe_books([("ETHUSDT", 5, "0", False)])
    assert ["BTCUSDT", "ETHUSDT"] == [push.data["market"] for push in connection.step()]
    connection.feed.depth.subscribe_books([("BTCUSDT", 5, "0", False)])
    assert [] == connection.step()
    connection.feed.depth.subscribe_books([("BTCUSDT", 10, "0", False)])
    told = one(connection.step())
    assert (True, 10) == (told["is_full"], len(told["depth"]["bids"]))


@pytest.mark.parametrize(("limit", "interval"), [(30, "0"), (0, "0"), (5, "0.3"), (5, "")])
def test_odd_limits_and_intervals_change_nothing(connection, limit, interval):
    """They are acknowledged, and what was subscribed before goes on."""
    connection.feed.depth.subscribe_books([("BTCUSDT", 5, "0", True), ("ETHUSDT", limit, interval, True)])
    connection.feed.depth.subscribe_books([("BTCUSDT", limit, interval, True)])
    assert 5 == len(one(connection.step())["depth"]["bids"])


def test_unsubscribing_ends_pushes(connection):
    """By name, all at once, and by name after all were wanted."""
    for channel in ("deals", "bbo", "index", "state"):
        connection.subscribe(channel, "BTCUSDT", "ETHUSDT")
        connection.step()
        connection.feed.channels[channel].unsubscribe(["ETHUSDT"])
        names = {name for _ in range(60) for push in connection.step(2) for name in push.markets}
        connection.feed.channels[channel].unsubscribe([])
        assert {"BTCUSDT"} == names
        assert 0 == sum(changes(connection, 10, 10))
    connection.subscribe("deals")
    connection.feed.channels["deals"].unsubscribe(["BTCUSDT"])
    names = {name for push in connection.step() for name in push.markets}
    assert (False, True) == ("BTCUSDT" in names, "ETHUSDT" in names)
    connection.subscribe("deals", "BTCUSDT")
    assert [("BTCUSDT",)] == [push.markets for push in connection.step()]


def test_depth_is_unsubscribed_by_plain_names(connection):
    """One market, then the rest; a market that comes back begins with a whole book."""
    connection.feed.depth.subscribe_books([(name, 5, "0", False) for name in ("BTCUSDT", "ETHUSDT", "SOLUSDT")])
    connection.step()
    connection.feed.depth.unsubscribe(["ETHUSDT"])
    assert {"BTCUSDT", "SOLUSDT"} == {push.data["market"] for push in connection.step(30)}
    connection.feed.depth.unsubscribe([])
    assert [] == connection.step(30)
    connection.feed.depth.subscribe_books([("BTCUSDT", 5, "0", False)])
    assert one(connection.step())["is_full"]


def test_unsubscribing_in_the_middle_of_a_round_counts_at_once():
    """A round that is being pushed leaves out what is no longer wanted."""
    connection = Connection()
    connection.subscribe("bbo", "BTCUSDT", "ETHUSDT")
    found = []
    for push in connection.feed.due(connection.snapshots.now("futures")):
        found.append(push.data["market"])
        connection.feed.channels["bbo"].unsubscribe([])
    assert ["BTCUSDT"] == found


def test_unknown_and_delisted_markets_are_silent(connection):
    """Nothing is ever pushed for a market that is not listed."""
    names = ("NOPEUSDT", "EOSUSDT", "btcusdt", "")
    for channel in ("state", "deals", "index", "bbo"):
        connection.subscribe(channel, *names)
    connection.feed.depth.subscribe_books([(name, 5, "0", True) for name in names])
    assert 0 == sum(changes(connection, 5, 61))


def test_a_market_that_is_delisted_falls_silent():
    """Its pushes end when it leaves the lists."""
    connection = Connection()
    connection.subscribe("state")
    assert "LRCUSDT" in {row["market"] for row in one(connection.step())["state_list"]}
    connection.exchange.clock.advance(10 * 86_400)
    assert "LRCUSDT" not in {row["market"] for row in one(connection.step())["state_list"]}


def test_new_subscriptions_can_be_served_alone(connection):
    """On request only what was never shown comes; the rest waits for its turn."""
    for channel in ("state", "deals", "index", "bbo"):
        connection.subscribe(channel, "BTCUSDT")
    connection.feed.depth.subscribe_books([("BTCUSDT", 5, "0", False)])
    connection.step()
    connection.subscribe("bbo", "ETHUSDT")
    assert [("bbo.update", ("ETHUSDT",))] == [(p.method, p.markets) for p in connection.step(60, new_only=True)]
    assert {"BTCUSDT"} == {push.data["market"] for push in connection.step() if push.method == "depth.update"}
