"""The widgets without a browser: controls change what is painted, and nothing stays behind."""

from __future__ import annotations

import threading

import pytest

from coinex_pandas.widget import notebook, panel
from coinex_pandas.widget.content import Choice
from coinex_pandas.widget.painter import THREAD
from coinex_pandas.widget.panel import Panel
from coinex_pandas.widget.view import watch
from tests.waiting import until
from tests.widget.browser.fake_stream import FakeStream

pytest.importorskip("ipywidgets")
pytest.importorskip("anywidget")

WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def in_notebook(monkeypatch):
    """Pretend to be in a notebook, between two cells."""
    monkeypatch.setattr(notebook, "present", lambda: True)
    monkeypatch.setattr(notebook, "busy", lambda: False)
    monkeypatch.setattr(notebook, "execution", lambda: 7)


@pytest.fixture
def source():
    """Return a stream of 30 deals that only grows when told to."""
    source = FakeStream(quiet=True)
    source.add(30)
    return source


@pytest.fixture
def made(source, in_notebook):
    """Return the widgets of a view."""
    made = Panel(source, Choice(20), 4)
    yield made
    made.close()


def painters():
    """Count the painters' threads."""
    return [thread.name for thread in threading.enumerate()].count(THREAD)


def test_controls_change_the_choice(made):
    """Market, rows and pause are what the painter paints next."""
    made._market.value = "ETHUSDT"
    made._rows.value = 100
    made._pause.value = True
    assert Choice(100, "ETHUSDT", paused=True) == made.painter.choice
    assert "Resume" == made._pause.description
    made._pause.value, made._market.value = False, ""
    assert Choice(100) == made.painter.choice


def test_stop_only_asks(made, source):
    """The button's callback returns at once; the painter's thread stops the source, and the button is spent."""
    made.painter.on_display()
    made._stop.click()
    assert until(lambda: made._stop.disabled)
    assert "stopped" == source.state
    assert until(lambda: painters() == 0)


def test_one_market_needs_no_list(in_notebook):
    """A single market cannot be filtered."""
    source = FakeStream("BTCUSDT", quiet=True)
    made = Panel(source, Choice(20), 4)
    assert "none" == made._market.layout.display
    made.close()


def test_markets_that_come_are_offered(source, in_notebook, monkeypatch):
    """A stream of all markets names none; those that it has sent can be chosen after a while."""
    monkeypatch.setattr(panel, "_OFFER", 0.0)
    source.markets = ()
    made = Panel(source, Choice(20), 4)
    made.painter.on_display()
    assert until(lambda: len(made._market.options) == 4)
    made.close()


def test_the_first_frame_is_part_of_the_widget(made):
    """A browser that cannot ask, an exported page for one, draws this."""
    opening = made._table.opening
    assert opening["whole"]
    assert 20 == len(opening["top"]["marks"])
    assert len(repr(made._table)) < 200


def test_a_display_begins_and_a_close_ends(source, in_notebook):
    """The bundle has widgets beside text and HTML; after `close` there are only those, and no thread."""
    view = watch(source)
    assert {"text/plain", "text/html", WIDGET} == set(view._repr_mimebundle_())
    assert until(lambda: view.stats.repaints >= 2)
    view.close()
    assert until(lambda: painters() == 0)
    assert {"text/plain", "text/html"} == set(view._repr_mimebundle_())


def test_a_shown_view_is_not_shown_twice_in_its_cell(source, in_notebook, monkeypatch):
    """After `watch(seconds=)` the cell's last value shows nothing; in the next cell it does."""
    view = watch(source)
    view._shown_in = 7
    assert view._ipython_display_() is None
    monkeypatch.setattr(notebook, "execution", lambda: 8)
    with pytest.raises(NotImplementedError):
        view._ipython_display_()


def test_html_without_anywidget(source, in_notebook, monkeypatch):
    """The plain table has the status line, and a failure is said there."""
    monkeypatch.setattr(notebook, "has", lambda library: library != "anywidget")
    made = Panel(source, Choice(20), 4)
    assert 21 == made._table.value.count("<tr>")
    assert "30 rows" in made._table.value
    source.tail = lambda *_: 1 / 0
    made.painter.on_display()
    assert until(lambda: "ZeroDivisionError" in made._table.value)
    made.close()
