"""Every endpoint whose reply names what it was asked about: another name there is another request's reply."""

import copy
import json
import re

import pytest

import coinex_pandas as cx
from coinex_pandas.http.subject import _comparable, _requested
from tests.api.sample_exchange import VENUE, call, mock, signed
from tests.golden import samples

pytestmark = pytest.mark.usefixtures("unpaced")

OTHERS = {"market": "OTHERUSDT", "ccy": "OTHER", "client_id": "others"}


def requested_by(name):
    """Return what a sample's request names that its reply can name as well."""
    request, row = samples.sample(name)["request"]["params"], cx.ROUTES[name].row
    data = samples.sample(name)["full"]["data"]
    beside = ["market"] if isinstance(data, dict) and "depth" in data else []
    return sorted(_requested(request, (*_comparable(row), *beside)))


NAMED = [
    (name, key) for name in cx.ROUTES for key in requested_by(name) if key in json.dumps(samples.sample(name)["full"])
]


def with_another(data, key):
    """Return a reply's data in which a name stands for something else, wherever it stands first."""
    text = json.dumps(data)
    other = json.dumps(OTHERS.get(key, 987))
    return json.loads(re.sub(rf'("{key}": )("[^"]*"|[0-9]+)', lambda found: found[1] + other, text, count=1))


def test_most_endpoints_name_what_they_are_about():
    """Orders by their ids and client_ids, others by market, currency or an id of their own."""
    assert {"market", "ccy", "client_id", "order_id", "stop_id", "api_id"} <= {key for _, key in NAMED}
    assert 60 < len({name for name, _ in NAMED})


@pytest.mark.sweep
@pytest.mark.parametrize(("name", "key"), NAMED)
def test_a_reply_about_something_else_is_no_reply(requests_mock, name, key):
    """Reads end in an error, verbs in an outcome that nobody knows; both say what came instead of what."""
    content = copy.deepcopy(samples.sample(name)["full"])
    content["data"] = with_another(content["data"], key)
    mock(requests_mock, name)
    route = cx.ROUTES[name]
    requests_mock.request(route.method, VENUE.http + route.path, json=content)
    kind = cx.OutcomeUnknown if route.needs in ("trade", "withdraw") else cx.UnexpectedBody
    is_secret = route.row is cx.ROUTES["sub_api"].row  # errors of such endpoints show nothing of a reply
    words = None if is_secret else f"another request: {key} {OTHERS.get(key, 987)} instead of"
    with pytest.raises(kind, match=words):
        call(name, signed())
