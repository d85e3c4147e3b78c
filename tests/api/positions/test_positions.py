"""Futures positions: their stop orders as rows, what closing and changing them checks, and their histories."""

import json
from decimal import Decimal

import pandas as pd
import pytest

import coinex_pandas as cx
from coinex_pandas.api.positions.changing import (
    futures_adjust_position_leverage,
    futures_adjust_position_margin,
    futures_close_position,
)
from coinex_pandas.api.positions.history import futures_finished_positions, futures_position_margin_history
from coinex_pandas.api.positions.listing import futures_positions
from coinex_pandas.api.positions.stops import (
    futures_cancel_position_take_profit,
    futures_modify_position_stop_loss,
    futures_set_position_stop_loss,
)
from tests.api.private_tables import DAY, T0, PrivateExchange
from tests.golden import samples

MARKET = samples.sample("futures_markets")["full"]["data"][0]


def positions(**changes):
    """Return the golden positions, with some cells of all of them changed."""
    return [{**row, **changes} for row in samples.sample("futures_positions")["full"]["data"]]


def exchange_with(name, *, tables=None):
    """Return an exchange that knows one futures market with steps of 0.1 and 0.0001."""
    market = {**MARKET, "market": "BTCUSDT", "contract_type": "linear", "tick_size": "0.1", "base_ccy_precision": 4}
    open_for = {"min_amount": "0.0001", "leverage": [3, 10, 50], "is_api_trading_available": True}
    market |= open_for | {"is_market_available": True}
    return PrivateExchange({"futures_markets": [market], **(tables or {})})


def body(request):
    """Return what a dry run would send."""
    return json.loads(request["body"].item())


def test_stop_orders_become_rows():
    """Each with its position, market and kind; a position without any has no row."""
    exchange = PrivateExchange({"futures_positions": positions()})
    frame = futures_positions(stops=True, session=exchange)
    assert [(305891033, 27182), (305891033, 27183), (305891033, 31415)] == list(frame.index)
    assert ["stop_loss", "stop_loss", "take_profit"] == list(frame["kind"])
    assert [66500.0, 65000.5, 78000.0] == list(frame["price"])
    assert [False, True, True] == list(frame["is_all"])
    assert pd.Timestamp(T0 + 60_000, unit="ms", tz="UTC") == frame["created_at"].iloc[0]
    assert "futures_positions" == frame.attrs["coinex"]["table"]


@pytest.mark.parametrize(("numbers", "price"), [("decimal", Decimal("65000.5")), ("text", "65000.5")])
def test_stop_orders_keep_exact_numbers(numbers, price):
    """As a table of their own, and in the cells of their positions."""
    exchange = PrivateExchange({"futures_positions": positions()})
    rows = futures_positions(stops=True, numbers=numbers, session=exchange)
    frame = futures_positions(numbers=numbers, session=exchange)
    assert price == rows["price"].iloc[1] == frame["stop_loss_list"].iloc[0][1]["price"]


def test_stop_orders_table_does_not_depend_on_the_data():
    """Without positions, without lists, with lists that lack cells: the same columns and dtypes."""
    bare = [{"id": 5, "price": "1", "type": "mark_price", "created_at": T0}]
    tables = [[], positions(stop_loss_list=[], take_profit_list=[]), positions(stop_loss_list=bare), positions()]
    older = [{key: cell for key, cell in row.items() if not key.endswith("_list")} for row in positions()]
    frames = [
        futures_positions(stops=True, session=PrivateExchange({"futures_positions": t})) for t in [*tables, older]
    ]
    assert 1 == len({str(samples.shape(frame)) for frame in frames})
    assert frames[2]["amount"].isna().any()
    assert 0 == len(frames[-1])


def test_what_is_new_in_a_stop_order_is_kept():
    """A cell of a stop order that nobody knows yet stands in its dict."""
    news = [{"id": 5, "price": "1", "type": "mark_price", "created_at": T0, "trailing": "0.5"}]
    frame = futures_positions(session=PrivateExchange({"futures_positions": positions(stop_loss_list=news)}))
    assert "0.5" == frame["stop_loss_list"].iloc[0][0]["trailing"]


def test_lists_that_did_not_come_are_missing_and_empty_ones_are_empty():
    """Older answers have no lists: that says nothing of stop orders."""
    older = [{key: cell for key, cell in row.items() if not key.endswith("_list")} for row in positions()]
    assert futures_positions(session=PrivateExchange({"futures_positions": older}))["stop_loss_list"].isna().all()
    empty = futures_positions(session=PrivateExchange({"futures_positions": positions(stop_loss_list=[])}))
    assert [(), ()] == list(empty["stop_loss_list"])


def test_closed_positions_are_filtered_by_when_they_were_closed():
    """A position that was opened before the range and closed in it belongs to it."""
    golden = samples.sample("futures_finished_positions")["full"]["data"][0]
    rows = [
        {**golden, "position_id": number, "created_at": T0 - number * DAY, "updated_at": T0 - number * DAY + 5 * DAY}
        for number in range(1, 9)
    ]
    exchange = PrivateExchange({"futures_finished_positions": rows})
    frame = futures_finished_positions(start=T0, end=T0 + 2 * DAY, session=exchange)
    assert [5, 4] == list(frame.index)
    assert "start_time" not in exchange.requests[0][1]


def test_histories_ask_for_futures_and_the_position():
    """market_type is filled in, and the id may be the text of its digits."""
    exchange = PrivateExchange({})
    futures_position_margin_history("btcusdt", position_id="305891033", session=exchange)
    sent = exchange.requests[0][1]
    assert ("BTCUSDT", "FUTURES", 305891033) == tuple(sent[name] for name in ("market", "market_type", "position_id"))


