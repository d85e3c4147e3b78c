"""The sockets over the wire: frames, answers, codes, shapes, counts, and nothing left when they are closed."""

from __future__ import annotations

import json
import re
import zlib

import aiohttp
import pytest
import requests

from coinex_pandas.simulator.feeds.feed import Feed
from coinex_pandas.simulator.server.requests import SocketRequests
from tests import reference
from tests.simulator.server.socket_client import Client

AREAS = ("spot", "futures")
DIGIT = {"spot": 20_000, "futures": 30_000}
CHANNELS = ("state", "depth", "deals", "index", "bbo", "premium")
KINDS = {
    "symbol": lambda value: re.fullmatch("[A-Z0-9]+", value),
    "decimal": lambda value: re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value),
    "ms": lambda value: type(value) is int and len(str(value)) == 13,
    "ms0": lambda value: type(value) is int and len(str(value)) in (1, 13),
    "int": lambda value: type(value) is int,
    "id": lambda value: type(value) is int,
    "bool": lambda value: type(value) is bool,
    "enum": lambda value: value in ("buy", "sell"),
    "list": lambda value: type(value) is list,
    "object": lambda value: type(value) is dict,
}


def params(channel, *markets):
    """Return the parameters that subscribe to markets."""
    return {"market_list": [[market, 5, "0", False] for market in markets] if channel == "depth" else list(markets)}


# ---- frames and answers


@pytest.mark.parametrize("area", AREAS)
def test_every_frame_is_one_gzip_member(still, sockets, area):
    """Binary, one member of JSON, nothing behind it; answers and pushes alike."""
    client = sockets(still, area)
    client.ask("server.ping")
    client.subscribe("state")
    client.push()
    assert 3 == len(client.frames)
    for frame in client.frames:
        inflater = zlib.decompressobj(31)
        json.loads(inflater.decompress(frame))
        assert (True, b"") == (inflater.eof, inflater.unused_data)
        assert b"\x1f\x8b" == frame[:2]


def test_compression_of_the_protocol_is_not_negotiated(still, sockets):
    """A client that offers permessage-deflate gets none."""
    client = sockets(still, compress=15)
    assert 0 == client.socket.compress


@pytest.mark.parametrize("area", AREAS)
def test_answers_echo_the_id(still, sockets, area):
    """Ping has a result, acknowledgements have none; the keys are those documented."""
    client = sockets(still, area + "/")  # some clients write the slash
    assert {"id": 7, "code": 0, "data": {"result": "pong"}, "message": "OK"} == client.answer(
        client.send("server.ping", {}, 7)
    )
    assert {"id": 9, "code": 0, "message": "OK"} == client.answer(
        client.send("deals.subscribe", {"market_list": []}, 9)
    )


@pytest.mark.parametrize("area", AREAS)
def test_the_time_is_that_of_the_exchange(still, sockets, area):
    """As over HTTP; the reference has this method from one client only."""
    client = sockets(still, area)
    still.clock.advance(12.5)
    expected = {"id": 5, "code": 0, "data": {"timestamp": still.clock.now_ms()}, "message": "OK"}
    assert expected == client.answer(client.send("server.time", {}, 5))


def listed_methods(area):
    """Return the methods that the reference lists for a socket, and good parameters for each."""
    methods = {}
    for entry in reference.loaded("websocket"):
        if area in entry["markets"] and "method" in entry:
            methods[entry["method"]] = {}
        if area in entry["markets"] and entry.get("subscribe"):
            for verb in ("subscribe", "unsubscribe"):
                text = entry["params"][verb]
                methods[entry[verb]] = json.JSONDecoder().raw_decode(text.replace("[...]", "[]"))[0]
    return methods


