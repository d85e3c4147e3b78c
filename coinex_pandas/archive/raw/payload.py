"""The payload for readers: the files that the manifest names, each compared with its SHA-256 before its first use.

So a file that was damaged is an error and never wrong rows, and one that a writer has not finished is none of them.
Readers never wait: where a writer replaces what they are about to read, they look once more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, TypeVar

from coinex_pandas.archive.raw.bag import MANIFEST, TAG_MANIFEST, digests_of, manifest_of, sha256_of, temporary
from coinex_pandas.errors import ArchiveDamaged

__all__ = ["listed_files", "proved_content", "proved_files", "require_digest", "require_written", "retried"]

_LOOKS = 20
_WHAT_TO_DO = "cx.archive.verify(path) says what is not whole; cx.archive.rebuild(path, fresh=True) makes tables anew"
Result = TypeVar("Result")


class _Payload(NamedTuple):
    """What the manifest says."""

    names: list[str]
    digests: dict[str, tuple[str, ...]]


class _Stamp(NamedTuple):
    """What is another one where a file is another one."""

    inode: int
    size: int
    changed: int


def listed_files(root: Path, folder: str) -> list[str]:
    """Return the files of a folder of the payload, by their paths within the archive."""
    return [name for name in retried(lambda: _payload(root)).names if name.startswith(f"{folder}/")]


def proved_files(root: Path, folder: str) -> list[Path]:
    """Return the files of a folder of the payload, each of which is what was written.

    Raises
    ------
    ArchiveDamaged
        One of them is not, or is gone.
    """

    def files() -> list[Path]:
        payload = _payload(root)
        names = [name for name in payload.names if name.startswith(f"{folder}/")]
        return [_proved(root, name, payload) for name in names]

    return retried(files)


def require_written(root: Path, name: str) -> None:
    """Raise where the manifest names a file, and it is not what was written."""
    payload = _payload(root)
    if name in payload.digests:
        _proved(root, name, payload)


def proved_content(root: Path, name: str) -> bytes | None:
    """Return what a file of the payload holds, None where there is none; see `proved_files`."""

    def content() -> bytes | None:
        payload = _payload(root)
        if name not in payload.digests:
            return None
        read = (root / name).read_bytes()
        require_digest(read, payload.digests[name], root / name)
        return read

    return retried(content)


def require_digest(content: bytes, digests: Collection[str], path: Path) -> None:
    """Raise where a file's content has none of some SHA-256."""
    if hashlib.sha256(content).hexdigest() not in digests:
        raise _damage(path)


def retried(read: Callable[[], Result]) -> Result:
    """Return what is read, at a moment at which no writer replaces it.

    Raises
    ------
    ArchiveDamaged
        A file is not what was written, or is gone, whenever one looks.
    """
    for _ in range(_LOOKS):
        try:
            return read()
        except (FileNotFoundError, ArchiveDamaged):
            continue
    try:
        return read()
    except FileNotFoundError as fault:
        raise ArchiveDamaged(f"it is gone; {_WHAT_TO_DO}", path=str(fault.filename)) from None


def _damage(path: Path) -> ArchiveDamaged:
    return ArchiveDamaged(f"it is not what was written; {_WHAT_TO_DO}", path=str(path))


def _payload(root: Path) -> _Payload:
    names = (MANIFEST, TAG_MANIFEST)
    paths = [path for name in names for path in (root / name, temporary(root / name))]
    return _payload_of(root, tuple(map(_stamp, paths)))


@lru_cache(maxsize=8)
def _payload_of(root: Path, _: tuple[_Stamp | None, ...]) -> _Payload:
    """Return what the manifest says, if it is the one that was written."""
    path = root / MANIFEST
    if path.exists() and sha256_of(path) not in digests_of(root, TAG_MANIFEST).get(MANIFEST, ()):
        raise _damage(path)
    return _Payload(list(manifest_of(root)), digests_of(root, MANIFEST))


def _proved(root: Path, name: str, payload: _Payload) -> Path:
    path = root / name
    if _digest(path, _stamp(path)) not in payload.digests[name]:
        raise _damage(path)
    return path


def _stamp(path: Path) -> _Stamp | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return _Stamp(status.st_ino, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=1 << 17)
def _digest(path: Path, _: _Stamp | None) -> str:
    return sha256_of(path)
