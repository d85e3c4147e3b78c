"""`watch` outside a notebook: text, HTML, arguments, and that nothing is loaded or left behind."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
from decimal import Decimal
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import coinex_pandas as cx
from coinex_pandas.widget import cells, text
from coinex_pandas.widget import view as views
from coinex_pandas.widget.view import watch
from tests.widget.browser import fake_stream
from tests.widget.browser.fake_stream import FIRST_ID, FakeBook, FakeStream


@pytest.fixture
def deals() -> FakeStream:
    """Return a stream of 50 deals that only grows when told to."""
    source = FakeStream("BTCUSDT", "PEPEUSDT", quiet=True)
    source.add(50)
    return source


def test_text_is_a_status_line_and_a_table(deals, monkeypatch):
    """The repr has state, age, rows, rate and gaps, then the newest rows first, with exact ids."""
    monkeypatch.setattr(fake_stream, "time", SimpleNamespace(monotonic=lambda: deals._changed_at + 1.54))
    lines = repr(watch(deals, rows=5)).splitlines()
    assert "futures_deals BTCUSDT, PEPEUSDT: live · data 1.5 s old · 50 rows · 20.0 messages/s · no gaps" == lines[0]
    assert ["created_at", "market", "deal_id", "side", "price", "amount", "received_at"] == lines[1].split()
    assert [str(FIRST_ID + number) for number in (49, 48, 47, 46, 45)] == [line.split()[2] for line in lines[2:]]


def test_text_is_of_the_moment(deals):
    """Shown again, it shows what has come since, and says which markets are silent."""
    view = watch(deals, rows=1)
    before = repr(view)
    deals.add(3)
    deals.gaps, deals.silent = 2, ("ETHUSDT",)
    assert before != repr(view)
    assert "53 rows · 20.0 messages/s · 2 gaps · silent: ETHUSDT" in repr(view)


def test_numbers_of_a_market_stand_in_line(deals):
    """Points stand above each other within a market, and rising and falling prices carry an arrow."""
    lines = repr(watch(deals, rows=40)).splitlines()[2:]
    for market in deals.markets:
        prices = [line.replace("▲", "").replace("▼", "").split()[4] for line in lines if market in line]
        assert 1 == len({len(price.partition(".")[2]) for price in prices})
    assert any("▲" in line for line in lines)
    assert any("▼" in line for line in lines)


def test_marks_compare_with_the_row_before_of_the_same_market():
    """Each market is compared with itself only; an equal or first price has no mark."""
    frame = pd.DataFrame({"market": ["A", "B", "A", "B", "A"], "price": [2.0, 9.0, 3.0, 8.0, 3.0]})
    assert "  +- " == cells.marks(frame)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_written_exactly(value):
    """The text means the same float, has no exponent, and no more digits than it needs."""
    text = cells.exact(value)
    assert value == float(text)
    assert "e" not in text
    assert not text.endswith(".")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.00000012345678901234, "0.00000012345678901234"),
        (87250.0, "87250"),
        (float("nan"), ""),
        (Decimal("0.10"), "0.10"),
        (pd.NA, ""),
        (None, ""),
        (FIRST_ID, str(FIRST_ID)),
    ],
)
def test_texts_of_cells(value, text):
    """Decimals keep their zeros, missing values are blank, ids are whole."""
    assert text == cells.exact(value)


def test_padding_adds_zeros_only():
    """`2` among `2.25`s becomes `2.00`; another market has its own decimals; blanks stay blank."""
    assert ["2.00", "2.25", "0.1", ""] == cells.padded(["2", "2.25", "0.1", ""], ["A", "A", "B", "A"])


def test_numbers_as_text_and_as_decimal_are_shown(deals):
    """A frame with exact numbers is marked and drawn like one of floats."""
    frame = deals.tail(10, "BTCUSDT")
    for kind in (Decimal, str):
        other = frame.assign(price=pd.Series([kind(repr(value)) for value in frame["price"]], index=frame.index))
        assert cells.marks(frame) == cells.marks(other)


def test_html_is_escaped():
    """Whatever a name holds, it is text."""
    frame = pd.DataFrame({"market": ["<a>&"], "price": [1.0]}, index=pd.Index([1], name="<i>"))
    html = text.html_table(frame, 5) + text.html_line("<u>", "<s>")
    assert [] == [tag for tag in ("<a>", "<i>", "<u>", "<s>") if tag in html]
    assert "&lt;a&gt;&amp;" in html


def test_html_and_text_are_both_offered(deals):
    """A static export has a table, without any widget."""
    bundle = watch(deals)._repr_mimebundle_()
    assert {"text/plain", "text/html"} == set(bundle)
    assert 21 == bundle["text/html"].count("<tr>")


def test_a_book_is_a_ladder():
    """Asks above bids, prices falling, half of the rows on each side."""
    book = FakeBook()
    rows = [line.split() for line in repr(watch(book, rows=6)).splitlines()[2:]]
    book.stop()
    assert ["ask"] * 3 + ["bid"] * 3 == [row[0] for row in rows]
    assert all(float(above[2]) > float(below[2]) for above, below in pairwise(rows))


def test_nothing_yet_is_said():
    """An empty stream has its columns and says so."""
    source = FakeStream(quiet=True)
    assert "no data yet · 0 rows" in repr(watch(source))
    assert "(no rows yet)" in repr(watch(source))
    assert "no rows yet" in watch(source)._repr_html_()


@pytest.mark.parametrize(
    "wrong", [{"rows": 0}, {"rows": 1001}, {"per_second": 0}, {"per_second": np.nan}, {"seconds": -1}]
)
def test_arguments_out_of_range_are_refused(deals, wrong):
    """The error names the argument."""
    with pytest.raises(cx.InvalidArgument, match=next(iter(wrong))):
        watch(deals, **wrong)


def test_seconds_waits_and_a_stopped_source_ends_it(deals, monkeypatch):
    """`seconds=` holds for that long, and no longer than the source lives."""
    slept = []
    monkeypatch.setattr(views, "time", SimpleNamespace(sleep=slept.append, monotonic=lambda: sum(slept)))
    watch(deals, seconds=0.3)
    assert pytest.approx(0.3) == sum(slept)
    deals.stop()
    watch(deals, seconds=60)
    assert pytest.approx(0.3) == sum(slept)


def test_a_view_outside_a_notebook_has_no_thread(deals):
    """Neither while it is shown nor after it is gone."""
    view = watch(deals)
    view._repr_mimebundle_()
    assert "coinex-watch" not in [thread.name for thread in threading.enumerate()]
    assert (0, 0, 0, 0) == view.stats
    view.close()
    del view
    gc.collect()


def test_import_loads_no_widgets():
    """A fresh interpreter that imports the module has loaded neither ipywidgets nor anywidget nor IPython."""
    names = ("ipywidgets", "anywidget", "IPython", "traitlets")
    program = f"import sys, coinex_pandas.widget.view; print([name for name in {names} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True)
    assert ("[]", "") == (done.stdout.strip(), done.stderr)
