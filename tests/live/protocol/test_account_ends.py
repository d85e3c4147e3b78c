"""Ends that come with some of their columns only: the rest is known from before, and nothing is claimed beyond that."""

import json
from functools import cache

import pytest

from tests.live.account_stage import AT, Stage, pushed, table
from tests.paths import GOLDEN_STREAMS

MARKET = {"market": "BTCUSDT"}
SAME = ["market", "market_type", "side", "type", "amount", "price", "client_id", "created_at"]


@cache
def first_push(name):
    """Return the first push of a golden stream."""
    return json.loads((GOLDEN_STREAMS / f"{name}.json").read_text("utf-8"))["pushed"][0]


def end_of(*events, market_type=None):
    """Return the table after pushes of one order."""
    stage = Stage("spot_orders", market_type=market_type).begin()
    for event in events:
        stage.push("order", event)
    assert 0 == stage.connection.bad
    return table(stage.subscriber)


@pytest.mark.parametrize(
    ("cells", "status"),
    [
        ({}, None),
        ({"unfilled_amount": "0"}, "filled"),
        ({"unfilled_amount": "0.5"}, "part_canceled"),
        ({"unfilled_amount": "2"}, "canceled"),
        ({"filled_amount": "2"}, "filled"),
        ({"fill_value": "10", "unfill_amount": "0"}, "filled"),
        ({"filled_value": "7.5", "unfilled_amount": "0.5"}, "part_canceled"),
        ({"filled_amount": "0"}, "canceled"),
        ({"filled_value": "0", "updated_at": AT + 9}, "canceled"),
        ({"filled_value": "4"}, None),
    ],
)
def test_a_short_end_is_the_order_that_is_known(cells, status):
    """Market, side, price and the like are those of before; the status is what the amounts say, if they do."""
    frame = end_of(pushed("put", client_id="mine"), {"event": "finish", "order": {"order_id": 1, **cells} | MARKET})
    put, finish = frame.iloc[0], frame.iloc[1]
    assert ("finish", list(put[SAME])) == (finish["event"], list(finish[SAME]))
    assert [status] == list(frame["status"].iloc[1:].astype(object).where(frame["status"].iloc[1:].notna(), None))
    assert list(end_of(pushed("put")).columns) == list(frame.columns)


def test_a_short_end_belongs_to_the_margin_account_too():
    """Which account an order is of is known from before."""
    put = pushed("put")
    put["order"]["margin_market"] = "BTCUSDT"
    short = {"event": "finish", "order": {"order_id": 1, "unfilled_amount": "0"} | MARKET}
    frame = end_of(put, short, market_type="MARGIN")
    assert ["put", "finish"] == list(frame["event"])
    assert {"MARGIN"} == set(frame["market_type"])
    assert ["put"] == list(end_of(pushed("put", 2), put)["event"])


def test_a_short_end_of_an_unknown_order_says_what_came():
    """Without a row before it the rest is missing, and so is the status."""
    frame = end_of({"event": "finish", "order": {"order_id": 5} | MARKET})
    assert [("finish", True, True)] == list(
        zip(frame["event"], frame["price"].isna(), frame["status"].isna(), strict=True)
    )


@pytest.mark.parametrize(
    ("name", "event", "inside", "key"),
    [
        ("futures_orders", "finish", "order", "order_id"),
        ("spot_stops", "cancel", "stop", "stop_id"),
        ("futures_stops", "active", "stop", "stop_id"),
        ("futures_positions", "close", "position", "position_id"),
    ],
)
def test_every_short_end_keeps_what_cannot_change(name, event, inside, key):
    """Orders, stop orders and positions alike."""
    stage, push = Stage(name).begin(), first_push(name)
    stage.frame(push)
    short = {cell: push["data"][inside][cell] for cell in (key, "market")}
    stage.frame({**push, "data": {"event": event, inside: short}})
    frame = table(stage.subscriber)
    assert (2, 0, event) == (len(frame), stage.connection.bad, frame["event"].iloc[-1])
    for column in {"side", "type", "price", "amount", "created_at", "trigger_price", "leverage"} & set(frame):
        assert frame[column].iloc[0] == frame[column].iloc[1], column
