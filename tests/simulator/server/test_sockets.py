"""The sockets as they live: their pace, how they end, what is counted, and the switches that disturb them."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from types import SimpleNamespace

import aiohttp
import pytest

import coinex_pandas as cx
from coinex_pandas.cli.main import main
from coinex_pandas.simulator.exchange import Exchange
from coinex_pandas.simulator.feeds.feed import Feed
from coinex_pandas.simulator.market.clock import Clock
from coinex_pandas.simulator.server import connection
from coinex_pandas.simulator.server.app import Server
from tests.simulator.server.socket_client import Client, wait

AREAS = ("spot", "futures")


def subscribe(client, area):
    """Subscribe to two markets of every channel."""
    names = ["BTCUSDT", "ETHUSDT"]
    for channel in Feed(area).channels:
        wanted = [[name, 5, "0", False] for name in names] if channel == "depth" else names
        assert 0 == client.ask(f"{channel}.subscribe", {"market_list": wanted})["code"]


# ---- pace


def test_a_first_push_does_not_wait_for_the_rhythm(still, serve):
    """Where nobody looks again a new subscription is served at once, and the rest waits for its turn."""
    server = serve(still)
    server.sockets.push_every = 1e9
    with Client(f"{server.ws}/futures") as client:
        client.subscribe("bbo", "BTCUSDT")
        assert "BTCUSDT" == client.push()["data"]["market"]
        still.clock.advance(600)
        client.subscribe("bbo", "ETHUSDT")
        assert ["ETHUSDT"] == [push["data"]["market"] for push in [client.push(), *client.quiet()]]


def test_as_fast_as_it_can_leaves_room_for_http():
    """With no pause and a quick clock thousands of deals come, and HTTP answers meanwhile."""
    quick = cx.sandbox(seed=7, now="2026-06-01", speed=20_000, push_every=0)
    with quick as exchange, Client(f"{exchange.ws}/futures") as client:
        client.subscribe("deals")
        rows = 0
        while rows < 20_000:
            rows += len(client.push()["data"]["deal_list"])
            if len(client.received) % 200 == 0:
                assert "pong" == cx.ping()["result"].item()
    deals = [(push["data"]["market"], row["deal_id"]) for push in client.received for row in push["data"]["deal_list"]]
    assert len(set(deals)) == len(deals)


@pytest.mark.parametrize("wrong", [-1, float("nan"), float("inf")])
def test_a_pace_is_zero_or_more(wrong):
    """Anything else is refused."""
    with pytest.raises(ValueError, match="push_every"):
        cx.sandbox(push_every=wrong)


def test_the_command_has_the_dial(capsys):
    """`coinex-pandas sandbox --push-every` is the pace; a wrong one is explained."""
    assert 1 == main(["sandbox", "--port", "0", "--push-every", "-1"])
    assert "push_every is -1" in capsys.readouterr().err


def test_a_long_absence_is_caught_up_while_the_clock_stands(still, sockets):
    """Three days of deals come in parts of a day, without another move of the clock."""
    client = sockets(still)
    client.subscribe("deals", "BTCUSDT")
    client.push()
    still.clock.advance(3 * 86_400)
    newest = still.answer("futures_deals", {"market": "BTCUSDT", "limit": "1"}).data[0]
    while newest not in client.push()["data"]["deal_list"]:
        pass
    ids = sorted(row["deal_id"] for push in client.received for row in push["data"]["deal_list"])
    assert len(set(ids)) == len(ids) > 20_000


def test_a_slow_reader_costs_no_memory_and_loses_nothing(still, sockets):
    """Nothing is queued for a reader that is behind: what happened meanwhile is pushed when there is room again."""
    client = sockets(still)
    still.faults.set({"giant_frame": [1]})  # more than the buffers between the two hold
    client.subscribe("deals", "BTCUSDT")
    wait(lambda: client.hub.sent)
    for _ in range(20):
        still.clock.advance(60)
        time.sleep(0.01)
    assert 1 == client.hub.counts[1]["deals.update"].frames
    deals = [row for push in client.pushes(2)[::-1] for row in push["data"]["deal_list"]]
    assert still.answer("futures_deals", {"market": "BTCUSDT", "limit": str(len(deals))}).data == deals
    assert len(deals) > 70


# ---- the end of a connection


def test_a_silent_client_is_dropped_without_a_close_frame(still, serve, monkeypatch):
    """Requests keep it open, protocol pings do not."""
    deadlines = []
    noting = lambda when: (deadlines.append(when), asyncio.timeout_at(when))[1]  # noqa: E731  # it is what the patched name is called with, and nothing else
    monkeypatch.setattr(connection, "asyncio", SimpleNamespace(**vars(asyncio) | {"timeout_at": noting}))
    server = serve(still)
    server.sockets.push_every, server.sockets.idle_after = 1e9, 1_000.0

    def until_when():
        return [when for when in deadlines if when < 1e9]

    with Client(f"{server.ws}/futures") as client:
        for _ in range(2):
            client.ask("server.ping")
        assert PONG == ping(client)
        wait(lambda: len(until_when()) == 4)
        first, second, third, after_ping = until_when()
        assert first < second < third == after_ping
        server.sockets.idle_after = 0.05
        assert PONG == ping(client)
        assert 1006 == client.gone()


PONG = (aiohttp.WSMsgType.PONG, b"are you there")


def ping(client):
    """Send a ping of the protocol and return the answer."""
    client._run(client.socket.ping(b"are you there"))
    return client._run(client.socket.receive(60))[:2]


def test_the_idle_window_is_sixty_seconds(still):
    """As observed."""
    assert 60.0 == Server(still).sockets.idle_after
    assert 3.0 == Server(still, idle_after=3.0).sockets.idle_after
    assert 0.2 == Server(still).sockets.push_every


def test_a_closing_client_gets_no_close_frame(still, sockets):
    """As observed: closing from the client ends with 1006 too, at once."""
    client = sockets(still, timeout=aiohttp.ClientWSTimeout(ws_close=10_000))  # who waits for a frame waits for ever
    client._run(client.socket.close())
    assert 1006 == client.socket.close_code
    wait(lambda: not client.hub.connections)


def test_closing_the_server_drops_all_and_leaves_nothing(still):
    """Open connections end with it; no thread, task or socket is left."""
    before = set(threading.enumerate())
    server = Server(still, push_every=0.005).start()
    clients = [Client(f"{server.ws}/{area}") for area in AREAS]
    for client in clients:
        client.subscribe("state")
        client.push()
    server.close()
    for client in clients:
        assert 1006 == client.gone()
        client.close()
    assert before == set(threading.enumerate())
    assert {} == server.sockets.connections
    server.sockets.drop()  # nobody is there any more
    gc.collect()


def test_a_server_that_starts_again_has_sockets_again(still):
    """Numbers go on."""
    server = Server(still, push_every=0.005)
    for number in (1, 2):
        with server, Client(f"{server.ws}/spot") as client:
            client.subscribe("state")
            client.push()
            assert {number: "spot"} == server.sockets.connections


# ---- counts and switches


def test_counts_are_what_a_client_received(still, sockets):
    """Frame by frame and in sum, for two connections; the requests are kept too."""
    clients = [sockets(still, area) for area in AREAS]
    hub = clients[0].hub
    for client, area in zip(clients, AREAS, strict=True):
        subscribe(client, area)
    for _ in range(30):
        still.clock.advance(1)
        for client in clients:
            client.quiet(0.005)
    hub.pause()
    for client in clients:
        client.quiet()
    for number, client in enumerate(clients, start=1):
        sent = [one for one in hub.sent if one.connection == number]
        assert list(range(1, len(sent) + 1)) == [one.number for one in sent]
        assert [(push["method"], push["data"]) for push in client.received] == [(s.method, s.data) for s in sent]
        counts = hub.counts[number]
        assert sum(count.frames for count in counts.values()) == len(client.received)
        for method, count in counts.items():
            pushes = [push for push in client.received if push["method"] == method]
            rows = sum(len(push["data"].get("state_list", push["data"].get("deal_list", [None]))) for push in pushes)
            assert (len(pushes), rows) == count
        assert ((), True) == (sent[0].faults, sent[0].written)
    requested = [one.request["method"] for one in hub.received if one.connection == 2]
    assert [f"{channel}.subscribe" for channel in Feed("futures").channels] == requested
    assert 2 == hub.opened == len(hub.connections)
    hub.counters.clear()
    assert ([], []) == (hub.sent, hub.received)
    assert 2 == len(hub.counts)


def test_frames_are_kept_within_a_bound(still, sockets):
    """The oldest ones go first; the counts stay exact."""
    client = sockets(still)
    client.hub.counters.most_bytes = 5_000
    client.subscribe("premium", "BTCUSDT")
    for number in range(1, 41):
        client.push()
        assert number == client.hub.counts[1]["premium.update"].frames
        still.clock.advance(1)
    sent = client.hub.sent
    assert 2 < len(sent) < 10
    assert sum(len(one.frame) for one in sent) < 5_000
    assert sent[-1].number >= 40


def test_pause_and_resume(still, sockets):
    """While paused answers come and pushes do not; then the newest state comes."""
    client = sockets(still)
    client.hub.pause()
    client.subscribe("deals", "BTCUSDT")
    still.clock.advance(300)
    assert [] == client.quiet()
    client.hub.resume()
    assert 50 == len(client.push()["data"]["deal_list"])


def test_drop_ends_all_connections(still, sockets):
    """At once, with 1006; new ones are welcome."""
    clients = [sockets(still, area) for area in AREAS]
    clients[0].hub.drop()
    assert {} == clients[0].hub.connections
    assert [1006, 1006] == [client.gone() for client in clients]
    assert "pong" == sockets(still).ask("server.ping")["data"]["result"]


def test_restart_refuses_for_a_while(still, sockets, clock):
    """All are dropped, upgrades get 503, and after the time they are taken again."""
    client = sockets(still)
    client.hub.restart(0.3)
    assert 1006 == client.gone()
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        sockets(still)
    assert 503 == refusal.value.status
    assert 1 == client.hub.refused
    clock.now += 0.29
    with pytest.raises(aiohttp.WSServerHandshakeError):
        sockets(still)
    clock.now += 0.02
    assert 0 == sockets(still).ask("server.ping")["code"]


def test_the_sandbox_shows_its_sockets():
    """`exchange.sockets` is the server's, and the pace is the one given."""
    given = cx.sandbox(seed=7, now="2026-06-01", speed=0, push_every=0.01)
    with given as exchange, Client(f"{exchange.ws}/futures") as client:
        assert exchange.sockets is exchange.server.sockets
        assert 0.01 == exchange.sockets.push_every
        client.subscribe("state", "BTCUSDT")
        assert ["BTCUSDT"] == [row["market"] for row in client.push()["data"]["state_list"]]


def test_many_connections_open_and_close(still, sockets):
    """A hundred of them leave nothing behind."""
    client = sockets(still)
    url = f"{client.socket._response.url}"
    for _ in range(100):
        Client(url).close()
    wait(lambda: list(client.hub.connections) == [1])
    assert 101 == client.hub.opened


def test_pushes_are_the_same_for_the_same_seed(sockets):
    """Two exchanges of one seed and clock push the same frames, byte for byte."""
    frames = []
    for _ in range(2):
        client = sockets(Exchange(3, Clock(1_790_133_720_000, speed=0)))
        client.subscribe("state")
        client.subscribe("deals", "BTCUSDT")
        client.pushes(2)
        frames.append(client.frames)
    assert frames[0] == frames[1]
