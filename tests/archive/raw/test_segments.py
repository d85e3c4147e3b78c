"""Whatever ends a writer, what it had flushed is there once, and nothing else is."""

import contextlib
import errno
import random

import pytest

from coinex_pandas.archive.raw import segments
from coinex_pandas.archive.raw.frames import FIRST, packed, read_frames
from coinex_pandas.archive.raw.records import Record, record_of
from coinex_pandas.archive.raw.segments import Segments, raw_files
from coinex_pandas.errors import ArchiveDamaged, ArchiveError
from tests.profiles import times


def writer(root, **changed):
    """Return a writer that does not wait for the disk, and what it seals."""
    sealed = {}
    return Segments(root, sealed.__setitem__, **{"sync": False} | changed), sealed


def numbers(root):
    """Return the numbers that the records of an archive hold."""
    frames = [frame for path in raw_files(root) for frame in read_frames(path)]
    return [int(record_of(line).body) for frame in frames for line in frame.lines]


def fill(raw, start, count):
    """Let a writer take records."""
    for number in range(start, start + count):
        raw.add(Record("http", number, str(number).encode(), {"url": "/spot/deals"}))


def test_records_come_back_in_order(tmp_path, monkeypatch):
    """Over frames, segments and writers."""
    monkeypatch.setattr(segments, "SIZE", 2000)
    for turn in range(3):
        raw, sealed = writer(tmp_path)
        fill(raw, turn * 1000, 1000)
        raw.flush()
    assert list(range(3000)) == numbers(tmp_path)
    assert len(raw_files(tmp_path)) >= 3
    assert all(path.parent.name == "raw" for path in sealed)


def test_a_frame_waits_for_so_many_records_or_seconds(tmp_path):
    """Whichever comes first."""
    now = [0.0]
    raw, _ = writer(tmp_path, clock=lambda: now[0])
    fill(raw, 0, segments.RECORDS - 1)
    assert [] == numbers(tmp_path)
    fill(raw, segments.RECORDS - 1, 1)
    assert segments.RECORDS == len(numbers(tmp_path))
    fill(raw, segments.RECORDS, 1)
    now[0] += segments.SECONDS
    fill(raw, segments.RECORDS + 1, 1)
    assert segments.RECORDS + 2 == len(numbers(tmp_path))


def test_a_segment_cut_anywhere_has_its_whole_frames(tmp_path):
    """Never a part of a frame, and the next writer goes on behind the last whole one."""
    raw, _ = writer(tmp_path)
    ends = [0]
    for start in range(0, 30, 10):
        fill(raw, start, 10)
        raw.flush()
        ends.append(raw_files(tmp_path)[0].stat().st_size)
    path = raw_files(tmp_path)[0]
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        kept = 10 * (sum(end <= length for end in ends) - 1)
        assert list(range(kept)) == numbers(tmp_path)
        again, _ = writer(tmp_path)
        fill(again, kept, 3)
        again.flush()
        assert list(range(kept + 3)) == numbers(tmp_path)


def test_any_flipped_byte_is_noticed(tmp_path):
    """Or the records are the same."""
    raw, _ = writer(tmp_path)
    fill(raw, 0, 40)
    raw.flush()
    path = raw_files(tmp_path)[0]
    whole, dice = bytearray(path.read_bytes()), random.Random(3)
    for _ in times(400):
        place, bit = dice.randrange(len(whole)), 1 << dice.randrange(8)
        whole[place] ^= bit
        path.write_bytes(whole)
        with contextlib.suppress(ArchiveDamaged):
            assert numbers(tmp_path) in (list(range(40)), [])  # none: the frame seems never to have been finished
        whole[place] ^= bit


def test_a_frame_of_elsewhere_is_noticed(tmp_path):
    """A frame follows the one that its seal names."""
    raw, _ = writer(tmp_path)
    fill(raw, 0, 5)
    raw.flush()
    other, _ = packed([b'{"kind":"http","t":1,"body":1}\n'], FIRST)
    with raw_files(tmp_path)[0].open("ab") as file:
        file.write(other)
    with pytest.raises(ArchiveDamaged, match="does not follow"):
        writer(tmp_path)


@pytest.mark.parametrize("short", [0, 1, 50])
def test_a_full_disk_loses_nothing(tmp_path, monkeypatch, short):
    """What came is kept, the part of a frame that was written goes, and the next flush writes all of it."""
    raw, _ = writer(tmp_path)
    fill(raw, 0, 5)
    raw.flush()
    fill(raw, 5, 5)
    with monkeypatch.context() as patch:
        patch.setattr(segments, "packed", lambda *_: (_Reluctant(short), None))
        with pytest.raises(ArchiveError, match="free some space"):
            raw.flush()
    assert list(range(5)) == numbers(tmp_path)
    raw.flush()
    assert list(range(10)) == numbers(tmp_path)


class _Reluctant(bytes):
    """A frame of which the disk takes less than there is."""

    def __new__(cls, written):
        return super().__new__(cls, b"\x28" * written)

    def __len__(self):
        return 100


def test_a_folder_that_cannot_be_written_is_an_error_of_its_own(tmp_path, monkeypatch):
    """It names the file."""
    raw, _ = writer(tmp_path)
    fill(raw, 0, 1)
    monkeypatch.setattr(segments.os, "fsync", _refuse)
    raw._sync = True
    with pytest.raises(ArchiveError, match="00000001"):
        raw.flush()


def _refuse(_):
    raise OSError(errno.EIO, "no")
