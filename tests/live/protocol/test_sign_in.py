"""Signing for a connection: when, how often, what a refusal does, and that nothing of it shows."""

import logging
import pickle

import pytest

import coinex_pandas as cx
from coinex_pandas.live.buffer import Buffer
from coinex_pandas.live.protocol.actions import Send
from coinex_pandas.live.protocol.sign_in import Sign, Signature
from tests.live.account_stage import AT, PARAMS, Stage, order, pushed

CANARIES = ("canary-access", "canary-signature")


def shows(thing):
    """Return which canaries a text shows."""
    return [canary for canary in CANARIES if canary in str(thing)]


def public(stage):
    """Let somebody listen to public deals on the same connection."""
    known = cx.CHANNELS["spot_deals"]
    subscriber = Buffer(known, ("BTCUSDT",), (None, None))
    stage.connection.add(known, subscriber, 0.0, AT)
    return subscriber


def test_signs_before_it_subscribes():
    """The private subscription waits for the signature's acknowledgement."""
    stage = Stage("spot_orders")
    stage.connection.on_open(0.0, AT)
    assert [] == stage.sent()
    (action,) = stage.actions(Sign)
    assert (False, 1) == action
    stage.connection.on_signature(Signature(PARAMS), action.connection, 0.0)
    (sign,) = stage.sent()
    assert ("server.sign", PARAMS) == (sign["method"], sign["params"])
    stage.answer(sign)
    assert ["order.subscribe"] == [request["method"] for request in stage.sent()]


def test_public_streams_do_not_wait():
    """A public stream of the same connection is subscribed to at once, and goes on when the signature is refused."""
    stage = Stage("spot_orders")
    deals = public(stage)
    stage.connection.on_open(0.0, AT)
    (subscription,) = stage.sent()
    assert "deals.subscribe" == subscription["method"]
    stage.answer(subscription)
    for _ in range(2):
        stage.sign(21002)
    assert "BTCUSDT" in deals.acknowledged_at
    assert (None, cx.NotAuthorized) == (deals.error, type(stage.subscriber.error))
    push = {
        "market": "BTCUSDT",
        "deal_list": [{"deal_id": 1, "created_at": 1, "side": "buy", "price": "1", "amount": "1"}],
    }
    stage.frame({"method": "deals.update", "data": push, "id": None})
    assert 1 == deals.received


def test_public_connection_is_never_signed_for():
    """Without a private stream nothing asks for a signature."""
    stage = Stage("spot_orders")
    stage.connection.remove(cx.CHANNELS["spot_orders"], stage.subscriber, 0.0)
    public(stage)
    stage.connection.on_open(0.0, AT)
    assert [] == stage.actions(Sign)


def test_one_signature_serves_all_private_channels():
    """Two channels need one; a third that comes later needs none."""
    stage = Stage("spot_orders", "spot_balances")
    stage.connection.on_open(0.0, AT)
    assert 1 == len(stage.actions(Sign))
    stage.connection.on_signature(Signature(PARAMS), 1, 0.0)
    stage.acknowledge()
    assert {"order.subscribe", "balance.subscribe"} == {request["method"] for request in stage.sent()}
    stage.listen("spot_user_deals")
    assert [] == stage.actions(Sign)
    assert ["user_deals.subscribe"] == [request["method"] for request in stage.sent()]


@pytest.mark.parametrize("area", ["spot", "futures"])
def test_refused_signature_is_made_anew_once(area):
    """The clock may have been wrong: it is measured, and signed once more; a second refusal is believed."""
    code = {"spot": 21002, "futures": 31002}[area]
    stage = Stage(f"{area}_orders", f"{area}_user_deals")
    stage.connection.on_open(0.0, AT)
    stage.sign(code)
    assert [None, None] == [subscriber.error for subscriber in stage.subscribers]
    (action,) = stage.actions(Sign)
    assert action.anew
    stage.connection.on_signature(Signature(PARAMS), action.connection, 0.0)
    stage.acknowledge(code)
    for subscriber in stage.subscribers:
        assert (cx.NotAuthorized, code) == (type(subscriber.error), subscriber.error.code)
        assert f"{area} socket, server.sign" in str(subscriber.error)
        assert "check the key, the secret and the clock" in str(subscriber.error)
        assert [] == shows(subscriber.error)
    assert [] == stage.actions(Sign)


def test_signature_that_is_right_at_last_opens_the_channels():
    """Refused, measured, accepted: nobody is refused."""
    stage = Stage("spot_orders")
    stage.connection.on_open(0.0, AT)
    stage.sign(21002)
    stage.sign(0)
    assert ["order.subscribe"] == [request["method"] for request in stage.sent()]
    assert stage.subscriber.error is None


def test_busy_answer_to_a_signature_is_waited_out():
    """A code that passes by itself is tried again a little later, and measures nothing."""
    stage = Stage("spot_orders")
    stage.connection.on_open(0.0, AT)
    for _ in range(3):
        stage.sign(24002)
        assert [] == stage.actions(Sign)
        stage.now = stage.connection.wake
        stage.connection.tick(stage.now)
    assert [(False, 1)] == stage.actions(Sign)
    assert stage.subscriber.error is None


