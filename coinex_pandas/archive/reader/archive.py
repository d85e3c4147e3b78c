"""``cx.archive.open``: an archive, with the functions that read the exchange as its methods."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import pandas as pd

from coinex_pandas.api.endpoints import ROUTES
from coinex_pandas.archive.description.definitions import CAPTURED, RECORD, Definition, definition_of, is_table
from coinex_pandas.archive.reader.ranges import missing
from coinex_pandas.archive.reader.session import ArchiveSession, load
from coinex_pandas.archive.tables.columns import rows_of
from coinex_pandas.archive.tables.coverage import coverage_of
from coinex_pandas.archive.tables.partitions import files_of, tables_in
from coinex_pandas.errors import ArchiveError, IncompleteWarning, InvalidArgument
from coinex_pandas.errors.quoting import quoted
from coinex_pandas.errors.warn import warn
from coinex_pandas.tables.kinds import Numbers
from coinex_pandas.tables.times import span

__all__ = ["Archive", "open_archive"]


def open_archive(path: str | os.PathLike[str]) -> Archive:
    """Return an archive, to be read; others may write into it meanwhile.

    Parameters
    ----------
    path : str or path
        Its folder.

    Raises
    ------
    ArchiveError
        The folder is no archive.

    Examples
    --------
    >>> coverage = cx.archive.capture("./coinex", "account", tables=["spot_transactions"])
    >>> archive = cx.archive.open("./coinex")
    >>> archive
    <archive 'coinex', 3 tables>
    >>> archive.spot_transactions("deposit", "BTC")[["change", "balance"]]
                               change  balance
    created_at
    2026-06-01 12:00:00+00:00     2.0      2.0
    """
    return Archive(path)


class Archive:
    """A captured exchange: every function that reads is a method of it, with the same signature.

    A method returns the frame that the exchange gave when it was captured; ``attrs["coinex"]`` says that it comes from
    the archive, and what of the range is missing. What was never captured is an error that names what there is.

    Parameters
    ----------
    path : str or path
        The folder.

    Attributes
    ----------
    session : Session
        What the methods ask; ``cx.use(archive)`` makes all functions ask it.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        if not (self.path / "bagit.txt").is_file():
            raise ArchiveError(
                "there is no archive (no bagit.txt); capture one with coinex-pandas archive", path=str(path)
            )
        self.session = ArchiveSession(self.path)

    def __repr__(self) -> str:
        return f"<archive {str(self.path)!r}, {len(self.tables)} tables>"

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *(name for name, route in ROUTES.items() if route.method == "GET")]

    def __getattr__(self, name: str) -> Callable[..., pd.DataFrame]:
        if name.startswith("_") or name not in ROUTES or ROUTES[name].method != "GET":
            raise AttributeError(f"an archive has no {name!r}; it has the functions of cx that read")
        return _method(self, name)

    @property
    def tables(self) -> list[str]:
        """The names of the tables that have rows."""
        return tables_in(self.path)

    def coverage(self) -> pd.DataFrame:
        """Return what was captured: a row per task, oldest first.

        Returns
        -------
        DataFrame
            Columns ``table``, ``market``, ``params`` (JSON), ``from`` and ``to`` (datetime64[ms, UTC], NaT: open),
            ``rows``, ``complete``, ``state``, ``reason`` and ``code`` of what is not complete, ``is_probe``,
            ``source`` (the venue), ``captured_at`` and ``task``.
        """
        return coverage_of(self.path)

    def table(self, name: str, *, numbers: Numbers = "float", **only: str | Collection[str]) -> pd.DataFrame:
        """Return all rows of a table, of all captures.

        Parameters
        ----------
        name : str
            The function's name; of what a stream pushed, ``live_`` and the name of the function of ``cx.live``, but for
            deals, which join those that were requested.
        numbers : {"float", "decimal", "text"}, default "float"
            How numbers come back.
        **only : str or collection of str
            Only the rows that hold these values: ``market="BTCUSDT"``, or one of several: ``period=["1hour", "1day"]``.

        Returns
        -------
        DataFrame
            The columns of the function's table, its index among them; the parameters that its rows do not hold, such
            as ``period``; ``captured_at``; and ``record``: file and line of the reply, as in
            ``00000001.jsonl.zst:12``.

        Raises
        ------
        NotCaptured
            There are none.
        InvalidArgument
            There is no such table, or no such column.
        """
        definition = _definition(name)
        rows = load(self.path, name, only)
        if unknown := only.keys() - set(rows.column_names):
            raise InvalidArgument(f"{name} has no column {', '.join(sorted(unknown))}")
        frame = rows_of(definition.row, rows, numbers)
        frame = frame.reset_index() if any(frame.index.names) else frame
        for column in (*definition.request_columns, RECORD):
            frame[column] = rows[column].to_pandas().to_numpy()
        frame.insert(len(frame.columns) - 1, CAPTURED, rows[CAPTURED].to_pandas().dt.as_unit("ms"))
        order = [each for each in dict.fromkeys((definition.time, *definition.row.order)) if each in frame]
        frame = frame.sort_values(order, kind="stable", ignore_index=True)
        frame.attrs["coinex"] = {"table": name, "venue": "archive", "archive": str(self.path)}
        return frame

    def sql(self, statement: str) -> pd.DataFrame:
        """Return what a statement of SQL selects; each table is a view of its name.

        Parameters
        ----------
        statement : str
            In the words of DuckDB.

        Returns
        -------
        DataFrame
            Numbers of tables are exact ``decimal.Decimal`` with 20 digits behind the point; times are UTC.

        Raises
        ------
        InvalidArgument
            The statement cannot be run.

        Examples
        --------
        >>> coverage = cx.archive.capture("./coinex", "account", tables=["spot_transactions"])
        >>> archive = cx.archive.open("./coinex")
        >>> archive.sql("select ccy, sum(change)::int as change from spot_transactions group by ccy order by ccy")
            ccy  change
        0   BTC       2
        1   CET   50000
        2   ETH      20
        3  USDC   20000
        4  USDT  100000
        """
        from coinex_pandas.archive.reader.queries import query

        return query(self.path, statement)

    def dask(self, name: str) -> Any:
        """Return a table as a DataFrame of Dask, a partition a day, for what outgrows one machine.

        Numbers are ``float64``; ``<number>_text`` holds the exchange's text where that is another than the float's.
        """
        from coinex_pandas.archive.reader.queries import dask_frame

        return dask_frame(self.path, name)

    def to_arrow(self, name: str) -> Any:
        """Return all rows of a table as a table of Arrow, as they are stored."""
        return load(self.path, name, {})

    def to_polars(self, name: str) -> Any:
        """Return all rows of a table as a DataFrame of polars."""
        import polars as pl  # not one of the extra's: only for who has it

        return pl.from_arrow(self.to_arrow(name))

    def files(self, name: str) -> list[Path]:
        """Return the Parquet files of a table, one a day."""
        return files_of(self.path, name)


