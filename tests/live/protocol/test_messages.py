"""Whatever bytes come, the decoder refuses them in its own words or says what they say; a connection never raises."""

import contextlib
import gzip
import json
import zlib
from copy import deepcopy

import hypothesis.strategies as st
import msgspec
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings

from coinex_pandas import live
from coinex_pandas.live.channel import CHANNELS
from coinex_pandas.live.protocol.messages import (
    MAX_UNPACKED,
    PRIVATE,
    SAFE_PACKED,
    BadFrame,
    Push,
    Reply,
    UnknownPush,
    decode_any,
    decoder,
    method_of,
    unpack,
)
from coinex_pandas.tables.row import Row
from tests.live.protocol.fuzz_messages import AREAS, MARKETS, NOT_QUICK, Linked, decoded, one_input, seeds
from tests.paths import SHARED
from tests.profiles import cases

SAMPLES = SHARED / "samples" / "ws"
PUBLIC = ("state", "depth", "deals", "index", "bbo", "premium")
BOMB = 100_000_000


def packed(text):
    """Return a frame, of text or of what is to be JSON."""
    return gzip.compress(
        text if isinstance(text, bytes) else json.dumps(text).encode(), 1, mtime=0
    )  # the same bytes each time: they stand in names of tests


def deal(**cells):
    """Return a push of one deal."""
    row = {"deal_id": 5, "created_at": 1, "side": "buy", "price": "1", "amount": "1"} | cells
    return {"method": "deals.update", "data": {"market": "BTCUSDT", "deal_list": [row]}}


def depth(**cells):
    """Return a push of a book."""
    book = {"asks": [], "bids": [], "last": "1", "updated_at": 1, "checksum": 0} | cells
    return {"method": "depth.update", "data": {"market": "BTCUSDT", "is_full": True, "depth": book}}


def bbo(**cells):
    """Return a push of best prices."""
    return {"method": "bbo.update", "data": {"market": "BTCUSDT", "updated_at": 1, "best_bid_price": "1"} | cells}


def in_state(*rows):
    """Return a push of tickers."""
    return {"method": "state.update", "data": {"state_list": list(rows)}}


