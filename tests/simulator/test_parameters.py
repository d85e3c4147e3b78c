"""What private requests ask for, read from queries and bodies."""

from decimal import Decimal

import pytest

from coinex_pandas.simulator import parameters as asked
from coinex_pandas.simulator.market.catalogue import Catalogue
from coinex_pandas.simulator.parameters import Body
from coinex_pandas.simulator.reply import Refusal

CATALOGUE = Catalogue(0, 1_790_133_720_000)
GOOD = [
    ("abc", asked.text, {"x": "abc"}, ()),
    ("d", asked.text, {}, ("d",)),
    ("d", asked.text, {"x": ""}, ("d",)),
    ("d", asked.text, Body(x=None), ("d",)),
    ("b", asked.choice, {"x": "b"}, (("a", "b"),)),
    ("", asked.choice, {}, (("", "b"), "")),
    (Decimal("1.50"), asked.decimal, {"x": "1.50"}, ()),
    (Decimal("1.50"), asked.decimal, Body(x="1.50"), ()),
    (Decimal(7), asked.decimal, {}, (Decimal(7),)),
    (7, asked.whole, {"x": "7"}, ()),
    (7, asked.whole, Body(x=7), ()),
    (7, asked.whole, {}, (7,)),
    (True, asked.flag, {"x": "true"}, ()),
    (False, asked.flag, Body(x=False), ()),
    (True, asked.flag, {}, (True,)),
    (["A", "B"], asked.texts, {"x": "A,B"}, ()),
    (["A", "B"], asked.texts, Body(x=["A", "B"]), ()),
    ([], asked.texts, Body(x=[]), ()),
    ([], asked.texts, {}, ([],)),
    ("BTC", asked.currency, {"x": "BTC"}, ()),
    ("", asked.currency, {}, ("",)),
]
BAD = [
    (asked.text, {}, ()),
    (asked.text, Body(x=5), ()),
    (asked.text, {"x": "y" * 501}, ()),
    (asked.choice, {"x": "c"}, (("a", "b"),)),
    (asked.choice, Body(x=["a"]), (("a", "b"),)),
    (asked.decimal, Body(x=1.5), ()),
    (asked.decimal, Body(x=1), ()),
    (asked.decimal, {"x": "0"}, ()),
    (asked.decimal, {"x": "1."}, ()),
    (asked.decimal, {"x": ".5"}, ()),
    (asked.decimal, {"x": "+1"}, ()),
    (asked.decimal, {"x": "Infinity"}, ()),
    (asked.decimal, {}, ()),
    (asked.whole, Body(x="7"), ()),
    (asked.whole, Body(x=True), ()),
    (asked.whole, Body(x=7.0), ()),
    (asked.whole, {"x": "-7"}, ()),
    (asked.whole, {"x": "9" * 5000}, ()),
    (asked.whole, Body(x=2**63), ()),
    (asked.flag, Body(x="true"), ()),
    (asked.flag, Body(x=1), ()),
    (asked.flag, {"x": "True"}, ()),
    (asked.flag, {}, ()),
    (asked.texts, Body(x="A,B"), ()),
    (asked.texts, Body(x=["A", 1]), ()),
    (asked.texts, Body(x=""), ()),
    (asked.texts, {}, ()),
    (asked.currency, {"x": "NOPE"}, ()),
    (asked.currency, Body(x=["BTC"]), ()),
]


@pytest.mark.parametrize(("expected", "read", "params", "more"), GOOD)
def test_what_is_right_is_read(expected, read, params, more):
    """Text of a query and values of a body give the same."""
    assert expected == read(params, "x", *more)


@pytest.mark.parametrize(("read", "params", "more"), BAD)
def test_what_is_wrong_is_refused_by_name(read, params, more):
    """Code 4004, and the message names the parameter."""
    with pytest.raises(Refusal, match="4004 invalid argument: x"):
        read(params, "x", *more)


def test_markets():
    """Those of an area, delisted ones among them."""
    assert "EOSUSDT" == asked.market({"market": "EOSUSDT"}, CATALOGUE, "spot").name
    for params in ({}, {"market": "NOPE"}, Body(market=["BTCUSDT"]), Body(market=5)):
        with pytest.raises(Refusal):
            asked.market(params, CATALOGUE, "spot")


def test_zero_where_it_means_something():
    """Only on request."""
    assert 0 == asked.decimal({"x": "0.0"}, "x", zero=True)


def test_times_without_bounds():
    """Absent ones leave everything in."""
    start, end = asked.times({})
    assert 0 == start
    assert 2_000_000_000_000 < end
    assert (5, 6) == asked.times({"start_time": "5", "end_time": "6"})
