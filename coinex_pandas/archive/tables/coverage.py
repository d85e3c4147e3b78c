"""The coverage: for each task of a capture and each recorded stream what of, from when to when, and how whole it is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from coinex_pandas.archive.raw.payload import proved_content
from coinex_pandas.archive.raw.writer import Writer
from coinex_pandas.errors import MissingExtra

if TYPE_CHECKING:
    from coinex_pandas.archive.collection.journal import Journal, RunLog, TaskLog

try:
    import pyarrow as pa
    import pyarrow.parquet as pq
except ImportError as fault:
    raise MissingExtra("pyarrow", extra="archive") from fault

__all__ = ["COVERAGE", "STREAM", "coverage_frame", "coverage_of", "write_coverage"]

COVERAGE = "data/coverage.parquet"
STREAM = "stream "
"""How the task of a recorded stream begins; its number in the archive follows."""
_COLUMNS = {
    "table": "str",
    "market": "str",
    "params": "str",
    "from": "datetime64[ms, UTC]",
    "to": "datetime64[ms, UTC]",
    "rows": "Int64",
    "complete": "bool",
    "state": "str",
    "reason": "str",
    "code": "Int64",
    "gaps": "Int64",
    "is_probe": "bool",
    "source": "str",
    "http": "str",
    "captured_at": "datetime64[ms, UTC]",
    "task": "str",
}


def coverage_of(root: Path) -> pd.DataFrame:
    """Return the coverage of an archive; no rows where nothing was captured."""
    content = proved_content(root, COVERAGE)
    return coverage_frame([] if content is None else pq.read_table(pa.BufferReader(content)).to_pylist())


def write_coverage(root: Path, writer: Writer, journal: Journal, recordings: pd.DataFrame) -> None:
    """Write the coverage of all captures, and that of recorded streams, with all else that the bag has not yet."""
    tasks = coverage_frame([_row(journal.runs[task.run], task) for task in journal.tasks.values()])
    frame = pd.concat([tasks, recordings], ignore_index=True)
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), sink, compression="zstd")
    writer.bag.put(root / COVERAGE, sink.getvalue().to_pybytes())
    writer.describe()


def _row(run: RunLog, log: TaskLog) -> dict[str, Any]:
    params = {name: value for name, value in log.task.params.items() if name not in ("start", "end")}
    end = log.end
    return {
        "table": log.task.table,
        "market": params.get("market"),
        "params": json.dumps(params, sort_keys=True),
        "from": _time(log.task.params.get("start")),
        "to": min(filter(None, (_time(run.facts["until"]), _time(log.task.params.get("end"))))),
        "rows": None if end is None else end.rows,
        "complete": end is not None and end.state == "complete",
        "state": "interrupted" if end is None else end.state,
        "reason": "" if end is None else end.reason,
        "code": None if end is None else end.code,
        "gaps": None,
        "is_probe": log.task.is_probe,
        "source": run.facts["venue"],
        "http": run.facts["http"],
        "captured_at": pd.Timestamp(
            int(log.run) // 1_000_000 if end is None else end.at // 1_000_000, unit="ms", tz="UTC"
        ),
        "task": log.id,
    }


def _time(text: Any) -> pd.Timestamp | None:
    return None if text is None else pd.Timestamp(str(text)).tz_convert("UTC").as_unit("ms")


def coverage_frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return rows as a coverage."""
    frame = pd.DataFrame(rows, columns=list(_COLUMNS)).astype(_COLUMNS)
    frame.attrs["coinex"] = {"table": "coverage"}
    return frame
