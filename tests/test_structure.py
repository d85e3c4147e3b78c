"""The house: which layer may know which, how large a folder may be, and what a module may be called.

Imports are read from the source, those inside functions among them, so that no circle hides in one.
"""

import ast
import importlib
import subprocess
import sys
from collections import defaultdict
from graphlib import TopologicalSorter

import pytest

import coinex_pandas as cx
from tests.paths import ROOT

PACKAGE = ROOT / "coinex_pandas"
FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in PACKAGE.rglob("*.py")
}
BELOW = {
    "errors": set(),
    "tables": {"errors"},
    "http": {"errors", "tables"},
    "api": {"errors", "tables", "http"},
    "plot": {"errors", "tables"},
    "widget": {"errors", "tables"},
    "live": {"errors", "tables", "http", "api", "plot", "widget"},
    "simulator": {"errors", "tables", "http", "api"},
    "archive": {"errors", "tables", "http", "api", "live", "simulator"},
    "cli": {"errors", "tables", "http", "api", "plot", "live", "simulator", "archive"},
}
"""For each top-level folder the folders that it may import from."""
NAMESPACES = {
    "coinex_pandas": cx,
    "coinex_pandas.live": cx.live,
    "coinex_pandas.plot": cx.plot,
    "coinex_pandas.archive": cx.archive,
}
MODULES_THAT_ARE_PUBLIC = {"coinex_pandas.live", "coinex_pandas.plot", "coinex_pandas.archive"}


def imported(module):
    """Return the package's modules that a module imports, anywhere in its source."""
    for node in ast.walk(ast.parse(FILES[module].read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert 0 == node.level, f"{module} imports relatively"
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield name if name in FILES else node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


ARROWS = {module: {name for name in imported(module) if name in FILES} - {module} for module in FILES}


def folder(module):
    """Return the top-level folder of a module, or "" for the front door's own files."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and (PACKAGE / parts[1]).is_dir() else ""


def test_arrows_go_down():
    """No folder imports from one that is not below it; the command alone may go through the front door."""
    wrong = [
        f"{module} -> {target}"
        for module, targets in ARROWS.items()
        for target in targets
        if folder(module) and folder(target) not in {folder(module), *BELOW[folder(module)]}
        if (folder(module), target) != ("cli", "coinex_pandas")
    ]
    assert [] == wrong


def test_there_is_no_circle_of_modules():
    """Modules can be put in an order in which each imports only earlier ones, inside functions as well."""
    outside = {module: targets - MODULES_THAT_ARE_PUBLIC for module, targets in ARROWS.items()}
    assert len(FILES) == len(list(TopologicalSorter(outside).static_order()))


def test_there_is_no_circle_of_folders():
    """The folders of any depth have an order, too."""
    arrows = defaultdict(set)
    for module, targets in ARROWS.items():
        for target in targets:
            here, there = (FILES[name].relative_to(PACKAGE).parent for name in (module, target))
            if here != there and here not in there.parents and there not in here.parents:
                arrows[here].add(there)
    TopologicalSorter(arrows).prepare()


def test_the_floors_are_few():
    """From the highest folder to the lowest there are at most 8 floors."""
    floors = {}
    for name in TopologicalSorter(BELOW).static_order():
        floors[name] = 1 + max((floors[below] for below in BELOW[name]), default=0)
    assert 8 >= max(floors.values())


def test_the_root_is_small():
    """The package's own folder has at most 13 entries, folders but for the front door."""
    entries = {path.name for path in PACKAGE.iterdir() if path.name != "__pycache__"}
    assert 13 >= len(entries)
    assert {*BELOW, "__init__.py", "public.py", "py.typed"} == entries


@pytest.mark.parametrize("path", sorted({path.parent for path in FILES.values()}), ids=lambda path: path.name)
def test_folders_can_be_seen_at_a_glance(path):
    """A folder has at most 15 files beside its ``__init__``."""
    assert 15 >= len([each for each in path.glob("*.py") if each.name != "__init__.py"])


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_no_module_is_called_like_a_public_name_beside_it(namespace):
    """Importing a module never hides a function of the same name."""
    beside = {module.rpartition(".")[2] for module in FILES if module.rpartition(".")[0] == namespace}
    public = {name.rpartition(".")[2] for name in MODULES_THAT_ARE_PUBLIC}
    assert set() == beside & set(NAMESPACES[namespace].__all__) - public


def names_in(path):
    """Return the names, attributes and texts in a source file."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Name | ast.Attribute | ast.Constant):
            yield getattr(node, "id", None) or getattr(node, "attr", None) or getattr(node, "value", None)


def test_annotations_are_read_in_the_public_way():
    """Only `inspect.get_annotations` knows where each Python keeps them; 3.14 has none in a class's ``vars``."""
    private = {"__annotations__", "__annotate__", "__annotate_func__", "__annotations_cache__"}
    sources = [*FILES.values(), *(path for folder in ("benchmarks", "docs") for path in (ROOT / folder).rglob("*.py"))]
    assert {} == {path.name: found for path in sources if (found := private & {str(name) for name in names_in(path)})}


def test_each_module_imports_alone():
    """In an interpreter that has loaded nothing of the package, each module can be the first."""
    names = sorted(set(FILES) - {"coinex_pandas.cli.__main__"})
    code = (
        "import sys, importlib\n"
        "import pandas, msgspec, requests\n"
        "for name in sys.argv[1:]:\n"
        "    for loaded in [each for each in sys.modules if each.split('.')[0] == 'coinex_pandas']:\n"
        "        del sys.modules[loaded]\n"
        "    importlib.import_module(name)\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", code, *names], check=True)  # the accessor registers again


def test_every_module_is_listed():
    """The files that the rules are held against are the modules that Python finds."""
    assert all(importlib.util.find_spec(name) for name in FILES)
