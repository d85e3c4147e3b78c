"""Eight threads, sessions of one key, full speed: no group's limit is exceeded in any second.

Requests are signed, paced and answered as ever, but the way to the exchange is of virtual time: what the machine is
busy with decides nothing. ``benchmarks/limits.py`` counts the same over sockets, and how much of a limit is used.
"""

import json
import random
from contextlib import suppress
from functools import partial
from types import SimpleNamespace

import pytest
import requests
from requests.adapters import BaseAdapter

import coinex_pandas as cx
from coinex_pandas.http import pacing
from coinex_pandas.http.clock import _clocks
from coinex_pandas.http.pacing import LIMITS, Pacer
from coinex_pandas.http.route import Route
from coinex_pandas.http.signed_session import SignedSession
from coinex_pandas.tables.rows.answer import Accepted
from tests.http.signed_peer import ACCESS_ID, OK, SECRET_KEY
from tests.http.test_pacing import busiest
from tests.http.virtual_time import VirtualTime
from tests.profiles import times

VENUE = cx.Venue("virtual", http="http://127.0.0.1:9/v2")
DATA = {"time": {"timestamp": 1_780_308_000_000}, "ping": {"result": "pong"}}
THREADS, SECONDS = 8, 5.0
SINGLE = Route("x", "POST", "/single", Accepted, "spot_order", "", needs="trade")
BATCH = Route("y", "POST", "/batch", Accepted, "spot_order", "", needs="trade", weight="orders")


class Wire(BaseAdapter):
    """Carries requests to an exchange that grants everything, in milliseconds of virtual time; keeps what arrived."""

    def __init__(self, time, seed):
        super().__init__()
        self.time, self.chance = time, random.Random(seed)
        self.arrived, self.refuse, self.refused = [], ("", ()), []

    def send(self, request, **_):
        """Return the answer, after the way there and back."""
        name = request.path_url.split("?")[0].removeprefix("/v2/")
        if name != "time":  # asked under a lock, and not counted here
            self.time.sleep(0.001 + self.chance.uniform(0, 0.001))
            self.arrived.append((name, self.time.now, (request.body or "").count("{}") or 1))
            self.time.sleep(0.001)
        answer = OK | {"data": DATA.get(name, {})}
        response = requests.Response()
        response.status_code, response._content, response.request = 200, json.dumps(answer).encode(), request
        if name == self.refuse[0] and not self.refused:
            response.status_code, response._content = self.refuse[1]
            response.headers["Retry-After"] = "3"
            self.refused.append(self.time.now)
        return response

    def close(self):
        """Close nothing."""

    def units(self, *names):
        """Return when each unit arrived, of some endpoints or of all."""
        return [at for name, at, units in self.arrived for _ in range(units) if not names or name in names]


@pytest.fixture
def time(monkeypatch):
    """Return the time that pacers and sessions go by."""
    time = VirtualTime()
    monkeypatch.setattr(pacing, "_pacers", {})
    monkeypatch.setattr(pacing, "Pacer", partial(Pacer, clock=time.clock, sleep=time.sleep))
    monkeypatch.setattr("coinex_pandas.http.session.time", SimpleNamespace(monotonic=time.clock, sleep=time.sleep))
    return time


def sessions(wire, count):
    """Return sessions of one key whose requests go over a wire; the clock is measured, for longer than a test lasts."""
    _clocks.pop(VENUE.http, None)
    made = [SignedSession(ACCESS_ID, SECRET_KEY, VENUE, trading=True) for _ in range(count)]
    for session in made:
        session.mount(f"{VENUE.http}/", wire)
    wire.time.run([lambda: made[0].page(SINGLE, {})])
    return made


@pytest.mark.parametrize("group", ["account_query", "futures_order", "spot_order", "spot_query", "spot_cancel"])
@pytest.mark.parametrize("seed", times(1))
def test_the_allowed_rate_is_not_exceeded(time, group, seed):
    """Counted where the requests arrive; one group of each documented limit, used nearly whole."""
    method = "GET" if "query" in group else "POST"
    route = Route("x", method, f"/{group}", Accepted, group, "", needs="read" if method == "GET" else "trade")
    wire = Wire(time, seed)
    (me,) = sessions(wire, 1)

    def work():
        while time.now < SECONDS:
            me.page(route, {"market": "BTCUSDT"})

    time.run([work] * THREADS)
    arrived = wire.units(group)
    assert busiest(arrived) <= LIMITS[group]
    assert 0.95 <= (len(arrived) - 1) / (max(arrived) - min(arrived)) / LIMITS[group]


@pytest.mark.parametrize("seed", times(3))
def test_batches_and_single_requests_share_a_limit(time, seed):
    """A batch counts its items: no second holds more of both together, also when sessions of one key share it."""
    wire = Wire(time, seed)
    both = sessions(wire, 2)

    def work(first):
        for number in range(first, 80, THREADS):
            route, params = (BATCH, {"orders": [{}] * (number % 9 + 1)}) if number % 3 == 0 else (SINGLE, {})
            both[number % 2].page(route, params)

    time.run([partial(work, first) for first in range(THREADS)])
    units = wire.units()
    assert 1 + sum(number % 9 + 1 if number % 3 == 0 else 1 for number in range(80)) == len(units)
    assert busiest(units) <= LIMITS["spot_order"]


@pytest.mark.parametrize("seed", times(1))
def test_the_exchange_never_counts_more_than_400_a_second(time, seed):
    """Three sessions as fast as they can: the limit of the address holds over all that they ask."""
    wire = Wire(time, seed)
    three = sessions(wire, 3)
    ping = cx.ROUTES["ping"]

    def work(first):
        for number in range(first, 900, THREADS):
            three[number % 3].page(ping, {})

    time.run([partial(work, first) for first in range(THREADS)])
    assert 901 == len(wire.units())
    assert busiest(wire.units()) <= LIMITS["public"]


@pytest.mark.parametrize("refusal", [(429, b"slow"), (429, b'{"code": 4213}'), (200, b'{"code": 4213}')])
def test_after_a_rate_limit_all_threads_of_the_group_wait(time, refusal):
    """One thread is told to wait for three seconds: no other of its group is sent meanwhile, other groups are."""
    wire = Wire(time, seed=1)
    (me,) = sessions(wire, 1)
    wire.refuse = ("single", refusal)
    asset = Route("x", "GET", "/other", Accepted, "account_query", "", needs="read")

    def work():
        with suppress(cx.RateLimited):
            me.page(SINGLE, {})

    time.run([*[work] * 40, lambda: (time.sleep(1.5), me.page(asset, {}))])
    rest = wire.units("single")[2:]  # one measured the clock, one was refused
    (refused,) = wire.refused
    assert [] == [at for at in rest if refused < at < refused + 3]
    assert 1.5 <= wire.units("other")[0] < 2
    assert 39 == len(rest)


@pytest.mark.parametrize("seed", times(1))
def test_all_groups_at_once(time, seed):
    """Each group keeps its own limit while the others are asked beside it, and all of them that of the address."""
    groups = [group for group in LIMITS if group != "public"]
    routes = {group: Route("x", "GET", f"/{group}", Accepted, group, "", needs="read") for group in groups}
    wire = Wire(time, seed)
    (me,) = sessions(wire, 1)

    def work(group):
        while time.now < SECONDS:
            me.page(routes[group], {"market": "BTCUSDT"})

    time.run([partial(work, group) for group in groups for _ in range(2)])
    assert all(busiest(wire.units(group)) <= LIMITS[group] for group in groups)
    assert busiest(wire.units()) <= LIMITS["public"]
