"""Numbers: every decimal text becomes the nearest float, or itself; anything else is an error that says where."""

import json
import math
import struct
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import coinex_pandas as cx
from tests.golden import samples
from tests.profiles import cases

TABLE, COLUMN = "futures_premium_index_history", "premium_index"

plain = st.from_regex(r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?", fullmatch=True)
exponents = st.from_regex(r"-?[0-9](\.[0-9]{1,20})?[eE][+-]?[0-9]{1,3}", fullmatch=True)
floats = st.floats(allow_nan=False, allow_infinity=False).map(repr)
texts = st.one_of(plain, exponents, floats, floats.map(lambda text: format(Decimal(text), "f")))
often = settings(max_examples=cases(100))

NO_NUMBERS = [
    *("nan", "NaN", "inf", "-inf", "Infinity", "null", "None", "true", "abc", "1,5", "1 000", "--1", "+1", "1.", ".5"),
    *(" 1", "1 ", "1\n", " ", "0x1", "1_0", "1e", "1e99999999999999999999", "\u0661", "{}", "[]"),
]


def reply(*cells):
    """Return a reply whose numbers are the given JSON values, an hour apart."""
    rows = ", ".join(
        f'{{"market": "BTCUSDT", "created_at": {1_780_308_000_000 + 3_600_000 * at}, "{COLUMN}": {cell}}}'
        for at, cell in enumerate(cells)
    )
    return f'{{"code": 0, "data": [{rows}], "message": "OK"}}'.encode()


def decoded(*cells, numbers="float"):
    """Return the numbers of a reply as the frame holds them."""
    return list(samples.page(TABLE, reply(*cells), numbers).frame[COLUMN])


def bits(number):
    """Return a float's own bytes, for -0.0 equals 0.0."""
    return struct.pack("<d", number)


@often
@given(texts)
@example("-0")
@example("-0.0")
@example("0")
@example("-0e5")
@example("5e-324")
@example("2.4703282292062328e-324")
@example("2.2250738585072011e-308")
@example("1e-400")
@example("1.7976931348623157e308")
@example("0.1" + "0" * 800 + "1")
@example("9" * 300)
@example("9007199254740993")
def test_float_is_the_nearest_to_the_text(text):
    """A float is bit for bit what Python makes of the exact decimal."""
    assert bits(float(Decimal(text))) == bits(decoded(f'"{text}"')[0])


@often
@given(st.lists(texts, min_size=2, max_size=6))
def test_floats_keep_their_places(cells):
    """Odd neighbours (a "-0", a huge one) change no other cell."""
    assert [bits(float(Decimal(text))) for text in cells] == [bits(cell) for cell in decoded(*map(json.dumps, cells))]


@often
@given(texts)
def test_decimal_and_text_keep_every_digit(text):
    """Asked for, the exact decimal or the very text comes back."""
    exact = decoded(f'"{text}"', numbers="decimal")[0]
    assert isinstance(exact, Decimal)
    assert Decimal(text).as_tuple() == exact.as_tuple()
    assert text == decoded(f'"{text}"', numbers="text")[0]


@often
@given(st.one_of(plain, floats))
def test_bare_json_numbers_read_as_well(text):
    """A number that comes as a JSON number reads the same, should the exchange drop the quotes."""
    assert float(Decimal(text)) == decoded(text)[0]
    assert text == decoded(text, numbers="text")[0]


def test_bare_number_beyond_the_floats_is_no_answer():
    """A JSON number that no float holds spoils the answer; it looks like a damaged one."""
    with pytest.raises(cx.UnexpectedBody, match="out of range"):
        decoded("1e999")


@pytest.mark.parametrize("numbers", ["float", "decimal", "text"])
@pytest.mark.parametrize("missing", ['""', "null"])
def test_empty_and_null_are_missing(missing, numbers):
    """An empty or null number is missing, and its neighbours stay."""
    first, second, third = decoded('"1.50"', missing, '"-2"', numbers=numbers)
    kind = {"float": float, "decimal": Decimal, "text": str}[numbers]
    assert (kind("1.50"), kind("-2")) == (first, third)
    assert pd.isna(second)


def test_missing_floats_are_nan():
    """A missing float is the float NaN, so that the column computes."""
    assert [True, True] == [math.isnan(cell) for cell in decoded('""', "null")]


@pytest.mark.sweep
@pytest.mark.parametrize("numbers", ["float", "decimal", "text"])
@pytest.mark.parametrize("text", NO_NUMBERS)
def test_anything_else_is_an_error_that_says_where(text, numbers):
    """The error names market, column and the text, and is not tried again."""
    with pytest.raises(cx.UnexpectedValue) as caught:
        decoded('"1"', json.dumps(text), numbers=numbers)
    for part in ("row 1", "'BTCUSDT'", repr(COLUMN), repr(text), "GET /futures/premium-index-history"):
        assert part in str(caught.value)
    assert not caught.value.retry


@pytest.mark.parametrize("value", ["true", "[]", "{}", '["1"]'])
def test_other_json_is_no_number(value):
    """A truth value, list or object in a number's place is an error, too."""
    with pytest.raises(cx.UnexpectedValue, match=COLUMN):
        decoded(value)


@pytest.mark.parametrize("value", ["1e999", "-1e999"])
def test_overflow_of_a_text_is_what_python_says(value):
    """A text beyond the floats is infinite as a float, and exact with the exact numbers."""
    assert [float(Decimal(value))] == decoded(f'"{value}"')
    assert [Decimal(value)] == decoded(f'"{value}"', numbers="decimal")


@pytest.mark.parametrize("numbers", ["float", "decimal", "text"])
@pytest.mark.parametrize("text", ["nan", " 1", "1_0", "", "null"])
def test_book_levels_are_numbers(text, numbers):
    """A price in the book that is no number is an error that names the market and the text."""
    body = samples.body("spot_depth").replace(b'"71204.51"', json.dumps(text).encode())
    with pytest.raises(cx.UnexpectedValue, match="BTCUSDT") as caught:
        samples.page("spot_depth", body, numbers)
    assert repr(text) in str(caught.value)


def test_numbers_of_deals_name_the_market_asked_for():
    """A deal carries no market: the error names that of the request."""
    body = samples.body("spot_deals").replace(b'"71204.49"', b'"71204,49"')
    with pytest.raises(cx.UnexpectedValue, match=r"BTCUSDT.*'price' holds '71204,49'"):
        samples.page("spot_deals", body)


@pytest.mark.parametrize("text", ["0", "-0", "1.50", "1e-12", "0E-8", "123456789012345678901234567890.1"])
def test_wire_text_is_plain(text):
    """Numbers go back to the wire without exponents; a text goes back as it is."""
    kind = next(column.kind for column in cx.ROUTES[TABLE].row.columns() if column.name == COLUMN)
    assert text == kind.to_wire(text)
    assert format(Decimal(text), "f") == kind.to_wire(Decimal(text))
    assert float(text) == float(kind.to_wire(float(text)))
    assert "e" not in kind.to_wire(float(text)).lower()