@reference.needed
@pytest.mark.parametrize("area", AREAS)
def test_every_method_that_the_reference_lists_is_answered(still, area):
    """With the reference's own parameters; signing is answered, too, and refuses a signature that is none."""
    requests = SocketRequests(Feed(area), lambda _: still.trading.accounts.open("me"))
    requests.handle({"method": "server.sign", "params": {"access_id": "", "signed_str": "", "timestamp": 1}, "id": 1})
    methods = listed_methods(area)
    assert {"spot": 23, "futures": 27}[area] == len(methods)
    for method, given in methods.items():
        code = requests.handle({"method": method, "params": given, "id": 2}).reply["code"]
        assert (DIGIT[area] + 1 if method == "server.sign" else 0) == code, method


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize(
    ("method", "given", "code", "message"),
    [
        ("kline.subscribe", {}, 2, "unknown method"),
        ("state.query", {}, 2, "unknown method"),
        ("state", {}, 2, "unknown method"),
        ("deals.subscribe", {}, 1, "invalid argument"),
        ("deals.subscribe", [], 1, "invalid argument"),
        ("deals.subscribe", {"market_list": "BTCUSDT"}, 1, "invalid argument"),
        ("deals.unsubscribe", {"market_list": [1]}, 1, "invalid argument"),
        ("depth.subscribe", {"market_list": ["BTCUSDT"]}, 1, "invalid argument"),
        ("depth.subscribe", {"market_list": [["BTCUSDT", "5", "0", True]]}, 1, "invalid argument"),
        ("depth.subscribe", {"market_list": [["BTCUSDT", 5, "0"]]}, 1, "invalid argument"),
        ("depth.subscribe", {"market_list": [["BTCUSDT", True, "0", True]]}, 1, "invalid argument"),
        ("depth.unsubscribe", {"market_list": [["BTCUSDT", 5, "0", True]]}, 1, "invalid argument"),
        (7, {}, 1, "invalid argument"),
        ("state.subscribe", 7, 1, "invalid argument"),
        ("order.subscribe", {"market_list": []}, 1001, "require auth"),
        ("stop.subscribe", {"market_list": []}, 1001, "require auth"),
        ("user_deals.unsubscribe", {"market_list": []}, 1001, "require auth"),
        ("balance.subscribe", {"ccy_list": []}, 1001, "require auth"),
        ("notice.subscribe", {"channels": [101]}, 1001, "require auth"),
        ("server.sign", {}, 1, "invalid argument"),
        ("server.sign", {"access_id": "a", "signed_str": "b", "timestamp": "1"}, 1, "invalid argument"),
        ("server.sign", {"access_id": "a", "signed_str": "b", "timestamp": 1}, 1002, "Signature Incorrect"),
    ],
)
def test_errors_have_the_code_of_their_socket(area, method, given, code, message):
    """2xxxx on spot, 3xxxx on futures."""
    answer = SocketRequests(Feed(area)).handle({"method": method, "params": given, "id": 3}).reply
    assert {"id": 3, "code": DIGIT[area] + code, "message": message} == answer


def test_what_futures_have_alone_is_unknown_on_spot():
    """Premium and positions exist on one socket only."""
    for method in ("premium.subscribe", "position.subscribe"):
        answers = [
            SocketRequests(Feed(area)).handle({"method": method, "params": params("state"), "id": 1}) for area in AREAS
        ]
        assert [20_002, 0 if method.startswith("premium") else 31_001] == [one.reply["code"] for one in answers]


def test_a_known_signature_opens_private_channels():
    """Who can tell a good signature is given from outside; the check sees what was sent."""
    seen = []

    def accepts(signature):
        seen.append((signature.access_id, signature.signed_str, signature.timestamp))
        return True

    requests = SocketRequests(Feed("spot"), accepts)
    given = {"access_id": "a", "signed_str": "b", "timestamp": 3}
    assert {"id": 1, "code": 0, "message": "OK"} == requests.handle(
        {"method": "server.sign", "params": given, "id": 1}
    ).reply
    assert [("a", "b", 3)] == seen
    assert 0 == requests.handle({"method": "order.subscribe", "params": params("order"), "id": 2}).reply["code"]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 30_000 + "]" * 30_000,
        '{"a":' * 30_000 + "1" + "}" * 30_000,
        '{"method":"server.sign","params":{"access_id":' + "[" * 30_000 + "]" * 30_000 + '},"id":3}',
    ],
    ids=["list", "object", "signature"],
)
def test_deep_json_is_refused_and_the_socket_stays(still, sockets, text):
    """As any other text that is no request; what is kept of it is the text."""
    client = sockets(still)
    client.say(text)
    assert {"id": 0, "code": 30_001, "message": "invalid argument"} == client.answer(0)
    assert 0 == client.ask("server.ping")["code"]
    assert text == client.hub.received[0].request


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"method":"server.ping"}', '{"method":"server.ping","id":"1"}'])
def test_what_is_no_request_is_refused_and_the_socket_stays(still, sockets, text):
    """An id of 0 stands for none."""
    client = sockets(still)
    client.say(text)
    assert {"id": 0, "code": 30_001, "message": "invalid argument"} == client.answer(0)
    assert 0 == client.ask("server.ping")["code"]


