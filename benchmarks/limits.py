"""Eight threads that share one session at full speed: how much of each rate limit they use, and that none is exceeded.

The sandbox counts, in a process of its own: units as they arrive, by group, in any stretch of one second.

Run: python benchmarks/limits.py
"""

from __future__ import annotations

import contextlib
import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import Any

from side_by_side import report

import coinex_pandas as cx
from coinex_pandas.http.pacing import LIMITS

SECONDS = 8.0
THREADS = 8
NOBODYS = 1  # an order that does not exist: its refusal counts as any other request
LOW = "30000"
ORDER: dict[str, Any] = {"market": "BTCUSDT", "side": "buy", "type": "limit", "amount": "0.0001", "price": LOW}
ORDERS = [ORDER] * 5

Act = Callable[[cx.SignedSession], object]

ACTS: dict[str, Act] = {
    "public": lambda me: cx.ping(session=me),
    "spot_order": lambda me: cx.spot_place_order(**ORDER, check=False, session=me),
    "spot_order in batches": lambda me: cx.spot_place_orders(ORDERS, check=False, session=me),
    "spot_cancel": lambda me: cx.spot_cancel_order("BTCUSDT", NOBODYS, session=me),
    "spot_batch_cancel": lambda me: cx.spot_cancel_all_orders("ETHUSDT", session=me),
    "spot_query": lambda me: cx.spot_order_status("BTCUSDT", NOBODYS, session=me),
    "spot_history": lambda me: cx.spot_finished_orders("BTCUSDT", session=me),
    "account_modify": lambda me: cx.account_settings(True, session=me),
    "account_query": lambda me: cx.spot_balances(session=me),
    "account_history": lambda me: cx.margin_borrow_limit("BTCUSDT", "USDT", session=me),
    "futures_order": lambda me: cx.futures_place_order(**ORDER, check=False, session=me),
    "futures_cancel": lambda me: cx.futures_cancel_order("BTCUSDT", NOBODYS, session=me),
    "futures_batch_cancel": lambda me: cx.futures_cancel_all_orders("ETHUSDT", session=me),
    "futures_query": lambda me: cx.futures_order_status("BTCUSDT", NOBODYS, session=me),
    "futures_history": lambda me: cx.futures_finished_orders("ETHUSDT", session=me),
    "futures_account_query": lambda me: cx.futures_balances(session=me),
}
"""One request of each group."""


def serve(pipe: Connection) -> None:
    """Run a sandbox; each group's name that comes is answered with what arrived, ``None`` ends it."""
    with cx.sandbox(seed=7) as exchange:
        pipe.send((exchange.venue, exchange.key.access_id, exchange.key.secret_key))
        while group := pipe.recv():
            pipe.send([tuple(arrival) for arrival in exchange.buckets.arrivals(group)])


@contextlib.contextmanager
def counting() -> Iterator[tuple[cx.SignedSession, Connection]]:
    """Give a session at a sandbox in another process, and the pipe to ask it for what arrived."""
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=serve, args=(there,))
    process.start()
    venue, access_id, secret_key = here.recv()
    with cx.SignedSession(access_id, secret_key, venue, trading=True, withdrawing=True) as session:
        yield session, here
    here.send(None)
    process.join()


def flood(session: cx.SignedSession, act: Act, seconds: float) -> None:
    """Let all threads do the same as often as the session allows."""
    until = time.monotonic() + seconds

    def work(_: int) -> None:
        while time.monotonic() < until:
            with contextlib.suppress(cx.NotFound):
                act(session)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))


def measure(session: cx.SignedSession, pipe: Connection, name: str, seconds: float = SECONDS) -> tuple[float, int, int]:
    """Return which share of its limit a group uses, the most units in any one second, and how many were refused."""
    group = name.partition(" ")[0]
    act = ACTS[name]
    with contextlib.suppress(cx.NotFound):
        act(session)  # the clock is measured, the connection is there
    time.sleep(1.1)
    pipe.send(group)
    before = len(pipe.recv())
    flood(session, act, seconds)
    pipe.send(group)
    arrived = pipe.recv()[before:]
    first, last = arrived[0][0], arrived[-1][0]
    used = sum(units for _, units, _ in arrived[1:]) / (last - first) / LIMITS[group]
    return used, busiest(arrived), sum(not granted for *_, granted in arrived)


def busiest(arrived: Sequence[tuple[float, int, bool]]) -> int:
    """Return the most units in any stretch of one second."""
    most = within = first = 0
    for at, units, _ in arrived:
        within += units
        while arrived[first][0] <= at - 1:
            within -= arrived[first][1]
            first += 1
        most = max(most, within)
    return most


def main() -> None:
    """Measure and report."""
    figures: dict[str, float] = {}
    demands: dict[str, str] = {}
    with counting() as (session, pipe):
        for name in ACTS:
            used, most, refused = measure(session, pipe, name)
            limit = LIMITS[name.partition(" ")[0]]
            figures |= {f"{name}: used": used, f"{name}: most in a second": most, f"{name}: refused": refused}
            demands |= {f"{name}: used": ">= 0.95", f"{name}: most in a second": f"<= {limit}", f"{name}: refused": "0"}
    report(f"limits: {THREADS} threads, one session, {SECONDS:.0f} s for each group", figures, demands)


if __name__ == "__main__":
    main()
