"""Every endpoint keeps its contract: the request that is made, the frame, the refusal, the sandbox's answer."""

import json
from urllib.parse import parse_qsl, urlsplit

import pytest
from golden import samples

import coinex_pandas as cx
from coinex_pandas import changes, reading

VENUE = cx.Venue("mock", http="http://127.0.0.1:9/v2")
DATE = {"Date": "Mon, 01 Jun 2026 12:00:00 GMT"}  # the goldens' now, so that none of them is stale

MAY_BE_MISSING = {
    "spot_markets": {"delisted_at"},  # nothing need be about to be delisted
    "futures_markets": {"delisted_at"},
    "futures_index_prices": {"index_price"},  # the exchange's futures index does not tell it
}


@pytest.fixture(autouse=True)
def nothing_announced(monkeypatch):
    """Forget what earlier tests announced: a change of columns must warn, and so fail, in each test."""
    monkeypatch.setattr(changes, "_announced", set())
    monkeypatch.setattr(reading, "_remembered", {})


def query(request):
    """Return the parameters of a request as they were sent."""
    return dict(parse_qsl(urlsplit(request.url).query, keep_blank_values=True))


def answering(name, reply):
    """Return a callback that answers as an exchange would: rows within the times asked for, all on page 1."""
    answer = samples.sample(name)[reply]
    order = cx.ROUTES[name].row.order

    def answered(request, context):
        asked = query(request)
        data = answer["data"] if asked.get("page", "1") == "1" else []
        if "end_time" in asked and data:
            data = [row for row in data if int(asked["start_time"]) <= row[order[0]] <= int(asked["end_time"])]
        return json.dumps({**answer, "data": data})

    return answered


def called(name, session):
    """Return what the sample's call answers."""
    call = samples.sample(name)["call"]
    return getattr(cx, name)(*call["args"], **call["kwargs"], session=session)


def answered(requests_mock, name, reply="full"):
    """Return the frame of a golden reply through a session; histories may ask for the exchange's clock, too."""
    requests_mock.get(f"{VENUE.http}/time", content=samples.body("server_time"), headers=DATE)
    requests_mock.get(f"{VENUE.http}{cx.ROUTES[name].path}", text=answering(name, reply), headers=DATE)
    return called(name, cx.Session(VENUE, retries=0))


@pytest.mark.parametrize("name", cx.ROUTES)
def test_request_is_the_documented_one(requests_mock, name):
    """Method, path and parameters on the wire are the sample's."""
    answered(requests_mock, name)
    told = samples.sample(name)["request"]
    made = next(
        request for request in requests_mock.request_history if request.url.startswith(VENUE.http + told["path"])
    )
    assert told == {"method": made.method, "path": urlsplit(made.url).path.removeprefix("/v2"), "params": query(made)}


@pytest.mark.parametrize("name", cx.ROUTES)
@pytest.mark.parametrize("reply", ["full", "minimal"])
def test_call_returns_the_table(requests_mock, name, reply):
    """A call returns the frame that the reply alone is: nothing is lost or changed on the way."""
    assert samples.read(name, reply).equals(answered(requests_mock, name, reply))


@pytest.mark.parametrize("name", cx.ROUTES)
def test_call_notes_where_its_frame_came_from(requests_mock, name):
    """The attrs name table, venue, endpoint and the moment by the exchange's clock; the frame is whole."""
    notes = answered(requests_mock, name).attrs["coinex"]
    assert (name, "mock", True) == (notes["table"], notes["venue"], notes["complete"])
    assert f"GET {samples.sample(name)['request']['path']}" == notes["request"]["endpoint"]
    assert "2026-06-01T12:00:00+00:00" == notes["fetched_at"]
    assert json.loads(json.dumps(notes)) == notes


@pytest.mark.parametrize(
    "name", [name for name in cx.ROUTES if "market" not in samples.sample(name)["request"]["params"]]
)
def test_empty_answer_is_an_empty_table(requests_mock, name):
    """Where nothing was named, an empty answer has no rows and all columns."""
    frame = answered(requests_mock, name, "empty")
    assert 0 == len(frame)
    assert samples.sample(name)["columns"] == samples.shape(frame)["columns"]


@pytest.mark.parametrize("name", [name for name in cx.ROUTES if cx.ROUTES[name].row.order and name != "maintenances"])
def test_empty_history_is_an_empty_table(requests_mock, name):
    """A market without rows in the range gives a table without rows, not an error."""
    frame = answered(requests_mock, name, "empty")
    assert 0 == len(frame)
    assert samples.sample(name)["columns"] == samples.shape(frame)["columns"]


@pytest.mark.parametrize("name", cx.ROUTES)
def test_refusal_names_code_endpoint_and_subject(requests_mock, name):
    """A refusal's text holds the code, the exchange's words, the endpoint and the market or currency asked for."""
    with pytest.raises(cx.Refused) as caught:
        answered(requests_mock, name, "error")
    params = samples.sample(name)["request"]["params"]
    subject = [part for key in ("market", "ccy") for part in params.get(key, "").split(",") if part]
    for text in ("4004", "invalid argument", cx.ROUTES[name].endpoint, *subject):
        assert text in str(caught.value)
    assert 4004 == caught.value.code
    assert bool(subject) == isinstance(caught.value, cx.UnknownMarket)


@pytest.mark.parametrize("name", cx.ROUTES)
def test_sandbox_answers_the_same_call(still, name):
    """The sandbox answers the sample's call with rows, and with the same index, columns and dtypes."""
    frame = called(name, still.session)
    told = samples.sample(name)
    assert {"index": told["index"], "columns": told["columns"]} == samples.shape(frame)
    assert 0 < len(frame)


@pytest.mark.parametrize("name", cx.ROUTES)
def test_sandbox_sends_every_column(still, name):
    """The sandbox leaves no column out that the exchange sends, so that examples and tests meet all of them."""
    frame = called(name, still.session).reset_index()
    never = {column for column in frame if frame[column].isna().all()}
    assert MAY_BE_MISSING.get(name, set()) >= never
