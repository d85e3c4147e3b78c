"""Every verb keeps what all verbs promise: exact texts, leave before sending, a look before doing, one request."""

import json

import pytest

import coinex_pandas as cx
from tests.api.sample_exchange import VENUE, VERBS, call, frame_of, mock, params_of, requests_to, signed
from tests.golden import samples

pytestmark = pytest.mark.usefixtures("unpaced")

LEAVE = {"trade": "trading=True", "withdraw": "withdrawing=True"}


def cells(value):
    """Return every name and value in a JSON object, lists and inner objects included."""
    if not isinstance(value, dict | list):
        return [("", value)]
    pairs = value.items() if isinstance(value, dict) else [("", item) for item in value]
    return [(inner or name, leaf) for name, cell in pairs for inner, leaf in cells(cell)]


@pytest.mark.parametrize("name", VERBS)
def test_numbers_are_texts_and_ids_are_numbers(requests_mock, name):
    """No float is ever sent: amounts and prices are texts, ids are JSON integers."""
    frame_of(requests_mock, name)
    for parameter, value in cells(params_of(requests_to(requests_mock, name)[0])):
        assert not isinstance(value, float), parameter
        if parameter.endswith(("amount", "price")):
            assert isinstance(value, str), parameter
        if parameter.endswith(("_id", "_ids")) and parameter != "client_id":
            assert isinstance(value, int), parameter


@pytest.mark.parametrize("name", VERBS)
def test_body_is_ascii_and_labelled(requests_mock, name):
    """The body is JSON in ASCII, so that the characters that are signed are the bytes that are sent."""
    frame_of(requests_mock, name)
    request = requests_to(requests_mock, name)[0]
    assert "application/json" == request.headers["Content-Type"]
    assert request.text.isascii()


@pytest.mark.parametrize("name", VERBS)
def test_leave_is_asked_for_before_anything_is_sent(requests_mock, name):
    """A session that only reads refuses every verb by itself, and says which setting allows it."""
    needed = LEAVE[cx.ROUTES[name].needs]
    with pytest.raises(cx.NotEnabled, match=needed):
        frame_of(requests_mock, name, session=signed(trading=False, withdrawing=False))
    assert [] == requests_mock.request_history


@pytest.mark.parametrize("name", [name for name in VERBS if cx.ROUTES[name].needs == "withdraw"])
def test_leave_to_trade_is_none_to_move_money(requests_mock, name):
    """Withdrawals, transfers and keys need a leave of their own."""
    with pytest.raises(cx.NotEnabled, match="withdrawing=True"):
        frame_of(requests_mock, name, session=signed(withdrawing=False))
    assert [] == requests_mock.request_history


@pytest.mark.parametrize("name", VERBS)
def test_dry_run_shows_the_request_and_sends_nothing(requests_mock, name):
    """A dry run has method, address and body of the sample; key and signature are masked."""
    request = call(name, signed(), dry_run=True).iloc[0]
    expected = samples.sample(name)["request"]
    assert (expected["method"], VENUE.http + expected["path"]) == (request["method"], request["url"])
    assert expected["params"] == json.loads(request["body"])
    assert {"***"} == {text for header, text in json.loads(request["headers"]).items() if "COINEX" in header.upper()}
    assert [] == requests_mock.request_history


@pytest.mark.parametrize("name", VERBS)
def test_dry_run_needs_no_key(requests_mock, name):
    """One can look before one has a key, and sees the same request."""
    unsigned = call(name, cx.Session(VENUE, retries=0), dry_run=True)
    assert unsigned.equals(call(name, signed(), dry_run=True))


@pytest.mark.parametrize("name", VERBS)
def test_one_request_is_sent(requests_mock, name):
    """A verb is one request."""
    frame_of(requests_mock, name)
    assert 1 == len(requests_to(requests_mock, name))


@pytest.mark.parametrize("name", VERBS)
def test_an_answer_that_never_came_is_an_unknown_outcome(requests_mock, name):
    """A page of a gateway says nothing: it is not sent again, and the error names the call that finds out."""
    mock(requests_mock, name)
    requests_mock.post(VENUE.http + cx.ROUTES[name].path, text="<html>502</html>", status_code=502)
    with pytest.raises(cx.OutcomeUnknown) as caught:
        call(name, signed())
    assert 1 == len(requests_to(requests_mock, name))
    assert cx.ROUTES[name].endpoint in str(caught.value)
    assert caught.value.finds_out.startswith("cx.")
    assert caught.value.finds_out.removeprefix("cx.").split("(")[0] in cx.ROUTES
    ids = [value for parameter, value in cells(samples.sample(name)["request"]["params"]) if parameter == "client_id"]
    assert all(each in caught.value.client_id for each in ids)
