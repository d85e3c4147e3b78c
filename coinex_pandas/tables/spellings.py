"""Other spellings: an answer with the names that its row class declares, whatever the wire calls them.

Pages, clients and captures of the wire disagree on some names. A row class lists the other ones in ``also``, fields of
older versions in ``former``, and the batch wrapper that older answers lack in ``wrapped``; the declared reading knows
nothing of any of them, and stays quick.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

from coinex_pandas.tables.row import Row, fields, row_in

__all__ = ["other_names", "respell", "respell_object"]

Cells = dict[str, msgspec.Raw]
"""A JSON object whose cells are not looked into, so that every digit stays."""


def respell(row: type[Row], body: bytes) -> bytes:
    """Return an answer with declared names; the same bytes where there is nothing to do."""
    if not _may_differ(row, body):
        return body
    try:
        envelope = msgspec.json.decode(body, type=Cells)
        envelope["data"] = _respell_data(row, envelope["data"])
    except (msgspec.DecodeError, KeyError):
        return body  # the readings say what is wrong with it
    return msgspec.json.encode(envelope)


def respell_object(row: type[Row], item: Mapping[str, msgspec.Raw]) -> Cells:
    """Return one JSON object with declared names: a row of an answer, or a push of a socket.

    Where a cell has both names, the declared one counts, unless it is empty.
    """
    cells = {name: cell for name, cell in item.items() if name not in row.also and name not in row.former}
    for name, declared in row.also.items():
        if name in item and _is_blank(cells.get(declared)):
            cells[declared] = item[name]
    if row.wrapped and row.wrapped not in cells:
        cells = _with_wrapper(row, cells)
    for name, inner in _inner_rows(row).items():
        if name in cells:
            cells[name] = _respell_data(inner, cells[name])
    return cells


def _may_differ(row: type[Row], body: bytes) -> bool:
    return _has_wrapper(row) or any(name in body for name in _quoted_names(row))


def _respell_data(row: type[Row], raw: msgspec.Raw) -> msgspec.Raw:
    start = bytes(raw)[:1]
    if start == b"[":
        items = msgspec.json.decode(raw, type=list[msgspec.Raw])
        return msgspec.Raw(msgspec.json.encode([_respell_data(row, item) for item in items]))
    if start == b"{":
        return msgspec.Raw(msgspec.json.encode(respell_object(row, msgspec.json.decode(raw, type=Cells))))
    return raw


def _with_wrapper(row: type[Row], item: Cells) -> Cells:
    """Return an item of a batch as it is documented; before 2024-08-22 an item that succeeded had no wrapper."""
    own = {name: cell for name, cell in item.items() if name in row.__struct_encode_fields__}
    inside = {name: cell for name, cell in item.items() if name not in own}
    if not inside:
        return own | {row.wrapped: msgspec.Raw(b"null")}
    return {"code": msgspec.Raw(b"0"), **own, row.wrapped: msgspec.Raw(msgspec.json.encode(inside))}


def _is_blank(raw: msgspec.Raw | None) -> bool:
    return raw is None or bytes(raw) in (b"null", b'""')


@cache
def _inner_rows(row: type[Row]) -> dict[str, type[Row]]:
    inner_rows = {name: row_in(hint) for name, hint in fields(row).items()}
    return {name: inner for name, inner in inner_rows.items() if inner is not None}


@cache
def _quoted_names(row: type[Row]) -> tuple[bytes, ...]:
    inner = [name for each in _inner_rows(row).values() for name in _quoted_names(each)]
    return (*(f'"{name}"'.encode() for name in (*row.also, *row.former)), *inner)


@cache
def _has_wrapper(row: type[Row]) -> bool:
    return bool(row.wrapped)


def other_names(row: type[Row]) -> dict[str, Any]:
    """Return every other spelling of a table, and the name that it stands for: for tests and reference pages."""
    inner = {name: field for each in _inner_rows(row).values() for name, field in other_names(each).items()}
    return {**row.also, **inner}
