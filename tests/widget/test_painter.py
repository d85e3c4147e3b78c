"""The painter's thread, with a browser made of a list."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from itertools import pairwise

import pytest

from coinex_pandas.widget.content import Choice, Picture
from coinex_pandas.widget.frame_rate import Gate
from coinex_pandas.widget.html_table import Page, Unasked
from coinex_pandas.widget.painter import THREAD, Painter
from tests.paths import ROOT
from tests.widget.browser.fake_stream import FakeStream


class Desk:
    """A painter, its source, and a browser that acknowledges while `answers`."""

    def __init__(self, *, per_second=10):
        self.source = FakeStream(per_second=500)
        self.frames, self.at, self.answers = [], [], True
        self.painter = Painter(Picture(self.source), Gate(per_second), self.receive, Choice(20))

    def receive(self, content):
        """Keep a frame; the answer comes on another thread, as in a kernel."""
        self.frames.append(content)
        self.at.append(time.monotonic())
        if self.answers:
            threading.Thread(target=self.say, kwargs={"last": content["frame"]}).start()

    def say(self, **what):
        """Speak for the browser."""
        self.painter.heard({"view": "a", "last": 0} | what)

    def until(self, true):
        """Wait for something."""
        end = time.monotonic() + 5
        while not true():
            assert time.monotonic() < end
            time.sleep(0.005)


def painting():
    """Count the painters' threads."""
    return [thread.name for thread in threading.enumerate()].count(THREAD)


@pytest.fixture
def desk():
    """Return a desk, and clear it away."""
    desk = Desk()
    yield desk
    desk.painter.close()
    desk.source.stop()
    assert 0 == painting()


def test_frames_are_numbered_and_at_most_ten_a_second(desk):
    """500 messages a second make no more than 10 repaints a second."""
    desk.say()
    desk.until(lambda: len(desk.frames) >= 25)  # enough that one that comes late does not matter
    assert list(range(1, len(desk.frames) + 1)) == [content["frame"] for content in desk.frames]
    assert (len(desk.at) - 1) / (desk.at[-1] - desk.at[0]) <= 10
    assert desk.painter.stats.repaints >= 8
    assert desk.painter.stats.bytes > 0


def test_an_unanswered_frame_is_the_last(desk):
    """Repaints that were due meanwhile are counted as dropped, and the next answer sets it going again."""
    desk.answers = False
    desk.say()
    desk.until(lambda: desk.painter.stats.dropped >= 3)
    assert 1 == len(desk.frames)
    desk.say(last=1)
    desk.until(lambda: len(desk.frames) == 2)


def test_a_hidden_view_has_no_thread(desk):
    """Nobody looks, nothing runs; someone looks, a snapshot comes."""
    desk.say()
    desk.until(lambda: len(desk.frames) >= 2)
    desk.answers = False
    time.sleep(0.2)  # the last answer is given
    desk.say(gone=True)
    desk.until(lambda: painting() == 0)
    desk.frames.clear()
    desk.say(last=1)
    desk.until(lambda: desk.frames)
    assert desk.frames[0]["whole"]


def test_nothing_new_nothing_sent(desk):
    """A quiet source is looked at, not painted."""
    desk.source.stop()
    desk.source.state = "live"
    desk.say()
    desk.until(lambda: desk.frames and not desk.painter._picture._more)
    time.sleep(0.3)
    count = len(desk.frames)
    time.sleep(0.5)
    assert count == len(desk.frames)


def test_stop_runs_on_the_painters_thread_and_ends_it(desk):
    """The callback returns at once; the source is stopped, shown as stopped, and the thread ends."""
    ran = []
    stop = desk.source.stop
    desk.source.stop = lambda: (ran.append(threading.current_thread().name), stop())
    desk.say()
    desk.painter.stop_source()
    desk.until(lambda: painting() == 0)
    assert [THREAD] == ran
    assert "stopped" == desk.frames[-1]["status"]["state"]


def test_close_is_for_good(desk):
    """A browser that still talks to a closed view wakes nobody."""
    desk.say()
    desk.until(lambda: desk.frames)
    desk.painter.close()
    desk.say()
    assert 0 == painting()


def test_a_failing_source_is_shown(desk):
    """The view says why it stands still, and the thread ends."""
    desk.source.tail = lambda *_: 1 / 0
    desk.say()
    desk.until(lambda: painting() == 0)
    assert "ZeroDivisionError: division by zero" == desk.frames[-1]["failed"]
    assert isinstance(desk.painter.error, ZeroDivisionError)
    count = len(desk.frames)
    desk.painter.heard({"view": "b", "last": 0})  # a page loaded anew is told too
    assert [desk.frames[-1]["failed"]] == [content["failed"] for content in desk.frames[count:]]


def test_the_plain_page_is_written_anew_twice_a_second(desk):
    """Without a browser that answers: whole tables, at a steady slow pace."""
    pages, at = [], []
    painter = Painter(
        Page(desk.source),
        Unasked(10),
        lambda content: (pages.append(content["html"]), at.append(time.monotonic())),
        Choice(1000),
    )
    painter.displayed()
    desk.until(lambda: len(pages) >= 3)
    painter.close()
    assert min(b - a for a, b in pairwise(at)) > 0.45
    assert 41 == pages[-1].count("<tr>")


def test_the_interpreter_ends_quietly():
    """A program that ends while a view is painted ends at once, without a word."""
    program = (
        "from tests.widget.browser.fake_stream import FakeStream\n"
        "from coinex_pandas.widget.frame_rate import Gate\n"
        "from coinex_pandas.widget.painter import Painter\n"
        "from coinex_pandas.widget.content import Choice, Picture\n"
        "painter = Painter(Picture(FakeStream(per_second=1000)), Gate(10), lambda content: None, Choice(20))\n"
        "painter.displayed()\n"
        "import time; time.sleep(0.3)\n"
        "assert painter.stats.repaints"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=20,
        check=True,
    )
    assert ("", "") == (done.stdout, done.stderr)
