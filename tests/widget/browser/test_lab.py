"""A view in JupyterLab, seen and used through Debian's Chromium.

COINEX_LONG=1 adds the cell that is busy for 70 s, COINEX_KERNEL=/path/to/python runs the kernel of another venv,
COINEX_SHOTS=folder keeps pictures, COINEX_SOURCE replaces the code that makes `source`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.widget.browser import lab

pytestmark = [
    pytest.mark.skipif(lab.missing() is not None, reason=str(lab.missing())),
    # playwright leaves its loop's own sockets to the garbage collector
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]

SOURCE = os.environ.get(
    "COINEX_SOURCE", "from tests.widget.browser.fake_stream import FakeStream\nsource = FakeStream(per_second=40)"
)
FAKE = "COINEX_SOURCE" not in os.environ  # its ids and its pace are known
SHOW = "from coinex_pandas.widget.view import watch\nview = watch(source)\nview"
ENDED = "source._thread.join()" if FAKE else "import time; time.sleep(1)"
NEWEST = f"source.stop()\n{ENDED}\nprint(*source.tail(20)['deal_id'][::-1])"
BUSY = """
import time
from pathlib import Path
print("busy", flush=True)
before, end = source.status().rows, time.monotonic() + {seconds}
while not Path("flag").exists() or time.monotonic() < end:
    time.sleep(0.05)
"""
THREADS = "import threading\npainters = [one.name for one in threading.enumerate()].count('coinex-watch')"
REAL = """
import coinex_pandas as cx
exchange = cx.sandbox(seed=7, speed=300)
cx.use(exchange)
source = cx.live.futures_deals("BTCUSDT", "ETHUSDT")
"""
WHOLE = """
source.stop()
whole = source.stats.rows > before and source.stats.reconnects == 0 and not len(source.gaps)
for market in source.markets:
    mine = source.df.query("market == @market")["deal_id"]
    listed = cx.futures_deals(market, limit=1000, last_id=int(mine.iloc[-1]))["deal_id"]
    held = mine[mine >= listed.min()]
    whole = whole and listed[listed >= held.iloc[0]].to_list() == held.to_list()
print(whole)
"""
STOPPED_LATER = """
import threading, time
from pathlib import Path
def stop_later():
    while not Path("flag").exists():
        time.sleep(0.05)
    source.stop()
