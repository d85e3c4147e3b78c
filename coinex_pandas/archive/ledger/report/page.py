"""A document as a page of its own: no script, nothing loaded from elsewhere, made for screens and for A4."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from coinex_pandas.archive.ledger.report.document import Cell, Document, Section

__all__ = ["fragment", "page"]

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --paper: #fff; --band: #f6f8fa;
  --mark: #0a5c36; --warn: #9a3412; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --soft: #9198a1; --line: #3d444d; --paper: #0d1117; --band: #161b22; --mark: #5fd39a;
    --warn: #f0a35e; }
}
* { box-sizing: border-box; }
body { margin: 0; padding: 2rem 1.25rem 3rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 76rem; margin: 0 auto; }
h1 { font-size: 1.7rem; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .3rem; break-after: avoid; }
p { margin: .2rem 0 .6rem; color: var(--soft); max-width: 46rem; break-after: avoid; break-inside: avoid; }
p.verdict { color: var(--mark); font-weight: 600; font-size: 1.05rem; }
p.verdict.open { color: var(--warn); }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .1rem 1rem; margin: .8rem 0;
  font-size: .85rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; font-family: ui-monospace, "DejaVu Sans Mono", monospace; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .82rem; }
th, td { padding: .32rem .6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { color: var(--soft); font-weight: 600; border-bottom-width: 2px; white-space: nowrap; background: var(--band); }
td.number, th.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
td.wide { min-width: 14rem; }
ul { padding-left: 1.1rem; font-size: .85rem; } li { margin: .15rem 0; overflow-wrap: anywhere; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(19rem, 1fr)); gap: .8rem; }
.card { border: 1px solid var(--line); border-radius: .4rem; padding: .6rem .8rem; break-inside: avoid; }
.card h3 { margin: 0 0 .3rem; font-size: 1rem; } .card table { font-size: .8rem; }
.card th { background: none; border-bottom-width: 1px; font-weight: 400; padding-left: 0; }
.card td { padding-right: 0; overflow-wrap: anywhere; white-space: normal; }
.card tr:last-child > * { border-bottom: 0; }
.card td.text { text-align: left; }
@media (max-width: 40rem) { body { padding: 1rem .8rem 2rem; } .cards { grid-template-columns: minmax(0, 1fr); }
  .scroll table, .scroll tbody, .scroll tr { display: block; } .scroll thead { display: none; }
  .scroll tr { padding: .35rem 0; border-bottom: 2px solid var(--line); }
  .scroll td, .scroll td.number { display: grid; grid-template-columns: 7rem minmax(0, 1fr); border: 0;
    padding: .1rem 0; min-width: 0; text-align: left; white-space: normal; overflow-wrap: anywhere; }
  .scroll td::before { content: attr(data-name); color: var(--soft); } .scroll td:empty { display: none; }
}
@page { size: A4; margin: 14mm 12mm; }
@media print {
  :root { --ink: #000; --soft: #444; --line: #bbb; --paper: #fff; --band: #f2f2f2; --mark: #000;
    --warn: #000; }
  body { padding: 0; font-size: 9.5pt; } main { max-width: none; } .scroll { overflow: visible; }
  table { font-size: 7.6pt; } th, td { padding: .18rem .35rem; } .scroll th { white-space: normal; }
  td.wide, td.long { min-width: 0; white-space: normal; overflow-wrap: anywhere; }
  thead { display: table-header-group; } tr { break-inside: avoid; }
  .cards { grid-template-columns: repeat(2, minmax(0, 1fr)); }
}
"""
_WIDE = 24  # characters from which a column of text wants room
_TALL = 8  # columns from which each row becomes a card: no paper is wide enough for so many figures


def page(document: Document) -> str:
    """Return a document as an HTML page."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{escape(document.title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{_body(document)}</main>\n</body>\n</html>\n"
    )


def fragment(document: Document) -> str:
    """Return a document as HTML within another page, without its own colours."""
    return f'<div class="coinex-statement">\n{_body(document)}</div>'


def _body(document: Document) -> str:
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in document.facts)
    state = "verdict" if document.is_proved else "verdict open"
    notes = "".join(f"<li>{escape(note)}</li>" for note in document.notes)
    return (
        f'<h1>{escape(document.title)}</h1>\n<p class="{state}">{escape(document.verdict)}</p>\n<dl>{facts}</dl>\n'
        + "".join(_section(section) for section in document.sections)
        + (f"<section>\n<h2>Notes</h2>\n<ul>{notes}</ul>\n</section>\n" if notes else "")
        + "".join(_section(section) for section in document.appendix)
    )


def _section(section: Section) -> str:
    if not section.rows:
        content = f"<p>{escape(section.empty)}</p>\n"
    else:
        text = f"<p>{escape(section.text)}</p>\n" if section.text else ""
        content = text + (_cards(section) if len(section.header) >= _TALL else _table(section))
    return f"<section>\n<h2>{escape(section.title)}</h2>\n{content}</section>\n"


def _table(section: Section) -> str:
    places = range(len(section.header))
    kinds = [_kind([row[place] for row in section.rows]) for place in places]
    head = "".join(f"<th{kinds[place]}>{escape(section.header[place])}</th>" for place in places)
    lines = "".join(
        "<tr>" + "".join(_td(section.header[place], row[place].text, kinds[place]) for place in places) + "</tr>\n"
        for row in section.rows
    )
    table = f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{lines}</tbody>\n</table>"
    return f'<div class="scroll">\n{table}\n</div>\n'


def _td(name: str, text: str, kind: str) -> str:
    return f'<td{kind} data-name="{escape(name)}">{escape(text)}</td>'


def _cards(section: Section) -> str:
    return f'<div class="cards">\n{"".join(_card(section.header, row) for row in section.rows)}</div>\n'


def _card(header: Sequence[str], row: Sequence[Cell]) -> str:
    """Return a row as a card: its first cell as heading, below it a line for each cell that says something."""
    lines = "".join(
        f"<tr><th>{escape(name)}</th>"
        f'<td class="{"number" if cell.is_number else "text"}">{escape(cell.text)}</td></tr>\n'
        for name, cell in zip(header[1:], row[1:], strict=True)
        if cell.text not in ("", "0")
    )
    return f'<div class="card">\n<h3>{escape(row[0].text)}</h3>\n<table>\n{lines}</table>\n</div>\n'


def _kind(cells: list[Cell]) -> str:
    """Return the class of a column."""
    if any(cell.is_number for cell in cells):
        return f' class="number{" long" if any(len(cell.text) > _WIDE for cell in cells) else ""}"'
    return ' class="wide"' if any(len(cell.text) > _WIDE for cell in cells) else ""
