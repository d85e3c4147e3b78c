"""From the bytes of an answer to a DataFrame: three readings of one row class, quickest first.

The fast reading takes what is declared and nothing else. When it refuses, the wide one is made for the columns that
did come. When a number needs its text (``numbers="decimal"``, a null, a "-0", a "nan"), the exact one keeps it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, get_args

import msgspec
import pandas as pd
from msgspec import UNSET

from coinex_pandas.blocks import OddNumber
from coinex_pandas.errors import ColumnsChanged, UnexpectedBody, UnexpectedValue
from coinex_pandas.kinds import IdKind, Kind, NumberKind
from coinex_pandas.notices import warn
from coinex_pandas.options import Numbers
from coinex_pandas.row import Column, Row, fields
from coinex_pandas.wire import Envelope, Pagination, check_code, quoted_text

__all__ = ["Page", "Source", "fold", "read"]

Path = tuple[str, ...]
Cells = dict[str, Sequence[Any]]
Shape = Callable[[Kind], Any]


class Page(NamedTuple):
    """One answer.

    Attributes
    ----------
    frame : DataFrame
        Its rows, in the table's order.
    has_next : bool or None
        What its pagination said; None when it said nothing.
    rows : int
        How many objects it held.
    direction : int or None
        1: oldest first on the wire, -1: newest first, 0: all at one time, None: in no order.
    told : mapping
        What it told beside the rows.
    at : Timestamp or None
        When it was made, by the venue's clock.
    """

    frame: pd.DataFrame
    has_next: bool | None = None
    rows: int = 0
    direction: int | None = None
    told: Mapping[str, Any] = {}
    at: pd.Timestamp | None = None


class Source(NamedTuple):
    """Which request a body answers: errors name it, and what it asked for decides how the body is read.

    Attributes
    ----------
    endpoint : str
        Such as ``"GET /futures/ticker"``.
    about : str
        The market or currency asked for.
    retry_after : float or None
        Seconds that the answer asked to wait.
    single : bool
        Whether ``data`` is one object instead of a list.
    paged : bool
        Whether the order of the rows on the wire matters to who reads the next page.
    """

    endpoint: str
    about: str = ""
    retry_after: float | None = None
    single: bool = False
    paged: bool = False


class Extra(NamedTuple):
    """A column that is not declared: where it stands, and its name in the frame."""

    path: Path
    name: str


_announced: set[tuple[str, str]] = set()
_remembered: dict[type[Row], tuple[Extra, ...]] = {}


def read(row: type[Row], body: bytes, source: Source, *, numbers: Numbers = "float") -> Page:
    """Return the frame of an answer.

    Parameters
    ----------
    row : type of Row
        The table.
    body : bytes
        The answer as it came.
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
    if numbers == "float":
        try:
            return _read_fast(row, body, source)
        except (msgspec.DecodeError, UnicodeDecodeError, OddNumber):
            pass  # the slower readings find out why, and raise what is to be raised
    check_code(body, endpoint=source.endpoint, about=source.about, retry_after=source.retry_after)
    try:
        return _read_slowly(row, body, source, numbers)
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise UnexpectedBody(f"not the documented shape ({fault})", endpoint=source.endpoint, body=body) from fault


def _read_fast(row: type[Row], body: bytes, source: Source) -> Page:
    answer = _decoder(row, _declared, (), source.single).decode(body)
    if answer.code != 0:
        raise msgspec.DecodeError  # an error's data can look like an empty table
    if _has_negative_zero(body):
        raise OddNumber
    rows = _listed(answer.data)
    cells = _cells(row, rows, ())
    if any(None in cells[name] for name in row.index_names()[:1]):
        raise msgspec.DecodeError  # the slower readings tell which row cannot be told from others
    direction = _direction(row, rows) if source.paged else None
    return Page(row.frame(cells), _has_next(answer.pagination), len(rows), direction)


def _has_negative_zero(body: bytes) -> bool:
    """Return whether a "-0" came: msgspec makes 0.0 of it, but float(Decimal("-0")) is -0.0."""
    return b"-" in body and b'"-0"' in body


