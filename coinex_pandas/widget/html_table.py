"""The live table without anywidget: an HTML table, written anew at most twice a second."""

from __future__ import annotations

import pandas as pd

from coinex_pandas.widget import text
from coinex_pandas.widget.content import Choice, Content, Message
from coinex_pandas.widget.frame_rate import FrameRate

MOST_ROWS = 40  # 11 kB a repaint; more would cost the browser too much
MOST_PER_SECOND = 2.0


class HtmlContent(Content):
    """Each message is the whole table as HTML."""

    most_rows = MOST_ROWS

    def _body(self, frame: pd.DataFrame, choice: Choice) -> Message:
        self._more = False
        return {"html": text.html_table(frame, min(choice.rows, self.most_rows))}


class FixedRate(FrameRate):
    """The rate where the browser never answers: a steady one, until the view is closed."""

    def __init__(self, per_second: float) -> None:
        super().__init__(min(per_second, MOST_PER_SECOND))

    def is_watched(self, now: float, *, busy: bool) -> bool:
        """Assume that somebody looks."""
        return True

    def is_pending(self) -> bool:
        """Assume that every frame arrived."""
        return False
