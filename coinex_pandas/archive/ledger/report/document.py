"""A statement's text and tables, before they become Markdown or a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

import pandas as pd

from coinex_pandas.archive.ledger.figures import moment, plain
from coinex_pandas.tables.times import unix_ms

__all__ = ["Cell", "Document", "Section", "section"]


class Cell(NamedTuple):
    """A cell's text, and whether it is a number."""

    text: str
    is_number: bool = False


@dataclass(frozen=True)
class Section:
    """A table under a heading; `empty` is what is said when it has no rows."""

    title: str
    text: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    empty: str = ""


@dataclass(frozen=True)
class Document:
    """A document: title, what it comes to and whether all is proved, facts, tables, notes, and what comes last."""

    title: str
    verdict: str
    is_proved: bool
    facts: Sequence[tuple[str, str]]
    sections: Sequence[Section]
    notes: Sequence[str]
    appendix: Sequence[Section] = ()


def section(title: str, frame: pd.DataFrame, text: str = "", *, empty: str = "") -> Section:
    """Return a section of a frame's rows; columns without any content are left out."""
    cells = {str(name): [_cell(value) for value in column] for name, column in frame.items()}
    used = {name: column for name, column in cells.items() if any(cell.text for cell in column)}
    rows = list(zip(*used.values(), strict=True)) if used else []
    return Section(title, text, [name.replace("_", " ") for name in used], rows, empty)


def _cell(value: Any) -> Cell:
    if isinstance(value, Decimal):
        return Cell(plain(value), is_number=True)
    if value is None or (not isinstance(value, tuple) and pd.isna(value)):
        return Cell("")
    if isinstance(value, pd.Timestamp):
        return Cell(moment(unix_ms(value)))
    if isinstance(value, bool):
        return Cell("yes" if value else "no")
    return Cell(str(value))
