"""The golden plays, one for each channel: a connection sends what is sent, its stream holds what is pushed."""

import gzip
import json
import math
import random
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import coinex_pandas as cx
from coinex_pandas.live.book import Book, BookBuffer
from coinex_pandas.live.buffer import Buffer
from coinex_pandas.live.protocol.actions import Send
from coinex_pandas.live.protocol.connection import Connection
from coinex_pandas.tables.kinds import NumberKind
from coinex_pandas.tables.row import wire_names
from coinex_pandas.tables.rows.book import BookLevel
from tests.paths import GOLDEN_STREAMS

AT = 1_780_315_201_000
NAMES = [name for name, known in cx.CHANNELS.items() if known.private is None]
TABLES = [name for name in NAMES if cx.CHANNELS[name].method != "depth"]
BOOKS = [name for name in NAMES if cx.CHANNELS[name].method == "depth"]


def play(name):
    """Return a golden play: what is sent, acknowledged and pushed."""
    return json.loads((GOLDEN_STREAMS / f"{name}.json").read_text("utf-8"))


def wire_rows(push):
    """Return the rows of a push, each with its market, in the order in which a table has them."""
    data = push["data"]
    rows = data["deal_list"][::-1] if "deal_list" in data else data.get("state_list", [data])
    return [{"market": data.get("market")} | row for row in rows]


def named(told):
    """Return what a subscription names; a play that names nothing means the markets that it is about."""
    found = told["sent"]["params"]["market_list"]
    return found or list(dict.fromkeys(row["market"] for push in told["pushed"] for row in wire_rows(push)))


def sinks_of(name, told):
    """Return those who listen: a stream, or a book for each market."""
    known, keep = cx.CHANNELS[name], (None, None)
    if known.method == "depth":
        return [BookBuffer(known, (market,), keep, tuple(shape)) for market, *shape in named(told)]
    return [Buffer(known, tuple(named(told)), keep)]


class Stage:
    """A play on a connection of its own."""

    def __init__(self, name):
        self.name, self.told = name, play(name)
        self.subscribers = sinks_of(name, self.told)
        self.connection = Connection(cx.CHANNELS[name].area, random.Random(1))
        for subscriber in self.subscribers:
            self.connection.add(cx.CHANNELS[name], subscriber, 0.0, AT)
        self.connection.on_open(0.0, AT)
        (self.sent,) = [json.loads(action.text) for action in self.connection.actions if isinstance(action, Send)]
        self.connection.actions.clear()

    def frame(self, answer):
        """Send a frame as the exchange packs it."""
        self.connection.on_frame(gzip.compress(json.dumps(answer).encode()), 1.0, AT)

    def acknowledge(self):
        """Send the play's acknowledgement."""
        self.frame(self.told["acknowledged"] | {"id": self.sent["id"]})

    def perform(self, *, together=False):
        """Acknowledge and push all; return the stream's table so far."""
        self.acknowledge()
        if together:
            frames = [gzip.compress(json.dumps(push).encode()) for push in self.told["pushed"]]
            self.connection.on_frames(frames, 1.0, AT)
        for push in () if together else self.told["pushed"]:
            self.frame(push)
        return [table(subscriber) for subscriber in self.subscribers]


def table(subscriber):
    """Return what a stream has so far."""
    with subscriber.lock:
        subscriber.flush()
        return subscriber.table.frame()


def number(text):
    """Return the float that a text of the wire is, to the bit."""
    return float("nan") if text in (None, "") else float(Decimal(text))


def cell(column, wire):
    """Return a cell as a frame is to hold it, missing ones as None."""
    if isinstance(column.kind, NumberKind):
        value = number(wire)
        return None if math.isnan(value) else value
    if column.kind.dtype.startswith("datetime64"):
        none = wire is None or (wire == 0 and column.optional and column.kind.name == "time or none")
        return None if none else pd.Timestamp(wire, unit="ms", tz="UTC")
    return wire


