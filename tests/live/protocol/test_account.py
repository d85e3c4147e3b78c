"""What a private stream knows: the state to begin with, pushes that win, and what HTTP brings after a loss."""

import pytest

import coinex_pandas as cx
from coinex_pandas.live.protocol.account import AccountRequest
from coinex_pandas.live.protocol.account_rows import age, is_last, row_of, same, with_end
from coinex_pandas.live.protocol.subscription import Recovery
from tests.live.account_stage import AT, Stage, balance, deal, order, pushed, table

ORDERS = cx.CHANNELS["spot_orders"]


def events(subscriber):
    """Return number and event of each row."""
    frame = table(subscriber)
    return list(zip(frame["order_id"], frame["event"], strict=True))


def newest(subscriber):
    """Return the last row of each thing by its key's first cell."""
    with subscriber.lock:
        return {getattr(row, subscriber.channel.private.key[-1]): row for row, _ in subscriber.newest()}


def test_begins_with_the_state():
    """Once subscribed the state is asked for; its rows are snapshots, and no gap is told of."""
    stage = Stage("spot_orders").open()
    assert [] == stage.requests()
    stage.acknowledge()
    request = stage.reply(order(1) | {"event": "snapshot"}, order(2) | {"event": "snapshot"})
    expected = (AT, 0, (), "SPOT", 1)
    assert expected == (request.since, request.exchange_time, request.names, request.market_type, request.attempt)
    assert [(1, "snapshot"), (2, "snapshot")] == events(stage.subscriber)
    assert [] == stage.subscriber.gaps


def test_deals_begin_with_what_was_made_before_the_subscription():
    """Between the call and the acknowledgement one may have traded: that is asked for, and no gap is told of."""
    stage = Stage("spot_user_deals")
    stage.at += 900
    stage.open().acknowledge()
    (request,) = stage.requests()
    assert (AT, 0, ()) == (request.since, request.exchange_time, request.open_rows)
    stage.push("user_deals", deal(7))
    stage.reply_to(request, [deal(5), deal(7)])
    assert [5, 7] == list(table(stage.subscriber)["deal_id"])
    assert [] == stage.subscriber.gaps


def test_what_was_pushed_since_the_question_wins():
    """The answer may be older than a push that came after the question."""
    stage = Stage("spot_orders").open().acknowledge()
    (request,) = stage.requests()
    stage.push("order", pushed("finish", 1, unfilled_amount="0", filled_amount="2", updated_at=AT + 50))
    stage.reply_to(request, [order(1) | {"event": "snapshot"}, order(2) | {"event": "snapshot"}])
    assert [(1, "finish"), (2, "snapshot")] == events(stage.subscriber)


def test_what_was_pushed_before_the_question_does_not():
    """Balances over HTTP carry no time: the answer to a later question is right."""
    stage = Stage("spot_balances").begin()
    stage.push("balance", balance(available="5"))
    stage.lose().acknowledge()
    stage.reply({"ccy": "USDT", "available": "7", "frozen": "0", "event": "snapshot"})
    assert 7.0 == newest(stage.subscriber)["USDT"].available


def test_late_push_about_an_older_state_does_not_undo_a_snapshot():
    """What was on its way while HTTP answered is put before; a newer push goes behind."""
    stage = Stage("spot_orders").begin()
    stage.push("order", pushed("put", 1))
    stage.lose().acknowledge()
    stage.reply(order(1, unfilled_amount="1", filled_amount="1", updated_at=AT + 90) | {"event": "snapshot"})
    stage.push("order", pushed("update", 1, unfilled_amount="1.5", filled_amount="0.5", updated_at=AT + 80))
    assert ["put", "update", "snapshot"] == list(table(stage.subscriber)["event"])
    assert (1.0, 1) == (newest(stage.subscriber)[1].filled_amount, stage.subscriber.late_rows)


def test_push_that_comes_twice_is_counted():
    """Once in the table, once among the duplicates."""
    stage = Stage("spot_orders").begin()
    stage.push("order", pushed("put"), pushed("put"))
    assert (1, 1) == (len(table(stage.subscriber)), stage.subscriber.duplicates)


def test_events_of_one_millisecond_are_told_apart():
    """Placed, filled in part and whole within a millisecond; also when they overtake each other."""
    put = pushed("put")
    part = pushed("update", unfilled_amount="1", filled_amount="1", updated_at=AT + 1)
    whole = pushed("finish", unfilled_amount="0", filled_amount="2", updated_at=AT + 1)
    for order_of_arrival in ([put, part, whole], [put, whole, part], [whole, put, part]):
        stage = Stage("spot_orders").begin()
        stage.push("order", *order_of_arrival)
        assert "finish" == list(table(stage.subscriber)["event"])[-1]
        assert 3 == len(table(stage.subscriber))