HUGE = 10**30
DIGITS = b"9" * 5000
ODD = {
    "nothing": b"",
    "blanks": b" \n\t ",
    "null": b"null",
    "a list": b"[]",
    "a text": b'"deals.update"',
    "a number": b"1",
    "a number of 5000 digits": DIGITS,
    "an empty object": b"{}",
    "half an object": b'{"method":"deals.update","data":{"market":"BTC',
    "two objects": b'{"id":1,"code":0}{"id":2,"code":0}',
    "a mark of byte order": b'\xef\xbb\xbf{"id":1,"code":0}',
    "sixteen bits": '{"id":1,"code":0}'.encode("utf-16"),
    "no text in a value": b'{"method":"deals.update","data":{"market":"\xff\xfe"}}',
    "no text in a name": b'{"\xff":1,"method":"deals.update"}',
    "no text in an answer": b'{"id":1,"code":0,"message":"\xff"}',
    "half a surrogate": b'{"method":"index.update","data":{"market":"\\ud800","index_price":"1"}}',
    "half a surrogate as side": deal(side="\ud800"),
    "half a surrogate as name": b'{"method":"index.update","data":{"market":"BTCUSDT","index_price":"1","\\udfff":1}}',
    "no text in a new column": b'{"method":"index.update","data":{"market":"BTCUSDT","index_price":"1","x":"\xff"}}',
    "half a surrogate in a new column": bbo(x="\ud800"),
    "control characters": b'{"method":"index.update","data":{"market":"BTC\x00USDT","index_price":"1"}}',
    "lists in lists": b"[" * 100_000,
    "lists in an unknown name": b'{"zzz":' + b"[" * 100_000,
    "lists that end": b'{"zzz":' + b"[" * 100_000 + b"]" * 100_000 + b',"method":"deals.update"}',
    "objects in objects": b'{"a":' * 100_000,
    "lists in data": b'{"method":"deals.update","data":' + b"[" * 100_000,
    "lists in an unknown push": b'{"method":"zzz.update","data":' + b"[" * 100_000,
    "lists in a new column": b'{"method":"bbo.update","data":{"market":"BTCUSDT","updated_at":1,"x":' + b"[" * 100_000,
    "lists in an answer": b'{"id":1,"code":0,"data":' + b"[" * 100_000,
    "a name twice": b'{"method":"bbo.update","method":"index.update","data":{"market":"BTCUSDT","index_price":"1"}}',
    "a column twice": b'{"method":"index.update","data":{"market":"BTCUSDT","index_price":"1","index_price":"2"}}',
    "a new column twice": b'{"method":"index.update","data":{"market":"BTCUSDT","index_price":"1","x":1,"x":2}}',
    "no data": {"method": "deals.update"},
    "null data": {"method": "deals.update", "data": None},
    "data of another channel": {"method": "deals.update", "data": bbo()["data"]},
    "method as a number": {"method": 5, "data": {}},
    "method as a list": {"method": [], "data": {}},
    "method without data": {"method": ""},
    "private channel": {"method": "order.update", "data": {"event": "put"}},
    "the other area's channel": {"method": "premium.update", "data": {"market": "BTCUSDT"}},
    "no tickers": in_state(),
    "null as a ticker": in_state(None),
    "a ticker without anything": in_state({}),
    "a ticker without a market": in_state({"last": "1"}),
    "null as a market": in_state({"market": None, "last": "1"}),
    "tickers as an object": {"method": "state.update", "data": {"state_list": {}}},
    "no deals": {"method": "deals.update", "data": {"market": "BTCUSDT", "deal_list": []}},
    "null as deals": {"method": "deals.update", "data": {"market": "BTCUSDT", "deal_list": None}},
    "null as a deal": {"method": "deals.update", "data": {"market": "BTCUSDT", "deal_list": [None]}},
    "a deal without anything": {"method": "deals.update", "data": {"market": "BTCUSDT", "deal_list": [{}]}},
    "a deal without an id": {
        "method": "deals.update",
        "data": {"market": "BTCUSDT", "deal_list": [{"price": "1", "amount": "1"}]},
    },
    "an id that is null": deal(deal_id=None),
    "an id that is huge": deal(deal_id=HUGE),
    "an id that is text": deal(deal_id="x"),
    "the largest id": deal(deal_id=2**63 - 1),
    "an id below 0": deal(deal_id=-1),
    "a time that is huge": deal(created_at=HUGE),
    "a time that is null": deal(created_at=None),
    "the least time": deal(created_at=-(2**63)),
    "the greatest time": bbo(updated_at=2**63 - 1),
    "a price that is null": deal(price=None),
    "a price that is empty": deal(price=""),
    "a price that is no number": deal(price="x"),
    "a price that is nan": deal(price="nan"),
    "a price without end": deal(price="inf"),
    "a price beyond floats": deal(price="1e999"),
    "a price of many digits": deal(price="9" * 5000),
    "a price that is a number": deal(price=1.5),
    "a price that is a list": deal(price=[]),
    "minus nothing": {"method": "index.update", "data": {"market": "BTCUSDT", "index_price": "-0"}},
    "minus nothing beside a new column": {
        "method": "index.update",
        "data": {"market": "BTCUSDT", "index_price": "-0", "x": 1},
    },
    "a side that is new": deal(side="hold"),
    "a side that is null": deal(side=None),
    "a side that is a number": deal(side=5),
    "a market of its own": deal(market="ETHUSDT"),
    "a time of arrival": deal(received_at=5),
    "both names of a renamed time": {
        "method": "premium.update",
        "data": {"market": "BTCUSDT", "created_at": 1, "updated_at": 2, "premium_index": "1"},
    },
    "the other name of a renamed time": {
        "method": "premium.update",
        "data": {"market": "BTCUSDT", "created_at": 1, "premium_index": "1"},
    },
    "both names of a renamed number": in_state({"market": "BTCUSDT", "open_interest_volume": "1"}),
    "a new column without a name": bbo(**{"": 1}),
    "a new column named as a word of Python": bbo(**{"class": 1, "def": 2}),
    "a new column named as a field": bbo(extra_0=1, __struct_fields__=2),
    "a new column named as nothing is": bbo(**{'"': 1, "\\": 2, "\x1f": 3}),
    "no book": {"method": "depth.update", "data": {"market": "BTCUSDT"}},
    "a book without a time": depth(updated_at=None),
    "a book's time that is huge": depth(updated_at=HUGE),
    "a book's time of 5000 digits": json.dumps(depth()).encode().replace(b'at": 1', b'at": ' + DIGITS),
    "a checksum that is huge": depth(checksum=HUGE),
    "a checksum that is text": depth(checksum="x"),
    "a level of one": depth(asks=[["1"]]),
    "a level of three": depth(asks=[["1", "2", "3"]]),
    "a level of numbers": depth(asks=[[1, 2]]),
    "a level of words": depth(asks=[["x", "y"]]),
    "a level of nothing": depth(asks=[["", ""]]),
    "a level of nan": depth(bids=[["nan", "nan"]], checksum=zlib.crc32(b"nan:nan")),
    "a level without end": depth(bids=[["inf", "1"]], checksum=zlib.crc32(b"inf:1")),
    "a level of colons": depth(bids=[["1:2", "3"]], checksum=zlib.crc32(b"1:2:3")),
    "levels that are null": depth(asks=None, bids=None),
    "a last price that is none": depth(last="x"),
    "a last price that is nan": depth(last="nan"),
    "a last price that is null": depth(last=None),
    "an answer without a code": {"id": 1},
    "an answer without an id": {"code": 0},
    "an answer to nothing": {"id": HUGE, "code": 0},
    "an answer with a huge code": {"id": 1, "code": HUGE},
    "an answer with a new code": {"id": 2, "code": -7, "message": None},
    "an answer with a list for a message": {"id": 1, "code": 0, "message": []},
    "a refusal": {"id": 3, "code": 20001, "message": "invalid argument"},
    "a busy exchange": {"id": 4, "code": 23002, "message": ""},
}
"""Texts that no exchange should send."""


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("name", ODD)
def test_odd_text_is_refused_or_read(name, area):
    """The decoder and a connection bear each of them, and the next good frame is handled."""
    frame = packed(ODD[name])
    decoded(area, frame)
    linked = Linked(area)
    linked.frame(frame)
    assert {1} == set(linked.good().values())
    linked.together([frame, frame])
    assert {1} == set(linked.good().values())


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("name", ODD)
def test_odd_text_may_come_as_a_text_frame(name, area):
    """A text frame is read as a binary one is."""
    linked = Linked(area)
    text = ODD[name] if isinstance(ODD[name], bytes) else json.dumps(ODD[name]).encode()
    linked.connection.on_text_frame(text, 1.0, 1000)
    assert {1} == set(linked.good().values())


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\x1f\x8b",
        b"\x1f\x8b\x08" + b"\xff" * 50,
        b"plain text",
        packed(deal())[:-1],
        packed(deal())[:-8],
        packed(deal())[:20],
        packed(deal())[:-8] + b"\0" * 8,
        b"\0" + packed(deal()),
        zlib.compress(json.dumps(deal()).encode()),
        packed(packed(deal())),
    ],
    ids=lambda frame: None if frame.startswith(b"plain") else "",  # a packed frame is another one each second
)
def test_frame_that_is_no_gzip_is_a_bad_frame(frame):
    """What is cut short, corrupt, or not packed at all is refused, and counted."""
    assert isinstance(decoded("spot", frame), BadFrame)
    linked = Linked("spot")
    linked.frame(frame)
    assert 1 == linked.connection.bad
    assert {1} == set(linked.good().values())


