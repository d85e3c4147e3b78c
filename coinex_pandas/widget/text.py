"""Text of a view: the status line, and the text and HTML tables for where no live table is possible."""

from __future__ import annotations

from html import escape

import pandas as pd

from coinex_pandas.widget import cells, ladder
from coinex_pandas.widget.source import Status, Watchable

MOST_NAMED = 5  # markets named in a line; more are counted

_MARK = {"+": "▲", "-": "▼", " ": ""}
_CELL = "padding:0 .6em;text-align:"
_TABLE = (
    "border-collapse:collapse;font:12px/1.5 monospace;font-variant-numeric:tabular-nums;white-space:nowrap;margin:0"
)
_COLOUR = {"▲": ";color:#2f8ab8", "▼": ";color:#d0693a"}  # readable on white and on black


def title(source: Watchable) -> str:
    """Return what is watched: the table and its markets."""
    few = len(source.markets) <= MOST_NAMED
    return f"{source.name} {', '.join(source.markets) if few else f'{len(source.markets):,} markets'}".strip()


def age(seconds: float | None) -> str:
    """Return how old the data are."""
    return "no data yet" if seconds is None else f"data {seconds:,.1f} s old"


def facts(status: Status) -> str:
    """Return the rest: why nothing comes, rows, messages per second, gaps, silent markets."""
    parts = [f"{status.rows:,} rows", f"{status.per_second:,.1f} messages/s", _gaps(status.gaps)]
    return " · ".join([*filter(None, [status.cause]), *parts, *_silent(status.silent)])


def scope(source: Watchable, frame: pd.DataFrame) -> list[str]:
    """Return how many of the source's markets the shown rows are of; nothing where they are of all."""
    markets = len(source.markets)
    shown = frame["market"].nunique() if "market" in frame else markets
    if not 0 < shown < markets:
        return []
    return [f"the newest {len(frame):,} rows are of {shown:,} of {markets:,} markets"]


def line(status: Status, shown: list[str]) -> str:
    """Return the whole status line; `shown` says what the rows do not show."""
    return " · ".join([status.state, age(status.age), facts(status), *shown])


def pause(rows: int | None) -> list[str]:
    """Return that painting is paused, and what came since; nothing while it is not."""
    return [] if rows is None else [f"paused, {rows:,} rows since"]


def text_table(frame: pd.DataFrame, rows: int) -> str:
    """Return the newest rows as text, newest first; of a book the best levels as a ladder."""
    shown, body = _table(frame, rows)
    heads = [column.name for column in shown]
    widths = [max(map(len, column)) for column in zip(heads, *body, strict=True)] if shown else []
    lines = [
        "  ".join(
            text.rjust(width) if column.number else text.ljust(width)
            for text, width, column in zip(row, widths, shown, strict=True)
        ).rstrip()
        for row in [tuple(heads), *body]
    ]
    return "\n".join(lines if body else [*lines, "(no rows yet)"])


def html_table(frame: pd.DataFrame, rows: int) -> str:
    """Return the same as an HTML table without scripts."""
    shown, body = _table(frame, rows)
    sides = ["right" if column.number else "left" for column in shown]
    head = _html_row("th", tuple(column.name for column in shown), sides)
    lines = "".join(_html_row("td", row, sides) for row in body) or "<tr><td>no rows yet</td></tr>"
    table = f'<table style="{_TABLE}"><thead>{head}</thead><tbody>{lines}</tbody></table>'
    return f'<div style="overflow-x:auto">{table}</div>'


def html_line(name: str, text: str) -> str:
    """Return what is watched and the status line, as HTML above a table."""
    return f'<div style="line-height:1.5"><b>{escape(name)}</b> {escape(text)}</div>'


def _table(frame: pd.DataFrame, rows: int) -> tuple[list[cells.Column], list[cells.Row]]:
    """Return the columns and rows, padded, with arrows."""
    if ladder.is_book(frame):
        frame = ladder.ordered(frame, max(1, rows // 2))
        return _padded(frame, cells.columns(frame), "")
    marks = cells.marks(frame)[::-1][:rows]
    return _padded(frame.iloc[::-1].head(rows), cells.columns(frame), marks)


def _padded(frame: pd.DataFrame, shown: list[cells.Column], marks: str) -> tuple[list[cells.Column], list[cells.Row]]:
    body = cells.rows(frame, shown)
    markets = frame["market"].astype(str).tolist() if "market" in frame else [""] * len(body)
    price = cells.main_column(frame) if marks else None
    texts = []
    for column, cut in zip(shown, zip(*body, strict=True) if body else [()] * len(shown), strict=True):
        lines = cells.padded(list(cut), markets) if column.number else list(cut)
        if column.name == price:
            lines = [f"{_MARK[mark]} {text}".strip() for mark, text in zip(marks, lines, strict=True)]
        texts.append(lines)
    return shown, list(zip(*texts, strict=True))


def _html_row(tag: str, row: cells.Row, sides: list[str]) -> str:
    styles = [f"{_CELL}{side}{_COLOUR.get(text[:1], '')}" for text, side in zip(row, sides, strict=True)]
    cell = (f'<{tag} style="{style}">{escape(text)}</{tag}>' for text, style in zip(row, styles, strict=True))
    return f"<tr>{''.join(cell)}</tr>"


def _gaps(count: int) -> str:
    return {0: "no gaps", 1: "1 gap"}.get(count, f"{count:,} gaps")


def _silent(markets: tuple[str, ...]) -> list[str]:
    if not markets:
        return []
    more = f" and {len(markets) - MOST_NAMED:,} more" if len(markets) > MOST_NAMED else ""
    return [f"silent: {', '.join(markets[:MOST_NAMED])}{more}"]