def expected(name, told):
    """Return the cells that a play's pushes are, column by column, each deal once."""
    row = cx.CHANNELS[name].row
    names = {column.name: wire_names(row).get(column.name, column.name) for column in row.columns()}
    rows = [each for push in told["pushed"] for each in wire_rows(push)]
    if cx.CHANNELS[name].method == "deals":
        rows = list({(each["market"], each["deal_id"]): each for each in rows}.values())
    found = {column.name: [cell(column, each.get(names[column.name])) for each in rows] for column in row.columns()}
    return found | {"market": [each["market"] for each in rows]}


def cells(frame):
    """Return a frame's cells, missing ones as None."""
    flat = frame.reset_index()
    return {name: [None if pd.isna(value) else value for value in flat[name]] for name in flat}


def test_every_channel_has_a_play():
    """A new channel needs a golden play, and none is left over."""
    assert set(cx.CHANNELS) == {path.stem for path in GOLDEN_STREAMS.glob("*.json")}


@pytest.mark.parametrize("name", NAMES)
def test_subscription_is_the_plays(name):
    """Method and parameters are those of the play, which may leave the markets out where it means all."""
    stage = Stage(name)
    told = stage.told["sent"]
    assert told["method"] == stage.sent["method"]
    assert told | {"params": {"market_list": named(stage.told)}, "id": stage.sent["id"]} == stage.sent
    assert list(told) == list(stage.sent)


@pytest.mark.parametrize("name", NAMES)
def test_acknowledgement_is_taken(name):
    """Until the acknowledgement nothing works; from then on all markets do."""
    stage = Stage(name)
    assert [{}] == [subscriber.acknowledged_at for subscriber in stage.subscribers[:1]]
    stage.acknowledge()
    for subscriber in stage.subscribers:
        assert set(subscriber.markets) == set(subscriber.acknowledged_at)
        assert (0, None) == (subscriber.received, subscriber.error)


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("name", TABLES)
def test_stream_holds_what_was_pushed(name, together):
    """Every value is there, numbers to the bit, times, words, and what is missing; one by one or together."""
    stage = Stage(name)
    (frame,) = stage.perform(together=together)
    wanted = expected(name, stage.told)
    assert wanted == {column: values for column, values in cells(frame).items() if column != "received_at"}
    assert {pd.Timestamp(AT, unit="ms", tz="UTC")} == set(frame.reset_index()["received_at"])
    (subscriber,) = stage.subscribers
    assert (len(frame), [], 0) == (subscriber.received, subscriber.gaps, stage.connection.bad)


@pytest.mark.parametrize("name", TABLES)
def test_floats_are_those_of_the_texts(name):
    """Each number's bits are those of float(Decimal(text))."""
    stage = Stage(name)
    (frame,) = stage.perform()
    row = cx.CHANNELS[name].row
    told = expected(name, stage.told)
    columns = [column.name for column in row.columns() if isinstance(column.kind, NumberKind)]
    assert columns
    for column in columns:
        wanted = np.array([np.nan if value is None else value for value in told[column]])
        assert wanted.tobytes() == frame[column].to_numpy().tobytes()


@pytest.mark.parametrize("name", NAMES)
def test_columns_do_not_depend_on_the_data(name):
    """Index, columns and dtypes are those of a stream to which nothing came; so are the documented words."""
    stage = Stage(name)
    empty = [table(subscriber) for subscriber in sinks_of(name, stage.told)]
    for before, after in zip(empty, stage.perform(), strict=True):
        assert 0 == len(before) < len(after)
        assert before.dtypes.to_dict() == after.dtypes.to_dict()
        assert (before.index.dtype, before.index.name) == (after.index.dtype, after.index.name)
        for column in before.select_dtypes("category"):
            assert list(before[column].cat.categories) == list(after[column].cat.categories)


@pytest.mark.parametrize("name", TABLES)
def test_the_same_again_is_told_apart(name):
    """The same play twice: deals are in the table once, and counted as come again; all else is there twice."""
    stage = Stage(name)
    (first,) = stage.perform()
    (second,) = stage.perform()
    (subscriber,) = stage.subscribers
    if cx.CHANNELS[name].method == "deals":
        assert cells(first) == cells(second)
        assert subscriber.duplicates >= len(first)
    else:
        assert 2 * len(first) == len(second) == subscriber.received


