"""Every parameter of every public function, with values that nobody means: taken, or refused by name and unsent."""

from __future__ import annotations

import datetime as dt
import inspect
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import requests
from requests.adapters import BaseAdapter

import coinex_pandas as cx
from coinex_pandas.api.calls.arguments import choice, exact, ids_of, json_object, names_of, texts, whole, whole_id, word
from tests.api.sample_exchange import VENUE, signed
from tests.golden import samples

pytestmark = [pytest.mark.usefixtures("unpaced"), pytest.mark.sweep]


class Unprintable:
    """Something whose repr fails."""

    def __repr__(self):
        """Fail."""
        raise RuntimeError("no repr")


def nested(levels):
    """Return mappings within mappings."""
    value = {}
    for _ in range(levels):
        value = {"of": value}
    return value


NOTHING_TAKES = {
    "missing": pd.NA,
    "no time": pd.NaT,
    "no duration": np.timedelta64("NaT", "ns"),
    "no number": float("nan"),
    "signalling": Decimal("sNaN"),
    "half a character": "USD\udc01",
    "half a character in a list": ["BTC", "\ud9ff"],
    "gigabytes": Decimal("7E+400000000"),
    "gigabytes behind the point": Decimal("7E-400000000"),
    "four thousand digits": 7**6000,
    "four thousand digits in a list": [7**6000],
    "long text": "é" * 70_000,
    "bytes": b"BTCUSDT",
    "scalar array": np.array("BTCUSDT"),
    "array of truths": np.array([[True, False]]),
    "missing in a list": [pd.NA],
    "table": pd.DataFrame({"BTCUSDT": [1]}),
    "mapping": {"BTCUSDT": 1},
    "deep mapping": nested(2_000),
    "class": int,
    "unprintable": Unprintable(),
    "unprintable in a list": [Unprintable()],
    "complex": 2j,
    "fraction": Fraction(2, 3),
    "ellipsis": ...,
}
SOME_TAKE = {
    "array": np.array(["BTCUSDT", "ETHUSDT"]),
    "empty array": np.array([]),
    "column": pd.Series(["x", None]),
    "infinite": float("-inf"),
    "huge": np.float64(1e307),
    "first day": dt.date.min,
    "last day": dt.date.max,
    "yes": True,
    "duration": np.timedelta64(3, "h"),
    "digits of another script": "\u0664\u0662",
    "power sign": "\u00b3",
    "zero byte": "BTC\0",
    "range": range(2, 4),
}
TAKE_MAPPINGS = {("withdraw", "extra")}
FUNCTIONS = [*cx.ROUTES, "freshness", "doctor"]
BATCHES = [name for name in cx.ROUTES if "orders" in inspect.signature(getattr(cx, name)).parameters]


class NoExchange(BaseAdapter):
    """Takes every request down, and answers none."""

    def __init__(self):
        """Begin with none."""
        super().__init__()
        self.requests = []

    def send(self, request, **_):
        """Note the request, and fail."""
        self.requests.append(request)
        raise requests.ConnectionError("no exchange")

    def close(self):
        """Do nothing."""


@pytest.fixture
def nowhere():
    """Give a session that may do everything, at an exchange that does not answer."""
    session = signed()
    session.adapter = NoExchange()
    session.mount(f"{VENUE.http}/", session.adapter)
    return session


def outcome(session, function, arguments, parameter):
    """Return whether a call was refused here, as it should be, or sent; fail when it ended in any other way."""
    session.adapter.requests.clear()
    try:
        function(**{"session": session} | arguments)
    except cx.InvalidArgument as error:
        assert [] == session.adapter.requests
        text = "\n".join([str(error), *getattr(error, "__notes__", [])])
        assert parameter in text
        assert 1_500 > len(text)
        return "refused"
    except cx.CoinExError:
        assert session.adapter.requests
        assert 10_000 > max(len(request.body or request.url) for request in session.adapter.requests)
        return "sent"
    return "done"


