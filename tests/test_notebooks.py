"""The notebooks run as they are stored, in a real kernel, and still print what is stored."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from tests.paths import ROOT

if TYPE_CHECKING:
    import nbformat

FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
KINDS = ("plain", "html")  # of text, in a notebook's outputs
# Before 3.1.1 pandas prints milliseconds with six digits, so that wide frames are wrapped earlier.
LONG_TIMES = "000" in str(pd.Series(pd.DatetimeIndex(["2026-06-01 12:34:56.789Z"]).as_unit("ms")))


def read(path: Path) -> nbformat.NotebookNode:
    """Return a notebook as it is stored."""
    import nbformat  # it takes a second, which no collection need wait for

    return nbformat.read(path, as_version=4)


def printed(notebook: nbformat.NotebookNode) -> list[list[str]]:
    """Return the texts and the kinds of pictures of every code cell.

    Digits are masked: another processor's exp() may end in another digit, and with it a simulated price.
    """
    return [[shown(output) for output in cell.outputs] for cell in notebook.cells if cell.cell_type == "code"]


def shown(output: nbformat.NotebookNode) -> str:
    """Return one output's text, or its kind when it is a picture."""
    data = output.get("data", {})
    if "application/vnd.jupyter.widget-view+json" in data:
        return "widget"  # its text is what had come by then
    if "image/png" in data:
        return "image/png"
    text = output.get("text", "") or data.get("text/plain", "")
    masked = re.sub(r"[\s\d]+", "#", text)
    return " ".join(sorted({*masked.split("#")} - {"", "\\"})) if LONG_TIMES else masked


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
# pyzmq and jupyter_client leave their own sockets and loops to the garbage collector
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning:zmq", "ignore::DeprecationWarning:jupyter_client")
def test_a_notebook_prints_what_is_stored(path: Path) -> None:
    """Executed anew in a fresh kernel, every cell gives the outputs that are stored, and no error."""
    from nbclient import NotebookClient

    stored, fresh = read(path), read(path)
    NotebookClient(fresh, timeout=600, startup_timeout=600, kernel_name="python3").execute(cwd=str(FOLDER))
    assert printed(stored) == printed(fresh)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_stored_with_outputs(path: Path) -> None:
    """A reader of the repository sees tables and plots without running anything."""
    outputs = printed(read(path))
    assert any("image/png" in cell for cell in outputs)
    assert sum(bool(cell) for cell in outputs) > len(outputs) / 2


def test_all_notebooks_are_there() -> None:
    """The notebooks that README names exist."""
    named = re.findall(r"notebooks/(\w+)\.ipynb", (FOLDER.parent / "README.md").read_text())
    assert named == [path.stem for path in NOTEBOOKS]


def test_no_notebook_shows_a_secret() -> None:
    """No output holds what looks like a key or a signature: long runs of hex digits, pictures and view ids aside."""
    for path in NOTEBOOKS:
        for cell in read(path).cells:
            for output in cell.get("outputs", []):
                texts = [output.get("text", ""), *(output.get("data", {}).get(f"text/{kind}", "") for kind in KINDS)]
                assert not re.search(r"\b([0-9A-F]{32,}|[0-9a-f]{64,})\b", " ".join(texts))
