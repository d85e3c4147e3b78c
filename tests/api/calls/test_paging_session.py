"""The same histories through a public function and a real session: JSON, retries and all, with faults on the way."""

import io
import json
import random
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from requests.adapters import BaseAdapter

import coinex_pandas as cx
from coinex_pandas.api.calls import paging
from coinex_pandas.http.pacing import Pacer
from tests.api.calls.paging_model import FIRST, Draft, Server, counted
from tests.profiles import cases

VENUE = cx.Venue("model", http="http://127.0.0.1:9/v2")
HTML = b"<html>502 Bad Gateway</html>"


@pytest.fixture(autouse=True, scope="module")
def _short_pages():
    """The model's servers cut pages as short as they like; the exchange's own default is ten rows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paging, "LEAST", 0)
        yield


class Wire(BaseAdapter):
    """Carries requests to the model instead of a socket; every third or so goes wrong once."""

    def __init__(self, server, unlucky):
        super().__init__()
        self._server, self._unlucky, self._chance = server, unlucky, random.Random(server.draft.seed)

    def send(self, request, **kwargs):
        """Return the model's answer, or something else."""
        luck = self._chance.randrange(100)
        if luck < self._unlucky:
            return self._unhappy(request, luck % 4)
        params = {
            name: int(text[0]) for name, text in parse_qs(urlsplit(request.url).query).items() if name != "market"
        }
        page = self._server(**params)
        rows = [
            {
                "market": "BTCUSDT",
                "side": "long",
                "liq_price": "" if label != label else str(label),  # noqa: PLR0124  # NaN is what is unlike itself
                "liq_amount": "1",
                "bkr_price": "1",
                "created_at": at,
            }
            for at, label in zip(page.frame.index.asi8.tolist(), page.frame["label"].tolist(), strict=True)
        ]
        turned = rows[::-1] if page.direction == -1 else rows
        answer = {"code": 0, "data": turned, "message": "OK"}
        if page.has_next is not None:
            answer["pagination"] = {"has_next": page.has_next}
        return _response(request, 200, json.dumps(answer).encode())

    def _unhappy(self, request, kind):
        if kind == 0:
            raise requests.ConnectionError("reset")
        body = [b"", HTML, b'{"code": 3008, "data": {}, "message": "busy"}', b'{"code": 0, "data": [{"mark'][kind]
        return _response(request, 502 if kind == 1 else 200, body)

    def close(self):
        """Hold nothing open."""


def _response(request, status, body):
    response = requests.Response()
    response.status_code, response.request, response.url = status, request, request.url
    response.raw = io.BytesIO(body)
    return response


@pytest.fixture(autouse=True)
def _unpaced(monkeypatch):
    monkeypatch.setattr("coinex_pandas.http.session.pacer_of", lambda *_: Pacer(10**9))


@settings(max_examples=cases(50), suppress_health_check=list(HealthCheck))
@given(
    st.builds(
        Draft,
        seed=st.integers(0, 10**6),
        rows=st.integers(0, 40),
        span=st.integers(1, 30),
        late=st.sampled_from([0, 20]),
        order=st.sampled_from(["newest", "oldest"]),
        limit=st.just(1000),
        cap=st.integers(2, 12),
        open_start=st.booleans(),
        open_end=st.booleans(),
        has_next=st.sampled_from(["true", "absent", "always"]),
    ),
    st.sampled_from([0, 30]),
    st.one_of(st.none(), st.integers(FIRST, FIRST + 20)),
)
@pytest.mark.filterwarnings("ignore::coinex_pandas.IncompleteWarning")
def test_liquidations_are_whole_or_say_so(draft, unlucky, start):
    """Nothing lost, nothing doubled, or ``complete`` is False; transient faults are not noticed."""
    server = Server(draft, keyed=False)
    session = cx.Session(VENUE, retries=30, backoff=0)
    session.mount(f"{VENUE.http}/", Wire(server, unlucky))
    frame = cx.futures_liquidations("BTCUSDT", start=start, session=session)
    got = counted(frame.rename(columns={"liq_price": "label"}))
    lower = 0 if start is None else start
    before, after = (server.counts(lower, 2**62, now=now) for now in (False, True))
    assert frame.index.is_monotonic_increasing
    assert all(count <= after.get(row, 0) for row, count in got.items())
    if frame.attrs["coinex"]["complete"]:
        assert all(count <= got.get(row, 0) for row, count in before.items())
    else:
        # only a page that two neighbouring milliseconds fill puts rows without a key in doubt
        assert draft.cap <= 2 * max(server.frame.groupby(level=0).size())


@settings(max_examples=cases(50), suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**6), st.integers(1, 12))
@pytest.mark.filterwarnings("ignore::coinex_pandas.IncompleteWarning")
def test_an_error_for_good_keeps_what_was_read(seed, last):
    """A session that gives up in the middle: the rows of ``partial`` are rows of the history, none twice."""
    server = Server(Draft(seed=seed, rows=40, span=200, limit=1000, cap=4), keyed=False)
    session = cx.Session(VENUE, retries=0, backoff=0)
    wire = Wire(server, 0)
    session.mount(f"{VENUE.http}/", wire)
    answer = wire.send
    wire.send = lambda request, **_: answer(request) if server.requests < last else wire._unhappy(request, 1)
    try:
        cx.futures_liquidations("BTCUSDT", session=session)
    except cx.NoAnswer as error:
        partial = getattr(error, "partial", None)
    else:
        assume(False)
    assert partial is not None
    got = counted(partial.rename(columns={"liq_price": "label"}))
    assert all(count <= server.counts(0, 2**62, now=True).get(row, 0) for row, count in got.items())
    assert not partial.attrs["coinex"]["complete"]
