"""Signed requests over HTTP: keys, limits, faults; what is refused before the endpoints."""

import hashlib
import hmac
import json
import logging
import threading
import time
from types import SimpleNamespace

import pytest
import requests

import coinex_pandas as cx
from coinex_pandas.api.assets.balances import futures_balances, spot_balances
from coinex_pandas.api.assets.transfers import transfer
from coinex_pandas.api.orders.cancelling import spot_cancel_orders
from coinex_pandas.api.orders.placing import spot_place_order
from coinex_pandas.http import pacing
from coinex_pandas.http import session as web_session
from tests.http.virtual_time import VirtualTime

NOW = "2026-06-01 12:00"
BALANCE = "/assets/spot/balance"
TRANSFER = {"from_account_type": "SPOT", "to_account_type": "FUTURES", "ccy": "USDT", "amount": "5"}


@pytest.fixture
def exchange():
    """Give a sandbox whose clock stands still, with 100 USDT."""
    made = cx.sandbox(now=NOW, speed=0, balances={"USDT": "100"})
    yield made
    made.close()
    assert not any(made.trading.ledger.totals().values())


class Caller:
    """A client of its own, that signs as the documentation says or as it used to."""

    def __init__(self, exchange, key=None, *, old=False):
        self.exchange, self.key, self.old = exchange, key or exchange.key, old
        self.web = requests.Session()
        self.web.trust_env = False

    def get(self, path):
        """Send a GET; return the response."""
        return self.web.get(self.exchange.http + path, headers=self._headers("GET", path, ""), timeout=60)

    def post(self, path, body, content_type="application/json"):
        """Send a POST; return the response."""
        text = body if isinstance(body, str) else json.dumps(body)
        headers = {"Content-Type": content_type, **self._headers("POST", path, text)}
        return self.web.post(self.exchange.http + path, data=text, headers=headers, timeout=60)

    def _headers(self, method, path, body):
        at = str(self.exchange.clock.now_ms())
        text, secret = f"{method}/v2{path}{body}{at}".encode(), self.key.secret_key.encode()
        old = hashlib.sha256(text + secret).hexdigest()
        sign = old if self.old else hmac.new(secret, text, hashlib.sha256).hexdigest()
        return {"X-COINEX-KEY": self.key.access_id, "X-COINEX-SIGN": sign, "X-COINEX-TIMESTAMP": at}


@pytest.fixture
def caller(exchange):
    """Give a caller with the first account's key."""
    made = Caller(exchange)
    yield made
    made.web.close()


@pytest.fixture
def standing(exchange):
    """Let no time pass for the rate limits, so that nothing flows into their buckets."""
    exchange.buckets._now = lambda: 100.0


def in_futures(exchange):
    """Return what is in the first account's futures wallet."""
    found = exchange.trading.answer("futures_balances", exchange.account, {}).data
    return [row["available"] for row in found or ()]


@pytest.mark.parametrize("old", [False, True])
def test_both_schemes_of_signing(exchange, old):
    """GET and POST; the sandbox counts which was used."""
    caller = Caller(exchange, old=old)
    with caller.web:
        assert [{"ccy": "USDT", "available": "100", "frozen": "0"}] == caller.get(BALANCE).json()["data"]
        path = "/assets/transfer-history?ccy=USDT&transfer_type=FUTURES&market=A%2CB"
        assert 0 == caller.get(path).json()["code"]
        assert {"code": 0, "data": {}, "message": "OK"} == caller.post("/assets/transfer", TRANSFER).json()
    assert ["5"] == in_futures(exchange)
    assert {"sha256" if old else "hmac": 3} == exchange.server.auth.signed


def test_the_session_of_the_sandbox_may_everything(exchange):
    """It is signed with the first account's key, and it is play money."""
    with exchange:
        assert 100.0 == spot_balances().loc["USDT", "available"]
        transfer("SPOT", "FUTURES", "USDT", "5")
        assert 5.0 == futures_balances().loc["USDT", "available"]


