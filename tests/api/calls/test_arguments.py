"""What people give by mistake or by habit: taken where it is clear, refused with a name where it is not."""

from __future__ import annotations

import numpy as np
import pytest

import coinex_pandas as cx


@pytest.mark.parametrize("period", ["1h", "1H", "h", "H", "60min", "1hour"])
def test_an_hour_by_any_name(still, period):
    """Every spelling in use asks for the same candles, without a warning from elsewhere."""
    expected = cx.spot_klines("BTCUSDT", "1hour", limit=3, session=still.session)
    assert expected.equals(cx.spot_klines("BTCUSDT", period, limit=3, session=still.session))


@pytest.mark.parametrize("period", ["1d", "1D", "d", "D", "24h", "1day"])
def test_a_day_by_any_name(still, period):
    """Also the lower case d that pandas itself no longer likes."""
    assert 2 == len(cx.spot_klines("BTCUSDT", period, limit=2, session=still.session))


@pytest.mark.parametrize(
    ("ask", "named"),
    [
        (lambda s: cx.futures_deals("BTCUSDT", last_id=-1, session=s), "last_id"),
        (lambda s: cx.futures_deals("BTCUSDT", last_id="x", session=s), "last_id"),
        (lambda s: cx.futures_deals("BTCUSDT", limit=1001, session=s), "limit"),
        (lambda s: cx.futures_depth("BTCUSDT", limit=5.0, session=s), "limit"),
        (lambda s: cx.futures_depth("BTCUSDT", limit=30, session=s), "limit"),
        (lambda s: cx.futures_depth("BTCUSDT", interval="0.5", session=s), "interval"),
        (lambda s: cx.futures_klines("BTCUSDT", "7min", session=s), "period"),
        (lambda s: cx.futures_klines("BTCUSDT", "1h", start=1_780_185_600, session=s), "looks like seconds"),
        (lambda s: cx.futures_klines("BTCUSDT", "1h", start="1969-12-31", session=s), "before 1970"),
        (lambda s: cx.spot_klines("BTCUSDT", "1h", price_type="mark_price", session=s), "price_type"),
        (lambda s: cx.futures_tickers(5, session=s), "market"),
        (lambda s: cx.futures_tickers([], session=s), "market"),
        (lambda s: cx.futures_premium_index_history(["A", "B"], session=s), "market"),
        (lambda s: cx.futures_basis_history("BTCUSDT", numbers="int", session=s), "numbers"),
        (lambda s: cx.amm_pools(None, session=s), "market"),
        (lambda _: cx.futures_tickers(session="live"), "where to ask"),
        (lambda _: cx.Session("http://127.0.0.1/v2"), "Venue"),
    ],
)
def test_a_wrong_argument_is_named_and_nothing_is_sent(still, ask, named):
    """Refused here, by the parameter's name, before a single request."""
    before = still.server.requests
    with pytest.raises(cx.InvalidArgument, match=named):
        ask(still.session)
    assert before == still.server.requests


def test_numpy_scalars_are_numbers_and_times(still):
    """What comes out of a frame can be put in again."""
    candles = cx.futures_klines("BTCUSDT", "1h", limit=np.int64(4), session=still.session)
    again = cx.futures_klines("BTCUSDT", "1h", start=candles.index.tz_convert(None).values[0], session=still.session)
    assert candles.equals(again)
    assert 5 == len(cx.futures_deals("BTCUSDT", limit=np.int64(5), session=still.session))


def test_a_session_may_be_named_by_its_venue_or_sandbox(still):
    """`session=` takes what `use` takes."""
    for where in (still, still.venue, still.session):
        assert "pong" == cx.ping(session=where)["result"].item()


def test_an_end_far_ahead_means_until_now(still):
    """A range until 2100 is not walked window by window."""
    frame = cx.futures_klines("BTCUSDT", "1min", start="2026-05-31", end="2100-01-01", session=still.session)
    assert (2161, True) == (len(frame), frame.attrs["coinex"]["complete"])
    assert 5 >= frame.attrs["coinex"]["request"]["requests"]
    basis = cx.futures_basis_history("BTCUSDT", start="2026-05-31", end="2100-01-01", session=still.session)
    assert 2 >= basis.attrs["coinex"]["request"]["requests"]


def test_a_basis_from_the_beginning_is_possible(still):
    """A start of 0 is sent as such, not as -1."""
    assert 0 < len(cx.futures_basis_history("BTCUSDT", start="2026-05-30", end="2026-06-01", session=still.session))
    assert len(cx.futures_basis_history("BTCUSDT", start=0, end="1970-01-08", session=still.session)) == 0


def test_a_new_field_of_a_book_is_kept_and_announced(still):
    """Like a new column of any other table."""
    with cx.sandbox(seed=7, faults="new_column", now="2026-06-01", speed=0):
        with pytest.warns(cx.ColumnsChanged, match="BookLevel.*brand_new"):
            book = cx.futures_depth("BTCUSDT")
        assert "1.5" == book.attrs["coinex"]["book"]["brand_new"]


def test_a_sandbox_entered_twice_goes_back_twice():
    """The former session is current again only when the outer block ends, and the sandbox runs until then."""
    former = cx.use(cx.Session(cx.LIVE))
    outer = cx.use(former)
    with cx.sandbox(seed=1) as exchange:
        with exchange:
            assert "pong" == cx.ping()["result"].item()
        assert "pong" == cx.ping()["result"].item()
    assert former is cx.use(outer)


def test_completion_shows_public_names_only():
    """`dir(cx)` is the list of public names and the version."""
    assert sorted([*cx.__all__, "__version__"]) == sorted(dir(cx))


def test_freshness_says_where_and_when(still):
    """A verdict without its time is worth nothing."""
    attrs = cx.freshness("spot", session=still.session).attrs["coinex"]
    expected = {"table": "freshness", "venue": "sandbox", "fetched_at": "2026-06-01T12:00:00+00:00"}
    assert expected == {name: attrs[name] for name in expected}
