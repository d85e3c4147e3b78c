"""The painter's thread, with a browser made of a list."""

from __future__ import annotations

import subprocess
import sys
import threading
from itertools import pairwise
from types import SimpleNamespace

import pytest

from coinex_pandas.widget import painter as painters
from coinex_pandas.widget.content import Choice, Content
from coinex_pandas.widget.frame_rate import FrameRate
from coinex_pandas.widget.html_table import FixedRate, HtmlContent
from coinex_pandas.widget.painter import THREAD, Painter
from tests.paths import ROOT
from tests.waiting import until
from tests.widget.browser.fake_stream import FakeStream


class Setup:
    """A painter, its source, and a browser that acknowledges while `answers`."""

    def __init__(self, *, per_second=10):
        self.source = FakeStream(per_second=500)
        self.frames, self.answers, self.under_way, self.lock = [], True, [], threading.Lock()
        self.painter = Painter(Content(self.source), FrameRate(per_second), self.receive, Choice(20))

    def receive(self, message):
        """Keep a frame; the answer comes on another thread, as in a kernel."""
        with self.lock:
            self.frames.append(message)
            if self.answers:
                thread = threading.Thread(target=self.say, kwargs={"last": message["frame"]})
                thread.start()
                self.under_way.append(thread)

    def say(self, **what):
        """Speak for the browser."""
        self.painter.on_message({"view": "a", "last": 0} | what)

    def until(self, true):
        """Wait for something."""
        assert until(true)

    def all_answers_given(self):
        """Wait until the browser has nothing more to say."""
        with self.lock:
            threads = list(self.under_way)
        for thread in threads:
            thread.join()


class Hand:
    """A painter that takes its turns where this is called, by a clock that moves from turn to turn.

    Its source has 500 messages a second, unless it is quiet, and its browser answers at once.
    """

    def __init__(self, monkeypatch, content=Content, frame_rate=FrameRate):
        self.now, self.at, self.frames = 1000.0, [], []
        monkeypatch.setattr(painters, "time", SimpleNamespace(monotonic=lambda: self.now))
        self.source = FakeStream(quiet=True)
        self.source.add(50)
        self.painter = Painter(content(self.source), frame_rate(10), self.receive, Choice(20))
        self.painter._thread = threading.current_thread()  # so that it starts none

    def receive(self, message):
        """Take a frame and answer."""
        self.frames.append(message)
        self.at.append(self.now)
        self.painter.on_message({"view": "a", "last": message["frame"]})

    def paint(self, seconds, *, quiet=False):
        """Let time pass."""
        end = self.now + seconds
        while self.now < end:
            pause = self.painter._turn()
            self.now += pause
            if not quiet:
                self.source.add(round(500 * pause))


def painting():
    """Count the painters' threads."""
    return [thread.name for thread in threading.enumerate()].count(THREAD)


@pytest.fixture
def setup():
    """Return a desk, and clear it away."""
    setup = Setup()
    yield setup
    setup.painter.close()
    setup.source.stop()
    setup.until(lambda: painting() == 0)


def test_frames_are_numbered_and_at_most_ten_a_second(monkeypatch):
    """500 messages a second make no more than 10 repaints in any second, and hardly fewer."""
    hand = Hand(monkeypatch)
    hand.painter.on_message({"view": "a", "last": 0})
    hand.paint(4)
    assert list(range(1, len(hand.frames) + 1)) == [message["frame"] for message in hand.frames]
    assert min(later - earlier for earlier, later in zip(hand.at, hand.at[10:], strict=False)) >= 1
    assert 36 <= hand.painter.stats.repaints == len(hand.frames)
    assert hand.painter.stats.bytes > 0


def test_an_unanswered_frame_is_the_last(setup):
    """Repaints that were due meanwhile are counted as dropped, and the next answer sets it going again."""
    setup.answers = False
    setup.say()
    setup.until(lambda: setup.painter.stats.dropped >= 3)
    assert 1 == len(setup.frames)
    setup.say(last=1)
    setup.until(lambda: len(setup.frames) == 2)


def test_a_hidden_view_has_no_thread(setup):
    """Nobody looks, nothing runs; someone looks, a snapshot comes."""
    setup.say()
    setup.until(lambda: len(setup.frames) >= 2)
    setup.answers = False
    setup.all_answers_given()
    setup.say(hidden=True)
    setup.until(lambda: painting() == 0)
    setup.frames.clear()
    setup.say(last=1)
    setup.until(lambda: setup.frames)
    assert setup.frames[0]["whole"]


def test_nothing_new_nothing_sent(monkeypatch):
    """A quiet source is looked at, not painted."""
    hand = Hand(monkeypatch)
    hand.painter.on_message({"view": "a", "last": 0})
    hand.paint(10, quiet=True)
    count, looks = len(hand.frames), []
    assert not hand.painter._content._more
    status = hand.source.status
    monkeypatch.setattr(hand.source, "status", lambda: (looks.append(hand.now), status())[1])
    hand.paint(10, quiet=True)
    assert count == len(hand.frames)
    assert len(looks) > 50


def test_stop_runs_on_the_painters_thread_and_ends_it(setup):
    """The callback returns at once; the source is stopped, shown as stopped, and the thread ends."""
    ran = []
    stop = setup.source.stop
    setup.source.stop = lambda: (ran.append(threading.current_thread().name), stop())
    setup.say()
    setup.painter.stop_source()
    setup.until(lambda: painting() == 0)
    assert [THREAD] == ran
    assert "stopped" == setup.frames[-1]["status"]["state"]


def test_close_is_for_good(setup):
    """A browser that still talks to a closed view wakes nobody."""
    setup.say()
    setup.until(lambda: setup.frames)
    setup.painter.close()
    setup.until(lambda: painting() == 0)
    setup.say()
    assert 0 == painting()


def test_a_failing_source_is_shown(setup):
    """The view says why it stands still, and the thread ends."""
    setup.source.tail = lambda *_: 1 / 0
    setup.say()
    setup.until(lambda: painting() == 0)
    assert "ZeroDivisionError: division by zero" == setup.frames[-1]["failed"]
    assert isinstance(setup.painter.error, ZeroDivisionError)
    count = len(setup.frames)
    setup.painter.on_message({"view": "b", "last": 0})  # a page loaded anew is told too
    assert [setup.frames[-1]["failed"]] == [message["failed"] for message in setup.frames[count:]]


def test_the_plain_page_is_written_anew_twice_a_second(monkeypatch):
    """Without a browser that answers: whole tables, at a steady slow pace."""
    hand = Hand(monkeypatch, HtmlContent, FixedRate)
    hand.painter.choice = Choice(1000)
    hand.painter.on_display()
    hand.paint(10)
    assert pytest.approx(0.5) == min(later - earlier for earlier, later in pairwise(hand.at))
    assert 19 <= len(hand.frames) <= 21
    assert 41 == hand.frames[-1]["html"].count("<tr>")


def test_the_interpreter_ends_quietly():
    """A program that ends while a view is painted ends at once, without a word."""
    program = (
        "from tests.widget.browser.fake_stream import FakeStream\n"
        "from coinex_pandas.widget.frame_rate import FrameRate\n"
        "from coinex_pandas.widget.painter import Painter\n"
        "from coinex_pandas.widget.content import Choice, Content\n"
        "painter = Painter(Content(FakeStream(per_second=1000)), FrameRate(10), lambda message: None, Choice(20))\n"
        "painter.on_display()\n"
        "import time\n"
        "while not painter.stats.repaints:\n"
        "    time.sleep(0.01)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=200,
        check=True,
    )
    assert ("", "") == (done.stdout, done.stderr)
