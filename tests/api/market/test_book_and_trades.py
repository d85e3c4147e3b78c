"""Candles: an end in the future costs little, and the one that may still change is told apart."""

import json
from urllib.parse import parse_qsl, urlsplit

import pandas as pd
import pytest

import coinex_pandas as cx

HOUR = 3_600_000
FUNCTIONS = [cx.spot_klines, cx.futures_klines]


def notes(frame):
    """Return what a frame says of itself."""
    return frame.attrs["coinex"]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    ("period", "end"),
    [("1min", "2026-06-01 12:07"), ("1min", "2026-11-11"), ("5min", "2099-01-01"), ("1W", "2300-01-01")],
)
def test_an_end_in_the_future_costs_two_requests_at_most(still, function, period, end):
    """However far away it is: the rows are those without an end."""
    frame = function("ETHUSDT", period, end=end, limit=7, session=still.session)
    assert frame.equals(function("ETHUSDT", period, limit=7, session=still.session))
    assert 2 >= notes(frame)["request"]["requests"]
    assert notes(frame)["complete"]


def test_a_start_and_an_end_in_the_future(still):
    """From a start on there is all of it; a range that lies in the future whole has no rows."""
    until_now = cx.spot_klines("ETHUSDT", "1h", start="2026-03-01", session=still.session)
    frame = cx.spot_klines("ETHUSDT", "1h", start="2026-03-01", end="2150-01-01", session=still.session)
    assert until_now.equals(frame)
    assert notes(until_now)["request"]["requests"] + 1 == notes(frame)["request"]["requests"]
    frame = cx.spot_klines("ETHUSDT", "1h", start="2149-01-01", end="2150-01-01", session=still.session)
    assert (0, 2) == (len(frame), notes(frame)["request"]["requests"])


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(("period", "opened"), [("1min", "12:00"), ("4h", "12:00"), ("12h", "12:00"), ("1D", "00:00")])
def test_the_open_candle_is_named_or_left_out(still, function, period, opened):
    """Its time stands in ``attrs``; ``closed`` takes as many finished ones as the limit says."""
    frame = function("ETHUSDT", period, limit=5, session=still.session)
    assert f"2026-06-01T{opened}:00+00:00" == notes(frame)["open_candle"] == frame.index[-1].isoformat()
    finished = function("ETHUSDT", period, limit=4, closed=True, session=still.session)
    assert frame.iloc[:-1].equals(finished)
    assert notes(finished)["open_candle"] is None
    assert 1 == notes(finished)["request"]["requests"]


def test_without_a_limit_a_thousand_finished_ones_come(still):
    """The open one is not counted among them."""
    frame = cx.spot_klines("ETHUSDT", "1min", closed=True, session=still.session)
    assert (1000, "2026-06-01T11:59:00+00:00") == (len(frame), frame.index[-1].isoformat())


@pytest.mark.parametrize("closed", [True, False])
def test_a_range_in_the_past_is_finished(still, closed):
    """Also when it ends with the candle before the open one."""
    for end, rows in (("2026-06-01 12:00", 3), ("2026-05-20", 3), ("1990-01-01", 0)):
        frame = cx.futures_klines("ETHUSDT", "1h", end=end, limit=3, closed=closed, session=still.session)
        assert (rows, None) == (len(frame), notes(frame)["open_candle"])


def test_only_the_open_candle(still):
    """A range of nothing else is an empty table with the columns of all."""
    whole = cx.futures_klines("ETHUSDT", "1D", start="2026-06-01", session=still.session)
    frame = cx.futures_klines("ETHUSDT", "1D", start="2026-06-01", closed=True, session=still.session)
    assert (1, 0) == (len(whole), len(frame))
    assert whole.dtypes.equals(frame.dtypes)
    with pytest.raises(cx.InvalidArgument, match="closed is True or False"):
        cx.futures_klines("ETHUSDT", "1D", closed="yes", session=still.session)


class Venue:
    """Answers candles of an hour up to some time, with the clock of its replies."""

    def __init__(self, requests_mock, newest, date):
        self.newest, self.answers = newest, 10
        headers = {"Date": date} if date else {}
        requests_mock.get("https://api.coinex.com/v2/spot/kline", text=self._answer, headers=headers)

    def _answer(self, request, _context):
        self.answers -= 1
        if self.answers < 0:
            return '{"code": 4003, "data": {}, "message": "no"}'
        params = {name: int(text) for name, text in parse_qsl(urlsplit(request.url).query) if name.endswith("_time")}
        times = range(self.newest - 5 * HOUR, self.newest + 1, HOUR)
        inside = [at for at in times if params.get("start_time", 0) <= at <= params.get("end_time", 2**62)]
        cells = dict.fromkeys(("open", "close", "high", "low", "volume", "value"), "1")
        return json.dumps({"code": 0, "data": [{"market": "BTCUSDT", "created_at": at, **cells} for at in inside]})


SEVEN = int(pd.Timestamp("2026-04-03 07:00", tz="UTC").timestamp() * 1000)


@pytest.mark.parametrize(
    ("date", "opened"),
    [
        ("Fri, 03 Apr 2026 07:59:59 GMT", True),
        ("Fri, 03 Apr 2026 08:00:00 GMT", True),
        ("Fri, 03 Apr 2026 08:00:01 GMT", True),
        ("Fri, 03 Apr 2026 08:00:02 GMT", False),
        ("Fri, 03 Apr 2026 09:30:00 GMT", False),
    ],
)
def test_the_newest_candle_is_finished_once_its_end_is_past(requests_mock, date, opened):
    """By the clock of the reply: a market without trades may have no later one."""
    Venue(requests_mock, SEVEN, date)
    frame = cx.spot_klines("BTCUSDT", "1h")
    assert (6, "2026-04-03T07:00:00+00:00" if opened else None) == (len(frame), notes(frame)["open_candle"])
    assert (5 if opened else 6) == len(cx.spot_klines("BTCUSDT", "1h", closed=True))


def test_a_later_candle_finishes_the_ones_before(requests_mock):
    """Whatever a clock says: the exchange has begun the next one, even where that is outside the range."""
    Venue(requests_mock, SEVEN, "Fri, 03 Apr 2026 06:30:00 GMT")
    frame = cx.spot_klines("BTCUSDT", "1h", end=SEVEN, limit=2)
    assert (2, None) == (len(frame), notes(frame)["open_candle"])
    assert "2026-04-03T07:00:00+00:00" == notes(cx.spot_klines("BTCUSDT", "1h"))["open_candle"]


def test_what_was_read_before_an_error_names_it_too(requests_mock, monkeypatch):
    """The rows of ``partial`` come with the same notes."""
    venue = Venue(requests_mock, SEVEN, "Fri, 03 Apr 2026 07:30:00 GMT")
    monkeypatch.setattr("coinex_pandas.api.market.book_and_trades.PAGE", 6)
    monkeypatch.setattr(venue, "answers", 1)
    with pytest.raises(cx.ServerFault) as caught:
        cx.spot_klines("BTCUSDT", "1h", start=SEVEN - 100 * HOUR)
    assert "2026-04-03T07:00:00+00:00" == notes(caught.value.partial)["open_candle"]
