"""What an account's channel pushes, and what HTTP replies about the same thing, as rows of one class.

These pushes are few, and the documentation and captured pushes disagree on spellings, so each is decoded with care
instead of quickly: other spellings of a column's name, documented words in any case, blanks for what is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
import pandas as pd
from msgspec import UNSET, Raw

from coinex_pandas.errors.quoting import quoted
from coinex_pandas.live.channel import Channel
from coinex_pandas.live.protocol.messages import BadFrame
from coinex_pandas.tables.kinds import ChoiceKind, IdKind, Kind, NameKind, NameOrNoneKind, TextOrNoneKind
from coinex_pandas.tables.row import Row
from coinex_pandas.tables.rows.account_push import FINISH, SNAPSHOT, UPDATE
from coinex_pandas.tables.spellings import respell_object
from coinex_pandas.tables.structs import row_type
from coinex_pandas.tables.unknown_columns import Extras, extras_in_objects

__all__ = [
    "Key",
    "age",
    "completed",
    "is_last",
    "is_later",
    "key_of",
    "row_of",
    "rows_in",
    "rows_of",
    "same",
    "time_of",
    "with_end",
]

Key = tuple[Any, ...]
"""What a row is about: the cells of the channel's key."""

_BLANK = (b"null", b'""', b'"null"')
_ACTIVE = {"put": "put", "active_success": "active", "active_fail": "active", "cancel": "cancel"}
"""The event that follows from a stop order's status, where the event itself is no word."""


def rows_in(channel: Channel, data: Raw, extras: Extras) -> list[Any]:
    """Return the rows of a push, oldest first.

    Parameters
    ----------
    channel : Channel
        Whose push.
    data : Raw
        What is pushed.
    extras : Extras
        The columns that are not declared and came before; new ones are added.

    Raises
    ------
    BadFrame
        It is not what is documented.
    """
    try:
        return [_row(channel, cells, extras) for cells in _objects(channel, data)]
    except (msgspec.DecodeError, ValueError, KeyError, UnicodeDecodeError, RecursionError) as fault:
        cause = quoted(fault)
        raise BadFrame(f"a push of {channel.name} is not what is documented ({cause})", channel.method) from fault


def rows_of(channel: Channel, table: type[Row], frame: pd.DataFrame, event: str = "") -> list[Any]:
    """Return the rows of a frame that came over HTTP, its numbers as text."""
    own = {column.name for column in channel.row.columns()}
    with_event = {"event": event} if event else {}
    if not len(frame):
        return []
    wire = [{name: cell for name, cell in cells.items() if name in own} for cells in table.to_wire(frame)]
    return [row_of(channel, cells | with_event) for cells in wire]


def row_of(channel: Channel, cells: Mapping[str, Any]) -> Any:
    """Return a row made of cells as the wire has them."""
    return _row(channel, {name: Raw(msgspec.json.encode(cell)) for name, cell in cells.items()}, Extras())


def _objects(channel: Channel, data: Raw) -> list[dict[str, Raw]]:
    """Return the objects of a push that are rows, each with its event."""
    if bytes(data)[:1] == b"[":  # as one client has it: the rows of HTTP
        return [_respelled(channel, item) for item in msgspec.json.decode(data, type=list[dict[str, Raw]])]
    push = msgspec.json.decode(data, type=dict[str, Raw])
    inside = channel.private.inside if channel.private is not None else ""
    inner = push.get(inside) if inside else None
    if inner is None:
        return [_respelled(channel, push)]
    event = {name: cell for name, cell in push.items() if name == "event"}
    if bytes(inner)[:1] == b"[":
        return [_respelled(channel, event | item) for item in msgspec.json.decode(inner, type=list[dict[str, Raw]])]
    return [_respelled(channel, event | msgspec.json.decode(inner, type=dict[str, Raw]))]


def _respelled(channel: Channel, cells: dict[str, Raw]) -> dict[str, Raw]:
    return respell_object(channel.row, cells)


def _row(channel: Channel, cells: dict[str, Raw], extras: Extras) -> Any:
    kinds = _kinds(channel.row)
    plain = {name: _plain(kinds.get(name), cell) for name, cell in cells.items()}
    plain = {name: cell for name, cell in plain.items() if bytes(cell) not in _BLANK}
    if not plain.keys() <= kinds.keys():
        extras.add(channel.row, extras_in_objects(channel.row, [dict.fromkeys(plain)]))
    kind = row_type(channel.row, extras.of(channel.row))
    row = msgspec.json.decode(msgspec.json.encode(plain), type=kind, strict=False)
    missing = [name for name in _needed(channel) if getattr(row, name) is UNSET]
    if missing:
        raise ValueError(f"a row without {' or '.join(missing)}")
    _complete(channel, row)
    return row


@cache
def _kinds(row: type[Row]) -> dict[str, Kind]:
    return {column.name: column.kind for column in row.columns()}


@cache
def _needed(channel: Channel) -> tuple[str, ...]:
    """Return the columns without which a row cannot be distinguished from others, and those that cannot be missing."""
    keys = {*(channel.private.key if channel.private is not None else ()), *channel.row.index_names()}
    own = [column for column in channel.row.columns() if not column.optional]
    return tuple(column.name for column in own if column.name in keys or isinstance(column.kind, IdKind))


