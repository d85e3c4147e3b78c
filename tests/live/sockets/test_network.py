"""Sockets use the proxies and certificates that requests would use over HTTP, the session's and the environment's."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from typing import Any

import pytest
import requests
from picows import WSError
from requests.adapters import BaseAdapter
from requests.utils import select_proxy
from urllib3.exceptions import LocationValueError

import coinex_pandas as cx
from coinex_pandas.live.sockets.network import connect, network_of, reason_of
from tests.live.sockets.authorities import Authority
from tests.live.sockets.proxy_server import Wish, proxying
from tests.live.sockets.raw_server import BINARY, Handler, frame, serving

pytestmark = pytest.mark.outside

SOCKET, API = "socket.exchange.test", "api.exchange.test"
VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "requests_ca_bundle", "curl_ca_bundle")


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment names no proxy and no authorities."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    """An authority that nobody knows."""
    return Authority(tmp_path_factory.mktemp("authority"))


def _session(port: int = 8443, *, host: str = SOCKET, secure: bool = False) -> cx.Session:
    scheme = "wss" if secure else "ws"
    http = f"{'https' if secure else 'http'}://{API}/v2"
    return cx.Session(cx.Venue("exchange", http=http, ws=f"{scheme}://{host}:{port}/v2"))


# ---- the same settings as over HTTP


class _Keeper(BaseAdapter):
    """Keeps the settings with which requests would send."""

    def send(self, request: requests.PreparedRequest, *_: Any, **settings: Any) -> requests.Response:
        """Keep the settings, and send nothing."""
        self.settings = settings | {"proxy": select_proxy(str(request.url), settings["proxies"])}
        response = requests.Response()
        response.status_code, response.url, response.request = 200, str(request.url), request
        response.raw = None
        response._content = b""
        return response

    def close(self) -> None:
        """Hold nothing."""


ENVIRONMENTS: dict[str, dict[str, str]] = {
    "bare": {},
    "https": {"HTTPS_PROXY": "http://one.test:3128"},
    "all": {"ALL_PROXY": "socks5h://two.test:1080"},
    "bypassed": {"HTTPS_PROXY": "http://one.test:3128", "NO_PROXY": f"localhost,{SOCKET}"},
    "bypassed elsewhere": {"HTTPS_PROXY": "http://one.test:3128", "NO_PROXY": API},
    "requests' bundle": {"REQUESTS_CA_BUNDLE": "/somewhere/r.pem"},
    "both bundles": {"REQUESTS_CA_BUNDLE": "/somewhere/r.pem", "CURL_CA_BUNDLE": "/somewhere/c.pem"},
    "curl's bundle": {"CURL_CA_BUNDLE": "/somewhere/c.pem", "https_proxy": "http://three.test:81"},
}
SETTINGS: dict[str, dict[str, Any]] = {
    "plain": {},
    "https": {"proxies": {"https": "http://four.test:3128"}},
    "http only": {"proxies": {"http": "http://four.test:3128"}},
    "host": {"proxies": {f"https://{SOCKET}": "http://five.test:3128", "https": "http://six.test:1"}},
    "other host": {"proxies": {f"https://{API}": "http://five.test:3128"}},
    "all of the host": {"proxies": {f"all://{SOCKET}": "socks5://seven.test:1080"}},
    "folder": {"verify": "/somewhere/authorities"},
    "unchecked": {"verify": False, "proxies": {"all": "http://eight.test:3128"}},
    "own certificate": {"cert": ("/mine.pem", "/mine.key")},
    "on its own": {"trust_env": False, "proxies": {"https": "http://nine.test:3128"}},
    "on its own, directly": {"trust_env": False},
}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("settings", SETTINGS)
def test_settings_are_those_with_which_requests_would_send(
    environment: str, settings: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For every mixture of the session's and the environment's."""
    for name, value in ENVIRONMENTS[environment].items():
        monkeypatch.setenv(name, value)
    session, keeper = _session(secure=True), _Keeper()
    for name, value in SETTINGS[settings].items():
        setattr(session, name, value)
    session.mount("https://", keeper)
    session.get(f"https://{SOCKET}:8443/v2/spot")
    expected = keeper.settings
    found = network_of(session, f"wss://{SOCKET}:8443/v2/spot")
    assert (expected["proxy"], expected["verify"], expected["cert"]) == found


@pytest.mark.parametrize("proxy", ["ten.test:3128", "ten.test", "10.1.2.3:80"])
def test_a_proxy_without_a_scheme_is_one_of_http(proxy: str) -> None:
    """As it is for requests."""
    session = _session()
    session.proxies = {"http": proxy}
    assert f"http://{proxy}" == network_of(session, session.venue.ws).proxy


# ---- through a proxy


def _run(test: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(test, 60))


async def _greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(frame(BINARY, b"welcome"))
    await reader.read()


async def _greeting(session: cx.Session) -> None:
    """Connect as a stream does, and wait for the greeting."""
    handler = Handler()
    came = asyncio.Event()
    handler.frames = lambda _: came.set()
    transport = await connect(handler, session, "futures")
    await came.wait()
    transport.disconnect(graceful=False)
    await handler.end.wait()


async def _through(proxy: str, host: str = SOCKET, key: str = "http") -> tuple[list[Wish], int]:
    """Return what a proxy was asked for, and the exchange's port."""
    async with serving(_greet) as port, proxying(port) as (entrance, wishes):
        session = _session(port, host=host)
        session.proxies = {key: proxy.replace("PORT", str(entrance))}
        await _greeting(session)
    return wishes, port


