"""The live table where anywidget is missing: an HTML table, written anew at most twice a second."""

from __future__ import annotations

import pandas as pd

from coinex_pandas.widget import text as words
from coinex_pandas.widget.content import Choice, Content, Picture
from coinex_pandas.widget.frame_rate import Gate

MOST_ROWS = 40  # 11 kB a repaint; more would cost the browser too much
MOST_PER_SECOND = 2.0


class Page(Picture):
    """Each frame is the whole table as HTML."""

    def _body(self, frame: pd.DataFrame, choice: Choice) -> Content:
        self._more = False
        return {"html": words.html_table(frame, min(choice.rows, MOST_ROWS))}


class Unasked(Gate):
    """The rules where the browser never answers: a steady pace, until the view is closed."""

    def __init__(self, per_second: float) -> None:
        super().__init__(min(per_second, MOST_PER_SECOND))

    def watched(self, now: float, *, busy: bool) -> bool:
        """Assume that someone looks."""
        return True

    def under_way(self) -> bool:
        """Assume that every frame arrived."""
        return False