def test_other_accounts_and_keys(exchange):
    """Each key acts for its account; what it may not do is refused."""
    other = exchange.add_account("other", {"BTC": "0.5"})
    reader = exchange.signed(exchange.add_key(other, trade_enabled=False))
    assert ["BTC"] == list(spot_balances(session=reader).index)
    with pytest.raises(cx.CoinExError, match="4115"):
        transfer("SPOT", "FUTURES", "BTC", "0.1", session=reader)
    bound = exchange.signed(exchange.add_key(other, ip_whitelist=["10.0.0.1"]))
    with pytest.raises(cx.CoinExError, match="4007"):
        spot_balances(session=bound)
    late = exchange.signed(exchange.add_key(other, expires_at="2026-06-02"))
    spot_balances(session=late)
    exchange.clock.advance(86_400)
    with pytest.raises(cx.CoinExError, match="4005"):
        spot_balances(session=late)


def test_a_frozen_sub_account(exchange):
    """Its key is refused, and works again afterwards."""
    sub = exchange.add_account("sub-1", {"USDT": 1}, parent=exchange.account)
    session = exchange.signed(exchange.add_key(sub))
    sub.is_frozen = True
    with pytest.raises(cx.CoinExError, match="4011"):
        spot_balances(session=session)
    sub.is_frozen = False
    assert 1.0 == spot_balances(session=session).loc["USDT", "available"]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (TRANSFER, "text/plain"),
        (TRANSFER, "application/x-www-form-urlencoded"),
        ("", "application/json"),
        ("[]", "application/json"),
        ("null", "application/json"),
        ("{", "application/json"),
        ('"' + "x" * 100, "application/json"),
        (TRANSFER | {"amount": 5}, "application/json"),
        pytest.param('{"ccy":' + "[" * 40_000 + "]" * 40_000 + "}", "application/json", id="deep list"),
        pytest.param('{"ccy":' * 40_000 + "1" + "}" * 40_000, "application/json", id="deep object"),
    ],
)
def test_bodies_that_are_refused(exchange, caller, body, content_type):
    """What is no JSON object, or has a number where text belongs, is code 4004."""
    assert 4004 == caller.post("/assets/transfer", body, content_type).json()["code"]
    assert [] == in_futures(exchange)


def test_a_charset_does_not_matter(caller):
    """The label may say more than application/json."""
    assert 0 == caller.post("/assets/transfer", TRANSFER, "application/json; charset=utf-8").json()["code"]


def test_without_a_signature(exchange):
    """4005, and no headers about a rate."""
    with requests.Session() as web:
        web.trust_env = False
        answer = web.get(exchange.http + BALANCE, timeout=60)
        assert 4005 == answer.json()["code"]
        assert "X-RateLimit-Limit" not in answer.headers
        assert 404 == web.post(exchange.http + BALANCE, timeout=60).status_code


def test_limits_and_their_headers(exchange, standing, caller):
    """The bucket of a group, told in the headers; when it is empty 4213, and the other account still asks."""
    answers = [caller.get(BALANCE) for _ in range(11)]
    assert "10" == answers[0].headers["X-RateLimit-Limit"]
    assert "9" == answers[0].headers["X-RateLimit-Remaining"]
    assert [0] * 10 == [answer.json()["code"] for answer in answers[:10]]
    assert 4213 == answers[-1].json()["code"]
    assert "0" == answers[-1].headers["x-ratelimit-remaining"]
    assert 11 == exchange.buckets.busiest("account_query")
    other = Caller(exchange, exchange.add_key(exchange.add_account("other")))
    with other.web:
        assert 0 == other.get(BALANCE).json()["code"]
    assert 0 == caller.get("/assets/futures/balance").json()["code"]
    exchange.buckets.enforced = False
    assert 0 == caller.get(BALANCE).json()["code"]


def test_a_batch_counts_its_items(exchange, standing, caller):
    """One unit each, and each item has its own code."""
    items = spot_cancel_orders("BTCUSDT", [1, 2, 3, 4, 5], session=exchange.session)
    assert [3600] * 5 == items["code"].to_list()
    assert [5] == [arrival.units for arrival in exchange.buckets.arrivals("spot_cancel")]
    many = {"market": "BTCUSDT", "order_ids": list(range(1, 61))}
    assert 4213 == caller.post("/spot/cancel-batch-order", many).json()["code"]


def test_an_address_has_a_limit_too(exchange, standing):
    """Every request counts into it, public ones as well."""
    with requests.Session() as web:
        web.trust_env = False
        exchange.buckets.take("public", "127.0.0.1", 399)
        codes = [web.get(exchange.http + "/ping", timeout=60).json()["code"] for _ in range(2)]
    assert 0 == codes[0] != codes[1]
    assert 401 == exchange.buckets.busiest("public")