def test_loss_is_a_gap_until_the_answer():
    """From the last sign of life to the answer; what came in between by HTTP is counted."""
    stage = Stage("spot_orders").begin()
    stage.push("order", pushed("put", 1))
    stage.lose()
    (gap,) = stage.subscriber.gaps
    assert (None, AT, "code 1006", None) == (gap.market, gap.start, gap.cause, gap.refilled)
    stage.acknowledge()
    request = stage.reply(order(1, unfilled_amount="1", filled_amount="1", updated_at=AT + 9) | {"event": "snapshot"})
    assert (AT, AT + 1, [1]) == (request.since, request.exchange_time, [row.order_id for row in request.open_rows])
    assert (True, 1, AT) == (gap.refilled, gap.rows, gap.end)
    assert 1 == stage.subscriber.refilled_rows


def test_state_that_did_not_change_brings_no_row():
    """After a loss only what changed is told."""
    stage = Stage("spot_orders").begin()
    stage.push("order", pushed("put", 1))
    stage.lose().acknowledge()
    stage.reply(order(1) | {"event": "snapshot"})
    assert [(1, "put")] == events(stage.subscriber)
    assert [True] == [gap.refilled for gap in stage.subscriber.gaps]


def test_answers_that_fail_are_asked_again_without_end():
    """Until the state is known the gap stays open; the pauses grow, to half a minute."""
    stage = Stage("spot_orders").begin()
    stage.lose().acknowledge()
    pauses = []
    for attempt in range(1, 9):
        (action,) = stage.actions(object)
        assert attempt == action.request.attempt
        pauses.append(action.pause)
        stage.reply_to(action.request, failed=True, why="NoAnswer")
    assert [0.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0] == pauses
    assert stage.subscriber.gaps[0].end is None
    stage.reply(order(1) | {"event": "snapshot"})
    assert stage.subscriber.gaps[0].refilled


def test_clear_refusal_of_the_question_is_told():
    """A key that may not read it: the gap ends, and says why; pushes go on."""
    stage = Stage("futures_orders").open().acknowledge()
    stage.reply(failed=True, why="NotPermitted: no", is_final=True)
    (gap,) = stage.subscriber.gaps
    assert (False, True) == (gap.refilled, "NotPermitted: no" in gap.cause)
    assert [] == stage.requests()
    inner = pushed("put")["order"] | {"stop_id": 0, "fee": "0", "fee_ccy": "USDT"}
    inner.pop("margin_market")
    stage.push("order", {"event": "put", "order": inner})
    assert 1 == len(table(stage.subscriber))


def test_answer_of_before_a_loss_does_not_count():
    """The connection was lost again while it was asked for: another question is needed."""
    stage = Stage("spot_orders").begin()
    stage.lose().acknowledge()
    (request,) = stage.requests()
    stage.lose().acknowledge()
    stage.reply_to(request, [order(1) | {"event": "snapshot"}])
    assert 0 == len(table(stage.subscriber))
    stage.reply(order(2) | {"event": "snapshot"})
    assert [(2, "snapshot")] == events(stage.subscriber)
    assert [True] == [gap.refilled for gap in stage.subscriber.gaps]


def test_frame_that_cannot_be_read_is_asked_for():
    """Nobody knows what it told: the state is asked for again."""
    stage = Stage("spot_orders", "spot_balances").begin()
    stage.push("order", pushed("put", 1))
    stage.frame({"method": "order.update", "data": {"event": "put", "order": {"market": "BTCUSDT"}}, "id": None})
    assert 1 == stage.connection.bad
    request = stage.reply(order(1) | {"event": "snapshot"}, order(2) | {"event": "snapshot"})
    assert ("spot_orders", AT) == (request.channel.name, request.since)
    assert [True] == [gap.refilled for gap in stage.subscriber.gaps]
    assert "without order_id" in stage.subscriber.gaps[0].cause
    assert [] == stage.subscribers[1].gaps  # its method could be read, so the others have lost nothing


def test_frame_of_nothing_readable_is_asked_for_by_all():
    """Each private channel asks anew."""
    stage = Stage("spot_orders", "spot_user_deals").begin()
    stage.connection.on_frame(b"\x00", 0.0, AT)
    assert {"spot_orders", "spot_user_deals"} == {request.channel.name for request in stage.requests()}


