"""A document as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable

from coinex_pandas.archive.ledger.report.document import Document, Section

__all__ = ["markdown"]

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")


def markdown(document: Document) -> str:
    """Return a document as Markdown; texts are escaped, so that none becomes markup."""
    head = [f"# {_escaped(document.title)}", f"**{_escaped(document.verdict)}**"]
    facts = "\n".join(f"- {name}: `{_code(value)}`" for name, value in document.facts)
    notes = "\n".join(f"- {_escaped(note)}" for note in document.notes)
    end = ["## Notes", notes] if notes else []
    last = [_section(each) for each in document.appendix]
    return "\n\n".join([*head, facts, *(_section(each) for each in document.sections), *end, *last]) + "\n"


def _section(section: Section) -> str:
    parts = [f"## {_escaped(section.title)}", _escaped(section.text)]
    if not section.rows:
        return "\n\n".join([parts[0], _escaped(section.empty)])
    numeric = [any(row[place].is_number for row in section.rows) for place in range(len(section.header))]
    lines = [
        _line(_escaped(name) for name in section.header),
        _line("---:" if number else "---" for number in numeric),
        *(_line(_escaped(cell.text) for cell in row) for row in section.rows),
    ]
    return "\n\n".join(part for part in [*parts, "\n".join(lines)] if part)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _code(text: str) -> str:
    return " ".join(text.split()).replace("`", "'")
