"""Only programs and pages of this machine are served: a web page from elsewhere cannot trade at a sandbox."""

from __future__ import annotations

import aiohttp
import pytest
import requests

import coinex_pandas as cx
from coinex_pandas.simulator.server.origins import is_local
from tests.simulator.server.socket_client import Client

LOCAL = ["127.0.0.1", "127.0.0.1:8765", "127.9.8.7:80", "localhost", "LOCALHOST:1", "localhost.", "[::1]", "[::1]:8765"]
FOREIGN = [
    *("shop.example", "shop.example:8765", "127.0.0.1.shop.example", "localhost.shop.example", "shop.example.:80"),
    *("0.0.0.0:8765", "192.168.1.7", "[2001:db8::1]:8765", "2130706433", "127.1", "user@127.0.0.1", "127.0.0.1/x"),
    *("", " ", ":8765", "[::1", "127.0.0.1:port", "127.0.0.1@shop.example", "127.0.0.1#shop.example", "\u0661"),
]


@pytest.mark.parametrize("host", LOCAL)
def test_loopback_hosts_and_their_pages_are_served(host):
    """By any of their names and at any port: a notebook's page has its own."""
    assert is_local({"Host": host})
    assert is_local({"Host": "127.0.0.1:8765", "Origin": f"http://{host}"})
    assert is_local({"Host": host, "Origin": f"https://{host}"})


@pytest.mark.parametrize("host", FOREIGN)
def test_other_hosts_and_pages_are_not(host):
    """Whatever looks like a loopback address and is none is foreign."""
    assert not is_local({"Host": host})
    assert not is_local({"Host": "127.0.0.1:8765", "Origin": f"http://{host}"})


@pytest.mark.parametrize("origin", ["null", "", "file://", "chrome-extension://abcdef", "http:127.0.0.1", "127.0.0.1"])
def test_an_origin_without_an_address_of_this_machine_is_foreign(origin):
    """A file, a frame without origin, an extension: nobody knows who wrote that page."""
    assert not is_local({"Host": "127.0.0.1:8765", "Origin": origin})


def test_a_program_that_names_no_host_is_served():
    """As HTTP/1.0 allows; browsers always name one."""
    assert is_local({})


HEADERS = [{"Origin": "https://shop.example"}, {"Host": "shop.example:80"}, {"Origin": "null"}]


@pytest.mark.parametrize("headers", HEADERS)
def test_a_foreign_page_cannot_trade(serve, still, headers):
    """A good signature does not help: the request is refused before it is looked at, and not counted."""
    server = serve(still)
    account = still.trading.accounts.open("shopper")
    key = still.trading.accounts.make_key(account, still.clock.now_ms())
    still.trading.deposit(account, "USDT", "500")
    venue = cx.Venue("sandbox", http=server.http, ws=server.ws)
    order = ("BTCUSDT", "buy", "limit", "0.001", "30000")
    with cx.SignedSession(key.access_id, key.secret_key, venue, trading=True, retries=0) as session:
        cx.server_time(session=session)
        cx.spot_balances(session=session)
        came = server.requests
        session.headers.update(headers)
        with pytest.raises(cx.CoinExError, match="403"):
            cx.spot_place_order(*order, check=False, session=session)
        assert came == server.requests
        for name in headers:
            del session.headers[name]
        session.headers["Origin"] = "http://localhost:8888"
        assert len(cx.spot_place_order(*order, check=False, session=session)) == 1


@pytest.mark.parametrize("headers", HEADERS)
def test_a_foreign_page_gets_no_socket(serve, still, headers):
    """The handshake is answered with 403; one from this machine's page is accepted."""
    server = serve(still)
    with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
        Client(f"{server.ws}/spot", headers=headers)
    assert (0, 0) == (server.sockets.opened, server.sockets.refused)
    with Client(f"{server.ws}/spot", headers={"Origin": "http://127.0.0.1:8888"}) as client:
        assert 0 == client.ask("server.ping")["code"]


def test_a_refusal_says_why(serve, still):
    """The text names the reason, and nothing of the request."""
    server = serve(still)
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(f"{server.http}/time", headers={"Host": "<shop>.example"}, timeout=10)
    assert 403 == answer.status_code
    assert "this machine only" in answer.text
    assert "shop" not in answer.text
