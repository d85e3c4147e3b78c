"""Clocks that differ, over real sockets against the sandbox: no failure that lasts, and no verb carried out twice."""

import time

import pandas as pd
import pytest

import coinex_pandas as cx

ORDER = ("BTCUSDT", "buy", "limit", "0.001", "30000")
SKEWS = pytest.mark.parametrize("seconds", [-10, 10])


@pytest.fixture
def exchange():
    """Return a sandbox whose clock is this machine's, as the current venue."""
    with cx.sandbox(seed=7, limits=False) as running:
        yield running


def turn(exchange, seconds):
    """Set the exchange's clock forward or back."""
    exchange.clock._origin += seconds * 1000


def request_count(exchange, name):
    """Return how often a request has reached the exchange."""
    return sum(name == asked for _, asked, _ in exchange.server.log)


@SKEWS
@pytest.mark.usefixtures("unpaced")
def test_a_clock_that_is_off_from_the_beginning(seconds):
    """It is measured before the first request: nothing is refused."""
    with cx.sandbox(seed=7, now=pd.Timestamp.now("UTC") + pd.Timedelta(seconds=seconds)) as exchange:
        assert not cx.spot_balances().empty
        cx.spot_place_order(*ORDER)
        assert 1 == len(cx.spot_pending_orders())
        assert 1 == request_count(exchange, "spot_place_order")
        measured = exchange.session.skew.last
        assert measured.offset == pytest.approx(
            exchange.clock.now_ms() - time.time() * 1000, abs=200 + measured.round_trip / 2
        )


@SKEWS
@pytest.mark.usefixtures("unpaced")
def test_a_clock_that_jumps(exchange, seconds):
    """The first request after it is refused, signed again by a new measurement, and then all is well."""
    assert not cx.spot_balances().empty
    turn(exchange, seconds)
    cx.spot_place_order(*ORDER)
    assert 2 == request_count(exchange, "spot_place_order")
    assert 1 == len(cx.spot_pending_orders())
    cx.spot_place_order(*ORDER)
    assert 3 == request_count(exchange, "spot_place_order")
    assert 2 == len(cx.spot_pending_orders())


@SKEWS
@pytest.mark.usefixtures("unpaced")
def test_this_machines_clock_jumps(exchange, monkeypatch, seconds):
    """The measured clock runs on without it: nobody notices."""
    assert not cx.spot_balances().empty
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + seconds)
    cx.spot_place_order(*ORDER)
    assert 1 == request_count(exchange, "spot_place_order")


@pytest.mark.parametrize("drift", [-1.7, 1.7])
@pytest.mark.usefixtures("unpaced")
def test_a_clock_that_drifts(exchange, drift):
    """By seconds at each request: each succeeds, every third or so at the second try, and each order is placed once."""
    for _ in range(20):
        turn(exchange, drift)
        cx.spot_place_order(*ORDER)
    assert 20 == len(cx.spot_pending_orders())
    assert 22 < request_count(exchange, "spot_place_order") < 30


@pytest.mark.parametrize("speed", [1.001, 0.999, 1.05, 0.95])
@pytest.mark.usefixtures("unpaced")
def test_a_clock_of_another_speed(monkeypatch, speed):
    """An hour beside a clock that is a little quick or slow: measured in time, or once more for each refusal."""
    with cx.sandbox(seed=7, speed=0, limits=False) as exchange:
        clock = exchange.session.skew
        passed = 0.0
        monkeypatch.setattr(clock, "_monotonic", lambda: passed)
        for _ in range(60):
            assert not cx.spot_balances().empty
            passed += 60
            exchange.clock.advance(60 * speed)
        refused = request_count(exchange, "spot_balances") - 60
        if abs(speed - 1) < 0.01:  # 0.6 s in the ten minutes after which it is measured anew
            assert 0 == refused
            assert 6 == clock.number
        else:  # 3 s a minute, where the exchange tolerates 5
            assert refused == clock.number - 1
            assert 20 < refused < 40


@pytest.mark.parametrize("hits", [1.0, [1], [2], [1, 2, 3, 4], 0.3])
@pytest.mark.usefixtures("unpaced")
def test_a_server_behind_another_clock(exchange, hits):
    """Seven seconds ahead in all that it says, or in some: each read comes through."""
    exchange.faults.set({"clock_skew": hits})
    session = exchange.signed()
    for _ in range(10):
        try:
            assert not cx.spot_balances(session=session).empty
        except cx.ClockSkewed:
            assert 0.3 == hits  # servers that contradict each other all the time: an error that says so
    exchange.faults.set(None)
    assert not cx.spot_balances(session=session).empty


@SKEWS
def test_a_stream_is_signed_by_the_exchanges_clock(exchange, seconds):
    """A private channel opened after a jump signs in: what happens is pushed."""
    cx.spot_balances()
    turn(exchange, seconds)
    with cx.live.spot_orders("BTCUSDT") as stream:
        stream.wait(seconds=0.5)
        cx.spot_place_order(*ORDER)
        stream.wait(rows=1, seconds=60)
        assert 1 <= len(stream.df)
