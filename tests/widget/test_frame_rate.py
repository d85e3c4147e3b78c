"""When a frame may leave, told with a clock in the hand."""

from __future__ import annotations

import pytest

from coinex_pandas.widget.frame_rate import BLIND, EXPECTED, LOST, FrameRate


@pytest.fixture
def frame_rate():
    """Return a gate at 4 a second with one visible browser view."""
    frame_rate = FrameRate(4)
    frame_rate.on_message({"view": "a", "last": 0}, 0.0)
    return frame_rate


def test_nobody_looks():
    """Before a display, and after the last view went, there is nothing to paint."""
    frame_rate = FrameRate(4)
    assert not frame_rate.is_watched(0.0, busy=False)
    frame_rate.on_message({"view": "a"}, 0.0)
    assert frame_rate.is_watched(0.0, busy=False)
    frame_rate.on_message({"view": "a", "hidden": True}, 1.0)
    assert not frame_rate.is_watched(1.0, busy=False)
    assert 0 == frame_rate.viewers


def test_pace(frame_rate):
    """An acknowledged frame is followed a quarter of a second later, not before."""
    assert 0 == frame_rate.wait(1.0, busy=False)
    number = frame_rate.next_number(1.0)
    frame_rate.on_message({"view": "a", "last": number}, 1.1)
    assert pytest.approx(0.15) == frame_rate.wait(1.1, busy=False)
    assert 0 == frame_rate.wait(1.26, busy=False)


def test_no_more_than_ten_a_second():
    """Whatever is asked for."""
    assert 0.1 < FrameRate(1000).interval < 0.11


def test_one_frame_under_way(frame_rate):
    """Unacknowledged, nothing follows, however long."""
    frame_rate.next_number(1.0)
    assert frame_rate.wait(2.0, busy=False) is None
    assert frame_rate.wait(1000.0, busy=False) is None


def test_blind_while_a_cell_runs(frame_rate):
    """A running cell keeps acknowledgements waiting: frames go on, slowly."""
    frame_rate.next_number(1.0)
    assert pytest.approx(BLIND) == frame_rate.wait(1.0, busy=True)
    assert 0 == frame_rate.wait(1.0 + BLIND, busy=True)


def test_a_display_is_painted_before_the_browser_answers():
    """Slowly, and only for a while; a running cell makes the while longer."""
    frame_rate = FrameRate(4)
    frame_rate.on_display(0.0)
    assert frame_rate.snapshot
    frame_rate.next_number(0.0)
    assert pytest.approx(BLIND) == frame_rate.wait(0.0, busy=False)
    assert frame_rate.is_watched(EXPECTED + 50, busy=True)
    assert frame_rate.is_watched(EXPECTED + 60, busy=False)
    assert not frame_rate.is_watched(2 * EXPECTED + 51, busy=False)


def test_a_display_out_of_sight_is_not_painted():
    """A view that begins below the edge of the page says so, and nothing is expected any more."""
    frame_rate = FrameRate(4)
    frame_rate.on_display(0.0)
    frame_rate.on_message({"view": "a", "last": 1, "hidden": True}, 0.1)
    assert not frame_rate.is_watched(0.2, busy=False)


def test_a_new_view_gets_a_snapshot(frame_rate):
    """One that has not seen what the others have seen is sent everything."""
    frame_rate.on_message({"view": "a", "last": frame_rate.next_number(1.0)}, 1.1)
    assert not frame_rate.snapshot
    frame_rate.on_message({"view": "b", "last": 0}, 2.0)
    assert frame_rate.snapshot
    assert 0 == frame_rate.wait(2.0, busy=False)
    frame_rate.next_number(2.0)
    assert not frame_rate.snapshot


def test_a_view_that_lacks_a_frame_gets_a_snapshot(frame_rate):
    """It says so, and does not wait for an acknowledgement that cannot come."""
    frame_rate.next_number(1.0)
    frame_rate.next_number(2.0)
    frame_rate.on_message({"view": "a", "last": 0, "missing": True}, 2.1)
    assert frame_rate.snapshot
    assert frame_rate.wait(3.0, busy=False) == 0


def test_a_lost_frame_is_noticed(frame_rate):
    """A view that still talks, seconds later, without having seen the frame, has lost it."""
    frame_rate.next_number(1.0)
    frame_rate.on_message({"view": "a", "last": 0}, 1.0 + LOST / 2)
    assert not frame_rate.snapshot
    frame_rate.on_message({"view": "a", "last": 0}, 1.1 + LOST)
    assert frame_rate.snapshot


def test_late_acknowledgements_after_a_busy_cell(frame_rate):
    """They come all at once, oldest first, and count as what they are."""
    numbers = [frame_rate.next_number(at / 2) for at in range(10)]
    for number in numbers:
        frame_rate.on_message({"view": "a", "last": number}, 4.6)
    assert not frame_rate.snapshot
    assert not frame_rate.is_pending()


def test_a_view_that_went_without_a_word_is_forgotten(frame_rate):
    """A crashed tab does not keep the painter alive when the others have gone."""
    for at in range(1, 12):
        frame_rate.on_message({"view": "b", "last": frame_rate.next_number(at)}, at + 0.1)
    assert 1 == frame_rate.viewers
    frame_rate.on_message({"view": "b", "hidden": True}, 20.0)
    assert not frame_rate.is_watched(20.0, busy=False)


def test_the_first_of_two_views_counts(frame_rate):
    """A frame that one view has drawn is not under way, the other follows."""
    frame_rate.on_message({"view": "b", "last": 0}, 0.0)
    frame_rate.on_message({"view": "b", "last": frame_rate.next_number(1.0)}, 1.1)
    assert not frame_rate.is_pending()
