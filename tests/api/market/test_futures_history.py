"""Premium and basis up to now: the newest row is there, whatever the end."""

import pandas as pd
import pytest

import coinex_pandas as cx

NOON = pd.Timestamp("2026-06-01 12:00", tz="UTC")
STARTS = [None, "2026-06-01 03:00", "2026-05-30 22:10", "2026-05-20", "2026-04-15"]
ENDS = ["2026-06-01 12:00:00.001", "2026-06-01 15:00", "2026-06-02 04:00", "2026-06-09", "2031-01-01"]


@pytest.mark.parametrize("function", [cx.futures_premium_index_history, cx.futures_basis_history])
@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.filterwarnings("ignore:.*keeps 30 days:coinex_pandas.IncompleteWarning")
def test_an_end_beyond_now_ends_now(still, function, start, end):
    """The same rows as without an end, that of this very moment among them, and few requests more."""
    whole = function("ETHUSDT", start=start, session=still.session)
    frame = function("ETHUSDT", start=start, end=end, session=still.session)
    assert NOON == frame.index[-1]
    assert whole.equals(frame)
    requests = [each.attrs["coinex"]["request"]["requests"] for each in (whole, frame)]
    assert requests[0] + 1 >= requests[1]


@pytest.mark.parametrize("function", [cx.futures_premium_index_history, cx.futures_basis_history])
def test_an_end_of_now_is_not_included(still, function):
    """To the millisecond."""
    frame = function("ETHUSDT", end=NOON, session=still.session)
    assert NOON - pd.Timedelta(minutes=10) == frame.index[-1]


@pytest.mark.parametrize(
    ("function", "path", "value"),
    [
        (cx.futures_premium_index_history, "premium-index-history", "premium_index"),
        (cx.futures_basis_history, "basis-history", "basis_rate"),
    ],
)
def test_a_row_newer_than_the_reply_is_there(requests_mock, function, path, value):
    """A reply's ``Date`` counts seconds: a row may be some milliseconds newer."""
    at = int(NOON.timestamp() * 1000) + 400
    body = {"code": 0, "data": [{"market": "ETHUSDT", "created_at": at, value: "0.0002"}], "message": "OK"}
    requests_mock.get(
        f"https://api.coinex.com/v2/futures/{path}", json=body, headers={"Date": "Mon, 01 Jun 2026 12:00:00 GMT"}
    )
    for end in (None, at + 1, "2040-01-01"):
        assert 1 == len(function("ETHUSDT", end=end))
    assert 0 == len(function("ETHUSDT", end=at))
