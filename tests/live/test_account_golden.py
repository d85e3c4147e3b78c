"""The golden plays of the private channels: signed, subscribed, and the stream holds what is pushed as over HTTP."""

import json
import math
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import coinex_pandas as cx
from coinex_pandas.live.protocol.sign_in import Sign, Signature
from coinex_pandas.tables.kinds import ChoiceKind, NumberKind
from tests.live.account_stage import AT, PRIVATE, Stage, table
from tests.paths import GOLDEN_STREAMS

SELECTOR = {"spot_balances": "ccy_list", "futures_balances": "ccy_list"} | dict.fromkeys(
    ("spot_notices", "futures_notices"), "channels"
)
DERIVED = {"market_type", "status", "event"}
"""What pushes do not say, and follows from them."""


def play(name):
    """Return a golden play: what is signed, sent, acknowledged and pushed."""
    return json.loads((GOLDEN_STREAMS / f"{name}.json").read_text("utf-8"))


def wire_rows(push):
    """Return the rows of a push, each with its event."""
    data = push["data"]
    event = {"event": data["event"]} if "event" in data else {}
    for inside in ("order", "stop", "position", "info"):
        if inside in data:
            return [data[inside] | event]
    return data.get("balance_list", [data])


def performed(name, *, together=False):
    """Return a stage after a play was performed on it."""
    stage, told = Stage(name).begin(), play(name)
    if together:
        stage.frame(*told["pushed"])
    else:
        for push in told["pushed"]:
            stage.frame(push)
    return stage


def cell(column, wire):
    """Return a cell as a frame is to hold it, missing ones as None."""
    if wire is None or (isinstance(wire, str) and not wire):
        return None
    if isinstance(column.kind, NumberKind):
        return float(Decimal(wire))
    if column.kind.dtype.startswith("datetime64"):
        return None if wire == 0 else pd.Timestamp(wire, unit="ms", tz="UTC")
    if isinstance(column.kind, ChoiceKind):
        return column.kind.word(wire)
    return tuple(wire) if isinstance(wire, list) else wire


def cells(frame):
    """Return a frame's cells, missing ones as None."""
    flat = frame.reset_index()
    return {
        name: [value if isinstance(value, tuple) or not pd.isna(value) else None for value in flat[name]]
        for name in flat
    }


@pytest.mark.parametrize("name", PRIVATE)
def test_subscription_is_the_plays(name):
    """It signs, and then names nothing, which means everything; notices have a number of their own."""
    stage, told = Stage(name).open(), play(name)
    (sent,) = stage.sent()
    assert told["sent"] == sent
    assert [SELECTOR.get(name, "market_list")] == list(sent["params"])


@pytest.mark.parametrize("name", PRIVATE)
def test_signature_is_the_plays(name):
    """The request has the very parameters that the session made, nothing else, and goes before all else."""
    told = play(name)["signed"]["sent"]
    stage = Stage(name)
    stage.connection.on_open(0.0, AT)
    (action,) = stage.actions(Sign)
    stage.connection.on_signature(Signature(told["params"]), action.connection, 0.0)
    assert [told] == stage.sent()


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("name", PRIVATE)
def test_stream_holds_what_was_pushed(name, together):
    """Every value is there under the name that HTTP has for it; one by one or together."""
    stage = performed(name, together=together)
    row = cx.CHANNELS[name].row
    rows = [each for push in play(name)["pushed"] for each in wire_rows(push)]
    found = cells(table(stage.subscriber))
    names = dict(row.also)
    for column in row.columns():
        sent = [next((each[wire] for wire in each if names.get(wire, wire) == column.name), None) for each in rows]
        expected = [cell(column, value) for value in sent]
        if column.name not in DERIVED or any(value is not None for value in expected):
            assert expected == found[column.name], column.name
    assert (len(rows), 0, 0) == (len(found["received_at"]), stage.connection.bad, stage.subscriber.duplicates)


@pytest.mark.parametrize("name", PRIVATE)
def test_floats_are_those_of_the_texts(name):
    """Each number's bits are those of float(Decimal(text)), also of texts with twenty decimals."""
    stage = performed(name)
    row = cx.CHANNELS[name].row
    rows = [each for push in play(name)["pushed"] for each in wire_rows(push)]
    frame = table(stage.subscriber)
    for column in row.columns():
        if isinstance(column.kind, NumberKind) and all(column.name in each for each in rows):
            wanted = np.array([float(Decimal(each[column.name])) for each in rows])
            assert wanted.tobytes() == frame[column.name].to_numpy().tobytes()


