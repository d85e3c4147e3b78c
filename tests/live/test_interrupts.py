"""Ctrl-C at any line: the table stays right, each row once, and nobody waits for a lock that was left behind."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec import Raw

import coinex_pandas as cx
from coinex_pandas.live import buffer as buffer_module
from coinex_pandas.live.account_stream import PrivateStream
from coinex_pandas.live.protocol.account_rows import row_of
from coinex_pandas.live.sockets import pool
from coinex_pandas.live.stream import Stream
from coinex_pandas.tables import growing_arrays
from coinex_pandas.tables.rows.market import Deal
from coinex_pandas.tables.structs import row_type
from coinex_pandas.tables.unknown_columns import Extra

pytestmark = pytest.mark.sweep

PACKAGE = str(Path(cx.__file__).parent)
START = 1_700_000_000_000
WIDE = row_type(Deal, (Extra(("maker",), "maker"),))
MARKETS = ("AAAUSDT", "BBBUSDT")
SESSION = cx.Session(cx.LIVE)


class Interrupter:
    """Raises KeyboardInterrupt at one line of the package, counted from the beginning of some work."""

    def __init__(self, line: int) -> None:
        self.left = line
        self.place = ""

    def __call__(self, frame: Any, event: str, _arg: object) -> Any:
        """Raise at the line, as the interpreter does for a signal."""
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        if event == "line":
            self.left -= 1
            if self.left < 0 and not self.place:
                self.place = f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"
                raise KeyboardInterrupt
        return self

    def during(self, work: Callable[[], object]) -> bool:
        """Do some work; return whether it was interrupted."""
        former = sys.gettrace()
        sys.settrace(self)
        try:
            work()
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(former)
        return bool(self.place)


@pytest.fixture(autouse=True)
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have streams connect to nothing, and tables reach their edges after a few rows."""
    monkeypatch.setattr(pool, "attach", lambda *_args: lambda: None)
    monkeypatch.setattr(buffer_module, "FLUSH", 8)
    for name, value in {"_CAPACITIES": (16, 64, 1024), "_SLACK": 4}.items():
        monkeypatch.setattr(growing_arrays, name, value)


def deal(number: int, kind: Any = Deal, **cells: Any) -> Any:
    """Return a deal of which every cell follows from its number."""
    extra = {"extra_0": Raw(f'"by {number}"'.encode())} if kind is not Deal else {}
    row = {"deal_id": number, "created_at": START + number, "side": side(number), "price": number + 0.25}
    return kind(**row | {"amount": float(number)} | extra | cells)


def side(number: int) -> str:
    """Return the side of a deal; a word that nobody has documented now and then."""
    return "odd" if number == 18 else ("buy", "sell")[number % 2]


def market_of(number: int) -> str:
    """Return the market of a deal."""
    return MARKETS[int(number % 3 == 0)]


def push(stream: Stream, numbers: range, kind: Any = Deal, **cells: Any) -> None:
    """Have deals arrive, each by itself; of the numbers divisible by 3 in the second market."""
    for number in numbers:
        market = market_of(number)
        stream._buffer.append(market, [deal(number, kind, **cells)], START + number, True)


def stream_of(**settings: Any) -> Stream:
    """Return a stream with rows in its table, and some that wait."""
    stream = Stream(cx.CHANNELS["futures_deals"], MARKETS, SESSION, **settings)
    push(stream, range(1, 21))
    return stream


def with_odd_rows() -> Stream:
    """Return a stream in which a row waits that cannot be written."""
    stream = Stream(cx.CHANNELS["futures_deals"], MARKETS, SESSION)
    push(stream, range(1, 18))
    push(stream, range(900, 901), price=float("nan"))
    push(stream, range(18, 21))
    return stream


def with_only_odd_rows() -> Stream:
    """Return a stream in which nothing waits that can be written."""
    stream = Stream(cx.CHANNELS["futures_deals"], MARKETS, SESSION)
    push(stream, range(1, 17))
    push(stream, range(900, 901), price=float("inf"))
    push(stream, range(17, 21))
    return stream


def with_another_column() -> Stream:
    """Return a stream whose rows have had one more column for a while."""
    stream = Stream(cx.CHANNELS["futures_deals"], MARKETS, SESSION)
    push(stream, range(1, 10))
    stream._buffer.notices.clear()
    push(stream, range(10, 21), WIDE)
    stream._buffer.notices.clear()
    return stream


def with_snapshot() -> Stream:
    """Return a stream whose memory somebody looks at, and that is full."""
    stream = stream_of(keep=12)
    push(stream, range(21, 31))
    stream.snapshot = stream.df
    push(stream, range(31, 34))
    return stream