def test_eight_threads_stay_below_the_limits(exchange, monkeypatch):
    """With one session nobody is refused, and no second sees more than its share."""
    virtual = VirtualTime()
    monkeypatch.setattr(pacing, "_pacers", {})
    monkeypatch.setattr(pacing.Pacer.__init__, "__defaults__", (virtual.clock, virtual.sleep))
    monkeypatch.setattr(web_session, "time", SimpleNamespace(monotonic=virtual.clock, sleep=virtual.sleep))
    exchange.buckets._now = virtual.clock
    spot_balances(session=exchange.session)  # the clock is measured

    def ask():
        for _ in range(4):
            spot_balances(session=exchange.session)

    virtual.run([ask] * 8)
    arrivals = exchange.buckets.arrivals("account_query")
    assert 33 == len(arrivals)
    assert all(arrival.granted for arrival in arrivals)
    assert 8 <= exchange.buckets.busiest("account_query") <= 10


# ---- faults


@pytest.mark.parametrize(
    ("fault", "done"),
    [
        ("drop", False),
        ("bad_gateway", False),
        ("busy", False),
        ("unavailable", False),
        ("rate_limited", False),
        ("lost_answer", True),
        ("gateway_timeout", True),
        ("truncate", True),
        ("cut", True),
        ("content_type", True),
        ("null_data", True),
        ("new_column", True),
    ],
)
def test_what_was_asked_for_is_done_once_or_not_at_all(exchange, caller, fault, done):
    """Whatever the answer looks like: the fault says whether it was carried out."""
    exchange.faults.set({fault: [1]})
    try:
        answer = caller.post("/assets/transfer", TRANSFER)
        assert 200 == answer.status_code or "gateway" in fault
    except requests.RequestException:
        assert fault in ("drop", "lost_answer", "cut")
    exchange.faults.set(None)
    assert (["5"] if done else []) == in_futures(exchange)


@pytest.mark.parametrize("fault", ["lost_answer", "gateway_timeout", "cut", "truncate", "drop", "bad_gateway"])
def test_a_verb_is_never_sent_twice(exchange, fault):
    """The outcome is unknown to the client, and the exchange has seen one request."""
    exchange.session.get(exchange.http + "/ping")
    spot_balances(session=exchange.session)  # the clock is measured
    before = exchange.server.requests
    exchange.faults.set(fault)
    with pytest.raises(cx.CoinExError):
        transfer("SPOT", "FUTURES", "USDT", "5", session=exchange.session)
    exchange.faults.set(None)
    assert 1 == exchange.server.requests - before


@pytest.mark.parametrize("area", ["spot", "futures"])
def test_orders_and_stop_orders_are_cancelled_by_client_id(area):
    """Each call finds all of its sort that carry it, and none of the other sort."""
    price_type = {"trigger_price_type": "mark_price"} if area == "futures" else {}
    with cx.sandbox(now=NOW, speed=0):
        place, place_stop = getattr(cx, f"{area}_place_order"), getattr(cx, f"{area}_place_stop_order")
        ticket = ("BTCUSDT", "buy", "limit", "0.001", "30000")
        order = place(*ticket, client_id="mine").index[0]
        stops = [
            place_stop(*ticket, trigger_price="31000", client_id=name, **price_type).index[0]
            for name in ("mine", "mine", "other")
        ]
        cancelled = getattr(cx, f"{area}_cancel_stop_orders_by_client_id")("mine")
        assert sorted(stops[:2]) == sorted(cancelled["stop_id"])
        assert [stops[2]] == getattr(cx, f"{area}_pending_stop_orders")().index.to_list()
        assert [order] == getattr(cx, f"{area}_cancel_orders_by_client_id")("mine")["order_id"].to_list()
        assert [] == getattr(cx, f"{area}_pending_orders")().index.to_list()


def test_a_skewed_clock_is_skewed_for_signatures_too(exchange, caller):
    """The server's clock is wrong everywhere: who measures it is let in, who does not is too late."""
    exchange.faults.set("clock_skew")
    assert 4010 == caller.get(BALANCE).json()["code"]
    assert 100.0 == spot_balances(session=exchange.session).loc["USDT", "available"]


