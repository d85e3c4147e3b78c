"""The panel of one view: controls from ipywidgets, and the live table, or plain HTML without anywidget."""

from __future__ import annotations

import time
from functools import cache
from importlib.resources import files
from typing import Any

from coinex_pandas.widget import notebook, text
from coinex_pandas.widget.content import MOST_ROWS, Choice, Content, Message
from coinex_pandas.widget.frame_rate import FrameRate
from coinex_pandas.widget.html_table import FixedRate, HtmlContent
from coinex_pandas.widget.painter import Painter
from coinex_pandas.widget.source import Watchable

ROWS = (10, 20, 50, 100, 200, 500, MOST_ROWS)
_OFFER = 5.0  # seconds between two looks for new markets, where the source names none


class Panel:
    """Controls above a table, which `painter` paints; `box` is the widget that holds them."""

    def __init__(self, source: Watchable, choice: Choice, per_second: float) -> None:
        import ipywidgets

        is_live = notebook.has("anywidget")
        self._content = Content(source) if is_live else HtmlContent(source)
        frame_rate = FrameRate(per_second) if is_live else FixedRate(per_second)
        self._offered_at = time.monotonic()
        self.painter = Painter(self._content, frame_rate, self._send, choice)
        first = self.painter.first()
        self._table = _live_table(first, self.painter) if is_live else ipywidgets.HTML(_page(text.title(source), first))
        self._make_controls(choice)
        controls = [self._pause, self._stop, self._market, self._rows]
        self.box = ipywidgets.VBox([ipywidgets.HBox(controls, layout={"flex_flow": "row wrap"}), self._table])

    def close(self) -> None:
        """End the painter and take the widgets away."""
        self.painter.close()
        # A browser still shows the last frame; the kernel keeps nothing.
        for widget in (self._pause, self._stop, self._market, self._rows, self._table, *self.box.children, self.box):
            widget.close()

    def _make_controls(self, choice: Choice) -> None:
        import ipywidgets as w

        slim = {"width": "auto"}
        self._pause = w.ToggleButton(
            description="Pause", icon="pause", tooltip="Stop painting; the data go on", layout=slim
        )
        self._stop = w.Button(description="Stop", icon="stop", tooltip="End the stream", layout=slim)
        markets = self._content.markets()
        wide = {"width": "240px", "display": "none" if len(markets) == 1 else None}
        self._market = w.Dropdown(description="market", options=_options(markets), layout=wide)
        rows = sorted({*ROWS, choice.rows})
        self._rows = w.Dropdown(description="rows", options=rows, value=choice.rows, layout={"width": "160px"})
        self._pause.observe(self._on_pause, "value")
        self._stop.on_click(lambda _button: self.painter.stop_source())
        self._market.observe(lambda change: self.painter.choose(market=change["new"] or None), "value")
        self._rows.observe(lambda change: self.painter.choose(rows=change["new"]), "value")

    def _on_pause(self, change: dict[str, Any]) -> None:
        self._pause.description = "Resume" if change["new"] else "Pause"
        self._pause.icon = "play" if change["new"] else "pause"
        self.painter.choose(paused=change["new"])

    def _send(self, message: Message) -> None:
        if hasattr(self._table, "value"):
            self._table.value = _page(text.title(self._content.source), message)
        else:
            self._table.send(message)
        if message.get("status", {}).get("state") == "stopped":
            self._stop.disabled = True
        self._offer_markets()

    def _offer_markets(self) -> None:
        """Offer the markets that a source of all markets has sent."""
        now = time.monotonic()
        # New options select the first one, so they wait while a market is selected.
        if self._content.source.markets or now - self._offered_at < _OFFER or self._market.value:
            return
        self._offered_at = now
        options = _options(self._content.markets())
        if len(options) != len(self._market.options):
            self._market.options = options


def _options(markets: list[str]) -> list[tuple[str, str]]:
    # A choice of None would be shown as no choice at all.
    return [("any market", ""), *((market, market) for market in markets)]


def _page(name: str, message: Message) -> str:
    """Return the whole of the plain view."""
    if "failed" in message:
        return text.html_line(name, f"the view stopped: {message['failed']}")
    status = message["status"]
    line = [status["state"], *status["pause"], text.age(status["age"]), status["facts"]]
    return f"{text.html_line(name, ' · '.join(line))}{message['html']}"


def _live_table(first: Message, painter: Painter) -> Any:
    table = _table_class()(opening=first)
    table.on_msg(lambda _table, message, _buffers: painter.on_message(message))
    return table


@cache
def _table_class() -> Any:
    """Return the widget's class: anywidget is loaded now, not with the package."""
    import anywidget
    import traitlets

    class LiveTable(anywidget.AnyWidget):  # type: ignore[misc,unused-ignore]  # without anywidget its class is Any, with it none is needed
        """The table and its chart; frames come as messages, only the first one is part of the widget's state."""

        _esm = "\n".join(map(_browser_file, ("connection.js", "screen.js", "table.js", "charts.js")))
        _css = _browser_file("live_table.css")
        opening = traitlets.Dict().tag(sync=True)

    return LiveTable


def _browser_file(name: str) -> str:
    return files("coinex_pandas.widget").joinpath("browser", name).read_text("utf-8")
