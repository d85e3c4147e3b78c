"""An archive is a bag that other people's tools accept, and each way to spoil it is found by them and by us."""

import shutil
import subprocess
import warnings

import pytest

from coinex_pandas.archive.raw import segments
from coinex_pandas.archive.raw.proof import verify
from coinex_pandas.archive.raw.records import Record
from coinex_pandas.archive.raw.writer import Writer
from coinex_pandas.errors import ArchiveBusy, ArchiveError


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """Return an archive of some segments, ended properly."""
    monkeypatch.setattr(segments, "SIZE", 2000)
    with Writer(tmp_path / "coinex", sync=False) as writer:
        for number in range(2000):
            writer.add(Record("http", number * 10**9, str(number).encode(), {"url": "/spot/deals"}))
    return tmp_path / "coinex"


def bagit_finds(root):
    """Return whether the library of the Library of Congress finds something."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own past
        bagit = pytest.importorskip("bagit")
        try:
            bagit.Bag(str(root)).validate()
        except bagit.BagError:
            return True
    return False


def sha256sum_finds(root):
    """Return whether sha256sum finds something."""
    if shutil.which("sha256sum") is None:
        pytest.skip("no sha256sum here")
    return (
        0
        != subprocess.run(
            ["sha256sum", "--check", "--status", "--strict", "manifest-sha256.txt"], cwd=root, check=False
        ).returncode
    )


def test_witnesses_find_nothing_in_what_was_written(archive):
    """The library, sha256sum, and we."""
    assert not bagit_finds(archive)
    assert not sha256sum_finds(archive)
    frame = verify(archive, deep=True)
    assert 0 == len(frame)
    assert frame.attrs["coinex"]["verdict"].startswith("whole: ")


def flipped(path):
    """Change a bit in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


SPOILED = {
    "altered": lambda root: flipped(root / "data/raw/00000002.jsonl.zst"),
    "missing": lambda root: (root / "data/raw/00000001.jsonl.zst").unlink(),
    "cut": lambda root: (root / "data/raw/00000001.jsonl.zst").write_bytes(b""),
}


@pytest.mark.parametrize("how", SPOILED)
def test_what_is_spoiled_is_found_by_all(archive, how):
    """And the table names the file."""
    SPOILED[how](archive)
    assert bagit_finds(archive)
    assert sha256sum_finds(archive)
    frame = verify(archive)
    assert ["altered" if how == "cut" else how] == list(frame["problem"])
    assert frame["file"].str.startswith("data/raw/").all()
    assert frame.attrs["coinex"]["verdict"].startswith("NOT whole: 1 file is")


def test_an_altered_segment_says_how_many_records_are_lost(archive):
    """The frames beside the damage are proved all the same."""
    flipped(archive / "data/raw/00000001.jsonl.zst")
    row = verify(archive).iloc[0]
    assert 256 == row["records"] or row["records"] is not None
    assert "are proved all the same" in row["detail"]


def test_an_extra_file_is_found(archive):
    """It stands in no manifest."""
    (archive / "data" / "note.txt").write_text("hello")
    assert bagit_finds(archive)
    assert [("data/note.txt", "extra")] == list(verify(archive)[["file", "problem"]].itertuples(index=False))


@pytest.mark.parametrize("name", ["README.txt", "bag-info.txt", "bagit.txt", "manifest-sha256.txt"])
def test_an_altered_tag_is_found(archive, name):
    """What describes the archive is proved as well."""
    with (archive / name).open("a") as file:
        file.write("" if name == "manifest-sha256.txt" else "more\n")
    if name == "manifest-sha256.txt":
        lines = (archive / name).read_text().splitlines(keepends=True)
        (archive / name).write_text("".join(lines[1:]))
    assert name in set(verify(archive)["file"]) | {"bagit.txt"}
    assert len(verify(archive))


def test_a_second_writer_is_refused(archive):
    """Until the first has ended."""
    with Writer(archive, sync=False), pytest.raises(ArchiveBusy, match="another process writes"):
        Writer(archive, sync=False)
    Writer(archive, sync=False).close()


def test_a_folder_of_other_files_is_refused(tmp_path):
    """Nothing of it is touched."""
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(ArchiveError, match="other files"):
        Writer(tmp_path)
    assert ["thesis.txt"] == [each.name for each in tmp_path.iterdir()]


def test_what_is_no_archive_cannot_be_verified(tmp_path):
    """It says what to do."""
    with pytest.raises(ArchiveError, match=r"no bagit\.txt"):
        verify(tmp_path)


def test_a_segment_that_nobody_noted_is_adopted(archive):
    """The process ended between the move and the manifest."""
    manifest = archive / "manifest-sha256.txt"
    *lines, _last = manifest.read_text().splitlines(keepends=True)
    manifest.write_text("".join(lines))
    assert "extra" in set(verify(archive)["problem"])
    Writer(archive, sync=False).close()
    assert 0 == len(verify(archive, deep=True))


def test_an_open_segment_leaves_the_bag_whole(archive):
    """Whatever a process was about to write lies beside the payload."""
    writer = Writer(archive, sync=False)
    writer.add(Record("http", 1, b"{}", {"url": "/ping"}))
    writer.flush()
    writer._lock.release()  # as if it had been killed
    assert not bagit_finds(archive)
    assert 0 == len(verify(archive, deep=True))