@pytest.mark.parametrize(
    "tail", [b"\0", b"garbage", packed(deal(deal_id=9)), b"\xff" * 100], ids=["zero", "text", "gzip", "bytes"]
)
def test_what_follows_the_gzip_is_not_looked_at(tail):
    """A frame is one gzip; what stands behind it changes nothing."""
    assert decoded("spot", packed(deal())) == decoded("spot", packed(deal()) + tail)


def test_frames_up_to_the_cap_are_read():
    """A text of almost the cap is read, however well or badly it is packed; a longer one is refused."""
    push = json.dumps(deal()).encode()
    for text in (push + b" " * (MAX_UNPACKED - len(push) - 1), push + b" " * (MAX_UNPACKED - len(push) + 1)):
        for level in (0, 9):
            found = decoded("spot", gzip.compress(text, level))
            assert (len(text) < MAX_UNPACKED) == (not isinstance(found, BadFrame))
    assert len(gzip.compress(b"\0" * MAX_UNPACKED, 9)) > SAFE_PACKED


@pytest.mark.parametrize("column", ["x", "a b", "", "market", "received_at", "class", "\u00e9"])
def test_new_column_is_kept_as_text_under_a_name_of_its_own(column):
    """A column that is not declared stands behind the others; one that has another's name says that it was sent."""
    linked = Linked("spot")
    linked.frame(packed(deal(**{column: "1.50"})))
    subscriber = linked.subscribers["spot_deals"]
    with subscriber.lock:
        subscriber.flush()
        frame = subscriber.table.frame()
    name = f"sent.{column}" if column in ("market", "received_at") else column
    assert ("1.50", name) == (frame[name].iloc[0], frame.columns[-1])
    assert "BTCUSDT" == frame["market"].iloc[0]


