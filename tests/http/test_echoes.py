"""A peer that echoes what it was sent: no error, warning, table of evidence or attrs shows key or signature."""

import gzip
import json
import logging
import warnings

import pytest

import coinex_pandas as cx
from coinex_pandas.api.calls.verb import Verb, change
from coinex_pandas.api.endpoints import ROUTES
from coinex_pandas.http.route import Route
from coinex_pandas.http.signed_session import SignedSession
from coinex_pandas.tables.rows.answer import Accepted
from tests.http.signed_peer import Peer
from tests.http.test_credentials import ACCESS_ID, SECRET_KEY, shows, told_by
from tests.http.tiny_server import TinyServer, reply
from tests.paths import ROOT


def echo(request):
    """Return what a request carried, in a line."""
    return f"{request.headers['x-coinex-key']} / {request.headers['x-coinex-sign']}"


def envelope(code, message="OK", data=None):
    """Return a reply's bytes."""
    return reply({"code": code, "message": message, "data": {} if data is None else data})


ECHOES = {
    "a message": lambda text: envelope(4005, f"unknown key {text}"),
    "a message of another code": lambda text: envelope(98_765, text),
    "a message in an HTTP 4xx": lambda text: reply({"code": 4006, "message": text}, "401 Unauthorized"),
    "the code": envelope,
    "the data": lambda text: envelope(0, data=text),
    "a page": lambda text: reply(f"<html><p>{text}".encode(), "502 Bad Gateway"),
    "a page with HTML's escapes": lambda text: reply(
        "".join(f"&#x{ord(each):x};" for each in text).encode(), "403 Forbidden"
    ),
    "a form": lambda text: reply(f"key={text}&sign={text}".encode()),
    "XML": lambda text: reply(f"<error><key>{text}</key></error>".encode(), "500 Internal Server Error"),
    "JSON's escapes": lambda text: reply(
        b'{"x": "' + "".join(f"\\u{ord(each):04x}" for each in text).encode(), "504 Gateway Time-out"
    ),
    "JSON that is cut off": lambda text: reply(f'{{"code": 0, "message": "{text}'.encode()),
    "a page in gzip": lambda text: reply(gzip.compress(text.encode()), "503 Unavailable", Content_Encoding="gzip"),
    "a header": lambda text: reply(b"{", X_Echo=text, Location=text, Retry_After=text, Date=text),
    "the reason": lambda text: reply(b"<", f"502 {text}"),
    "the status line": lambda text: f"HTTP/1.1 {text}\r\n\r\n".encode(),
    "a chunk's length": lambda text: f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{text}\r\n".encode(),
    "the encoding": lambda text: reply(b"{}", Content_Encoding=text, Content_Type=text),
    "a cookie": lambda text: reply(b"{", Set_Cookie=f"key={text}"),
    "a name": lambda text: envelope(0, data={text: 1}),
}


@pytest.fixture(autouse=True)
def _verb(monkeypatch):
    monkeypatch.setitem(ROUTES, "act", Route("act", "POST", "/spot/order", Accepted, "public", "", needs="trade"))


def act(session):
    """Place something."""
    return change(Verb(act, None, session, dry_run=False), {"market": "BTCUSDT"}, finds_out="cx.x()", about="BTCUSDT")


def at(peer, **settings):
    """Return a session with a key at a peer."""
    return SignedSession(ACCESS_ID, SECRET_KEY, peer.venue, retries=0, timeout=(2, 2), **settings)


@pytest.mark.parametrize("answer", ECHOES.values(), ids=ECHOES)
@pytest.mark.parametrize("call", [cx.spot_balances, cx.futures_positions, act], ids=lambda call: call.__name__)
def test_no_error_shows_an_echo(answer, call):
    """Whatever way it comes back: the text, the chain, the attributes and the local variables of an error."""
    with Peer(lambda request: answer(echo(request))) as peer:
        try:
            with warnings.catch_warnings(record=True) as seen:
                warnings.simplefilter("always")
                frame = call(session=at(peer, trading=True))
        except cx.CoinExError as error:
            said = told_by(error)
        else:
            said = repr(frame.attrs)
        assert peer.private
        assert [] == shows(said + repr([str(each.message) for each in seen]), peer)