def _read_slowly(row: type[Row], body: bytes, source: Source, numbers: Numbers) -> Page:
    if numbers == "float" and not _has_negative_zero(body):
        for extras_of in (_last_seen, _unknown):
            try:
                return _read_with(row, body, source, extras=extras_of(row, body), numbers=numbers, shape=_optional)
            except (msgspec.ValidationError, OddNumber):
                continue  # other columns than last time; or a cell, which the exact reading names
    return _read_with(row, body, source, extras=_unknown(row, body), numbers=numbers, shape=_verbatim)


def _last_seen(row: type[Row], _body: bytes) -> tuple[Extra, ...]:
    """Return the undeclared columns of the answer before: finding them anew costs as much as decoding."""
    return _remembered.get(row, ())


def _read_with(
    row: type[Row], body: bytes, source: Source, *, extras: tuple[Extra, ...], numbers: Numbers, shape: Shape
) -> Page:
    answer = _decoder(row, shape, extras, source.single).decode(body)
    rows = _listed(answer.data)
    cells = _cells(row, rows, extras)
    came = [extra for extra in extras if any(cell is not UNSET for cell in cells[extra.name])]
    if rows:
        _announce(row, cells, came)
    for extra in came:
        cells[extra.name] = [_kept_text(cell) for cell in cells[extra.name]]
    if shape is _verbatim:
        cells |= _parsed(row, cells, source, body)
    _require(row, cells, source, body)
    _remembered[row] = extras
    frame = row.frame(cells, numbers, [extra.name for extra in came])
    direction = _direction(row, rows) if source.paged else None
    return Page(frame, _has_next(answer.pagination), len(rows), direction)


def _kept_text(cell: Any) -> str | None:
    """Return an undeclared column's cell as text, None for one that is null or did not come."""
    return None if cell is UNSET or bytes(cell) == b"null" else quoted_text(cell)


def _listed(data: Any) -> Sequence[Any]:
    """Return the rows; null stands for none, on lists and objects alike."""
    if data is None:
        return ()
    return data if isinstance(data, list) else (data,)


def _has_next(pagination: Pagination | None) -> bool | None:
    return None if pagination is None else pagination.has_next


def _direction(row: type[Row], rows: Sequence[Any]) -> int | None:
    """Return the order of a paged table's rows on the wire, as ``Page`` tells it."""
    if not rows:
        return 0
    times = msgspec.convert([getattr(item, row.order[0]) for item in rows], list[int], strict=False)
    if times[0] == times[-1]:
        return 0 if len(set(times)) == 1 else None
    rising = times[0] < times[-1]
    return (1 if rising else -1) if times == sorted(times, reverse=not rising) else None


def _declared(kind: Kind) -> Any:
    return kind.wire


def _optional(kind: Kind) -> Any:
    return kind.wire


def _verbatim(kind: Kind) -> Any:
    return msgspec.Raw if isinstance(kind, NumberKind) else Any


@cache
def _decoder(row: type[Row], shape: Shape, extras: tuple[Extra, ...], single: bool) -> Any:
    item = row if shape is _declared else _struct(row, shape, extras, ())
    data = item if single else list[item]  # type: ignore[valid-type]  # a type made at run time
    return msgspec.json.Decoder(Envelope[data], strict=False)  # type: ignore[valid-type]  # as above


def _struct(row: type[Row], shape: Shape, extras: tuple[Extra, ...], path: Path) -> type[msgspec.Struct]:
    """Return a row class with the same fields, all optional, of the shape's types, and the extra fields after them."""
    made: list[tuple[str, Any, Any]] = []
    for name, hint in fields(row).items():
        if inner := _row_in(hint):
            nested = _struct(inner, shape, extras, (*path, name))
            inside = list[nested] if name == row.many else nested  # type: ignore[valid-type]  # as above
            made.append((name, inside | None, UNSET))
        else:
            made.append((name, shape(_kind_in(hint)), UNSET))
    here = [extra.path[-1] for extra in extras if extra.path[:-1] == path]
    aliases = {f"extra_{at}": name for at, name in enumerate(here)}  # the wire's names need not be identifiers
    made += [(alias, msgspec.Raw, UNSET) for alias in aliases]
    return msgspec.defstruct(row.__name__, made, rename=aliases, kw_only=True, forbid_unknown_fields=True, gc=False)


