"""``data: null`` means "nothing" to the exchange, and is also what a fault looks like: it is asked again, and told."""

from __future__ import annotations

import pytest

import coinex_pandas as cx

pytestmark = pytest.mark.usefixtures("unpaced")

RANGE = {"start": "2026-05-18", "end": "2026-05-20"}


@pytest.fixture
def exchange():
    """Return a still sandbox, whose session does not wait between attempts."""
    with cx.sandbox(seed=7, now="2026-06-01 12:00", speed=0, limits=False) as running:
        running.session.backoff = 0.0
        cx.account_info()  # the exchange's clock is measured before anything goes wrong
        yield running


def test_a_passing_null_is_asked_again(exchange):
    """One null answer in three leaves no trace."""
    exchange.faults.set({"null_data": [1, 3, 5]})
    assert (41, True) == (len(cx.futures_tickers()), cx.futures_tickers().attrs["coinex"]["complete"])
    assert 2 <= exchange.server.requests


@pytest.mark.parametrize(
    "ask",
    [
        lambda: cx.futures_klines("BTCUSDT", "1min", **RANGE),
        lambda: cx.futures_klines("BTCUSDT", "1min", start="2026-05-31"),
        lambda: cx.futures_funding_rate_history("BTCUSDT"),
        lambda: cx.futures_liquidations("BTCUSDT"),
        lambda: cx.futures_basis_history("BTCUSDT"),
        lambda: cx.futures_premium_index_history("BTCUSDT"),
        cx.deposits,
        lambda: cx.transfers("USDT"),
        cx.spot_transactions,
        lambda: cx.spot_user_deals("BTCUSDT"),
        cx.spot_finished_orders,
        cx.futures_positions,
        cx.referees,
    ],
    ids=[
        *("klines", "open klines", "funding", "liquidations", "basis", "premium"),
        *("deposits", "transfers", "transactions", "deals", "orders", "positions", "referees"),
    ],
)
def test_a_lasting_null_makes_a_history_incomplete(exchange, ask):
    """Rows may be missing where null stayed null: the frame and a warning say so."""
    exchange.faults.set("null_data")
    with pytest.warns(cx.IncompleteWarning, match="null instead of rows"):
        frame = ask()
    assert (0, False) == (len(frame), frame.attrs["coinex"]["complete"])


@pytest.mark.parametrize("ask", [cx.futures_tickers, cx.spot_balances])
def test_a_lasting_null_leaves_a_table_empty_and_says_so(exchange, ask):
    """All columns are there, and ``complete`` is False."""
    exchange.faults.set("null_data")
    empty = ask()
    exchange.faults.set(None)
    full = ask()
    assert list(full.dtypes.items()) == list(empty.dtypes.items())
    assert (0, False) == (len(empty), empty.attrs["coinex"]["complete"])


def test_null_in_place_of_the_time_is_an_error_in_words(exchange):
    """A clock that was never measured cannot be left at that: nothing is signed by a guess."""
    exchange.faults.set("null_data")
    other = cx.Venue("other", http=exchange.http.replace("127.0.0.1", "localhost"))
    session = cx.SignedSession(exchange.key.access_id, exchange.key.secret_key, other, backoff=0.0)
    with pytest.raises(cx.UnexpectedBody, match="null instead of the time"):
        cx.spot_balances(session=session)


def test_null_for_named_markets_is_an_error(exchange):
    """Rows that were asked for by name are never silently absent."""
    exchange.faults.set("null_data")
    with pytest.raises(cx.UnexpectedBody, match="null instead of the rows of BTCUSDT, ETHUSDT"):
        cx.futures_tickers(["BTCUSDT", "ETHUSDT"])
