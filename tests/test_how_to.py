"""The pages in docs/ that show how something is done: what they show is what comes out."""

import contextlib
import io
import re

import pytest

from tests.paths import ROOT

PAGES = ["other_tools"]


def blocks(page):
    """Return a page's pieces of code, each with the text that is shown below it."""
    text = (ROOT / "docs" / f"{page}.md").read_text("utf-8")
    return re.findall(r"```python\n(.*?)```\n(?:\n```text\n(.*?)```)?", text, re.DOTALL)


@pytest.mark.outside
@pytest.mark.parametrize("page", PAGES)
def test_page_shows_what_comes_out(page):
    """The pieces of a page run one after the other, and print what stands below them."""
    names = {}
    for code, shown in blocks(page):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(code, names)  # the page is the test
        assert shown == printed.getvalue()
