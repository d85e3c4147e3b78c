"""What is written about a function is true: its parameters, its columns, and what its examples print."""

import doctest
import inspect
import pkgutil
import re
import runpy
import sys
import types
from collections.abc import Iterator
from importlib import import_module

import pytest

import coinex_pandas as cx
from coinex_pandas.simulator.handle import Sandbox
from tests.golden import samples
from tests.paths import ROOT

README = ROOT / "README.md"
COVERAGE = README.with_name("docs") / "coverage.py"
PUBLIC = [name for name in cx.__all__ if inspect.isfunction(getattr(cx, name))]
VERBS = [name for name, known in cx.ROUTES.items() if known.method == "POST"]
LEAVE = {
    "": "",
    "read": " Needs a `SignedSession`.",
    "trade": " Needs a `SignedSession` with ``trading=True``.",
    "withdraw": " Needs a `SignedSession` with ``withdrawing=True``.",
}


def sections(name):
    """Return a function's docstring by section; what stands before the first is called text."""
    parts = re.split(r"^(\w+)\n-+$", inspect.getdoc(getattr(cx, name)), flags=re.MULTILINE)
    return {"text": parts[0]} | dict(zip(parts[1::2], parts[2::2], strict=True))


def entries(section):
    """Return the names that a numpy section lists; one line may list several."""
    heads = re.findall(r"^([\w, ]+) : ", section, flags=re.MULTILINE)
    return [name for head in heads for name in head.split(", ")]


@pytest.mark.parametrize("name", PUBLIC)
def test_docstring_tells_what_comes_back(name):
    """The first line is one sentence that says what is returned; a verb's begins with what it does."""
    first = sections(name)["text"].splitlines()[0]
    assert re.match(r"(Return|Switch) ", first) or (name in VERBS and re.match(r"[A-Z][a-z]+ .*\breturn ", first))
    assert first[-1] in ".?"


@pytest.mark.parametrize("name", PUBLIC)
def test_docstring_lists_every_parameter(name):
    """Each parameter is described, with type, once, and none that does not exist."""
    assert sorted(inspect.signature(getattr(cx, name)).parameters) == sorted(entries(sections(name)["Parameters"]))


@pytest.mark.parametrize("name", cx.ROUTES)
def test_docstring_lists_every_column(name):
    """Each column stands in the table's order with the dtype that its frame has; those of the index say so."""
    told = samples.sample(name)
    dtypes = told["columns"] | {column: f"{dtype}, index" for column, dtype in told["index"].items()}
    expected = [(column.name, dtypes[column.name]) for column in cx.ROUTES[name].row.columns()]
    assert expected == re.findall(r"^(\w+) : (.+)$", sections(name)["Columns"], flags=re.MULTILINE)


@pytest.mark.parametrize("name", cx.ROUTES)
def test_docstring_tells_the_endpoint_and_its_page(name):
    """Endpoint, what it needs and the exchange's page stand in the notes; errors and an example in their sections."""
    known, told = cx.ROUTES[name], sections(name)
    page = f"https://docs.coinex.com/api/v2/{known.docs}"
    assert f"{known.endpoint}.{LEAVE[known.needs]} Source: {page}" in told["Notes"]
    assert "CoinExError" in told["Raises"] or "NoAnswer" in told["Raises"]
    assert ">>> " in told["Examples"]
    assert f"cx.{name}(" in told["Examples"]


def test_readme_lists_every_function():
    """The README's list of public functions is whole, and it leads to the page with all of them."""
    text = README.read_text("utf-8")
    assert [] == [name for name, known in cx.ROUTES.items() if not known.signed and f"`{name}`" not in text]
    assert "docs/coverage.md" in text


def test_coverage_is_as_it_would_be_written_now():
    """The page that shows what there is for every endpoint and channel is up to date, and none is without a sample."""
    page = COVERAGE.with_name("coverage.md").read_text("utf-8")
    program = runpy.run_path(str(COVERAGE))
    assert program["page"]() == page, "run: python docs/coverage.py"
    endpoints, channels = program["ENDPOINTS"], program["CHANNELS"]
    assert f"{endpoints} of {endpoints} endpoints and {channels} of {channels} channels" in page
    assert "| none |" not in page


def examples():
    """Return every example in the package's docstrings."""
    modules = [import_module(found.name) for found in pkgutil.walk_packages(cx.__path__, "coinex_pandas.")]
    found = [test for module in [cx, *modules] for test in doctest.DocTestFinder().find(module)]
    return {test.name: test for test in found if test.examples}


EXAMPLES = examples()


class LineEnds(doctest.OutputChecker):
    """Compares as doctest does, but for what pandas may print in two ways.

    It pads its lines, which source files may not; and before 3.1.1 it prints milliseconds with six digits.
    """

    def check_output(self, want, got, optionflags):
        """Return whether an example printed what it shows."""
        plain = ["\n".join(line.rstrip() for line in text.splitlines()) for text in (want, got)]
        plain[1], long_times = re.subn(r"(\.\d{3})000(?=\+00:00)", r"\1", plain[1])
        flags = optionflags | (doctest.NORMALIZE_WHITESPACE if long_times else 0)
        return super().check_output(*plain, flags)


@pytest.fixture
def fresh() -> Iterator[Sandbox]:
    """Give a sandbox of its own to each example: many of them place orders."""
    with cx.sandbox(seed=7, now=samples.NOW, speed=0) as exchange:
        yield exchange


@pytest.fixture
def reader(monkeypatch, tmp_path) -> None:
    """Give what a reader of the examples has: a folder, no screen, and a key in the environment and the keyring."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    for name in ("COINEX_ACCESS_ID", "COINEX_SECRET_KEY"):
        monkeypatch.setenv(name, "of-no-account")
    errors = types.SimpleNamespace(KeyringError=OSError)
    keyring = types.SimpleNamespace(get_password=lambda *_: "of-no-account", errors=errors)
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)


@pytest.mark.usefixtures("fresh", "reader", "unpaced")
@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_print_what_they_show(name):
    """Each example runs as it stands, at a fresh sandbox of seed 7 on 2026-06-01 12:00, and prints what it shows."""
    test = EXAMPLES[name]
    test.globs = test.globs | {"cx": cx}
    told = []
    doctest.DocTestRunner(checker=LineEnds(), verbose=False).run(test, out=told.append, clear_globs=False)
    assert [] == told, "".join(told)


def test_no_example_is_skipped():
    """An example that is not run could show anything."""
    skipped = [name for name, test in EXAMPLES.items() if any(doctest.SKIP in part.options for part in test.examples)]
    assert [] == skipped