def _plain(kind: Kind | None, cell: Raw) -> Raw:
    """Return a cell as it is declared: a documented word in its own spelling, null for a blank."""
    if isinstance(kind, ChoiceKind):
        value = msgspec.json.decode(cell)
        return Raw(msgspec.json.encode(kind.word(value) if isinstance(value, str) else _text(value)))
    if isinstance(kind, (TextOrNoneKind, NameOrNoneKind)):
        cell = Raw(b"null") if bytes(cell).strip(b'" ') in (b"", b"null") else cell
    if isinstance(kind, NameKind) and bytes(cell)[:1] == b'"':  # some samples have blanks around a market
        return Raw(msgspec.json.encode(msgspec.json.decode(cell, type=str).strip()))
    return cell


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _complete(channel: Channel, row: Any) -> None:
    """Fill in what follows from the rest: pushes have neither market type nor status, and balances no event."""
    if _has(row, "market_type") and row.market_type is UNSET:
        is_margin = channel.area == "spot" and _cell(row, "margin_market")
        row.market_type = "MARGIN" if is_margin else channel.area.upper()
    if _has(row, "margin_market") and _cell(row, "market_type") == "MARGIN" and not _cell(row, "margin_market"):
        row.margin_market = row.market
    if channel.method == "stop":
        _complete_stop(row)
    elif _has(row, "event") and row.event is UNSET:
        row.event = UPDATE
    if channel.method == "order" and row.status is UNSET:
        row.status = _status(row)


def _complete_stop(row: Any) -> None:
    if row.event is UNSET or row.event not in (*_ACTIVE.values(), FINISH, SNAPSHOT):
        row.event = _ACTIVE.get(row.status, row.event)  # the documented sample has the number 1 for an event
    if row.event == FINISH:
        row.event = _ACTIVE.get(row.status, FINISH)  # no reply over HTTP is known to have a status
    if row.status is UNSET and row.event == SNAPSHOT:
        row.status = "put"


def _status(row: Any) -> Any:
    """Return the status of an order, which follows from the event and the amounts; UNSET where too few of them came."""
    is_filled, is_rest = _is_filled(row), _is_rest(row)
    if row.event != FINISH:
        return "part_filled" if is_filled else "open"
    if is_filled is None or (is_filled and is_rest is None):
        return UNSET
    return ("part_canceled" if is_rest else "filled") if is_filled else "canceled"


def _is_filled(row: Any) -> bool | None:
    """Return whether something of an order was executed; None where the row does not say it."""
    executed = [cell for name in ("filled_amount", "filled_value") if (cell := _cell(row, name)) is not None]
    if executed:
        return any(executed)
    unfilled, amount = _cell(row, "unfilled_amount"), _cell(row, "amount")
    if unfilled is None or (unfilled and amount is None):
        return None
    return bool(unfilled == 0 or unfilled < amount)


def _is_rest(row: Any) -> bool | None:
    """Return whether something of an order was not executed; None where the row does not say it."""
    unfilled, filled, amount = (_cell(row, name) for name in ("unfilled_amount", "filled_amount", "amount"))
    if unfilled is not None:
        return bool(unfilled)
    return None if filled is None or amount is None else bool(filled < amount)


_FIXED = (
    *("market", "market_type", "margin_market", "side", "type", "ccy", "client_id", "created_at", "stop_id"),
    *("amount", "price", "fee_ccy", "maker_fee_rate", "taker_fee_rate"),
    *("trigger_price", "trigger_direction", "trigger_price_type", "margin_mode", "leverage", "first_filled_price"),
)
"""Columns that the end of an order, stop order or position does not change."""


def completed(channel: Channel, row: Any, before: Any) -> Any:
    """Return the end of something with the columns that it leaves out and cannot have changed: some have a few only."""
    if not is_last(channel, row):
        return row
    missing = [name for name in _FIXED if _has(row, name) and _cell(row, name) is None]
    own = {name: cell for name in (*missing, "market_type") if (cell := _cell(before, name)) is not None}
    whole = msgspec.structs.replace(row, **own)
    if channel.method == "order" and whole.status is UNSET:
        whole.status = _status(whole)
    return whole


def with_end(channel: Channel, row: Any) -> Any:
    """Return the last known row of something that HTTP no longer lists, as its end."""
    end = msgspec.structs.replace(row, event=FINISH)
    if channel.method in ("order", "stop"):
        end.status = _status(end) if channel.method == "order" else UNSET
    return end


# ---- comparing rows


def key_of(channel: Channel, row: Any) -> Key:
    """Return what a row is about."""
    keys = channel.private.key if channel.private is not None else ()
    return tuple(getattr(row, name) for name in keys)


def is_last(channel: Channel, row: Any) -> bool:
    """Return whether nothing follows a row."""
    if channel.private is None or not channel.private.ends:
        return False
    return row.event in channel.private.ends or (row.event == "adl" and not _number(row, "open_interest"))


def age(channel: Channel, row: Any) -> tuple[bool, int, float]:
    """Return what grows from one row of a thing to the next, as far as the exchange says; equal ages are possible.

    An end comes last even where it has no time: finished orders have been seen with ``updated_at`` 0.
    """
    return is_last(channel, row), time_of(row), _number(row, "filled_amount")


def time_of(row: Any) -> int:
    """Return the exchange's time of a row; 0 where it has none."""
    return _cell(row, "updated_at") or _cell(row, "created_at") or 0


def is_later(row: Any, before: Any) -> bool:
    """Return whether the exchange's own time of a row is known to be after that of another."""
    time, former = _cell(row, "updated_at"), _cell(before, "updated_at")
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


def _cell(row: Any, name: str) -> Any:
    value = getattr(row, name, UNSET)
    return None if value is UNSET else value


def _number(row: Any, name: str) -> float:
    value = _cell(row, name)
    return value if isinstance(value, float) else 0.0
