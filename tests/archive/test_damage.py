"""Whatever byte of an archive changes, it is found, and readers return the rows that were written or an error."""

import random
import shutil

import pandas as pd
import pytest

import coinex_pandas as cx
from coinex_pandas.archive.raw import segments
from coinex_pandas.archive.raw.catalogue import Catalogue
from coinex_pandas.archive.raw.proof import verify
from coinex_pandas.archive.raw.records import Record
from coinex_pandas.archive.raw.writer import Writer
from coinex_pandas.archive.reader.archive import open_archive
from coinex_pandas.archive.runs.capture import capture
from coinex_pandas.archive.tables.build import rebuild
from coinex_pandas.errors import ArchiveDamaged
from tests.golden import samples
from tests.profiles import cases, times

TABLES = ("spot_transactions", "spot_balances", "futures_klines")


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """Return a small archive: an account's ledger and balances, and candles around them."""
    path = tmp_path_factory.mktemp("damage") / "coinex"
    with cx.sandbox(seed=7, now=samples.NOW, speed=0, limits=False) as exchange, pytest.MonkeyPatch.context() as patch:
        patch.setattr(segments, "RECORDS", 8)
        patch.setattr(segments, "SIZE", 20_000)
        capture(path, "account", tables=TABLES[:2], session=exchange.session)
        market = {"markets": ["BTCUSDT"], "periods": ["1day"], "start": "2026-05-20"}
        capture(path, "public", tables=TABLES[2:], session=exchange.session, **market)
    assert verify(path, deep=True).empty
    return path


@pytest.fixture
def archive(original, tmp_path):
    """Return a copy of it, to be spoiled."""
    return shutil.copytree(original, tmp_path / "coinex")


def frames_of(path):
    """Return what readers return."""
    archive = open_archive(path)
    frames = {name: archive.table(name) for name in archive.tables}
    frames |= {"balances": archive.spot_balances(), "ledger": archive.spot_transactions(start="2026-05-31")}
    frames |= {"coverage": archive.coverage()}
    for frame in frames.values():
        frame.attrs = {}
    return frames


def files_of(path):
    """Return the files of an archive that somebody may read."""
    return sorted(each for each in path.rglob("*") if each.is_file() and each.name != ".lock")


def same(expected, path):
    """Say whether readers return what they returned; None where they raise that it is damaged."""
    try:
        frames = frames_of(path)
    except ArchiveDamaged:
        return None
    return frames.keys() == expected.keys() and all(frames[name].equals(expected[name]) for name in expected)


def test_any_flipped_byte_is_found_and_no_row_is_wrong(archive):
    """In segments, tables, coverage, manifests and what describes the archive; a byte may become any other."""
    expected, files, dice = frames_of(archive), files_of(archive), random.Random(cases(1))
    assert {"data", "README.txt", "tagmanifest-sha256.txt"} <= {each.relative_to(archive).parts[0] for each in files}
    for _ in times(200):
        path = dice.choice(files)
        content = bytearray(path.read_bytes())
        place, before = dice.randrange(len(content)), bytes(content)
        content[place] ^= dice.randrange(1, 256)
        path.write_bytes(content)
        where = f"{path.relative_to(archive)} at byte {place}: {before[place]} became {content[place]}"
        assert len(verify(archive)), where
        assert same(expected, archive) in (True, None), where
        path.write_bytes(before)
    assert verify(archive, deep=True).empty
    assert same(expected, archive)


def test_every_byte_of_a_manifest_counts(archive):
    """Also the last end of a line, of which some other characters end a line as well."""
    for name in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        path = archive / name
        before = path.read_bytes()
        for end in (b"\x0b", b"\x0c", b"\r", b"\x1c", b" ", b"", b"\n\n", b"\0"):
            path.write_bytes(before[:-1] + end)
            findings = verify(archive)
            assert {name, "manifest-sha256.txt"} & set(findings["file"]), end
        for line in (b"\xff", b"0" * 64 + b"  ../../etc/passwd\n", b"0" * 64 + b"  " + b"x" * 5000 + b"\n"):
            path.write_bytes(before + line)
            assert len(verify(archive)), line
        path.write_bytes(before)


@pytest.mark.parametrize("name", ["data/tables", "data/coverage.parquet", "data/replies.parquet", "data/raw"])
def test_files_that_are_gone_are_damage(archive, name):
    """And not a table without rows."""
    path = archive / name
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    assert {"missing"} == set(verify(archive)["problem"])
    with pytest.raises(ArchiveDamaged):
        frames_of(archive)


def test_a_file_that_the_manifest_does_not_name_has_no_rows(archive):
    """A process that was killed may have left it."""
    expected = frames_of(archive)
    for path in [*archive.rglob("*.parquet")]:
        shutil.copy(path, path.with_name("part-000099.parquet"))
    assert same(expected, archive)
    assert {"extra"} == set(verify(archive)["problem"])


