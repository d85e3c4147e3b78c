"""Streams: in memory, from a socket, at ten million rows; and the checked book. Beside gunzip + orjson, and ccxt pro.

Run: python benchmarks/live.py
"""

from __future__ import annotations

import gc
import importlib
import json
import statistics
import time
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import clients
import numpy as np
import orjson
import psutil
import pushes
from flood import flood
from side_by_side import report

import coinex_pandas as cx
from coinex_pandas.live.buffer import FLUSH, Buffer
from coinex_pandas.live.protocol.connection import Connection
from coinex_pandas.live.protocol.messages import decoder
from coinex_pandas.live.protocol.order_book import OrderBook
from coinex_pandas.live.retention import Retention
from coinex_pandas.live.stream import Stream
from coinex_pandas.tables.rows.market import Deal

FRAMES, ROUNDS, TOGETHER = 20_000, 9, 64
FLOOD = 120_000
CHANNEL = cx.CHANNELS["futures_deals"]
DEMANDS = {
    "memory": ">= 0.75 of the floor's speed, frames as a read of the socket brings them in a flood (64)",
    "memory_single": "the same, each frame by itself",
    "ccxt_pro": ">= 12 of ccxt pro's speed",
    "end_to_end": ">= 0.55 of the floor's speed, from a loopback server that pushes as fast as it is read",
    "client_picows": "the floor's speed, socket and decoding only",
    "asleep_mb": "memory while somebody who reads in batches sleeps for 5 s, keep=100,000 (bound: 30 MB)",
    "snapshot_us_1e7": "< 100 us",
    "growth": "<= 1.3, append at 1e7 rows beside 1e4",
    "worst_append_ms": "< 25 ms on the way",
    "book": "<= 1.3 of gunzip + orjson of the same push: the verified update",
    "book_with_reading": "the same with its own gunzip + decode",
    "book_ccxt_pro": "ccxt pro's unverified update",
}


def _cpu(work: Callable[[], object]) -> float:
    gc.collect()
    begin = time.thread_time()
    work()
    return time.thread_time() - begin


