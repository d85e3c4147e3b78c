"""Rows as files: CSV whose texts no spreadsheet takes for formulas, and Parquet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from coinex_pandas.archive.raw.bag import replace
from coinex_pandas.errors import MissingExtra

__all__ = ["Row", "defused", "write_csv", "write_parquet"]

Row = Sequence[str]
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20", "|", "%")


def defused(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: with an apostrophe before it where one could.

    Examples
    --------
    >>> defused("=SUM(A1:A9)"), defused("  @cmd"), defused("rent")
    ("'=SUM(A1:A9)", "'  @cmd", 'rent')
    """
    return f"'{text}" if text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA) else text


def write_csv(path: Path, header: Row, rows: Iterable[Row], numbers: Iterable[str] = ()) -> None:
    """Write rows as CSV in UTF-8; every text is defused but for columns of numbers, which are plain digits.

    Parameters
    ----------
    path : Path
        The file; it is replaced as a whole.
    header : sequence of str
        The names of the columns.
    rows : iterable of sequence of str
        The rows.
    numbers : iterable of str
        The columns of numbers, whose minus sign stays.
    """
    exact = set(numbers)
    plain = [name in exact for name in header]
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([text if number else defused(text) for text, number in zip(row, plain, strict=True)])
    replace(path, buffer.getvalue().encode())


def write_parquet(path: Path, columns: dict[str, Sequence[Any]], times: Iterable[str] = ()) -> None:
    """Write columns as Parquet: texts as they are, milliseconds of the columns `times` as times in UTC."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ModuleNotFoundError as fault:
        raise MissingExtra("pyarrow", extra="archive") from fault
    kinds = {name: pa.timestamp("ms", tz="UTC") if name in set(times) else pa.string() for name in columns}
    table = pa.table({name: pa.array(cells, kinds[name]) for name, cells in columns.items()})
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    replace(path, sink.getvalue())