def test_when_trading_has_ended_orders_are_refused_and_balances_answer(exchange, caller):
    """The fault `frozen`."""

    def place():
        return spot_place_order("BTCUSDT", "buy", "limit", "0.001", "20000", session=exchange.session)

    exchange.faults.set("frozen")
    with pytest.raises(cx.CoinExError, match="4117"):
        place()
    assert 0 == caller.get(BALANCE).json()["code"]
    exchange.faults.set(None)
    assert 1 == len(place())


# ---- the clock


@pytest.mark.parametrize("jump", [11, 86_400])
def test_a_clock_that_jumps_is_no_lasting_failure(exchange, jump):
    """The session measures again and goes on, reading and writing."""
    spot_balances(session=exchange.session)
    exchange.clock.advance(jump)
    transfer("SPOT", "FUTURES", "USDT", "5", session=exchange.session)
    exchange.clock.advance(jump)
    assert 95.0 == spot_balances(session=exchange.session).loc["USDT", "available"]
    assert ["5"] == in_futures(exchange)


@pytest.mark.parametrize("speed", [0.0, 0.5, 60.0, 3600.0])
def test_a_clock_that_drifts_is_no_lasting_failure(speed):
    """Slow, fast or standing still."""
    with cx.sandbox(now=NOW, speed=speed, balances={"USDT": 100}, limits=False) as exchange:
        began, calls = time.monotonic(), 0
        while calls < 8 or time.monotonic() < began + 0.3:
            spot_balances()
            calls += 1
        assert exchange.server.auth.signed["hmac"] >= calls


def test_others_do_not_wait_while_days_are_caught_up_with(monkeypatch):
    """Orders, positions and loans are brought through all the minutes beside the server's loop."""
    with cx.sandbox(now=NOW, speed=0, limits=False) as exchange:
        cx.spot_place_order("BTCUSDT", "buy", "limit", "0.01", "30000")
        cx.futures_place_order("BTCUSDT", "buy", "market", "0.1")
        cx.transfer("SPOT", "MARGIN", "USDT", "1000", market="BTCUSDT")
        cx.margin_borrow("BTCUSDT", "USDT", "500", is_auto_renew=True)
        before = len(exchange.trading.ledger.entries)
        exchange.clock.advance(3 * 86_400)
        begun, answered, advance = threading.Event(), threading.Event(), exchange.trading.advance

        def held():
            begun.set()
            assert answered.wait(60)
            advance()

        monkeypatch.setattr(exchange.trading, "advance", held)
        asking = threading.Thread(target=cx.spot_balances)
        asking.start()
        assert begun.wait(60)
        caller = Caller(exchange)
        with caller.web:
            assert 0 == caller.get("/time").json()["code"]
        assert asking.is_alive()
        answered.set()
        asking.join()
        assert len(exchange.trading.ledger.entries) > before  # funding was paid meanwhile


def test_a_deposit_from_outside(exchange):
    """It arrives as time passes; what cannot arrive is an error in words."""
    exchange.deposit(exchange.account, "USDT", "7.5", chain="TRC20")
    exchange.clock.advance(3600)
    assert 107.5 == spot_balances(session=exchange.session).loc["USDT", "available"]
    for wrong in (("USDT", 0), ("NOPE", 1), ("USDT", "x"), ("USDT", -1)):
        with pytest.raises(cx.InvalidArgument):
            exchange.deposit(exchange.account, *wrong)
    with pytest.raises(cx.InvalidArgument, match="ERC20"):
        exchange.deposit(exchange.account, "USDT", 1, chain="BTC")


@pytest.mark.parametrize("balances", [{"USDT": -1}, {"USDT": "a lot"}, {"USDT": float("nan")}, {"NOPE": 1}])
def test_balances_that_cannot_be(balances):
    """An error in words, and no server is left."""
    before = set(threading.enumerate())
    with pytest.raises(cx.InvalidArgument):
        cx.sandbox(balances=balances)
    assert not set(threading.enumerate()) - before


def test_nothing_secret_is_shown(exchange, caller, caplog):
    """Not in reprs, not in logs, not in the server's own log."""
    caplog.set_level(logging.DEBUG)
    spot_balances(session=exchange.session)
    caller.post("/assets/transfer", TRANSFER)
    shown = repr(
        [exchange, exchange.key, exchange.account, exchange.session, exchange.server, exchange.trading.accounts]
    )
    for text in (shown, caplog.text, str(list(exchange.server.log)), str(exchange.server.auth.signed)):
        assert exchange.key.access_id not in text
        assert exchange.key.secret_key not in text