def _row_in(hint: Any) -> type[Row] | None:
    for item in (hint, *get_args(hint)):
        if isinstance(item, type) and issubclass(item, Row):
            return item
    return None


def _kind_in(hint: Any) -> Kind:
    return next(item for item in hint.__metadata__ if isinstance(item, Kind))


def _cells(row: type[Row], rows: Sequence[Any], extras: tuple[Extra, ...]) -> Cells:
    """Return the cells column by column, children beside their parent's."""
    if row.many:
        return _nested_cells(row, rows, extras)
    names = [*row.__struct_fields__, *(extra.name for extra in extras)]
    if row.order and len(rows) > 1 and _falls(*(getattr(rows[at], row.order[0]) for at in (0, -1))):
        rows = rows[::-1]  # newest first on the wire: turning the list is cheaper than sorting the frame
    return dict(zip(names, _turned(rows), strict=True)) if rows else dict.fromkeys(names, ())


_FEW = 500
"""Up to here tuples are the quicker way; beyond some 700 of them each call sets off the garbage collector."""


def _turned(rows: Sequence[Any]) -> Iterable[Sequence[Any]]:
    """Return structs field by field."""
    if len(rows) <= _FEW:
        return zip(*map(msgspec.structs.astuple, rows), strict=True)
    return _comprehensions(type(rows[0]).__struct_fields__)(rows)


@cache
def _comprehensions(names: tuple[str, ...]) -> Callable[[Sequence[Any]], tuple[list[Any], ...]]:
    """Return a function from structs to a list per field.

    One comprehension per field, with the name written out, takes a quarter of the time of ``attrgetter``. The names
    are fields of a class, so nothing foreign is evaluated.
    """
    lists = ",".join(f"[row.{name} for row in rows]" for name in names)
    made: Callable[[Sequence[Any]], tuple[list[Any], ...]] = eval(f"lambda rows: ({lists},)")  # noqa: S307  # see above
    return made


def _falls(first: Any, last: Any) -> bool:
    """Return whether times fall; what is no whole number is left to the readings that look at each cell."""
    return isinstance(first, int) and isinstance(last, int) and first > last


def _nested_cells(row: type[Row], rows: Sequence[Any], extras: tuple[Extra, ...]) -> Cells:
    pairs = [(parent, at, child) for parent in rows for at, child in _children(parent, row.many)]
    places = [(column.name, column.path) for column in row.columns()] + [
        (extra.name, (*extra.path[:-1], _alias(extra, extras))) for extra in extras
    ]
    cells: Cells = {}
    for name, path in places:
        if not path:
            cells[name] = [at for _, at, _ in pairs]
        elif path[0] == row.many:
            cells[name] = [_reach(child, path[1:]) for _, _, child in pairs]
        else:
            cells[name] = [_reach(parent, path) for parent, _, _ in pairs]
    return cells


def _alias(extra: Extra, extras: tuple[Extra, ...]) -> str:
    return f"extra_{[other for other in extras if other.path[:-1] == extra.path[:-1]].index(extra)}"


def _children(parent: Any, many: str) -> Iterator[tuple[Any, Any]]:
    """Yield a parent's children with their numbers; a missing one where there is none, so that no parent is lost."""
    found = getattr(parent, many) if many else None
    yield from enumerate(found, 1) if found else [(None, UNSET)]


def _reach(value: Any, path: Path) -> Any:
    for step in path:
        if value is UNSET or value is None:
            return UNSET
        value = getattr(value, step)
    return value


def _unknown(row: type[Row], body: bytes) -> tuple[Extra, ...]:
    """Return the columns of an answer that are not declared."""
    data = msgspec.json.decode(body).get("data")
    found = dict.fromkeys(_strangers(row, data if isinstance(data, list) else [data], ()))
    taken = {column.name for column in row.columns()}
    return tuple(Extra(path, path[-1] if path[-1] not in taken else ".".join(path)) for path in found)