@pytest.mark.parametrize("together", [False, True])
def test_unreadable_push_among_others_hurts_none(together):
    """The others of one look at the socket are taken."""
    stage = Stage("spot_orders").begin()
    bad = {"method": "order.update", "data": {"order": 5}, "id": None}
    good = [{"method": "order.update", "data": pushed("put", number), "id": None} for number in (1, 2)]
    if together:
        stage.frame(good[0], bad, good[1])
    else:
        for message in (good[0], bad, good[1]):
            stage.frame(message)
    assert [(1, "put"), (2, "put")] == events(stage.subscriber)
    assert 1 == stage.connection.bad


def test_push_before_its_acknowledgement_counts():
    """It shows that the subscription works, so that now is the time to ask."""
    stage = Stage("spot_orders").open()
    requests = stage.sent()
    stage.push("order", pushed("put", 1))
    (request,) = stage.requests()
    stage.answer(requests[0])
    assert [] == stage.requests()
    stage.reply_to(request, [order(1) | {"event": "snapshot"}])
    assert [(1, "put")] == events(stage.subscriber)


def test_who_joins_later_asks_for_itself():
    """Each stream knows what it knows by itself; the subscription is shared."""
    stage = Stage("spot_orders").begin(order(1) | {"event": "snapshot"})
    later = stage.listen("spot_orders")
    assert [] == stage.sent()
    stage.push("order", pushed("put", 2))
    request = stage.reply(order(1) | {"event": "snapshot"}, order(2) | {"event": "snapshot"})
    assert request.state.subscriber is later
    assert [(2, "put"), (1, "snapshot")] == events(later)
    assert [(1, "snapshot"), (2, "put")] == events(stage.subscriber)


def test_markets_choose_rows():
    """Only the rows of the named markets, pushed or asked for."""
    stage = Stage("spot_orders", markets=("ETHUSDT",)).open().acknowledge()
    request = stage.reply(order(1) | {"event": "snapshot"}, order(2, market="ETHUSDT") | {"event": "snapshot"})
    assert ("ETHUSDT",) == request.names
    stage.push("order", pushed("put", 3), pushed("put", 4, market="ETHUSDT"))
    assert [(2, "snapshot"), (4, "put")] == events(stage.subscriber)


def test_currencies_choose_balances():
    """Only those of the named currencies."""
    stage = Stage("spot_balances", markets=("BTC",)).begin()
    stage.push("balance", balance("USDT"), balance("BTC"))
    assert ["BTC"] == list(table(stage.subscriber)["ccy"])


def test_spot_and_margin_are_told_apart():
    """The spot socket tells of both; a stream is about one of them."""
    for market_type, expected in (("SPOT", [1]), ("MARGIN", [2])):
        stage = Stage("spot_orders", market_type=market_type, markets=("BTCUSDT",)).begin()
        margin = pushed("put", 2)
        margin["order"]["margin_market"] = "BTCUSDT"
        stage.push("order", pushed("put", 1), margin)
        frame = table(stage.subscriber)
        assert (expected, [market_type]) == (list(frame["order_id"]), list(frame["market_type"]))


def test_margin_accounts_hold_a_currency_each():
    """Two accounts may hold the same currency."""
    stage = Stage("spot_balances", market_type="MARGIN").begin()
    stage.push("balance", balance("USDT", "1", margin_market="BTCUSDT"), balance("USDT", "2", margin_market="ETHUSDT"))
    stage.push("balance", balance("USDT", "3", margin_market="BTCUSDT", updated_at=AT + 1))
    with stage.subscriber.lock:
        found = {(row.margin_market, row.ccy): row.available for row, _ in stage.subscriber.newest()}
    assert {("BTCUSDT", "USDT"): 3.0, ("ETHUSDT", "USDT"): 2.0} == found


def test_missed_deals_are_put_in_their_place():
    """Each once and in the order of their times, whatever came meanwhile."""
    stage = Stage("spot_user_deals").begin()
    stage.push("user_deals", deal(1))
    stage.lose().acknowledge()
    (request,) = stage.requests()
    assert (AT, AT + 1) == (request.since, request.exchange_time)
    stage.push("user_deals", deal(5))
    stage.reply_to(request, [deal(4, market="ETHUSDT"), deal(1), deal(3), deal(5)])
    stage.push("user_deals", deal(3), deal(6))
    assert [1, 3, 4, 5, 6] == list(table(stage.subscriber)["deal_id"])
    assert (2, True) == (stage.subscriber.gaps[0].rows, stage.subscriber.gaps[0].refilled)
    assert 1 == stage.subscriber.duplicates