def test_tables_that_are_damaged_are_made_anew(archive):
    """A capture does not join new rows to them, and a rebuild needs the raw layer only."""
    expected = frames_of(archive)
    for path in [*archive.glob("data/**/*.parquet")]:
        path.write_bytes(path.read_bytes()[:-1] + b"X")
    with pytest.raises(ArchiveDamaged, match="fresh=True"):
        rebuild(archive)
    rebuild(archive, fresh=True)
    assert same(expected, archive)
    assert verify(archive, deep=True).empty


def test_a_damaged_raw_layer_makes_no_tables(archive):
    """Wherever a byte of it changes: rows that could not be read would be missing."""
    expected, dice = frames_of(archive), random.Random(5)
    raw = sorted(archive.glob("data/raw/*"))
    for _ in times(10):
        path = dice.choice(raw)
        before = path.read_bytes()
        place = dice.randrange(len(before))
        path.write_bytes(before[:place] + bytes([before[place] ^ (1 << dice.randrange(8))]) + before[place + 1 :])
        try:
            rebuild(archive, fresh=True)
        except ArchiveDamaged:
            pass
        else:
            assert same(expected, archive) in (True, None)
        path.write_bytes(before)
        assert same(expected, archive)


def test_a_full_segment_of_any_length_is_found(tmp_path, monkeypatch):
    """Whole frames alone do not make it whole."""
    monkeypatch.setattr(segments, "SIZE", 1)
    for start in (0, 10):
        with Writer(tmp_path, sync=False) as writer:
            for number in range(start, start + 10):
                writer.add(Record("http", number, str(number).encode(), {"url": "/spot/deals"}))
                if number % 5 == 4:
                    monkeypatch.setattr(segments, "SIZE", 10**6 if number % 10 == 4 else 1)
                    writer.flush()
    first, second = sorted(tmp_path.glob("data/raw/*"))
    for path in (first, second):
        whole = path.read_bytes()
        for length in range(0, len(whole), max(1, 30 // cases(10))):
            path.write_bytes(whole[:length])
            assert ["altered"] == list(verify(tmp_path)["problem"])
            with pytest.raises(ArchiveDamaged):
                list(Catalogue(tmp_path))
        path.write_bytes(whole)
    assert 20 == len(list(Catalogue(tmp_path)))
    first.unlink()
    with pytest.raises(ArchiveDamaged, match="frames are gone"):
        list(Catalogue(tmp_path))


def test_an_open_segment_of_any_length_is_gone_on_with(tmp_path):
    """What was whole is kept, what comes next is behind it, and all of it is proved in the end."""
    writer = Writer(tmp_path, sync=False)
    ends = [0]
    for start in range(0, 30, 10):
        for number in range(start, start + 10):
            writer.add(Record("http", number, str(number).encode(), {"url": "/spot/deals"}))
        writer.flush()
        ends.append(next(tmp_path.glob("open/*.zst")).stat().st_size)
    writer._lock.release()  # as if it had been killed
    whole = next(tmp_path.glob("open/*.zst")).read_bytes()
    step = max(1, 150 // cases(10))
    for length in range(0, len(whole), step):
        copy = tmp_path.with_name(f"cut-{length}")
        shutil.copytree(tmp_path, copy)
        next(copy.glob("open/*.zst")).write_bytes(whole[:length])
        kept = 10 * (sum(end <= length for end in ends) - 1)
        assert verify(copy, deep=True).empty
        assert list(range(kept)) == [int(record.body) for _, record in Catalogue(copy)]
        with Writer(copy, sync=False) as writer:
            writer.add(Record("http", 99, b"99"))
        assert [*range(kept), 99] == [int(record.body) for _, record in Catalogue(copy)]
        assert verify(copy, deep=True).empty
        shutil.rmtree(copy)


def test_damage_in_the_middle_of_the_open_segment_is_no_unfinished_end(tmp_path):
    """Whole frames behind it are never cut off."""
    writer = Writer(tmp_path, sync=False)
    ends = [0]
    for start in range(0, 30, 10):
        for number in range(start, start + 10):
            writer.add(Record("http", number, str(number).encode(), {"url": "/spot/deals"}))
        writer.flush()
        ends.append(next(tmp_path.glob("open/*.zst")).stat().st_size)
    writer._lock.release()
    path = next(tmp_path.glob("open/*.zst"))
    whole, dice = path.read_bytes(), random.Random(3)
    for _ in times(40):
        place = dice.randrange(ends[2])
        changed = whole[:place] + bytes([whole[place] ^ (1 << dice.randrange(8))]) + whole[place + 1 :]
        path.write_bytes(changed)
        try:
            with Writer(tmp_path, sync=False) as again:
                records = again.records
        except ArchiveDamaged:
            assert changed == path.read_bytes()
            assert len(verify(tmp_path))
        else:  # the byte means nothing to zstd
            assert 30 == records
            (tmp_path / "data" / "raw" / path.name).unlink()
            (tmp_path / "manifest-sha256.txt").unlink()
    path.write_bytes(whole)


def test_frames_as_pandas_reads_them_are_the_same(original):
    """Without any program of ours."""
    parts = [pd.read_parquet(path) for path in sorted((original / "data/tables/spot_transactions").rglob("*.parquet"))]
    assert len(pd.concat(parts)) == len(open_archive(original).spot_transactions(start="2026-05-01"))
