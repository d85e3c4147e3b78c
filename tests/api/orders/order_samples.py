"""What the tests of orders share: the endpoints they are about, and a session with a key at a venue that is mocked."""

import copy
import json
from urllib.parse import parse_qsl, urlsplit

import coinex_pandas as cx
from coinex_pandas.api import deals
from coinex_pandas.api.endpoints import ROUTES
from coinex_pandas.api.orders import cancelling, listing, placing, status, stop_cancelling, stop_placing
from coinex_pandas.http.signed_session import SignedSession
from tests.golden import samples

VENUE = cx.Venue("mock", http="http://127.0.0.1:9/v2")
ORDER = {"market": "BTCUSDT", "side": "buy", "type": "limit", "amount": "0.02", "price": "60000"}
ROOMS = (placing, cancelling, stop_placing, stop_cancelling, status, listing, deals)
FUNCTIONS = {name: getattr(module, name) for module in ROOMS for name in module.__all__}
READS = [name for name in FUNCTIONS if ROUTES[name].method == "GET"]
VERBS = [name for name in FUNCTIONS if ROUTES[name].method == "POST"]
BATCHES = [name for name in FUNCTIONS if ROUTES[name].batch]
DATE = {"Date": "Mon, 01 Jun 2026 12:00:00 GMT"}


def signed(**more):
    """Return a session that may trade, at the mocked venue."""
    return SignedSession("CANARYACCESS", "canarysecret", VENUE, trading=True, retries=0, **more)


def mock(requests_mock, name, answer):
    """Let an endpoint answer a golden reply, by its name or as it is."""
    requests_mock.get(f"{VENUE.http}/time", content=samples.body("server_time"))
    content = samples.sample(name)[answer] if isinstance(answer, str) else answer

    def text(request, _context):
        return json.dumps(_about(content, params_of(request)) if name in VERBS else content)

    requests_mock.request(ROUTES[name].method, VENUE.http + ROUTES[name].path, text=text, headers=DATE)


def _about(content, params):
    """Return a reply that is about the orders of its request, as the exchange's are."""
    content = copy.deepcopy(content)
    data = content.get("data")
    orders = params.get("orders") or [{"order_id": number} for number in params.get("order_ids", [])] or [params]
    for item, order in zip(data if isinstance(data, list) else [data or {}], orders, strict=False):
        row = item.get("data", item) or {}
        row |= {name: order[name] for name in ("market", "client_id", "order_id") if name in row and name in order}
    return content


def call(name, **more):
    """Return what the sample's call answers."""
    call = samples.sample(name)["call"]
    return FUNCTIONS[name](*call["args"], **({"session": signed()} | call["kwargs"] | more))


def sent(requests_mock, name):
    """Return method, path and parameters of the requests that an endpoint got."""
    path = ROUTES[name].path
    requests = [each for each in requests_mock.request_history if urlsplit(each.url).path == f"/v2{path}"]
    return [{"method": each.method, "path": path, "params": params_of(each)} for each in requests]


def params_of(request):
    """Return a request's parameters: those of its query, or its JSON object."""
    if request.method == "POST":
        return json.loads(request.text)
    return dict(parse_qsl(urlsplit(request.url).query, keep_blank_values=True))
