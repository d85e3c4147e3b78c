"""The Parquet files of the tables, one a day: rows join those that are there, each once, and a file is replaced whole.

A file that was replaced gets another name, so that the manifest always speaks of files that are there as they were
written: whatever ends a process, what is named in it is right, and what is not named is left over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from coinex_pandas.archive.description.definitions import CAPTURED, RECORD, definition_of
from coinex_pandas.archive.raw.bag import Bag, sha256_of, temporary
from coinex_pandas.archive.raw.payload import listed_files, proved_files, require_digest
from coinex_pandas.archive.tables.order import is_rising
from coinex_pandas.errors import ArchiveError, MissingExtra

try:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq
except ImportError as fault:
    raise MissingExtra("pyarrow", extra="archive") from fault

__all__ = ["TABLES", "Partitions", "files_of", "tables_in"]

TABLES = "data/tables"
_MOST = 500_000  # rows in memory
_TIME, _DAY = pa.timestamp("ms", "UTC"), 86_400_000
_REPEATS = 8  # times that a number stands in a column, on the average, from which on a dictionary is smaller


def tables_in(root: Path) -> list[str]:
    """Return the names of the tables that have rows."""
    names = (name.split("/") for name in listed_files(root, TABLES))
    return sorted({parts[2] for parts in names if len(parts) > 3})


def files_of(root: Path, table: str) -> list[Path]:
    """Return the files of a table, each of which is what was written, in the order of their days."""
    return proved_files(root, f"{TABLES}/{table}")


class Partitions:
    """Adds rows to the tables of an archive.

    Parameters
    ----------
    root : Path
        The archive's folder.
    payload : mapping of str to str
        The SHA-256 of each file that there is.
    fresh : bool
        Whether the rows replace those that are there, and do not join them.
    """

    def __init__(self, root: Path, payload: Mapping[str, str], *, fresh: bool = False) -> None:
        self._root = root
        self._stored: dict[Path, dict[Path, str]] = defaultdict(dict)
        for name in payload:
            if name.startswith(f"{TABLES}/"):
                self._stored[(root / name).parent][root / name] = payload[name]
        self._rows: dict[tuple[str, str], list[Any]] = defaultdict(list)
        self._count = 0
        self._new: dict[Path, list[Path]] = defaultdict(list)
        self._old = {path for paths in self._stored.values() for path in paths} if fresh else set()

    def add(self, table: str, rows: Any) -> None:
        """Add rows of a table, those of one task or of one recording."""
        times = pc.fill_null(rows[definition_of(table).time], pa.scalar(0, _TIME))
        codes, days = pd.factorize(pc.cast(times, pa.int64()).to_numpy() // _DAY)
        for code, day in enumerate(days):
            part = rows if len(days) == 1 else rows.take(pa.array(np.flatnonzero(codes == code)))
            self._rows[table, f"{pd.Timestamp(day * _DAY, unit='ms'):%Y-%m-%d}"].append(part)
        self._count += rows.num_rows

    def write_some(self) -> None:
        """Write the rows that were added, if they are too many to be held."""
        if self._count > _MOST:
            self.write()

    def write(self) -> None:
        """Write the rows that were added; the manifest does not know of it yet."""
        for (table, day), parts in sorted(self._rows.items()):
            folder = self._root / TABLES / table / f"day={day}"
            folder.mkdir(parents=True, exist_ok=True)
            former = [path for path in (*self._stored[folder], *self._new[folder]) if path not in self._old]
            rows = _once(table, [self._read(path) for path in former] + parts)
            number = max((int(path.stem.rpartition("-")[2]) for path in folder.glob("*.parquet")), default=0) + 1
            path = folder / f"part-{number:06d}.parquet"
            try:
                write_file(rows, temporary(path), table)
                temporary(path).replace(path)
            except OSError as fault:
                temporary(path).unlink(missing_ok=True)
                raise ArchiveError(
                    f"it cannot be written ({fault}); free some space and go on", path=str(path)
                ) from fault
            self._new[folder] = [path]
            self._old.update(former)
        self._rows.clear()
        self._count = 0

    def enter(self, bag: Bag) -> None:
        """Have a bag speak of the new files, and no more of those that they replace."""
        for path in (each for paths in self._new.values() for each in paths):
            bag.add(path, sha256_of(path))
        for path in self._old:
            bag.remove(path)

    def remove_old(self) -> None:
        """Remove the files that are replaced, when the manifest does not speak of them any more."""
        for path in self._old:
            path.unlink(missing_ok=True)

    def _read(self, path: Path) -> Any:
        """Return the rows of a file, if these are the ones that were written."""
        content = path.read_bytes()
        digest = self._stored[path.parent].get(path)
        if digest is not None:
            require_digest(content, (digest,), path)
        return pq.read_table(pa.BufferReader(content))


def write_file(rows: Any, path: Path, table: str) -> None:
    """Write rows as a Parquet file: small, and quick to read."""
    kinds = {field.name: field.type for field in rows.schema}
    floats = [name for name, kind in kinds.items() if kind == pa.float64()]
    whole = [name for name, kind in kinds.items() if kind == pa.int64() or pa.types.is_timestamp(kind)]
    floats = [name for name in floats if not _repeats(rows[name])]
    encodings = dict.fromkeys(whole, "DELTA_BINARY_PACKED") | dict.fromkeys(floats, "BYTE_STREAM_SPLIT")
    words = [name for name in kinds if name not in encodings]
    pq.write_table(
        rows.replace_schema_metadata({"coinex_table": table}),
        path,
        compression="zstd",
        use_dictionary=words,
        column_encoding={name: each for name, each in encodings.items() if not pa.types.is_list(kinds[name])},
    )


def _repeats(column: Any) -> bool:
    """Return whether the numbers of a column stand in it again and again, as prices do."""
    return bool(pc.count_distinct(column).as_py() <= len(column) // _REPEATS)


def _once(table: str, parts: list[Any]) -> Any:
    """Return rows of several captures as one table: each once, by market and time."""
    rows = parts[0] if len(parts) == 1 else pa.concat_tables(parts, promote_options="default").unify_dictionaries()
    definition, key = definition_of(table), list(definition_of(table).key)
    if key and is_rising(rows, key) and is_rising(rows, _order(table)):
        return rows
    if definition.time == CAPTURED and not definition.is_pushed:
        return rows
    origin = (CAPTURED,) if definition.is_pushed else (CAPTURED, RECORD)  # equal pushes are two, but not of one record
    columns = key or [name for name in rows.column_names if name not in origin]
    plain = _comparable(rows, columns)
    if not key:
        plain["_time"] = np.concatenate([_repeated(part, columns) for part in parts])
    keep = ~plain.duplicated(keep="last" if key else "first").to_numpy()
    rows = rows if keep.all() else rows.filter(pa.array(keep))
    return rows.take(pc.sort_indices(_sort_keys(table, rows), [(name, "ascending") for name in _order(table)]))


def _order(table: str) -> list[str]:
    """Return what a file's rows are sorted by: public data by market, for who reads one; an account's by time."""
    definition = definition_of(table)
    names = {CAPTURED, *(column.name for column in definition.row.columns()), *definition.request_columns}
    first = () if definition.is_private else ("market",)
    order = (*first, definition.time, *definition.row.order)
    return list(dict.fromkeys(name for name in order if name in names))


def _sort_keys(table: str, rows: Any) -> Any:
    columns = {name: rows[name] for name in _order(table)}
    return pa.table({n: c.cast(pa.string()) if pa.types.is_dictionary(c.type) else c for n, c in columns.items()})


def _comparable(rows: Any, columns: list[str]) -> pd.DataFrame:
    plain: pd.DataFrame = rows.select(columns).to_pandas()
    for name in columns:
        if pa.types.is_list(rows.schema.field(name).type):
            plain[name] = plain[name].map(repr)
    return plain


def _repeated(part: Any, columns: list[str]) -> np.ndarray[Any, Any]:
    """Return how many equal rows stand before each: a table without key may hold them, as the exchange does."""
    plain = _comparable(part, [name for name in columns if name in part.column_names])
    counts: np.ndarray[Any, Any] = plain.groupby(list(plain.columns), dropna=False, observed=True).cumcount().to_numpy()
    return counts
