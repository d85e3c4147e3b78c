"""What every verb does with its one request: sent once, shown without sending, and the truth about its outcome."""

import json
import pickle

import pytest

import coinex_pandas as cx
from coinex_pandas.api.calls.verb import Verb, change
from coinex_pandas.api.endpoints import ROUTES
from coinex_pandas.errors import KeyNeeded, NotEnabled, OutcomeUnknown
from coinex_pandas.http.route import Route
from coinex_pandas.http.signed_session import SignedSession
from coinex_pandas.tables.rows.answer import Accepted
from tests.http.signed_peer import ACCESS_ID, OK, SECRET_KEY, Peer, refused
from tests.http.tiny_server import reply

PARAMS = {"market": "BTCUSDT", "amount": "0.1", "client_id": "mine-1", "price": None}
FINDS_OUT = 'cx.spot_pending_orders("BTCUSDT", client_id="mine-1")'
PONG = ROUTES["ping"].row


def act(session=None, dry_run=False):
    """Place something."""
    return change(Verb(act, None, session, dry_run), PARAMS, finds_out=FINDS_OUT)


@pytest.fixture(autouse=True)
def _noted(monkeypatch):
    monkeypatch.setitem(ROUTES, "act", Route("act", "POST", "/spot/order", Accepted, "spot_order", "", needs="trade"))


@pytest.fixture
def with_data(monkeypatch):
    """Have the endpoint answer an object that the table needs."""
    monkeypatch.setitem(ROUTES, "act", Route("act", "POST", "/spot/order", PONG, "spot_order", "", True, needs="trade"))


def at(peer, **settings):
    """Return a quick session at a peer."""
    return SignedSession(ACCESS_ID, SECRET_KEY, peer.venue, **{"trading": True, "backoff": 0.001} | settings)


@pytest.mark.parametrize(("data", "message"), [({}, "OK"), (None, ""), ([], "fine")])
def test_a_verb_without_an_answer_of_its_own(data, message):
    """One row: the code and the exchange's words; what is None is not sent."""
    with Peer({"code": 0, "data": data, "message": message}) as peer:
        frame = act(session=at(peer))
        assert {"market": "BTCUSDT", "amount": "0.1", "client_id": "mine-1"} == json.loads(peer.private[0].body)
    assert [(0, message)] == list(frame.itertuples(index=False))
    assert {"code": "Int64", "message": "str"} == frame.dtypes.astype(str).to_dict()
    attrs = frame.attrs["coinex"]
    assert ("act", "peer", True) == (attrs["table"], attrs["venue"], attrs["complete"])
    assert {"endpoint": "POST /spot/order", "params": json.loads(peer.private[0].body), "requests": 1} == attrs[
        "request"
    ]


def test_the_answer_is_the_frame(with_data):
    """An object is one row of its table."""
    with Peer({"code": 0, "data": {"result": "pong"}, "message": "OK"}) as peer:
        assert ["pong"] == act(session=at(peer))["result"].to_list()