@pytest.mark.parametrize("name", PRIVATE)
def test_columns_do_not_depend_on_the_data(name):
    """Index, columns, dtypes and documented words are those of a stream to which nothing came."""
    before, after = table(Stage(name).subscriber), table(performed(name).subscriber)
    assert 0 == len(before) < len(after)
    assert before.dtypes.astype(str).to_dict() == after.dtypes.astype(str).to_dict()
    assert (before.index.dtype, before.index.name) == (after.index.dtype, after.index.name)
    for column in cx.CHANNELS[name].row.columns():
        if isinstance(column.kind, ChoiceKind):
            assert list(column.kind.choices) == list(after[column.name].cat.categories)


@pytest.mark.parametrize("name", PRIVATE)
def test_the_same_again_is_told_apart(name):
    """What comes again right behind itself is counted, and in the table once."""
    stage = Stage(name).begin()
    pushes = play(name)["pushed"]
    for push in pushes:
        stage.frame(push)
        stage.frame(push)
    rows = sum(len(wire_rows(push)) for push in pushes)
    assert (rows, rows) == (len(table(stage.subscriber)), stage.subscriber.duplicates)


def test_status_follows_from_event_and_amounts():
    """The exchange pushes none: open, part_filled, filled, canceled are told by what is filled and left."""
    frame = table(performed("spot_orders").subscriber)
    assert ["open", "part_filled", "part_filled", "filled", "canceled"] == list(frame["status"])
    assert ["open", "part_filled", "part_canceled", "open"] == list(
        table(performed("futures_orders").subscriber)["status"]
    )
    assert {"SPOT"} == set(frame["market_type"])


def test_case_of_words_does_not_matter():
    """MARKET and market are one word."""
    assert ["limit"] * 4 + ["market"] == list(table(performed("spot_orders").subscriber)["type"])


@pytest.mark.parametrize(
    ("area", "cells", "expected"),
    [
        ("spot", {"event": 1}, ("active", "active_success")),
        ("spot", {"event": 1, "status": "cancel"}, ("cancel", "cancel")),
        ("futures", {"trigger_direction": "higer"}, ("put", "active_success")),
    ],
)
def test_documented_oddities_of_stops(area, cells, expected):
    """The number 1 stands for an event in a documented sample, and a direction is misspelt in another."""
    stage = Stage(f"{area}_stops").begin()
    push = play(f"{area}_stops")["pushed"][0]["data"]
    inner = push["stop"] | {"status": "active_success"} | {name: cells[name] for name in cells if name != "event"}
    stage.push("stop", {"event": cells.get("event", push["event"]), "stop": inner})
    row = table(stage.subscriber).iloc[0]
    assert expected == (row["event"], row["status"])
    assert "higher" == row["trigger_direction"] or area == "spot"


@pytest.mark.parametrize("old", ["unfill_amount", "fill_value", "last_fill_amount", "last_fill_price"])
def test_old_spellings_lead_to_the_same_columns(old):
    """The spellings of the documentation's samples are those of the tables."""
    new = {"unfill_amount": "unfilled_amount", "fill_value": "filled_value"}
    declared = new.get(old, old.replace("fill", "filled"))
    stage = Stage("spot_orders").begin()
    push = play("spot_orders")["pushed"][1]["data"]
    inner = {old if name == declared else name: value for name, value in push["order"].items()}
    stage.push("order", push | {"order": inner})
    assert float(push["order"][declared]) == table(stage.subscriber)[declared].iloc[0]


def test_a_new_column_is_kept_and_told():
    """What the exchange newly sends stands behind the others as text, and is told once."""
    stage = Stage("spot_orders").begin()
    push = play("spot_orders")["pushed"][0]["data"]
    stage.push("order", push | {"order": push["order"] | {"novel": "7"}})
    frame = table(stage.subscriber)
    assert ["event", "novel"] == list(frame)[-2:]
    assert "7" == frame["novel"].iloc[0]
    assert [("novel" in text) for text, _ in stage.subscriber.notices] == [True]


def test_notices_as_a_list_of_http_rows_are_read_too():
    """One client has them so; the documented form and this one lead to the same table."""
    stage = Stage("spot_notices").begin()
    row = {"started_at": AT, "ended_at": AT + 1, "scope": ["SPOT"], "announce_enabled": True, "announce_url": "x"}
    stage.push("notice", [row | {"protect_duration_start": 0, "protect_duration_end": 0}])
    frame = table(stage.subscriber)
    assert (1, ("SPOT",), True) == (len(frame), frame["scope"].iloc[0], frame["announce_enabled"].iloc[0])


def test_latest_is_one_row_for_each_thing():
    """The newest row of each order, position, balance."""
    for name, count in {"spot_orders": 2, "futures_positions": 2, "spot_balances": 2, "spot_user_deals": 2}.items():
        stage = performed(name)
        with stage.subscriber.lock:
            newest = stage.subscriber.newest()
        assert count == len(newest)
        assert not any(math.isnan(at) for _, at in newest)
