"""Tickers that come and stand still: what their values say counts, as it does over HTTP."""

import warnings

import pandas as pd
import pytest

import coinex_pandas as cx
from coinex_pandas.live import verdict
from coinex_pandas.live.sockets import pool
from coinex_pandas.live.stream import Stream
from coinex_pandas.tables.rows.push import FuturesState
from tests.waiting import until

NOW = 1_780_000_000_000
MARKETS = ("LTCUSDT", "XRPUSDT")
PRICES = {"last": 1.0, "open": 1.0, "close": 1.0, "high": 1.0, "low": 1.0, "value": 1.0}


class Open:
    """A connection that is there."""

    state, trouble = "open", ""


@pytest.fixture
def stream(monkeypatch):
    """Give a stream of two futures tickers, connected to nothing, whose exchange has a clock."""
    monkeypatch.setattr(pool, "attach", lambda *_args: lambda: None)
    monkeypatch.setattr(verdict, "_LASTS", -1.0)
    clock = pd.DataFrame({"timestamp": [pd.Timestamp(NOW, unit="ms", tz="UTC")]})
    monkeypatch.setattr(verdict.system, "server_time", lambda **_: clock)
    with cx.Session(cx.LIVE) as session, Stream(cx.CHANNELS["futures_tickers"], MARKETS, session) as made:
        made._buffer.connection = Open()
        yield made


def push(stream, number, *, volume=5.0, funding=3_600_000):
    """Have a ticker of each market come, whose last price changes."""
    names = {name: 1.0 for name in FuturesState.__struct_fields__ if name.startswith(("volume", "period", "value"))}
    for market in MARKETS:
        cells = PRICES | names | {"last": float(number), "volume": volume, "next_funding_time": NOW + funding}
        stream._buffer.append(market, [FuturesState(market=market, **cells)], NOW, True)


@pytest.mark.parametrize(
    ("cells", "expected", "words"),
    [
        ({}, "live", ""),
        ({"funding": -3 * 3_600_000}, "frozen", "next funding of 2 of 2 markets is in the past"),
        ({"funding": -60_000}, "stale", "by up to"),
        ({"volume": 0.0}, "stale", "none of these 2 markets traded"),
    ],
)
def test_tickers_are_judged_by_their_values(stream, cells, expected, words):
    """However often they are pushed; one warning says so, and a frame's attrs have the evidence."""
    push(stream, 1, **cells)
    assert until(lambda: stream.state == expected and stream._verdict._base is not None)
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        for number in range(2, 5):
            push(stream, number, **cells)
            freshness = stream.df.attrs["coinex"]["freshness"]
    assert expected == freshness["state"]
    assert words in freshness["because"]
    assert [cx.StaleDataWarning] * (expected != "live") == [each.category for each in shown]


def test_tickers_that_move_again_are_live_again(stream):
    """The verdict is renewed."""
    push(stream, 1, funding=-3_600_000)
    assert until(lambda: stream.state == "frozen")
    push(stream, 2)
    assert "live" == stream.state


def test_without_the_exchange_s_clock_only_volumes_are_judged(stream, monkeypatch):
    """Nobody guesses by this machine's clock, and nothing is requested again and again."""
    requests = []

    def refuse(**_):
        requests.append(1)
        raise cx.NoAnswer("nobody there", endpoint="GET /time")

    monkeypatch.setattr(verdict.system, "server_time", refuse)
    push(stream, 1, funding=-3 * 3_600_000)
    assert "live" == stream.state
    assert until(lambda: requests)
    assert "live" == stream.state
    assert [1] == requests


def test_http_s_tickers_are_judged_as_before():
    """They have no funding time."""
    frame = pd.DataFrame({"volume": [0.0, 1.0]}, index=["A", "B"])
    at = pd.Timestamp(NOW, unit="ms", tz="UTC")
    assert {"live": 1, "unknown": 1} == verdict.verdict("futures_tickers", frame, at, whole=True)["markets"]
