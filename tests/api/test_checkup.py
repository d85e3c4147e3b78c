"""The doctor: what it finds with a key, without one, and when things are wrong."""

import time

import pandas as pd
import pytest

import coinex_pandas as cx
from coinex_pandas.api.checkup import _LOOKS, _offset, doctor
from coinex_pandas.http.pacing import LIMITS
from coinex_pandas.http.signed_session import SignedSession
from tests.http.signed_peer import ACCESS_ID, SECRET_KEY, Peer, refused

EMPTY = {"code": 0, "data": [], "message": "OK", "pagination": {"has_next": False}}


def sandbox_time(text):
    """Return a clock that began at a moment."""
    begin, start = pd.Timestamp(text, tz="UTC").timestamp(), time.monotonic()
    return lambda: (begin + time.monotonic() - start) * 1000


def at(peer, **settings):
    """Return a quick session at a peer."""
    return SignedSession(ACCESS_ID, SECRET_KEY, peer.venue, **{"retries": 0} | settings)


def test_every_group_that_answers_reads_is_looked_at():
    """One of each; what they need is leave to read."""
    readable = {group for group in LIMITS if group.endswith(("_query", "_history"))}
    assert readable == {cx.ROUTES[name].pace for name in _LOOKS}
    assert {("GET", "read")} == {(cx.ROUTES[name].method, cx.ROUTES[name].needs) for name in _LOOKS}


def test_the_sandbox_is_well(still):
    """Everything answers, by the real tables."""
    checks = doctor(still.session)
    assert {"answers"} == set(checks.found[list(_LOOKS)])
    assert checks.ok.fillna(True).all()


def test_all_is_well():
    """A key that is accepted, a clock that is right, months to go."""
    headers = {"X-RateLimit-Limit": "10", "X-RateLimit-Remaining": "9"}
    with Peer(EMPTY, clock=sandbox_time("2026-06-01"), headers=headers) as peer:
        checks = doctor(at(peer, trading=True), key_made="2026-05-01")
    assert [
        *("venue", "clock", "key", "leave", *_LOOKS, "rate budget", "closing", "key lapse"),
    ] == checks.index.to_list()
    assert {"ok": "boolean", "found": "str", "advice": "str"} == checks.dtypes.astype(str).to_dict()
    assert "check" == checks.index.name
    assert "peer answers in" in checks.found["venue"]
    assert ("accepted", "trading", "answers") == (checks.found["key"], checks.found["leave"], checks.found["deposits"])
    assert checks.found["rate budget"].startswith("left a second: account_query 9 of 10, spot_query 9 of 10")
    assert "204 days until withdrawals end (2026-12-22 02:00 UTC)" == checks.found["closing"]
    assert "lapses in 58 days (2026-07-30) unless it is bound to an IP address" == checks.found["key lapse"]
    assert checks.ok[["venue", "key", "deposits", "closing", "key lapse"]].all()
    assert all(checks.advice[checks.ok.fillna(True)].drop("clock", errors="ignore") == "")


def test_it_reads_only():
    """Nothing but GET, and every private group once."""
    with Peer(EMPTY) as peer:
        doctor(at(peer))
    assert {"GET"} == {request.method for request in peer.requests}
    assert sorted(cx.ROUTES[name].path for name in _LOOKS) == sorted(request.path for request in peer.private)


def test_without_a_key():
    """The public part, and how to use a key."""
    with Peer(EMPTY) as peer:
        checks = doctor(cx.Session(peer.venue))
        assert [] == peer.private
    assert ["venue", "clock", "key", "closing", "key lapse"] == checks.index.to_list()
    assert pd.isna(checks.ok["key"])
    assert "SignedSession.from_env()" in checks.advice["key"]


def test_the_current_session_is_asked():
    """As by every function."""
    with Peer(EMPTY) as peer:
        cx.use(peer.venue)
        assert "peer answers" in doctor().found["venue"]


def test_a_key_that_is_not_accepted():
    """The exchange's own words and what to do; the groups are not asked then."""
    with Peer(refused(4005, "access_id not exist")) as peer:
        checks = doctor(at(peer))
        assert 1 == len(peer.private)
    assert not checks.ok["key"]
    assert "4005 (access_id not exist)" in checks.found["key"]
    assert "ten minutes" in checks.advice["key"]


def test_a_permission_that_is_missing():
    """Its line says so; the others answer."""
    with Peer(lambda request: refused(4512) if "margin" in request.path else EMPTY) as peer:
        checks = doctor(at(peer))
    assert ["margin_balances"] == checks.index[~checks.ok.fillna(True)].drop("closing", errors="ignore").to_list()
    assert "4512" in checks.found["margin_balances"]


def test_a_clock_that_is_off():
    """How far and in which direction; requests do not suffer from it."""
    with Peer(EMPTY, clock=lambda: (time.time() + 4) * 1000) as peer:
        checks = doctor(at(peer))
    words = checks.found["clock"].split()
    assert ["this", "machine's", "is", "ms", "behind:"] == [*words[:3], *words[4:6]]
    assert pytest.approx(4_000, abs=300) == int(words[3])
    assert pd.isna(checks.ok["clock"])
    assert checks.ok["key"]


@pytest.mark.parametrize(
    ("offset", "ok", "found"),
    [
        (120.4, True, "this machine's is 120 ms behind"),
        (-1_999, True, "this machine's is 1999 ms ahead"),
        (-9_000, False, "this machine's is 9000 ms ahead"),
        (90_000_000, False, "this machine's is 1 days 01:00:00 behind"),
    ],
)
def test_clocks_of_the_exchange(offset, ok, found):
    """A difference of two seconds and more is worth a look at this machine's settings."""
    checks = _offset(offset, is_local=False)
    assert (ok, found, not ok) == (checks.ok, checks.found, bool(checks.advice))


def test_nobody_there():
    """It says so, and what the calendar tells."""
    with Peer(EMPTY) as peer:
        pass
    checks = doctor(at(peer))
    assert ["venue", "closing", "key lapse"] == checks.index.to_list()
    assert not checks.ok["venue"]


def test_a_limit_that_was_lowered():
    """Low speed mode shows in the headers."""
    with Peer(EMPTY, headers={"X-RateLimit-Limit": "5", "X-RateLimit-Remaining": "4"}) as peer:
        checks = doctor(at(peer))
    assert not checks.ok["rate budget"]
    assert "low speed mode" in checks.advice["rate budget"]


@pytest.mark.parametrize(
    ("now", "key_made_at", "closing", "lapse"),
    [
        ("2026-12-20", "2026-11-25", "2 days until", "lapses in 64 days"),
        ("2026-12-21 01:00", "2026-09-23", "1 day until", "lapses in 0 days"),
        ("2026-12-22 03:00", "2026-09-01", "withdrawals have ended", "has lapsed"),
    ],
)
def test_time_runs_out(now, key_made_at, closing, lapse):
    """By the venue's calendar; fewer than two weeks ask for something to be done."""
    with Peer(EMPTY, clock=sandbox_time(now)) as peer:
        checks = doctor(at(peer), key_made=key_made_at)
    assert checks.found["closing"].startswith(closing)
    assert checks.found["key lapse"].startswith(lapse)
    assert not checks.ok["closing"]
    assert checks.advice["closing"]


def test_a_time_that_is_none():
    """Refused as everywhere."""
    with pytest.raises(cx.InvalidArgument, match="key_made"):
        doctor(key_made="soon")
