"""The widgets of one view: controls from ipywidgets, and the table, our own or plain HTML."""

from __future__ import annotations

import time
from functools import cache
from importlib.resources import files
from typing import Any

from coinex_pandas.widget import notebook as kernel
from coinex_pandas.widget import text as words
from coinex_pandas.widget.content import MOST_ROWS, Choice, Content, Picture
from coinex_pandas.widget.frame_rate import Gate
from coinex_pandas.widget.html_table import Page, Unasked
from coinex_pandas.widget.painter import Painter
from coinex_pandas.widget.source import Watchable

ROWS = (10, 20, 50, 100, 200, 500, MOST_ROWS)
_OFFER = 5.0  # seconds between two looks for new markets, where the source names none


class Panel:
    """Controls above a table, painted by `painter`; `box` is the widget that holds them."""

    def __init__(self, source: Watchable, choice: Choice, per_second: float) -> None:
        import ipywidgets

        own = kernel.has("anywidget")
        picture, gate = (Picture(source), Gate(per_second)) if own else (Page(source), Unasked(per_second))
        self._picture = picture
        self._offered_at = time.monotonic()
        self.painter = Painter(picture, gate, self._send, choice)
        first = self.painter.first()
        self._table = _live_table(first, self.painter) if own else ipywidgets.HTML(_page(words.title(source), first))
        self._make_controls(choice)
        controls = [self._pause, self._stop, self._market, self._rows]
        self.box = ipywidgets.VBox([ipywidgets.HBox(controls, layout={"flex_flow": "row wrap"}), self._table])

    def close(self) -> None:
        """End the painter and take the widgets away."""
        self.painter.close()
        # A browser still shows what was painted last; the kernel keeps nothing.
        for widget in (self._pause, self._stop, self._market, self._rows, self._table, *self.box.children, self.box):
            widget.close()

    def _make_controls(self, choice: Choice) -> None:
        import ipywidgets as w

        slim = {"width": "auto"}
        self._pause = w.ToggleButton(
            description="Pause", icon="pause", tooltip="Stop painting; the data go on", layout=slim
        )
        self._stop = w.Button(description="Stop", icon="stop", tooltip="End the stream", layout=slim)
        markets = self._picture.markets()
        wide = {"width": "240px", "display": "none" if len(markets) == 1 else None}
        self._market = w.Dropdown(description="market", options=_options(markets), layout=wide)
        rows = sorted({*ROWS, choice.rows})
        self._rows = w.Dropdown(description="rows", options=rows, value=choice.rows, layout={"width": "160px"})
        self._pause.observe(self._paused, "value")
        self._stop.on_click(lambda _button: self.painter.stop_source())
        self._market.observe(lambda change: self.painter.choose(market=change["new"] or None), "value")
        self._rows.observe(lambda change: self.painter.choose(rows=change["new"]), "value")

    def _paused(self, change: dict[str, Any]) -> None:
        self._pause.description = "Resume" if change["new"] else "Pause"
        self._pause.icon = "play" if change["new"] else "pause"
        self.painter.choose(paused=change["new"])

    def _send(self, content: Content) -> None:
        if hasattr(self._table, "value"):
            self._table.value = _page(words.title(self._picture.source), content)
        else:
            self._table.send(content)
        if content.get("status", {}).get("state") == "stopped":
            self._stop.disabled = True
        self._offer_markets()

    def _offer_markets(self) -> None:
        """Let the markets that a source of all markets has sent be chosen."""
        now = time.monotonic()
        # New options select the first one, so they wait while a market is selected.
        if self._picture.source.markets or now - self._offered_at < _OFFER or self._market.value:
            return
        self._offered_at = now
        options = _options(self._picture.markets())
        if len(options) != len(self._market.options):
            self._market.options = options


def _options(markets: list[str]) -> list[tuple[str, str]]:
    # A choice of None would be shown as no choice at all.
    return [("all markets", ""), *((market, market) for market in markets)]


def _page(name: str, content: Content) -> str:
    """Write the whole of the plain view."""
    if "failed" in content:
        return words.html_line(name, f"the view stopped: {content['failed']}")
    status = content["status"]
    said = [status["state"], *status["pause"], words.age(status["age"]), status["facts"]]
    return f"{words.html_line(name, ' · '.join(said))}{content['html']}"


def _live_table(first: Content, painter: Painter) -> Any:
    table = _table_class()(opening=first)
    table.on_msg(lambda _table, said, _buffers: painter.heard(said))
    return table


@cache
def _table_class() -> Any:
    """Make the widget's class: anywidget is loaded now, not with the package."""
    import anywidget
    import traitlets

    class LiveTable(anywidget.AnyWidget):  # type: ignore[misc,unused-ignore]
        """The table and its chart; frames come as messages, only the first is part of the widget's state."""

        _esm = "\n".join(map(_browser_file, ("link.js", "screen.js", "table.js", "charts.js")))
        _css = _browser_file("live_table.css")
        opening = traitlets.Dict().tag(sync=True)

    return LiveTable


def _browser_file(name: str) -> str:
    return files("coinex_pandas.widget").joinpath("browser", name).read_text("utf-8")
