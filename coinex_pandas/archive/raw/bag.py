"""The bag: the files that make a folder a BagIt 1.0 bag (RFC 8493), which any of its tools can check.

Only what is finished stands in the manifest. Each file is replaced as a whole, the manifests last. What ends a process
between two of these steps leaves new files beside a former manifest: therefore all of them are written under temporary
names first, and the new manifests are looked at as well as long as they bear these.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Mapping
from pathlib import Path

from coinex_pandas.errors import ArchiveDamaged, ArchiveError

__all__ = [
    "MANIFEST",
    "TAG_MANIFEST",
    "Bag",
    "digests_of",
    "foreign_files",
    "manifest_of",
    "replace",
    "sha256_of",
    "temporary",
]

_BAGIT, MANIFEST, TAG_MANIFEST = "bagit.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"
_OWN = (_BAGIT, MANIFEST, TAG_MANIFEST, "README.txt", "bag-info.txt", "datapackage.json")
_DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_DIGEST, _PATH = re.compile("[0-9a-f]{64}"), re.compile(r"(?!/)(?!(?:.*/)?\.\.(?:/|$))[^\0]+")
_ESCAPES = {"%": "%25", "\r": "%0D", "\n": "%0A"}


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def manifest_of(root: Path, name: str = MANIFEST) -> dict[str, str]:
    """Return the SHA-256 by file, as a manifest says; none if there is no manifest.

    Raises
    ------
    ArchiveDamaged
        A line is no line of a manifest.
    """
    try:
        return _entries(root / name)
    except FileNotFoundError:
        return {}


def digests_of(root: Path, name: str) -> dict[str, tuple[str, ...]]:
    """Return every SHA-256 that a file may have: of a manifest, and of the one that was about to replace it."""
    digests: dict[str, tuple[str, ...]] = {path: (digest,) for path, digest in manifest_of(root, name).items()}
    with contextlib.suppress(ArchiveDamaged):
        for path, digest in manifest_of(root, temporary(Path(name)).name).items():
            digests[path] = (*digests.get(path, ()), digest)
    return digests


def _entries(path: Path) -> dict[str, str]:
    """Return the SHA-256 by file, as a manifest says that `_lines` has written."""
    content = path.read_bytes()
    try:
        *lines, end = content.decode().split("\n")
    except UnicodeDecodeError as fault:
        raise ArchiveDamaged(f"it is no text ({fault.reason} at byte {fault.start})", path=path.name) from None
    digests = dict(_entry(line, path.name) for line in lines)
    if end or content != _lines(digests).encode():
        raise ArchiveDamaged("its lines are not those that were written", path=path.name)
    return digests


def _entry(line: str, name: str) -> tuple[str, str]:
    digest, gap, path = line.partition("  ")
    if not gap or not _DIGEST.fullmatch(digest) or not _PATH.fullmatch(path):
        raise ArchiveDamaged(f"{line[:80]!r} is no line of a manifest", path=name)
    for character, escape in reversed(_ESCAPES.items()):
        path = path.replace(escape, character)
    return path, digest


def _lines(digests: Mapping[str, str]) -> str:
    return "".join(f"{digest}  {_escaped(path)}\n" for path, digest in sorted(digests.items()))


def _escaped(path: str) -> str:
    for character, escape in _ESCAPES.items():
        path = path.replace(character, escape)
    return path


def foreign_files(root: Path) -> list[str]:
    """Return what lies in a folder and is no part of a bag, whole or about to be made."""
    names = {each.name for each in root.iterdir()}
    own = {temporary(root / name).name for name in _OWN}
    if {_BAGIT, temporary(root / TAG_MANIFEST).name} & names:
        own |= set(_OWN)
    return sorted(names - own)


class Bag:
    """The manifests and tags of an archive's folder.

    Parameters
    ----------
    root : Path
        The folder; it is made if it is not there.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        try:
            root.mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            raise ArchiveError(f"no folder can be made there ({fault})", path=str(root)) from fault
        self._payload, self._tags = manifest_of(root), {}
        with contextlib.suppress(ArchiveDamaged):  # it is written anew
            self._tags = manifest_of(root, TAG_MANIFEST)
        self._new: dict[str, bytes] = {}

    @property
    def payload(self) -> dict[str, str]:
        """The SHA-256 of each file of the payload, by its path within the folder."""
        return dict(self._payload)

    def add(self, path: Path, digest: str | None = None) -> None:
        """Note a finished file of the payload; its SHA-256 is computed where it is not given."""
        self._payload[path.relative_to(self._root).as_posix()] = digest or sha256_of(path)

    def put(self, path: Path, content: bytes) -> None:
        """Give a file of the payload its content with the next `write`."""
        self._new[path.relative_to(self._root).as_posix()] = content

    def remove(self, path: Path) -> None:
        """Forget a file of the payload that is gone."""
        self._payload.pop(path.relative_to(self._root).as_posix(), None)

    def write(self, tags: Mapping[str, str]) -> None:
        """Write the manifests and tags, and what was put into the payload.

        Parameters
        ----------
        tags : mapping of str to str
            The text of ``README.txt``, ``bag-info.txt`` and ``datapackage.json``, as far as they change.
        """
        self._payload |= {name: _digest(content) for name, content in self._new.items()}
        texts = {**tags, MANIFEST: _lines(self._payload), _BAGIT: _DECLARATION}
        contents = {name: text.encode() for name, text in texts.items()}
        self._tags |= {name: _digest(content) for name, content in contents.items()}
        contents[TAG_MANIFEST] = _lines(self._tags).encode()
        contents = {**self._new, **contents}
        for name, content in contents.items():
            prepare(self._root / name, content)
        for name in contents:
            install(self._root / name)
        self._new = {}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def replace(path: Path, content: bytes) -> None:
    """Give a file other content at once: whoever reads it finds the former or the new one."""
    prepare(path, content)
    install(path)


def temporary(path: Path) -> Path:
    """Return the name that a file has until it is whole."""
    return path.with_name(f".{path.name}.new")


def prepare(path: Path, content: bytes) -> None:
    """Write a file under its temporary name."""
    try:
        with temporary(path).open("wb", buffering=0) as file:
            rest = memoryview(content)
            while rest:  # a disk that is almost full takes a part, and says so with the next one only
                written = file.write(rest)
                if not written:
                    raise OSError(f"{len(rest)} of {len(content)} bytes were not written")
                rest = rest[written:]
            os.fsync(file.fileno())
    except OSError as fault:
        with contextlib.suppress(OSError):
            temporary(path).unlink(missing_ok=True)
        raise _unwritable(path, fault) from fault


def install(path: Path) -> None:
    """Give a file that is whole its name."""
    try:
        temporary(path).replace(path)
    except OSError as fault:
        raise _unwritable(path, fault) from fault


def _unwritable(path: Path, fault: OSError) -> ArchiveError:
    return ArchiveError(f"it cannot be written ({fault}); free some space, and do it once more", path=str(path))
