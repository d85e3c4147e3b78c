"""Every verb under every fault: it is carried out at most once, and whoever called it can tell whether it was."""

import ast
import inspect
import re
import warnings

import pytest

import coinex_pandas as cx
from coinex_pandas.http.pacing import LIMITS
from coinex_pandas.http.signed_session import SignedSession
from coinex_pandas.simulator.faults import HTTP_FAULTS
from tests.api.calls.verb_scenes import PASSES, SCENES
from tests.waiting import until

VERBS = sorted(name for name, route in cx.ROUTES.items() if route.needs in ("trade", "withdraw"))
FAULTS = sorted(HTTP_FAULTS, key="clock_skew".__eq__)  # that is last: it leaves the clock measured wrongly
LATE, IMPATIENT = ([1], 0.08), (5, 0.02)  # an answer that comes later than it is waited for
HARMLESS = {"content_type", "insert_rows", "lying_has_next", "new_column", "clock_skew"}
UNKNOWN = {"bad_gateway", "cut", "drop", "gateway_timeout", "latency", "lost_answer", "truncate"}
EITHER = {"null_data"}  # where an answer holds nothing anyway, null is as good as an empty object
REFUSED = {"busy": cx.Refused, "unavailable": cx.Refused, "rate_limited": cx.RateLimited}
NOTHING_TELLS = {"account_settings", "set_futures_market_settings"}  # setting them again is the same as setting once


class Stage:
    """A sandbox that counts what it carries out; each step has a key of its own, so that none waits for its turn."""

    def __init__(self):
        self.exchange = cx.sandbox(seed=7, now="2026-06-01 12:00", speed=0, limits=False)
        for ccy in ("USDT", "CET"):
            self.exchange.trading.deposit(self.exchange.account, ccy, 10_000_000)
        self.done = []
        answer = self.exchange.trading.answer

        def counted(name, account, params):
            reply = answer(name, account, params)
            self.done.append(name)
            return reply

        self.exchange.trading.answer = counted
        self.set_clock()

    def session(self, **settings):
        """Return a session with a new key."""
        exchange = self.exchange
        key = exchange.add_key(exchange.account, withdraw_enabled=True, expires_at="2027-01-01")
        usual = {"trading": True, "withdrawing": True, "window": 60_000}
        return SignedSession(key.access_id, key.secret_key, exchange.venue, **usual | settings)

    def set_clock(self):
        """Measure the clock, which stands still here while this machine's goes on."""
        skew = self.exchange.session.skew
        skew.measure(self.exchange.session._time)

    def pass_time(self, seconds):
        """Move the clock."""
        if seconds:
            self.exchange.clock.advance(seconds)
            self.set_clock()

    def came(self, name):
        """Return how often a verb has reached the server."""
        return sum(name == called for _, called, _ in self.exchange.server.log)

    def counted(self, name, fault, args, more):
        """Return how often a verb came and was carried out under a fault, and how it ended."""
        self.set_clock()
        came, done = self.came(name), self.done.count(name)
        settings = {"timeout": IMPATIENT} if fault == "latency" else {"window": None} if fault == "clock_skew" else {}
        end = outcome(name, self, {fault: LATE if fault == "latency" else [1]}, args, more, **settings)
        if fault == "latency":
            until(lambda: self.done.count(name) > done)
        return self.came(name) - came, self.done.count(name) - done, end

    def seen(self, finds_out):
        """Return what the calls that find out show; an error is something that shows, too."""
        return [self._seen(call) for call in calls_in(finds_out)]

    def _seen(self, call):
        with cx_at(self.session()):
            try:
                return eval(call, {"cx": cx}).reset_index().to_csv()
            except cx.Refused as fault:
                return type(fault).__name__


class cx_at:  # noqa: N801  # reads like a function
    """Make a session the current one for a while."""

    def __init__(self, session):
        self._session = session

    def __enter__(self):
        self._former = cx.use(self._session)

    def __exit__(self, *_):
        cx.use(self._former)
        self._session.close()


def calls_in(text):
    """Return the calls of cx in a text, each a piece of Python."""
    return [_call_at(text, match.start()) for match in re.finditer(r"\bcx\.", text)]


def _call_at(text, start):
    for end in (at + 1 for at in range(start, len(text)) if text[at] == ")"):
        try:
            ast.parse(text[start:end], mode="eval")
        except SyntaxError:
            continue
        return text[start:end]
    raise AssertionError(f"no call: {text[start:]}")


@pytest.fixture
def stage(monkeypatch):
    """Return a stage where nobody waits for a turn; its sandbox ends with the test."""
    for group in LIMITS:
        monkeypatch.setitem(LIMITS, group, 10_000)
    stage = Stage()
    yield stage
    stage.exchange.close()


def outcome(name, stage, faults, args, more, **settings):
    """Return how a verb ended under faults: what it answered, or the error."""
    function = getattr(cx, name)
    check = {"check": False} if "check" in inspect.signature(function).parameters else {}
    with stage.session(**settings) as session, warnings.catch_warnings():
        warnings.simplefilter("ignore", cx.ColumnsChanged)
        stage.exchange.faults.set(faults)
        try:
            return function(*args, **more, **check, session=session)
        except cx.CoinExError as fault:
            return fault
        finally:
            stage.exchange.faults.set(None)


def test_every_verb_has_a_scene():
    """54 of them, and none that is gone."""
    assert sorted(SCENES) == VERBS


@pytest.mark.parametrize("name", VERBS)
def test_never_twice(stage, name):
    """One fault after the other: the server sees the verb once, and what the caller is told is true."""
    for fault in FAULTS:
        with stage.session() as me:
            args, more = SCENES[name](me)
        stage.pass_time(PASSES.get(name, 0))
        # what the call that finds out shows when nothing was done: known from a gateway that lets nothing through
        nothing = outcome(name, stage, "bad_gateway", args, more)
        assert isinstance(nothing, cx.OutcomeUnknown), nothing
        before = stage.seen(nothing.finds_out)

        came, done, end = stage.counted(name, fault, args, more)
        assert came == (2 if fault == "clock_skew" else 1), fault  # refused for its time it is signed and sent again
        if not isinstance(end, Exception):
            assert 1 == done, fault
        elif not isinstance(end, cx.OutcomeUnknown):
            assert 0 == done, (fault, end)
        else:
            assert nothing.finds_out == end.finds_out
            shows = stage.seen(end.finds_out) != before
            assert done == int(shows) or name in NOTHING_TELLS, (fault, end)
        assert fault not in HARMLESS or not isinstance(end, Exception), (fault, end)
        assert (fault in UNKNOWN) == isinstance(end, cx.OutcomeUnknown) or fault in EITHER, (fault, end)
        assert isinstance(end, REFUSED.get(fault, object)), (fault, end)


@pytest.mark.parametrize("fault", ["drop", "lost_answer"])
@pytest.mark.parametrize("kind", ["limit", "market"])
def test_a_margin_order_is_looked_for_among_margin_orders(stage, fault, kind):
    """The calls that find out name the market type where it is not the usual one."""
    with stage.session() as me:
        cx.transfer("SPOT", "MARGIN", "USDT", "1000", market="BTCUSDT", session=me)
    args, more = {"limit": (("0.01", "30000"), {}), "market": (("0.01",), {"ccy": "BTC"})}[kind]
    more |= {"market_type": "MARGIN", "client_id": "mine"}
    end = outcome("spot_place_order", stage, fault, ("BTCUSDT", "buy", kind, *args), more)
    shown = "".join(stage.seen(end.finds_out))
    assert (fault == "lost_answer") == ("mine" in shown)
