"""The bag: the files that make a folder a BagIt 1.0 bag (RFC 8493), which any of its tools can check.

Only what is finished stands in the manifest. Each file is replaced as a whole, the manifest of the tags last.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from coinex_pandas.errors import ArchiveDamaged, ArchiveError

__all__ = ["MANIFEST", "Bag", "manifest_of", "sha256_of"]

MANIFEST, TAG_MANIFEST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
_DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_TAGS = ("README.txt", "bag-info.txt", "bagit.txt", "datapackage.json", MANIFEST)
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
        lines = (root / name).read_text("utf-8").splitlines()
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError as fault:
        raise ArchiveDamaged(f"it is no text ({fault.reason} at byte {fault.start})", path=name) from None
    return dict(_entry(line, name) for line in lines)


def _entry(line: str, name: str) -> tuple[str, str]:
    digest, gap, path = line.partition("  ")
    if not gap or len(digest) != 64 or not path:
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
        self._payload = manifest_of(root)

    @property
    def payload(self) -> dict[str, str]:
        """The SHA-256 of each file of the payload, by its path within the folder."""
        return dict(self._payload)

    def add(self, path: Path, digest: str | None = None) -> None:
        """Note a finished file of the payload; its SHA-256 is computed where it is not given."""
        self._payload[path.relative_to(self._root).as_posix()] = digest or sha256_of(path)

    def remove(self, path: Path) -> None:
        """Forget a file of the payload that is gone."""
        self._payload.pop(path.relative_to(self._root).as_posix(), None)

    def write(self, tags: Mapping[str, str]) -> None:
        """Write the manifests and tags.

        Parameters
        ----------
        tags : mapping of str to str
            The text of ``README.txt``, ``bag-info.txt`` and ``datapackage.json``, as far as they change.
        """
        texts = {"bagit.txt": _DECLARATION, **tags, MANIFEST: _lines(self._payload)}
        for name, text in texts.items():
            replace(self._root / name, text.encode())
        present = {name: sha256_of(self._root / name) for name in _TAGS if (self._root / name).exists()}
        replace(self._root / TAG_MANIFEST, _lines(present).encode())


def replace(path: Path, content: bytes) -> None:
    """Give a file other content at once: whoever reads it finds the former or the new one."""
    temporary = path.with_name(f".{path.name}.new")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as fault:
        raise ArchiveError(f"it cannot be written ({fault})", path=str(path)) from fault
