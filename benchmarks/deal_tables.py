"""Deals of a month as tables of an archive, beside bare pyarrow: bytes, writing, reading back; for archive.py.

The deals are made up: ids rise by one to three, prices walk by ticks and often stay, amounts have eight decimals and no
pattern, three deals came in a frame.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from coinex_pandas.archive.collection.journal import read_journal
from coinex_pandas.archive.raw.catalogue import Catalogue
from coinex_pandas.archive.raw.writer import Writer
from coinex_pandas.archive.reader.archive import open_archive
from coinex_pandas.archive.tables.coverage import coverage_frame, write_coverage
from coinex_pandas.archive.tables.partitions import Partitions, files_of

__all__ = ["tables"]

TABLE, MARKET, DAYS = "futures_deals", "BTCUSDT", 30
COLUMNS = ["created_at", "deal_id", "side", "price", "amount"]
DAY_MS, FIRST_DAY = 86_400_000, 20_760  # 3 November 2026
TICKS = (0, 0, 0, 1, -1, 2, -2, 15, -15)
READ_PAIRS = 5


def tables(folder: Path, deals: int) -> dict[str, float]:
    """Return the figures of so many deals of one market, an equal number on each of thirty days."""
    archive, bare = folder / "archive", folder / "bare"
    bare.mkdir()
    written = []
    with Writer(archive, sync=False) as writer:
        _note_capture(writer)
        partitions = Partitions(archive, writer.bag.payload)
        for day, rows in enumerate(_days(deals)):
            ours, floor = _in_turns(day, lambda: _write(partitions, rows), lambda: _write_bare(rows, bare))  # noqa: B023  # called at once
            written.append((ours, floor))
        partitions.enter(writer.bag)
        writer.seal()
        write_coverage(archive, writer, read_journal(Catalogue(archive)), coverage_frame([]))
        partitions.remove_old()
    size = sum(path.stat().st_size for path in files_of(archive, TABLE))
    return {
        "parquet_bytes_per_deal": size / deals,
        "parquet_write": sum(ours for ours, _ in written) / sum(floor for _, floor in written),
        "parquet_read": _read(archive),
    }


def _read(archive: Path) -> float:
    """Return how many times as long a frame of all deals takes as by the bare dataset; the frames are the same."""
    files = [str(path) for path in files_of(archive, TABLE)]

    def ours() -> pd.DataFrame:
        frame: pd.DataFrame = open_archive(archive).futures_deals(MARKET, limit=None)
        return frame

    def bare() -> pd.DataFrame:
        rows = ds.dataset(files).to_table(columns=COLUMNS, filter=ds.field("market") == MARKET)
        frame: pd.DataFrame = rows.to_pandas().set_index("created_at")
        return frame

    _require_equal(ours(), bare())
    pairs = [_in_turns(turn, ours, bare) for turn in range(READ_PAIRS)]
    return statistics.median(one / other for one, other in pairs)


def _require_equal(frame: pd.DataFrame, other: pd.DataFrame) -> None:
    """Raise if two frames of millions of rows hold other cells; what compares frames in tests takes minutes."""
    if not frame.index.equals(other.index) or set(frame.columns) != set(other.columns):
        raise AssertionError("the rows are not the same")
    for name in frame.columns:
        cells, others = (each[name].astype("str") if name == "side" else each[name] for each in (frame, other))
        if not (cells.to_numpy() == others.to_numpy()).all():
            raise AssertionError(f"{name} is not the same")


def _in_turns(turn: int, way: Callable[[], object], floor: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds of two ways; every other time the second one goes first."""
    if turn % 2:
        return _seconds(way), _seconds(floor)
    other = _seconds(floor)
    return _seconds(way), other


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _write(partitions: Partitions, rows: Any) -> None:
    partitions.add(TABLE, rows)
    partitions.write()


def _write_bare(rows: Any, folder: Path) -> None:
    pq.write_table(rows, folder / "day.parquet", compression="zstd")


def _note_capture(writer: Writer) -> None:
    """Note a capture of the deals, which an archive needs to speak of them."""
    params, run, task = {"market": MARKET}, "1", "1.1"
    until = pd.Timestamp((FIRST_DAY + DAYS) * DAY_MS, unit="ms", tz="UTC").isoformat()
    writer.note(note="run", run=run, what="public", venue="benchmark", http="http://127.0.0.1:9/v2", until=until)
    writer.note(note="task", task=task, run=run, table=TABLE, params=params, probe=False)
    writer.note(note="task end", task=task, state="complete", reason="", rows=0, requests=0)
    writer.note(note="run end", run=run)


def _days(deals: int) -> Iterator[Any]:
    """Yield the stored rows of each day."""
    rng, count = np.random.default_rng(1), deals // DAYS
    for day in range(DAYS):
        times = (FIRST_DAY + day) * DAY_MS + np.sort(rng.integers(0, DAY_MS, count))
        prices = np.round(60_000 + np.cumsum(rng.choice(TICKS, count)) / 100, 2)
        records = np.arange(count) // 3
        yield pa.table(
            {
                "deal_id": 10**10 + 3 * day * count + np.cumsum(rng.integers(1, 4, count)),
                "created_at": pa.array(times, pa.timestamp("ms", "UTC")),
                "side": _words(rng.integers(0, 2, count), ["buy", "sell"]),
                "price": prices,
                "price_text": pa.nulls(count, pa.string()),
                "amount": np.round(10 ** rng.uniform(-5, 0, count), 8),
                "amount_text": pa.nulls(count, pa.string()),
                "market": _words(np.zeros(count), [MARKET]),
                "captured_at": pa.array(times[3 * records] + 60, pa.timestamp("ms", "UTC")),
                "record": pa.array([f"{day + 1:08d}.jsonl.zst:{number}" for number in records]),
            }
        )


def _words(codes: Any, words: list[str]) -> Any:
    return pa.DictionaryArray.from_arrays(pa.array(np.asarray(codes, dtype=np.int32)), pa.array(words))
