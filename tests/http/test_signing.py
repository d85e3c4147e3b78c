"""Signatures: the documented vectors, and that what is signed is what is sent."""

import hmac
import json

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

import coinex_pandas as cx
from coinex_pandas.http.credentials import Credentials
from coinex_pandas.http.route import Route
from coinex_pandas.http.signed_session import SignedSession
from coinex_pandas.http.signing import Signer, prepared_text, socket_params
from coinex_pandas.tables.rows.answer import Accepted
from tests.http.signed_peer import ACCESS_ID, OK, SECRET_KEY, Peer, signature
from tests.profiles import cases

READ = Route("look", "GET", "/spot/pending-order", Accepted, "public", "", needs="read")
VERB = Route("act", "POST", "/spot/order", Accepted, "public", "", needs="trade")


@pytest.fixture(scope="module")
def peer():
    """Yield a venue that checks signatures."""
    with Peer(OK) as running:
        yield running


@pytest.fixture(scope="module")
def me(peer):
    """Yield a session there."""
    return SignedSession(ACCESS_ID, SECRET_KEY, peer.venue, trading=True, retries=0)


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        (
            "GET",
            "/v2/spot/pending-order?market=BTCUSDT&market_type=SPOT&side=buy&page=1&limit=10",
            b"",
            "9592496176e65fd46a677dcbfd8180e3db7027e7c03f6f5dc95fa86ad77c81a2",
        ),
        (
            "POST",
            "/v2/spot/order",
            b'{"market":"BTCUSDT","market_type":"SPOT","side":"buy","type":"limit","amount":"0.001","price":"30000"}',
            "bf040022cafcf2c7b570a8874b9925d39dec6073773a3870cc226c183c45eb5f",
        ),
    ],
)
def test_the_documented_vectors(method, path, body, expected):
    """Both examples of the exchange's rules come out."""
    text = prepared_text(method, path, body, 1700490703564)
    assert expected == Credentials("id", "example-secret").signature(text)


def test_the_vector_of_the_sockets():
    """The timestamp's digits are all that is signed, and go as a number."""
    expected = "bf0d0e3815b8398dfc41971d91d201ad72939e524de3147092e1386e5bcba51e"
    params = socket_params(Credentials("id", "example-secret"), 1700490703564)
    assert {"access_id": "id", "signed_str": expected, "timestamp": 1700490703564} == params


def test_a_whole_request_as_documented():
    """The session makes the documented query out of the parameters, and the signer the documented signature."""
    params = {"market": "BTCUSDT", "market_type": "SPOT", "side": "buy", "page": 1, "limit": 10}
    ready = cx.Session().request_of(READ, params).prepare()
    Signer(Credentials("id", "example-secret"), cx.LIVE.http, lambda: 1700490703564)(ready)
    assert (
        "https://api.coinex.com/v2/spot/pending-order?market=BTCUSDT&market_type=SPOT&side=buy&page=1&limit=10"
        == ready.url
    )
    assert "9592496176e65fd46a677dcbfd8180e3db7027e7c03f6f5dc95fa86ad77c81a2" == ready.headers["X-COINEX-SIGN"]
    assert ("id", "1700490703564") == (ready.headers["X-COINEX-KEY"], ready.headers["X-COINEX-TIMESTAMP"])


def test_what_is_sent_verifies(peer, me):
    """Queries with lists, flags and odd characters, and bodies: the peer computes the signature from the bytes."""
    me.page(
        READ, {"market": ["BTCUSDT", "ETHUSDT"], "is_frozen": True, "remark": "50% of a/b & c=d ü~*'[]", "none": None}
    )
    assert (
        "/v2/spot/pending-order?market=BTCUSDT%2CETHUSDT&is_frozen=true&remark=50%25+of+a%2Fb+%26+c%3Dd+%C3%BC~%2A%27%5B%5D"
        == peer.requests[-1].target
    )
    assert b"" == peer.requests[-1].body
    me.page(VERB, {"market": "BTCUSDT", "order_ids": [1, 2**62], "remark": "ü", "is_hide": False, "none": None})
    assert (
        b'{"market":"BTCUSDT","order_ids":[1,4611686018427387904],"remark":"\\u00fc","is_hide":false}'
        == peer.requests[-1].body
    )
    assert "application/json" == peer.requests[-1].headers["content-type"]
    assert 0 == peer.refusals


