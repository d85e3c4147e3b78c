"""Histories through the public functions: whole, ascending, and honest where they are not."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest

import coinex_pandas as cx
from coinex_pandas.api.calls import history
from coinex_pandas.simulator.exchange import Exchange
from coinex_pandas.simulator.market.clock import Clock

NOW = pd.Timestamp("2026-06-01 12:00", tz="UTC")
MINUTE, DAY = pd.Timedelta(minutes=1), pd.Timedelta(days=1)


@pytest.fixture
def exchange():
    """Yield a sandbox of one's own, as current session, with quick repetitions."""
    with cx.sandbox(seed=7, now=NOW, speed=0) as running:
        running.session.backoff = 0.001
        yield running


@pytest.fixture(scope="module")
def model():
    """Return the same exchange without sockets: what a history should be."""
    return Exchange(7, Clock(int(NOW.timestamp() * 1000), 0))


def every_row(model, name, market, **params):
    """Return all rows of a paged history as the exchange itself has them, oldest first."""
    rows, number = [], 1
    while True:
        query = {"market": market, "limit": "1000", "page": str(number)} | params
        reply = model.answer(name, query)
        rows += reply.data
        if not reply.pagination["has_next"]:
            return rows[::-1]
        number += 1


def whole(frame):
    """Return whether a history calls itself whole, and is ascending without repetition."""
    assert frame.index.is_monotonic_increasing
    assert frame.index.is_unique
    return frame.attrs["coinex"]["complete"]


def test_the_example_of_the_documentation(still):
    """59 days of minutes are 84,960 candles, each minute once."""
    frame = cx.futures_klines("BTCUSDT", "1min", start="2026-01-01", end="2026-03-01", session=still.session)
    assert whole(frame)
    assert pd.date_range("2026-01-01", "2026-03-01", freq="1min", inclusive="left", tz="UTC", unit="ms").equals(
        frame.index.rename(None)
    )
    assert 87 >= frame.attrs["coinex"]["request"]["requests"]


@pytest.mark.parametrize(
    ("period", "step", "start", "rows"),
    [
        ("5min", "5min", "2026-05-20", 12.5 * 288 + 1),
        ("1h", "1h", "2026-03-01", 92.5 * 24 + 1),
        ("1D", "1D", "2025-06-01", 366),
        ("1week", "7D", "2025-06-02", 53),
    ],
)
def test_up_to_now(still, period, step, start, rows):
    """Without an end up to the candle of now, it included; without gaps."""
    frame = cx.spot_klines("ETHUSDT", period, start=start, session=still.session)
    assert whole(frame)
    assert (rows, pd.Timestamp(start, tz="UTC")) == (len(frame), frame.index[0])
    assert {pd.Timedelta(step)} == set(np.diff(frame.index))


def test_a_range_off_the_grid(still):
    """Start included, end not, wherever they lie between two candles."""
    times = {"start": "2026-05-01 00:00:30", "end": "2026-05-02 10:00:00.001"}
    frame = cx.futures_klines("BTCUSDT", "1min", **times, session=still.session)
    assert ("2026-05-01 00:01", "2026-05-02 10:00") == tuple(f"{at:%Y-%m-%d %H:%M}" for at in frame.index[[0, -1]])
    assert 34 * 60 == len(frame)


@pytest.mark.parametrize(("limit", "requests"), [(1, 1), (1000, 1), (1001, 2), (2500, 4)])
def test_a_limit_keeps_the_newest(still, limit, requests):
    """With no more requests than that takes."""
    frame = cx.futures_klines("BTCUSDT", "1min", limit=limit, session=still.session)
    assert (limit, NOW) == (len(frame), frame.index[-1])
    assert requests >= frame.attrs["coinex"]["request"]["requests"]
    assert whole(frame)


def test_only_an_end(still):
    """The newest thousand before it; with a limit so many."""
    frame = cx.futures_klines("BTCUSDT", "1min", end="2026-05-01", session=still.session)
    last = pd.Timestamp("2026-04-30 23:59", tz="UTC")
    assert (1000, last) == (len(frame), frame.index[-1])
    frame = cx.futures_klines("BTCUSDT", "1min", end="2026-05-01", limit=3, session=still.session)
    assert [last - 2 * MINUTE, last - MINUTE, last] == list(frame.index)


