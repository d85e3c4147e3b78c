"""Subscriptions: what adds up, what replaces, what an empty list means, and how they end."""

from __future__ import annotations

import pytest

from tests.simulator.stage import Stage, changes, one


def test_an_empty_list_is_all_markets_where_documented():
    """State and deals on both sockets, index on futures; else it is acknowledged and silent."""
    for area in ("spot", "futures"):
        stage = Stage(area)
        count = len(stage.http("markets"))
        found = {}
        for channel in stage.feed.channels:
            stage.subscribe(channel)
            found[channel] = len({name for push in stage.step() for name in push.markets})
            stage.feed.channels[channel].unsubscribe([])
        auction = 1 if area == "spot" else 0  # a market before its opening has no deals
        expected = {"depth": 0, "state": count, "deals": count - auction, "bbo": 0}
        expected |= {"index": 0} if area == "spot" else {"index": count, "premium": 0}
        assert expected == found


def test_a_state_subscription_replaces_the_former():
    """Only the markets of the newest one are pushed, each at once."""
    stage = Stage()
    stage.subscribe("state", "BTCUSDT", "ETHUSDT")
    stage.step()
    stage.subscribe("state", "ETHUSDT")
    assert [("ETHUSDT",)] == [push.markets for push in stage.step(0)]
    stage.subscribe("state")
    assert 40 < len(one(stage.step())["state_list"])


@pytest.mark.parametrize("channel", ["deals", "bbo", "index"])
def test_other_subscriptions_add_up(stage, channel):
    """A second one leaves the first in place, and naming a market again begins nothing anew."""
    stage.subscribe(channel, "BTCUSDT")
    stage.step()
    stage.subscribe(channel, "BTCUSDT", "ETHUSDT")
    assert [("ETHUSDT",)] == [push.markets for push in stage.step()]
    pushed = {name for _ in range(100) for push in stage.step(1) for name in push.markets}
    assert {"BTCUSDT", "ETHUSDT"} == pushed


def test_depth_adds_up_and_other_settings_begin_with_a_whole_book(stage):
    """The last settings of a market win."""
    stage.feed.depth.wish([("BTCUSDT", 5, "0", False)])
    stage.feed.depth.wish([("ETHUSDT", 5, "0", False)])
    assert ["BTCUSDT", "ETHUSDT"] == [push.data["market"] for push in stage.step()]
    stage.feed.depth.wish([("BTCUSDT", 5, "0", False)])
    assert [] == stage.step()
    stage.feed.depth.wish([("BTCUSDT", 10, "0", False)])
    told = one(stage.step())
    assert (True, 10) == (told["is_full"], len(told["depth"]["bids"]))


@pytest.mark.parametrize(("limit", "interval"), [(30, "0"), (0, "0"), (5, "0.3"), (5, "")])
def test_odd_limits_and_intervals_change_nothing(stage, limit, interval):
    """They are acknowledged, and what was subscribed before goes on."""
    stage.feed.depth.wish([("BTCUSDT", 5, "0", True), ("ETHUSDT", limit, interval, True)])
    stage.feed.depth.wish([("BTCUSDT", limit, interval, True)])
    assert 5 == len(one(stage.step())["depth"]["bids"])


def test_unsubscribing_ends_pushes(stage):
    """By name, all at once, and by name after all were wanted."""
    for channel in ("deals", "bbo", "index", "state"):
        stage.subscribe(channel, "BTCUSDT", "ETHUSDT")
        stage.step()
        stage.feed.channels[channel].unsubscribe(["ETHUSDT"])
        names = {name for _ in range(60) for push in stage.step(2) for name in push.markets}
        stage.feed.channels[channel].unsubscribe([])
        assert {"BTCUSDT"} == names
        assert 0 == sum(changes(stage, 10, 10))
    stage.subscribe("deals")
    stage.feed.channels["deals"].unsubscribe(["BTCUSDT"])
    names = {name for push in stage.step() for name in push.markets}
    assert (False, True) == ("BTCUSDT" in names, "ETHUSDT" in names)
    stage.subscribe("deals", "BTCUSDT")
    assert [("BTCUSDT",)] == [push.markets for push in stage.step()]


def test_depth_is_unsubscribed_by_plain_names(stage):
    """One market, then the rest; a market that comes back begins with a whole book."""
    stage.feed.depth.wish([(name, 5, "0", False) for name in ("BTCUSDT", "ETHUSDT", "SOLUSDT")])
    stage.step()
    stage.feed.depth.unsubscribe(["ETHUSDT"])
    assert {"BTCUSDT", "SOLUSDT"} == {push.data["market"] for push in stage.step(30)}
    stage.feed.depth.unsubscribe([])
    assert [] == stage.step(30)
    stage.feed.depth.wish([("BTCUSDT", 5, "0", False)])
    assert one(stage.step())["is_full"]


def test_unsubscribing_in_the_middle_of_a_round_counts_at_once():
    """A round that is being pushed leaves out what is no longer wanted."""
    stage = Stage()
    stage.subscribe("bbo", "BTCUSDT", "ETHUSDT")
    found = []
    for push in stage.feed.due(stage.views.now("futures")):
        found.append(push.data["market"])
        stage.feed.channels["bbo"].unsubscribe([])
    assert ["BTCUSDT"] == found


def test_unknown_and_delisted_markets_are_silent(stage):
    """Nothing is ever pushed for a market that is not listed."""
    names = ("NOPEUSDT", "EOSUSDT", "btcusdt", "")
    for channel in ("state", "deals", "index", "bbo"):
        stage.subscribe(channel, *names)
    stage.feed.depth.wish([(name, 5, "0", True) for name in names])
    assert 0 == sum(changes(stage, 5, 61))


def test_a_market_that_is_delisted_falls_silent():
    """Its pushes end when it leaves the lists."""
    stage = Stage()
    stage.subscribe("state")
    assert "LRCUSDT" in {row["market"] for row in one(stage.step())["state_list"]}
    stage.exchange.clock.advance(10 * 86_400)
    assert "LRCUSDT" not in {row["market"] for row in one(stage.step())["state_list"]}


def test_new_subscriptions_can_be_served_alone(stage):
    """On request only what was never shown comes; the rest waits for its turn."""
    for channel in ("state", "deals", "index", "bbo"):
        stage.subscribe(channel, "BTCUSDT")
    stage.feed.depth.wish([("BTCUSDT", 5, "0", False)])
    stage.step()
    stage.subscribe("bbo", "ETHUSDT")
    assert [("bbo.update", ("ETHUSDT",))] == [(p.method, p.markets) for p in stage.step(60, new_only=True)]
    assert {"BTCUSDT"} == {push.data["market"] for push in stage.step() if push.method == "depth.update"}
