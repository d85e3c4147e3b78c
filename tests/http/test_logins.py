"""Public requests carry no login but that of their own address, or of their own host in netrc."""

import base64

import pytest
import requests

import coinex_pandas as cx
from coinex_pandas.api.endpoints import ROUTES
from coinex_pandas.http.logins import login_for
from coinex_pandas.http.session import Session
from coinex_pandas.http.signed_session import SignedSession
from tests.http.tiny_server import TinyServer

AWAY = cx.Venue("away", http="https://api.example/v2", ws="wss://socket.example/v2")
FILES = {
    "default only": ("default login anna password s3cret\n", None),
    "this host": ("machine api.example login ben password pa55\ndefault login anna password s3cret\n", ("ben", "pa55")),
    "another host": ("machine other.example login ben password pa55\ndefault login anna password s3cret\n", None),
    "an account": ("machine api.example account desk password pa55\n", ("desk", "pa55")),
    "no netrc": ("this is none\n", None),
}


@pytest.fixture
def netrc(monkeypatch, tmp_path):
    """Return what writes the netrc of this test."""
    path = tmp_path / "netrc"
    path.touch()
    monkeypatch.setenv("NETRC", str(path))
    return path.write_text


def authorization(session):
    """Return the login that a public request of a session carries; None for none."""
    request = requests.Request("GET", f"{session.venue.http}/ping", auth=session._auth(ROUTES["ping"]))
    header = session.prepare_request(request).headers.get("Authorization")
    return None if header is None else tuple(base64.b64decode(header.removeprefix("Basic ")).decode().split(":"))


@pytest.mark.parametrize(("text", "login"), FILES.values(), ids=FILES)
def test_only_the_entry_of_the_host_goes_along(netrc, text, login):
    """The default entry is meant for other machines: an exchange is not sent its password."""
    netrc(text)
    assert login == authorization(Session(AWAY)) == authorization(SignedSession("canary-id", "canary-secret", AWAY))


def test_a_session_s_own_login_wins(netrc):
    """Both the one of ``session.auth`` and the one in the venue's address."""
    netrc(FILES["this host"][0])
    session = Session(AWAY)
    session.auth = ("carl", "own")
    assert ("carl", "own") == authorization(session)
    address = "https://dora:in%40url@api.example/v2"
    assert ("dora", "in@url") == authorization(Session(cx.Venue("away", http=address)))


def test_netrc_is_left_alone_where_the_session_says_so(netrc):
    """``trust_env = False`` is how requests says it."""
    netrc(FILES["this host"][0])
    session = Session(AWAY)
    session.trust_env = False
    assert authorization(session) is None


def test_a_machine_called_default_gets_no_default_entry(netrc):
    """So netrc files the default entry under that name."""
    netrc(FILES["default only"][0])
    request = login_for("https://default/v2", netrc_too=True)(requests.Request("GET", "https://default/v2").prepare())
    assert "Authorization" not in request.headers


def test_a_missing_netrc_is_none(monkeypatch, tmp_path):
    """Named by the environment or not."""
    monkeypatch.setenv("NETRC", str(tmp_path / "nowhere"))
    assert authorization(Session(AWAY)) is None
    monkeypatch.delenv("NETRC")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert authorization(Session(AWAY)) is None
    (tmp_path / ".netrc").write_text("machine api.example login eva password 1\n")
    (tmp_path / ".netrc").chmod(0o600)
    assert ("eva", "1") == authorization(Session(AWAY))


def test_on_the_wire(netrc):
    """A venue that is not on this machine, as far as the session knows, is sent no login."""
    netrc("default login anna password s3cret\n")
    with TinyServer() as server:
        session = Session(server.venue)
        session.trust_env = True
        cx.ping(session=session)
        assert "authorization" not in server.requests[-1].lower()
