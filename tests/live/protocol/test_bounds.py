"""What one frame may cost, and that nothing in one is lost without a gap: members, nesting, new columns, long texts."""

import gzip
import json
import random

import pytest

import coinex_pandas as cx
from coinex_pandas.errors import refusals
from coinex_pandas.errors.refusals import refusal
from coinex_pandas.live.account_stream import AccountBuffer
from coinex_pandas.live.buffer import Buffer
from coinex_pandas.live.protocol.connection import Connection
from coinex_pandas.live.protocol.messages import BadFrame, unpack
from coinex_pandas.live.retention import Retention
from coinex_pandas.tables import structs
from coinex_pandas.tables.unknown_columns import MOST_EXTRAS
from tests.live.account_stage import Stage

AT = 1_780_000_000_000
PRICES = {"best_bid_price": "1", "best_bid_size": "2", "best_ask_price": "3", "best_ask_size": "4"}


def joined(name, market="LTCUSDT"):
    """Return a connection and its one buffer."""
    channel = cx.CHANNELS[name]
    connection, buffer = Connection(channel.area, random.Random(1)), Buffer(channel, (market,), Retention())
    connection.add(channel, buffer, 0.0, AT)
    connection.on_open(0.0, AT)
    return connection, buffer


def text_of(number, **more):
    """Return the JSON of a push of best prices."""
    data = {"market": "LTCUSDT", "updated_at": AT + number} | PRICES | more
    return json.dumps({"method": "bbo.update", "data": data, "id": None}).encode()


def frame_of(*parts):
    """Return a frame of some gzip members."""
    return b"".join(map(gzip.compress, parts))


# ---- members


@pytest.mark.parametrize("together", [False, True])
def test_two_messages_in_one_frame_are_a_gap(together):
    """A frame is one message: what stands behind it in a second member is not dropped in silence."""
    connection, buffer = joined("spot_bbo")
    frames = [frame_of(text_of(1)), frame_of(text_of(2), text_of(3)), frame_of(text_of(4))]
    if together:
        connection.on_frames(frames, 0.0, AT)
    else:
        for frame in frames:
            connection.on_frame(frame, 0.0, AT)
    assert [AT + 1, AT + 4] == [cx.tables.times.unix_ms(at) for at in buffer.locked(buffer.frame).index]
    assert [(1, False)] == [(gap.after_row, gap.refilled) for gap in buffer.gaps]


@pytest.mark.parametrize("cut", [1, 40, -1])
def test_one_message_in_two_members_is_that_message(cut):
    """Members of gzip belong together, wherever the text was cut."""
    connection, buffer = joined("spot_bbo")
    text = text_of(1)
    connection.on_frame(frame_of(text[:cut], text[cut:]), 0.0, AT)
    assert (1, []) == (buffer.received, buffer.gaps)


def test_members_are_bounded_together():
    """Neither many members nor large ones cost more than the cap, and a frame that is cut short is a bad one."""
    assert b"ab" * 8 == unpack(frame_of(*[b"ab"] * 8))
    for bad in ([b" "] * 50_000, [b" " * (1 << 21)] * 3):
        with pytest.raises(BadFrame):
            unpack(frame_of(*bad))
    with pytest.raises(BadFrame):
        unpack(frame_of(b"ab", b"cd")[:-3])


# ---- nesting


@pytest.mark.parametrize("depth", [900, 1_000, 5_000, 200_000])
@pytest.mark.parametrize("form", ["[", '{"a":'])
def test_levels_of_nesting_are_a_gap(depth, form):
    """However deep, and wherever in a push: a public one, one of an account, a reply, nonsense."""
    close = "]" if form == "[" else "}"
    deep = form * depth + "1" + close * depth
    wholes = [
        f'{{"method":"bbo.update","data":{deep}}}',
        f'{{"method":"bbo.update","data":{{"market":"LTCUSDT","rank":{deep}}}}}',
        f'{{"id":1,"code":0,"message":{deep}}}',
        f'{{"method":{deep}}}',
        deep,
    ]
    connection, buffer = joined("spot_bbo")
    for whole in wholes:
        frame = gzip.compress(whole.encode())
        connection.on_frame(frame, 0.0, AT)
        connection.on_frames([frame, frame], 0.0, AT)
    assert 0 == buffer.received
    assert buffer.gaps


