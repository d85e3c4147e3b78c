"""The lines of frames: quick and careful ones are the same, and whatever comes can be read back."""

import gzip
import json
from zlib import crc32

import pytest

from coinex_pandas.archive.raw.records import Record, line_of, record_of
from coinex_pandas.archive.streams import lines
from coinex_pandas.archive.streams.lines import MS, Batch, frame_lines, note_line, quick_lines
from coinex_pandas.http.signed_session import SignedSession

DEALS = b'{"method":"deals.update","data":{"market":"BTCUSDT","deal_list":[]},"id":null}'
STATE = b'{"method": "state.update", "data": {"state_list": []}, "id": null}'
REPLY = b'{"id":1,"code":0,"message":"OK"}'
TEXTS = [DEALS, STATE, REPLY]


def batch(texts, *, decoded=True):
    """Return texts as frames of a connection."""
    return Batch(3, 10, 1_798_761_600_123, [gzip.compress(text) for text in texts], texts if decoded else None)


@pytest.fixture
def keyless(monkeypatch):
    """Have no key in this process, whatever sessions other tests have left."""
    monkeypatch.setattr(lines, "has_keys", lambda: False)


def test_quick_lines_are_careful_lines(keyless):
    """And both are what a record says."""
    whole = batch(TEXTS)
    expected = [
        line_of(
            Record(
                "ws",
                whole.at * MS,
                text,
                {"conn": 3, "n": 10 + at, "wire": len(frame), "crc": f"{crc32(frame):08x}"},
            )
        )
        for at, (frame, text) in enumerate(zip(whole.frames, TEXTS, strict=True))
    ]
    assert expected == frame_lines(whole) == frame_lines(batch(TEXTS, decoded=False))
    assert b"".join(expected) == quick_lines(whole)


@pytest.mark.parametrize("decoded", [True, False])
def test_pushes_of_other_channels_are_left_out(decoded):
    """Replies and frames that nobody can read stay."""
    stored = frame_lines(batch([*TEXTS, b'{"method":'], decoded=decoded), frozenset({"deals"}))
    assert [DEALS, REPLY, b'{"method":'] == [record_of(line).body for line in stored]
    assert [10, 12, 13] == [record_of(line).facts["n"] for line in stored]


@pytest.mark.parametrize("text", [b'{\n"a":1}', b'{"a":"\xff"}', b"{", b"", b'{"a":1},{"b":2}', b"\x00", b'{"body":1}'])
@pytest.mark.parametrize("decoded", [True, False])
def test_odd_texts_come_back(text, decoded):
    """To the byte, one line each."""
    stored = frame_lines(batch([DEALS, text], decoded=decoded))
    assert [DEALS, text] == [record_of(line).body for line in stored]
    assert all(1 == line.count(b"\n") for line in stored)


@pytest.mark.parametrize("text", [b'{\n"a":1}', b'{"a":\r1}', b'{"a":"\xff"}'])
def test_odd_texts_take_the_slow_way(keyless, text):
    """Those that cannot stand in a line as they are, and all that was not decoded."""
    assert quick_lines(batch([DEALS, text])) is None
    assert quick_lines(batch([DEALS], decoded=False)) is None
    assert quick_lines(batch(['{"a":"\xe9"}'.encode()])).endswith('"body":{"a":"\xe9"}}\n'.encode())


def test_a_frame_that_cannot_be_unpacked_stands_as_it_came():
    """With the reason, so that it is lost again when it is read."""
    frame = b"\x1f\x8b\x08" + bytes(20)
    (line,) = frame_lines(Batch(1, 1, 5, [frame]))
    record = record_of(line)
    assert frame == record.body
    assert "no gzip" in record.facts["bad"]


def test_keys_that_a_peer_echoes_are_masked():
    """In frames and in notes: the access id and the secret key."""
    session = SignedSession("AccessIdOfTheTests123", "SecretKeyOfTheTests4567890")
    echo = json.dumps({"message": "AccessIdOfTheTests123 SecretKeyOfTheTests4567890"}).encode()
    assert quick_lines(batch([echo])) is None
    for decoded in (True, False):
        (line,) = frame_lines(batch([echo], decoded=decoded))
        assert b"OfTheTests" not in line
        assert {"message": "*** ***"} == json.loads(record_of(line).body)
    assert session.account


def test_a_note_says_its_name():
    """And when, and its facts."""
    record = record_of(note_line("connected", 7, conn=1))
    assert ("note", 7, {"note": "connected", "conn": 1}) == (record.kind, record.at, record.facts)
