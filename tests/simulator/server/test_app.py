"""The server: quick to start, loopback only, and nothing left when it is closed."""

import gc
import socket
import sys
import threading
import tracemalloc

import pytest
import requests

from coinex_pandas.api.endpoints import ROUTES
from coinex_pandas.simulator.server.app import Server
from tests.simulator.conftest import PUBLIC


def plain():
    """Return a session that ignores proxies."""
    session = requests.Session()
    session.trust_env = False
    return session


def test_start_and_close_leave_no_thread_and_no_socket(exchange):
    """After close the threads are those from before and the port is free; closing twice is fine."""
    before = set(threading.enumerate())
    server = Server(exchange, routes={}).start()
    assert 1 == len(set(threading.enumerate()) - before)
    with plain() as session:
        assert 404 == session.get(server.http + "/ping", timeout=60).status_code
    server.close()
    server.close()
    assert not set(threading.enumerate()) - before
    with socket.create_server(("127.0.0.1", server.port)):
        pass
    gc.collect()  # an unclosed socket or loop would warn here, and warnings are errors


def test_a_closed_server_can_start_again(exchange):
    """The same server serves again on the same port."""
    server = Server(exchange, routes={})
    ports = []
    for _ in range(2):
        with server, plain() as session:
            ports.append(server.port)
            assert 404 == session.get(server.http + "/nope", timeout=60).status_code
    assert ports[0] == ports[1]


def test_closing_while_others_knock_leaves_nothing_open(exchange, monkeypatch):
    """Who is let in at the last moment is hung up on like everybody else."""
    lost = []
    monkeypatch.setattr(sys, "unraisablehook", lost.append)
    for _ in range(5):
        server = Server(exchange, routes={}).start()
        guests = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(100)]
        server.close()
        for guest in guests:
            guest.close()
        gc.collect()  # what was not closed would be told now
    assert [] == lost


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::"])
def test_only_loopback_is_served(exchange, host):
    """The sandbox cannot be reached from other machines."""
    with pytest.raises(ValueError, match="loopback"):
        Server(exchange, host, routes={})


def test_a_port_that_is_taken_is_an_error_at_start(exchange):
    """The error comes to the caller, and no thread is left."""
    before = set(threading.enumerate())
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        Server(exchange, port=taken.getsockname()[1], routes={}).start()
    assert not set(threading.enumerate()) - before


def test_addresses_and_answers(exchange, serve):
    """Both addresses end in /v2, unknown parameters do not matter, and every request is counted and noted."""
    server = serve(exchange)
    assert f"http://127.0.0.1:{server.port}/v2" == server.http
    assert f"ws://127.0.0.1:{server.port}/v2" == server.ws
    with plain() as session:
        answer = session.get(server.http + "/futures/ticker?market=BTCUSDT&color=blue&market=ETHUSDT", timeout=60)
        assert ["BTCUSDT"] == [row["market"] for row in answer.json()["data"]]
        assert 4004 == session.get(server.http + "/futures/kline?market=NOPE", timeout=60).json()["code"]
        missing = session.get(server.http + "/futures/nope", timeout=60)
        assert (404, True) == (missing.status_code, "<html>" in missing.text)
        assert 404 == session.post(server.http + "/ping", timeout=60).status_code
    assert 4 == server.requests == len(server.log)
    assert ("futures_klines", {"market": "NOPE"}) == server.log[1][1:]


def test_connections_are_kept(exchange, serve):
    """A session's requests share one connection."""
    server = serve(exchange)
    with plain() as session:
        for _ in range(3):
            session.get(server.http + "/time", timeout=60).raise_for_status()
        pool = next(iter(session.get_adapter(server.http).poolmanager.pools._container.values()))
    assert (1, 3) == (pool.num_connections, pool.num_requests)


def test_long_candles_do_not_hold_up_others(still, serve, monkeypatch):
    """While two years of daily candles are computed for the first time, a ping is answered."""
    begun, answered, answer = threading.Event(), threading.Event(), still.answer

    def held(name, *args):
        if name == "futures_klines":
            begun.set()
            assert answered.wait(60)
        return answer(name, *args)

    monkeypatch.setattr(still, "answer", held)
    server = serve(still)
    params = {"market": "SOLUSDT", "period": "1day", "limit": "1000"}

    def ask_long():
        with plain() as session:
            rows.extend(session.get(server.http + "/futures/kline", params=params, timeout=120).json()["data"])

    rows: list[dict] = []
    long = threading.Thread(target=ask_long)
    long.start()
    assert begun.wait(60)
    with plain() as session:
        assert 200 == session.get(server.http + "/ping", timeout=60).status_code
    assert long.is_alive()
    answered.set()
    long.join()
    assert len(rows) > 730


def test_pages_of_minutes_leave_nothing_behind(still):
    """Paging back through minute candles keeps nothing: a month needs no more memory than a week."""
    params = {"market": "BTCUSDT", "period": "1min", "limit": "1000"}
    end, sizes = still.clock.now_ms(), []
    tracemalloc.start()
    try:
        for _ in range(43):
            rows = still.answer("futures_klines", params | {"end_time": str(end - 1)}).data
            end = rows[0]["created_at"]
            sizes.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert sizes[-1] - sizes[9] < 200_000


def test_every_public_endpoint_is_served(exchange, serve, params):
    """Each of the package's routes gives the same bytes over the wire as asked directly."""
    server = serve(exchange)
    with plain() as session:
        for name, route in ROUTES.items():
            if name in PUBLIC:
                answer = session.get(f"{server.http}{route.path}", params=params[name], timeout=60)
                assert exchange.answer(name, params[name]).encode() == answer.content
    assert len(PUBLIC) == server.requests


def test_every_private_endpoint_is_served_to_those_who_sign(exchange, serve):
    """Without a signature each of them is refused as such, whatever is asked for: none is unknown."""
    server = serve(exchange)
    private = [route for route in ROUTES.values() if route.signed]
    with plain() as session:
        answers = [session.request(route.method, server.http + route.path, timeout=60).json() for route in private]
    assert {4005} == {answer["code"] for answer in answers}
    assert len(private) == len(ROUTES) - len(PUBLIC) == server.requests
