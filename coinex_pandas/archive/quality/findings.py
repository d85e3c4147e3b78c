"""What a check finds, and the series that checks look at: the rows of one market and period of a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from coinex_pandas.tables.row import Row

__all__ = ["CAPTURED", "NO_TIME", "RECEIVED", "Finding", "Series", "findings_frame", "runs", "series_of", "when"]

RECEIVED, CAPTURED = "received_at", "captured_at"
NO_TIME = np.iinfo(np.int64).min
"""What a missing time is as a number."""
_PARTS = ("market", "market_type", "period", "price_type")
_TIMES = ("funding_time", "created_at", "updated_at")
_COLUMNS = {
    "table": "str",
    "check": "str",
    "market": "str",
    "place": "datetime64[ms, UTC]",
    "row": "Int64",
    "count": "Int64",
    "detail": "str",
}

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that cannot be right, or that is not there."""

    table: str
    check: str
    market: str
    place: int | None  # milliseconds
    row: int
    count: int
    detail: str


@dataclass(frozen=True, slots=True)
class Series:
    """The rows of one market, period and price of a table; of a table without an order all rows.

    Attributes
    ----------
    table : str
        The function's or the stream's name.
    row : type of Row
        What declares its columns.
    key : dict of str to str
        What its rows have in common: ``market``, ``period``, ``price_type``, ``market_type``; known from columns or
        from the request.
    frame : DataFrame
        The rows, the index among the columns.
    places : array of int
        The rows' places in the whole frame.
    is_public : bool
        Whether it is market data, and not an account's.
    ranges : tuple of (int, int), optional
        From when to when its rows were captured, in milliseconds; None where nothing says that some are not wanted.
    """

    table: str
    row: type[Row]
    key: Mapping[str, str]
    frame: pd.DataFrame
    places: npt.NDArray[np.int64]
    is_public: bool = True
    ranges: tuple[tuple[int, int], ...] | None = None

    @property
    def market(self) -> str:
        """The market; "" where the table has none, or rows of several."""
        return self.key.get("market", "")

    @property
    def time_column(self) -> str:
        """The column of time that rows are in the order of; "" where the table has none."""
        if not self.row.order and RECEIVED not in self.frame:
            return ""
        return next((name for name in (*self.row.order, *_TIMES) if name in self.frame), "")

    def times(self) -> npt.NDArray[np.int64]:
        """Return the times in milliseconds, `NO_TIME` for missing ones."""
        return self.milliseconds(self.time_column)

    def milliseconds(self, column: str) -> npt.NDArray[np.int64]:
        """Return a column of times in milliseconds."""
        return self.frame[column].to_numpy("datetime64[ms]").astype(np.int64)

    def numbers(self, column: str) -> npt.NDArray[np.float64]:
        """Return a column of numbers as floats, whether they are floats, decimals or texts."""
        return np.asarray(pd.to_numeric(self.frame[column].astype(object), errors="coerce"), dtype=np.float64)

    def finding(self, check: str, place: int, count: int, detail: str, *, at: int | None = None) -> Finding:
        """Return a finding at a row of the series."""
        if at is None and self.time_column:
            time = int(self.times()[place])
            at = None if time == NO_TIME else time
        market = self.market or (str(self.frame["market"].iloc[place]) if "market" in self.frame else "")
        return Finding(self.table, check, market, at, int(self.places[place]), count, detail)

    def marked(self, check: str, mask: Mask, detail: str) -> Iterator[Finding]:
        """Yield a finding for each stretch of rows that a mask marks."""
        for start, stop in runs(mask):
            yield self.finding(check, start, stop - start, detail)


def series_of(
    table: str,
    row: type[Row],
    frame: pd.DataFrame,
    request: Mapping[str, Any],
    *,
    is_public: bool = True,
    is_history: bool = True,
) -> list[Series]:
    """Return the series of a frame, each with its rows in the frame's order; a list has one for each capture."""
    flat = frame.reset_index() if any(frame.index.names) else frame.reset_index(drop=True)
    common = {name: value for name in _PARTS if isinstance(value := _single(request.get(name)), str)}
    # where rows have no order, as those of tickers, there is nothing to look at one market at a time
    names = [name for name in _PARTS if name in flat] if row.order or RECEIVED in flat else []
    names += [CAPTURED] if CAPTURED in flat and not is_history else []
    if not names:
        return [Series(table, row, common, flat, np.arange(len(flat)), is_public)]
    groups = flat.groupby(names, observed=True, sort=False, dropna=False).indices
    return [
        Series(table, row, common | _texts(names, values), flat.iloc[places], np.asarray(places), is_public)
        for values, places in groups.items()
    ]


def _single(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _texts(names: list[str], values: Any) -> dict[str, str]:
    cells = values if isinstance(values, tuple) else (values,)
    return {name: "" if pd.isna(cell) else str(cell) for name, cell in zip(names, cells, strict=True)}


def runs(mask: Mask) -> Iterator[tuple[int, int]]:
    """Yield start and end of each stretch that a mask marks."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def when(time: float) -> str:
    """Return a time in words."""
    return f"{pd.Timestamp(int(time), unit='ms', tz='UTC'):%Y-%m-%d %H:%M:%S} UTC"


def findings_frame(findings: Iterable[Finding]) -> pd.DataFrame:
    """Return findings as a table, by table, market and place."""
    rows = sorted(findings, key=lambda each: (each.table, each.market, each.row, each.check))
    cells = list(zip(*map(astuple, rows), strict=True)) or [()] * len(_COLUMNS)
    columns = {name: pd.Series(list(values), dtype=object) for name, values in zip(_COLUMNS, cells, strict=True)}
    columns["place"] = pd.to_datetime(columns["place"].astype("Int64"), unit="ms", utc=True)
    return pd.DataFrame(columns).astype(_COLUMNS)
