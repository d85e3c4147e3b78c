"""The tree of errors in the docstring and that of the classes."""

import pickle
import re
import time

import pytest

import coinex_pandas as cx
from coinex_pandas import errors
from coinex_pandas.errors.codes import CODES, lookup
from coinex_pandas.errors.refusals import refusal


def tree_in_docstring():
    """Return the tree of the module's docstring: name -> names of its parents."""
    tree, above = {}, []
    for line in errors.__doc__.split("::", 1)[1].splitlines():
        match = re.match(r"( +)(\w+)(?: \((\w+)\))?(?:  |$)", line)
        if match is None:
            continue
        indent, name, other = match.groups()
        above = [(depth, parent) for depth, parent in above if depth < len(indent)]
        tree[name] = {parent for _, parent in above[-1:]} | ({other} if other else set())
        above.append((len(indent), name))
    return tree


def tree_of_classes():
    """Return the tree of the classes: name -> names of its nearest public parents."""
    return {name: _parents(getattr(errors, name)) for name in errors.__all__}


def _parents(kind):
    return set().union(
        *({parent.__name__} if parent.__name__ != "EndpointError" else _parents(parent) for parent in kind.__bases__)
    )


def test_the_tree_is_as_drawn():
    """The tree in the module's docstring is the tree of the classes, parent for parent."""
    tree = tree_in_docstring()
    assert {"CoinExError", "UserWarning"} == {name for name, parents in tree.items() if not parents}
    assert {name: parents for name, parents in tree.items() if parents} == {
        name: parents for name, parents in tree_of_classes().items() if name != "CoinExError"
    }


def test_every_error_is_on_the_front_door():
    """What can be raised can be caught by name."""
    assert set(errors.__all__) <= set(cx.__all__)
    assert all(getattr(cx, name) is getattr(errors, name) for name in errors.__all__)


@pytest.mark.parametrize("number", sorted(CODES))
def test_every_code_has_its_own_class_and_speaks(number):
    """Code, message, endpoint, market, meaning and advice stand in the text; the class is more than Refused."""
    error = refusal(number, "the exchange's words", endpoint="GET /futures/ticker", about="BTCUSDT", retry_after=2.0)
    assert isinstance(error, cx.Refused)
    assert type(error) is not cx.Refused
    for text in (
        str(number),
        "the exchange's words",
        "GET /futures/ticker",
        "BTCUSDT",
        error.advice,
        lookup(number).meaning,
    ):
        assert text in str(error)
    assert (lookup(number).retry, 2.0, number) == (error.retry, error.retry_after, error.code)


@pytest.mark.parametrize(
    ("number", "kind", "retry"),
    [
        (227, cx.ClockSkewed, True),
        (3008, cx.Busy, True),
        (3109, cx.BalanceTooLow, False),
        (3127, cx.OrderRefused, False),
        (3157, cx.MarketClosed, False),
        (3600, cx.NotFound, False),
        (3639, cx.BadParameter, False),
        (4001, cx.Busy, True),
        (4002, cx.Busy, True),
        (4003, cx.ServerFault, False),
        (4004, cx.BadParameter, False),
        (4006, cx.NotAuthorized, False),
        (4010, cx.ClockSkewed, True),
        (4017, cx.ClockSkewed, True),
        (4115, cx.NotPermitted, False),
        (4117, cx.MarketClosed, False),
        (4123, cx.RateLimited, True),
        (4130, cx.MarketClosed, False),
        (4158, cx.MarketClosed, False),
        (4159, cx.MarketClosed, False),
        (4213, cx.RateLimited, True),
    ],
)
def test_the_class_of_a_code(number, kind, retry):
    """As the docstring says."""
    error = refusal(number, "", endpoint="GET /ping")
    assert (kind, retry) == (type(error), error.retry)


