"""constraints/ names what is installed, for any machine; and the lowest versions in it are those of pyproject.toml."""

import re
import tomllib
from collections import defaultdict

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.paths import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
GROUPS = PROJECT["dependency-groups"]
NEVER_LOWEST = ["lint", "bench", "fuzz"]  # what `make oldest` does not install
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]


def required(*without: str) -> list[Requirement]:
    """Return what pyproject.toml asks for by name, the groups ``without`` left out."""
    lines = [*PROJECT["build-system"]["requires"], *PROJECT["project"]["dependencies"]]
    lines += [line for extra in PROJECT["project"]["optional-dependencies"].values() for line in extra]
    lines += [line for name, group in GROUPS.items() if name not in without for line in group if isinstance(line, str)]
    return [each for each in map(Requirement, lines) if canonicalize_name(each.name) != "coinex-pandas"]


def constraints(name: str) -> list[Requirement]:
    """Return the lines of one file of constraints."""
    return [Requirement(line) for line in (ROOT / "constraints" / name).read_text().splitlines()]


def versions(name: str, python: str) -> dict[str, list[Version]]:
    """Return the versions that one file names for a Python on this machine's system."""
    at = default_environment() | {"python_version": python, "python_full_version": f"{python}.99"}
    result = defaultdict(list)
    for each in constraints(name):
        if not each.marker or each.marker.evaluate(at):
            result[canonicalize_name(each.name)].append(Version(str(each.specifier).removeprefix("==")))
    return result


@pytest.mark.parametrize("name", ["versions.txt", "oldest.txt"])
def test_a_constraint_is_a_name_and_a_version(name):
    """No address, no hash, no path: it holds on every machine."""
    for line in (ROOT / "constraints" / name).read_text().splitlines():
        assert re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*( ; [A-Za-z0-9_ '=!<>.()-]+)?", line), line


@pytest.mark.parametrize("python", PYTHONS)
def test_one_version_of_everything_that_is_required_is_named(python):
    """For each Python that is supported; it lies in the range of pyproject.toml."""
    named = versions("versions.txt", python)
    assert dict.fromkeys(named, 1) == {name: len(each) for name, each in named.items()}
    for each in required():
        if not each.marker or each.marker.evaluate(default_environment() | {"python_version": python}):
            assert each.specifier.contains(named[canonicalize_name(each.name)][0], prereleases=True), str(each)


def test_the_lowest_versions_are_those_of_pyproject():
    """`make oldest` tries what pyproject.toml allows, to the digit."""
    named = versions("oldest.txt", "3.11")
    expected = {
        canonicalize_name(each.name): [Version(limit.version) for limit in each.specifier if limit.operator == ">="]
        for each in required(*NEVER_LOWEST)
    }
    assert expected == {name: named[name] for name in expected}
