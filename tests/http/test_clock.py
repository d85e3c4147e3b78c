"""Clocks that do not agree: requests are signed by the exchange's, and no difference lasts."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import coinex_pandas as cx
from coinex_pandas.http.clock import VenueClock
from coinex_pandas.http.route import Route
from coinex_pandas.http.signed_session import SignedSession
from coinex_pandas.tables.rows.answer import Accepted
from tests.http.signed_peer import ACCESS_ID, OK, SECRET_KEY, Peer, refused

READ = Route("look", "GET", "/assets/spot/balance", Accepted, "spot_query", "", needs="read")
VERB = Route("act", "POST", "/spot/order", Accepted, "spot_order", "", needs="trade")


class Clock:
    """A venue's clock that is off."""

    def __init__(self, off=0.0):
        self.off = off

    def __call__(self):
        """Return its milliseconds."""
        return (time.time() + self.off) * 1000


def at(peer, **settings):
    """Return a quick session at a peer."""
    return SignedSession(ACCESS_ID, SECRET_KEY, peer.venue, **{"backoff": 0.001, "trading": True} | settings)


@pytest.mark.parametrize("off", [10, -10, 3600, -3600, 86_400 * 365])
@pytest.mark.parametrize("route", [READ, VERB])
def test_a_clock_that_is_off_is_not_noticed(off, route):
    """Seconds, hours or a year: the first request already fits."""
    with Peer(OK, clock=Clock(off)) as peer:
        me = at(peer)
        me.page(route, {})
        assert (1, 0) == (len(peer.private), peer.refusals)
        assert pytest.approx(off * 1000, abs=200 + me.skew.last.round_trip / 2) == me.skew.last.offset


@pytest.mark.parametrize("jump", [10, -10])
@pytest.mark.parametrize("route", [READ, VERB])
def test_a_clock_that_jumps_is_measured_again(jump, route):
    """A refused timestamp changes nothing, so that a verb too is signed anew and sent once more."""
    clock = Clock()
    with Peer(OK, clock=clock) as peer:
        me = at(peer, retries=0)
        me.page(route, {})
        clock.off = jump
        me.page(route, {})
        assert (3, 1, 2) == (len(peer.private), peer.refusals, me.skew.number)


def test_a_drifting_clock():
    """A venue whose clock runs off by 3 seconds a call outruns every measurement; each call gets through."""
    clock = Clock()
    with Peer(OK, clock=clock) as peer:
        me = at(peer)
        for _ in range(30):
            me.page(VERB, {})
            clock.off += 3
        assert 30 == len(peer.private) - peer.refusals
        assert 10 <= peer.refusals <= 15


@pytest.mark.parametrize("code", [4010, 4017])
@pytest.mark.parametrize("route", [READ, VERB])
def test_a_clock_that_is_refused_for_good(code, route):
    """One more try, then the error; not one for each repetition."""
    with Peer(refused(code)) as peer:
        with pytest.raises(cx.ClockSkewed):
            at(peer).page(route, {})
        assert 2 == len(peer.private)
        assert 6 == len(peer.requests) - len(peer.private)


def test_eight_threads_measure_once():
    """The others wait for the one that does."""
    with Peer(OK, clock=Clock(10)) as peer:
        me = at(peer)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: me.page(READ, {}), range(8)))
        assert (1, 0) == (me.skew.number, peer.refusals)


def test_sessions_at_one_venue_share_the_measurement():
    """A clock is the venue's, not the session's."""
    with Peer(OK) as peer:
        at(peer).page(READ, {})
        at(peer).page(READ, {})
        assert 3 == len(peer.requests) - len(peer.private)


class Clocks:
    """The two clocks of this machine, which a test moves."""

    def __init__(self):
        self.wall, self.steady = 1_000_000.0, 50.0

    def skew(self):
        """Return a venue's clock that reads them."""
        return VenueClock(lambda: self.wall, lambda: self.steady)


def test_it_is_due_after_ten_minutes():
    """And at first."""
    clocks = Clocks()
    skew = clocks.skew()
    assert skew.is_due
    skew.measure(lambda: 5)
    clocks.steady += 599
    assert not skew.is_due
    clocks.steady += 2
    assert skew.is_due


def test_setting_this_machines_clock_changes_nothing():
    """Between measurements time is counted by the clock that nobody sets."""
    clocks = Clocks()
    skew = clocks.skew()
    skew.measure(lambda: 7_000)
    clocks.wall -= 3_600
    clocks.steady += 2
    assert 9_000 == skew.now_ms()


def test_the_quickest_of_three_samples_counts():
    """Half of its round trip is the most that can be wrong."""
    clocks, trips = Clocks(), iter([4.0, 1.0, 2.0])

    def server_ms():
        trip = next(trips)
        clocks.steady += trip / 2
        clocks.wall += trip / 2
        venue_ms = (clocks.wall + 10) * 1000
        clocks.steady += trip / 2
        clocks.wall += trip / 2
        return venue_ms

    skew = clocks.skew()
    skew.measure(server_ms)
    assert (pytest.approx(10_000), pytest.approx(1_000)) == skew.last
    assert int((clocks.wall + 10) * 1000) == skew.now_ms()


def test_before_anything_is_measured_this_machines_clock_counts():
    """Something must."""
    assert 1_000_000_000 == Clocks().skew().now_ms()


def test_an_old_measurement_is_better_than_none(monkeypatch):
    """When the venue does not tell its time any more, the last one is used on; at first there is none."""
    with Peer(OK) as peer:
        me = at(peer, retries=0)
        monkeypatch.setattr("coinex_pandas.http.signed_session.venue_ms", _silent)
        with pytest.raises(cx.NoAnswer, match="GET /time"):
            me.page(VERB, {})
        assert [] == peer.private
        monkeypatch.undo()
        me.page(VERB, {})
        me.skew._since -= 601
        me.skew._base_ms -= 601_000
        monkeypatch.setattr("coinex_pandas.http.signed_session.venue_ms", _silent)
        me.page(VERB, {})
        assert (2, 0) == (len(peer.private), peer.refusals)


def _silent(session):
    raise cx.NoAnswer("nothing", endpoint="GET /time")


def test_a_socket_is_signed_by_the_same_clock():
    """The timestamp is the venue's, and all that is signed."""
    with Peer(OK, clock=Clock(10)) as peer:
        before, me = peer.clock(), at(peer)
        params = me.socket_signature()
        error = 1 + me.skew.last.round_trip / 2
        assert before - error <= params["timestamp"] <= peer.clock() + error
        assert {"access_id", "signed_str", "timestamp"} == set(params)
        assert ACCESS_ID == params["access_id"]


def test_a_clock_that_does_not_answer_is_tried_as_often_as_anything_else(requests_mock):
    """The request for the time is repeated, and the request that waits for it is not repeated on top of that."""
    time_requests = requests_mock.get("https://elsewhere.invalid/v2/time", status_code=502)
    venue = cx.Venue("elsewhere", http="https://elsewhere.invalid/v2")
    me = cx.SignedSession(ACCESS_ID, SECRET_KEY, venue, retries=2, backoff=0.001)
    with pytest.raises(cx.NoAnswer, match="GET /time"):
        cx.spot_balances(session=me)
    assert 3 == time_requests.call_count
