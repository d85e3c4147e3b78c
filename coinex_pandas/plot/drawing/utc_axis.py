"""A time axis in UTC whose ticks say which day, month and year they belong to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from matplotlib.dates import HOURLY, MINUTELY, MONTHLY, SECONDLY, AutoDateLocator, num2date
from matplotlib.ticker import Formatter

if TYPE_CHECKING:
    from matplotlib.axis import Axis

# strftime's names depend on the machine's language.
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
TICK = 62.0  # points that a tick needs, so that "31 May 2026" below it has room


class Level(NamedTuple):
    """How ticks are written that are so many days apart, and the longer period that they are in."""

    days: float
    tick: Callable[[datetime], str]
    period: Callable[[datetime], str]


def _day(when: datetime) -> str:
    return f"{when.day} {MONTHS[when.month - 1]}"


def _milliseconds(when: datetime) -> str:
    return f"{when:%H:%M:%S}.{when.microsecond // 1000:03}"


LEVELS = (
    Level(364, lambda when: f"{when.year}", lambda _when: ""),
    Level(27, lambda when: MONTHS[when.month - 1], lambda when: f"{when.year}"),
    Level(0.99, lambda when: f"{when.day}", lambda when: MONTHS[when.month - 1]),
    Level(0.99 / 1440, lambda when: f"{when:%H:%M}", _day),
    Level(0.99 / 86400, lambda when: f"{when:%H:%M:%S}", _day),
    Level(0.0, _milliseconds, _day),
)


class UtcFormatter(Formatter):
    """Ticks with the month (or day, or year) below the first one, and below each at which another one begins.

    matplotlib's ConciseDateFormatter names the month of its last tick, which can lie beyond what is drawn: an axis from
    25 to 31 May reads "Jun".

    Parameters
    ----------
    width : float
        Points that the axis is wide.
    """

    def __init__(self, width: float) -> None:
        self._room = TICK / width

    def __call__(self, value: float, _position: int | None = None) -> str:
        """Return the whole time, for the place of the mouse pointer."""
        return f"{_moment(value):%Y-%m-%d %H:%M:%S}"

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """Return the texts of all ticks; those outside of what is drawn have none."""
        low, high = sorted(self._axis.get_view_interval())
        slack = (high - low) * 1e-6
        shown = [value for value in values if low - slack <= value <= high + slack]
        texts = dict(zip(shown, _texts(shown, high - low, self._room), strict=True))
        return [texts.get(value, "") for value in values]

    @property
    def _axis(self) -> Axis:
        axis: Axis = self.axis  # type: ignore[assignment]  # set when the formatter is given to an axis
        return axis


def _texts(shown: list[float], span: float, room: float) -> list[str]:
    if not shown:
        return []
    gaps = np.diff(shown)
    step = float(gaps.min()) if len(gaps) else span
    level = next(level for level in LEVELS if step >= level.days)
    moments = [_moment(value) for value in shown]
    periods = _periods(moments, level)
    if len(shown) > 1 and periods[1] and gaps[0] < room * span:  # two names would touch
        periods[0] = ""
    return [f"{level.tick(when)}\n{period}".rstrip() for when, period in zip(moments, periods, strict=True)]


def _periods(moments: list[datetime], level: Level) -> list[str]:
    """Return what stands below each tick: the period where it begins, with its year where that is new, too."""
    texts = []
    for before, when in zip([None, *moments], moments, strict=False):
        period = level.period(when)
        if before is not None and before.year == when.year:
            texts.append("" if period == level.period(before) else period)
        else:
            texts.append(period if period in ("", f"{when.year}") else f"{period} {when.year}")
    return texts


def _moment(value: float) -> datetime:
    when: datetime = num2date(value, tz=UTC)  # type: ignore[no-untyped-call]  # matplotlib.dates is not typed
    return when


def locator(width: float) -> AutoDateLocator:
    """Return the places of ticks for an axis that is so many points wide."""
    most = int(np.clip(width / TICK, 4, 9))
    places = AutoDateLocator(tz="UTC", minticks=most // 2, maxticks=most)  # type: ignore[no-untyped-call]  # as above
    # Without these it finds no step for a narrow axis of just below two years, days, hours or minutes.
    for frequency, step in ((MONTHLY, 12), (HOURLY, 24), (MINUTELY, 60), (SECONDLY, 60)):
        places.intervald[frequency].append(step)
    return places
