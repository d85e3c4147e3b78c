"""Orders and ids, many at a time: from tables or mappings, exact, each in its place, and none that cannot be right."""

import json

import numpy as np
import pandas as pd
import pytest

import coinex_pandas as cx
from coinex_pandas.api.endpoints import ROUTES
from tests.api.orders.order_samples import BATCHES, FUNCTIONS, ORDER, mock, sent, signed
from tests.golden import samples

pytestmark = pytest.mark.usefixtures("unpaced")


def test_batch_is_a_table_or_mappings(requests_mock):
    """A DataFrame with missing cells and a list of mappings are the same orders."""
    mock(requests_mock, "spot_place_orders", "full")
    one = ORDER | {"client_id": "a"}
    two = {"market": "ETHUSDT", "side": "sell", "type": "market", "amount": 1.5, "ccy": "ETH", "client_id": "b"}
    for orders in (
        [one, two],
        iter([one, two]),
        pd.DataFrame([one, two]),
        pd.DataFrame([one, two]).set_index("market"),
    ):
        FUNCTIONS["spot_place_orders"](orders, check=False, session=signed())
    first, *rest = [each["params"] for each in sent(requests_mock, "spot_place_orders")]
    assert [first] * 3 == rest
    assert [ORDER["price"], None] == [order.get("price") for order in first["orders"]]
    assert ["0.02", "1.5"] == [order["amount"] for order in first["orders"]]


@pytest.mark.parametrize("dtype", ["float32", "float64", "Float32", "Float64", "object", "str"])
def test_table_of_any_dtype_is_exact(dtype):
    """A cell is sent as its own shortest text, whatever its column is made of."""
    orders = pd.DataFrame([ORDER, ORDER]).astype({"amount": "float64", "side": "category"}).astype({"amount": dtype})
    body = json.loads(FUNCTIONS["spot_place_orders"](orders, dry_run=True)["body"].item())
    assert [("buy", "0.02")] * 2 == [(order["side"], order["amount"]) for order in body["orders"]]


def test_rows_of_open_orders_can_be_changed(requests_mock):
    """A table of orders, index and all, with a new price is a batch of changes."""
    mock(requests_mock, "spot_modify_orders", "full")
    mine = samples.read("spot_pending_orders")[["market", "price"]]
    FUNCTIONS["spot_modify_orders"](mine.assign(price=mine["price"] + 1), check=False, session=signed())
    orders = sent(requests_mock, "spot_modify_orders")[0]["params"]["orders"]
    assert [142934016817, 142934016819] == [order["order_id"] for order in orders]
    assert {"60001.5"} == {order["price"] for order in orders}


@pytest.mark.parametrize(
    ("orders", "words"),
    [
        ([], "from 1 to 100 orders"),
        ([ORDER] * 101, "not 101"),
        (pd.DataFrame(), "from 1 to 100"),
        ([ORDER, {"market": "BTCUSDT"}], "item 1: side is missing"),
        ([ORDER | {"colour": "red"}], "item 0: no parameter 'colour'"),
        ([7], "item 0: a mapping"),
        (ORDER, "a DataFrame, or an iterable of mappings, not dict"),
        (pd.DataFrame([ORDER]).set_index("market", drop=False), "'market' stands there twice"),
        (pd.DataFrame([[*ORDER.values(), "2"]], columns=[*ORDER, "amount"]), "'amount' stands there twice"),
        ("BTCUSDT", "not str"),
        (None, "not NoneType"),
    ],
)
def test_batch_that_cannot_be_right_is_not_sent(requests_mock, orders, words):
    """The item's place and what is wrong with it are told; nothing is sent, of the others either."""
    with pytest.raises(cx.InvalidArgument, match=words):
        FUNCTIONS["spot_place_orders"](orders, check=False, session=signed())
    assert not requests_mock.request_history


def test_wrong_number_in_a_batch_is_found(requests_mock):
    """A note says which item it is."""
    with pytest.raises(cx.InvalidArgument, match="amount") as caught:
        FUNCTIONS["futures_place_orders"]([ORDER, ORDER | {"amount": "-1"}], check=False, session=signed())
    assert ["orders, item 1; nothing was sent"] == caught.value.__notes__


@pytest.mark.parametrize(
    "ids", [[], "", "a", 1.0, [True], [1.5], [-1], [None], "7.0", [np.float64(7)], pd.Series([7, None])]
)
def test_what_is_no_id_is_not_sent(requests_mock, ids):
    """A float may have lost digits; a truth value is none; an empty list would mean nothing or everything."""
    for name in ("spot_cancel_orders", "futures_order_statuses"):
        with pytest.raises(cx.InvalidArgument, match="order_ids"):
            FUNCTIONS[name]("BTCUSDT", ids, session=signed())
    assert not requests_mock.request_history


def test_ids_may_come_from_a_table(requests_mock):
    """An index of orders, numpy numbers, digits as text: all are whole numbers in JSON."""
    mock(requests_mock, "spot_cancel_orders", "full")
    for ids in (pd.Index([7, 8]), np.array([7, 8]), ["7", "8"], "7, 8", [7, 8, 7]):
        FUNCTIONS["spot_cancel_orders"]("BTCUSDT", ids, session=signed())
    assert [[7, 8]] * 5 == [each["params"]["order_ids"] for each in sent(requests_mock, "spot_cancel_orders")]


def test_margin_wants_a_market(requests_mock):
    """The exchange takes one market at a time on margin."""
    for name in ("spot_pending_orders", "spot_finished_orders", "spot_finished_stop_orders"):
        with pytest.raises(cx.InvalidArgument, match="on margin"):
            FUNCTIONS[name](market_type="MARGIN", session=signed())
    with pytest.raises(cx.InvalidArgument, match="on margin"):
        FUNCTIONS["spot_cancel_orders_by_client_id"]("x", market_type="MARGIN", session=signed())
    assert not requests_mock.request_history


@pytest.mark.parametrize("name", BATCHES)
def test_batches_weigh_by_the_item(name):
    """What counts one unit for each item is noted so that pacing knows; a list of ids is such a parameter."""
    expected = {"place": "orders", "modify": "orders", "cancel": "ids", "order": ""}[name.split("_")[1]]
    expected = "" if name.endswith("client_id") else expected
    assert ROUTES[name].weight.removeprefix("order_").removeprefix("stop_") == expected
