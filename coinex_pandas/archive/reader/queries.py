"""Queries over the tables of an archive: SQL by DuckDB on one machine, Dask where one does not do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from coinex_pandas.archive.description.definitions import definition_of, is_table
from coinex_pandas.archive.tables.partitions import files_of
from coinex_pandas.errors import InvalidArgument, MissingExtra, NotCaptured
from coinex_pandas.errors.quoting import quoted
from coinex_pandas.tables.kinds import NumberKind

try:
    import duckdb
    import pyarrow as pa
except ImportError as fault:
    raise MissingExtra(str(fault.name), extra="archive") from fault

__all__ = ["dask_frame", "query"]

_DIGITS, _FRACTION = 38, 20
"""Of exact numbers: the exchange's balances have 20 digits behind the point."""
_WORD = re.compile(r"[a-z_]+")


def query(root: Path, statement: str) -> pd.DataFrame:
    """Return what a statement selects; see `Archive.sql`."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone='UTC'")
        for name in _tables_in(root, statement):
            _add_view(connection, root, name)
        try:
            answer = connection.sql(statement)
        except duckdb.Error as fault:
            raise InvalidArgument(f"the statement cannot be run: {quoted(fault)}") from None
        if answer is None:
            raise InvalidArgument("the statement selects nothing; an archive can only be read")
        return _frame(answer.to_arrow_table())


def _tables_in(root: Path, statement: str) -> Iterator[str]:
    """Yield the tables that a statement may name."""
    words = set(_WORD.findall(statement.casefold()))
    yield from sorted(name for name in words if is_table(name) and files_of(root, name))


def _add_view(connection: Any, root: Path, name: str) -> None:
    """Make a view of a table, its numbers exact."""
    files = [str(path) for path in files_of(root, name)]
    rows = connection.read_parquet(files, union_by_name=True, hive_partitioning=False)
    numbers = {column.name for column in definition_of(name).row.columns() if isinstance(column.kind, NumberKind)}
    texts = {f"{number}_text" for number in numbers}
    columns = [_exact(each) if each in numbers else f'"{each}"' for each in rows.columns if each not in texts]
    rows.project(", ".join(columns)).create_view(name)


def _exact(name: str) -> str:
    """Return a number as a decimal: of its text where that says more than the float, else of the float's own text."""
    text = f'COALESCE("{name}_text", CAST("{name}" AS VARCHAR))'
    return f'CAST({text} AS DECIMAL({_DIGITS}, {_FRACTION})) AS "{name}"'


def _frame(rows: Any) -> pd.DataFrame:
    """Return rows of Arrow as a frame: times in milliseconds UTC, decimals exact."""
    frame: pd.DataFrame = rows.to_pandas()
    for field in rows.schema:
        if pa.types.is_timestamp(field.type):
            frame[field.name] = (
                frame[field.name].dt.tz_convert("UTC").dt.as_unit("ms") if field.type.tz else frame[field.name]
            )
    return frame


def dask_frame(root: Path, name: str) -> Any:
    """Return a table as a DataFrame of Dask; see `Archive.dask`."""
    try:
        import dask.dataframe as dd
    except ImportError as fault:
        raise MissingExtra("dask", extra="dask") from fault
    files = files_of(root, name)
    if not files:
        raise NotCaptured(f"{name} was never captured, or had no rows", path=str(root))
    return dd.read_parquet([str(path) for path in files], engine="pyarrow", index=False)
