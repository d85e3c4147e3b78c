"""What a private channel pushes, and what HTTP says of the same thing, as rows of one class.

Private pushes are few, and pages and captures disagree on their spellings, so each is read with care instead of
quickly: the names that the row class knows under others, any case of documented words, blanks for what is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
import pandas as pd
from msgspec import UNSET, Raw

from coinex_pandas.live.channel import Channel
from coinex_pandas.live.protocol.messages import BadFrame
from coinex_pandas.tables.kinds import ChoiceKind, IdKind, Kind, NameKind, NameOrNoneKind, TextOrNoneKind
from coinex_pandas.tables.row import Row
from coinex_pandas.tables.rows.account_push import FINISH, SNAPSHOT, UPDATE
from coinex_pandas.tables.spellings import respell_object
from coinex_pandas.tables.structs import row_type
from coinex_pandas.tables.unknown_columns import extras_in_objects

__all__ = ["Key", "age", "ended", "is_later", "key_of", "row_of", "rows_in", "rows_of", "same", "time_of", "with_end"]

Key = tuple[Any, ...]
"""What a row is about: the cells of the channel's key."""

_BLANK = (b"null", b'""', b'"null"')
_ACTIVE = {"put": "put", "active_success": "active", "active_fail": "active", "cancel": "cancel"}
"""The event that a stop order's status tells of, where the event itself is no word."""


def rows_in(known: Channel, data: Raw) -> list[Any]:
    """Return the rows of a push, oldest first.

    Raises
    ------
    BadFrame
        It is not what is documented.
    """
    try:
        return [_row(known, cells) for cells in _objects(known, data)]
    except (msgspec.DecodeError, ValueError, KeyError, UnicodeDecodeError) as fault:
        raise BadFrame(f"a push of {known.name} is not what is documented ({fault})", known.method) from fault


def rows_of(known: Channel, table: type[Row], frame: pd.DataFrame, event: str = "") -> list[Any]:
    """Return the rows of a frame that HTTP answered, its numbers as text."""
    own = {column.name for column in known.row.columns()}
    about = {"event": event} if event else {}
    if not len(frame):
        return []
    wire = [{name: cell for name, cell in cells.items() if name in own} for cells in table.to_wire(frame)]
    return [row_of(known, cells | about) for cells in wire]


def row_of(known: Channel, cells: Mapping[str, Any]) -> Any:
    """Return a row of cells as the wire has them."""
    return _row(known, {name: Raw(msgspec.json.encode(cell)) for name, cell in cells.items()})


def _objects(known: Channel, data: Raw) -> list[dict[str, Raw]]:
    """Return the objects of a push that are rows, each with its event."""
    if bytes(data)[:1] == b"[":  # as one client has it: the rows of HTTP
        return [_opened(known, item) for item in msgspec.json.decode(data, type=list[dict[str, Raw]])]
    push = msgspec.json.decode(data, type=dict[str, Raw])
    inside = known.private.inside if known.private is not None else ""
    inner = push.get(inside) if inside else None
    if inner is None:
        return [_opened(known, push)]
    event = {name: cell for name, cell in push.items() if name == "event"}
    if bytes(inner)[:1] == b"[":
        return [_opened(known, event | item) for item in msgspec.json.decode(inner, type=list[dict[str, Raw]])]
    return [_opened(known, event | msgspec.json.decode(inner, type=dict[str, Raw]))]


def _opened(known: Channel, cells: dict[str, Raw]) -> dict[str, Raw]:
    return respell_object(known.row, cells)


def _row(known: Channel, cells: dict[str, Raw]) -> Any:
    kinds = _kinds(known.row)
    given = {name: _plain(kinds.get(name), cell) for name, cell in cells.items()}
    given = {name: cell for name, cell in given.items() if bytes(cell) not in _BLANK}
    is_odd = not given.keys() <= kinds.keys()
    extras = extras_in_objects(known.row, [dict.fromkeys(given)]) if is_odd else ()
    row = msgspec.json.decode(msgspec.json.encode(given), type=row_type(known.row, extras), strict=False)
    needed = [name for name in _needed(known) if getattr(row, name) is UNSET]
    if needed:
        raise ValueError(f"a row without {' or '.join(needed)}")
    return _completed(known, row)


@cache
def _kinds(row: type[Row]) -> dict[str, Kind]:
    return {column.name: column.kind for column in row.columns()}


@cache
def _needed(known: Channel) -> tuple[str, ...]:
    """Return the columns without which a row cannot be told from others, and those that cannot be missing."""
    keys = {*(known.private.key if known.private is not None else ()), *known.row.index_names()}
    own = [column for column in known.row.columns() if not column.optional]
    return tuple(column.name for column in own if column.name in keys or isinstance(column.kind, IdKind))


