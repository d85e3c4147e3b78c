"""A reply that names another market, currency or id than its request is not the reply to it."""

import pytest

import coinex_pandas as cx
from tests.golden import samples
from tests.http.signed_peer import ACCESS_ID, SECRET_KEY, Peer
from tests.http.tiny_server import TinyServer, reply
from tests.waiting import until


def session_at(server, **more):
    """Return a quick session at a tiny server."""
    return cx.Session(server.venue, **{"backoff": 0.001} | more)


def key_at(peer, **more):
    """Return a quick session that may trade."""
    return cx.SignedSession(ACCESS_ID, SECRET_KEY, peer.venue, trading=True, **{"backoff": 0.001} | more)


def ticker(*markets):
    """Return the reply with the tickers of some markets."""
    row = samples.sample("spot_tickers")["full"]["data"][0]
    return reply({"code": 0, "data": [row | {"market": market} for market in markets], "message": "OK"})


def order(name="spot_place_order", **cells):
    """Return the reply of a verb on one order."""
    return {"code": 0, "data": samples.sample(name)["full"]["data"] | cells, "message": "OK"}


@pytest.mark.filterwarnings("ignore::coinex_pandas.StaleDataWarning")
def test_a_reply_about_another_market():
    """It is an error that names both, and the connection is closed: what comes next on it would be wrong, too."""
    with TinyServer(ticker("LTCUSDT"), ticker("CETUSDT")) as server, session_at(server, retries=0) as session:
        with pytest.raises(cx.UnexpectedBody, match="market LTCUSDT instead of CETUSDT"):
            cx.spot_tickers("CETUSDT", session=session)
        assert until(lambda: 1 == server.closed)
        assert ["CETUSDT"] == list(cx.spot_tickers("CETUSDT", session=session).index)
        assert 2 == server.connections


@pytest.mark.filterwarnings("ignore::coinex_pandas.StaleDataWarning")
def test_a_read_is_repeated_on_a_new_connection():
    """As after any reply that is none; only if it stays so, it is an error."""
    with TinyServer(ticker("LTCUSDT"), ticker("CETUSDT")) as server, session_at(server) as session:
        assert ["CETUSDT"] == list(cx.spot_tickers("CETUSDT", session=session).index)
        assert (2, 2) == (len(server.requests), server.connections)


def test_one_strange_row_among_several():
    """Each row must be about one of the names."""
    words = "BCHUSDT instead of ETHUSDT or LTCUSDT"
    with TinyServer(ticker("LTCUSDT", "BCHUSDT", "ETHUSDT")) as server, pytest.raises(cx.UnexpectedBody, match=words):
        cx.spot_tickers(["LTCUSDT", "ETHUSDT"], session=session_at(server, retries=0))


def test_an_order_book_of_another_market():
    """Its market stands beside the levels."""
    book = samples.sample("futures_depth")["full"]
    words = "market ETHUSDT instead of LTCUSDT"
    with TinyServer(reply(book)) as server, pytest.raises(cx.UnexpectedBody, match=words):
        cx.futures_depth("LTCUSDT", session=session_at(server, retries=0))


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"client_id": "yours"}, "client_id yours instead of mine"),
        ({"client_id": "MINE"}, "client_id MINE instead of mine"),
        ({"client_id": "mine", "market": "ETHUSDT"}, "market ETHUSDT instead of BTCUSDT"),
    ],
)
def test_a_verb_that_is_answered_with_another_order(cells, words):
    """Nobody knows what became of it: sent once, not again, and the connection is closed."""
    with Peer(order(**cells), order(client_id="mine")) as peer:
        me = key_at(peer)
        with pytest.raises(cx.OutcomeUnknown, match=words) as caught:
            cx.spot_place_order("BTCUSDT", "buy", "limit", 1, 2, client_id="mine", check=False, session=me)
        assert ("mine", 1) == (caught.value.client_id, len(peer.private))
        cx.spot_place_order("BTCUSDT", "buy", "limit", 1, 2, client_id="mine", check=False, session=me)


def test_another_order_was_cancelled():
    """The id decides."""
    cancelled, words = order("futures_cancel_order", order_id=8, market="BTCUSDT"), "order_id 8 instead of 7"
    with Peer(cancelled) as peer, pytest.raises(cx.OutcomeUnknown, match=words):
        cx.futures_cancel_order("BTCUSDT", 7, session=key_at(peer))


def test_a_batch_that_is_answered_with_anothers():
    """Every item counts; the items that were refused name nothing."""
    row = samples.sample("spot_place_order")["full"]["data"]
    items = [
        {"code": 3109, "data": {}, "message": "balance not enough"},
        {"code": 0, "data": row | {"client_id": "b-7"}, "message": "OK"},
    ]
    batch = [{"market": "BTCUSDT", "side": "buy", "type": "limit", "amount": 1, "price": 2}]
    with Peer({"code": 0, "data": items, "message": "OK"}) as peer:
        me = key_at(peer)
        orders = [one | {"client_id": name} for one, name in zip(batch * 2, ("b-6", "b-7"), strict=True)]
        assert [3109, 0] == list(cx.spot_place_orders(orders, check=False, session=me)["code"])
        orders[1]["client_id"] = "b-8"
        with pytest.raises(cx.OutcomeUnknown, match="b-7 instead of b-6 or b-8"):
            cx.spot_place_orders(orders, check=False, session=me)


@pytest.mark.parametrize(
    "cells", [{"client_id": ""}, {"client_id": None}, {"market": ""}, {"market": " btcusdt "}, {"ccy": "USDT"}]
)
def test_what_says_nothing_is_not_compared(cells):
    """A name left out, blanks and the case of a market, and the unit of an amount."""
    with Peer(order(**{"client_id": "mine"} | cells)) as peer:
        more = {"client_id": "mine", "check": False, "session": key_at(peer)}
        assert 1 == len(cx.spot_place_order("BTCUSDT", "buy", "market", 1, ccy="BTC", **more))


def test_a_stop_order_that_is_changed_has_a_new_id():
    """The exchange documents it so: this is the reply to that request."""
    with Peer({"code": 0, "data": {"stop_id": 12}, "message": "OK"}) as peer:
        frame = cx.spot_modify_stop_order("BTCUSDT", 11, price=3, check=False, session=key_at(peer))
    assert [12] == list(frame.index)


def test_a_reply_of_another_endpoint_closes_the_connection():
    """It does not fit the table; what comes next on that connection is not for this session either."""
    with TinyServer(reply(b"what is this"), ticker("CETUSDT")) as server, session_at(server, retries=0) as session:
        with pytest.raises(cx.UnexpectedBody):
            cx.spot_tickers("CETUSDT", session=session)
        assert until(lambda: 1 == server.closed)


def test_the_error_does_not_quote_the_reply():
    """What belongs to another request may hold its secrets."""
    secret = {"code": 0, "data": order()["data"] | {"secret_key": "CANARYSECRET", "client_id": "x"}, "message": "OK"}
    with Peer(secret) as peer, pytest.warns(cx.ColumnsChanged), pytest.raises(cx.OutcomeUnknown) as caught:
        cx.spot_place_order("BTCUSDT", "buy", "limit", 1, 2, client_id="y", check=False, session=key_at(peer))
    assert "CANARYSECRET" not in str(caught.value) + repr(caught.value.__cause__)
