"""The view of a stream or book: live widgets in a notebook, text and HTML tables everywhere else."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from coinex_pandas.errors import InvalidArgument
from coinex_pandas.widget import notebook, text
from coinex_pandas.widget.content import MOST_ROWS, Choice
from coinex_pandas.widget.painter import Stats
from coinex_pandas.widget.source import Status, Watchable

if TYPE_CHECKING:
    import pandas as pd

    from coinex_pandas.widget.panel import Panel

__all__ = ["View", "watch"]

_MOST_TEXT_ROWS = 40
_WIDGET = "application/vnd.jupyter.widget-view+json"


def watch(source: Watchable, *, rows: int = 20, per_second: float = 4.0, seconds: float | None = None) -> View:
    """Return a view of a stream or book, which a notebook shows when it is a cell's last value.

    Parameters
    ----------
    source : Stream or Book
        What to show. The view only reads it; many views of one source are fine.
    rows : int, default 20
        Newest rows shown, at most 1,000, of whichever markets they are; the status line says of how many, and a market
        can be chosen above the table. Of a book the best levels, half of them on each side.
    per_second : float, default 4.0
        Repaints a second at most; the limit is 10. Data are received at their own pace, whatever is painted.
    seconds : float, optional
        Show the view now and wait this long, or until the source stops: for hosts that show background updates only
        while a cell runs (Colab), and for scripts. Interrupt the cell to go on earlier. None returns at once.

    Returns
    -------
    View
        With ``pip install 'coinex_pandas[notebook]'`` a live table, a chart, controls and a status line; otherwise
        its repr is a table of this moment.

    Raises
    ------
    InvalidArgument
        A number is outside its range.

    Examples
    --------
    >>> deals = cx.live.futures_deals("BTCUSDT", "ETHUSDT")
    >>> view = watch(deals, rows=50)
    """
    if not 1 <= rows <= MOST_ROWS:
        raise InvalidArgument(f"rows must be from 1 to {MOST_ROWS}, not {rows}")
    if not per_second > 0:
        raise InvalidArgument(f"per_second must be above 0, not {per_second}")
    if seconds is not None and not seconds >= 0:
        raise InvalidArgument(f"seconds must be 0 or more, not {seconds}")
    view = View(source, Choice(rows), per_second)
    if seconds is not None:
        view._show_for(seconds)
    return view


class View:
    """What `watch` returns: it shows itself in a notebook, and is text elsewhere.

    The thread that paints runs only while a browser shows the view. A displayed view is kept until `close`, or the end
    of the kernel, so that it comes back when the page is reloaded.
    """

    def __init__(self, source: Watchable, choice: Choice, per_second: float) -> None:
        self.source = source
        self._choice = choice
        self._per_second = per_second
        self._panel: Panel | None = None
        self._closed = False
        self._shown_in: int | None = None

    @property
    def stats(self) -> Stats:
        """Frames sent and left out, their bytes, and how many browser views are visible."""
        return Stats(0, 0, 0, 0) if self._panel is None else self._panel.painter.stats

    def close(self) -> None:
        """End the view, and the thread that paints it; the source goes on."""
        self._closed = True
        if self._panel is not None:
            self._panel.close()

    def __repr__(self) -> str:
        status, frame, rows, shown = self._moment()
        return f"{text.title(self.source)}: {text.line(status, shown)}\n{text.text_table(frame, rows)}"

    def _repr_html_(self) -> str:
        status, frame, rows, shown = self._moment()
        return text.html_line(text.title(self.source), text.line(status, shown)) + text.html_table(frame, rows)

    def _moment(self) -> tuple[Status, pd.DataFrame, int, list[str]]:
        """Return the status, the newest rows and one more, how many to show, and which markets are not among them."""
        status, choice = self.source.status(), self._current_choice()
        frame = self.source.tail(choice.rows + 1, choice.market)
        rows = min(choice.rows, _MOST_TEXT_ROWS)
        return status, frame, rows, [] if choice.market else text.scope(self.source, frame.tail(rows))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """Return text and HTML for wherever they are kept, and the live widgets where they are possible."""
        bundle: dict[str, Any] = {"text/plain": repr(self), "text/html": self._repr_html_()}
        if not self._closed and notebook.present() and notebook.has("ipywidgets"):
            bundle[_WIDGET] = {"version_major": 2, "version_minor": 0, "model_id": self._live().box.model_id}
        return bundle

    def _ipython_display_(self) -> None:
        """Show nothing at the end of the cell in which `watch(seconds=)` has already shown the view."""
        if self._shown_in is None or self._shown_in != notebook.execution():
            raise NotImplementedError  # IPython then asks for the bundle

    def _current_choice(self) -> Choice:
        return self._choice if self._panel is None else self._panel.painter.choice

    def _live(self) -> Panel:
        """Make the widgets at the first display, and paint."""
        from coinex_pandas.widget.panel import Panel

        if self._panel is None:
            self._panel = Panel(self.source, self._choice, self._per_second)
        self._panel.painter.on_display()
        return self._panel

    def _show_for(self, seconds: float) -> None:
        """Show the view in the running cell, and keep the cell running."""
        if notebook.present():
            from IPython.display import display

            display(self)  # type: ignore[no-untyped-call]  # IPython is only half typed
            self._shown_in = notebook.execution()
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and self.source.status().state != "stopped":
            time.sleep(min(left, 0.1))
