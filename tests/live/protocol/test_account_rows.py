"""Private pushes of any shape: rows, or a frame that could not be read and is told of; never an error."""

import json
import math
from functools import cache

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from tests.live.account_stage import PRIVATE, Stage, table
from tests.paths import GOLDEN_STREAMS
from tests.profiles import cases

CELLS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["", "0", "-0", "1.5", "1e400", "nan", "null", " BTCUSDT ", "BUY", "12", "9" * 30]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)
FUZZ = settings(max_examples=cases(15), deadline=None, suppress_health_check=list(HealthCheck))


@cache
def pushes(name):
    """Return a play's pushes."""
    return json.loads((GOLDEN_STREAMS / f"{name}.json").read_text("utf-8"))["pushed"]


def places(value, path=()):
    """Yield where the cells of a JSON value stand."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in inside:
        yield (*path, name)
        yield from places(inner, (*path, name))


def changed(push, path, cell):
    """Return a push with another cell somewhere."""
    made = json.loads(json.dumps(push))
    place = made
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = cell
    return made


@pytest.mark.parametrize("name", PRIVATE)
@FUZZ
@given(data=st.data())
def test_any_cell_anywhere_is_survived(name, data):
    """The table can be made, what is bad is counted and asked for, and the next good push is there."""
    stage = Stage(name).begin()
    for push in pushes(name)[:2]:
        path = data.draw(st.sampled_from(list(places(push["data"]))))
        odd = changed(push["data"], path, data.draw(CELLS))
        stage.frame({"method": push["method"], "data": odd, "id": None})
    rows = len(table(stage.subscriber))
    request = stage.requests()
    assert bool(request) == bool(stage.connection.bad)
    assert all(gap.refilled is False or request for gap in stage.subscriber.gaps)
    stage.frame(pushes(name)[-1])
    assert len(table(stage.subscriber)) + stage.subscriber.duplicates >= rows


@pytest.mark.parametrize("name", PRIVATE)
@FUZZ
@given(cells=st.dictionaries(st.text(max_size=6), CELLS, max_size=4))
def test_any_object_in_place_of_a_row_is_survived(name, cells):
    """It lacks what tells rows apart, so it is a frame that could not be read."""
    stage = Stage(name).begin()
    stage.frame({"method": pushes(name)[0]["method"], "data": cells, "id": None})
    assert (1, 0) == (stage.connection.bad, len(table(stage.subscriber)))
    assert 1 == len(stage.requests())


@FUZZ
@given(number=st.decimals(allow_nan=False, allow_infinity=False, places=20, min_value=-(10**9), max_value=10**9))
def test_numbers_keep_their_bits(number):
    """A balance of twenty decimals is the float of its text, -0 among them."""
    stage = Stage("spot_balances").begin()
    row = {"margin_market": "", "ccy": "USDT", "available": str(number), "frozen": "-0", "updated_at": 1}
    stage.push("balance", {"balance_list": [row]})
    found = table(stage.subscriber).iloc[0]
    assert float(number) == found["available"]
    assert -1.0 == math.copysign(1.0, found["frozen"])


@pytest.mark.parametrize("name", ["spot_user_deals", "futures_user_deals"])
def test_a_deal_without_an_order_is_kept(name):
    """Its own id distinguishes it; the order's is missing."""
    stage, push = Stage(name).begin(), pushes(name)[0]
    without = {cell: value for cell, value in push["data"].items() if cell != "order_id"}
    stage.frame({**push, "data": without | {"deal_id": 77}})
    assert (0, 1) == (stage.connection.bad, len(table(stage.subscriber)))
    assert [True] == list(table(stage.subscriber)["order_id"].isna())