@pytest.mark.parametrize(
    ("verb", "words"),
    [
        (lambda s: futures_adjust_position_leverage("BTCUSDT", "cross", 7, session=s), "3, 10, 50"),
        (lambda s: futures_adjust_position_leverage("BTCUSDT", "both", 10, session=s), "margin_mode"),
        (lambda s: futures_set_position_stop_loss("BTCUSDT", "mark_price", "66500.05", session=s), "stop_loss_price"),
        (lambda s: futures_set_position_stop_loss("BTCUSDT", "last", "66500", session=s), "stop_loss_type"),
        (
            lambda s: futures_set_position_stop_loss(
                "BTCUSDT", "mark_price", "66500", stop_loss_amount="0.00001", session=s
            ),
            "amount",
        ),
        (lambda s: futures_set_position_stop_loss("BTCUSDT", None, "66500", session=s), "stop_loss_type"),
        (lambda s: futures_set_position_stop_loss("BTCUSDT", "mark_price", None, session=s), "stop_loss_price"),
        (lambda s: futures_modify_position_stop_loss("BTCUSDT", 5, session=s), "nothing to change"),
        (lambda s: futures_modify_position_stop_loss("BTCUSDT", "five", stop_loss_price=1, session=s), "stop_loss_id"),
        (lambda s: futures_close_position("BTCUSDT", "limit", session=s), "needs one"),
        (lambda s: futures_close_position("BTCUSDT", "market", price=1, session=s), "has none"),
        (lambda s: futures_close_position("BTCUSDT", "limit", price="1.05", session=s), "price"),
        (lambda s: futures_close_position("BTCUSDT", "market", client_id="no blanks", session=s), "client_id"),
        (lambda s: futures_adjust_position_margin("BTCUSDT", "a little", session=s), "amount"),
    ],
)
def test_what_cannot_be_is_refused_here(verb, words):
    """Leverages, price steps, amounts and types are compared with the market before anything is sent."""
    exchange = exchange_with("futures_markets")
    with pytest.raises(cx.InvalidArgument, match=words):
        verb(exchange)
    assert {"futures_markets"} >= {name for name, _ in exchange.requests}


def test_unchecked_verbs_ask_for_no_market():
    """check=False leaves the judgement to the exchange."""
    exchange = exchange_with("futures_markets")
    request = futures_adjust_position_leverage("BTCUSDT", "cross", 7, check=False, dry_run=True, session=exchange)
    assert 7 == body(request)["leverage"]
    assert [] == exchange.requests


@pytest.mark.parametrize(
    "verb",
    [
        lambda **how: futures_adjust_position_leverage("BTCUSDT", "cross", 7, **how),
        lambda **how: futures_close_position("BTCUSDT", "limit", price="1.05", amount="1", **how),
        lambda **how: futures_set_position_stop_loss("BTCUSDT", "mark_price", "66500.05", **how),
    ],
)
def test_a_dry_run_asks_for_no_market(verb):
    """It sends nothing at all, and shows what would be sent."""
    exchange = exchange_with("futures_markets")
    assert 1 == len(verb(dry_run=True, session=exchange))
    assert [] == exchange.requests


@pytest.mark.parametrize("leverage", [10.5, 10.0, "10", True, 0, None])
def test_a_leverage_is_a_whole_number(leverage):
    """Nothing is cut off, and nothing is taken for one."""
    with pytest.raises(cx.InvalidArgument, match="leverage"):
        futures_adjust_position_leverage("BTCUSDT", "cross", leverage, check=False, session=PrivateExchange({}))


def test_a_closing_order_has_a_name_even_when_none_is_given():
    """So that an outcome that is not known can be looked up."""
    request = [
        futures_close_position("BTCUSDT", "market", check=False, dry_run=True, session=PrivateExchange({}))
        for _ in range(2)
    ]
    first, second = (body(one)["client_id"] for one in request)
    assert first != second


def test_numbers_are_sent_as_they_were_given():
    """A float as its shortest text, a Decimal with its zeros, a negative margin as such."""
    session = PrivateExchange({})
    assert "0.1" == body(futures_adjust_position_margin("BTCUSDT", 0.1, dry_run=True, session=session))["amount"]
    assert (
        "-2.50"
        == body(futures_adjust_position_margin("BTCUSDT", Decimal("-2.50"), dry_run=True, session=session))["amount"]
    )


def test_cancelling_without_an_id_means_all():
    """The id is left out."""
    request = futures_cancel_position_take_profit("BTCUSDT", dry_run=True, session=PrivateExchange({}))
    assert {"market": "BTCUSDT", "market_type": "FUTURES"} == body(request)


def test_an_unknown_outcome_tells_how_to_find_out(requests_mock):
    """A verb whose answer never came is not sent again."""
    venue = cx.Venue("mock", http="http://127.0.0.1:9/v2")
    requests_mock.get(f"{venue.http}/time", content=samples.body("server_time"))
    requests_mock.post(f"{venue.http}/futures/close-position", status_code=502, text="<html>")
    from coinex_pandas.errors import OutcomeUnknown
    from coinex_pandas.http.signed_session import SignedSession

    me = SignedSession("my-id", "my-secret", venue, trading=True)
    with pytest.raises(OutcomeUnknown, match="futures_positions") as caught:
        futures_close_position("BTCUSDT", "market", client_id="exit-1", check=False, session=me)
    assert "exit-1" == caught.value.client_id
    assert 1 == sum(request.method == "POST" for request in requests_mock.request_history)
