"""Sessions that can only read, and store every reply as it came; what is stored already is not requested again.

A task is one call of a public function. Its replies stand in the archive by the address that was requested, so that
the same call can be made again from them: to go on after an interruption, or to make tables of them.
"""

from __future__ import annotations

import re
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import pandas as pd
import requests
from requests.auth import AuthBase

from coinex_pandas.archive.raw.catalogue import Catalogue, Place
from coinex_pandas.archive.raw.records import Record
from coinex_pandas.archive.raw.replies import masked_body, reply_facts
from coinex_pandas.errors import ClockSkewed, NoAnswer, NotEnabled
from coinex_pandas.http.clock import SERVER_TIME
from coinex_pandas.http.pacing import Turn
from coinex_pandas.http.responses import answer_time
from coinex_pandas.http.route import Route
from coinex_pandas.http.session import Session
from coinex_pandas.http.signed_session import SignedSession
from coinex_pandas.http.venue import Venue
from coinex_pandas.tables.decoding import Page
from coinex_pandas.tables.kinds import Numbers
from coinex_pandas.tables.times import unix_ms

__all__ = [
    "REPLY",
    "Answered",
    "EndOfReplies",
    "Player",
    "Recorder",
    "SignedRecorder",
    "Stored",
    "Work",
    "recorder_of",
]

REPLY = "_reply"
"""The column that says by which reply of its task a row came."""

_ADDRESS = re.compile(rb'("(?:\w*address\w*|memo)"\s*:\s*)"(?:[^"\\]|\\.)*"')


class Stored(NamedTuple):
    """A reply that an archive holds."""

    place: Place
    load: Callable[[], Record]


@dataclass
class Work:
    """A task on its way.

    Attributes
    ----------
    id : str
        Its name in the archive.
    table : str
        The public function.
    stored : mapping of str to deque of Stored
        The replies that the archive holds already, by address, oldest first.
    sink : callable, optional
        What takes the rows of its history, page by page.
    is_probe : bool
        Whether the first reply of its endpoint is all that is wanted.
    replies, requests : int
        How many replies it has read, and how many of them were requested now.
    times : list of int
        When each reply came, in nanoseconds since 1970.
    addresses, places : list of str
        What was requested for each reply, and where it lies; "" for one that was stored just now.
    """

    id: str
    table: str
    stored: Mapping[str, deque[Stored]] = field(default_factory=dict)
    sink: Callable[[pd.DataFrame], None] | None = None
    is_probe: bool = False
    replies: int = 0
    requests: int = 0
    times: list[int] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)

    @classmethod
    def again(cls, name: str, table: str, replies: Iterable[tuple[str, Place]], catalogue: Catalogue) -> Work:
        """Return a task whose replies are stored, by the address and the place of each."""
        stored: dict[str, deque[Stored]] = defaultdict(deque)
        for address, place in replies:
            stored[address].append(Stored(place, partial(catalogue.record, place)))
        return cls(name, table, stored)

    def take(self, address: str) -> Stored | None:
        """Return the next reply that is stored for an address."""
        waiting = self.stored.get(address)
        return waiting.popleft() if waiting else None

    def note(self, at: int, address: str, place: str = "") -> None:
        """Count a reply."""
        self.replies += 1
        self.times.append(at)
        self.addresses.append(address)
        self.places.append(place)


class _Reader(Session):
    """A session that works on one task per thread, and looks into an archive first."""

    _work: threading.local

    def begin(self, work: Work) -> None:
        """Work on a task, in this thread."""
        self._work.task = work

    @property
    def work(self) -> Work:
        """The task of this thread."""
        task: Work = self._work.task
        return task

    def sink_of(self, route: Route) -> Callable[[pd.DataFrame], None] | None:
        """Return what takes the rows of the task's own table; others' rows are needed to find out what to request."""
        return self.work.sink if route.name == self.work.table else None

    def allow(self, route: Route) -> None:
        """Raise for what does more than read."""
        if route.method != "GET":
            raise NotEnabled(f"{route.endpoint}: an archive only reads; nothing was sent", endpoint=route.endpoint)
        super().allow(route)

    def send(self, request: requests.PreparedRequest, **settings: Any) -> requests.Response:
        """Send a request that reads; whatever else it may be called by, no other leaves this machine.

        Raises
        ------
        NotEnabled
            Its method is not GET.
        """
        if request.method != "GET":
            endpoint = f"{request.method} {request.path_url.partition('?')[0]}"
            raise NotEnabled(f"{endpoint}: an archive only reads; nothing was sent", endpoint=endpoint)
        return super().send(request, **settings)

    def _answer(self, route: Route, params: Mapping[str, Any], numbers: Numbers, about: str) -> Page:
        page = super()._answer(route, params, numbers, about)
        if self.work.is_probe and route.name == self.work.table:
            raise Answered(page.rows)
        page.frame[REPLY] = self.work.replies - 1
        return page

    def _time_of(self, response: requests.Response) -> pd.Timestamp:
        return vars(response).get("at") or answer_time(response)

    def _from_archive(self, address: str) -> requests.Response | None:
        reply = self.work.take(address)
        if reply is None:
            return None
        record = reply.load()
        self.work.note(record.at, address, str(reply.place))
        return _response(record, address)


