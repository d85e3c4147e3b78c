"""Which share of the possible rate a capture uses, 60 ms away from the exchange; for archive.py.

The sandbox is in a process of its own; it counts requests as they arrive.
"""

from __future__ import annotations

import contextlib
import multiprocessing
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import coinex_pandas as cx
from coinex_pandas.http.pacing import LIMITS

__all__ = ["capture_rate"]

LATENCY, CONNECTIONS = 0.06, 16
TABLE, START = "futures_basis_history", "2025-06-01"  # a request a week and market, whose replies are small


def capture_rate(folder: Path) -> float:
    """Return the requests per second of a capture, as a share of what the limit and the way permit."""
    permitted = min(LIMITS["public"], CONNECTIONS / LATENCY)
    with _exchange() as (venue, pipe):
        cx.archive.capture(
            folder / "capture",
            "public",
            tables=[TABLE],
            start=START,
            connections=CONNECTIONS,
            session=cx.Session(venue),
        )
        pipe.send(True)
        arrivals = pipe.recv()
    return _steady(arrivals) / permitted


def _steady(arrivals: list[float]) -> float:
    """Return the requests per second of the middle: at first and at last not all connections are busy."""
    part = arrivals[len(arrivals) // 10 : -len(arrivals) // 10]
    return (len(part) - 1) / (part[-1] - part[0])


@contextlib.contextmanager
def _exchange() -> Iterator[tuple[cx.Venue, Connection]]:
    """Give the venue of a sandbox in another process, and the pipe that says when requests arrived."""
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=_serve, args=(there,))
    process.start()
    yield here.recv(), here
    here.send(False)
    process.join()


def _serve(pipe: Connection) -> None:
    with cx.sandbox(seed=7, now="2026-06-01", speed=1, faults={"latency": (1.0, LATENCY)}) as exchange:
        pipe.send(exchange.venue)
        while pipe.recv():
            pipe.send([at for at, *_ in exchange.buckets.arrivals("public")])