def test_signature_that_cannot_be_made_is_tried_again():
    """The clock could not be measured: the cause is told, and it is tried again."""
    stage = Stage("spot_orders")
    stage.connection.on_open(0.0, AT)
    (action,) = stage.actions(Sign)
    stage.connection.on_sign_failure("no signature: NoAnswer", action.connection, 0.0)
    assert "no signature: NoAnswer" == stage.connection.trouble
    stage.connection.tick(stage.connection.wake)
    assert 1 == len(stage.actions(Sign))


def test_signature_of_an_earlier_connection_is_not_sent():
    """What was made for a connection that is gone has grown old."""
    stage = Stage("spot_orders")
    stage.connection.on_open(0.0, AT)
    (action,) = stage.actions(Sign)
    stage.connection.on_close(0.0, "code 1006")
    stage.connection.on_signature(Signature(PARAMS), action.connection, 0.0)
    stage.connection.on_open(1.0, AT)
    stage.connection.on_signature(Signature(PARAMS), action.connection, 1.0)
    assert [] == stage.sent()
    assert [(False, 2)] == stage.actions(Sign)


def test_signs_again_after_each_reconnect():
    """A connection of its own needs a signature of its own."""
    stage = Stage("spot_orders").begin()
    for number in (2, 3):
        stage.connection.on_close(0.0, "code 1006")
        stage.connection.on_open(0.0, AT)
        assert [(False, number)] == stage.actions(Sign)
        stage.connection.on_signature(Signature(PARAMS), number, 0.0)
        stage.acknowledge()
        assert ["order.subscribe"] == [request["method"] for request in stage.sent()]


def test_subscription_refused_for_want_of_a_signature_signs():
    """The exchange forgot, for whatever reason: it is signed for again, once."""
    stage = Stage("spot_orders").open()
    stage.acknowledge(21001)
    stage.sign()
    assert ["order.subscribe"] == [request["method"] for request in stage.sent()]
    assert stage.subscriber.error is None


def test_refused_subscription_is_told():
    """Another refusal refuses the stream."""
    stage = Stage("spot_orders").open()
    stage.acknowledge(20002)
    assert (cx.BadParameter, 20002) == (type(stage.subscriber.error), stage.subscriber.error.code)
    assert "spot socket, order.subscribe" in str(stage.subscriber.error)


def test_refused_streams_are_not_subscribed_to_again():
    """After a reconnect nothing is asked for that nobody listens to: to name nothing would mean everything."""
    stage = Stage("spot_orders").open()
    stage.acknowledge(20002)
    stage.connection.on_close(0.0, "code 1006")
    stage.connection.actions.clear()
    stage.connection.on_open(0.0, AT)
    assert [] == [*stage.sent(), *stage.actions(Sign)]


def test_who_joins_after_a_refusal_is_signed_for():
    """The key may be valid by now: another stream tries."""
    stage = Stage("spot_orders")
    stage.connection.on_open(0.0, AT)
    stage.sign(21002)
    stage.sign(21002)
    later = stage.listen("spot_balances")
    stage.sign(0)
    assert ["balance.subscribe"] == [request["method"] for request in stage.sent()]
    assert later.error is None


def test_late_answer_to_a_signature_drops_the_connection():
    """A signature is a request as others are: no answer for long means that nobody is there."""
    stage = Stage("spot_orders")
    stage.connection.on_open(0.0, AT)
    stage.connection.on_signature(Signature(PARAMS), 1, 0.0)
    stage.connection.tick(11.0)
    assert "dropping" == stage.connection.state


def test_last_one_who_goes_unsubscribes():
    """Everything at once, as it was subscribed to; what comes then is nobody's."""
    stage = Stage("spot_orders").begin()
    second = stage.listen("spot_orders")
    stage.reply()
    stage.connection.remove(cx.CHANNELS["spot_orders"], stage.subscriber, 0.0)
    assert [] == stage.sent()
    stage.connection.remove(cx.CHANNELS["spot_orders"], second, 0.0)
    (request,) = stage.sent()
    assert ("order.unsubscribe", {"market_list": []}) == (request["method"], request["params"])
    stage.push("order", pushed("put"))
    third = stage.listen("spot_orders")
    (subscription,) = stage.sent()
    stage.push("order", pushed("put", 2))  # sent before the end of the former subscription was read
    assert 0 == third.received
    stage.answer(request)
    stage.answer(subscription)
    stage.reply(order(3))
    assert 1 == third.received


def test_nothing_of_a_signature_shows(caplog):
    """Not in actions, in the connection, in logs, or in what is pickled of them."""
    stage = Stage("spot_orders")
    with caplog.at_level(logging.DEBUG):
        stage.connection.on_open(0.0, AT)
        signature = Signature(PARAMS)
        stage.connection.on_signature(signature, 1, 0.0)
        assert [] == shows(
            [
                signature,
                stage.connection.actions,
                repr(stage.connection.actions),
                vars(stage.connection),
                stage.connection._requests,
            ]
        )
        assert "Send('***')" in repr(stage.connection.actions)
        (sign,) = stage.sent()
        stage.answer(sign, 21002)
    assert [] == shows(caplog.text)
    assert "Send('{}')" == repr(Send("{}"))
    assert [] == shows(pickle.dumps(stage.subscriber.error))