UNKNOWN = {
    "hung up": None,
    "gateway": reply(b"<html>", "502 Bad Gateway"),
    "gateway timed out": reply(b"", "504 Gateway Time-out"),
    "request timed out": reply(b"", "408 Request Timeout"),
    "cut": b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nConnection: close\r\n\r\n{",
    "no JSON": reply(b'{"code": 0, "da'),
    "another shape": reply(b"[]"),
    "timed out there": refused(4002),
    "internal error": refused(4003),
}


@pytest.mark.parametrize("fault", UNKNOWN.values(), ids=UNKNOWN)
def test_no_clear_answer(fault):
    """The outcome is unknown: client_id and the call that finds out are told; nothing is sent again."""
    answers = [fault, OK] if fault != UNKNOWN["cut"] else [lambda _: fault]
    with Peer(*answers) as peer, pytest.raises(OutcomeUnknown, match="may have been carried out or not") as caught:
        act(session=at(peer))
    error = caught.value
    assert 1 == len(peer.private)
    assert ("POST /spot/order", "mine-1", FINDS_OUT) == (error.endpoint, error.client_id, error.finds_out)
    assert all(text in str(error) for text in ("POST /spot/order", "mine-1", FINDS_OUT))
    assert isinstance(error.__cause__, cx.CoinExError)
    back = pickle.loads(pickle.dumps(error))
    assert (str(error), vars(error)) == (str(back), vars(back))


def test_accepted_without_the_row(with_data):
    """Code 0 and null in place of what was done: the account has to be looked at."""
    with Peer({"code": 0, "data": None, "message": "OK"}) as peer, pytest.raises(OutcomeUnknown, match="null"):
        act(session=at(peer))
    assert 1 == len(peer.private)


@pytest.mark.parametrize("code", [3008, 3109, 3127, 4001, 4004, 4006, 4115, 4213, 99_999])
def test_a_clear_refusal(code):
    """The exchange says that it did not do it: the usual errors."""
    with Peer(refused(code), OK) as peer, pytest.raises(cx.Refused) as caught:
        act(session=at(peer))
    assert (code, 1) == (caught.value.code, len(peer.private))


TURNED_AWAY = ("307 Temporary Redirect", "400 Bad Request", "403 Forbidden", "404 Not Found", "413 Content Too Large")


@pytest.mark.parametrize("status", TURNED_AWAY)
def test_a_gateway_that_refuses(status):
    """It did not pass the request on, so the outcome is known."""
    with Peer(reply(b"", status)) as peer, pytest.raises(cx.NoAnswer, match=status[:3]) as caught:
        act(session=at(peer))
    assert not caught.value.reached


def test_a_gateway_with_a_rate_limit():
    """Status 429 is a refusal as clear as code 4213, and sent once."""
    with Peer(reply(b"slow down", "429 Too Many Requests", Retry_After="3")) as peer:
        with pytest.raises(cx.RateLimited, match="429") as caught:
            act(session=at(peer))
        assert (3.0, 1) == (caught.value.retry_after, len(peer.private))


UNCLEAR = (
    *("202 Accepted", "500 Oops", "504 Gateway Time-out"),
    *("302 Found", "303 See Other", "408 Request Timeout", "409 Conflict", "425 Too Early"),
    *("444 No Response", "460 Client Closed", "499 Client Closed Request"),
)


@pytest.mark.parametrize("status", UNCLEAR)
@pytest.mark.parametrize(
    "body", [b"<html>", {"code": 499, "message": "gone"}, {"code": 0, "data": {}, "message": "OK"}]
)
def test_a_gateway_that_may_have_passed_it_on(status, body):
    """Then the outcome is not known, whatever the gateway's own page says."""
    with Peer(reply(body, status)) as peer, pytest.raises(OutcomeUnknown, match=status[:3]):
        act(session=at(peer))
    assert 1 == len(peer.private)


@pytest.mark.parametrize(
    "status", ["400 Bad Request", "403 Forbidden", "409 Conflict", "422 Unprocessable", "499 Gone"]
)
def test_a_refusal_in_an_error_page(status):
    """A code of the exchange says more than the status around it."""
    with Peer(reply(refused(3127), status)) as peer, pytest.raises(cx.OrderRefused, match="code 3127"):
        act(session=at(peer))


def test_nobody_there():
    """Without a connection nothing can have been sent."""
    with Peer(OK) as peer:
        me = at(peer)
        act(session=me)
    me.close()
    with pytest.raises(cx.NoAnswer, match="refused") as caught:
        act(session=me)
    assert not caught.value.reached


def test_no_clock():
    """A venue that does not tell its time was not asked to do anything."""
    with Peer(OK) as peer:
        me = at(peer, retries=0)
    with pytest.raises(cx.NoAnswer, match="GET /time"):
        act(session=me)


def test_no_leave():
    """Nothing is sent, and the error is not about outcomes."""
    with Peer(OK) as peer:
        with pytest.raises(NotEnabled):
            act(session=at(peer, trading=False))
        with pytest.raises(KeyNeeded):
            act(session=cx.Session(peer.venue))
        assert [] == peer.requests


def test_interrupted(monkeypatch):
    """Who interrupts a verb is told how to find out what became of it."""

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    with Peer(OK) as peer:
        me = at(peer)
        act(session=me)
        monkeypatch.setattr("requests.adapters.HTTPAdapter.send", interrupt)
        with pytest.raises(KeyboardInterrupt) as caught:
            act(session=me)
    assert FINDS_OUT in caught.value.__notes__[0]
    assert "'mine-1'" in caught.value.__notes__[0]


def test_a_warning_that_is_an_error(monkeypatch):
    """Whoever makes errors of warnings is told as well that the order may be there."""

    def read(*_, **__):
        raise cx.ColumnsChanged("new column")

    with Peer(OK) as peer:
        monkeypatch.setattr(Accepted, "decode", read)
        with pytest.raises(cx.ColumnsChanged) as caught:
            act(session=at(peer))
    assert FINDS_OUT in caught.value.__notes__[0]


def test_the_ids_of_a_batch(monkeypatch):
    """All items' names stand in the error."""

    def batch(session):
        orders = [{"client_id": "a"}, {"client_id": "b"}, {}]
        return change(Verb(batch, None, session, dry_run=False), {"orders": orders}, finds_out="")

    monkeypatch.setitem(
        ROUTES, "batch", Route("batch", "POST", "/spot/batch-order", Accepted, "spot_order", "", needs="trade")
    )
    with Peer(None) as peer, pytest.raises(OutcomeUnknown, match="look it up") as caught:
        batch(session=at(peer))
    assert "a, b" == caught.value.client_id


@pytest.mark.parametrize("with_key", [True, False])
def test_a_dry_run(with_key):
    """The request as it would be sent, key and signature masked; nothing is sent, and no key or leave is needed."""
    with Peer(OK) as peer:
        me = at(peer, trading=False) if with_key else cx.Session(peer.venue)
        frame = act(dry_run=True, session=me)
        assert [] == peer.requests
    request = frame.iloc[0].to_dict()
    assert ["method", "url", "body", "headers"] == list(frame)
    assert ("POST", f"{peer.http}/spot/order") == (request["method"], request["url"])
    assert '{"market":"BTCUSDT","amount":"0.1","client_id":"mine-1"}' == request["body"]
    assert {
        "Content-Type": "application/json",
        "X-COINEX-KEY": "***",
        "X-COINEX-SIGN": "***",
        "X-COINEX-TIMESTAMP": "***",
    } == json.loads(request["headers"])
    assert frame.attrs["coinex"]["dry_run"]


def test_a_dry_run_without_any_session():
    """The current one tells the address."""
    assert "https://api.coinex.com/v2/spot/order" == act(dry_run=True)["url"].item()


def test_a_dry_run_is_what_is_sent():
    """The same characters."""
    with Peer(OK) as peer:
        request = act(dry_run=True, session=at(peer))
        act(session=at(peer))
    assert peer.private[0].body.decode() == request["body"].item()


def test_addresses_do_not_travel_with_the_frame(monkeypatch):
    """``attrs`` are copied with every frame that is made of this one."""

    def pay(session=None, dry_run=False):
        params = {"ccy": "BTC", "to_address": "CANARYADDRESS", "memo": "CANARYMEMO"}
        return change(Verb(pay, None, session, dry_run), params, finds_out="cx.withdrawals()")

    monkeypatch.setitem(
        ROUTES, "pay", Route("pay", "POST", "/assets/withdraw", Accepted, "account_modify", "", needs="withdraw")
    )
    with Peer(OK) as peer:
        frame = pay(session=at(peer, withdrawing=True))
        assert b"CANARYADDRESS" in peer.private[0].body
    assert {"ccy": "BTC", "to_address": "***", "memo": "***"} == frame.attrs["coinex"]["request"]["params"]
    assert "CANARY" not in json.dumps(pay(dry_run=True).attrs)