class Recorder(_Reader):
    """A session that stores every reply.

    Parameters
    ----------
    session : Session
        Where it asks, and how patiently.
    store : callable
        Takes each record.
    redact : bool, default False
        Whether addresses of deposits and withdrawals are left out of what is stored.
    """

    def __init__(self, session: Session, store: Callable[[Record], None], *, redact: bool = False) -> None:
        vars(self).update(session.__getstate__())
        self._connect()
        self._work = threading.local()
        self._store, self._redact = store, redact

    def _take_turns(self, route: Route, params: Mapping[str, Any]) -> list[Turn]:
        if self.work.stored and self.work.stored.get(_address(self.request_of(route, params))):
            return []  # nothing will be sent
        return super()._take_turns(route, params)

    def _send(self, request: requests.Request, endpoint: str, auth: AuthBase | None) -> requests.Response:
        if endpoint == SERVER_TIME.endpoint:  # to set the clock by: an old reply would be wrong
            return super()._send(request, endpoint, auth)
        stored = self._from_archive(_address(request)) if self.work.stored else None
        if stored is not None:
            return stored
        self.work.requests += 1
        sent = time.time_ns()
        try:
            response = super()._send(request, endpoint, auth)
        except NoAnswer as error:
            self._note_failure(endpoint, error, sent)
            raise
        at, address = time.time_ns(), str(response.request.url)  # as `_address` has it: that takes its time
        made = answer_time(response)
        vars(response)["at"] = made
        self.work.note(at, address)
        facts = {"task": self.work.id, **reply_facts(response, address, sent), "at": unix_ms(made)}
        self._store(Record("http", at, self._presentable(response.content, auth), facts))
        return response

    def _note_failure(self, endpoint: str, error: NoAnswer, sent: int) -> None:
        facts = {"task": self.work.id, "note": "no answer", "endpoint": endpoint, "sent": sent, "reason": str(error)}
        self._store(Record("note", time.time_ns(), facts=facts))

    def _presentable(self, body: bytes, auth: AuthBase | None) -> bytes:
        """Return a body without keys that a peer has echoed, and without addresses where these are not wanted."""
        if self._redact:
            body = _ADDRESS.sub(rb'\1"redacted"', body)
        return body if auth is None else masked_body(body)


class SignedRecorder(Recorder, SignedSession):
    """A session with a key that can only read, whatever the key may do, and stores every reply."""

    trading = withdrawing = False

    def __init__(self, session: SignedSession, store: Callable[[Record], None], *, redact: bool = False) -> None:
        super().__init__(session, store, redact=redact)
        self.trading = self.withdrawing = False


def recorder_of(session: Session, store: Callable[[Record], None], *, redact: bool = False) -> Recorder:
    """Return a session that asks as another one does, can only read, and stores every reply."""
    if isinstance(session, SignedSession):
        return SignedRecorder(session, store, redact=redact)
    return Recorder(session, store, redact=redact)


class Player(_Reader):
    """A session that sends nothing: it answers from the replies that an archive holds.

    Parameters
    ----------
    venue : Venue
        The one that was captured.
    """

    def __init__(self, venue: Venue) -> None:
        super().__init__(venue, retries=1_000, backoff=0)  # the replies say how often something was repeated
        self._work = threading.local()

    def allow(self, route: Route) -> None:
        """Allow all that reads."""

    def _answer(self, route: Route, params: Mapping[str, Any], numbers: Numbers, about: str) -> Page:
        try:
            return super()._answer(route, params, numbers, about)
        except ClockSkewed:  # then the clock was measured, and the request sent once more
            return super()._answer(route, params, numbers, about)

    def _take_turns(self, route: Route, params: Mapping[str, Any]) -> list[Turn]:
        return []

    def _send(self, request: requests.Request, endpoint: str, auth: AuthBase | None) -> requests.Response:
        address = _address(request)
        response = self._from_archive(address)
        if response is None:
            raise EndOfReplies(endpoint)
        return response


class Answered(Exception):
    """A probe has its reply."""


class EndOfReplies(Exception):
    """A task was interrupted before this reply came."""


def _address(request: requests.Request) -> str:
    prepared = requests.PreparedRequest()
    prepared.prepare_url(str(request.url), request.params)
    return str(prepared.url)


def _response(record: Record, address: str) -> requests.Response:
    """Return a stored reply as it was when it came."""
    response = requests.Response()
    response.status_code, response.url = record.facts["status"], address
    response.headers.update(record.facts["headers"])
    response._content = record.body
    vars(response)["at"] = pd.Timestamp(record.facts["at"], unit="ms", tz="UTC")
    return response