threading.Thread(target=stop_later).start()
view = watch(source, seconds=600)
view"""
LONG = pytest.mark.skipif("COINEX_LONG" not in os.environ, reason="70 s; COINEX_LONG=1 runs it")


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[lab.Notebook]:
    """Return a notebook of three empty cells in JupyterLab."""
    folder = tmp_path_factory.mktemp("lab")
    kernel = os.environ.get("COINEX_KERNEL", sys.executable)
    with lab.serve(folder, kernel) as address, lab.chromium() as browser:
        yield lab.Notebook(
            browser.new_page(viewport={"width": 1100, "height": 900}), address, folder, "view", ["", "", ""]
        )


@pytest.fixture
def book(opened: lab.Notebook) -> Iterator[lab.Notebook]:
    """Return the notebook with a fresh source and its view in the second cell."""
    opened.front()
    opened.lower_flag()
    opened.run(SOURCE)
    opened.run(SHOW, cell=1)
    opened.until(lambda: len(opened.texts()) >= 20)
    yield opened
    opened.run("view.close(); source.stop()")


def moved(book: lab.Notebook, before: list[str]) -> bool:
    """Tell whether the newest row is another one."""
    return book.texts()[0] not in before


def shot(book: lab.Notebook, name: str) -> None:
    """Keep a picture where the environment asks for pictures."""
    if folder := os.environ.get("COINEX_SHOTS"):
        book.page.wait_for_timeout(500)
        book.page.screenshot(path=str(Path(folder) / f"{name}.png"))


def test_it_renders_and_moves(book: lab.Notebook) -> None:
    """A table of 20 rows, a chart, a status line, in time order, and newer rows come by themselves."""
    first = book.texts()
    assert 20 == len(first)
    assert 1 == book.page.locator(f"{lab.VIEW} svg[role=img] polyline").count()
    assert "futures_deals" in book.line()
    assert "live" in book.line()
    assert "no gaps" in book.line()
    book.until(lambda: moved(book, first))
    shot(book, "table_light")
    book.command("apputils:change-theme", theme="JupyterLab Dark")
    shot(book, "table_dark")
    book.command("apputils:change-theme", theme="JupyterLab Light")


def test_ids_and_decimals_arrive_exact(book: lab.Notebook) -> None:
    """What the browser shows is what the frame holds: ids beyond 2**53, all decimals."""
    newest = book.run(NEWEST).split()
    book.until(lambda: book.column(3) == newest)
    told = book.run("row = source.tail(1).iloc[-1]\nprint(row['price'], row['amount'])").split()
    assert [float(text) for text in told] == [float(book.column(5)[0]), float(book.column(6)[0])]
    assert not FAKE or int(newest[0]) > 2**53


def test_pause_freezes_and_resume_goes_on(book: lab.Notebook) -> None:
    """Paused rows stand still while the line counts what came since; afterwards the newest rows are shown."""
    book.press("Pause")
    book.until(lambda: "paused" in book.line())
    frozen = book.texts()
    book.until(lambda: int(book.line().split("paused, ")[1].split()[0].replace(",", "")) > 30)
    assert frozen == book.texts()
    shot(book, "paused")
    book.press("Resume")
    book.until(lambda: "paused" not in book.line() and moved(book, frozen))


def test_stop_stops_the_source(book: lab.Notebook) -> None:
    """The button stops the source, the line says so, and the painter's thread has ended."""
    book.press("Stop")
    book.until(lambda: "stopped" in book.line())
    assert "stopped" == book.run("print(source.status().state)")
    book.until(lambda: book.run(f"{THREADS}\nprint(painters)") == "0")
    assert book.page.locator(".jupyter-button", has_text="Stop").is_disabled()


def test_filter_and_number_of_rows(book: lab.Notebook) -> None:
    """Only the chosen market, and as many rows as chosen."""
    book.select("market", "ETHUSDT")
    book.until(lambda: set(book.column(2)) == {"ETHUSDT"})
    book.until(lambda: "ETHUSDT" in book.page.locator(".coinex-legend").inner_text())
    book.select("market", "any market")
    book.until(lambda: len(set(book.column(2))) > 1)
    book.select("rows", "10")
    book.until(lambda: len(book.texts()) == 10)
    book.select("rows", "100")
    book.until(lambda: len(book.texts()) == 100)
    shot(book, "hundred_rows")
    newest = book.run(NEWEST.replace("20", "100")).split()
    book.until(lambda: book.column(3) == newest)


@pytest.mark.parametrize("seconds", [0, pytest.param(70, marks=LONG)])
def test_a_busy_cell_delays_nothing_but_paint(book: lab.Notebook, seconds: int) -> None:
    """While a cell keeps the kernel busy the table still moves, and afterwards it shows the newest row."""
    book.run(BUSY.format(seconds=seconds), cell=2, wait=False)
    book.until(lambda: book.output(2) == "busy")
    first = book.texts()
    book.until(lambda: moved(book, first))
    second = book.texts()
    book.until(lambda: moved(book, second))
    book.raise_flag()
    assert int(book.run("print(source.status().rows - before)")) > 0
    newest = book.run(NEWEST).split()
    book.until(lambda: book.column(3) == newest)


@pytest.mark.parametrize("seconds", [0, pytest.param(70, marks=LONG)])
def test_a_busy_cell_costs_a_real_stream_no_row(opened: lab.Notebook, seconds: int) -> None:
    """A stream of a sandbox's deals is whole after a busy cell, on one and the same connection, and was painted."""
    opened.front()
    opened.lower_flag()
    opened.run(REAL)
    opened.run(SHOW, cell=1)
    opened.until(lambda: len(opened.texts()) >= 20)
    opened.run(BUSY.format(seconds=seconds), cell=2, wait=False)
    opened.until(lambda: opened.output(2) == "busy")
    for _ in range(3):
        rows = opened.texts()
        opened.until(lambda rows=rows: moved(opened, rows))  # type: ignore[misc]  # mypy knows no types of defaults
    opened.raise_flag()
    assert "True" == opened.run(WHOLE).strip()
    opened.run("view.close(); exchange.close()")


