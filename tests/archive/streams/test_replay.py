"""Rows and gaps that follow from records, without sockets: in parts or as a whole, and whatever is missing."""

import gzip
import json

import pandas as pd
import pytest

from coinex_pandas.archive.raw.records import Record, line_of, record_of
from coinex_pandas.archive.streams import replay
from coinex_pandas.archive.streams.lines import MS, Batch, frame_lines, note_line
from coinex_pandas.archive.streams.replay import StreamCoverage, StreamRows, replayed

START = 1_798_761_600_000
RECORDING = {
    "table": "futures_deals",
    "names": ["BTCUSDT"],
    "market_type": None,
    "shape": None,
    "venue": "live",
    "ws": "wss://socket.coinex.com/v2",
    "offset": None,
}


class Tape:
    """The records of an archive as a recording writes them."""

    def __init__(self):
        self.lines = []
        self.at = START
        self.note("recording", stream=2, link=1, **RECORDING)
        self.note("connected", area="futures", link=1, conn=3)
        self.note("acknowledged", link=1, conn=3, method="deals.subscribe", names=["BTCUSDT"], code=0, settled=True)

    def note(self, name, body=b"null", **facts):
        """Add a note."""
        self.at += 1
        self.lines.append(note_line(name, self.at * MS, body, **facts))

    def deals(self, *ids, conn=3):
        """Add a push of deals, newest first."""
        self.at += 1
        deals = [deal(each) for each in reversed(ids)]
        push = {"method": "deals.update", "data": {"market": "BTCUSDT", "deal_list": deals}, "id": None}
        text = json.dumps(push).encode()
        self.lines += frame_lines(Batch(conn, 1, self.at, [gzip.compress(text)], [text]))

    def records(self):
        """Return the records with their places."""
        return [(f"1.jsonl.zst:{at}", record_of(line)) for at, line in enumerate(self.lines, 1)]

    def played(self):
        """Return the rows and the coverage."""
        results = list(replayed(self.records()))
        rows = [each.frame for each in results if isinstance(each, StreamRows)]
        (coverage,) = [each for each in results if isinstance(each, StreamCoverage)]
        return pd.concat(rows), coverage


def deal(number):
    """Return a deal as the wire has it."""
    return {"deal_id": number, "created_at": START + number, "side": "buy", "price": f"{number}.10", "amount": "0.1"}


def test_rows_come_in_parts(monkeypatch):
    """The same rows, each once, as if they came together; only so many are held."""
    tape = Tape()
    for number in range(1, 9000, 3):
        tape.deals(number, number + 1, number + 2)
        if number % 300 == 1:
            tape.deals(number, number + 1)
    tape.note("recording end", stream=2, reason="stopped")
    whole, coverage = tape.played()
    monkeypatch.setattr(replay, "_ROWS", 1000)
    monkeypatch.setattr(replay, "_REST", 100)
    parts = [each for each in replayed(tape.records()) if isinstance(each, StreamRows)]
    assert len(parts) > 2
    pd.testing.assert_frame_equal(whole, pd.concat([each.frame for each in parts]))
    assert list(range(1, 9001)) == whole["deal_id"].to_list()
    assert (9000, "stopped") == (coverage.rows, coverage.reason)


def test_each_row_says_by_which_record_it_came():
    """And when."""
    tape = Tape()
    tape.deals(1, 2)
    tape.deals(3)
    rows, coverage = tape.played()
    assert ["1.jsonl.zst:4", "1.jsonl.zst:4", "1.jsonl.zst:5"] == rows["record"].to_list()
    assert [START + 4, START + 4, START + 5] == (rows["received_at"].astype("int64")).to_list()
    assert (START + 1, START + 5, "") == (coverage.start, coverage.end, coverage.reason)