def test_renamed_column_may_come_under_both_names():
    """The declared one is what it is, the other is kept as text beside it; the other alone does not label a row."""
    linked = Linked("futures")
    for data in ({"updated_at": 7, "created_at": 8}, {"created_at": 9}):
        row = {"market": "BTCUSDT", "premium_index": "0.5"} | data
        linked.frame(packed({"method": "premium.update", "data": row}))
    subscriber = linked.subscribers["futures_premium_index"]
    with subscriber.lock:
        subscriber.flush()
        frame = subscriber.table.frame()
    assert [pd.Timestamp(7, unit="ms", tz="UTC")] == list(frame.index)
    assert (["8"], 1) == (list(frame["sent.created_at"]), linked.connection.bad)


def test_minus_nothing_keeps_its_sign():
    """A "-0" is float(Decimal("-0")), also beside a column that is new."""
    linked = Linked("spot")
    for more in ({}, {"x": 1}):
        push = {"method": "index.update", "data": {"market": "BTCUSDT", "index_price": "-0"} | more}
        linked.frame(packed(push))
    subscriber = linked.subscribers["spot_index_prices"]
    with subscriber.lock:
        subscriber.flush()
        assert ["-0.0", "-0.0"] == [str(price) for price in subscriber.table.frame()["index_price"]]


# ---- fuzzing


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["", "-0", "nan", "1e999"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
SEEDS = [json.loads(seed[1:]) for seed in seeds()]
VALUES = JSON | st.sampled_from([*MARKETS, 0, -1, 2**63, 2**64, "0", "", "-0", "x", [], {}, [[]], [None]]).map(deepcopy)


def nodes(value, path=()):
    """Return the paths to all that stands in a JSON value."""
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, inner in below for found in nodes(inner, (*path, key)))]


@st.composite
def mutants(draw):
    """Return a push or an answer of the golden plays in which some values are others, more, or missing."""
    made = json.loads(json.dumps(draw(st.sampled_from(SEEDS))))
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from([path for path in nodes(made) if path] or [()]))
        if not path:
            return made
        place = made
        for step in path[:-1]:
            place = place[step]
        how = draw(st.integers(0, 3))
        if how == 0:
            del place[path[-1]]
        elif how == 1 and isinstance(place, dict):
            place[draw(st.text(max_size=8) | st.sampled_from(["market", "id", "method", "created_at"]))] = draw(VALUES)
        else:
            place[path[-1]] = draw(VALUES)
    return made


@st.composite
def open_gaps(draw, texts):
    """Return packed text with some bytes changed, cut off, or put behind it."""
    frame = bytearray(gzip.compress(draw(texts), draw(st.sampled_from([0, 1]))))
    for _ in range(draw(st.integers(0, 2))):
        frame[draw(st.integers(0, len(frame) - 1))] = draw(st.integers(0, 255))
    return bytes(frame[: draw(st.none() | st.integers(0, len(frame)))] + draw(st.binary(max_size=4)))


def as_text(value):
    """Return JSON as bytes, lone surrogates as they are written by whoever does not care."""
    return json.dumps(value).encode()


TEXTS = mutants().map(as_text) | JSON.map(as_text) | st.binary(max_size=60)
FRAMES = st.binary(max_size=80) | TEXTS.map(lambda text: gzip.compress(text, 1)) | open_gaps(TEXTS)
FUZZ = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@given(area=st.sampled_from(AREAS), frame=FRAMES)
@settings(FUZZ, max_examples=cases(100))
def test_any_bytes_are_refused_or_read(area, frame):
    """Whatever bytes come, there is a push, an answer, or a refusal."""
    assert isinstance(decoded(area, frame), (Push, Reply, UnknownPush, BadFrame))


@given(area=st.sampled_from(AREAS), frames=st.lists(FRAMES, min_size=1, max_size=6), together=st.booleans())
@settings(FUZZ, max_examples=cases(60))
def test_connection_bears_any_bytes(area, frames, together):
    """Whatever frames come, one by one or together, a connection goes on, and good frames are handled after them."""
    linked = Linked(area)
    if together:
        linked.together(frames)
    else:
        for frame in frames:
            linked.frame(frame)
    assert {1} == set(linked.good().values())