@pytest.mark.parametrize("market", ["BTCUSDT", "SUIUSDT", "EOSUSDT"])
def test_a_start_long_before_the_first_candle(still, model, market):
    """From the listing to now or to the delisting, after two empty answers and not after hundreds."""
    frame = cx.futures_klines(market, "1day", start="2005-01-01", session=still.session)
    bars = model.answer("futures_klines", {"market": market, "period": "1day", "limit": "1000"}).data
    assert [row["created_at"] for row in bars] == list(frame.index.asi8)
    assert 6 >= frame.attrs["coinex"]["request"]["requests"]
    assert whole(frame)


@pytest.mark.parametrize("times", [{"start": "2030-01-01"}, {"end": "1980-01-01"}, {"start": 1, "end": 2}])
def test_a_range_without_candles_is_an_empty_table(still, times):
    """Columns, dtypes and attrs are there all the same."""
    frame = cx.futures_klines("BTCUSDT", "1week", **times, session=still.session)
    full = cx.futures_klines("BTCUSDT", "1week", limit=2, session=still.session)
    assert 0 == len(frame)
    assert full.dtypes.astype(str).equals(frame.dtypes.astype(str))  # which markets a category holds may differ
    assert full.index.dtype == frame.index.dtype
    assert frame.attrs["coinex"]["complete"]


@pytest.mark.parametrize("market", ["BTCUSDT", "PEPEUSDT"])
def test_funding_is_whole(still, model, market):
    """Every settlement since the listing, as the exchange has them."""
    frame = cx.futures_funding_rate_history(market, session=still.session)
    rows = every_row(model, "futures_funding_rate_history", market)
    assert [row["funding_time"] for row in rows] == list(frame.index.asi8)
    assert [float(row["actual_funding_rate"]) for row in rows] == list(frame["actual_funding_rate"])
    assert whole(frame)
    assert 2000 < len(frame)


def test_funding_of_a_range(still):
    """Start included, end not: three settlements a day, some seconds after the hour."""
    frame = cx.futures_funding_rate_history("BTCUSDT", start="2026-05-01", end="2026-05-11", session=still.session)
    assert 30 == len(frame)
    first = frame.index[0]
    again = cx.futures_funding_rate_history("BTCUSDT", start=first, end=frame.index[-1], session=still.session)
    assert (first, 29) == (again.index[0], len(again))


@pytest.mark.parametrize("market", ["BTCUSDT", "ETHUSDT"])
def test_liquidations_are_whole(still, model, market):
    """Row for row what the exchange has: equal times and wholly equal rows among them."""
    frame = cx.futures_liquidations(market, session=still.session)
    rows = every_row(model, "futures_liquidations", market)
    flat = frame.reset_index()
    want = sorted((row["created_at"], row["side"], float(row["liq_price"]), float(row["liq_amount"])) for row in rows)
    names = flat["side"].astype(str), flat["liq_price"], flat["liq_amount"]
    got = sorted(zip(frame.index.asi8.tolist(), *(column.tolist() for column in names), strict=True))
    assert want == got
    assert frame.index.is_monotonic_increasing
    assert frame.attrs["coinex"]["complete"]
    assert flat.duplicated().any()


def test_basis_is_whole(still):
    """Ten-minute marks of three weeks, each once, at a request a week."""
    frame = cx.futures_basis_history("BTCUSDT", start="2026-05-01", end="2026-05-22", session=still.session)
    assert (21 * 144, 3) == (len(frame), frame.attrs["coinex"]["request"]["requests"])
    assert {10 * MINUTE} == set(np.diff(frame.index))
    assert whole(frame)


def test_premium_is_whole_within_the_month(still):
    """Ten-minute marks of ten days, each once, though the exchange answers a day at most."""
    frame = cx.futures_premium_index_history("BTCUSDT", start="2026-05-20", end="2026-05-30", session=still.session)
    assert 10 * 144 == len(frame)
    assert {10 * MINUTE} == set(np.diff(frame.index))
    assert whole(frame)


def test_defaults_reach_back_from_the_exchanges_own_clock(still):
    """Eight hours of premium, seven days of basis, up to the sandbox's now and not to this machine's."""
    premium = cx.futures_premium_index_history("BTCUSDT", session=still.session)
    basis = cx.futures_basis_history("BTCUSDT", session=still.session)
    assert NOW - pd.Timedelta(hours=8) == premium.index[0]
    assert NOW - 7 * DAY == basis.index[0]
    assert NOW >= max(premium.index[-1], basis.index[-1]) >= NOW - 10 * MINUTE


