"""Endpoints that answer the keys of sub-accounts: no error shows a word of the reply, whatever it looks like."""

import pytest

import coinex_pandas as cx
from coinex_pandas.api.endpoints import ROUTES
from coinex_pandas.http.signed_session import SignedSession
from tests.http.signed_peer import ACCESS_ID, SECRET_KEY, Peer
from tests.http.test_credentials import told_by
from tests.http.tiny_server import reply

SECRET = "Kq7-swordfish"
BODIES = {
    "XML": reply(f"<key><pin>{SECRET}</pin></key>".encode()),
    "HTML": reply(f"<dl><dt>Your key</dt><dd>{SECRET}</dd></dl>".encode(), "502 Bad Gateway"),
    "a form": reply(f"pin={SECRET}&x=1".encode(), "404 Not Found"),
    "a bare text": reply(SECRET.encode()),
    "JSON that is cut off": reply(f'{{"code": 0, "data": {{"api_id": 7, "pin": "{SECRET}'.encode()),
    "a message": reply({"code": 3639, "message": f"exists: {SECRET}", "data": {}}),
    "a message of an unknown code": reply({"code": 77_001, "message": SECRET, "data": {}}),
    "a message in an HTTP 4xx": reply({"code": 4011, "message": SECRET, "data": {}}, "403 Forbidden"),
    "a rate limit": reply({"code": 1, "message": SECRET}, "429 Too Many Requests"),
    "in place of an id": reply({"code": 0, "message": "", "data": {"api_id": SECRET, "secret_key": SECRET}}),
    "in place of the time": reply(
        {"code": 0, "data": {"api_id": 7, "created_at": SECRET, "access_id": "a", "secret_key": "b"}}
    ),
    "another shape": reply({"code": 0, "data": [[[SECRET]]], "message": SECRET}),
    "in place of a chunk's length": f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{SECRET}\r\n".encode(),
    "in the status line": f"HTTP/1.1 {SECRET}\r\n\r\n".encode(),
    "no JSON number": reply(b'{"code": 0, "data": ' + SECRET.encode()),
}
CALLS = {
    "list": lambda session: cx.sub_apis("grid-1", session=session),
    "detail": lambda session: cx.sub_api(7, session=session),
    "create": lambda session: cx.create_sub_api("grid-1", "192.0.2.9", trade_enabled=False, session=session),
    "edit": lambda session: cx.edit_sub_api("grid-1", 7, trade_enabled=False, session=session),
    "delete": lambda session: cx.delete_sub_api("grid-1", 7, session=session),
}


def error_of(call, session):
    """Return the error that a call ends in; None for a frame."""
    try:
        call(session)
    except cx.CoinExError as error:
        return error
    return None


@pytest.mark.filterwarnings("ignore::coinex_pandas.ColumnsChanged")
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_no_error_shows_a_word_of_the_reply(body, call):
    """The text, the chain before it, attributes and local variables; it still names endpoint and kind of trouble."""
    with Peer(body) as peer:
        me = SignedSession(ACCESS_ID, SECRET_KEY, peer.venue, withdrawing=True, retries=0, timeout=(2, 2))
        error = error_of(call, me)
    if error is None:
        assert call is CALLS["delete"]  # whose reply has no rows: code 0 is "done"
    else:
        assert SECRET not in told_by(error)
        assert "/account/subs/" in str(error)


@pytest.mark.filterwarnings("ignore::coinex_pandas.ColumnsChanged")  # once a process: another test may have had it
def test_the_kind_of_error_stays():
    """Class, code, status, advice, and whether it is worth repeating, are not secret."""
    for body, kind, text in (
        (BODIES["a message"], cx.BadParameter, "3639"),
        (BODIES["a message in an HTTP 4xx"], cx.NotPermitted, "4011"),
        (BODIES["a rate limit"], cx.RateLimited, "429"),
        (BODIES["HTML"], cx.NoAnswer, "502"),
        (BODIES["XML"], cx.UnexpectedBody, "not shown"),
        (BODIES["in place of an id"], cx.UnexpectedBody, "not shown"),
    ):
        with Peer(body) as peer:
            me = SignedSession(ACCESS_ID, SECRET_KEY, peer.venue, retries=0)
            with pytest.raises(kind, match=f"GET /account/subs/api-detail.*{text}") as caught:
                cx.sub_api(7, session=me)
            assert "it may hold secrets" in str(caught.value)


def test_which_endpoints_are_secret():
    """The five about keys of sub-accounts; an endpoint with a column of secrets is one by itself."""
    secret = {name for name, route in ROUTES.items() if route.is_secret}
    assert {"sub_apis", "sub_api", "create_sub_api", "edit_sub_api", "delete_sub_api"} == secret


def test_another_endpoint_still_quotes():
    """What went wrong is seen at once where nothing can be secret."""
    with Peer(reply(b"<html>upgrade at noon", "503 Unavailable")) as peer:
        me = SignedSession(ACCESS_ID, SECRET_KEY, peer.venue, retries=0)
        with pytest.raises(cx.NoAnswer, match="upgrade at noon"):
            cx.spot_balances(session=me)
