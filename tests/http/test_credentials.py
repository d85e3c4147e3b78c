"""A canary key is used in every way that goes wrong; afterwards nothing that anybody could look at shows it."""

import contextlib
import copy
import gc
import io
import logging
import pickle
import pprint
import time
import traceback
import types

import pytest
import requests

import coinex_pandas as cx
from coinex_pandas.api.calls.verb import Verb, change
from coinex_pandas.api.endpoints import ROUTES
from coinex_pandas.errors import KeyNeeded, NotEnabled
from coinex_pandas.http.adapters import SilentAdapter
from coinex_pandas.http.credentials import Credentials, MaskedText
from coinex_pandas.http.route import Route
from coinex_pandas.http.signed_session import SignedSession
from coinex_pandas.http.signing import Signer
from coinex_pandas.tables.rows.answer import Accepted
from tests.http.signed_peer import ACCESS_ID, OK, SECRET_KEY, Peer, refused
from tests.http.tiny_server import reply
from tests.paths import ROOT

READ = Route("look", "GET", "/assets/spot/balance", Accepted, "account_query", "", needs="read")
HIDDEN = b'{"code": 0, "data": {"access_id": "CANARYANSWER", "secret_key" : "CANARYANSWER", "address": "CANARYANSW'


def act(session):
    """Place something."""
    return change(Verb(act, None, session, dry_run=False), {"market": "BTCUSDT"}, finds_out="")


@pytest.fixture(autouse=True)
def _noted(monkeypatch):
    monkeypatch.setitem(ROUTES, "act", Route("act", "POST", "/spot/order", Accepted, "public", "", needs="trade"))


def at(peer, **settings):
    """Return a quick session at a peer."""
    return SignedSession(
        ACCESS_ID, SECRET_KEY, peer.venue, **{"trading": True, "retries": 1, "backoff": 0.001} | settings
    )


def shows(text, peer=None):
    """Return what a text gives away: the key, the secret, or any signature that was sent."""
    signatures = {request.headers["x-coinex-sign"] for request in peer.private} if peer else set()
    text = text if isinstance(text, bytes) else text.encode()
    return [needle for needle in (ACCESS_ID, SECRET_KEY, "CANARYANSW", *signatures) if needle.encode() in text]


def told_by(error):
    """Return all that an error says, in every way that people look at one."""
    chain, link = [], error
    while link is not None and link not in chain:
        chain.append(link)
        link.__traceback__ = from_the_package_on(link.__traceback__)
        link = link.__cause__ or link.__context__
    with_locals = traceback.TracebackException.from_exception(error, capture_locals=True)
    said = ["".join(with_locals.format()), pprint.pformat([(link, link.args, vars(link)) for link in chain])]
    for link in chain:
        said += [str(link), repr(link), *map(repr, inside(vars(link)))]
        with contextlib.suppress(TypeError, AttributeError):
            said.append(pickle.dumps(link, 0).decode("latin-1"))
    with contextlib.suppress(ImportError):
        said.append(as_a_notebook_shows_it(error))
    return "\n".join(said)


def from_the_package_on(frames):
    """Return a traceback without the frames above the package's: a caller's own variables are the caller's."""
    while frames is not None and "coinex_pandas/" not in frames.tb_frame.f_code.co_filename:
        frames = frames.tb_next
    return frames


def as_a_notebook_shows_it(error):
    """Return IPython's longest traceback."""
    from IPython.core.ultratb import VerboseTB

    formatter = VerboseTB(include_vars=True)
    return "\n".join(map(str, formatter.structured_traceback(type(error), error, error.__traceback__)))


def inside(value, depth=6):
    """Yield everything that can be reached from a value over its parts, as a dump of it would."""
    yield value
    if depth == 0 or isinstance(value, (str, bytes, int, float, type, types.ModuleType, types.FunctionType)):
        return
    parts = value.items() if isinstance(value, dict) else value if isinstance(value, (list, tuple, set)) else ()
    for part in [*parts, *getattr(value, "__dict__", {}).items()]:
        yield from inside(part, depth - 1)


