"""Every endpoint keeps its contract: the request that is made, the frame, its notes, the refusal."""

import json
import types
from urllib.parse import urlsplit

import pytest

import coinex_pandas as cx
from coinex_pandas.api import endpoints
from coinex_pandas.http.signing import HEADERS
from coinex_pandas.tables import decoding, unknown_columns
from tests.api.sample_exchange import (
    READS,
    SIGNED,
    VENUE,
    call,
    frame_of,
    mock,
    params_of,
    requests_to,
    signed,
    subject,
)
from tests.golden import samples

pytestmark = pytest.mark.usefixtures("unpaced")

HISTORIES = [
    name
    for name in READS
    if cx.ROUTES[name].row.order and name != "maintenances" and [] == samples.sample(name)["empty"]["data"]
]
NULLS = [name for name in READS if cx.ROUTES[name].paged and samples.sample(name)["empty"]["data"] is None]
TABLES = [name for name in READS if not cx.ROUTES[name].single]


@pytest.fixture(autouse=True)
def nothing_announced(monkeypatch):
    """Forget what earlier tests announced: a change of columns must warn, and so fail, in each test."""
    monkeypatch.setattr(unknown_columns, "_warned", set())
    monkeypatch.setattr(decoding, "_last_extras", {})


def test_one_file_loads_every_endpoint():
    """Below the front door ``api/endpoints`` is enough for all of ``ROUTES``."""
    files = {value.__name__ for value in vars(endpoints).values() if isinstance(value, types.ModuleType)}
    assert files == {route.function.__module__ for route in cx.ROUTES.values()}


@pytest.mark.parametrize("name", cx.ROUTES)
def test_request_is_the_documented_one(requests_mock, name):
    """Method, path and parameters on the wire are the sample's: in the query, or in a JSON body."""
    frame_of(requests_mock, name)
    expected, first = samples.sample(name)["request"], requests_to(requests_mock, name)[0]
    path = urlsplit(first.url).path.removeprefix("/v2")
    assert expected == {"method": first.method, "path": path, "params": params_of(first)}
    assert (first.method == "GET") == (first.text is None)


@pytest.mark.parametrize("name", cx.ROUTES)
def test_signed_requests_are_signed_and_others_not(requests_mock, name):
    """Key, signature and time go out with what needs them, and with nothing else, whatever the session could do."""
    came = mock(requests_mock, name)
    call(name, signed())
    assert came
    for headers in came:
        assert [cx.ROUTES[name].signed] * 3 == [header in headers for header in HEADERS]


@pytest.mark.parametrize("name", SIGNED)
def test_nothing_leaves_without_a_key(requests_mock, name):
    """A session without a key says how to make one with a key, before anything is sent."""
    with pytest.raises(cx.KeyNeeded, match="SignedSession"):
        frame_of(requests_mock, name, session=cx.Session(VENUE, retries=0))
    assert [] == requests_mock.request_history


@pytest.mark.parametrize("name", cx.ROUTES)
@pytest.mark.parametrize("reply", ["full", "minimal"])
def test_call_returns_the_table(requests_mock, name, reply):
    """A call returns the frame that the reply alone is, but for cells that the request knows better."""
    expected, frame = samples.read(name, reply), frame_of(requests_mock, name, reply)
    filled = samples.sample(name).get("filled", [])
    assert expected.drop(columns=filled).equals(frame.drop(columns=filled))
    assert frame[filled].notna().all(axis=None)
    assert samples.shape(expected) == samples.shape(frame)


@pytest.mark.parametrize("name", cx.ROUTES)
def test_call_notes_where_its_frame_came_from(requests_mock, name):
    """The attrs name table, venue, endpoint and the moment by the exchange's clock; the frame is whole."""
    notes = frame_of(requests_mock, name).attrs["coinex"]
    assert (name, "mock", True) == (notes["table"], notes["venue"], notes["complete"])
    assert cx.ROUTES[name].endpoint == notes["request"]["endpoint"]
    assert "2026-06-01T12:00:00+00:00" == notes["fetched_at"]
    assert json.loads(json.dumps(notes)) == notes


@pytest.mark.parametrize("name", SIGNED)
def test_notes_hold_no_key(requests_mock, name):
    """What travels with a frame names neither key, secret nor signature."""
    came = mock(requests_mock, name)
    notes = json.dumps(call(name, signed()).attrs)
    assert [] == [text for text in ("CANARYACCESS", "canarysecret", came[0]["X-COINEX-SIGN"]) if text in notes]


@pytest.mark.parametrize("name", [name for name in TABLES if "market" not in samples.sample(name)["request"]["params"]])
def test_empty_answer_is_an_empty_table(requests_mock, name):
    """Where nothing was named, an empty answer has no rows and all columns."""
    frame = frame_of(requests_mock, name, "empty")
    assert 0 == len(frame)
    assert samples.sample(name)["columns"] == samples.shape(frame)["columns"]


@pytest.mark.parametrize("name", HISTORIES)
def test_empty_history_is_an_empty_table(requests_mock, name):
    """A market without rows in the range gives a table without rows, not an error."""
    frame = frame_of(requests_mock, name, "empty")
    assert 0 == len(frame)
    assert samples.sample(name)["columns"] == samples.shape(frame)["columns"]


@pytest.mark.parametrize("name", NULLS)
def test_null_history_is_an_empty_table_in_doubt(requests_mock, name):
    """Null says "nothing", and is also what a fault looks like: no rows, all columns, and a warning."""
    with pytest.warns(cx.IncompleteWarning, match="null"):
        frame = frame_of(requests_mock, name, "empty")
    assert (0, False) == (len(frame), frame.attrs["coinex"]["complete"])
    assert samples.sample(name)["columns"] == samples.shape(frame)["columns"]


@pytest.mark.parametrize("name", cx.ROUTES)
def test_refusal_names_code_endpoint_and_subject(requests_mock, name):
    """A refusal's text holds the code, the endpoint, what it is about, and the words of a reply that may be shown."""
    with pytest.raises(cx.Refused) as caught:
        frame_of(requests_mock, name, "error")
    words = "it may hold secrets" if cx.ROUTES[name].is_secret else "invalid argument"
    for text in ("4004", words, cx.ROUTES[name].endpoint, *subject(name)):
        assert text in str(caught.value)
    assert 4004 == caught.value.code


@pytest.mark.parametrize("name", [name for name in cx.ROUTES if not cx.ROUTES[name].signed])
def test_wrong_market_has_an_error_of_its_own(requests_mock, name):
    """What public endpoints refuse with 4004 is the market or currency, where one was named."""
    with pytest.raises(cx.Refused) as caught:
        frame_of(requests_mock, name, "error")
    assert bool(subject(name)) == isinstance(caught.value, cx.UnknownMarket)


@pytest.mark.parametrize("name", cx.ROUTES)
def test_the_current_session_is_asked(requests_mock, name):
    """With ``session=None``, or without it, the current one is asked."""
    mock(requests_mock, name)
    cx.use(signed())
    assert samples.read(name).equals(call(name, None))
