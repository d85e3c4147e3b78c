"""Ticks of time: each month, day and year is named where it begins, and no other."""

import pandas as pd
import pytest
from matplotlib.figure import Figure

from coinex_pandas.plot.drawing import canvas, columns

pytestmark = pytest.mark.sweep


def axis(start, end, *, width=8.0, inverted=False):
    """Return the x axis of a drawing from `start` to `end`."""
    ax = Figure(figsize=(width, 4)).subplots()
    days = columns.day_numbers(pd.DatetimeIndex([start, end], tz="UTC"))
    ax.plot(days, [1.0, 2.0])
    canvas.time_axis(ax, days)
    if inverted:
        ax.invert_xaxis()
    ax.figure.canvas.draw()
    return ax.xaxis


def ticks(*span, **settings):
    """Return the texts of the ticks, those outside of the drawing left out."""
    return [label.get_text() for label in axis(*span, **settings).get_ticklabels() if label.get_text()]


def test_a_week_before_the_next_month():
    """Only the month that is drawn is named, whatever its last tick is near to."""
    texts = ticks("2027-09-24", "2027-09-30")
    assert "24\nSep 2027" == texts[0]
    assert ["25", "26", "27", "28", "29", "30"] == texts[1:]
    assert not axis("2027-09-24", "2027-09-30").get_offset_text().get_text()


def test_a_new_month_is_named_where_it_begins():
    """Below its first day, and nowhere else; the year only where it is new."""
    texts = ticks("2028-02-26", "2028-03-04")
    assert "1\nMar" in texts
    assert ["Feb 2028", "Mar"] == [text.split("\n")[1] for text in texts if "\n" in text]


def test_a_new_year_is_named_where_it_begins():
    """Days and months carry it alike."""
    assert "1\nJan 2027" in ticks("2026-12-29", "2027-01-03")
    months = ticks("2026-10-01", "2027-04-01")
    assert ["Oct\n2026", "Nov", "Dec", "Jan\n2027", "Feb", "Mar", "Apr"] == months


def test_a_new_day_is_named_where_it_begins():
    """Hours say whose hours they are."""
    texts = ticks("2027-10-31 15:00", "2027-11-01 09:00")
    assert "31 Oct 2027" == texts[0].split("\n")[1]
    assert "00:00\n1 Nov" in texts
    assert 2 == sum("\n" in text for text in texts)


@pytest.mark.parametrize(
    ("start", "end", "first"),
    [
        ("2019-12-30", "2028-02-01", "2020"),
        ("2027-03-03 10:00", "2027-03-03 10:05", "10:00\n3 Mar 2027"),
        ("2027-03-03 10:00:00", "2027-03-03 10:00:06", "10:00:00\n3 Mar 2027"),
        ("2027-03-03 10:00:00.100", "2027-03-03 10:00:00.500", "10:00:00.100\n3 Mar 2027"),
    ],
)
def test_every_length_of_time(start, end, first):
    """From milliseconds to years the ticks tell their times apart, and their day once."""
    texts = ticks(start, end)
    assert first == texts[0]
    assert len(texts) == len(set(texts)) > 2
    assert not any("\n" in text for text in texts[1:])


def test_a_first_name_makes_room_for_the_next_one():
    """The last day of a month at the left edge does not write over the name of the new month."""
    texts = ticks("2027-04-30", "2027-06-20")
    assert not any("Apr" in text for text in texts)
    assert "1\nMay 2027" in texts


@pytest.mark.parametrize("width", [2.0, 3.0, 5.0, 12.0])
@pytest.mark.parametrize("minutes", [1, 3, 59, 61, 119, 185, 239, 1000, 2879, 4500, 60_000, 89_000, 800_000, 2_000_000])
def test_every_width_has_ticks(width, minutes):
    """Narrow or wide, there are ticks, the first of which has a whole name, and they do not touch."""
    start = pd.Timestamp("2027-05-20 07:03")
    line = axis(start, start + pd.Timedelta(minutes=minutes), width=width)
    labels = [label for label in line.get_ticklabels() if label.get_text()]
    assert labels
    boxes = [label.get_window_extent() for label in labels]
    firsts = [label.get_text().split("\n")[0] for label in labels]
    assert width < 3 or all(
        before.x0 + 6 * len(text) < after.x1 for before, after, text in zip(boxes, boxes[1:], firsts, strict=False)
    )


def test_an_inverted_axis():
    """What is drawn is the same from right to left."""
    assert "24\nSep 2027" in ticks("2027-09-24", "2027-09-30", inverted=True)


def test_the_mouse_pointer_has_the_whole_time():
    """Where the axis is interactive, the place of the pointer is told to the second."""
    line = axis("2027-09-24", "2027-09-30")
    moment = columns.day_numbers(pd.DatetimeIndex(["2027-09-25 13:45:07"], tz="UTC"))[0]
    assert "2027-09-25 13:45:07" == line.get_major_formatter().format_data_short(moment)