def _strangers(row: type[Row], items: Sequence[Any], path: Path) -> Iterator[Path]:
    hints = fields(row)
    for item in items:
        if not isinstance(item, dict):
            continue
        yield from ((*path, name) for name in item if name not in row.__struct_fields__)
        for name in row.__struct_fields__:
            if name in item and (inner := _row_in(hints[name])):
                below = item[name] if isinstance(item[name], list) else [item[name]]
                yield from _strangers(inner, below, (*path, name))


def _announce(row: type[Row], cells: Cells, came: Sequence[Extra]) -> None:
    """Warn once of each column that is new, and of each that is gone."""
    children = [column for column in row.columns() if row.many and column.path[:1] == (row.many,)]
    absent = children if _all_unset(cells, children) else []  # a parent without children says nothing of their columns
    news = [f"new column {extra.name!r} (kept as text)" for extra in came]
    news += [
        f"column {column.name!r} no longer comes (missing values)"
        for column in row.columns()
        if column.path and not column.optional and column not in absent and _all_unset(cells, [column])
    ]
    fresh = [text for text in news if (row.__name__, text) not in _announced]
    _announced.update((row.__name__, text) for text in fresh)
    if fresh:
        warn(f"{row.__name__}: the exchange changed its answer: {'; '.join(fresh)}", ColumnsChanged)


def _all_unset(cells: Cells, columns: Sequence[Column]) -> bool:
    return all(cell is UNSET for column in columns for cell in cells[column.name])


def _parsed(row: type[Row], cells: Cells, source: Source, body: bytes) -> Cells:
    """Return the exact reading's cells as the fast one would have them, numbers as texts."""
    columns = [column for column in row.columns() if column.path]
    return {
        column.name: [
            _parse(column.kind, cell, _Place(row, cells, at, column.name, source, body))
            for at, cell in enumerate(cells[column.name])
        ]
        for column in columns
    }


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
        told = [f"{name} {self.cells[name][self.at]!r}" for name in dict.fromkeys(names) if name in self.cells]
        asked = f" for {self.source.about}" if self.source.about and "market" not in self.cells else ""
        return f"row {self.at}{asked} ({', '.join(told)}): column {self.column!r}"


def _parse(kind: Kind, cell: Any, place: _Place) -> Any:
    try:
        return kind.parse(cell)
    except (ValueError, msgspec.ValidationError) as fault:
        shown = quoted_text(cell) if isinstance(cell, msgspec.Raw) else cell
        text = f"{place} holds {shown!r}, which is no {kind.name}"
        raise UnexpectedValue(text, endpoint=place.source.endpoint, body=place.body) from fault


def _require(row: type[Row], cells: Cells, source: Source, body: bytes) -> None:
    """Raise when a cell is missing without which a row cannot be told from others."""
    for column in row.columns():
        if isinstance(column.kind, IdKind) or column.name in row.index_names()[:1]:
            missing = [at for at, cell in enumerate(cells[column.name]) if cell is UNSET or cell is None]
            if missing:
                text = f"row {missing[0]} of {len(cells[column.name])} has no {column.name!r}"
                raise UnexpectedValue(text, endpoint=source.endpoint, body=body)


def fold(row: type[Row], cells: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Return wire objects of flat wire cells: the way back, children gathered under their parent."""
    parents: dict[tuple[Any, ...], dict[str, Any]] = {}
    columns = [column for column in row.columns() if column.path and column.name in cells]
    above = [column for column in columns if column.path[0] != row.many]
    for at in range(len(next(iter(cells.values())))):
        label = tuple(cells[name][at] for name in row.index_names()[:1]) if row.many else (at,)
        if label not in parents:
            parents[label] = _object({column.path: cells[column.name][at] for column in above})
        if row.many:
            child = {column.path[1:]: cells[column.name][at] for column in columns if column.path[0] == row.many}
            there = any(cell not in ("", 0, None) for cell in child.values())  # else its parent has no children
            parents[label].setdefault(row.many, []).extend([_object(child)] if there else [])
    return list(parents.values())


def _object(values: Mapping[Path, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for path, value in values.items():
        place = made
        for step in path[:-1]:
            place = place.setdefault(step, {})
        place[path[-1]] = value
    return made