@pytest.mark.parametrize("name", ["side", "event", "rank", "price", "market"])
def test_levels_of_nesting_in_an_account_s_push_are_no_error(name):
    """A cell of such a push is decoded later than the push itself."""
    stage = Stage("futures_orders").open()
    deep = "[" * 400_000 + "]" * 400_000  # Python 3.14 takes thousands of levels
    text = f'{{"method":"order.update","data":{{"event":"put","order":{{"order_id":5,"{name}":{deep}}}}}}}'
    stage.connection.on_frame(gzip.compress(text.encode()), 0.0, AT)
    assert 1 == stage.connection.bad


# ---- new columns


@pytest.fixture
def count_types(monkeypatch):
    """Give the list of types that are made from now on."""
    made, real = [], structs._struct
    monkeypatch.setattr(structs, "_struct", lambda *args, **kwargs: made.append(args) or real(*args, **kwargs))
    return made


def test_a_new_column_in_every_push_costs_no_more_than_some(count_types):
    """The first 64 are kept; no row is lost, no further type is made, and the last notice says that others are not."""
    connection, buffer = joined("spot_bbo")
    for number in range(500):
        connection.on_frame(frame_of(text_of(number, **{f"col{number}": f"v{number}"})), 0.0, AT)
    frame = buffer.locked(buffer.frame)
    new = [name for name in frame if name.startswith("col")]
    assert [f"col{number}" for number in range(MOST_EXTRAS)] == new
    assert ["v0", None, "v63"] == [frame["col0"].iloc[0], frame["col0"].iloc[1], frame["col63"].iloc[63]]
    assert (500, [], MOST_EXTRAS) == (len(frame), buffer.gaps, len(count_types))
    assert [MOST_EXTRAS - 1] == [at for at, (text, _) in enumerate(buffer.notices) if "left out" in text]


def test_a_new_column_in_every_push_of_an_account_costs_no_more_than_some(count_types):
    """As in public pushes."""
    stage = Stage("futures_orders").open()
    count_types.clear()
    order = {"order_id": 5, "market": "LTCUSDT", "side": "buy", "type": "limit", "amount": "3", "updated_at": AT}
    for number in range(200):
        data = {"event": "update", "order": order | {"price": f"{number}", f"col{number}": number}}
        push = {"method": "order.update", "data": data}
        stage.connection.on_frame(gzip.compress(json.dumps(push).encode()), 0.0, AT)
    assert isinstance(stage.subscriber, AccountBuffer)
    assert (200, MOST_EXTRAS) == (stage.subscriber.received, len(count_types))


def test_a_column_whose_name_is_a_novel_is_a_bad_frame():
    """Its text is not repeated in the gap."""
    connection, buffer = joined("spot_bbo")
    connection.on_frame(frame_of(text_of(1, **{"a" * 90_000: 1})), 0.0, AT)
    assert "90,000 characters" in buffer.gaps[0].cause
    assert len(buffer.gaps[0].cause) < 500


# ---- long texts


def test_long_texts_from_outside_are_cut_in_causes():
    """Whatever a frame or a socket says, a gap's cause stays a sentence."""
    connection, buffer = joined("spot_bbo")
    wordy = json.dumps({"id": 1, "code": "x" * 70_000}).encode()
    connection.on_frame(frame_of(text_of(1)), 0.0, AT)
    connection.on_frame(frame_of(wordy), 0.0, AT)
    connection.on_close(1.0, "no connection: " + "y" * 70_000)
    assert 2 == len(buffer.gaps)
    assert all(len(gap.cause) < 700 for gap in buffer.gaps)
    assert len(connection.trouble) < 700


def test_of_a_long_refusal_only_the_start_is_searched(monkeypatch):
    """The search for the words of an unknown market takes more than linear time, so that it gets a bounded text."""
    lengths, real = [], refusals._NO_SUCH_NAME

    class Search:
        @staticmethod
        def search(text):
            lengths.append(len(text))
            return real.search(text)

    monkeypatch.setattr(refusals, "_NO_SUCH_NAME", Search)
    where = {"endpoint": "spot socket, bbo.subscribe", "about": "LTCUSDT", "alone": False}
    error = refusal(4004, "market currency coin " * 2_000, **where)
    assert (cx.BadParameter, [300]) == (type(error), lengths)
    assert len(str(error)) < 1_000
    assert cx.UnknownMarket is type(refusal(4004, "the market: not found", **where))
