"""An exchange's paged history in memory, written from its rules alone: it shares no line with ``paging.py``."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from coinex_pandas.tables.decoding import Page

FIRST = 1_000  # the earliest time of a generated row


@dataclass
class Draft:
    """What one generated history is like; small numbers, so that a failing one shrinks to something readable.

    Attributes
    ----------
    seed : int
        Decides times, order among equals and moments of birth.
    rows, span : int
        How many rows, over how many milliseconds: fewer milliseconds, more equal times.
    late : int
        Rows in a hundred that come up between two requests, anywhere in time.
    order : {"newest", "oldest", "none"}
        Of the rows on the wire.
    limit, cap : int
        Rows asked for at once, and rows that the server gives at most.
    open_start, open_end : bool
        Whether a bound itself lies outside.
    has_next : {"true", "absent", "always", "never"}
        What the pagination says: the truth, nothing, or always the same.
    clamps : bool
        Whether a page beyond the last is the last one again.
    faults : int
        Requests in a hundred that fail once and are repeated: time goes on meanwhile.
    """

    seed: int
    rows: int
    span: int
    late: int = 0
    order: str = "newest"
    limit: int = 3
    cap: int = 3
    open_start: bool = False
    open_end: bool = False
    has_next: str = "true"
    clamps: bool = False
    faults: int = 0


@dataclass
class Server:
    """Answers as a draft says. ``labels`` are the rows: ids where ``keyed``, else values that repeat."""

    draft: Draft
    keyed: bool
    requests: int = 0
    deceptive: bool = False  # whether rows in no order were shown on a first page that looks sorted
    times: np.ndarray = field(init=False)
    born: np.ndarray = field(init=False)
    frame: pd.DataFrame = field(init=False)

    def __post_init__(self) -> None:
        draft, chance = self.draft, random.Random(self.draft.seed)
        times = [FIRST + chance.randrange(draft.span) for _ in range(draft.rows)]
        chance.shuffle(times)
        if draft.order != "none":
            times.sort(reverse=draft.order == "newest")
        self.times = np.array(times, dtype=np.int64)
        late = [chance.randrange(100) < draft.late for _ in times]
        self.born = np.array([chance.randint(1, 6) if is_late else 0 for is_late in late], dtype=np.int64)
        labels = chance.sample(range(draft.rows), draft.rows) if self.keyed else [chance.randrange(3) for _ in times]
        index = pd.DatetimeIndex(self.times.view("M8[ms]"), name="created_at").tz_localize("UTC")
        self.frame = pd.DataFrame({"label": np.array(labels, np.int64)}, index=index)
        if not self.keyed:  # a missing value is equal to a missing value
            self.frame["label"] = self.frame["label"].where(self.frame["label"] != 2).astype(float)
        self._chance = chance

    def __call__(self, *, start_time=None, end_time=None, page=1, limit=10) -> Page:
        """Answer one request; between it and the next one rows may come up."""
        self.requests += 1 + (self._chance.randrange(100) < self.draft.faults)
        places = self.visible(start_time, end_time)
        size = min(limit, self.draft.cap)
        if self.draft.clamps:
            page = min(page, max(1, -(-len(places) // size)))
        page_places = places[(page - 1) * size : page * size]
        says = {"true": page * size < len(places), "absent": None, "always": True, "never": False}[self.draft.has_next]
        times = self.times[page_places]
        cut = page == 1 and len(page_places) < len(places)
        self.deceptive |= cut and direction_of(times.tolist()) in (-1, 1) and direction_of(self.times[places]) is None
        in_order = page_places[np.argsort(times, kind="stable")]
        return Page(self.frame.take(in_order), says, len(page_places), direction_of(times.tolist()))

    def visible(self, start: int | None, end: int | None) -> np.ndarray:
        """Return where the rows stand that exist now and lie between the bounds, in the order of the wire."""
        there = self.born < self.requests if self.requests else self.born == 0
        if start is not None:
            there &= self.times > start if self.draft.open_start else self.times >= start
        if end is not None:
            there &= self.times < end if self.draft.open_end else self.times <= end
        return np.flatnonzero(there)

    def counts(self, start: int, end: int, *, now: bool) -> dict[tuple[int, str], int]:
        """Return how often each row of ``[start, end)`` exists: at the beginning, or now."""
        there = (self.born < max(1, self.requests)) if now else (self.born == 0)
        return counted(self.frame[there & (self.times >= start) & (self.times < end)])


def counted(frame: pd.DataFrame) -> dict[tuple[int, str], int]:
    """Return how often each row stands in a frame."""
    rows: dict[tuple[int, str], int] = {}
    for at, label in zip(frame.index.asi8.tolist(), frame["label"].tolist(), strict=True):
        rows[at, str(label)] = rows.get((at, str(label)), 0) + 1
    return rows


def direction_of(times: Sequence[int]) -> int | None:
    """Return the order of times as ``Page.direction`` tells it."""
    times = list(times)
    if len(set(times)) < 2:
        return 0
    if times == sorted(times) and times[0] < times[-1]:
        return 1
    return -1 if times == sorted(times, reverse=True) else None


@dataclass
class Candles:
    """A regular series with gaps: at most ``most`` rows an answer, the newest or the oldest of the range."""

    step: int
    present: list[int]
    keeps: str = "newest"
    open_start: bool = False
    open_end: bool = False
    requests: int = 0

    def __call__(self, *, start_time=None, end_time=None, limit=10) -> Page:
        """Answer one request."""
        self.requests += 1
        assert start_time is None or start_time >= 0, "no exchange takes a negative time"
        low = -1 if start_time is None else start_time + self.open_start
        high = 2**62 if end_time is None else end_time - self.open_end
        places = [at for at in self.present if low <= at <= high]
        page_places = places[-limit:] if self.keeps == "newest" or end_time is None else places[:limit]
        index = pd.DatetimeIndex(np.array(page_places, "M8[ms]"), name="created_at").tz_localize("UTC")
        return Page(pd.DataFrame({"open": np.arange(len(page_places)) * 1.0}, index=index), None, len(page_places))