def test_numbers_whose_text_says_more_are_told():
    """In a push, and in a reply over HTTP that a recovery is made of; others are what the float says."""
    tape = Tape()
    tape.deals(1, 2)
    tape.note("disconnected", link=1, conn=3, reason="the connection broke off")
    tape.note("connected", area="futures", link=1, conn=4)
    tape.deals(5, conn=4)
    reply = json.dumps({"code": 0, "data": [deal(3) | {"price": "3.100"}, deal(4) | {"price": "4.1"}]}).encode()
    tape.lines.append(line_of(Record("http", tape.at * MS, reply, {"link": 1})))
    rows = json.dumps([deal(3) | {"price": 3.1, "amount": 0.1}, deal(4)]).encode()
    tape.note("recovered", rows, link=1, method="deals", market="BTCUSDT", why="", final=False, made=0)
    parts = [each for each in replayed(tape.records()) if isinstance(each, StreamRows)]
    assert [1, 2, 3, 4, 5] == pd.concat([each.frame for each in parts])["deal_id"].to_list()
    (part,) = parts
    assert ["1.10", "2.10", "3.100", "4.1", "5.10"] == part.texts["price"]


def test_what_was_recovered_stands_in_its_place():
    """Behind a loss, with the time of the recovery; the gap is the stream's."""
    tape = Tape()
    tape.deals(1, 2)
    tape.note("disconnected", link=1, conn=3, reason="the connection broke off")
    tape.note("connected", area="futures", link=1, conn=4)
    tape.deals(6, conn=4)
    rows = json.dumps([deal(3) | {"price": 3.1, "amount": 0.1}, deal(4)]).encode()
    tape.note("recovered", rows, link=1, method="deals", market="BTCUSDT", why="", final=False, made=0)
    tape.deals(7, conn=4)
    rows, coverage = tape.played()
    assert [1, 2, 3, 4, 6, 7] == rows["deal_id"].to_list()
    (gap,) = coverage.gaps.to_dict("records")
    assert ("the connection broke off", True, 2) == (gap["cause"], gap["refilled"], gap["rows"])
    assert [START + 4, START + 8] == [int(gap[name].timestamp() * 1000) for name in ("start", "end")]


def test_frames_that_were_not_stored_are_a_gap():
    """Nobody knows what they held."""
    tape = Tape()
    tape.deals(1)
    tape.note("lost", link=1, conn=3, frames=5, bytes=900, since=tape.at)
    tape.deals(9)
    rows, coverage = tape.played()
    assert [1, 9] == rows["deal_id"].to_list()
    assert ["5 frames came that were not stored: the disk took nothing"] == coverage.gaps["cause"].to_list()
    assert [False] == coverage.gaps["refilled"].to_list()


def test_a_bad_frame_is_lost_again():
    """As it was when it came."""
    tape = Tape()
    tape.deals(1)
    tape.lines += frame_lines(Batch(3, 9, tape.at, [b"\x1f\x8b\x08nothing"]))
    tape.deals(2)
    rows, coverage = tape.played()
    assert [1, 2] == rows["deal_id"].to_list()
    assert coverage.gaps["cause"].str.contains("no gzip").all()


def test_other_records_are_passed_over():
    """Replies of a capture and its notes, and frames of an unknown connection."""
    tape = Tape()
    tape.deals(1)
    tape.deals(2, conn=99)
    others = [
        Record("http", START, b"{}", {"url": "/spot/deals"}),
        Record("note", START, b"null", {"note": "task end"}),
    ]
    records = [*tape.records(), *(("2.jsonl.zst:1", each) for each in others)]
    rows, _ = replayed(records)
    assert [1] == rows.frame["deal_id"].to_list()


@pytest.mark.parametrize("cut", range(8))
def test_a_recording_that_was_cut_anywhere_has_its_rows(cut):
    """As a killed process leaves it."""
    tape = Tape()
    for number in range(1, 6):
        tape.deals(number)
    results = list(replayed(tape.records()[: 1 + cut]))
    assert max(0, cut - 2) == sum(len(each.frame) for each in results if isinstance(each, StreamRows))
    assert 1 == sum(isinstance(each, StreamCoverage) for each in results)