@pytest.mark.parametrize("key", ["http", "all", f"http://{SOCKET}"])
@pytest.mark.parametrize("scheme", ["", "http://"])
def test_a_proxy_of_http_is_asked_for_a_tunnel(scheme: str, key: str) -> None:
    """With or without a scheme, for all hosts or for one, with its user's name and password."""
    wishes, port = _run(_through(f"{scheme}some%40one:a%3Ab@127.0.0.1:PORT", key=key))
    assert [Wish("CONNECT", SOCKET, port, "some@one:a:b")] == wishes


def test_socks5h_lets_the_proxy_look_up_the_name() -> None:
    """No address of the exchange is looked up here."""
    wishes, port = _run(_through("socks5h://127.0.0.1:PORT"))
    assert [Wish("SOCKS5", SOCKET, port, "")] == wishes


def test_socks5_looks_up_the_name_here() -> None:
    """As requests does; the proxy gets numbers. With its user's name and password."""
    wishes, port = _run(_through("socks5://some%40one:word@127.0.0.1:PORT", "localhost"))
    assert [Wish("SOCKS5", "127.0.0.1", port, "some@one:word")] == wishes


def test_the_environment_and_the_session_are_mixed_as_over_http(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session with a proxy for another host uses the environment's for this one: it does not go past the proxy."""

    async def mixture() -> list[Wish]:
        async with serving(_greet) as port, proxying(port) as (entrance, wishes):
            monkeypatch.setenv("HTTP_PROXY", f"127.0.0.1:{entrance}")
            session = _session(port)
            session.proxies = {f"http://{API}": "http://127.0.0.1:9", "https": "http://127.0.0.1:9"}
            await _greeting(session)
        return wishes

    assert [SOCKET] == [wish.host for wish in _run(mixture())]


@pytest.mark.parametrize("proxy", ["gopher://127.0.0.1:9", "http://", "socks5h://"])
def test_a_proxy_that_cannot_be_used_is_not_passed_by(proxy: str) -> None:
    """There is no connection rather than a direct one."""

    async def attempt() -> None:
        async with serving(_greet) as port:
            session = _session(port, host="localhost")
            session.proxies = {"http": proxy}
            await connect(Handler(), session, "spot")

    with pytest.raises((requests.RequestException, LocationValueError, ValueError, WSError)):
        _run(attempt())


# ---- certificates


async def _securely(authority: Authority, **settings: Any) -> None:
    async with serving(_greet, ssl=authority.server) as port:
        session = _session(port, host="localhost", secure=True)
        for name, value in settings.items():
            setattr(session, name, value)
        await _greeting(session)


def test_an_unknown_authority_is_refused(authority: Authority) -> None:
    """By default certifi's count; the reason names the certificate."""
    with pytest.raises(Exception, match="certificate") as caught:
        _run(_securely(authority))
    assert "certificate" in reason_of(caught.value).lower()


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
@pytest.mark.parametrize("kind", ["bundle", "folder"])
def test_the_environment_names_the_authorities(
    authority: Authority, variable: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a file or in a folder."""
    monkeypatch.setenv(variable, str(getattr(authority, kind)))
    _run(_securely(authority))


@pytest.mark.parametrize("kind", ["bundle", "folder"])
def test_the_session_names_the_authorities(authority: Authority, kind: str) -> None:
    """In a file or in a folder."""
    _run(_securely(authority, verify=str(getattr(authority, kind))))


def test_an_unchecked_certificate_is_the_users_choice(authority: Authority) -> None:
    """``session.verify = False`` holds for sockets, too."""
    _run(_securely(authority, verify=False))


def test_authorities_that_are_not_there_are_no_reason_to_trust(authority: Authority) -> None:
    """The file is named."""
    with pytest.raises(OSError, match=r"nowhere\.pem"):
        _run(_securely(authority, verify="/nowhere.pem"))


def test_tls_goes_through_a_proxy(authority: Authority) -> None:
    """The certificate that counts is the exchange's."""

    async def tunnel() -> list[Wish]:
        async with serving(_greet, ssl=authority.server) as port, proxying(port) as (entrance, wishes):
            for proxy in (f"127.0.0.1:{entrance}", f"socks5h://127.0.0.1:{entrance}"):
                session = _session(port, secure=True)
                session.proxies, session.verify = {"https": proxy}, str(authority.folder)
                await _greeting(session)
        return wishes

    assert [("CONNECT", SOCKET), ("SOCKS5", SOCKET)] == [(wish.kind, wish.host) for wish in _run(tunnel())]


# ---- the reason


@pytest.mark.parametrize("url", ["http://user:se/cret@ten.test:1", "socks5h://user:secret@ten.test:1"])
def test_a_reason_names_no_password_and_is_short(url: str) -> None:
    """A proxy's address may stand in what went wrong."""
    text = reason_of(OSError(f"cannot reach {url} {'at all ' * 100}"))
    assert "secret" not in text
    assert text.startswith("OSError: cannot reach")
    assert len(text) < 400


def test_a_reason_without_a_text_of_its_own_says_how_long_it_was_tried() -> None:
    """A timeout has no text; another fault has its name at least."""
    assert "30 s" in reason_of(TimeoutError())
    assert "ConnectionResetError" == reason_of(ConnectionResetError())
