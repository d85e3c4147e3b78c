"""Faults of the sockets: each can be seen by a client, on the frames and connections it is meant for."""

from __future__ import annotations

import json
import time
import zlib
from decimal import Decimal
from itertools import pairwise

import aiohttp
import pytest

from coinex_pandas.simulator.faults import SOCKET_FAULTS, Faults
from coinex_pandas.simulator.feeds.pushes import Push
from coinex_pandas.simulator.market.book import checksum
from coinex_pandas.simulator.server.socket_faults import ConnectionFaults, damaged
from tests.simulator.server.socket_client import wait

MARKET = {"market_list": ["BTCUSDT"]}
BOOK = {"market_list": [["BTCUSDT", 5, "0", True]]}


@pytest.fixture
def watch(still, sockets):
    """Give a starter of clients under a plan, which get a premium push with every second of the clock."""

    def start(faults=None, channel="premium"):
        still.faults.set(faults)
        client = sockets(still)
        client.send(f"{channel}.subscribe", BOOK if channel == "depth" else MARKET)
        return client

    return start


@pytest.fixture
def tick(still):
    """Give a stepper: move the clock by a second, so that one premium is due, and wait until it was dealt with."""

    def step(client, count=1):
        wait(lambda: client.hub.sent)
        for _ in range(count):
            before = len(client.hub.sent)
            still.clock.advance(1)
            wait(lambda before=before: len(client.hub.sent) > before)

    return step


def premiums(pushes):
    """Return the times of premium pushes."""
    return [push["data"]["updated_at"] for push in pushes]


def sent_faults(sent):
    """Return number, faults and whether it was written of each frame."""
    return [(one.number, one.faults, one.written) for one in sent]


# ---- frames that are late, twice, or gone


def test_duplicate_push(watch, tick):
    """The frame comes twice and is counted twice."""
    client = watch({"duplicate_push": [2]})
    client.push()
    tick(client)
    one, two = client.pushes(2)
    assert one == two
    assert [(1, (), True), (2, (), True), (2, ("duplicate_push",), True)] == sent_faults(client.hub.sent)
    assert (3, 3) == client.hub.counts[1]["premium.update"]


def test_reorder_push(watch, tick):
    """The frame comes after the next one."""
    client = watch({"reorder_push": [2]})
    client.push()
    before = len(client.hub.sent)
    client.hub._exchange.clock.advance(1)
    assert [] == client.quiet()
    assert before == len(client.hub.sent)
    tick(client)
    late, early = client.pushes(2)
    assert 1000 == premiums([late])[0] - premiums([early])[0]
    assert [(1, (), True), (3, (), True), (2, ("reorder_push",), True)] == sent_faults(client.hub.sent)


def test_reorder_push_without_a_next_one(watch, tick):
    """After half a second the frame comes all the same."""
    began = time.monotonic()
    client = watch({"reorder_push": [1]})
    client.push()
    assert time.monotonic() - began >= 0.5


@pytest.mark.parametrize(("rate", "seconds"), [([1], 0.3), (([1], 0.1), 0.1), ((1.0, 0.05), 0.05)])
def test_delay_push(watch, rate, seconds):
    """The frame is held back, for as long as the plan says."""
    began = time.monotonic()
    client = watch({"delay_push": rate})
    client.answer(1)
    client.push()
    assert time.monotonic() - began >= seconds
    assert [(1, ("delay_push",), True)] == sent_faults(client.hub.sent)


def test_drop_socket(watch, tick):
    """In place of the frame the connection ends, without a close frame; the next one counts anew."""
    client = watch({"drop_socket": [3]})
    tick(client, 2)
    assert 1006 == client.gone()
    assert 2 == len(client.received)
    assert (3, ("drop_socket",), False) == sent_faults(client.hub.sent)[-1]
    wait(lambda: {} == client.hub.connections)  # the client may know first
    again = watch({"drop_socket": [3]})
    assert 1 == len(again.pushes(1))


def test_half_open(watch, tick):
    """Neither pushes nor answers come any more, yet the connection stays; what was due is noted as not written."""
    client = watch({"half_open": [2]})
    client.push()
    client.hub.idle_after = 0.05
    tick(client, 3)
    client.send("server.ping", {})
    assert [] == client.quiet(0.2)
    assert {1} == set(client.answers)
    assert {1: "futures"} == client.hub.connections
    assert [(number, ("half_open",), False) for number in (2, 3, 4)] == sent_faults(client.hub.sent)[1:]
    assert (1, 1) == client.hub.counts[1]["premium.update"]
    wait(lambda: "server.ping" in [one.request["method"] for one in client.hub.received])


def test_restart_server(watch, tick, sockets, still, clock):
    """All connections end, none is taken for the time given, then the server is back."""
    other = sockets(still)
    client = watch({"restart_server": ([2], 0.3)})
    tick(client)
    assert [1006, 1006] == [one.gone() for one in (client, other)]
    clock.now += 0.25
    with pytest.raises(aiohttp.WSServerHandshakeError):
        sockets(still)
    clock.now += 0.1
    assert 0 == sockets(still).ask("server.ping")["code"]


