"""The API reference that the package was written from, where it lies beside the repository."""

from functools import cache

import pytest

from tests.paths import SHARED

FOLDER = SHARED / "coinex-v2"
AREAS = ("common", "spot", "futures", "assets", "account", "refer")

needed = pytest.mark.skipif(not FOLDER.is_dir(), reason="the API reference does not lie beside the repository")


@cache
def loaded(name):
    """Return a file of the reference."""
    yaml = pytest.importorskip("yaml")
    quick = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C is not built everywhere
    return yaml.load((FOLDER / f"{name}.yaml").read_text("utf-8"), Loader=quick)


def endpoints():
    """Return the endpoints of the reference by name; none where it is not there."""
    return {entry["name"]: entry for area in AREAS for entry in loaded(area)} if FOLDER.is_dir() else {}