STREAMS: dict[str, Callable[[], Stream]] = {
    "all rows": stream_of,
    "the newest ten rows": lambda: stream_of(keep=10),
    "rows of ten milliseconds": lambda: stream_of(keep="10ms"),
    "an odd row": with_odd_rows,
    "another column": with_another_column,
    "a snapshot": with_snapshot,
}


async def first_batch(stream: Stream) -> object:
    """Return the first batch of a stream."""
    async for batch in stream:
        return batch
    return None


LOOKS: dict[str, Callable[[Stream], object]] = {
    "df": lambda stream: stream.df,
    "latest": lambda stream: stream.latest,
    "tail": lambda stream: stream.tail(3, MARKETS[0]),
    "gaps": lambda stream: stream.gaps,
    "stats": lambda stream: (stream.stats, stream.silent, stream.status(), repr(stream)),
    "wait": lambda stream: (stream.wait(rows=5), stream.wait(seconds=1e-6)),
    "iteration": lambda stream: asyncio.run(first_batch(stream)),
}


def check(stream: Stream, until: int) -> None:
    """Demand that a table holds each deal up to a number once, and every column of a row is of the same deal."""
    buffer = stream._buffer
    assert not buffer.lock.locked()
    buffer.locked(buffer.flush)
    buffer.give_up_holding()  # as the socket's thread does for a reader that is interrupted at its end, and stays
    frame = stream.df
    count = len(frame)
    assert count == (11 if buffer._keep_ms else buffer._keep_rows or until)
    numbers = np.arange(until - count + 1, until + 1)
    expected = {"deal_id": numbers, "amount": numbers, "price": numbers + 0.25}
    assert all(np.array_equal(cells, frame[name]) for name, cells in expected.items())
    for times in (frame.index, frame["received_at"].array):
        assert np.array_equal(numbers, times.asi8 - START)
    assert [side(number) for number in numbers] == frame["side"].to_list()
    assert [market_of(number) for number in numbers] == frame["market"].to_list()
    if "maker" in frame:
        assert [f"by {number}" for number in numbers if number >= 10] == frame["maker"].to_list()[9:]
    assert until == buffer.received
    newest = {market_of(number): number for number in numbers}
    assert newest == {market: row.deal_id for market, (row, _) in buffer.locked(buffer.latest).items()}


COMBINATIONS = [(name, look) for name in STREAMS for look in LOOKS if look in ("df", "iteration") or name == "all rows"]


@pytest.mark.parametrize(("name", "look"), COMBINATIONS)
def test_a_table_is_right_whatever_line_is_interrupted(name: str, look: str) -> None:
    """Whoever looks is interrupted at each line in turn: each row is there once, and so are those that come later."""
    line, has_more = 0, True
    while has_more:
        stream = STREAMS[name]()
        last = 33 if name == "a snapshot" else 20
        interrupter = Interrupter(line)
        has_more = interrupter.during(lambda stream=stream: LOOKS[look](stream))
        push(stream, range(last + 1, last + 6), WIDE if "column" in name else Deal)
        try:
            check(stream, last + 5)
            assert [17] * ("odd" in name) == [gap.after_row for gap in stream._buffer.gaps]
        except AssertionError as error:
            error.add_note(f"interrupted at {interrupter.place}, the {line}th line")
            raise
        line += 1
    assert line > 10


def order(number: int) -> Any:
    """Return an event of one of four orders, whose cells follow from its number."""
    cells = {"event": "update", "order_id": number % 4, "market": MARKETS[number % 2], "side": "buy", "type": "limit"}
    cells |= {"price": f"{number}.5", "amount": f"{number}", "created_at": START, "updated_at": START + number}
    return row_of(cx.CHANNELS["futures_orders"], cells)


def test_an_account_s_table_and_its_latest_are_right_whatever_line_is_interrupted() -> None:
    """Each event is there once, and the latest of each order in the order of their last changes."""
    line, has_more = 0, True
    events = [order(number) for number in range(1, 25)]
    while has_more:
        stream = PrivateStream(cx.CHANNELS["futures_orders"], (), SESSION, market_type="FUTURES")
        for number in range(1, 25):
            if number == 21:
                interrupter = Interrupter(line)
                buffer = stream._buffer
                has_more = interrupter.during(lambda buffer=buffer: buffer.locked(buffer.newest))
                assert not stream._buffer.lock.locked(), interrupter.place
            stream._buffer.append("", [events[number - 1]], START + number, True)
        frame = stream.df
        assert list(range(1, 25)) == frame["amount"].to_list(), interrupter.place
        assert [number % 4 for number in range(1, 25)] == frame["order_id"].to_list(), interrupter.place
        newest = stream._buffer.locked(stream._buffer.newest)
        assert [(21, 1), (22, 2), (23, 3), (24, 0)] == [(row.amount, row.order_id) for row, _ in newest]
        line += 1
    assert line > 100
