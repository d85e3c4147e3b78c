"""Whatever ends a recording or stops the disk: what was written is there once, and what was not is noted."""

import subprocess
import sys
import threading
import time

import pytest

import coinex_pandas as cx
from coinex_pandas.archive.raw.proof import verify
from coinex_pandas.archive.raw.writer import Writer
from coinex_pandas.archive.streams import queue
from coinex_pandas.archive.streams.lines import note_line
from coinex_pandas.archive.streams.queue import ArchiveQueue
from coinex_pandas.archive.streams.recording import record
from coinex_pandas.errors import ArchiveBusy, ArchiveError
from tests.archive.streams.conftest import notes, records, tables
from tests.waiting import until

CHILD = """
import sys, time
import coinex_pandas as cx
from coinex_pandas.archive.streams import queue
from coinex_pandas.archive.streams.recording import record
queue._FLUSH = 0.05
session = cx.Session(cx.Venue("child", http=sys.argv[2], ws=sys.argv[3]))
stream = cx.live.futures_deals("BTCUSDT", session=session)
recording = record(stream, sys.argv[1])
while True:
    print(recording.frames, flush=True)
    time.sleep(0.05)
"""


class Child:
    """A process that records deals until it is killed."""

    def __init__(self, path, venue):
        self.frames = 0
        command = [sys.executable, "-c", CHILD, str(path), venue.http, venue.ws]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        for line in self._process.stdout:
            self.frames = int(line)

    def kill(self):
        """End it at once, as ``kill -9`` does."""
        self._process.kill()
        self._process.wait()
        self._thread.join()
        self._process.stdout.close()


def test_a_process_that_is_killed_leaves_what_was_written(exchange, tmp_path):
    """Another process is refused as long as it lives; afterwards it goes on in the same archive."""
    sandbox = exchange()
    child = Child(tmp_path, sandbox.venue)
    try:
        assert until(lambda: child.frames > 20)
        with cx.live.futures_deals("BTCUSDT") as stream, pytest.raises(ArchiveBusy, match="another process"):
            record(stream, tmp_path)
        seen = child.frames
        time.sleep(0.5)  # some more are on their way when it ends
    finally:
        child.kill()
    stored = [each for _, each in records(tmp_path) if each.kind == "ws"]
    assert len(stored) >= seen
    assert list(range(1, len(stored) + 1)) == [each.facts["n"] for each in stored]
    rows, coverage = tables(tmp_path)
    assert len(rows["futures_deals"]) == coverage["futures_deals"].rows > 0
    assert "" == coverage["futures_deals"].reason
    assert coverage["futures_deals"].start < coverage["futures_deals"].end
    with cx.live.futures_deals("BTCUSDT") as stream, record(stream, tmp_path):
        stream.wait(rows=len(stream.df) + 20, seconds=60)
    again, _ = tables(tmp_path)
    assert len(again["futures_deals"]) > len(rows["futures_deals"])
    numbers = [each["stream"] for each in notes(tmp_path, "recording")]
    assert len(set(numbers)) == len(numbers) == 2
    assert verify(tmp_path, deep=True).empty


class FullDisk(Writer):
    """A writer whose disk is full at times."""

    is_full = False

    def flush(self):
        """Write, or fail as a full disk does."""
        self._fail()
        super().flush()

    def add_lines(self, lines, records=None):
        """Take lines; a full disk keeps them."""
        super().add_lines(lines, records)
        self._fail()

    def close(self):
        """Close, or fail and let others write."""
        try:
            self._fail()
        except ArchiveError:
            self._lock.release()
            raise
        super().close()

    def _fail(self):
        if FullDisk.is_full:
            raise ArchiveError("it cannot be written (no space left)", path=str(self.path))


@pytest.fixture
def disk(monkeypatch):
    """Give a disk that can be full, whose room for what waits is small."""
    monkeypatch.setattr(queue, "Writer", FullDisk)
    monkeypatch.setattr(queue, "_ROOM", 20_000)
    monkeypatch.setattr(queue, "_AGAIN", 0.02)
    monkeypatch.setattr(FullDisk, "is_full", False)
    return FullDisk


def test_a_full_disk_is_told_and_what_did_not_fit_is_noted(exchange, disk, tmp_path):
    """The stream goes on; once there is space again, the recording does, too."""
    exchange()
    with cx.live.futures_tickers("BTCUSDT") as stream, record(stream, tmp_path) as recording:
        stream.wait(rows=len(stream.df) + 10, seconds=60)
        disk.is_full = True
        assert until(lambda: recording.lost > 3)
        assert "no space left" in str(recording.error)
        assert "lost" in repr(recording)
        assert "no space left" in repr(recording)
        assert "live" == stream.state
        disk.is_full = False
        assert until(lambda: recording.error is None)
        lost, rows = recording.lost, len(stream.df)
        stream.wait(rows=rows + 20, seconds=60)
        stream.stop()
    assert sum(each["frames"] for each in notes(tmp_path, "lost")) == recording.lost >= lost
    stored = [each.facts["n"] for _, each in records(tmp_path) if each.kind == "ws"]
    assert max(stored) - len(stored) == recording.lost
    _, coverage = tables(tmp_path)
    gaps = coverage["futures_tickers"].gaps
    assert gaps["cause"].str.contains("not stored").all()
    assert not gaps["refilled"].any()
    assert verify(tmp_path, deep=True).empty


def test_a_disk_that_is_full_to_the_end_is_an_error(exchange, disk, tmp_path):
    """Whoever stops the recording hears of it."""
    exchange()
    with cx.live.futures_tickers("BTCUSDT") as stream:
        recording = record(stream, tmp_path)
        stream.wait(rows=1, seconds=60)
        disk.is_full = True
        with pytest.raises(ArchiveError, match="no space left"):
            recording.stop()


def test_what_comes_is_written_although_nothing_follows(tmp_path, monkeypatch):
    """After a few seconds at most."""
    monkeypatch.setattr(queue, "_FLUSH", 0.05)
    waiting = ArchiveQueue(Writer(tmp_path, sync=False))
    waiting.put_note(lambda: [note_line("connected", 1)])
    assert until(lambda: notes(tmp_path, "connected"))
    waiting.leave()
    waiting.wait()


def test_a_record_that_cannot_be_made_stops_nothing(tmp_path):
    """The error shows until the next one could be written."""
    waiting = ArchiveQueue(Writer(tmp_path, sync=False))
    waiting.put_note(lambda: [note_line("connected", 1, conn=object())])
    assert until(lambda: waiting.error is not None)
    waiting.put_note(lambda: [note_line("connected", 1)])
    waiting.leave()
    waiting.wait()
    assert 1 == len(notes(tmp_path, "connected"))
    assert waiting.error is None