@pytest.mark.parametrize("line", ["broken {}", " {}: continued", "{}", "a b {}: c", ": {}"])
def test_the_log_shows_no_echo(caplog, line):
    """What is no header is left out: urllib3 would quote it in a warning, which is printed even where nobody logs."""
    caplog.set_level(logging.DEBUG)

    def answer(request):
        body = b'{"code": 4005, "message": "no"}'
        odd = line.format(echo(request))
        return (
            f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nX-First: 1\r\n{odd}\r\nX-More: 1\r\n\r\n".encode()
            + body
        )

    with Peer(answer) as peer:
        with pytest.raises(cx.NotAuthorized):
            cx.spot_balances(session=at(peer))
        assert [] == shows(caplog.text + repr([vars(record) for record in caplog.records]), peer)
    assert "GET /v2/assets/spot/balance" in caplog.text


def test_the_doctor_shows_no_echo():
    """Its table quotes the errors of the looks that failed."""
    with Peer(lambda request: envelope(4011, f"not for {echo(request)}")) as peer:
        table = cx.doctor(at(peer))
    assert "not for *** / ***" in " ".join(table["found"])
    assert [] == shows(table.to_csv(), peer)


def test_attrs_show_no_echo():
    """A venue may remember a key and put it beside the rows of a public book."""
    book = json.loads((ROOT / "tests/golden/http/spot_depth.json").read_text("utf-8"))["full"]
    book["data"] |= {"note": f"for {ACCESS_ID}", "notes": {"deep": [f"for {ACCESS_ID}"]}}
    with TinyServer(reply(book)) as server, warnings.catch_warnings():
        warnings.simplefilter("ignore", cx.ColumnsChanged)
        frame = cx.spot_depth("BTCUSDT", session=at(server))
    assert "for ***" == frame.attrs["coinex"]["book"]["note"]
    assert [] == shows(repr(frame.attrs))


def test_a_new_column_s_name_shows_no_echo():
    """A warning names it."""
    deal = {"deal_id": 5, "created_at": 1780315199500, "side": "buy", "price": "1", "amount": "1", ACCESS_ID: 1}
    with TinyServer(reply({"code": 0, "data": [deal], "message": "OK"})) as server:
        me = at(server)
        with pytest.warns(cx.ColumnsChanged, match=r"new column '\*\*\*'"):
            cx.spot_deals("BTCUSDT", session=me)


def test_a_value_that_is_none_shows_no_echo():
    """The error quotes the cell, and names the row by its id."""
    deal = {"deal_id": 5, "created_at": f"at {ACCESS_ID}", "side": "buy", "price": "1", "amount": "1"}
    with TinyServer(reply({"code": 0, "data": [deal], "message": "OK"})) as server:
        me = at(server)
        with pytest.raises(cx.UnexpectedValue, match=r"'created_at' holds 'at \*\*\*'") as caught:
            cx.spot_deals("BTCUSDT", session=me)
    assert [] == shows(f"{caught.value} {vars(caught.value)} {caught.value.__cause__} {caught.value.__context__}")


PROXIES = (
    "http://anna:s3cretpass@127.0.0.1:{port}",
    "anna:s3cretpass@127.0.0.1:{port}",
    "http://anna:s3cretpass@[::1",
    "http://anna:s3cretpass@127.0.0.1:{port}0000",
    "ftp://anna:s3cretpass@127.0.0.1:{port}",
    "http://anna:s3cret/pass@127.0.0.1:{port}",
    "http://anna:s3cret%2Fpass@:{port}",
    "socks5h://anna:s3cretpass@127.0.0.1:{port}",
)


@pytest.mark.parametrize("proxy", PROXIES)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_s_password_is_not_shown(proxy, scheme):
    """Whether it is reached or not, and however wrong its address is."""
    with TinyServer(None) as server:
        session = cx.Session(cx.Venue("away", http=f"{scheme}://api.example/v2"), retries=0, timeout=(2, 2))
        session.proxies[scheme] = proxy.format(port=server.port)
        with pytest.raises(cx.CoinExError) as caught:
            cx.ping(session=session)
    error = caught.value
    assert "s3cret" not in f"{error} {error.args} {vars(error)} {error.__cause__} {error.__context__}"
