"""Numbers as they are sent: the digits that were given, plainly."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import coinex_pandas as cx
from coinex_pandas.api.calls.arguments import exact


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1.50", "1.50"),
        ("1e-8", "0.00000001"),
        ("1E+3", "1000"),
        (".5", "0.5"),
        ("5.", "5"),
        (3, "3"),
        (10**30, "1" + "0" * 30),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        (1e22, "10000000000000000000000"),
        (0.1 + 0.2, "0.30000000000000004"),
        (Decimal("2E+3"), "2000"),
        (Decimal("0.00000000000000000001"), "0.00000000000000000001"),
        (np.float64(0.1), "0.1"),
        (np.float32(0.1), "0.1"),
        (np.int64(7), "7"),
        (-0.5, "-0.5"),
        ("-3", "-3"),
    ],
)
def test_plain_digits(value, expected):
    """Without exponent; trailing zeros stay, and nothing is added."""
    assert expected == exact(value, "amount")


@pytest.mark.parametrize(
    "value",
    [
        *(True, np.True_, None, pd.NA, pd.NaT, math.nan, math.inf, Decimal("NaN"), Decimal("-inf"), Decimal("sNaN")),
        *("nan", "inf", "Infinity", "", " 1", "1 ", "1_000", "1,5", "0x10", "\u0663", "1e9999", "-", "."),
        *(Fraction(1, 3), [1], 1j, b"1"),
    ],
)
def test_what_is_no_number(value):
    """It is refused by the parameter's name; nothing is guessed."""
    with pytest.raises(cx.InvalidArgument, match="price"):
        exact(value, "price")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_comes_back(value):
    """The text is the very same number, and the shortest that is."""
    text = exact(value, "price")
    assert value == float(text)
    assert Decimal(repr(value)) == Decimal(text)
    assert "e" not in text.lower()


@given(st.decimals(allow_nan=False, allow_infinity=False, places=20) | st.integers().map(Decimal))
def test_a_decimal_comes_back(value):
    """Digit by digit, with its places."""
    assert (value, value.as_tuple()) == (Decimal(exact(value, "price")), Decimal(exact(value, "price")).as_tuple())
    assert exact(value, "price") == exact(str(value), "price")
