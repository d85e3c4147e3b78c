"""When a frame may leave, told with a clock in the hand."""

from __future__ import annotations

import pytest

from coinex_pandas.widget.frame_rate import BLIND, EXPECTED, LOST, Gate


@pytest.fixture
def gate():
    """Return a gate at 4 a second with one visible browser view."""
    gate = Gate(4)
    gate.heard({"view": "a", "last": 0}, 0.0)
    return gate


def test_nobody_looks():
    """Before a display, and after the last view went, there is nothing to paint."""
    gate = Gate(4)
    assert not gate.watched(0.0, busy=False)
    gate.heard({"view": "a"}, 0.0)
    assert gate.watched(0.0, busy=False)
    gate.heard({"view": "a", "gone": True}, 1.0)
    assert not gate.watched(1.0, busy=False)
    assert 0 == gate.viewers


def test_pace(gate):
    """An acknowledged frame is followed a quarter of a second later, not before."""
    assert 0 == gate.wait(1.0, busy=False)
    number = gate.sent(1.0)
    gate.heard({"view": "a", "last": number}, 1.1)
    assert pytest.approx(0.15) == gate.wait(1.1, busy=False)
    assert 0 == gate.wait(1.26, busy=False)


def test_no_more_than_ten_a_second():
    """Whatever is asked for."""
    assert 0.1 < Gate(1000).interval < 0.11


def test_one_frame_under_way(gate):
    """Unacknowledged, nothing follows, however long."""
    gate.sent(1.0)
    assert gate.wait(2.0, busy=False) is None
    assert gate.wait(1000.0, busy=False) is None


def test_blind_while_a_cell_runs(gate):
    """A running cell keeps acknowledgements waiting: frames go on, slowly."""
    gate.sent(1.0)
    assert pytest.approx(BLIND) == gate.wait(1.0, busy=True)
    assert 0 == gate.wait(1.0 + BLIND, busy=True)


def test_a_display_is_painted_before_the_browser_answers():
    """Slowly, and only for a while; a running cell makes the while longer."""
    gate = Gate(4)
    gate.displayed(0.0)
    assert gate.snapshot
    gate.sent(0.0)
    assert pytest.approx(BLIND) == gate.wait(0.0, busy=False)
    assert gate.watched(EXPECTED + 50, busy=True)
    assert gate.watched(EXPECTED + 60, busy=False)
    assert not gate.watched(2 * EXPECTED + 51, busy=False)


def test_a_display_out_of_sight_is_not_painted():
    """A view that begins below the edge of the page says so, and nothing is expected any more."""
    gate = Gate(4)
    gate.displayed(0.0)
    gate.heard({"view": "a", "last": 1, "gone": True}, 0.1)
    assert not gate.watched(0.2, busy=False)


def test_a_new_view_gets_a_snapshot(gate):
    """One that has not seen what the others have seen is sent everything."""
    gate.heard({"view": "a", "last": gate.sent(1.0)}, 1.1)
    assert not gate.snapshot
    gate.heard({"view": "b", "last": 0}, 2.0)
    assert gate.snapshot
    assert 0 == gate.wait(2.0, busy=False)
    gate.sent(2.0)
    assert not gate.snapshot


def test_a_view_that_lacks_a_frame_gets_a_snapshot(gate):
    """It says so, and does not wait for an acknowledgement that cannot come."""
    gate.sent(1.0)
    gate.sent(2.0)
    gate.heard({"view": "a", "last": 0, "lacks": True}, 2.1)
    assert gate.snapshot
    assert gate.wait(3.0, busy=False) == 0


def test_a_lost_frame_is_noticed(gate):
    """A view that still talks, seconds later, without having seen the frame, has lost it."""
    gate.sent(1.0)
    gate.heard({"view": "a", "last": 0}, 1.0 + LOST / 2)
    assert not gate.snapshot
    gate.heard({"view": "a", "last": 0}, 1.1 + LOST)
    assert gate.snapshot


def test_late_acknowledgements_after_a_busy_cell(gate):
    """They come all at once, oldest first, and count as what they are."""
    numbers = [gate.sent(at / 2) for at in range(10)]
    for number in numbers:
        gate.heard({"view": "a", "last": number}, 4.6)
    assert not gate.snapshot
    assert not gate.under_way()


def test_a_view_that_went_without_a_word_is_forgotten(gate):
    """A crashed tab does not keep the painter alive when the others have gone."""
    for at in range(1, 12):
        gate.heard({"view": "b", "last": gate.sent(at)}, at + 0.1)
    assert 1 == gate.viewers
    gate.heard({"view": "b", "gone": True}, 20.0)
    assert not gate.watched(20.0, busy=False)


def test_the_first_of_two_views_counts(gate):
    """A frame that one view has drawn is not under way, the other follows."""
    gate.heard({"view": "b", "last": 0}, 0.0)
    gate.heard({"view": "b", "last": gate.sent(1.0)}, 1.1)
    assert not gate.under_way()
