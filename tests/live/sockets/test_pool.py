"""A thousand opens and closes, in simulated time and over real sockets: nothing is left behind."""

from __future__ import annotations

import asyncio
import gc
import gzip
import json
import threading
import tracemalloc
from collections.abc import Iterator

import picows
import psutil
import pytest

import coinex_pandas as cx
from tests.live.worlds import world as worlds
from tests.live.worlds.faults import Faults
from tests.waiting import until

OPENS, WARM = 1_000, 200
_PROCESS = psutil.Process()


# ---- in simulated time


def _world(seed: int, faults: Faults) -> worlds.World:
    """Return a world of two markets and all channels, in which nobody listens yet."""
    world = worlds.World(seed)
    for name, rate in vars(faults).items():
        setattr(world.faults, name, rate)
    world.channels = [worlds.CHANNELS[f"{world.area}_{noun}"] for noun in ("deals", "bbo", "depth")]
    for channel in world.channels:
        for market in world.exchange.markets:
            world.clock.after(world.dice.random(), world._beat, channel.method, market)
    world.clock.after(1.0, world._strike)
    return world


def _open_and_close(world: worlds.World, times: int) -> None:
    """Have somebody come, stay for some seconds and leave again; what the harness itself notes is forgotten."""
    client = world.client
    for _ in range(times):
        world._join()
        world.clock.run(world.clock.now + world.dice.uniform(0.0, 4.0))
        if len(client.listeners) > 2:
            client.leave(client.listeners[0])
        client.gone.clear()
        world.ledger.entries.clear()
        for made in world.exchange.deals.values():
            del made[:-50]


def _measured() -> tuple[int, int, int]:
    """Return traced bytes, objects that the collector knows, and address space."""
    gc.collect()
    return tracemalloc.get_traced_memory()[0], len(gc.get_objects()), _PROCESS.memory_info().vms


_STORM = Faults(
    duplicate=0.02,
    reorder=0.02,
    corrupt=0.02,
    truncate=0.02,
    drop=0.05,
    half_open=0.01,
    restart=0.01,
    late_ack=0.1,
    no_ack=0.02,
    busy=0.1,
    http_fails=0.3,
    http_slow=0.3,
)


@pytest.mark.parametrize("faults", [Faults(), _STORM], ids=["quiet", "storm"])
def test_a_thousand_opens_and_closes_leave_nothing_behind(faults: Faults) -> None:
    """After 200 opens memory is what it is after 1,000: within 256 kB, 1,500 objects and 64 MB of address space.

    A table takes some four megabytes of address space, so that a sixteenth of a table per hundred opens would show.
    """
    world = _world(3, faults)
    tracemalloc.start()
    try:
        _open_and_close(world, WARM)
        before = _measured()
        _open_and_close(world, OPENS - WARM)
        after = _measured()
    finally:
        tracemalloc.stop()
    grown = tuple(late - early for early, late in zip(before, after, strict=True))
    assert all(growth < most for growth, most in zip(grown, (256_000, 1_500, 64 * 2**20), strict=True)), grown
    _nobody_is_left(world)


def _nobody_is_left(world: worlds.World) -> None:
    """The connection has forgotten its subscribers, once nothing goes wrong any more and all requests are answered."""
    client, connection = world.client, world.client.connection
    world.faults.calm()
    world._is_calm = True
    for listener in list(client.listeners):
        client.leave(listener)
    world.clock.run(world.clock.now + 120)
    assert {} == connection.subscriptions
    assert not any(connection._leaving.values())
    assert len(connection._requests) <= 1  # a ping
    assert [] == connection.actions
    assert 0 == client.asking


# ---- over real sockets


class _Exchange(picows.WSListener):
    """Acknowledges everything, and answers a subscription with a row of its channel."""

    clients = 0

    def on_ws_connected(self, transport: picows.WSTransport) -> None:
        _Exchange.clients += 1

    def on_ws_disconnected(self, transport: picows.WSTransport) -> None:
        _Exchange.clients -= 1

    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        if frame.msg_type != picows.WSMsgType.TEXT:
            return
        request = json.loads(frame.get_payload_as_bytes())
        self._say(transport, {"id": request["id"], "code": 0, "message": "OK"})
        if request["method"].endswith(".subscribe"):
            market = request["params"]["market_list"][0]
            data = {"market": market, "index_price": "1.5", "mark_price": "1.25"}
            self._say(transport, {"method": "index.update", "data": data, "id": None})

    @staticmethod
    def _say(transport: picows.WSTransport, message: object) -> None:
        transport.send(picows.WSMsgType.BINARY, gzip.compress(json.dumps(message).encode(), 1))


@pytest.fixture
def session() -> Iterator[cx.Session]:
    """A session at a server of a few lines, on a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="tiny-exchange", daemon=True)
    thread.start()
    served = asyncio.run_coroutine_threadsafe(picows.ws_create_server(lambda _: _Exchange(), "127.0.0.1", 0), loop)
    server = served.result(60)
    address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}/v2"
    yield cx.Session(cx.Venue("tiny", http=f"http://{address}", ws=f"ws://{address}"))
    loop.call_soon_threadsafe(server.close)
    assert until(lambda: not _Exchange.clients)  # whoever has hung up is noticed
    loop.call_soon_threadsafe(loop.stop)
    thread.join(60)
    loop.close()


def test_two_hundred_quick_streams_leave_no_thread_and_no_descriptor(session: cx.Session) -> None:
    """Opened and closed at once, or after a first row; warnings are errors everywhere here."""
    _quick_streams(session, 20)
    before = _counted()
    _quick_streams(session, 180)
    assert until(lambda: _counted() <= before), (before, _counted(), threading.enumerate())


def _quick_streams(session: cx.Session, times: int) -> None:
    for at in range(times):
        with cx.live.futures_index_prices("BTCUSDT", session=session) as stream:
            if at % 4 == 0:
                assert 1.25 == stream.wait(rows=1, seconds=60).df["mark_price"].iloc[0]
        assert "stopped" == stream.state
    assert until(lambda: not [one for one in threading.enumerate() if one.name == "coinex-live"])
    gc.collect()  # a warning about something that was not closed would come now


def _counted() -> tuple[int, int, int]:
    return threading.active_count(), _PROCESS.num_threads(), _PROCESS.num_fds()
