"""The exchange is a function of seed and clock."""

import pytest

import coinex_pandas as cx
from coinex_pandas.simulator.exchange import Exchange
from coinex_pandas.simulator.market.clock import Clock
from tests.api.lived_in import LivedIn
from tests.golden import samples
from tests.simulator.conftest import PUBLIC

pytestmark = pytest.mark.sweep

NOW = 1_790_133_720_000
RANDOM = {"client_id", "access_id", "secret_key"}  # made up by whoever asks, or secret
SAME_FOR_ALL = {
    "ping",
    "server_time",
    "maintenances",
    "deposit_withdraw_config",
    "deposit_withdraw_configs",
    "assets_info",
    "futures_position_levels",  # tiers follow the size of a market, not the seed
}


@pytest.mark.parametrize("name", PUBLIC)
def test_same_seed_and_clock_give_the_same_bytes(name, params, exchange, still):
    """Two exchanges with equal seed and clock answer byte for byte alike."""
    assert exchange.answer(name, params[name]).encode() == still.answer(name, params[name]).encode()


@pytest.mark.parametrize("name", sorted(set(PUBLIC) - SAME_FOR_ALL))
def test_another_seed_gives_another_answer(name, params, exchange):
    """Another seed changes whatever is simulated."""
    other = Exchange(1, Clock(NOW, speed=0))
    assert exchange.answer(name, params[name]).encode() != other.answer(name, params[name]).encode()


@pytest.mark.parametrize("name", ["spot_tickers", "futures_tickers", "futures_klines", "futures_depth"])
def test_what_was_asked_before_does_not_matter(name, params, still):
    """An exchange that was asked on the way answers like one that was not."""
    for _ in range(40):
        still.answer(name, {**params[name], "market": "SOLUSDT"})
        still.clock.advance(181)
    fresh = Exchange(0, Clock(NOW, speed=0))
    fresh.clock.advance(40 * 181)
    wanted = {**params[name], "market": "SOLUSDT"}
    assert fresh.answer(name, wanted).encode() == still.answer(name, wanted).encode()


def test_the_past_does_not_change(still):
    """Closed candles, deals and settlements read the same a week later."""
    window = {"market": "ETHUSDT", "start_time": str(NOW - 3_600_000), "end_time": str(NOW - 60_001)}
    before = still.answer("spot_klines", {**window, "period": "1min"}).data
    settled = still.answer("futures_funding_rate_history", window | {"start_time": str(NOW - 10**9)}).data
    still.clock.advance(7 * 86_400)
    assert before == still.answer("spot_klines", {**window, "period": "1min"}).data
    assert settled == still.answer("futures_funding_rate_history", window | {"start_time": str(NOW - 10**9)}).data


def test_a_clock_runs_at_its_speed_and_stands_still():
    """A clock moves with real time by its speed, jumps, freezes and never runs backwards."""
    quick = Clock(NOW, speed=1e6)
    assert NOW < quick.now_ms()
    quick.freeze()
    frozen = quick.now_ms()
    assert frozen == quick.now_ms()
    quick.advance(2)
    assert frozen + 2000 == quick.now_ms()
    with pytest.raises(ValueError, match="backwards"):
        quick.advance(-1)


@pytest.mark.usefixtures("unpaced")
def test_the_same_requests_give_the_same_account(lived_in):
    """Seed, clock and requests decide all that an account sees: each order's number, each deal, each fee."""
    with cx.sandbox(seed=7, now=samples.NOW, speed=0, limits=False) as exchange:
        again = LivedIn(exchange).frames
    assert list(lived_in.frames) == list(again)
    for name, frames in lived_in.frames.items():
        for one, other in zip(frames, again[name], strict=True):
            random = [column for column in one if column in RANDOM]
            assert one.drop(columns=random).equals(other.drop(columns=random)), name
