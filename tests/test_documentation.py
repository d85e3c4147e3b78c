"""What is written about a function is true: its parameters, its columns, and what its examples print."""

import doctest
import inspect
import pkgutil
import re
from importlib import import_module
from pathlib import Path

import pytest
from golden import samples

import coinex_pandas as cx
from coinex_pandas.sandbox import Sandbox

README = Path(__file__).parents[1] / "README.md"
PUBLIC = [name for name in cx.__all__ if inspect.isfunction(getattr(cx, name))]


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
    """The first line is one sentence that says what is returned."""
    first = sections(name)["text"].splitlines()[0]
    assert re.match(r"(Return|Switch) ", first)
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
    """The endpoint and the exchange's own page stand in the notes, errors and an example in their sections."""
    known, told = cx.ROUTES[name], sections(name)
    assert f"{known.endpoint}. Source: https://docs.coinex.com/api/v2/{known.docs}" in told["Notes"]
    assert "CoinExError" in told["Raises"] or "NoAnswer" in told["Raises"]
    assert ">>> " in told["Examples"]
    assert f"cx.{name}(" in told["Examples"]


def test_readme_lists_every_function():
    """The README's list of functions is whole."""
    text = README.read_text("utf-8")
    assert [] == [name for name in cx.ROUTES if f"`{name}`" not in text]


def examples():
    """Return every example in the package's docstrings."""
    modules = [import_module(found.name) for found in pkgutil.walk_packages(cx.__path__, "coinex_pandas.")]
    found = [test for module in [cx, *modules] for test in doctest.DocTestFinder().find(module)]
    return {test.name: test for test in found if test.examples}


EXAMPLES = examples()


class LineEnds(doctest.OutputChecker):
    """Compares as doctest does, but for blanks at line ends: pandas pads its lines, source files may not."""

    def check_output(self, want, got, optionflags):
        """Return whether an example printed what it shows."""
        plain = ["\n".join(line.rstrip() for line in text.splitlines()) for text in (want, got)]
        return super().check_output(*plain, optionflags)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_print_what_they_show(name, still: Sandbox, monkeypatch, tmp_path):
    """Each example runs as it stands, at a sandbox of seed 7 on 2026-06-01 12:00, and prints what it shows."""
    monkeypatch.chdir(tmp_path)  # one of them saves a picture
    monkeypatch.setenv("MPLBACKEND", "Agg")
    cx.use(still)
    test = EXAMPLES[name]
    test.globs = test.globs | {"cx": cx}
    told = []
    doctest.DocTestRunner(checker=LineEnds(), verbose=False).run(test, out=told.append, clear_globs=False)
    assert [] == told, "".join(told)


def test_no_example_is_skipped():
    """An example that is not run could show anything."""
    skipped = [name for name, test in EXAMPLES.items() if any(doctest.SKIP in part.options for part in test.examples)]
    assert [] == skipped