def test_premium_beyond_the_month_says_so(still):
    """The rest is returned, ``complete`` is False, and a warning points here."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        frame = cx.futures_premium_index_history("BTCUSDT", start="2026-04-01", session=still.session)
    assert [(cx.IncompleteWarning, __file__)] == [(warning.category, warning.filename) for warning in caught]
    assert "30 days" in str(caught[0].message)
    about = frame.attrs["coinex"]
    assert (False, True) == (about["complete"], "30 days" in about["incomplete"])
    assert NOW - 30 * DAY < frame.index[0] <= NOW - 30 * DAY + 20 * MINUTE
    assert {10 * MINUTE} == set(np.diff(frame.index))


@pytest.mark.parametrize("fault", ["lying_has_next", "insert_rows"])
def test_paging_faults_lose_and_double_nothing(exchange, model, fault):
    """A pagination that lies, rows that come up in between: every row that was there is there once."""
    exchange.faults.set(fault)
    frame = cx.futures_funding_rate_history("BTCUSDT")
    there = {row["funding_time"] for row in every_row(model, "futures_funding_rate_history", "BTCUSDT")}
    assert there <= set(frame.index.asi8)
    assert 1 >= len(set(frame.index.asi8) - there)
    assert whole(frame)
    liquidations = cx.futures_liquidations("BTCUSDT", start="2025-01-01", end="2026-05-01")
    rows = every_row(model, "futures_liquidations", "BTCUSDT", start_time="1735689600000", end_time="1777593599999")
    assert (len(rows), True) == (len(liquidations), liquidations.attrs["coinex"]["complete"])


@pytest.mark.parametrize("fault", ["bad_gateway", "busy", "drop", "truncate", "cut", "rate_limited"])
def test_passing_faults_are_not_noticed(exchange, still, fault):
    """Three requests in ten fail; the candles are those of a calm day."""
    times = {"start": "2026-05-20", "end": "2026-05-28"}
    exchange.faults.set({fault: 0.3})
    exchange.session.retries = 12
    frame = cx.futures_klines("BTCUSDT", "1min", **times)
    pd.testing.assert_frame_equal(cx.futures_klines("BTCUSDT", "1min", **times, session=still.session), frame)


def test_a_fault_in_the_middle_keeps_what_was_read(exchange):
    """The error carries the rows, which say that they are not whole; newest first was read, so the newest are there."""
    exchange.faults.set({"busy": range(4, 1000)})
    exchange.session.retries = 1
    with pytest.raises(cx.Busy, match="GET /futures/kline for BTCUSDT") as caught:
        cx.futures_klines("BTCUSDT", "1min", start="2026-05-01", end="2026-06-01")
    partial = caught.value.partial
    assert 3 * 998 == len(partial)
    assert NOW.normalize() - MINUTE == partial.index[-1]
    assert (False, "stopped by Busy") == (partial.attrs["coinex"]["complete"], partial.attrs["coinex"]["incomplete"])
    assert any("2994 rows" in note and ".partial" in note for note in caught.value.__notes__)


def test_a_fault_at_the_beginning_has_nothing_to_keep(exchange):
    """No rows, no ``partial``."""
    exchange.faults.set("busy")
    exchange.session.retries = 0
    with pytest.raises(cx.Busy) as caught:
        cx.futures_klines("BTCUSDT", "1min", start="2026-05-01", end="2026-06-01")
    assert not hasattr(caught.value, "partial")


@pytest.fixture
def progress(monkeypatch):
    """Wait for no time to pass, and put the setting back afterwards."""
    monkeypatch.setattr(history, "_SOON", 0)
    yield
    cx.options.progress = None


@pytest.mark.parametrize(
    ("setting", "days", "visible"), [(None, 10, True), (None, 2, False), (True, 1, True), (False, 10, False)]
)
@pytest.mark.usefixtures("progress")
def test_the_progress_bar(still, capsys, setting, days, visible):
    """On stderr, once more than five requests take a while; always or never on request."""
    cx.options.progress = setting
    cx.futures_klines("BTCUSDT", "1min", start=NOW - days * DAY, end=NOW, session=still.session)
    out, err = capsys.readouterr()
    assert ("", visible) == (out, "futures_klines BTCUSDT" in err)


def test_a_quick_history_flashes_no_bar(still, capsys):
    """Many requests that take no time need none."""
    cx.futures_klines("BTCUSDT", "1min", start=NOW - 10 * DAY, end=NOW, session=still.session)
    assert ("", "") == capsys.readouterr()


@pytest.mark.usefixtures("progress")
def test_a_bar_is_closed_when_an_error_comes(exchange, capsys):
    """Nothing of it hangs about: a later print begins on a line of its own."""
    cx.options.progress = True
    exchange.faults.set({"busy": range(3, 99)})
    exchange.session.retries = 0
    with pytest.raises(cx.Busy):
        cx.futures_klines("BTCUSDT", "1min", start=NOW - 10 * DAY, end=NOW)
    assert capsys.readouterr().err.endswith("\r")


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("futures_klines", {"period": "1min", "limit": 5}),
        ("futures_liquidations", {"start": "2026-05-01"}),
        ("futures_funding_rate_history", {"start": "2026-05-01"}),
        ("futures_basis_history", {}),
        ("futures_premium_index_history", {}),
    ],
)
def test_what_a_history_says_of_itself(still, name, arguments):
    """Table, venue, request, time, completeness, freshness: all of it JSON."""
    about = getattr(cx, name)("btcusdt", **arguments, session=still.session).attrs["coinex"]
    assert about == json.loads(json.dumps(about))
    assert (name, "sandbox", True) == (about["table"], about["venue"], about["complete"])
    own = {"open_candle"} if name == "futures_klines" else set()
    assert {"table", "venue", "request", "fetched_at", "complete", "freshness"} | own == set(about)
    assert "BTCUSDT" == about["request"]["params"]["market"]
    assert NOW == pd.Timestamp(about["fetched_at"])


def test_an_unknown_market_is_named(still):
    """The error of a history names endpoint and market."""
    with pytest.raises(cx.UnknownMarket, match="GET /futures/liquidation-history for NOPEUSDT"):
        cx.futures_liquidations("NOPEUSDT", session=still.session)


def test_a_young_market_takes_one_request(still):
    """An answer shorter than asked, without a range, is all there is: nothing further is asked for."""
    frame = cx.futures_klines("WIFUSDT", "1day", session=still.session)
    assert 0 < len(frame) < 1000
    assert 1 == frame.attrs["coinex"]["request"]["requests"]


@pytest.mark.parametrize(
    ("function", "path", "row"),
    [
        (cx.futures_premium_index_history, "premium-index-history", {"premium_index": "0.0001"}),
        (cx.futures_basis_history, "basis-history", {"basis_rate": "0.0001"}),
    ],
)
def test_a_short_history_needs_its_own_endpoint_only(requests_mock, function, path, row):
    """One request to the documented address, no look at the clock, where the answer is short and has no pagination."""
    at = int(pd.Timestamp.now("UTC").timestamp() * 1000) - 3_600_000
    body = {"code": 0, "data": [{"market": "BTCUSDT", "created_at": at, **row}], "message": "OK"}
    requests_mock.get(f"https://api.coinex.com/v2/futures/{path}", json=body)
    for times in ({}, {"start": at, "end": at + 1}):
        frame = function("BTCUSDT", **times)
        assert (1, True) == (len(frame), frame.attrs["coinex"]["complete"])
    assert 2 == requests_mock.call_count


def test_a_premium_range_beyond_the_reach_is_cut(still):
    """Also when both ends are given, and the exchange refuses: the market is known, the days are not."""
    with pytest.warns(cx.IncompleteWarning, match="30 days, since 2026-05-02"):
        frame = cx.futures_premium_index_history(
            "BTCUSDT", start="2026-05-01", end="2026-05-02 18:00", session=still.session
        )
    assert (False, True) == (frame.attrs["coinex"]["complete"], len(frame) > 30)
    with pytest.raises(cx.UnknownMarket):
        cx.futures_premium_index_history("NOPE", start="2026-05-01", end="2026-05-02", session=still.session)


def test_a_premium_range_until_far_ahead_ends_now(still):
    """A day and a half until 2100 is a day and a half."""
    frame = cx.futures_premium_index_history("BTCUSDT", start="2026-05-31", end="2100-01-01", session=still.session)
    assert whole(frame)
    assert 6 >= frame.attrs["coinex"]["request"]["requests"]
