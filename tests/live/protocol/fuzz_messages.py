"""Fuzz the decoder of the messages of sockets with atheris, by ``make fuzz``.

Whatever bytes come, `decoded` returns a push, an answer or a refusal of its own type, and a connection never raises.
The first byte of an input chooses the area and whether the rest is packed first, so that the search is not spent on
finding out what a gzip is.
"""

from __future__ import annotations

import gzip
import inspect
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from coinex_pandas import live
from coinex_pandas.live.account_stream import AccountBuffer
from coinex_pandas.live.book import BookBuffer
from coinex_pandas.live.buffer import Buffer
from coinex_pandas.live.channel import CHANNELS
from coinex_pandas.live.protocol.actions import Recover
from coinex_pandas.live.protocol.connection import Connection
from coinex_pandas.live.protocol.messages import BadFrame, Push, Reply, UnknownPush, decode_any, decoder, unpack
from coinex_pandas.live.protocol.subscription import Recovery
from coinex_pandas.live.stats import gaps_frame
from tests.paths import GOLDEN_STREAMS

AREAS = ("spot", "futures")
GOOD = "GOODUSDT"
MARKETS = ("BTCUSDT", "ETHUSDT", "CETUSDT", "ETHUSD", GOOD)
NOT_QUICK = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What the quick reader may say; the other one then says what it is."""

assert live.__all__  # its functions are what fills CHANNELS


def decoded(area: str, frame: bytes) -> Any:
    """Return what a frame says, or the refusal; anything else that is raised is a fault."""
    try:
        text = unpack(frame)
        try:
            found = decoder(area)(text)
        except NOT_QUICK:
            found = decode_any(area, text)
    except BadFrame as fault:
        return fault
    if not isinstance(found, (Push, Reply, UnknownPush)):
        raise TypeError(f"decoded as {found!r}")
    return found


class Linked:
    """A connection with somebody who listens to every channel of its area."""

    def __init__(self, area: str) -> None:
        self.connection = Connection(area, random.Random(1))
        public = [name for name, known in CHANNELS.items() if known.area == area and known.private is None]
        self.subscribers = {name: _subscriber(name) for name in public}
        own = [name for name, known in CHANNELS.items() if known.area == area and known.private is not None]
        self.private = {name: AccountBuffer(CHANNELS[name], (), area.upper(), (None, None)) for name in own}
        for name, subscriber in {**self.subscribers, **self.private}.items():
            self.connection.add(CHANNELS[name], subscriber, 0.0, 1)
        self.connection.on_open(0.0, 1)
        self._number = 0

    def frame(self, data: bytes) -> None:
        """Take a frame."""
        self.connection.on_frame(data, 1.0, 1000)
        self.answered()

    def together(self, batch: list[bytes]) -> None:
        """Take frames that came together."""
        self.connection.on_frames(batch, 1.0, 1000)
        self.answered()

    def answered(self) -> None:
        """Answer what is asked for over HTTP: nothing was missed."""
        for action in self.connection.actions:
            if isinstance(action, Recover):
                self.connection.on_recovery(action.request, Recovery(()), 1000)
        self.connection.actions.clear()

    def looked_at(self) -> None:
        """Make every frame that a user could ask for, and forget the gaps."""
        for subscriber in [*self.subscribers.values(), *self.private.values()]:
            with subscriber.lock:
                subscriber.flush()
                subscriber.table.frame()
                if subscriber.gaps:  # most have none, and a frame of nothing is the same each time
                    gaps_frame(subscriber.gaps)
                    subscriber.gaps.clear()

    def good(self) -> dict[str, int]:
        """Take a good frame of each channel, and look at all; return how many rows each stream has from them.

        Streams that the exchange has refused are left out: they have ended.
        """
        self._number += 1
        self.looked_at()
        before = {name: subscriber.received for name, subscriber in self.subscribers.items()}
        for push in _good_pushes(self.connection.area, self._number):
            self.frame(gzip.compress(json.dumps(push).encode(), 1))
        self.looked_at()
        return {
            name: subscriber.received - before[name]
            for name, subscriber in self.subscribers.items()
            if subscriber.error is None
        }


def _subscriber(name: str) -> Buffer:
    known, keep = CHANNELS[name], (None, None)
    if known.method == "depth":
        return BookBuffer(known, MARKETS, keep, (5, "0", False))
    return Buffer(known, MARKETS, keep)


def _good_pushes(area: str, number: int) -> Iterator[dict[str, Any]]:
    """Yield one push for each channel, each time another one."""
    market = {"market": GOOD}
    prices = ("last", "open", "close", "high", "low", "volume", "value", "volume_sell", "volume_buy")
    deal = {"deal_id": number, "created_at": 1, "side": "buy", "price": "1", "amount": str(number)}
    data: dict[str, Any] = {
        "state": {"state_list": [market | dict.fromkeys(prices, "1") | {"period": 86400 + number}]},
        "deals": market | {"deal_list": [deal]},
        "index": market | {"index_price": str(number)},
        "bbo": market | {"updated_at": number},
        "depth": market | {"is_full": True, "depth": {"asks": [], "bids": [], "updated_at": number, "checksum": 0}},
    }
    if area == "futures":
        data["premium"] = market | {"updated_at": number, "premium_index": "1"}
    for method, pushed in data.items():
        yield {"method": f"{method}.update", "data": pushed, "id": None}


def seeds() -> list[bytes]:
    """Return inputs to begin with: the golden plays' pushes and answers, of both areas."""
    found = []
    for path in sorted(GOLDEN_STREAMS.glob("*.json")):
        play = json.loads(path.read_text("utf-8"))
        kind = bytes([AREAS.index(path.stem.partition("_")[0])])
        found += [kind + json.dumps(frame).encode() for frame in (play["acknowledged"], *play["pushed"])]
    return found


def one_input(data: bytes) -> None:
    """Decode one input, and have a connection take it."""
    kind, rest = data[0] if data else 0, data[1:]
    area = AREAS[kind & 1]
    frame = rest if kind & 2 else gzip.compress(rest, 1)
    decoded(area, frame)
    linked = _linked(area)
    linked.together([frame, frame]) if kind & 4 else linked.frame(frame)
    counts = linked.good()
    if not {1} >= set(counts.values()):
        raise RuntimeError(f"a good frame was not handled: {counts}")


_connections: dict[str, tuple[Linked, int]] = {}


def _linked(area: str) -> Linked:
    """Return a connection that has taken some inputs before, a new one after a hundred."""
    linked, inputs = _connections.get(area) or (Linked(area), 0)
    _connections[area] = (linked, inputs + 1)
    if inputs == 100:
        del _connections[area]
    return linked


def _functions() -> Iterator[Any]:
    """Yield the package's functions and methods: all that is to be covered."""
    for name, module in list(sys.modules.items()):
        if name.startswith("coinex_pandas"):
            things = [thing for thing in vars(module).values() if getattr(thing, "__module__", None) == name]
            methods = [part for thing in things if inspect.isclass(thing) for part in vars(thing).values()]
            yield from filter(inspect.isfunction, (*things, *methods))


def main() -> None:
    """Fuzz until told to stop; libFuzzer's own options are taken."""
    import tempfile

    import atheris

    for function in _functions():
        atheris.instrument_func(function)
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(seeds()):
            (Path(corpus) / f"{number}").write_bytes(seed)
        atheris.Setup([*sys.argv, corpus], one_input)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