def test_an_error_leaves_the_socket_open(still, sockets):
    """As observed with an unknown method."""
    client = sockets(still, "spot")
    assert 20_002 == client.ask("nonsense")["code"]
    client.subscribe("bbo", "BTCUSDT")
    assert "bbo.update" == client.push()["method"]


# ---- shapes


def documented(channel, area):
    """Return the documented fields of a push: of its data, and of its rows."""
    entry = next(one for one in reference.loaded("websocket") if one["name"] == channel)
    told = entry["push_data"]
    if channel == "state":
        return {"state_list": "list"}, {field["name"]: field["kind"] for field in told[area]}
    fields = {field["name"]: field["kind"] for field in told.get(area) or told["spot_and_futures"]}
    nested = entry.get("push_data", {}).get("nested", {})
    rows = next(iter(nested.values()), [])
    return fields, {field["name"]: field["kind"] for field in rows}


def rows_of(data):
    """Return the rows inside a push's data."""
    inner = data.get("state_list") or data.get("deal_list") or data.get("depth") or []
    return inner if isinstance(inner, list) else [inner]


def check(fields, item):
    """Check names and kinds of an object."""
    assert set(fields) == set(item)
    for name, kind in fields.items():
        assert KINDS[kind](item[name]), (name, kind, item[name])


@reference.needed
@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("channel", CHANNELS)
def test_pushes_are_as_documented(still, sockets, channel, area):
    """Every documented field and no other, each of its kind, in first pushes and later ones."""
    if (channel, area) == ("premium", "spot"):
        pytest.skip("premium exists on futures only")
    fields, inner = documented(channel, area)
    client = sockets(still, area)
    assert 0 == client.ask(f"{channel}.subscribe", params(channel, "BTCUSDT", "ETHUSDT"))["code"]
    for _ in range(4):
        push = client.push()
        assert ({"method", "data", "id"}, None) == (set(push), push["id"])
        assert f"{channel}.update" == push["method"]
        check(fields, push["data"])
        assert bool(inner) == bool(rows_of(push["data"]))
        for row in rows_of(push["data"]):
            check(inner, row)
        still.clock.advance(61)


# ---- with HTTP


def test_a_push_is_what_http_answers(still, serve, sockets):
    """At a standing clock both sides of the one port say the same."""
    client = sockets(still)
    with requests.Session() as session:
        session.trust_env = False
        client.subscribe("deals", "BTCUSDT")
        address = f"http://127.0.0.1:{client.socket._conn.transport.get_extra_info('peername')[1]}/v2/futures"
        deals = session.get(f"{address}/deals?market=BTCUSDT&limit=50", timeout=60).json()["data"]
        assert deals == client.push()["data"]["deal_list"]
        client.ask("depth.subscribe", params("depth", "BTCUSDT"))
        book = session.get(f"{address}/depth?market=BTCUSDT&limit=5&interval=0", timeout=60).json()["data"]
        assert book == client.push()["data"]
        assert 404 == session.get(address, timeout=60).status_code  # no upgrade, no socket


def test_http_and_sockets_are_counted_apart(still, serve):
    """Upgrades and frames are no requests, faults of one side do not count for the other."""
    server = serve(still)
    still.faults.set({"busy": [1], "refuse_socket": [2], "duplicate_push": [1]})
    with Client(f"{server.ws}/futures") as client:
        client.subscribe("bbo", "BTCUSDT")
        assert client.push() == client.push()
    assert (0, 1, 0) == (server.requests, server.sockets.opened, server.sockets.refused)
    with requests.Session() as session:
        session.trust_env = False
        assert [3008, 0] == [session.get(f"{server.http}/ping", timeout=60).json()["code"] for _ in range(2)]
    with pytest.raises(aiohttp.WSServerHandshakeError):
        Client(f"{server.ws}/spot")
    assert (2, 1, 1) == (server.requests, server.sockets.opened, server.sockets.refused)