@pytest.mark.parametrize("number", [4004, 3639])
def test_a_wrong_parameter_with_a_market_is_an_unknown_market(number):
    """Every other parameter is checked before sending; both ways of catching it work."""
    error = refusal(number, "invalid argument", endpoint="GET /futures/ticker", about="NOPEUSDT")
    assert isinstance(error, cx.UnknownMarket)
    assert isinstance(error, cx.BadParameter)
    assert isinstance(error, cx.NotFound)


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("invalid argument", cx.BadParameter),
        ("invalid argument: market_type", cx.BadParameter),
        ("amount is below the minimum of the market", cx.BadParameter),
        ("Invalid Parameter: market NOPEUSDT not found", cx.UnknownMarket),
        ("currency does not exist: not exist", cx.UnknownMarket),
    ],
)
def test_a_wrong_parameter_among_others(message, kind):
    """Beside an id or a number the market is not blamed, unless the exchange does."""
    error = refusal(4004, message, endpoint="POST /spot/order", about="NOPEUSDT", alone=False)
    assert (kind, True) == (type(error), "NOPEUSDT" in str(error))


def test_a_code_that_is_not_listed():
    """It is refused all the same, never repeated, and says that it is not documented."""
    error = refusal(987_654, "odd", endpoint="GET /ping")
    assert (cx.Refused, False, 987_654) == (type(error), error.retry, error.code)
    assert "not documented" in str(error)


@pytest.mark.parametrize(
    ("status", "retry"),
    [(None, True), (500, True), (502, True), (503, True), (408, True), (429, True)]
    + [(status, False) for status in (301, 302, 400, 401, 403, 404, 410)],
)
def test_which_gateway_answers_are_worth_repeating(status, retry):
    """Nothing at all, 5xx, 408 and 429; a page that says no says it again."""
    assert retry == cx.NoAnswer("why", endpoint="GET /ping", status=status).retry


def test_a_long_body_is_cut():
    """A page of megabytes leaves 300 bytes in the error."""
    error = cx.UnexpectedBody("why", endpoint="GET /ping", body=b"<html>" * 100_000)
    assert 300 == len(error.body)
    assert 500 > len(str(error))


def samples():
    """Return one of each error."""
    every = [refusal(number, "words", endpoint="GET /ping", about="BTCUSDT", retry_after=1.0) for number in (*CODES, 5)]
    every += [cx.NoAnswer("why", endpoint="GET /ping", status=502, retry_after=3.0, body=b"<html>")]
    every += [kind("why", endpoint="GET /ping", body=b"{") for kind in (cx.UnexpectedBody, cx.UnexpectedValue)]
    return [*every, cx.InvalidArgument("why"), cx.MissingExtra("aiohttp", extra="sandbox"), cx.CoinExError("why")]


def test_errors_survive_pickling():
    """Class, text and every attribute, so that they cross process borders."""
    for error in samples():
        back = pickle.loads(pickle.dumps(error))
        assert (type(error), str(error), error.args) == (type(back), str(back), back.args)
        assert (error.__dict__, error.retry) == (back.__dict__, back.retry)


def test_errors_can_be_caught_as_python_knows_them():
    """A wrong argument is a ValueError, a missing library an ImportError that names module and install line."""
    missing = pickle.loads(pickle.dumps(cx.MissingExtra("aiohttp", extra="sandbox")))
    assert isinstance(cx.InvalidArgument("why"), ValueError)
    assert isinstance(missing, ImportError)
    assert "aiohttp" == missing.name
    assert "pip install 'coinex_pandas[sandbox]'" in str(missing)


@pytest.mark.parametrize("word", ["coin ", "currency not ", "Ccy unknow "])
def test_a_long_refusal_takes_time_in_proportion_to_its_length(word: str) -> None:
    """What the exchange says is searched for the name of a market only as far as the error shows it."""

    def seconds(repetitions: int) -> float:
        begin = time.process_time()
        refusal(3639, word * repetitions, endpoint="spot_place_order", about="BTCUSDT", alone=False)
        return time.process_time() - begin

    assert seconds(8_000) < 30 * max(seconds(1_000), 0.01)
