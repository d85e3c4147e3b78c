"""Proof that an archive is what was written: every file against its SHA-256, every frame against the one before."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from coinex_pandas.archive.raw.bag import MANIFEST, TAG_MANIFEST, digests_of, manifest_of, sha256_of
from coinex_pandas.archive.raw.frames import FIRST, Seal, read_frames, salvaged
from coinex_pandas.archive.raw.records import record_of
from coinex_pandas.archive.raw.segments import OPEN, RAW, SUFFIX, raw_files
from coinex_pandas.errors import ArchiveDamaged, ArchiveError

__all__ = ["verify"]

_COLUMNS = {"file": "str", "problem": "str", "records": "Int64", "detail": "str"}


class _Finding(NamedTuple):
    """Something that is not as it was written."""

    file: str
    problem: str  # altered, missing, extra, cut out
    records: int | None
    detail: str


def verify(path: str | os.PathLike[str], *, deep: bool = False) -> pd.DataFrame:
    """Return what is altered, missing or extra in an archive; an archive that is whole gives an empty table.

    Parameters
    ----------
    path : str or path
        The folder of the archive.
    deep : bool, default False
        Whether each frame of the raw layer is read and compared with its seal and with the frame before it. Without
        it every finished file is compared with its SHA-256 in the manifest, at the speed of hashing.

    Returns
    -------
    DataFrame
        A row per finding, columns ``file``, ``problem`` (altered, missing, extra, cut out), ``records`` (Int64: how
        many replies and frames of the exchange are concerned; missing where the file holds none or nobody can know)
        and ``detail``. ``attrs["coinex"]["verdict"]`` says it in one line.

    Raises
    ------
    ArchiveError
        The folder is no archive.

    Examples
    --------
    >>> coverage = cx.archive.capture("./coinex", "account", tables=["spot_transactions"])
    >>> cx.archive.verify("./coinex").attrs["coinex"]["verdict"]
    'whole: 7 files are what was written'
    """
    root = Path(path)
    if not (root / "bagit.txt").is_file():
        raise ArchiveError("there is no archive (no bagit.txt); capture one with coinex-pandas archive", path=str(path))
    findings = [*_whole(root, MANIFEST, _payload), *_whole(root, TAG_MANIFEST, _tags), *_chain(root, deep=deep)]
    frame = pd.DataFrame(findings, columns=list(_COLUMNS)).astype(_COLUMNS)
    frame.attrs["coinex"] = {"table": "verify", "source": str(path), "verdict": _verdict(root, findings)}
    return frame


def _verdict(root: Path, findings: Sequence[_Finding]) -> str:
    if not findings:
        return f"whole: {len(manifest_of(root))} files are what was written"
    files = len({finding.file for finding in findings})
    return f"NOT whole: {files} {'file is' if files == 1 else 'files are'} not what was written; see the table"


def _whole(root: Path, manifest: str, check: Callable[[Path], Iterable[_Finding]]) -> Sequence[_Finding]:
    """Return what a check of a manifest's files finds; where that cannot be read, it is the finding."""
    try:
        return list(check(root))
    except ArchiveDamaged as error:
        return [_Finding(manifest, "altered", None, str(error))]


def _payload(root: Path) -> Iterator[_Finding]:
    """Yield what is wrong with the files of the payload."""
    digests, listed = digests_of(root, MANIFEST), manifest_of(root)
    for name in listed:
        path = root / name
        if not _is_file(path):
            yield _Finding(name, "missing", None, "it stands in the manifest and is not there")
        elif sha256_of(path) not in digests[name]:
            yield _altered(path, name)
    present = {each.relative_to(root).as_posix() for each in (root / "data").rglob("*") if each.is_file()}
    for name in sorted(present - listed.keys()):
        yield _Finding(name, "extra", None, "it does not stand in the manifest")


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # no file can have a name like that: a manifest was altered
        return False


def _altered(path: Path, name: str) -> _Finding:
    if not name.endswith(SUFFIX):
        return _Finding(name, "altered", None, "its SHA-256 is not that of the manifest")
    frames = list(salvaged(path))
    kept = sum(len(frame.lines) for frame in frames)
    if not frames:
        return _Finding(name, "altered", None, "no frame of it can be read")
    first, last = (record_of(frame.lines[place]) for frame, place in ((frames[0], 0), (frames[-1], -1)))
    lost = frames[-1].seal.through - (frames[0].seal.through - len(frames[0].lines)) - kept
    span = " to ".join(f"{pd.Timestamp(each.at, tz='UTC'):%Y-%m-%d %H:%M:%S}" for each in (first, last))
    return _Finding(name, "altered", lost, f"{kept} records that came from {span} are proved all the same")


def _tags(root: Path) -> Iterator[_Finding]:
    """Yield what is wrong with the files that describe the archive."""
    digests = digests_of(root, TAG_MANIFEST)
    if MANIFEST not in digests:
        yield _Finding(TAG_MANIFEST, "missing", None, "nothing says that the manifest is the one that was written")
    for name in manifest_of(root, TAG_MANIFEST) or digests:
        if not _is_file(root / name):
            yield _Finding(name, "missing", None, f"it stands in {TAG_MANIFEST} and is not there")
        elif sha256_of(root / name) not in digests[name]:
            yield _Finding(name, "altered", None, f"its SHA-256 is not that of {TAG_MANIFEST}")


def _chain(root: Path, *, deep: bool) -> Iterator[_Finding]:
    """Yield where a frame does not follow the one before; without ``deep`` in the open segment only."""
    seal: Seal | None = FIRST
    for path in raw_files(root):
        name = path.relative_to(root).as_posix()
        if not deep and name.startswith(RAW):
            seal = None  # unknown, and its SHA-256 says as much
            continue
        stop = 0
        try:
            for frame in read_frames(path):
                stop = frame.stop
                if seal is not None and frame.previous != seal.name:
                    missing = frame.seal.through - len(frame.lines) - seal.through
                    yield _Finding(name, "cut out", missing, f"frames are gone in front of byte {frame.start}")
                seal = frame.seal
            behind = [frame for frame in salvaged(path) if frame.start >= stop] if stop < path.stat().st_size else []
            if behind:
                raise ArchiveDamaged(f"no whole frame begins at byte {stop}, but others follow", path=path.name)
        except ArchiveDamaged as error:
            if name.startswith(OPEN):  # the manifest does not speak of it
                yield _Finding(name, "altered", None, str(error))
            seal = None
