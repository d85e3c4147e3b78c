"""The order book over HTTP: what is no price and amount by the exchange's grammar is an error that shows it."""

import json

import pytest

from coinex_pandas.errors import UnexpectedValue
from coinex_pandas.tables.decoding import Source, read
from coinex_pandas.tables.rows.book import BookLevel

SOURCE = Source("GET /spot/depth", "LTCUSDT", "somewhere", single=True)


def body(price, amount):
    """Return an answer with one ask and one bid."""
    depth = {"asks": [[price, amount]], "bids": [["1.5", "2"]], "last": "2", "updated_at": 5, "checksum": 0}
    data = {"market": "LTCUSDT", "is_full": True, "depth": depth}
    return json.dumps({"code": 0, "data": data, "message": "OK"}).encode()


@pytest.mark.parametrize("numbers", ["float", "decimal", "text"])
@pytest.mark.parametrize("text", ["-7", "\uff17", "7_1", " 7", "7.", ".7", "+7", "nan", "", "-0.001"])
@pytest.mark.parametrize("place", [0, 1])
def test_what_is_no_price_and_amount_is_an_error(place, text, numbers):
    """Also what Python takes for a number, and a number below 0."""
    cells = [(text, "1"), ("7", text)][place]
    with pytest.raises(UnexpectedValue, match="LTCUSDT"):
        read(BookLevel, body(*cells), SOURCE, numbers=numbers)


def test_a_price_and_an_amount_are_read():
    """As the exchange writes them."""
    frame = read(BookLevel, body("7.25", "1E-3"), SOURCE).frame
    assert [7.25, 1.5] == frame["price"].to_list()
    assert [0.001, 2.0] == frame["amount"].to_list()