def test_a_reload_shows_it_again(book: lab.Notebook) -> None:
    """After the page is loaded anew the view is there, and goes on."""
    book.command("docmanager:save")
    before = book.texts()
    book.page.reload()
    book.ready()
    book.until(lambda: len(book.texts()) >= 20)
    book.until(lambda: moved(book, before))


def test_hidden_costs_nothing(book: lab.Notebook) -> None:
    """Behind another tab nothing is sent or read, and no thread waits; back in front it goes on."""
    book.hide()
    book.until(lambda: book.ask_kernel(f"{THREADS}\nprint(painters)") == "0")
    counts = "[view.stats.repaints, getattr(source, 'calls', 0)]"
    book.ask_kernel(f"import time\nbefore = {counts}\ntime.sleep(1)\nseen = before == {counts}\n{THREADS}")
    book.front()
    before = book.texts()
    book.until(lambda: moved(book, before))
    assert "True 0" == book.run("print(seen, painters)")


def test_a_hidden_page_is_not_painted(book: lab.Notebook) -> None:
    """When the browser itself is hidden, the view says so and gets no frames."""
    look = (
        "state => { Object.defineProperty(document, 'visibilityState', {value: state, configurable: true});"
        " document.dispatchEvent(new Event('visibilitychange')); }"
    )
    book.page.evaluate(look, "hidden")
    book.until(lambda: book.run("print(view.stats.viewers)") == "0")
    frozen = book.texts()
    book.page.wait_for_timeout(1000)
    assert frozen == book.texts()
    book.page.evaluate(look, "visible")
    book.until(lambda: moved(book, frozen))


def test_a_book_is_a_ladder_with_its_depth(book: lab.Notebook) -> None:
    """Asks stand above bids, prices fall from top to bottom, and the chart has both sides."""
    book.run("from tests.widget.browser.fake_stream import FakeBook\nsource.stop()\nview.close()\nsource = FakeBook()")
    book.run(SHOW, cell=1)
    book.until(lambda: [*["ask"] * 10, *["bid"] * 10] == book.column(1))
    prices = [float(text) for text in book.column(2)]
    assert sorted(prices, reverse=True) == prices
    assert 2 == book.page.locator(f"{lab.VIEW} svg polyline").count()
    before = book.texts()
    book.until(lambda: book.texts() != before)
    shot(book, "book_light")
    book.command("apputils:change-theme", theme="JupyterLab Dark")
    shot(book, "book_dark")
    book.command("apputils:change-theme", theme="JupyterLab Light")


def test_watch_for_seconds_shows_it_once(book: lab.Notebook) -> None:
    """`seconds=` paints while its own cell runs, and the cell has one view, not two."""
    book.run("view.close()")
    book.run(STOPPED_LATER, cell=1, wait=False)
    book.until(lambda: len(book.texts()) >= 20)
    first = book.texts()
    book.until(lambda: moved(book, first))
    book.raise_flag()
    assert "done" == book.run("print('done')")
    assert 1 == book.page.locator(lab.VIEW).count()


def test_html_where_anywidget_is_missing(book: lab.Notebook) -> None:
    """The plain table moves too, and its buttons work."""
    book.run("import sys\nview.close()\nsaved = sys.modules.pop('anywidget')\nsys.modules['anywidget'] = None")
    cells = ".jupyter-widgets table tbody tr"
    try:
        book.run(SHOW, cell=1)
        book.until(lambda: len(book.texts(cells)) >= 20)
        first = book.texts(cells)
        book.until(lambda: book.texts(cells)[0] not in first)
        shot(book, "fallback_light")
        book.press("Pause")
        book.until(lambda: any("paused" in text for text in book.texts(".widget-html")))
        book.press("Stop")
        book.until(lambda: any("stopped" in text for text in book.texts(".widget-html")))
    finally:
        book.run("sys.modules['anywidget'] = saved")