def arguments_of(name):
    """Return good arguments, those of the function's sample."""
    if name not in cx.ROUTES:
        return {"area": "spot"} if name == "freshness" else {}
    call = samples.sample(name)["call"]
    return inspect.signature(getattr(cx, name)).bind_partial(*call["args"], **call["kwargs"]).arguments


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_odd_value_is_taken_or_refused_by_name(nowhere, name):
    """No other error than InvalidArgument, which names the parameter in a short text; and nothing is sent."""
    function, good = getattr(cx, name), arguments_of(name)
    for parameter in inspect.signature(function).parameters:
        for label, value in NOTHING_TAKES.items():
            is_fine = "mapping" == label and (name, parameter) in TAKE_MAPPINGS
            expected = "sent" if is_fine else "refused"
            assert expected == outcome(nowhere, function, {**good, parameter: value}, parameter), (parameter, label)
        for value in SOME_TAKE.values():
            outcome(nowhere, function, {**good, parameter: value}, parameter)


@pytest.mark.parametrize("name", BATCHES)
def test_an_odd_cell_of_an_order_is_taken_or_refused_by_name(nowhere, name):
    """In a batch the error names the parameter and the place of the order."""
    function, good = getattr(cx, name), arguments_of(name)
    order = dict(next(iter(good["orders"])))
    for parameter in order:
        for label, value in NOTHING_TAKES.items():
            batch = {**good, "orders": [order, {**order, parameter: value}]}
            found = outcome(nowhere, function, batch, parameter)
            if label not in ("missing", "no time", "no duration", "no number", "signalling"):  # a cell left out
                assert "refused" == found, (parameter, label)
        for value in SOME_TAKE.values():
            outcome(nowhere, function, {**good, "orders": [order, {**order, parameter: value}]}, parameter)


@pytest.mark.parametrize(
    "extra",
    [["cd"], "cd", {"chain_id": 1.5}, {"chain_id": None}, {3: "0"}, {"\ud912": "0"}, {"id": "\udcff"}, {"id": 2**64}],
)
def test_what_withdraw_adds_is_a_mapping_of_texts(nowhere, extra):
    """Names and values as JSON carries them; the error says which value is none."""
    arguments = arguments_of("withdraw") | {"extra": extra, "dry_run": True}
    assert "refused" == outcome(nowhere, cx.withdraw, arguments, "extra")


def test_what_withdraw_adds_is_sent_as_it_is():
    """Texts, whole numbers and flags."""
    given = {"chain_id": "0", "tag": 7, "is_new": True}
    assert given == json_object(given, "extra")


@pytest.mark.parametrize("number", ["1e401", Decimal("2E+400"), Decimal("0E+401"), Decimal("1E-401"), 10**400])
def test_a_number_of_more_than_four_hundred_digits_is_refused(number):
    """Before it is written out; the text says the limit."""
    with pytest.raises(cx.InvalidArgument, match="400 digits"):
        exact(number, "price")


@pytest.mark.parametrize("number", [1.7e308, 5e-324, 10**399, Decimal("1E-400"), Decimal("9E+399")])
def test_every_float_and_all_that_is_near_is_a_number(number):
    """The limit is far above what a price can be."""
    assert Decimal(str(number)) == Decimal(exact(number, "price"))


def test_what_is_meant_is_still_taken():
    """Columns, arrays, sets, generators and the types of NumPy stand for what they hold."""
    assert ["BTC", "ETH"] == names_of(pd.Series(["btc", "eth"]), "ccy")
    assert ["BTC", "ETH"] == names_of(pd.Index(["btc ", "eth"]), "ccy")
    assert ["BTC"] == names_of({np.str_("btc")}, "ccy")
    assert [3, 4] == ids_of(np.array([3, 4]), "order_ids")
    assert [3, 4] == ids_of((text for text in ("3", " 4")), "order_ids")
    assert [] == texts([], "ip_whitelist")
    assert 10 == choice(np.int32(10), (5, 10), "limit")
    assert 2**63 - 1 == whole_id(str(2**63 - 1), "order_id")
    assert "x" * 1_000 == word("x" * 1_000, "memo")


@pytest.mark.parametrize(("check", "value"), [(whole_id, 2**63), (whole_id, "9" * 5_000), (whole, 2**63)])
def test_whole_numbers_have_at_most_64_bits(check, value):
    """As the exchange's have."""
    with pytest.raises(cx.InvalidArgument, match="order_id"):
        check(value, "order_id")