def books(told):
    """Return the books that a play's pushes make, by market, as texts: bids, asks."""
    found = {}
    for push in told["pushed"]:
        data = push["data"]
        sides = found.setdefault(data["market"], {"bids": {}, "asks": {}})
        for side, levels in sides.items():
            if data["is_full"]:
                levels.clear()
            for price, amount in data["depth"].get(side) or ():
                levels.pop(Decimal(price), None)
                if Decimal(amount):
                    levels[Decimal(price)] = (price, amount)
    return {market: [in_order(sides[side], side) for side in sides] for market, sides in found.items()}


def in_order(levels, side):
    """Return a side's levels, best first."""
    return [level for _, level in sorted(levels.items(), reverse=side == "bids")]


@pytest.mark.parametrize("name", BOOKS)
def test_book_is_what_was_pushed(name):
    """After its pushes each book has their levels, text by text, verified, and the last price and time."""
    stage = Stage(name)
    stage.perform()
    told = books(stage.told)
    assert set(told) == {subscriber.markets[0] for subscriber in stage.subscribers}
    for subscriber in stage.subscribers:
        bids, asks, about = subscriber.levels()
        assert told[subscriber.markets[0]] == [bids, asks]
        pushed = [push["data"] for push in stage.told["pushed"]]
        depth = [data["depth"] for data in pushed if data["market"] == subscriber.markets[0]][-1]
        assert depth | {"verified": True} == depth | about
        assert [] == subscriber.gaps


@pytest.mark.parametrize("name", BOOKS)
def test_history_is_the_top_after_each_push(name):
    """A row for each push: best levels as floats, NaN for an empty side, the last price, whether it was verified."""
    stage = Stage(name)
    histories = stage.perform()
    for subscriber, history in zip(stage.subscribers, histories, strict=True):
        pushed = [push for push in stage.told["pushed"] if push["data"]["market"] == subscriber.markets[0]]
        tops = [top(books({"pushed": pushed[: at + 1]})[subscriber.markets[0]]) for at in range(len(pushed))]
        depths = [push["data"]["depth"] for push in pushed]
        columns = ["best_bid_price", "best_bid_size", "best_ask_price", "best_ask_size"]
        assert tops == [[None if math.isnan(value) else value for value in row] for row in history[columns].to_numpy()]
        assert [number(depth["last"]) for depth in depths] == list(history["last"])
        assert [depth["updated_at"] for depth in depths] == list(history.index.astype("int64"))
        assert history["verified"].all()


def top(sides):
    """Return best bid and best ask with their amounts, None where there is none."""
    return [value for side in sides for value in ([number(text) for text in side[0]] if side else [None, None])]


@pytest.mark.parametrize("name", BOOKS)
def test_one_wrong_digit_in_a_play_is_told(name):
    """Whichever push has another checksum makes its book unverified and opens a gap; the next whole book ends it."""
    count = len(play(name)["pushed"])
    for at in range(count):
        stage = Stage(name)
        stage.told["pushed"][at]["data"]["depth"]["checksum"] ^= 1
        market = stage.told["pushed"][at]["data"]["market"]
        stage.told["pushed"] = stage.told["pushed"][: at + 1]
        stage.perform()
        subscriber = next(subscriber for subscriber in stage.subscribers if subscriber.markets == (market,))
        assert ([False], 1) == ([subscriber.is_verified], len(subscriber.gaps))
        assert "checksum" in subscriber.gaps[0].cause


@pytest.mark.parametrize("name", BOOKS)
def test_book_is_the_frame_that_http_has(name):
    """The book of now has the columns and dtypes of the function that asks over HTTP."""
    venue = cx.Venue("nowhere", http="http://127.0.0.1:9/v2", ws="ws://127.0.0.1:9/v2")
    with cx.Session(venue) as session, getattr(cx.live, name)("BTCUSDT", session=session) as book:
        assert isinstance(book, Book)
        assert BookLevel.empty().dtypes.to_dict() == book.df.dtypes.to_dict()
        assert list(BookLevel.empty().index.names) == list(book.df.index.names)