# ---- subscriptions and upgrades


def test_silent_ack(watch, tick):
    """Acknowledged, and then nothing; the second subscription works."""
    client = watch({"silent_ack": [1]})
    assert 0 == client.answer(1)["code"]
    assert [] == client.quiet()
    assert 0 == client.ask("premium.subscribe", MARKET)["code"]
    client.push()


def test_late_ack_after_pushes(watch, tick):
    """The acknowledgement comes behind three pushes."""
    client = watch({"late_ack": ([1], 60)})
    tick(client, 2)
    client.answer(1)
    assert 3 == len(client.received)
    assert 0 == client.ask("server.ping")["code"]


def test_late_ack_after_a_time(watch):
    """Where fewer pushes come, the time ends it."""
    began = time.monotonic()
    client = watch({"late_ack": ([1], 0.2)})
    client.answer(1)
    assert time.monotonic() - began >= 0.2
    assert 1 == len(client.received)


def test_refuse_socket(still, sockets):
    """The first upgrades are answered with 503; numbers count upgrades."""
    hub = sockets(still).hub
    still.faults.set({"refuse_socket": [1, 3]})
    for refused in (True, False, True, False):
        if refused:
            with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
                sockets(still)
            assert 503 == refusal.value.status
        else:
            assert 0 == sockets(still).ask("server.ping")["code"]
    assert (3, 2) == (hub.opened, hub.refused)


# ---- frames that are wrong


def test_corrupt_gzip(watch):
    """The frame cannot be inflated."""
    client = watch({"corrupt_gzip": [1]})
    client.answer(1)
    with pytest.raises(zlib.error):
        zlib.decompress(client.raw(), 31)
    assert [("corrupt_gzip",)] == [one.faults for one in client.hub.sent]
    assert "BTCUSDT" == client.hub.sent[0].data["market"]


def test_truncate_push(watch):
    """A whole gzip member whose JSON stops."""
    client = watch({"truncate_push": [1]})
    client.answer(1)
    with pytest.raises(json.JSONDecodeError):
        json.loads(zlib.decompress(client.raw(), 31))


def test_gzip_bomb(watch, tick):
    """A small frame becomes more than a hundred megabytes; the next one is sound."""
    client = watch({"gzip_bomb": [1]})
    client.answer(1)
    frame = client.raw()
    assert len(frame) < 200_000
    inflater, size = zlib.decompressobj(31), 0
    while not inflater.eof:
        size += len(inflater.decompress(frame, 2**22))
        frame = inflater.unconsumed_tail
    assert size > 100 * 2**20
    tick(client)
    client.push()


def test_giant_frame(watch, tick):
    """Some twenty megabytes on the wire, JSON all the same."""
    client = watch({"giant_frame": [1]})
    client.answer(1)
    frame = client.raw()
    assert 20 * 2**20 < len(frame) < 21 * 2**20
    assert client.hub.sent[0].data == json.loads(zlib.decompress(frame, 31))["data"]
    tick(client)
    client.push()


@pytest.mark.parametrize(("fault", "right"), [("wrong_checksum", True), ("flip_level", False)])
def test_books_that_do_not_fit_their_checksum(watch, still, fault, right):
    """Either the checksum is wrong or one amount is; the note keeps the true book."""
    client = watch({fault: [1]}, "depth")
    depth = client.push()["data"]["depth"]
    true = client.hub.sent[0].data["depth"]
    assert true["checksum"] == checksum(true["bids"], true["asks"]) != checksum([], [])
    assert checksum(depth["bids"], depth["asks"]) != depth["checksum"]
    assert right == ((true["bids"], true["asks"]) == (depth["bids"], depth["asks"]))
    assert right == (true["checksum"] != depth["checksum"])
    assert (fault,) == client.hub.sent[0].faults
    still.clock.advance(61)
    depth = client.push()["data"]["depth"]
    assert checksum(depth["bids"], depth["asks"]) == depth["checksum"]


@pytest.mark.parametrize("amount", ["0", "9", "0.00000009", "1.50", "10"])
def test_a_flipped_level_is_another_amount_and_never_nothing(amount):
    """Whatever the amount; also a zero that takes a level away becomes one that sets it."""
    depth = {"asks": [], "bids": [("1.5", amount), ("1.4", "2")], "last": "1", "updated_at": 1, "checksum": 1}
    push = Push("depth.update", {"market": "A", "is_full": False, "depth": depth}, ("A",))
    frame, faults = damaged(push, frozenset({"flip_level"}))
    bids = json.loads(zlib.decompress(frame, 31))["data"]["depth"]["bids"]
    assert {"flip_level"} == faults
    assert Decimal(bids[0][1]) not in (Decimal(amount), 0)
    assert (["1.5", "1.4"], "2") == ([price for price, _ in bids], bids[1][1])


