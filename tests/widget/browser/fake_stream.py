"""A stream and a book that need no exchange: a thread adds rows, and knows what a view should have shown."""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict

import pandas as pd

from coinex_pandas.widget.source import Status

FIRST_ID = 9_007_199_254_740_993  # 2**53 + 1: a browser's number would make it ...992
START = 1_780_315_200_000  # 2026-06-01 12:00 UTC
PRICES = {"BTCUSDT": (87250.5, 2), "ETHUSDT": (3012.25, 2), "PEPEUSDT": (0.00001152, 10)}


class FakeStream:
    """Deals: `per_second` messages of `burst` rows each; with `quiet` only rows that `add` brings."""

    name = "futures_deals"

    def __init__(self, *markets: str, per_second: float = 20, burst: int = 1, quiet: bool = False) -> None:
        self.markets = markets or tuple(PRICES)
        self.per_second, self.burst = per_second, burst
        self.state, self.gaps, self.silent = "live", 0, ()
        self.calls = 0  # of tail(), to see that a hidden view asks for nothing
        self._rows: list[tuple[object, ...]] = []
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        self._prices = {market: PRICES.get(market, (100.0, 2)) for market in self.markets}
        self._messages, self._changed_at = 0, None
        self._random = random.Random(7)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fake-stream", daemon=True)
        if not quiet:
            self._thread.start()

    def add(self, count: int = 1) -> None:
        """Push one message of `count` deals."""
        self._messages += 1
        for _ in range(count):
            self._deal(self._random.choice(list(self._prices)))
        self._changed_at = time.monotonic()

    def tail(self, rows: int, market: str | None = None) -> pd.DataFrame:
        """Return the newest deals, oldest first."""
        self.calls += 1
        places = None if market is None else self._places[market]
        found = self._rows[-rows:] if places is None else [self._rows[at] for at in places[-rows:]]
        columns = ["created_at", "market", "deal_id", "side", "price", "amount", "received_at"]
        frame = pd.DataFrame(found, columns=columns)
        kinds = {"deal_id": "int64", "price": "float64", "amount": "float64"}
        frame = frame.astype(kinds | {"market": pd.CategoricalDtype(list(self._prices)), "side": "category"})
        for name in ("created_at", "received_at"):
            frame[name] = pd.to_datetime(frame[name].astype("int64"), unit="ms", utc=True).dt.as_unit("ms")
        return frame.set_index("created_at")

    def status(self) -> Status:
        """Return how it fares."""
        age = None if self._changed_at is None else time.monotonic() - self._changed_at
        rate = 0.0 if self._stopped.is_set() else float(self.per_second)
        return Status(self.state, age, len(self._rows), self._messages, self.gaps, self.silent, rate)

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        self.state = "stopped"

    def _run(self) -> None:
        begin = time.monotonic()
        while not self._stopped.wait(min(1 / self.per_second, 0.05)):
            while self._messages < (time.monotonic() - begin) * self.per_second and not self._stopped.is_set():
                self.add(self.burst)

    def _deal(self, market: str) -> None:
        price, places = self._prices[market]
        price = round(price * (1 + self._random.uniform(-2e-4, 2e-4)), places)
        self._prices[market] = price, places
        number = len(self._rows)
        amount = round(self._random.uniform(0.0001, 2), 8)
        side = self._random.choice(["buy", "sell"])
        at = START + number * 50
        self._places[market].append(number)
        self._rows.append((at, market, FIRST_ID + number, side, price, amount, at + 12))


class FakeBook:
    """A book of 50 + 50 levels that moves `per_second` times a second."""

    name = "spot_depth"
    markets = ("BTCUSDT",)

    def __init__(self, *, per_second: float = 5, levels: int = 50) -> None:
        self.state = "live"
        self._levels, self._per_second = levels, per_second
        self._random = random.Random(7)
        self._messages = 0
        self._frame = self._made(87250.5)
        self._stopped = threading.Event()
        threading.Thread(target=self._run, name="fake-book", daemon=True).start()

    def tail(self, rows: int, market: str | None = None) -> pd.DataFrame:
        """Return the best levels of both sides."""
        return self._frame.groupby(level="side", observed=True).head(max(1, rows // 2))

    def status(self) -> Status:
        """Return how it fares."""
        return Status(self.state, 0.1, self._messages, self._messages, 0, (), self._per_second)

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        self.state = "stopped"

    def _run(self) -> None:
        while not self._stopped.wait(1 / self._per_second):
            self._messages += 1
            self._frame = self._made(87250.5 + self._random.randint(-40, 40) / 10)

    def _made(self, mid: float) -> pd.DataFrame:
        rows = [
            (side, level, round(mid + sign * (level + 1) * 0.1, 2), round(self._random.uniform(0.001, 3), 8))
            for side, sign in (("bid", -1), ("ask", 1))
            for level in range(self._levels)
        ]
        return pd.DataFrame(rows, columns=["side", "level", "price", "amount"]).set_index(["side", "level"])
