"""What private requests ask for, read from queries and bodies."""

from decimal import Decimal

import pytest

from coinex_pandas.simulator import parameters
from coinex_pandas.simulator.market.catalogue import Catalogue
from coinex_pandas.simulator.parameters import Body
from coinex_pandas.simulator.reply import Refusal

CATALOGUE = Catalogue(0, 1_790_133_720_000)
GOOD = [
    ("abc", parameters.text, {"x": "abc"}, ()),
    ("d", parameters.text, {}, ("d",)),
    ("d", parameters.text, {"x": ""}, ("d",)),
    ("d", parameters.text, Body(x=None), ("d",)),
    ("b", parameters.choice, {"x": "b"}, (("a", "b"),)),
    ("", parameters.choice, {}, (("", "b"), "")),
    (Decimal("1.50"), parameters.decimal, {"x": "1.50"}, ()),
    (Decimal("1.50"), parameters.decimal, Body(x="1.50"), ()),
    (Decimal(7), parameters.decimal, {}, (Decimal(7),)),
    (7, parameters.whole, {"x": "7"}, ()),
    (7, parameters.whole, Body(x=7), ()),
    (7, parameters.whole, {}, (7,)),
    (True, parameters.flag, {"x": "true"}, ()),
    (False, parameters.flag, Body(x=False), ()),
    (True, parameters.flag, {}, (True,)),
    (["A", "B"], parameters.texts, {"x": "A,B"}, ()),
    (["A", "B"], parameters.texts, Body(x=["A", "B"]), ()),
    ([], parameters.texts, Body(x=[]), ()),
    ([], parameters.texts, {}, ([],)),
    ("BTC", parameters.currency, {"x": "BTC"}, ()),
    ("", parameters.currency, {}, ("",)),
]
BAD = [
    (parameters.text, {}, ()),
    (parameters.text, Body(x=5), ()),
    (parameters.text, {"x": "y" * 501}, ()),
    (parameters.choice, {"x": "c"}, (("a", "b"),)),
    (parameters.choice, Body(x=["a"]), (("a", "b"),)),
    (parameters.decimal, Body(x=1.5), ()),
    (parameters.decimal, Body(x=1), ()),
    (parameters.decimal, {"x": "0"}, ()),
    (parameters.decimal, {"x": "1."}, ()),
    (parameters.decimal, {"x": ".5"}, ()),
    (parameters.decimal, {"x": "+1"}, ()),
    (parameters.decimal, {"x": "Infinity"}, ()),
    (parameters.decimal, {}, ()),
    (parameters.whole, Body(x="7"), ()),
    (parameters.whole, Body(x=True), ()),
    (parameters.whole, Body(x=7.0), ()),
    (parameters.whole, {"x": "-7"}, ()),
    (parameters.whole, {"x": "9" * 5000}, ()),
    (parameters.whole, Body(x=2**63), ()),
    (parameters.flag, Body(x="true"), ()),
    (parameters.flag, Body(x=1), ()),
    (parameters.flag, {"x": "True"}, ()),
    (parameters.flag, {}, ()),
    (parameters.texts, Body(x="A,B"), ()),
    (parameters.texts, Body(x=["A", 1]), ()),
    (parameters.texts, Body(x=""), ()),
    (parameters.texts, {}, ()),
    (parameters.currency, {"x": "NOPE"}, ()),
    (parameters.currency, Body(x=["BTC"]), ()),
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
    assert "EOSUSDT" == parameters.market({"market": "EOSUSDT"}, CATALOGUE, "spot").name
    for params in ({}, {"market": "NOPE"}, Body(market=["BTCUSDT"]), Body(market=5)):
        with pytest.raises(Refusal):
            parameters.market(params, CATALOGUE, "spot")


def test_zero_where_it_means_something():
    """Only on request."""
    assert 0 == parameters.decimal({"x": "0.0"}, "x", zero=True)


def test_times_without_bounds():
    """Absent ones leave everything in."""
    start, end = parameters.times({})
    assert 0 == start
    assert 2_000_000_000_000 < end
    assert (5, 6) == parameters.times({"start_time": "5", "end_time": "6"})