FAULTS = {
    "hung up": None,
    "gateway": reply(b"<html>", "502 Bad Gateway"),
    "no JSON": reply(b"{"),
    "a secret in what cannot be read": reply(HIDDEN),
    "a secret on a gateway's page": reply(HIDDEN, "504 Gateway Time-out"),
    "refused key": refused(4005, "access_id not exist"),
    "refused signature": refused(4006),
    "clock": refused(4010),
    "limit": refused(4213),
    "cut": lambda _: b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nConnection: close\r\n\r\n{",
    "no HTTP": b"what is this\r\n\r\n",
    "gzip": reply(b"no gzip", Content_Encoding="gzip"),
}


@pytest.mark.parametrize("call", [lambda me: me.page(READ, {}), lambda me: act(session=me)], ids=["read", "verb"])
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_errors_and_logs_show_nothing(caplog, fault, call):
    """Whatever went wrong: text, chain, local variables, attributes, pickles and the log at its most talkative."""
    caplog.set_level(logging.DEBUG)
    with Peer(fault) as peer:
        with pytest.raises(cx.CoinExError) as caught:
            call(at(peer))
        assert peer.private
        assert [] == shows(told_by(caught.value), peer)
        assert [] == shows(caplog.text + repr([vars(record) for record in caplog.records]), peer)
        assert "GET /v2" in caplog.text  # urllib3 did log


def test_the_search_would_find_them():
    """The tests of this file look where requests' own errors do keep the signed request."""
    with Peer(None) as peer:
        signer = Signer(Credentials(ACCESS_ID, SECRET_KEY), peer.http, lambda: int(time.time() * 1000))
        with pytest.raises(requests.ConnectionError) as caught:
            requests.get(f"{peer.http}/spot/x", auth=signer, timeout=60)
        assert [ACCESS_ID] == shows(caught.value.request.headers["X-COINEX-KEY"])


@pytest.mark.parametrize(
    "where", ["urllib3.connectionpool.HTTPConnectionPool._make_request", "http.client.HTTPConnection.send"]
)
def test_an_interrupt_shows_nothing(monkeypatch, where):
    """Who stops a cell in the middle of a request sees only this package's frames: those below hold the headers."""

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    with Peer(OK) as peer:
        me = at(peer)
        me.page(READ, {})
        monkeypatch.setattr(where, interrupt)
        with pytest.raises(KeyboardInterrupt) as caught:
            act(session=me)
    assert [] == shows(told_by(caught.value), peer)
    assert "urllib3" not in "".join(traceback.format_tb(caught.value.__traceback__))


def test_what_is_refused_here_shows_nothing():
    """No leave, no key, a key that cannot be one: also with the variables of the frames that were passed."""
    with Peer(OK) as peer:
        for wrong in (
            lambda: act(session=at(peer, trading=False)),
            lambda: act(session=cx.Session(peer.venue)),
            lambda: SignedSession(f"{ACCESS_ID} x", SECRET_KEY),
            lambda: SignedSession(ACCESS_ID, f"{SECRET_KEY}\u20ac"),
            lambda: SignedSession(ACCESS_ID, SECRET_KEY, window=-1),
            lambda: SignedSession(ACCESS_ID, SECRET_KEY, retries=-1),
            lambda: SignedSession(ACCESS_ID, SECRET_KEY.encode()),
            lambda: SignedSession(ACCESS_ID, SECRET_KEY, "live"),
        ):
            with pytest.raises((NotEnabled, KeyNeeded, cx.InvalidArgument)) as caught:
                wrong()
            assert [] == shows(told_by(caught.value))


def test_a_key_of_the_environment_shows_nothing(monkeypatch):
    """Also when it cannot be one."""
    monkeypatch.setenv("COINEX_ACCESS_ID", ACCESS_ID)
    monkeypatch.setenv("COINEX_SECRET_KEY", f"{SECRET_KEY}\u20ac")
    with pytest.raises(cx.InvalidArgument) as caught:
        SignedSession.from_env()
    assert [] == shows(told_by(caught.value))


def test_objects_show_nothing():
    """Session, key and signer: repr, variables, parts, and what a notebook would show."""
    with Peer(OK) as peer:
        me = at(peer)
        me.page(READ, {})
        frame = act(session=me)
        looked_at = [
            me,
            vars(me),
            me._auth(READ),
            vars(me._auth(READ)),
            me._credentials,
            me.socket_signature(),
            me.skew,
        ]
        said = "\n".join(map(repr, inside(looked_at, 8))) + "\n".join(map(str, looked_at)) + pprint.pformat(looked_at)
        assert [] == shows(said, peer)
        assert [] == shows(
            repr(frame) + frame.to_html() + repr(frame.attrs) + pickle.dumps(frame, 0).decode("latin-1"), peer
        )
        assert [] == shows(repr(dir(me)) + repr(Credentials.__slots__) + repr(me.headers) + repr(me.cookies))


def test_responses_show_nothing():
    """A response keeps its request; the signature was taken off it."""
    with Peer(OK) as peer:
        me, responses = at(peer), []
        send = me.send
        me.send = lambda *args, **more: responses.append(send(*args, **more)) or responses[-1]
        me.page(READ, {})
        act(session=me)
        assert 5 == len(responses)
        assert [] == shows("".join(repr(response.request.headers) for response in responses), peer)
        assert [] == [name for response in responses for name in response.request.headers if "COINEX" in name]


def test_a_talkative_http_client_prints_nothing(monkeypatch, capsys):
    """The usual way to look at the wire prints headers: not those of a session with a key."""
    monkeypatch.setattr("http.client.HTTPConnection.debuglevel", 1)
    with Peer(OK, OK) as peer:
        me = at(peer)
        act(session=me)
        assert peer.private
        assert "" == capsys.readouterr().out
        requests.get(f"{peer.http}/time", timeout=60)
    assert "send: " in capsys.readouterr().out


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_behind_a_proxy_too(monkeypatch, scheme):
    """The connections of both ways are of the sort that prints nothing."""
    monkeypatch.setattr("http.client.HTTPConnection.debuglevel", 1)
    adapter = SilentAdapter()
    for pools in (adapter.poolmanager, adapter.proxy_manager_for("http://127.0.0.1:9")):
        assert 0 == pools.connection_from_url(f"{scheme}://127.0.0.1:8").ConnectionCls.debuglevel


def test_hooks_see_nothing():
    """Who hangs a hook into the session to log its answers logs no signature."""
    with Peer(OK) as peer:
        me, sent_headers = at(peer), []
        me.hooks["response"].append(lambda response, **_: sent_headers.append(dict(response.request.headers)))
        act(session=me)
        assert peer.private
        assert [] == [name for headers in sent_headers for name in headers if "COINEX" in name]
        assert [] == shows(repr(sent_headers), peer)


def test_a_pickle_is_refused():
    """It would hold the key: an error says what to do instead; what was written before it shows nothing."""
    with Peer(OK) as peer:
        me = at(peer)
        me.page(READ, {})
        written = io.BytesIO()
        with pytest.raises(cx.InvalidArgument, match=r"not pickled.*from_env") as caught:
            pickle.Pickler(written).dump(me)
        assert [] == shows(told_by(caught.value))
        assert [] == shows(written.getvalue())
        with pytest.raises(cx.InvalidArgument):
            pickle.dumps(me._credentials)


def test_the_secret_itself_is_not_kept():
    """Nothing in memory is the secret's text once a session is made of it: only the state of an HMAC is."""
    secret = "once upon a time".replace(" ", "-")
    me = SignedSession("id", secret)
    assert [] == [
        holder for holder in gc.get_referrers(secret) if not isinstance(holder, (types.FrameType, types.CellType))
    ]
    texts = [value for value in inside(vars(me), 9) if isinstance(value, (str, bytes))]
    texts += [getattr(me._credentials, name) for name in Credentials.__slots__]
    assert not [text for text in texts if text in (secret, secret.encode())]


def test_hidden_text():
    """It is the text in every way but in being shown, also when it is cut."""
    key = MaskedText("swordfish")
    assert ("swordfish", "swordfish", "x-swordfish") == (key, str(key), f"x-{key}")
    assert "'***' {'k': '***'} '***'" == f"{key!r} { ({'k': key})!r} {key[:3]!r}"
    assert "swo" == key[:3]
    assert "'***'" == repr(copy.deepcopy(key))


def test_only_the_peer_knows_the_canary():
    """The package, its fixtures, notebooks and documentation do not hold it."""
    root = ROOT
    holding = [
        path.name
        for folder in ("coinex_pandas", "tests", "notebooks", "docs", "benchmarks")
        for path in (root / folder).rglob("*")
        if path.is_file() and path.suffix in (".py", ".json", ".ipynb", ".md", ".txt") and shows(path.read_bytes())
    ]
    assert ["signed_peer.py", "test_credentials.py"] == sorted(holding)
