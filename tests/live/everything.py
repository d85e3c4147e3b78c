"""A table with a column of every kind that a growing table can have, and rows for it."""

from typing import Annotated, Any, ClassVar

import msgspec
import numpy as np
import pandas as pd

from coinex_pandas.live.protocol import messages
from coinex_pandas.tables.column_types import Amount, Count, Flag, Id, Name, Price, Side, Text, Time, TimeOrNone, note
from coinex_pandas.tables.growing_frame import GrowingFrame
from coinex_pandas.tables.row import Row
from coinex_pandas.tables.unknown_columns import Extra

MARKETS = ("BTCUSDT", "ETHUSDT", "CETUSDT")
DAY = 1_780_315_200_000


class Everything(Row, kw_only=True):
    """One column of each kind."""

    index: ClassVar = "created_at"

    created_at: Time
    deal_id: Id
    side: Side
    price: Price
    amount: Annotated[Amount, note("may be missing")] = msgspec.UNSET
    count: Count = msgspec.UNSET
    flag: Flag = msgspec.UNSET
    until: TimeOrNone = msgspec.UNSET
    seen: Time = msgspec.UNSET
    other: Name = msgspec.UNSET
    text: Text = msgspec.UNSET


DTYPES = {
    "market": "category",
    "deal_id": "int64",
    "side": "category",
    "price": "float64",
    "amount": "float64",
    "count": "Int64",
    "flag": "boolean",
    "until": "datetime64[ms, UTC]",
    "seen": "datetime64[ms, UTC]",
    "other": "category",
    "text": "object",
    "received_at": "datetime64[ms, UTC]",
}
"""What its table looks like."""


def wide(*names: str) -> type[Any]:
    """Return the row type with columns beside the declared ones, as the reader of odd pushes makes it."""
    push = messages._wide_type("index", Everything, tuple(Extra((name,), name) for name in names))
    return next(field.type for field in msgspec.structs.fields(push) if field.name == "data")


def row(number: int, **cells: Any) -> Everything:
    """Return a row with something in every column."""
    made = {
        "created_at": DAY + number,
        "deal_id": 2**53 + 1 + number,
        "side": ("buy", "sell")[number % 2],
        "price": 71204.5 + number,
        "amount": 0.25 * number,
        "count": number,
        "flag": number % 3 == 0,
        "until": DAY + 7 * number,
        "seen": DAY - number,
        "other": MARKETS[number % 3],
        "text": f"text {number}",
    }
    return Everything(**(made | cells))


def parts(table: GrowingFrame, numbers: range, market: int = 0) -> list[Any]:
    """Return rows as a table takes them."""
    return table.parts([row(number) for number in numbers], [(market, DAY + numbers[0], len(numbers))])


def filled(rows: int = 50, capacity: int = 64) -> GrowingFrame:
    """Return a table with rows of the first two markets."""
    table = GrowingFrame(Everything, MARKETS, capacity=capacity)
    table.append(parts(table, range(rows - rows // 3)))
    table.append(parts(table, range(rows - rows // 3, rows), 1))
    return table


def memory(table: GrowingFrame) -> list[Any]:
    """Return a copy of all that the table's arrays hold."""
    return [array.tolist() if array.dtype == object else array.tobytes() for array in table.arrays.views()]


def address(array: Any) -> int:
    """Return where an array's memory begins."""
    found: int = array.__array_interface__["data"][0]
    return found


def told(frame: pd.DataFrame) -> list[Any]:
    """Return all that a frame says, to the bit; a tenth of the time that pandas takes to compare two."""
    parts = [frame.index, *(frame[name] for name in frame)]
    return [list(frame), [(part.name, str(part.dtype), _cells(part.array)) for part in parts]]


def _cells(array: Any) -> Any:
    if isinstance(array, pd.Categorical):
        return array.codes.tobytes(), list(array.categories)
    if isinstance(array, (pd.arrays.IntegerArray, pd.arrays.BooleanArray)):
        return array._data.tobytes(), array._mask.tobytes()
    if isinstance(array, pd.arrays.DatetimeArray):
        return array.asi8.tobytes()
    plain = np.asarray(array)
    return [None if pd.isna(cell) else cell for cell in plain] if plain.dtype == object else plain.tobytes()