def test_loss_before_anything_came_asks_since_the_loss():
    """No row has told a time of the exchange: this machine's clock has to do."""
    stage = Stage("spot_user_deals").begin()
    stage.lose().acknowledge()
    (request,) = stage.requests()
    assert (AT, 0) == (request.since, request.exchange_time)


def test_pushes_during_a_loss_do_not_shorten_what_is_asked_for():
    """What a later push tells of the time does not hide what was missed before it."""
    stage = Stage("spot_orders").begin()
    stage.push("order", pushed("put", 1))
    stage.lose().acknowledge()
    (first,) = stage.requests()
    stage.push("order", pushed("put", 900))
    stage.reply_to(first, failed=True, why="NoAnswer")
    (second,) = stage.requests()
    assert AT + 1 == first.exchange_time == second.exchange_time


def test_end_that_http_told_is_not_beyond_doubt():
    """An order that was said to be gone, and is pushed about with a later time, is not."""
    stage = Stage("spot_orders").begin()
    stage.push("order", pushed("put", 1))
    stage.lose().acknowledge()
    (request,) = stage.requests()
    stage.connection.on_recovery(request, Recovery([with_end(ORDERS, request.open_rows[0])]), AT)
    assert "finish" == newest(stage.subscriber)[1].event
    stage.push("order", pushed("update", 1, unfilled_amount="1", filled_amount="1", updated_at=AT + 500))
    assert "update" == newest(stage.subscriber)[1].event


def test_question_says_little():
    """Its repr holds no state's memory that a log would spread."""
    stage = Stage("spot_orders").open().acknowledge()
    (request,) = stage.requests()
    assert isinstance(request, AccountRequest)


def test_vanished_order_is_cancelled_as_last_known():
    """Cancelled without a fill, or after the fills that are known."""
    row = row_of(ORDERS, order(1) | {"event": "put"})
    assert ("finish", "canceled", 2.0) == tuple(
        getattr(with_end(ORDERS, row), name) for name in ("event", "status", "unfilled_amount")
    )
    part = row_of(ORDERS, order(1, filled_amount="1", unfilled_amount="1") | {"event": "update"})
    assert "part_canceled" == with_end(ORDERS, part).status


def test_ages_and_ends():
    """An end comes last even without a time; equal rows differ in nothing that both say."""
    put, finish = (row_of(ORDERS, order(1) | {"event": event}) for event in ("put", "finish"))
    timeless = row_of(ORDERS, order(1, updated_at=0) | {"event": "finish"})
    assert age(ORDERS, put) < age(ORDERS, timeless) <= age(ORDERS, finish)
    assert [False, True, True] == [is_last(ORDERS, row) for row in (put, finish, timeless)]
    assert same(put, finish, but=("event", "status"))
    assert not same(put, finish)


def test_memory_is_bounded(monkeypatch):
    """Of what has ended only the newest are remembered, in the state and among the latest rows."""
    from coinex_pandas.live import account_stream
    from coinex_pandas.live.protocol import account_state

    monkeypatch.setattr(account_state, "_MOST_ENDED", 5)
    monkeypatch.setattr(account_stream, "_MOST_ENDED", 5)
    stage = Stage("spot_orders").begin()
    stage.push("order", pushed("put", 1))
    for number in range(2, 60):
        stage.push("order", pushed("finish", number))
        table(stage.subscriber)
    (state,) = stage.connection.subscriptions["order"]._states.values()
    assert len(state.newest) <= 11
    assert len(stage.subscriber._newest) <= 11
    assert {1, 59} <= set(newest(stage.subscriber))


def test_memory_of_deals_is_bounded(monkeypatch):
    """The newest ids are known; the table is as long as it is kept."""
    from coinex_pandas.live.protocol import account_state

    monkeypatch.setattr(account_state, "_MOST_DEALS", 5)
    stage = Stage("spot_user_deals").begin()
    stage.push("user_deals", *(deal(number) for number in range(1, 60)))
    (state,) = stage.connection.subscriptions["user_deals"]._states.values()
    assert len(state.newest) <= 10
    stage.push("user_deals", deal(59))
    assert (59, 1) == (len(table(stage.subscriber)), stage.subscriber.duplicates)
