"""Tables of recorded streams: their frames are played again, and the rows join the tables."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from coinex_pandas.archive.description.definitions import RECORD, definition_of, stream_table
from coinex_pandas.archive.raw.catalogue import Catalogue
from coinex_pandas.archive.streams.replay import StreamCoverage, StreamRows, replayed
from coinex_pandas.archive.tables.columns import stored
from coinex_pandas.archive.tables.coverage import STREAM, coverage_frame
from coinex_pandas.archive.tables.partitions import Partitions

__all__ = ["add_recordings", "task_of"]

_RECEIVED = "received_at"


def task_of(stream: int) -> str:
    """Return the name of a recorded stream in the coverage."""
    return f"{STREAM}{stream}"


def add_recordings(partitions: Partitions, catalogue: Catalogue, recordings: Iterable[tuple[int, str]]) -> pd.DataFrame:
    """Add the rows of streams to their tables; return what they cover.

    Parameters
    ----------
    partitions : Partitions
        The tables.
    catalogue : Catalogue
        The raw layer.
    recordings : iterable of (int, str)
        The number of each stream, and the segment in which its connection begins.
    """
    wanted = dict(recordings)
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    coverage: list[dict[str, Any]] = []
    for part in replayed(catalogue.since(min(wanted.values()))) if wanted else ():
        if part.stream not in wanted:
            continue
        if isinstance(part, StreamRows):
            counts[part.stream].update(_add(partitions, part))
            partitions.write_some()
        else:
            coverage += _coverage(part, counts.pop(part.stream))
    return coverage_frame(coverage)


def _add(partitions: Partitions, part: StreamRows) -> Counter[str]:
    """Add rows to their table; return how many each market or currency has."""
    table, rows = stream_table(part.table), part.frame.reset_index(drop=not any(part.frame.index.names))
    if not len(rows):
        return Counter()
    received, places = rows.pop(_RECEIVED).to_numpy(dtype="datetime64[ms]"), rows.pop(RECORD).to_list()
    request = {name: _requested(name, rows, part) for name in definition_of(table).request_columns}
    partitions.add(table, stored(table, rows, request, captured=received, records=places, texts=part.texts))
    names = next((name for name in ("market", "ccy") if name in rows), None)
    return Counter() if names is None else Counter(rows[names].astype("str"))


def _requested(name: str, rows: pd.DataFrame, part: StreamRows) -> list[str | None]:
    """Return what a request over HTTP says and a push has in its rows, or beside them."""
    values: list[str | None] = list(rows[name].astype("str")) if name in rows else [part.market_type] * len(rows)
    return values


def _coverage(part: StreamCoverage, counts: Counter[str]) -> Iterator[dict[str, Any]]:
    """Yield what a stream covers, a row for each of its markets or currencies."""
    for name in part.names or (None,):
        concerned = part.gaps[part.gaps["market"].isna() | (part.gaps["market"] == name)] if name else part.gaps
        missed = concerned[~concerned["refilled"].fillna(False).astype(bool)]
        params = {} if name is None else {"ccy" if part.table.endswith("_balances") else "market": name}
        reasons = [] if part.reason else ["the process ended without a word"]
        reasons += [f"{len(missed)} gaps: {missed['cause'].iloc[0]}"] if len(missed) else []
        yield {
            "table": stream_table(part.table),
            "market": params.get("market"),
            "params": json.dumps(params | ({"market_type": part.market_type} if part.market_type else {})),
            "from": pd.Timestamp(part.start, unit="ms", tz="UTC"),
            "to": pd.Timestamp(part.end, unit="ms", tz="UTC"),
            "rows": part.rows if name is None else counts[name],
            "complete": missed.empty,
            "state": "incomplete" if len(missed) else "complete",
            "reason": "; ".join(reasons),
            "code": None,
            "gaps": len(missed),
            "is_probe": False,
            "source": part.venue,
            "http": "",
            "captured_at": pd.Timestamp(part.end, unit="ms", tz="UTC"),
            "task": task_of(part.stream),
        }
