"""What the next frame holds: status, rows or ladder, chart. No thread, no browser, no clock."""

from __future__ import annotations

from typing import Any, NamedTuple

import pandas as pd

from coinex_pandas.widget import cells, ladder
from coinex_pandas.widget import text as words
from coinex_pandas.widget.difference import COMPARED, Lines, Seen
from coinex_pandas.widget.source import Status, Watchable
from coinex_pandas.widget.sparkline import Trail

MOST_ROWS = 1000

Content = dict[str, Any]
"""A frame, ready for JSON."""


class Choice(NamedTuple):
    """What the person in front of the view has chosen."""

    rows: int
    market: str | None = None
    paused: bool = False


class Frozen(NamedTuple):
    """The table at the moment of the pause, and how many rows there had been."""

    market: str | None
    frame: pd.DataFrame
    rows: int


class Picture:
    """Frames for one view, each the difference to the one before. One thread at a time may ask."""

    def __init__(self, source: Watchable) -> None:
        self.source = source
        self._frozen: Frozen | None = None
        self._looked: object = None
        self._met: set[str] = set()
        self._begin(None)

    def forget(self) -> None:
        """Let the next frame hold all that a new browser view needs."""
        self._whole = self._more = True
        self._columns: list[cells.Column] = []
        self._ladder: Content | None = None
        self._seen.forget()

    def changed(self, status: Status, choice: Choice) -> bool:
        """Tell whether there is anything to paint."""
        return self._more or self._looks(status, choice) != self._looked

    def frame(self, status: Status, choice: Choice) -> Content:
        """Return the content of the next frame."""
        if choice.market != self._market:
            self._begin(choice.market)
        frame = self._tail(status, choice)
        if "market" in frame:
            self._met.update(frame["market"].astype(str).unique())
        content = {"status": self._status(status), "rows": choice.rows}
        if self._whole:
            content |= {"whole": True, "name": words.title(self.source)}
        content |= self._body(frame, choice)
        self._whole, self._looked = False, self._looks(status, choice)
        return content

    def markets(self) -> list[str]:
        """List the markets to choose from: those the source names, or those that were seen."""
        return list(self.source.markets) or sorted(self._met)

    def _body(self, frame: pd.DataFrame, choice: Choice) -> Content:
        """Return the part of the frame that shows the table."""
        return self._book(frame) if ladder.is_book(frame) else self._table(frame, choice.rows)

    def _begin(self, market: str | None) -> None:
        """Begin anew with another market."""
        self._market = market
        self._seen = Seen()
        self._trail = Trail(market or next(iter(self.source.markets), None))
        self.forget()

    def _tail(self, status: Status, choice: Choice) -> pd.DataFrame:
        """Take the newest rows, while paused those of that moment."""
        if not choice.paused:
            self._frozen = None
            return self.source.tail(choice.rows + COMPARED, choice.market)
        if self._frozen is None or self._frozen.market != choice.market:
            self._frozen = Frozen(choice.market, self.source.tail(MOST_ROWS, choice.market), status.rows)
        return self._frozen.frame

    def _looks(self, status: Status, choice: Choice) -> object:
        """Gather what the picture depends on. The age is left out: it goes on by itself."""
        return status.state, words.facts(status), choice

    def _status(self, status: Status) -> Content:
        since = None if self._frozen is None else status.rows - self._frozen.rows
        return {
            "state": status.state,
            "age": None if status.age is None else round(status.age, 2),
            "pause": words.pause(since),
            "facts": words.facts(status),
        }

    def _table(self, frame: pd.DataFrame, limit: int) -> Content:
        shown = cells.columns(frame)
        content: Content = {}
        if shown != self._columns:
            self._seen.forget()
            self._columns = shown
            marked = cells.watched(frame)
            content["columns"] = [[column.name, column.number, column.name == marked] for column in shown]
        lines = Lines(frame, shown)
        part = self._seen.part(lines, limit)
        self._more = self._seen.missing(len(lines), limit)
        return content | part.content | self._chart(frame if part.fresh is None else frame.tail(part.fresh))

    def _chart(self, fresh: pd.DataFrame) -> Content:
        if fresh.empty and not self._whole:
            return {}
        self._trail.extend(fresh)
        chart = self._trail.drawn()
        return {"chart": chart} if chart else {}

    def _book(self, frame: pd.DataFrame) -> Content:
        self._more = False
        before, self._ladder = self._ladder, ladder.texts(frame)
        return {} if before == self._ladder else {"ladder": self._ladder}