def test_faults_of_books_leave_other_frames_alone(watch):
    """A premium has no checksum to be wrong, and an empty book no level."""
    client = watch({"wrong_checksum": 1.0, "flip_level": 1.0})
    client.push()
    assert [()] == [one.faults for one in client.hub.sent]
    empty = {"asks": [], "bids": [], "last": "1", "updated_at": 1, "checksum": 0}
    push = Push("depth.update", {"market": "A", "is_full": True, "depth": empty}, ("A",))
    assert (push.frame, set()) == damaged(push, frozenset({"flip_level"}))


def test_stalled_feed(watch, still):
    """Values stand still while their times move on and pings are answered; what was true is noted."""
    client = watch({"stalled_feed": [2]})
    client.push()
    still.clock.advance(30)
    seen = [client.push()["data"]]
    for _ in range(4):
        still.clock.advance(30)
        seen.append(client.push()["data"])
        assert 0 == client.ask("server.ping")["code"]
    assert 1 == len({row["premium_index"] for row in seen})
    assert [30_000] * 4 == [after["updated_at"] - before["updated_at"] for before, after in pairwise(seen)]
    swallowed = [one.data["premium_index"] for one in client.hub.sent if not one.written]
    assert 4 == len(set(swallowed) - {seen[0]["premium_index"]})
    repeats = [one for one in client.hub.sent if one.written and one.faults == ("stalled_feed",)]
    assert 4 == len(repeats)


# ---- plans


def test_numbers_count_frames_of_each_connection():
    """Each connection has its own numbers, and a new plan begins to count again."""
    faults = Faults({"drop_socket": [2], "late_ack": [1]})
    one, two = ConnectionFaults(faults, 1), ConnectionFaults(faults, 2)
    assert [[], ["drop_socket"], []] == [sorted(one.frame()) for _ in range(3)]
    assert [[], ["drop_socket"]] == [sorted(two.frame()) for _ in range(2)]
    assert [["late_ack"], []] == [sorted(one.subscription()) for _ in range(2)]
    faults.set({"drop_socket": [2]})
    assert [[], ["drop_socket"]] == [sorted(one.frame()) for _ in range(2)]
    faults.set(None)
    assert [] == sorted(one.frame())


def test_rates_are_deterministic_and_differ_by_connection():
    """A rate hits its share of the frames, the same ones for the same seed."""
    plan = {"duplicate_push": 0.2}
    runs = [
        [bool(faults_of_one.frame()) for _ in range(1000)]
        for faults_of_one in (
            ConnectionFaults(Faults(plan, 7), 1),
            ConnectionFaults(Faults(plan, 7), 1),
            ConnectionFaults(Faults(plan, 7), 2),
        )
    ]
    assert runs[0] == runs[1] != runs[2]
    assert 150 < sum(runs[0]) < 250


def test_socket_faults_leave_http_alone():
    """They are no faults of a request."""
    faults = Faults(dict.fromkeys(SOCKET_FAULTS, 1.0) | {"busy": 1.0})
    assert {"busy"} == faults.next().names


def test_a_script_gives_each_connection_its_plan(still, sockets, watch):
    """One plan for each that comes, refusals included; afterwards the exchange's own plan holds."""
    hub = sockets(still).hub
    hub.script([{"duplicate_push": [1]}, "refuse_socket", None])
    first = watch({"delay_push": (1.0, 0.01)})
    assert first.push() == first.push()
    with pytest.raises(aiohttp.WSServerHandshakeError):
        sockets(still)
    for connection, faults in ((3, ()), (4, ("delay_push",))):
        client = sockets(still)
        client.subscribe("premium", "BTCUSDT")
        client.push()
        assert [faults] == [one.faults for one in hub.sent if one.connection == connection]
    with pytest.raises(ValueError, match="nope"):
        hub.script(["nope"])


@pytest.mark.parametrize("wrong", [{"drop_socket": (0.5, 1.0)}, {"corrupt_gzip": 2}, {"late_ack": (0.5, 1, 2)}])
def test_a_wrong_plan_is_refused(wrong):
    """Impossible rates, and seconds where there are none to give."""
    with pytest.raises(ValueError, match=r"list|pair"):
        Faults(wrong)


def test_all_faults_at_once_do_not_break_the_server(still, sockets):
    """Whatever comes together, the server lives and the next sound connection works."""
    plan = {name: 0.2 for name in SOCKET_FAULTS if name not in ("gzip_bomb", "giant_frame", "restart_server")}
    still.faults.set(plan | {"delay_push": (0.2, 0.001), "late_ack": (0.2, 0.01)})
    hub = None
    for _ in range(25):
        try:
            client = sockets(still)
        except aiohttp.WSServerHandshakeError:
            continue
        hub = client.hub
        client.send("depth.subscribe", {"market_list": [["BTCUSDT", 5, "0", False]]})
        client.send("state.subscribe", {"market_list": []})
        for _ in range(5):
            still.clock.advance(1)
            time.sleep(0.005)
    still.faults.set(None)
    client = sockets(still)
    client.subscribe("bbo", "BTCUSDT")
    client.push()
    seen = {name for one in hub.sent for name in one.faults}
    assert {"duplicate_push", "drop_socket", "half_open", "stalled_feed", "truncate_push"} <= seen
