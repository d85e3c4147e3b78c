"""Bodies that are no answers: an error that names the endpoint and shows the start of the body."""

import pytest

import coinex_pandas as cx
from tests.golden import samples

BROKEN = {
    "cut off": (samples.body("spot_deals")[:-25], "truncated"),
    "empty": (b"", "truncated"),
    "a gateway's page": (b"<html><h1>502 Bad Gateway</h1>", "<html><h1>502 Bad"),
    "a list": (b'[{"deal_id": 1}]', "envelope"),
    "a number": (b"17", "envelope"),
    "null": (b"null", "envelope"),
    "no envelope": (b'{"error": "x"}', "envelope"),
    "an object for a list": (b'{"code": 0, "data": {"deal_id": 1}, "message": "OK"}', "deal_id"),
    "text for a list": (b'{"code": 0, "data": "none", "message": "OK"}', "none"),
    "null for a row": (b'{"code": 0, "data": [null], "message": "OK"}', "null"),
    "a list for a row": (b'{"code": 0, "data": [[1]], "message": "OK"}', "[[1]]"),
    "bytes that are no text": (
        samples.body("spot_deals").replace(b'"buy"', b'"\xff"'),
        "not the documented shape",
    ),
    "a new column that no name can be": (
        samples.body("spot_deals").replace(b'"side"', b'"a\\"b": 1, "side"', 1),
        "not the documented shape",
    ),
    "two answers": (samples.body("spot_deals") * 2, "not valid JSON"),
}


@pytest.mark.parametrize("numbers", ["float", "decimal", "text"])
@pytest.mark.parametrize("what", BROKEN)
def test_body_that_is_no_answer_is_an_error_that_shows_it(what, numbers):
    """The error names the endpoint, says what is wrong, and shows the start of the body."""
    body, reason = BROKEN[what]
    with pytest.raises(cx.UnexpectedBody) as caught:
        samples.page("spot_deals", body, numbers)
    assert reason in str(caught.value)
    assert "GET /spot/deals" in str(caught.value)
    assert body[:300] == caught.value.body
    assert body[:20].decode("utf-8", "replace") in str(caught.value)


@pytest.mark.parametrize("what", [what for what in BROKEN if "list" not in what and "row" not in what])
def test_book_that_is_no_answer_is_an_error_that_shows_it(what):
    """The same holds of order books, which have a reading of their own."""
    with pytest.raises(cx.UnexpectedBody, match="GET /spot/depth"):
        samples.page("spot_depth", BROKEN[what][0])


def test_book_that_is_null_is_an_error():
    """A book cannot be missing: an empty one has its two empty sides."""
    with pytest.raises(cx.UnexpectedBody, match="no order book"):
        samples.page("spot_depth", b'{"code": 0, "data": null, "message": "OK"}')


def test_code_may_come_as_text():
    """A code as text is that code."""
    empty, refused = (b'{"code": "%d", "data": [], "message": "no"}' % code for code in (0, 4004))
    assert 0 == samples.page("spot_deals", empty).rows
    with pytest.raises(cx.UnknownMarket, match="4004"):
        samples.page("spot_deals", refused)
