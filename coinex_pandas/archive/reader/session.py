"""A session that answers from an archive: histories from its tables, everything else with the newest reply of then."""

from __future__ import annotations

import inspect
import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from coinex_pandas.archive.collection.plan import Task
from coinex_pandas.archive.collection.recorder import REPLY, Player, Work
from coinex_pandas.archive.description.definitions import CAPTURED, definition_of
from coinex_pandas.archive.raw.catalogue import Catalogue, Place
from coinex_pandas.archive.raw.payload import retried
from coinex_pandas.archive.tables.build import replay
from coinex_pandas.archive.tables.columns import columns_of, rows_of
from coinex_pandas.archive.tables.coverage import coverage_of
from coinex_pandas.archive.tables.order import is_rising
from coinex_pandas.archive.tables.partitions import files_of
from coinex_pandas.archive.tables.replies import question_of, replies_of
from coinex_pandas.errors import MissingExtra, NotCaptured, NotEnabled
from coinex_pandas.http.route import Route
from coinex_pandas.http.session import Session
from coinex_pandas.http.venue import Venue
from coinex_pandas.tables.decoding import Page, Source, read
from coinex_pandas.tables.kinds import Numbers

try:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.dataset as ds
except ImportError as fault:
    raise MissingExtra("pyarrow", extra="archive") from fault

__all__ = ["ArchiveSession", "load"]

_NOWHERE = "http://127.0.0.1:9/v2"  # nothing is ever sent
_HOW = {"numbers", "session", "start", "end", "closed", "stops", "limit", "last_id"}
"""Parameters of functions that say how much is wanted, or how it comes."""
_SLICE = ("start_time", "end_time", "page", "limit", "last_id")


def load(root: Path, table: str, params: Mapping[str, Any], columns: list[str] | None = None) -> Any:
    """Return the stored rows of a table that fit some parameters, by time, as a table of Arrow."""
    return retried(lambda: _load(root, table, params, columns))


def _load(root: Path, table: str, params: Mapping[str, Any], columns: list[str] | None) -> Any:
    files = files_of(root, table)
    if not files:
        raise NotCaptured(f"{table} was never captured, or had no rows", path=str(root))
    data = ds.dataset(files, schema=_schema(files))
    names = [name for name in data.schema.names if name in params]
    wanted = None
    for name in names:
        part = _holding(ds.field(name).cast(pa.string()), params[name])
        wanted = part if wanted is None else wanted & part
    return data.to_table(columns=columns, filter=wanted)


def _holding(text: Any, value: Any) -> Any:
    """Return the condition that a column has a value, or one of several.

    As text: of a column of words in which no word stands, pyarrow before 26 loses the rows.
    """
    if value is None:
        return text.is_null()
    values = [value] if isinstance(value, str) or not isinstance(value, Collection) else value
    return text.isin([str(each) for each in values])


def _schema(files: list[Path]) -> Any:
    """Return the columns of all files: a later one may have more."""
    first, *rest = (ds.dataset(path).schema for path in (files[0], *files[1:]))
    return pa.unify_schemas([first, *(each for each in rest if each != first)], promote_options="permissive")