def _beside(work: Callable[[], object], floor: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the median of work's share of the floor's time: 2 takes twice as long."""
    return statistics.median(_cpu(work) / _cpu(floor) for _ in range(rounds))


def _floor(frames: Sequence[bytes]) -> Callable[[], None]:
    def work() -> None:
        for frame in frames:
            orjson.loads(zlib.decompress(frame, 31))

    return work


def _connection() -> Connection:
    """Return a connection with a stream's buffer, subscribed."""
    connection = Connection("futures")
    connection.add(CHANNEL, Buffer(CHANNEL, (pushes.MARKET,), Retention(None, None)), 0.0, pushes.START)
    connection.on_open(0.0, pushes.START)
    return connection


def _together(frames: Sequence[bytes]) -> Callable[[], None]:
    def work() -> None:
        connection = _connection()
        for at in range(0, len(frames), TOGETHER):
            connection.on_frames(frames[at : at + TOGETHER], 0.0, pushes.START + at)

    return work


def _single(frames: Sequence[bytes]) -> Callable[[], None]:
    def work() -> None:
        connection = _connection()
        for at, frame in enumerate(frames):
            connection.on_frame(frame, 0.0, pushes.START + at)

    return work


class _Client:
    """What ccxt pro's handlers need of a connection."""

    url = "wss://socket.coinex.com/v2/futures"

    def resolve(self, *_: object) -> None:
        """Tell nobody."""


def _ccxt(frames: Sequence[bytes]) -> Callable[[], None]:
    from coinex import CoinexWs  # puts its copy of ccxt on the path

    gunzip = importlib.import_module("ccxt.async_support.base.ws.functions").gunzip

    peer, client = CoinexWs({"options": {"tradesLimit": 10**9}}), _Client()

    def work() -> None:
        for frame in frames:
            peer.handle_message(client, json.loads(gunzip(frame)))

    return work


def in_memory() -> dict[str, float]:
    """Measure gunzip + decode + append."""
    frames = pushes.deal_frames(FRAMES)
    few = frames[: FRAMES // 10]
    return {
        "memory": 1 / _beside(_together(frames), _floor(frames)),
        "memory_single": 1 / _beside(_single(frames), _floor(frames)),
        "ccxt_pro": _beside(_ccxt(few), _together(few), 5),
    }


def from_socket() -> dict[str, float]:
    """Measure a real stream at a server that pushes as fast as it is read, and the client libraries alone."""
    frames = pushes.deal_frames(FLOOD)
    found: dict[str, list[float]] = {}
    with flood(FLOOD) as address:
        for _ in range(5):
            floor = _wall(_floor(frames))
            found.setdefault("end_to_end", []).append(floor / _wall(lambda: _stream_all(address)))
            for name, client in clients.CLIENTS.items():
                found.setdefault(f"client_{name}", []).append(floor / clients.seconds(client, address, FLOOD))
        found["asleep_mb"] = [_asleep(address)]
    return {name: statistics.median(values) for name, values in found.items()}


def _wall(work: Callable[[], object]) -> float:
    gc.collect()
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _session(address: str) -> cx.Session:
    return cx.Session(cx.Venue("flood", http="http://127.0.0.1:9/v2", ws=address))


def _stream_all(address: str) -> None:
    with cx.live.futures_deals(pushes.MARKET, session=_session(address)) as stream:
        stream.wait(rows=FLOOD * pushes.DEALS, seconds=120)


def _asleep(address: str) -> float:
    """Return by how many MB this process grows while somebody who reads in batches sleeps for five seconds."""
    import asyncio

    memory = psutil.Process().memory_info
    grown = 0.0

    async def sleepy() -> None:
        nonlocal grown
        with cx.live.futures_deals(pushes.MARKET, keep=100_000, session=_session(address)) as stream:
            rows = 0
            async for batch in stream:
                rows += len(batch)
                if not grown:
                    before = memory().rss
                    await asyncio.sleep(5)
                    grown = (memory().rss - before) / 1e6
                if rows == FLOOD * pushes.DEALS:
                    return

    cx.run(sleepy())
    return grown


def growing() -> dict[str, float]:
    """Measure appends and snapshots on the way to ten million rows."""
    with Stream(CHANNEL, (pushes.MARKET,), _session("ws://127.0.0.1:9/v2")) as stream:
        buffer, times, total = stream._buffer, [], 0
        rows = [_deal(at) for at in range(FLUSH)]
        while total < 10_000_000:
            begin = time.thread_time()  # what else runs on the machine stalls no append of ours
            buffer.append(pushes.MARKET, rows, pushes.START + total, True)
            times.append(time.thread_time() - begin)
            total += FLUSH
        snapshots = []
        for _ in range(200):
            begin = time.perf_counter()
            len(stream.df)  # the snapshot is what is measured
            snapshots.append(time.perf_counter() - begin)
    at_1e4, at_1e7 = (statistics.median(part) for part in (times[20:60], times[-2000:]))
    return {
        "snapshot_us_1e7": statistics.median(snapshots) * 1e6,
        "growth": at_1e7 / at_1e4,
        "worst_append_ms": max(times) * 1e3,
    }


def _deal(at: int) -> Deal:
    rng = np.random.default_rng(at)
    return Deal(
        deal_id=10**11 + at,
        created_at=pushes.START + at,
        side="buy",
        price=float(rng.random()),
        amount=float(rng.random()),
    )


def books() -> dict[str, float]:
    """Measure verified updates of a book of 50 + 50 levels."""
    frames = pushes.book_frames(4000)
    read = decoder("futures")
    decoded = [read(zlib.decompress(frame, 31)).data for frame in frames]

    def update() -> None:
        book = OrderBook(50)
        for push in decoded:
            if book.apply(push):
                raise AssertionError("the made-up book does not fit its checksum")

    def whole() -> None:
        book = OrderBook(50)
        for frame in frames:
            book.apply(read(zlib.decompress(frame, 31)).data)

    floor = _floor(frames)
    return {
        "book": _beside(update, floor),
        "book_with_reading": _beside(whole, floor),
        "book_ccxt_pro": _beside(_ccxt(frames), floor),
    }


def main() -> None:
    """Measure and report."""
    found: dict[str, Any] = {}
    for measure in (in_memory, from_socket, growing, books):
        found |= measure()
    report("live: medians of ratios", found, DEMANDS)


if __name__ == "__main__":
    main()
