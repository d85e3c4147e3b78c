"""An exchange that answers the golden samples: each call of a sample, made at a mocked address."""

import json
from urllib.parse import parse_qsl, urlsplit

import coinex_pandas as cx
from tests.golden import samples

VENUE = cx.Venue("mock", http="http://127.0.0.1:9/v2")
DATE = {"Date": "Mon, 01 Jun 2026 12:00:00 GMT"}  # the goldens' now, so that none of them is stale
READS = [name for name, route in cx.ROUTES.items() if route.method == "GET"]
VERBS = [name for name, route in cx.ROUTES.items() if route.method == "POST"]
SIGNED = [name for name, route in cx.ROUTES.items() if route.signed]


def signed(**more):
    """Return a session at the mocked address that may do everything, unless told otherwise."""
    leave = {"trading": True, "withdrawing": True} | more
    return cx.SignedSession("CANARYACCESS", "canarysecret", VENUE, retries=0, **leave)


def params_of(request):
    """Return a request's parameters as they were sent: those of its query, or its JSON object."""
    if request.method == "POST":
        return json.loads(request.text)
    return dict(parse_qsl(urlsplit(request.url).query, keep_blank_values=True))


def mock(requests_mock, name, reply="full"):
    """Let an endpoint answer one of its sample's replies, and the clock tell the time: histories and keys ask for it.

    Returns the headers that come, request by request: a signature is taken off a request once it is answered.
    """
    route, came = cx.ROUTES[name], []
    requests_mock.get(f"{VENUE.http}/time", content=samples.body("server_time"), headers=DATE)
    requests_mock.request(route.method, VENUE.http + route.path, text=_answering(name, reply, came), headers=DATE)
    return came


def call(name, session, **more):
    """Return what the sample's call answers."""
    call = samples.sample(name)["call"]
    return getattr(cx, name)(*call["args"], **call["kwargs"] | more, session=session)


def frame_of(requests_mock, name, reply="full", session=None):
    """Return the frame of a golden reply through a session."""
    mock(requests_mock, name, reply)
    return call(name, signed() if session is None else session)


def requests_to(requests_mock, name):
    """Return the requests that an endpoint got."""
    path = cx.ROUTES[name].path
    return [request for request in requests_mock.request_history if urlsplit(request.url).path == f"/v2{path}"]


def subject(name):
    """Return the markets and currencies that a sample's call names."""
    params = samples.sample(name)["request"]["params"]
    return [part for key in ("market", "ccy") for part in params.get(key, "").split(",") if part]


def _answering(name, reply, came):
    """Return a callback that answers as an exchange would: rows within the times asked for, all on page 1."""
    answer = samples.sample(name)[reply]
    order = cx.ROUTES[name].row.order

    def text(request, context):
        came.append(dict(request.headers))
        params = params_of(request)
        data = answer["data"] if params.get("page", "1") == "1" else []
        if "end_time" in params and data and order:
            data = [row for row in data if int(params["start_time"]) <= row[order[0]] <= int(params["end_time"])]
        return json.dumps({**answer, "data": data})

    return text
