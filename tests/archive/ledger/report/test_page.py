"""The statement as a page and as Markdown: whole, without scripts, every text escaped."""

from html.parser import HTMLParser

import pytest

from coinex_pandas.archive.ledger.statement import statement
from tests.archive.ledger.stand_in import archive_of

EVIL = "<script>alert(1)</script>\"'&|`*"
VOID = {"meta", "br"}


class Reader(HTMLParser):
    """Reads a page: its tags, each closed, and its texts."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.text = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        """Check that it closes the last one."""
        assert tag == self.open.pop()

    def handle_data(self, data):
        """Note a text."""
        self.text.append(data)


@pytest.fixture
def result():
    """Give a statement with texts that try to be markup."""
    row = {"created_at": 1_789_000_000_000, "ccy": EVIL, "type": EVIL, "change": "1", "balance": "3"}
    late = {**row, "created_at": 1_789_000_000_001, "balance": "9"}
    return statement(archive_of(spot_transactions=[row, late], spot_balances=[]))


def test_the_page_is_whole_and_stands_alone(result):
    """Tags are closed; there is no script, no image, no link, nothing that is loaded."""
    page = Reader(result.to_html())
    assert [] == page.open
    assert set() == {"script", "img", "link", "iframe", "a", "object"} & {tag for tag, _ in page.tags}
    assert not any(key in ("src", "href") or key.startswith("on") for _, attrs in page.tags for key in attrs)
    assert "http" not in result.to_html().replace("http-equiv", "")


def test_texts_are_escaped(result):
    """What the exchange sends stays text, in the page, in a notebook's cell and in Markdown."""
    for html in (result.to_html(), result._repr_html_()):
        assert "<script>" not in html
        assert EVIL in Reader(html).text
    assert "<script>" not in result.to_markdown()
    assert "\n|" in result.to_markdown()


def test_lines_of_markdown_tables_have_as_many_cells_as_their_head(result):
    """A bar within a text divides nothing."""
    lines = [line.replace("\\|", "") for line in result.to_markdown().splitlines() if line.startswith("|")]
    groups = []
    for line in lines:
        if line.startswith("| ---"):
            groups.append(line.count("|"))
        elif groups and not line.startswith("| ccy") and not line.startswith("| table"):
            assert groups[-1] == line.count("|") or line.startswith("| item")


def test_amounts_have_every_digit_and_no_exponent():
    """As they came."""
    row = {"created_at": 1_789_000_000_000, "ccy": "X", "type": "deposit"}
    tiny = {**row, "change": "0.00000000000000000001", "balance": "12345678901234567890.00000000000000000001"}
    result = statement(archive_of(spot_transactions=[tiny]))
    for text in (result.to_html(), result.to_markdown()):
        assert "12345678901234567890.00000000000000000001" in text
        assert "0.00000000000000000001" in text
        assert "E-" not in text


def test_the_manifest_and_the_times_of_capture_are_on_it(tmp_path):
    """A reader can compare the archive with what was read."""
    (tmp_path / "manifest-sha256.txt").write_text("abc", "ascii")
    archive = archive_of(1_789_000_000_000, spot_balances=[])
    archive.path = tmp_path
    html = statement(archive).to_html()
    assert "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" in html
    assert "2026-09-10 00:26:40" in html