@given(data=st.binary(max_size=60))
@example(b"")
@settings(FUZZ, max_examples=cases(20))
def test_harness_of_the_fuzzer_takes_any_bytes(data):
    """What atheris calls can be called without it."""
    one_input(data)


def test_harness_begins_with_good_frames():
    """Every seed of the fuzzer is read as what it is."""
    found = [decoded(AREAS[seed[0]], packed(seed[1:])) for seed in seeds()]
    expected = {"Reply", *PUBLIC, *PRIVATE["spot"], *PRIVATE["futures"]}
    assert expected == {"Reply" if isinstance(each, Reply) else method_of(each) for each in found}


@pytest.mark.parametrize("area", AREAS)
def test_both_readers_say_the_same(area):
    """What the quick reader takes, the other one takes alike, a push without rows among them."""
    for seed in seeds():
        if AREAS[seed[0]] == area and b"method" in seed:
            quick, careful = decoder(area)(seed[1:]), decode_any(area, seed[1:])
            if method_of(quick) in PRIVATE[area]:
                assert (method_of(quick), bytes(quick.data)) == (method_of(careful), bytes(careful.data))
            else:
                assert msgspec.to_builtins(quick) == msgspec.to_builtins(careful)


# ---- the documentation's own frames


def samples():
    """Return the documented pushes of public channels: area, channel, file."""
    found = sorted(SAMPLES.glob("*.json")) if SAMPLES.is_dir() else []
    parts = [(*path.stem.partition("_")[::2], path) for path in found]
    return [part for part in parts if part[1] in PUBLIC]


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="../shared/samples is not here")
def test_samples_are_there():
    """The documentation has a frame of most public channels."""
    assert {"deals", "depth", "index", "bbo", "state"} <= {channel for _, channel, _ in samples()}


@pytest.mark.parametrize(("area", "channel", "path"), samples(), ids=lambda part: getattr(part, "stem", part))
def test_documented_push_is_read(area, channel, path):
    """The quick reader takes the documented frame of each public channel; the other one says the same."""
    text = path.read_bytes()
    quick = decoder(area)(text)
    assert channel == method_of(quick)
    assert msgspec.to_builtins(quick) == msgspec.to_builtins(decode_any(area, text))
    assert json.loads(text)["method"] == msgspec.to_builtins(quick)["method"]


@pytest.mark.parametrize(("area", "channel", "path"), samples(), ids=lambda part: getattr(part, "stem", part))
def test_documented_push_becomes_rows(area, channel, path):
    """A stream of the documented markets has the documented values."""
    frame = json.loads(path.read_bytes())
    data = frame["data"]
    linked = Linked(area)
    linked.frame(packed(frame))
    name = next(name for name in live.__all__ if CHANNELS[name].area == area and CHANNELS[name].method == channel)
    rows = data.get("state_list") or data.get("deal_list") or [data]
    subscriber = linked.subscribers[name]
    heard = [row for row in rows if row.get("market", data.get("market")) in MARKETS]
    assert len(heard) == subscriber.received


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="../shared/samples is not here")
def test_documented_pushes_of_private_channels_are_not_looked_into():
    """Their data are handed on as they came, to who knows the many spellings."""
    for path in SAMPLES.glob("*.json"):
        area, _, channel = path.stem.partition("_")
        if channel not in PUBLIC:
            found = decoded(area, packed(path.read_bytes()))
            assert channel == method_of(found)
            assert json.loads(path.read_bytes())["data"] == json.loads(bytes(found.data))


def test_quick_reader_says_only_what_is_expected_of_it():
    """What the quick reader refuses, it refuses in words that a connection knows."""
    for area in AREAS:
        for text in (as_text(value) if not isinstance(value, bytes) else value for value in ODD.values()):
            with contextlib.suppress(*NOT_QUICK):
                decoder(area)(text)


def test_rows_have_what_the_channels_push():
    """Each channel's row is a table of its own."""
    assert all(issubclass(known.row, Row) for known in CHANNELS.values())


def test_unpacked_is_the_text():
    """Text goes in and comes out, also by way of a view of memory."""
    for size in (10, 10**6, MAX_UNPACKED - 1):
        text = b"\0" * size
        assert text == unpack(gzip.compress(text, 9)) == unpack(memoryview(gzip.compress(text, 0)))
