"""Whatever bytes come, the decoder refuses them in its own words or says what they say; a connection never raises."""

import contextlib
import gzip
import json
import zlib

import msgspec
import pandas as pd
import pytest

from coinex_pandas import live
from coinex_pandas.live.channel import CHANNELS
from coinex_pandas.live.protocol.messages import (
    MAX_UNPACKED,
    PRIVATE,
    SAFE_PACKED,
    BadFrame,
    decode_any,
    decoder,
    method_of,
    unpack,
)
from coinex_pandas.tables.row import Row
from tests.live.protocol.fuzz_messages import AREAS, MARKETS, NOT_QUICK, Linked, decoded, seeds
from tests.live.protocol.odd_texts import ODD, deal, packed
from tests.paths import SHARED

SAMPLES = SHARED / "samples" / "ws"
PUBLIC = ("state", "depth", "deals", "index", "bbo", "premium")
BOMB = 100_000_000


@pytest.mark.sweep
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


@pytest.mark.sweep
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


@pytest.mark.parametrize("tail", [b"\0", b"garbage", b"\xff" * 100], ids=["zero", "text", "bytes"])
def test_what_follows_the_gzip_is_not_looked_at(tail):
    """What stands behind the packed text and is no gzip changes nothing; see test_bounds for a second member."""
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
        for text in (value if isinstance(value, bytes) else json.dumps(value).encode() for value in ODD.values()):
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


@pytest.mark.parametrize("area", ["spot", "futures"])
@pytest.mark.parametrize(
    ("sent", "taken"), [(1_656_660_154, 1_656_660_154_000), (1_780_315_200_123, 1_780_315_200_123)]
)
def test_best_prices_of_2022_count_seconds(area, sent, taken):
    """An older sample does; whatever comes with a row like it, the time is in milliseconds."""
    prices = dict.fromkeys(("best_bid_price", "best_bid_size", "best_ask_price", "best_ask_size"), "1.5")
    push = {"method": "bbo.update", "data": {"market": "ETHUSDT", "updated_at": sent, **prices}, "id": None}
    assert taken == decoded(area, packed(push)).data.updated_at
    push["data"]["brand_new"] = 1
    assert taken == decoded(area, packed(push)).data.updated_at


@pytest.mark.parametrize("name", ['"', "a\\b", "\x1f"])
def test_a_column_that_cannot_be_named_spoils_no_later_frame(name):
    """It is refused by itself; a new column with a name is kept afterwards."""
    linked = Linked("spot")
    push = deal()
    push["data"]["deal_list"][0]["brand_new"] = "1"
    odd = deal()
    odd["data"]["deal_list"][0][name] = "1"
    linked.frame(packed(odd))
    linked.frame(packed(push))
    assert 1 == linked.connection.bad
