"""Pages that always promise more: rows are read once, in few requests, and what is in doubt is said."""

import json
import warnings
from urllib.parse import urlsplit

import pytest

import coinex_pandas as cx
from coinex_pandas.api.calls.overlap import by_overlap
from coinex_pandas.api.calls.paging import Incomplete
from tests.api.calls.test_overlap import Exchange
from tests.api.sample_exchange import DATE, VENUE, call, mock, params_of, signed
from tests.golden import samples

pytestmark = pytest.mark.usefixtures("unpaced")

PAGED = [name for name, route in cx.ROUTES.items() if route.paged]


class Liar(Exchange):
    """A list whose every page promises more; pages behind the last are empty."""

    def __call__(self, **params):
        """Answer a request."""
        return super().__call__(**params)._replace(has_next=True)


class Deaf(Liar):
    """A list that answers its first page, whichever is meant."""

    def __call__(self, *, page, limit):
        """Answer a request."""
        return super().__call__(page=1, limit=limit)


def read(exchange):
    """Return the ids that are read, and whether the list was declared whole."""
    ids = []
    try:
        for frame in by_overlap(exchange, "order_id"):
            ids.extend(frame.index)
    except Incomplete:
        return ids, False
    return ids, True


@pytest.mark.parametrize("rows", [0, 1, 2, 5, 9, 10, 11, 340, 999, 1000, 1001, 1003, 2004])
@pytest.mark.parametrize("cut", [100, 1000])
def test_a_promise_is_looked_into_once(rows, cut):
    """Two requests for one row; a page behind the last that is empty leaves nothing in doubt."""
    exchange = Liar(rows, cut=cut)
    expected = list(exchange.rows)
    assert (expected, True) == read(exchange)
    assert -(-rows // cut) * 1.2 + 2 >= len(exchange.requests)


@pytest.mark.parametrize("rows", [1, 2, 3, 30])
@pytest.mark.parametrize("cut", [1, 2, 3])
def test_pages_shorter_than_any_that_are_documented(rows, cut):
    """They are believed once a second one comes, and read to the end."""
    exchange = Liar(rows, cut=cut)
    assert list(range(rows, 0, -1)) == read(exchange)[0]
    assert 2 * rows + 3 >= len(exchange.requests)


@pytest.mark.parametrize("rows", [1, 4, 9, 10, 77, 1000, 4000])
def test_the_same_page_for_ever_is_in_doubt(rows):
    """Nobody knows what stands on the others; it takes a few requests to see that."""
    exchange = Deaf(rows)
    assert (list(range(rows, max(0, rows - 1000), -1)), False) == read(exchange)
    assert 12 >= len(exchange.requests)
    assert rows > 9 or 2 == len(exchange.requests)


def promise(requests_mock, name, *, pages):
    """Let an endpoint answer its sample's rows, on page 1 or on all, and promise more."""
    mock(requests_mock, name)
    route, full = cx.ROUTES[name], samples.sample(name)["full"]

    def text(request, _context):
        rows = full["data"] if pages == "all" or params_of(request).get("page", "1") == "1" else []
        return json.dumps({**full, "data": rows, "pagination": {"has_next": True}})

    requests_mock.get(VENUE.http + route.path, text=text, headers=DATE)


def requests_of(requests_mock, name):
    """Return how many requests an endpoint has got."""
    path = urlsplit(VENUE.http).path + cx.ROUTES[name].path
    return sum(urlsplit(request.url).path == path for request in requests_mock.request_history)


@pytest.mark.parametrize("pages", ["one", "all"])
@pytest.mark.parametrize("name", PAGED)
def test_every_paged_function_ends(requests_mock, name, pages):
    """The rows come, once; where the same page comes for ever, ``complete`` is False and a warning says why."""
    mock(requests_mock, name)
    expected = call(name, signed())
    honest = requests_of(requests_mock, name)
    promise(requests_mock, name, pages=pages)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        frame = call(name, signed())
    assert expected.equals(frame)
    assert 4 * honest + 4 >= requests_of(requests_mock, name) - honest
    assert frame.attrs["coinex"]["complete"] == (not caught)
    assert {cx.IncompleteWarning} >= {each.category for each in caught}
    assert pages == "all" or not caught