def _plain(kind: Kind | None, cell: Raw) -> Raw:
    """Return a cell as it is declared: a documented word in its own spelling, a blank where nothing was given."""
    if isinstance(kind, ChoiceKind):
        value = msgspec.json.decode(cell)
        return Raw(msgspec.json.encode(kind.word(value) if isinstance(value, str) else _worded(value)))
    if isinstance(kind, (TextOrNoneKind, NameOrNoneKind)):
        cell = Raw(b"null") if bytes(cell).strip(b'" ') in (b"", b"null") else cell
    if isinstance(kind, NameKind) and bytes(cell)[:1] == b'"':  # some samples have blanks around a market
        return Raw(msgspec.json.encode(msgspec.json.decode(cell, type=str).strip()))
    return cell


def _worded(value: Any) -> str | None:
    return None if value is None else str(value)


def _completed(known: Channel, row: Any) -> Any:
    """Fill in what follows from the rest: pushes tell neither market type nor status, and balances no event."""
    if _has(row, "market_type") and row.market_type is UNSET:
        is_margin = known.area == "spot" and _given(row, "margin_market")
        row.market_type = "MARGIN" if is_margin else known.area.upper()
    if _has(row, "margin_market") and _given(row, "market_type") == "MARGIN" and not _given(row, "margin_market"):
        row.margin_market = row.market
    if known.method == "stop":
        _complete_stop(row)
    elif _has(row, "event") and row.event is UNSET:
        row.event = UPDATE
    if known.method == "order" and row.status is UNSET:
        row.status = _status(row)
    return row


def _complete_stop(row: Any) -> None:
    if row.event is UNSET or row.event not in (*_ACTIVE.values(), FINISH, SNAPSHOT):
        row.event = _ACTIVE.get(row.status, row.event)  # the documented sample has the number 1 for an event
    if row.event == FINISH:
        row.event = _ACTIVE.get(row.status, FINISH)  # HTTP is not known to tell a status, but may
    if row.status is UNSET and row.event == SNAPSHOT:
        row.status = "put"


def _status(row: Any) -> str:
    """Return the status of an order, which the exchange leaves to be told from the event and the amounts."""
    is_filled = bool(_number(row, "filled_amount") or _number(row, "filled_value"))
    if row.event != FINISH:
        return "part_filled" if is_filled else "open"
    if is_filled:
        return "part_canceled" if _number(row, "unfilled_amount") else "filled"
    return "canceled"


def with_end(known: Channel, row: Any) -> Any:
    """Return the last known row of something that was gone when it was asked for."""
    ended = msgspec.structs.replace(row, event=FINISH)
    if known.method in ("order", "stop"):
        ended.status = _status(ended) if known.method == "order" else UNSET
    return ended


# ---- what tells rows apart


def key_of(known: Channel, row: Any) -> Key:
    """Return what a row is about."""
    keys = known.private.key if known.private is not None else ()
    return tuple(getattr(row, name) for name in keys)


def ended(known: Channel, row: Any) -> bool:
    """Return whether nothing follows a row."""
    if known.private is None or not known.private.ends:
        return False
    return row.event in known.private.ends or (row.event == "adl" and not _number(row, "open_interest"))


def age(known: Channel, row: Any) -> tuple[bool, int, float]:
    """Return what grows from one row of a thing to the next, as far as the exchange tells it; equal ages are possible.

    An end comes last even where it has no time: finished orders have been seen with ``updated_at`` 0.
    """
    return ended(known, row), time_of(row), _number(row, "filled_amount")


def time_of(row: Any) -> int:
    """Return the exchange's time of a row; 0 where it tells none."""
    return _given(row, "updated_at") or _given(row, "created_at") or 0


def is_later(row: Any, before: Any) -> bool:
    """Return whether the exchange's own time of a row is known to be after that of another."""
    time, former = _given(row, "updated_at"), _given(before, "updated_at")
    return bool(time and former and time > former)


def same(one: Any, other: Any, *, but: Sequence[str] = ()) -> bool:
    """Return whether two rows say the same, as far as both say something."""
    for name in one.__struct_fields__:
        if name in but or not _has(other, name):
            continue
        mine, its = getattr(one, name), getattr(other, name)
        if mine is not UNSET and its is not UNSET and mine != its:
            return False
    return True


def _has(row: Any, name: str) -> bool:
    return name in row.__struct_fields__


def _given(row: Any, name: str) -> Any:
    value = getattr(row, name, UNSET)
    return None if value is UNSET else value


def _number(row: Any, name: str) -> float:
    value = _given(row, name)
    return value if isinstance(value, float) else 0.0
