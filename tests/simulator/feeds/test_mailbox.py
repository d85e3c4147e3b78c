"""The private channels of the sandbox: signed with a key of an account, they tell of that account and of no other."""

from __future__ import annotations

import hashlib
import hmac
import json
from decimal import Decimal
from types import SimpleNamespace

import pytest

import coinex_pandas as cx
from coinex_pandas.simulator.engine.engine import Event
from coinex_pandas.simulator.feeds.feed import Feed
from coinex_pandas.simulator.feeds.mailbox import PRIVATE, Mailbox
from coinex_pandas.simulator.server.auth import Authenticator, Signature
from coinex_pandas.simulator.server.requests import SocketRequests
from tests.paths import GOLDEN_STREAMS
from tests.simulator.private_api import NOW, PrivateApi
from tests.simulator.server.socket_client import Client, wait

SIGNED = sorted(path.stem for path in GOLDEN_STREAMS.glob("*.json") if "signed" in json.loads(path.read_text("utf-8")))
METHODS = {"orders": "order", "stops": "stop", "balances": "balance", "positions": "position", "notices": "notice"}
VECTOR = {
    "secret": "my-secret-key",
    "timestamp": 1700490703564,
    "signed_str": "a267df0d4f1b527816b5406e3d2c2c3bd15aa36b91afc59258ffb8f0eb41fa17",
}
"""The documented signature of a socket."""


def signature(key, at, secret=None):
    """Return what a client signs with."""
    text = hmac.new((secret or key.secret_key).encode(), str(at).encode(), hashlib.sha256).hexdigest()
    return {"access_id": key.access_id, "signed_str": text, "timestamp": at}


@pytest.fixture
def api():
    """Give an exchange with an account."""
    return PrivateApi()


@pytest.fixture
def key(api):
    """Give a key of that account."""
    return api.trading.accounts.make_key(api.me, NOW)


def whose(api, params, now=NOW, address="127.0.0.1", speed=1.0):
    """Return who has signed."""
    clock = SimpleNamespace(now_ms=lambda: now, speed=speed)
    return Authenticator(api.trading.accounts, clock).account_of(Signature(**params), address)


# ---- signatures


def test_documented_vector_is_a_good_signature(api, key):
    """The signature of the documentation is accepted at its time."""
    key.secret_key = VECTOR["secret"]
    params = {"access_id": key.access_id, **{name: VECTOR[name] for name in ("timestamp", "signed_str")}}
    assert api.me is whose(api, params, VECTOR["timestamp"])


@pytest.mark.parametrize(("late", "good"), [(0, True), (5_000, True), (-5_000, True), (5_001, False), (-5_001, False)])
def test_signature_is_good_for_five_seconds(api, key, late, good):
    """Either side of the exchange's clock; a clock that runs faster gives as much more of its own time."""
    assert good == (whose(api, signature(key, NOW - late)) is api.me)
    assert api.me is whose(api, signature(key, NOW - 10 * late), speed=10.1)


def test_what_is_no_good_signature(api, key):
    """Another secret, an unknown key, a lapsed key, a frozen account, an address that is not on the list."""
    assert whose(api, signature(key, NOW, "another")) is None
    assert whose(api, signature(key, NOW) | {"access_id": "nobody"}) is None
    assert whose(api, signature(key, NOW) | {"signed_str": "é" * 64}) is None
    assert whose(api, signature(key, NOW) | {"timestamp": NOW + 1}) is None
    lapsed = api.trading.accounts.make_key(api.me, NOW, expires_at=NOW)
    assert whose(api, signature(lapsed, NOW)) is None
    bound = api.trading.accounts.make_key(api.me, NOW, ip_whitelist=["192.0.2.0/24"])
    assert whose(api, signature(bound, NOW)) is None
    assert api.me is whose(api, signature(bound, NOW), address="192.0.2.7")
    api.me.is_frozen = True
    assert whose(api, signature(key, NOW)) is None
    assert "<signature>" == repr(Signature(**signature(key, NOW)))


# ---- requests


class PrivateConnection:
    """A connection's requests and mailbox at an exchange."""

    def __init__(self, api, area="spot"):
        self.feed = Feed(area)
        auth = Authenticator(api.trading.accounts, api.exchange.clock)
        self.requests = SocketRequests(self.feed, lambda signature: auth.account_of(signature, "127.0.0.1"))
        api.trading.listeners.append(self.feed.mailbox.receive)

    def ask(self, method, params):
        """Ask, and let the answer's change be done; return the code."""
        outcome = self.requests.handle({"method": method, "params": params, "id": 1})
        if outcome.change is not None:
            outcome.change()
        return outcome.reply["code"]

    def pushes(self):
        """Return method and data of what waits."""
        return [(push.method, json.loads(push.text)["data"]) for push in self.feed.mailbox.due()]


@pytest.fixture
def connection(api, key):
    """Give a signed connection to the spot socket."""
    made = PrivateConnection(api)
    assert 0 == made.ask("server.sign", signature(key, NOW))
    return made


