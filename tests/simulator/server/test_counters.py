"""What a server keeps of requests and frames is bounded, in number and in bytes."""

from __future__ import annotations

import sys
import tracemalloc

import pytest

from coinex_pandas.simulator.server.app import Server
from coinex_pandas.simulator.server.counters import Counters, Newest


def test_requests_are_kept_within_a_bound_of_bytes():
    """Large ones push out the others; a peer cannot fill the memory with what the sandbox remembers."""
    counters = Counters()
    tracemalloc.start()
    try:
        for number in range(40):
            counters.add_request(1, f'{{"id":{number},"params":["{"[]," * 100_000}"]}}')
        assert 9 * 2**20 > tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert 39 == counters.received[-1].request["id"]
    assert 5 < len(counters.received) < 30


def test_small_requests_are_kept_up_to_a_number():
    """The newest 20,000, oldest first, decoded; what is no JSON stays text."""
    counters = Counters()
    for number in range(20_010):
        counters.add_request(number, f"[{number}]" if number % 2 else f"[{number}")
    received = counters.received
    assert 20_000 >= len(received) > 10_000
    assert (20_008, "[20008") == received[-2]
    assert (20_009, [20_009]) == received[-1]


@pytest.mark.parametrize("query", ["&".join(f"{number:x}=" for number in range(1_500)), "market=" + "B" * 7_000])
def test_queries_are_kept_within_a_bound_of_bytes(still, query):
    """Also those of very many parameters, each of which takes memory of its own."""
    log = Server(still).log
    params = dict(part.split("=") for part in query.split("&"))
    for number in range(3_000):
        log.add((float(number), "ping", params), len(query) + 200 * (1 + len(params)))
    assert 2_999.0 == log[-1][0]
    assert 8 * 2**20 >= len(log) * sys.getsizeof(query)
    assert 8 * 2**20 >= len(log) * 120 * len(params)


def test_the_newest_records_are_a_sequence():
    """Read by index and by slice, and emptied."""
    newest = Newest[str](most=2, most_bytes=10)
    for word in ("one", "two", "three"):
        newest.add(word, len(word))
    assert (["two", "three"], "three", ["two"]) == (list(newest), newest[-1], newest[:1])
    newest.add("a word of more bytes than all may take", 38)
    assert [] == list(newest)
    newest.add("four", 4)
    newest.clear()
    assert (0, "[]") == (len(newest), repr(newest))
