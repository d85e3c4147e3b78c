"""From the bytes of an answer to a DataFrame: three readings of one row class, quickest first.

The declared reading takes what the row class declares and nothing else. When it refuses, the wide one takes the
columns that came. When a number needs its text (``numbers="decimal"``, a null, a "-0", a "nan"), the exact one
keeps it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import repeat
from typing import Any, NamedTuple

import msgspec
import pandas as pd
from msgspec import UNSET

from coinex_pandas.errors import CoinExError, UnexpectedBody, UnexpectedValue
from coinex_pandas.errors.quoting import quoted
from coinex_pandas.tables.blocks import OddCell
from coinex_pandas.tables.envelope import Envelope, check_code, quoted_text
from coinex_pandas.tables.kinds import IdKind, Kind, Numbers
from coinex_pandas.tables.row import Row
from coinex_pandas.tables.spellings import respell
from coinex_pandas.tables.structs import Cells, Reading, cells_of, decoder
from coinex_pandas.tables.unknown_columns import Extra, extras_in_answer, warn_of_changes

__all__ = ["Page", "Source", "read", "text_of"]


class Page(NamedTuple):
    """One answer.

    Attributes
    ----------
    frame : DataFrame
        Its rows, in the table's order.
    has_next : bool or None
        What its pagination says; None when it has none.
    rows : int
        How many objects it held.
    direction : int or None
        1: oldest first on the wire, -1: newest first, 0: all at one time, None: in no order.
    attrs : mapping
        Entries for the frame's ``attrs["coinex"]``, from what stands beside the rows.
    at : Timestamp or None
        The time of the answer, by the venue's clock.
    is_null : bool
        Whether ``data`` was null: the exchange's way to say "nothing", and a faulty server's too.
    subject : mapping
        The names that stand beside the rows, such as the market of an order book.
    """

    frame: pd.DataFrame
    has_next: bool | None = None
    rows: int = 0
    direction: int | None = None
    attrs: Mapping[str, Any] = {}
    at: pd.Timestamp | None = None
    is_null: bool = False
    subject: Mapping[str, str] = {}


class Source(NamedTuple):
    """The request that a body answers: errors name it, and its parameters decide how the body is read.

    Attributes
    ----------
    endpoint : str
        Such as ``"GET /futures/ticker"``.
    about : str
        The market or currency of the request.
    venue : str
        The name of the venue that answered.
    retry_after : float or None
        The answer's ``Retry-After``, in seconds.
    single : bool
        Whether ``data`` is one object instead of a list.
    paged : bool
        Whether the endpoint has pages: then the order of the rows on the wire is needed for the next one.
    alone : bool
        Whether only the market or currency can be wrong: all other parameters were checked before sending.
    """

    endpoint: str
    about: str = ""
    venue: str = ""
    retry_after: float | None = None
    single: bool = False
    paged: bool = False
    alone: bool = True

    def check(self, body: bytes) -> None:
        """Raise the error that a body stands for: a refusal, or a body that is no envelope at all."""
        check_code(body, endpoint=self.endpoint, about=self.about, retry_after=self.retry_after, alone=self.alone)


_MOST_EXTRAS = 200  # columns that are not declared; the exchange's widest table has 60, and each of them costs a pass
_UNREADABLE = (msgspec.DecodeError, ValueError, TypeError, ArithmeticError, RecursionError)
"""What the decoders and pandas raise when a value does not fit: too large, too deep, of another type."""

_last_extras: dict[type[Row], tuple[Extra, ...]] = {}


def read(row: type[Row], body: bytes, source: Source, *, numbers: Numbers = "float") -> Page:
    """Return the frame of an answer.

    Parameters
    ----------
    row : type of Row
        The table.
    body : bytes
        The answer, byte by byte.
    source : Source
        The request, for errors.
    numbers : {"float", "decimal", "text"}, default "float"
        How numbers come back.

    Raises
    ------
    Refused
        The body carries a code other than 0.
    UnexpectedBody
        The body is no JSON envelope; ``UnexpectedValue`` when one cell does not fit.
    """
    try:
        return _read(row, body, source, numbers)
    except CoinExError:
        raise
    except RecursionError:
        reason = "its lists or objects stand too deep in each other"
    except _UNREADABLE as fault:
        reason = f"not the documented shape ({quoted(fault)})"
    # Outside of the except: the fault may quote the body, and tracebacks show the faults before an error.
    raise UnexpectedBody(reason, endpoint=source.endpoint, body=body)


def _read(row: type[Row], body: bytes, source: Source, numbers: Numbers) -> Page:
    decode = getattr(row, "decode", None)  # order books and the answers to verbs are read in a way of their own
    if decode is not None:
        special: Page = decode(body, source, numbers=numbers)
        return special
    if numbers == "float" and (page := _read_declared(row, body, source)):
        return page
    source.check(body)
    declared_body = respell(row, body)
    if numbers == "float" and (page := _read_wide(row, declared_body, source)):
        return page
    return _read_with(row, declared_body, source, _extras(row, declared_body, source), reading="exact", numbers=numbers)


def _read_declared(row: type[Row], body: bytes, source: Source) -> Page | None:
    """Return the page of an answer that is exactly as declared, else None: the other readings find out why."""
    try:
        answer = decoder(row, "declared", (), source.single).decode(body)
        if answer.code != 0 or _has_negative_zero(body):  # an error's data can look like an empty table
            return None
        rows = _listed(answer.data)
        return _page(row, row.frame(cells_of(row, rows, ())), answer, rows, source)
    except (msgspec.DecodeError, UnicodeDecodeError, OddCell):
        return None


def _read_wide(row: type[Row], body: bytes, source: Source) -> Page | None:
    """Return the page of an answer with other columns than declared, None when a cell needs the exact reading.

    The undeclared columns of the answer before are tried first: to search for them costs as much as decoding.
    """
    if _has_negative_zero(body):
        return None
    for extras in _candidates(row, body, source):
        try:
            return _read_with(row, body, source, extras, reading="wide", numbers="float")
        except (msgspec.ValidationError, OddCell):
            continue
    return None


def _candidates(row: type[Row], body: bytes, source: Source) -> Iterator[tuple[Extra, ...]]:
    yield _last_extras.get(row, ())
    yield _extras(row, body, source)


def _extras(row: type[Row], body: bytes, source: Source) -> tuple[Extra, ...]:
    """Return the undeclared columns of an answer, if they may be those of a table."""
    extras = extras_in_answer(row, body)
    if len(extras) > _MOST_EXTRAS:
        reason = f"{len(extras):,} new columns; with more than {_MOST_EXTRAS} it is another table"
        raise UnexpectedBody(reason, endpoint=source.endpoint, body=body)
    return extras


def _read_with(
    row: type[Row], body: bytes, source: Source, extras: tuple[Extra, ...], *, reading: Reading, numbers: Numbers
) -> Page:
    """Return the page of an answer that may have undeclared columns and lack declared ones."""
    answer = decoder(row, reading, extras, source.single).decode(body)
    rows = _listed(answer.data)
    cells = cells_of(row, rows, extras)
    present = [extra for extra in extras if any(cell is not UNSET for cell in cells[extra.name])]
    if rows:
        warn_of_changes(row, cells, present, source.venue)
    for extra in present:
        cells[extra.name] = [text_of(cell) for cell in cells[extra.name]]
    if reading == "exact":
        cells |= _parsed(row, cells, source, body)
    _require(row, cells, source, body)
    _last_extras[row] = extras
    frame = row.frame(cells, numbers, [extra.name for extra in present])
    return _page(row, frame, answer, rows, source)


def _has_negative_zero(body: bytes) -> bool:
    """Return whether a "-0" came: msgspec makes 0.0 of it, but float(Decimal("-0")) is -0.0."""
    return b"-" in body and b'"-0"' in body


def _page(row: type[Row], frame: pd.DataFrame, answer: Envelope[Any], rows: Sequence[Any], source: Source) -> Page:
    return Page(
        frame,
        has_next=None if answer.pages is None else answer.pages.has_next,
        rows=len(rows),
        direction=_direction(row, rows) if source.paged and row.order else None,
        is_null=answer.data is None,
    )


def text_of(cell: Any) -> str | None:
    """Return an undeclared column's cell as text, None for one that is null or did not come."""
    return None if cell is UNSET or bytes(cell) == b"null" else quoted_text(cell)