@pytest.mark.parametrize("name", SIGNED)
def test_golden_requests_are_answered_as_documented(api, key, name):
    """The golden subscription is acknowledged exactly as documented, once the connection is signed."""
    area, _, noun = name.partition("_")
    told = json.loads((GOLDEN_STREAMS / f"{name}.json").read_text("utf-8"))
    connection = PrivateConnection(api, area)
    refused = connection.requests.handle(told["sent"]).reply
    assert {"spot": 21001, "futures": 31001}[area] == refused["code"]
    sign = told["signed"]["sent"] | {"params": signature(key, NOW)}
    assert told["signed"]["acknowledged"] == connection.requests.handle(sign).reply
    assert told["acknowledged"] == connection.requests.handle(told["sent"]).reply
    assert f"{METHODS.get(noun, noun)}.subscribe" == told["sent"]["method"]


@pytest.mark.parametrize("area", ["spot", "futures"])
def test_wrong_signature_is_refused(api, key, area):
    """With the socket's own code; what was signed before stays."""
    connection = PrivateConnection(api, area)
    code = {"spot": 21002, "futures": 31002}[area]
    assert code == connection.ask("server.sign", signature(key, NOW, "another"))
    assert code - 1 == connection.ask("order.subscribe", {"market_list": []})
    assert 0 == connection.ask("server.sign", signature(key, NOW))
    assert code == connection.ask("server.sign", signature(key, NOW - 60_000))
    assert 0 == connection.ask("order.subscribe", {"market_list": []})


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("order.subscribe", {}, 20001),
        ("order.subscribe", {"market_list": "BTCUSDT"}, 20001),
        ("balance.subscribe", {"market_list": []}, 20001),
        ("notice.subscribe", {"channels": [102]}, 20001),
        ("notice.subscribe", {"channels": []}, 20001),
        ("notice.subscribe", {"channels": ["101"]}, 20001),
        ("notice.unsubscribe", {"channels": []}, 0),
        ("position.subscribe", {"market_list": []}, 20002),
        ("user_deals.unsubscribe", {"market_list": ["BTCUSDT"]}, 0),
    ],
)
def test_parameters_are_checked(connection, method, params, code):
    """Wrong ones have the code of a wrong parameter; positions are told on the futures socket only."""
    assert code == connection.ask(method, params)


# ---- what is told


def order(api, price="10000", amount="0.01", account=None):
    """Place an order; return its id."""
    asked = {"market": "BTCUSDT", "market_type": "SPOT", "side": "buy", "type": "limit", "amount": amount}
    return api.post("spot_place_order", account, **asked, price=price)["order_id"]


def test_order_is_pushed_to_its_account(api, connection):
    """Put and finish, with the documented fields; the balance that it holds; nothing of others."""
    other = api.open("other", USDT=1000)
    for method, selector in PRIVATE["spot"].items():
        if method != "notice":
            assert 0 == connection.ask(f"{method}.subscribe", {selector: []})
    number = order(api)
    order(api, account=other)
    api.post("spot_cancel_order", market="BTCUSDT", market_type="SPOT", order_id=number)
    told = connection.pushes()
    golden = json.loads((GOLDEN_STREAMS / "spot_orders.json").read_text("utf-8"))["pushed"][0]["data"]
    orders = [data for method, data in told if method == "order.update"]
    assert ["put", "finish"] == [data["event"] for data in orders]
    assert {number} == {data["order"]["order_id"] for data in orders}
    assert set(golden["order"]) == set(orders[0]["order"])
    frozen = [data["balance_list"][0]["frozen"] for method, data in told if method == "balance.update"]
    assert [100, 0] == [Decimal(text) for text in frozen]


def test_names_choose(api, connection):
    """Markets and currencies that were not named are not told of; an empty list takes all out again."""
    connection.ask("order.subscribe", {"market_list": ["ETHUSDT"]})
    connection.ask("balance.subscribe", {"ccy_list": ["BTC"]})
    order(api)
    assert [] == connection.pushes()
    connection.ask("order.subscribe", {"market_list": ["BTCUSDT"]})
    order(api)
    assert ["order.update"] == [method for method, _ in connection.pushes()]
    connection.ask("order.subscribe", {"market_list": []})
    connection.ask("order.unsubscribe", {"market_list": ["BTCUSDT"]})
    order(api)
    assert [] == connection.pushes()
    connection.ask("order.subscribe", {"market_list": []})
    order(api)
    assert ["order.update"] == [method for method, _ in connection.pushes()]
    connection.ask("order.unsubscribe", {"market_list": []})
    order(api)
    assert [] == connection.pushes()


def test_signing_for_another_account_begins_again(api, connection):
    """Nothing that the one wanted is told of the other."""
    connection.ask("order.subscribe", {"market_list": []})
    other = api.open("other", USDT=1000)
    assert 0 == connection.ask("server.sign", signature(api.trading.accounts.make_key(other, NOW), NOW))
    order(api)
    order(api, account=other)
    assert [] == connection.pushes()
    connection.ask("order.subscribe", {"market_list": []})
    order(api, account=other)
    assert 1 == len(connection.pushes())