def _definition(name: str) -> Definition:
    if not is_table(name):
        raise InvalidArgument(f"there is no table {quoted(name)}; Archive.tables lists those that have rows")
    return definition_of(name)


def _method(archive: Archive, name: str) -> Callable[..., pd.DataFrame]:
    function = ROUTES[name].function

    @functools.wraps(function)
    def method(*args: Any, **settings: Any) -> pd.DataFrame:
        frame: pd.DataFrame = function(*args, **settings, session=archive.session)
        _judge(archive, name, frame, args, settings)
        return frame

    shown = inspect.signature(function)
    vars(method)["__signature__"] = shown.replace(
        parameters=[each for key, each in shown.parameters.items() if key != "session"]
    )
    return method


def _judge(archive: Archive, name: str, frame: pd.DataFrame, args: Any, settings: Any) -> None:
    """Note in a frame where it comes from, and what of the range was never captured."""
    notes = frame.attrs["coinex"]
    notes["archive"] = str(archive.path)
    bound = inspect.signature(ROUTES[name].function).bind(*args, **settings)
    bound.apply_defaults()
    asked = bound.arguments
    if "start" not in asked or not notes["complete"]:
        return
    tasks = archive.session._tasks(ROUTES[name], asked)
    lacking = missing(tasks, *span(asked.get("start"), asked.get("end")))
    if lacking:
        notes["complete"], notes["incomplete"] = False, lacking
        warn(f"{name}: not whole: {lacking}", IncompleteWarning)