class ArchiveSession(Session):
    """A session whose venue is an archive.

    Parameters
    ----------
    root : Path
        The archive's folder.
    """

    def __init__(self, root: Path) -> None:
        super().__init__(Venue("archive", http=_NOWHERE))
        self._root = root
        self._catalogue = Catalogue(root)
        self._replies = replies_of(root)
        self._coverage = coverage_of(root)
        self._newest: tuple[Any, pd.DataFrame] | None = None

    def page(self, route: Route, params: Mapping[str, Any], numbers: Numbers = "float", about: str = "") -> Page:
        """Return an answer to a request, as the exchange would have given it.

        Raises
        ------
        NotCaptured
            Nothing like it was stored; the error names what was.
        NotEnabled
            It would change something.
        """
        self.allow(route)
        sent = {name: value for name, value in params.items() if value is not None}
        if definition_of(route.name).time == CAPTURED and not route.paged:
            return self._reply(route, sent, numbers, about)
        tasks = self._tasks(route, sent)
        if tasks.empty:
            raise NotCaptured(self._wanting(route, sent), path=str(self._root))
        page = _slice(self._series(route, sent, numbers), sent)
        return page._replace(at=tasks["to"].max() if tasks["to"].notna().any() else tasks["captured_at"].max())

    def allow(self, route: Route) -> None:
        """Raise for what does more than read."""
        if route.method != "GET":
            raise NotEnabled(f"{route.endpoint}: an archive can only be read", endpoint=route.endpoint)

    def markets_in(self, route: Route) -> list[str] | None:
        """Return the markets that a table has rows of."""
        try:
            markets = load(self._root, route.name, {}, ["market"])["market"]
        except NotCaptured:
            return []
        return sorted(name for name in pc.unique(markets).to_pylist() if name is not None)

    def _reply(self, route: Route, sent: Mapping[str, Any], numbers: Numbers, about: str) -> Page:
        """Return the newest reply to a request; of a question about some markets, that about all of them will do."""
        places = self._replies.by_question.get(question_of(route.path, sent))
        if places:
            return self._read(route, places[-1], numbers, about)
        names = str(sent.get("market", "")).split(",")
        whole = {name: value for name, value in sent.items() if name != "market"}
        places = self._replies.by_question.get(question_of(route.path, whole)) if "market" in sent else None
        if not places:
            raise NotCaptured(self._wanting(route, sent), path=str(self._root))
        page = self._read(route, places[-1], numbers, about)
        labels = page.frame.index.get_level_values("market")
        return page._replace(frame=page.frame[labels.isin(names)])

    def _read(self, route: Route, place: Place, numbers: Numbers, about: str) -> Page:
        record = self._catalogue.record(place)
        source = Source(route.endpoint, about, self.venue.name, single=route.single, paged=route.paged)
        page = read(route.row, record.body, source, numbers=numbers)
        return page._replace(at=pd.Timestamp(record.facts["at"], unit="ms", tz="UTC"))

    def _series(self, route: Route, sent: Mapping[str, Any], numbers: Numbers) -> pd.DataFrame:
        """Return all rows that fit a request, whatever its range; the last ones are kept for the next page."""
        wanted = {name: value for name, value in sent.items() if name not in _SLICE}
        wanted |= {name: sent.get(name) for name in definition_of(route.name).request_columns if name not in _SLICE}
        key = (route.name, tuple(sorted(wanted.items(), key=str)), numbers)
        if self._newest is None or self._newest[0] != key:
            rows = self._list if definition_of(route.name).time == CAPTURED else self._rows
            self._newest = (key, rows(route, wanted, numbers))
        return self._newest[1]

    def _list(self, route: Route, wanted: Mapping[str, Any], numbers: Numbers) -> pd.DataFrame:
        """Return the rows of a list as it was when it was captured last, by making that call again."""
        tasks = self._tasks(route, wanted)
        whole = tasks[tasks["complete"]]
        newest = (tasks if whole.empty else whole).iloc[-1]
        work = Work.again(newest["task"], route.name, self._replies.by_task[newest["task"]], self._catalogue)
        player = Player(Venue(newest["source"], http=newest["http"]))
        frame, *_ = replay(player, Task(route.name, json.loads(newest["params"])), work, numbers)
        return _fitting(frame.drop(columns=REPLY, errors="ignore"), wanted)

    def _rows(self, route: Route, wanted: Mapping[str, Any], numbers: Numbers) -> pd.DataFrame:
        columns = columns_of(route.row, numbers)
        names = [name for name in dict.fromkeys((definition_of(route.name).time, *route.row.order)) if name in columns]
        try:
            rows = load(self._root, route.name, wanted, columns)
        except NotCaptured:
            return route.row.empty(numbers)  # it was captured, and there was nothing
        if not is_rising(rows, names):
            rows = rows.take(pc.sort_indices(rows.select(names), [(name, "ascending") for name in names]))
        return rows_of(route.row, rows, numbers)

    def _tasks(self, route: Route, sent: Mapping[str, Any]) -> pd.DataFrame:
        """Return the captures that a request's rows would be in: those of the same, or of more."""
        every = self._coverage
        tasks = every[(every["table"] == route.name) & ~every["is_probe"]]
        fits = [_holds(route, json.loads(params), sent) for params in tasks["params"]]
        return tasks[np.array(fits, dtype=bool)]

    def _wanting(self, route: Route, sent: Mapping[str, Any]) -> str:
        """Return what an error says of a request that nothing was stored for."""
        what = ", ".join(f"{name}={value}" for name, value in sent.items() if name not in _SLICE)
        tasks = self._coverage[(self._coverage["table"] == route.name) & ~self._coverage["is_probe"]]
        if tasks.empty:
            return f"{route.name} was never captured"
        known = "; ".join(dict.fromkeys(f"{row.params}" for row in tasks.tail(5).itertuples()))
        return f"{route.name}({what}) was never captured; there is {known}"


def _holds(route: Route, params: Mapping[str, Any], sent: Mapping[str, Any]) -> bool:
    """Return whether a call with some parameters returned what a request asks for."""
    defaults = {name: each.default for name, each in inspect.signature(route.function).parameters.items()}
    narrow = {name: params.get(name, default) for name, default in defaults.items() if name not in _HOW}
    return all(value is None or str(sent.get(name)) == str(value) for name, value in narrow.items())


def _fitting(rows: pd.DataFrame, wanted: Mapping[str, Any]) -> pd.DataFrame:
    """Return the rows that hold some values, in the columns that there are."""
    for name in rows.columns.intersection(list(wanted)):
        rows = rows[rows[name].astype("str").str.casefold() == str(wanted[name]).casefold()]
    return rows


def _slice(series: pd.DataFrame, sent: Mapping[str, Any]) -> Page:
    """Return the rows that a request's range, page and limit leave."""
    rows = series
    if isinstance(rows.index, pd.DatetimeIndex):
        stamps = rows.index.asi8
        first = np.searchsorted(stamps, int(sent["start_time"])) if "start_time" in sent else 0
        last = np.searchsorted(stamps, int(sent["end_time"]), side="right") if "end_time" in sent else len(rows)
        rows = rows.iloc[first:last]
    if "last_id" in sent:
        rows = rows[rows["deal_id"] > int(sent["last_id"])]
    is_ranged = "start_time" in sent or "end_time" in sent
    if "page" in sent and is_ranged:  # all at once: only a page that could not hold one moment is asked further
        rows = rows if int(sent["page"]) == 1 else rows.iloc[:0]
        return Page(rows, has_next=False, rows=len(rows), direction=-1 if len(rows) else 0)
    if "page" in sent:
        limit, page = int(sent["limit"]), int(sent["page"])
        stop = len(rows) - (page - 1) * limit
        rows = rows.iloc[max(0, stop - limit) : max(0, stop)]
        return Page(rows, has_next=page * limit < len(series), rows=len(rows), direction=-1 if len(rows) else 0)
    if "limit" in sent:
        rows = rows.iloc[-int(sent["limit"]) :]
    return Page(rows, rows=len(rows), direction=1 if len(rows) else 0)
