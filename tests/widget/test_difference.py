"""Frames are differences: a model of the browser's list, fed with them, always shows the newest rows."""

from __future__ import annotations

import json

from hypothesis import example, given, settings
from hypothesis import strategies as st

from coinex_pandas.widget.content import Choice, Content
from coinex_pandas.widget.difference import ROW_BYTES
from tests.profiles import cases
from tests.widget.browser.fake_stream import FakeBook, FakeStream

FRAME_BYTES = 3000  # with Jupyter's envelope below 4 kB


class ModelBrowser:
    """What table.js does with a frame, without drawing; a hole is None."""

    def __init__(self):
        self.rows = []

    def take(self, message):
        """Take one frame."""
        if "columns" in message or message.get("whole"):
            self.rows = []
        if message.get("hole"):
            self.rows.insert(0, None)
        self.rows = unpacked(message.get("top")) + self.rows
        if older := unpacked(message.get("older")):
            self.rows = self.run() + older
        self.trim(message["rows"])

    def run(self):
        """Return the rows above the first hole."""
        return self.rows[: self.rows.index(None)] if None in self.rows else self.rows

    def trim(self, limit):
        """Keep the newest."""
        kept = [number for number, row in enumerate(self.rows) if row is not None]
        if len(kept) > limit:
            self.rows = self.rows[: kept[limit]]
        while self.rows and self.rows[-1] is None:
            self.rows.pop()


def unpacked(part):
    """Turn columns with zeros for repeated cells back into rows."""
    columns = []
    for packed in (part or {"columns": []})["columns"]:
        column = []
        for cell in packed:
            column.append(column[-1] if cell == 0 else cell)
        columns.append(column)
    return list(zip(*columns, strict=True))


def newest(source, count, market=None):
    """Return the ids of the newest rows."""
    return [str(value) for value in source.tail(count, market)["deal_id"][::-1]]


steps = st.lists(
    st.one_of(
        st.integers(0, 300),  # so many rows come
        st.tuples(st.just("rows"), st.sampled_from([1, 5, 20, 100, 1000])),
        st.tuples(st.just("market"), st.sampled_from([None, "BTCUSDT", "PEPEUSDT"])),
        st.tuples(st.just("paused"), st.booleans()),
        st.just("forget"),
    ),
    max_size=12,
)


@settings(max_examples=cases(25))
@given(steps)
@example([184, 160, ("market", "PEPEUSDT"), ("rows", 1000), ("paused", True), ("market", None)])
def test_the_browser_has_the_newest_rows(steps):
    """After any pushes, choices, pauses and reloads: unbroken newest rows on top, complete once nothing new comes."""
    source, choice = FakeStream(quiet=True), Choice(20)
    content, browser = Content(source), ModelBrowser()
    paused_at = None
    for step in steps:
        if step == "forget":
            content.reset()
        elif isinstance(step, tuple):
            choice = choice._replace(**dict([step]))
        elif step:
            source.add(step)
        message = content.message(source.status(), choice)
        assert len(json.dumps(message, separators=(",", ":"))) <= FRAME_BYTES
        browser.take(message)
        if not choice.paused:
            run = [row[2] for row in browser.run()]
            assert run == newest(source, len(run), choice.market)
            assert run or not len(source.tail(1, choice.market))
        paused_at = paused_at if choice.paused else len(source._rows)
    while content.changed(source.status(), choice):
        browser.take(content.message(source.status(), choice))
    assert None not in browser.rows[: choice.rows]
    if not choice.paused:
        assert [row[2] for row in browser.rows] == newest(source, choice.rows, choice.market)


def test_new_rows_only():
    """Three new rows are three rows in the frame."""
    source = FakeStream(quiet=True)
    source.add(40)
    content = Content(source)
    while content.changed(source.status(), Choice(20)):
        content.message(source.status(), Choice(20))
    source.add(3)
    message = content.message(source.status(), Choice(20))
    assert 3 == len(message["top"]["marks"])
    assert {"status", "rows", "top", "chart"} == set(message)


def test_a_hole_is_marked_and_filled():
    """More new rows than a frame takes leave a hole; when it is quiet again the list is whole."""
    source = FakeStream(quiet=True)
    source.add(50)
    content, browser = Content(source), ModelBrowser()
    browser.take(content.message(source.status(), Choice(1000)))
    source.add(500)
    browser.take(content.message(source.status(), Choice(1000)))
    assert None in browser.rows
    while content.changed(source.status(), Choice(1000)):
        browser.take(content.message(source.status(), Choice(1000)))
    assert newest(source, 1000) == [row[2] for row in browser.rows]


def test_a_pause_keeps_the_table_of_its_moment():
    """Paused frames bring no rows, only how many came; afterwards the newest are there."""
    source = FakeStream(quiet=True)
    source.add(50)
    content = Content(source)
    paused = Choice(20, paused=True)
    while content.changed(source.status(), paused):
        content.message(source.status(), paused)
    source.add(7)
    message = content.message(source.status(), paused)
    assert {"status", "rows"} == set(message)
    assert ["paused, 7 rows since"] == message["status"]["pause"]
    assert 7 == len(content.message(source.status(), Choice(20))["top"]["marks"])


def test_nothing_new_is_nothing_to_paint():
    """A second look at the same rows finds no change."""
    source = FakeStream(quiet=True)
    source.add(5)
    content = Content(source)
    content.message(source.status(), Choice(20))
    assert not content.changed(source.status(), Choice(20))
    assert content.changed(source.status(), Choice(10))


def test_a_whole_book_fits_into_a_frame():
    """50 levels on each side stay below the limit; an unchanged book is not sent again."""
    book = FakeBook(per_second=0.001)
    content = Content(book)
    message = content.message(book.status(), Choice(100))
    assert 100 == len(message["ladder"]["price"])
    assert 50 == message["ladder"]["asks"]
    assert len(json.dumps(message, separators=(",", ":"))) <= FRAME_BYTES
    assert "ladder" not in content.message(book.status(), Choice(100))
    book.stop()
    assert ROW_BYTES < FRAME_BYTES
