"""The content of a view: the next message to the browser, with status, rows or ladder, and chart.

It has no thread, no browser and no clock.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pandas as pd

from coinex_pandas.widget import cells, ladder, text
from coinex_pandas.widget.difference import COMPARED, Difference, Lines
from coinex_pandas.widget.source import Status, Watchable
from coinex_pandas.widget.sparkline import Sparkline

MOST_ROWS = 1000

Message = dict[str, Any]
"""A frame for the browser, ready for JSON."""


class Choice(NamedTuple):
    """What the user has chosen in the view's controls."""

    rows: int
    market: str | None = None
    paused: bool = False


class PausedTable(NamedTuple):
    """The table at the moment of the pause, and how many rows had been received."""

    market: str | None
    frame: pd.DataFrame
    rows: int


class Content:
    """Messages for one view, each the difference to the one before; for one thread at a time."""

    most_rows = MOST_ROWS

    def __init__(self, source: Watchable) -> None:
        self.source = source
        self._paused_table: PausedTable | None = None
        self._last_appearance: object = None
        self._markets: set[str] = set()
        self._begin(None)

    def reset(self) -> None:
        """Let the next message hold all that a new browser view needs."""
        self._is_whole = self._more = True
        self._columns: list[cells.Column] = []
        self._ladder: Message | None = None
        self._difference.reset()

    def changed(self, status: Status, choice: Choice) -> bool:
        """Return whether there is anything to paint."""
        return self._more or self._appearance(status, choice) != self._last_appearance

    def message(self, status: Status, choice: Choice) -> Message:
        """Return the next message."""
        if choice.market != self._market:
            self._begin(choice.market)
        frame = self._tail(status, choice)
        if "market" in frame:
            self._markets.update(frame["market"].astype(str).unique())
        message = {"status": self._status(status, self._scope(frame, choice)), "rows": choice.rows}
        if self._is_whole:
            message |= {"whole": True, "name": text.title(self.source)}
        message |= self._body(frame, choice)
        self._is_whole, self._last_appearance = False, self._appearance(status, choice)
        return message

    def markets(self) -> list[str]:
        """Return the markets to choose from: those the source names, or those that have come."""
        return list(self.source.markets) or sorted(self._markets)

    def _body(self, frame: pd.DataFrame, choice: Choice) -> Message:
        """Return the part of the message that shows the table."""
        return self._book(frame) if ladder.is_book(frame) else self._table(frame, choice.rows)

    def _begin(self, market: str | None) -> None:
        """Begin anew with another market."""
        self._market = market
        self._difference = Difference()
        self._sparkline = Sparkline(market or next(iter(self.source.markets), None))
        self.reset()

    def _tail(self, status: Status, choice: Choice) -> pd.DataFrame:
        """Return the newest rows; while paused, those of that moment."""
        if not choice.paused:
            self._paused_table = None
            return self.source.tail(choice.rows + COMPARED, choice.market)
        if self._paused_table is None or self._paused_table.market != choice.market:
            self._paused_table = PausedTable(choice.market, self.source.tail(MOST_ROWS, choice.market), status.rows)
        return self._paused_table.frame

    def _appearance(self, status: Status, choice: Choice) -> object:
        """Return what the view's look depends on, without the age: the browser counts that itself."""
        return status.state, text.facts(status), choice

    def _scope(self, frame: pd.DataFrame, choice: Choice) -> list[str]:
        return [] if choice.market else text.scope(self.source, frame.tail(min(choice.rows, self.most_rows)))

    def _status(self, status: Status, shown: list[str]) -> Message:
        since = None if self._paused_table is None else status.rows - self._paused_table.rows
        return {
            "state": status.state,
            "age": None if status.age is None else round(status.age, 2),
            "pause": text.pause(since),
            "facts": " · ".join([text.facts(status), *shown]),
        }

    def _table(self, frame: pd.DataFrame, limit: int) -> Message:
        columns = cells.columns(frame)
        message: Message = {}
        if columns != self._columns:
            self._difference.reset()
            self._columns = columns
            main = cells.main_column(frame)
            message["columns"] = [[column.name, column.number, column.name == main] for column in columns]
        lines = Lines(frame, columns)
        part = self._difference.part(lines, limit)
        self._more = self._difference.is_incomplete(len(lines), limit)
        return message | part.message | self._chart(frame if part.new is None else frame.tail(part.new))

    def _chart(self, new: pd.DataFrame) -> Message:
        if new.empty and not self._is_whole:
            return {}
        self._sparkline.extend(new)
        chart = self._sparkline.chart()
        return {"chart": chart} if chart else {}

    def _book(self, frame: pd.DataFrame) -> Message:
        self._more = False
        before, self._ladder = self._ladder, ladder.texts(frame)
        return {} if before == self._ladder else {"ladder": self._ladder}