def test_mailbox_wakes_who_waits():
    """Whoever sends is told that there is something."""
    api, woken = PrivateApi(), []
    mailbox = Mailbox("futures")
    mailbox.on_push = lambda: woken.append(True)
    event = Event(api.me, "futures", "position", "BTCUSDT", {"event": "update", "position": {}}, 0)
    mailbox.receive(event)
    mailbox.sign(api.me)
    mailbox.receive(event)
    mailbox.subscribe("position", [])
    mailbox.receive(event)
    assert [True] == woken
    assert [("position.update", 1)] == [(push.method, push.rows) for push in mailbox.due()]
    assert [] == list(mailbox.due())


# ---- over sockets


@pytest.fixture
def exchange():
    """Give a running sandbox, whose clock runs as ours does."""
    with cx.sandbox(seed=7, push_every=0.05) as made:
        yield made


@pytest.fixture
def connected(exchange):
    """Give a maker of signed clients, and close them."""
    made = []

    def connect(area="spot"):
        made.append(Client(f"{exchange.ws}/{area}"))
        assert 0 == made[-1].ask("server.sign", signature(exchange.key, exchange.clock.now_ms()))["code"]
        return made[-1]

    yield connect
    for client in made:
        client.close()


def test_order_is_pushed_at_once_and_counted(exchange, connected):
    """It does not wait for the next look; the counters have it, its fault and its rows."""
    price = round(cx.spot_tickers("BTCUSDT")["last"].item())
    exchange.sockets.push_every = 1e9
    client = connected()
    client.ask("order.subscribe", {"market_list": []})
    client.ask("balance.subscribe", {"ccy_list": []})
    cx.spot_place_order("BTCUSDT", "buy", "limit", "0.01", price=str(price // 2))
    client.pushes(2)
    counts = exchange.sockets.counts[1]
    assert [(1, 1), (1, 1)] == [tuple(counts[f"{method}.update"]) for method in ("order", "balance")]
    sent = {each.method: each for each in exchange.sockets.sent}
    assert ("BTCUSDT",) == sent["order.update"].markets
    assert "put" == sent["order.update"].data["event"]


def test_faults_hit_private_frames_too(exchange, connected):
    """A frame of one's own is corrupted, or comes twice, as any other."""
    price = round(cx.spot_tickers("BTCUSDT")["last"].item())
    client = connected()
    client.ask("order.subscribe", {"market_list": []})
    exchange.faults.set({"duplicate_push": 1.0})
    cx.spot_place_order("BTCUSDT", "buy", "limit", "0.01", price=str(price // 2))
    assert client.push() == client.push()
    assert {("duplicate_push",)} == {each.faults for each in exchange.sockets.sent[-1:]}


def test_nothing_is_pushed_while_paused(exchange, connected):
    """What happened meanwhile comes when it goes on."""
    price = round(cx.spot_tickers("BTCUSDT")["last"].item())
    client = connected()
    client.ask("order.subscribe", {"market_list": []})
    exchange.sockets.pause()
    cx.spot_place_order("BTCUSDT", "buy", "limit", "0.01", price=str(price // 2))
    assert 0 == client.ask("server.ping")["code"]
    client.quiet()
    assert [] == [each for each in exchange.sockets.sent if each.method == "order.update"]
    exchange.sockets.resume()
    assert "put" == client.push()["data"]["event"]


def test_time_that_is_jumped_over_is_told_of(exchange, connected):
    """A deposit arrives while the clock is moved by an hour and nobody asks."""
    client = connected()
    client.ask("balance.subscribe", {"ccy_list": ["USDT"]})
    exchange.deposit(exchange.account, "USDT", 500)
    exchange.clock.advance(3600)
    assert "USDT" == client.push()["data"]["balance_list"][0]["ccy"]


def test_maintenance_is_announced(exchange, connected):
    """To those who want notices, in the documented form, on both sockets."""
    clients = [connected(area) for area in ("spot", "futures")]
    silent = connected()
    for client in clients:
        client.ask("notice.subscribe", {"channels": [101]})
    exchange.sockets.announce()
    golden = json.loads((GOLDEN_STREAMS / "spot_notices.json").read_text("utf-8"))["pushed"][0]
    for client in clients:
        push = client.push()
        assert (set(golden), set(golden["data"]["info"])) == (set(push), set(push["data"]["info"]))
        assert 101 == push["data"]["channel"]
    assert [] == silent.received


def test_what_is_kept_of_a_signature_shows_no_key(exchange, connected):
    """The request is kept, its signature is not."""
    connected()
    wait(lambda: exchange.sockets.received)
    (kept,) = exchange.sockets.received
    assert {"access_id": "***", "signed_str": "***"}.items() <= kept.request["params"].items()