def _listed(data: Any) -> Sequence[Any]:
    """Return the rows; null stands for none, on lists and objects alike."""
    if data is None:
        return ()
    return data if isinstance(data, list) else (data,)


def _direction(row: type[Row], rows: Sequence[Any]) -> int | None:
    """Return the order of a paged table's rows on the wire, see ``Page.direction``."""
    if not rows:
        return 0
    times = msgspec.convert([getattr(item, row.order[0]) for item in rows], list[int], strict=False)
    if times[0] == times[-1]:
        return 0 if len(set(times)) == 1 else None
    rising = times[0] < times[-1]
    return (1 if rising else -1) if times == sorted(times, reverse=not rising) else None


def _parsed(row: type[Row], cells: Cells, source: Source, body: bytes) -> Cells:
    """Return the exact reading's cells as the declared one would have them, numbers as texts."""
    parsed: dict[str, Sequence[Any]] = {}
    for column in row.columns():
        with suppress(ValueError, msgspec.ValidationError):
            if column.path:
                parsed[column.name] = column.kind.parse_all(cells[column.name])
            continue
        places = (_Place(row, cells, at, column.name, source, body) for at in range(len(cells[column.name])))
        parsed[column.name] = list(map(_parse, repeat(column.kind), cells[column.name], places))
    return parsed


class _Place(NamedTuple):
    """Where a cell stands; put into words only when it does not fit."""

    row: type[Row]
    cells: Cells
    at: int
    column: str
    source: Source
    body: bytes

    def __str__(self) -> str:
        names = (*(self.row.index_names() or (self.row.columns()[0].name,)), "market")
        labels = [
            f"{name} {quoted(repr(self.cells[name][self.at]))}" for name in dict.fromkeys(names) if name in self.cells
        ]
        subject = f" for {self.source.about}" if self.source.about and "market" not in self.cells else ""
        return f"row {self.at}{subject} ({', '.join(labels)}): column {self.column!r}"


def _parse(kind: Kind, cell: Any, place: _Place) -> Any:
    with suppress(ValueError, msgspec.ValidationError):
        return kind.parse(cell)
    value = quoted_text(cell) if isinstance(cell, msgspec.Raw) else cell
    text = f"{place} holds {quoted(repr(value))}, which is no {kind.name}"
    raise UnexpectedValue(text, endpoint=place.source.endpoint, body=place.body)


def _require(row: type[Row], cells: Cells, source: Source, body: bytes) -> None:
    """Raise when an id or the index is missing: without it one row looks like another."""
    for column in row.columns():
        if isinstance(column.kind, IdKind) or column.name in row.index_names()[:1]:
            missing = [at for at, cell in enumerate(cells[column.name]) if cell is UNSET or cell is None]
            if missing:
                text = f"row {missing[0]} of {len(cells[column.name])} has no {column.name!r}"
                raise UnexpectedValue(text, endpoint=source.endpoint, body=body)