@settings(max_examples=cases(60))
@given(
    st.dictionaries(
        st.from_regex(r"[a-z_]{1,9}", fullmatch=True), st.text(max_size=12) | st.integers() | st.booleans(), max_size=5
    )
)
def test_anything_that_is_sent_verifies(peer, me, params):
    """Whatever text stands in a parameter, the signature fits the characters on the wire, which are ASCII."""
    for route in (READ, VERB):
        me.page(route, params)
        assert peer.requests[-1].headers["x-coinex-sign"] == signature(peer.requests[-1].signed_text)
        assert peer.requests[-1].signed_text.isascii()
    assert params == json.loads(peer.requests[-1].body)


def test_the_headers(peer, me):
    """Key, signature and timestamp; a window only where one is set, and it is not signed."""
    me.page(READ, {})
    headers = peer.requests[-1].headers
    assert ACCESS_ID == headers["x-coinex-key"]
    assert headers["x-coinex-timestamp"].isdecimal()
    assert "x-coinex-windowtime" not in headers
    SignedSession(ACCESS_ID, SECRET_KEY, peer.venue, window=800).page(READ, {})
    assert "800" == peer.requests[-1].headers["x-coinex-windowtime"]


def test_what_is_public_is_not_signed(peer, me):
    """A key does not travel where no signature is needed."""
    cx.server_time(session=me)
    assert not [name for name in peer.requests[-1].headers if name.startswith("x-coinex")]


def test_latin_1_is_what_a_secret_is_written_in():
    """As in the documentation's own examples."""
    expected = hmac.new(b"\xfc\xdf", b"1", "sha256").hexdigest()
    assert expected == Credentials("id", "üß").signature(b"1")


@pytest.mark.parametrize("secret", ["", " ", "key\u20ac", None, 7, b"bytes"])
def test_what_cannot_be_a_secret(secret):
    """It is refused at once, and not shown."""
    with pytest.raises(cx.InvalidArgument, match="secret_key") as caught:
        SignedSession("id", secret)
    assert "\u20ac" not in str(caught.value)


@pytest.mark.parametrize("access_id", ["", "a b", "a\nb", "ü", None, 7])
def test_what_cannot_be_an_access_id(access_id):
    """A line break would end the header that it stands in."""
    with pytest.raises(cx.InvalidArgument, match="access_id"):
        SignedSession(access_id, "secret")


def test_blanks_around_a_key_do_not_matter():
    """They come with copying it."""
    assert Credentials(" id\n", "example-secret \n").signature(b"1") == Credentials("id", "example-secret").signature(
        b"1"
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/v2/spot/order",
        "https://api.coinex.com.example.com/v2/spot/order",
        "https://api.coinex.com@example.com/v2/spot/order",
        "http://api.coinex.com/v2/spot/order",
        "https://api.coinex.com:444/v2/spot/order",
        "https://api.coinex.com/v22/spot/order",
        "https://api.coinex.com/v1/order",
    ],
)
def test_nothing_is_signed_for_elsewhere(url):
    """Another host, port, scheme or path is refused before a header is set."""
    ready = requests.Request("GET", url).prepare()
    with pytest.raises(cx.InvalidArgument, match=r"a key signs for https://api\.coinex\.com/v2 only"):
        Signer(Credentials("id", "secret"), cx.LIVE.http, lambda: 1)(ready)
    assert "X-COINEX-KEY" not in ready.headers
