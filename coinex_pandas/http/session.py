"""The only HTTP sender: a session at a venue, with pacing, retries and typed errors."""

from __future__ import annotations

import json
import random
import time
import weakref
from collections.abc import Callable, Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import pandas as pd
import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from coinex_pandas.errors import (
    ClockSkewed,
    CoinExError,
    InvalidArgument,
    KeyNeeded,
    NoAnswer,
    RateLimited,
    UnexpectedBody,
)
from coinex_pandas.errors.quoting import short_repr
from coinex_pandas.http.adapters import RefusingAdapter, VenueAdapter
from coinex_pandas.http.bounds import ENCODINGS
from coinex_pandas.http.logins import login_for
from coinex_pandas.http.pacing import Pacer, Turn, pacer_of
from coinex_pandas.http.processes import call_in_child, inherited_venue, pass_on
from coinex_pandas.http.responses import (
    answer_time,
    is_unsent,
    note_rate_limit,
    reason_of,
    require_success,
    retry_after,
    without_frames,
)
from coinex_pandas.http.route import Route
from coinex_pandas.http.subject import require_same_subject
from coinex_pandas.http.venue import LIVE, Venue
from coinex_pandas.tables.decoding import Page, Source, read
from coinex_pandas.tables.kinds import Numbers

__all__ = ["BACKOFF", "RETRIES", "TIMEOUT", "Session", "current", "use"]


_CHECKED = {
    *("market", "ccy", "market_type", "type", "side", "status", "transfer_type"),
    *("start_time", "end_time", "page", "limit"),
}
"""Parameters of private reads of which only a name can be wrong: the others are checked before sending."""

_NULL_AGAIN = 2  # null is a documented answer, and also what a fault looks like: the request is repeated
_LONGEST_PAUSE = 60.0  # seconds; a gateway that asks for more is an outage to report, not to wait for

TIMEOUT, RETRIES, BACKOFF = (5.0, 30.0), 4, 0.25
"""The default settings of a session; `Session` says what they mean."""


_sessions: weakref.WeakSet[Session] = weakref.WeakSet()


class Session(requests.Session):
    """A ``requests.Session`` at a venue: keep-alive, pacing, retries, typed errors.

    Parameters
    ----------
    venue : Venue, default LIVE
        Where to ask. A session at a venue on this machine reaches no other host, and ignores proxies and netrc.
    timeout : (float, float), default (5, 30)
        Seconds to wait for the connection, and for each part of the answer; the whole of it may take four times that.
    retries : int, default 4
        How often a read is repeated after a fault that may pass (connection, 5xx, codes 3008, 4001, 4002, 4213).
        0 switches it off. What changes something is never repeated.
    backoff : float, default 0.25
        Seconds before the first repetition; doubles each time, with jitter. A longer ``Retry-After`` wins.

    Examples
    --------
    >>> session = Session(LIVE, retries=1)
    >>> session
    <Session at live>
    """

    venue = LIVE  # of an unfinished session: an error in __init__ may show it
    _adapter = VenueAdapter

    def __init__(
        self,
        venue: Venue = LIVE,
        *,
        timeout: tuple[float, float] = TIMEOUT,
        retries: int = RETRIES,
        backoff: float = BACKOFF,
    ) -> None:
        super().__init__()
        if not isinstance(venue, Venue):
            raise InvalidArgument(
                f"venue: a session is at a Venue, such as cx.LIVE or exchange.venue, not at {short_repr(venue)}"
            )
        if retries < 0:
            raise InvalidArgument(f"retries is 0 or more, not {short_repr(retries)}")
        self.venue = venue
        self.timeout = timeout
        self.retries = retries
        self.backoff = backoff
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))  # none is kept or sent back: nothing needs any
        self.headers["Accept-Encoding"] = ENCODINGS
        self._connect()

    def __repr__(self) -> str:
        return f"<{self._label}{_since(self)}>"

    @property
    def _label(self) -> str:
        """What it is and where it asks, in few words."""
        return f"{type(self).__name__} at {self.venue.name}"

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.__dict__.update(state)
        self._connect()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "adapters"}

    def _connect(self) -> None:
        pool = self._adapter(pool_connections=2, pool_maxsize=16)
        self.adapters = type(self.adapters)() if hasattr(self, "adapters") else {}
        self.mount("https://", pool)
        self.mount("http://", pool)
        if self.venue.is_local:
            self.trust_env = False
            self.mount("https://", RefusingAdapter(self.venue))
            self.mount("http://", RefusingAdapter(self.venue))
            # Prefixes match as text: without the slash, port 8765 would also open 87651.
            self.mount(f"{self.venue.http}/", pool)
        _sessions.add(self)

    def drop_connections(self) -> None:
        """Leave all connections, those that wait for a reply as well: the next request opens a new one."""
        carriers: set[Any] = {adapter for adapter in self.adapters.values() if isinstance(adapter, HTTPAdapter)}
        for adapter in carriers:
            adapter.__setstate__(adapter.__getstate__())  # as after pickling: with pools of its own

    def start_in_child(self) -> None:
        """Share nothing with the process that forked this one."""
        self.drop_connections()
        self.cookies = self.cookies.copy()  # they have a lock

    def page(self, route: Route, params: Mapping[str, Any], numbers: Numbers = "float", about: str = "") -> Page:
        """Return one answer of an endpoint.

        Parameters
        ----------
        route : Route
            The endpoint.
        params : mapping
            What is sent, in the query or (POST) as one JSON object; entries of None are left out.
        numbers : {"float", "decimal", "text"}, default "float"
            How numbers come back.
        about : str, default ""
            The market or currency, for errors.

        Raises
        ------
        NoAnswer, Refused, UnexpectedBody
            See ``cx.CoinExError`` and its kinds; after the repetitions, for faults that may pass.
        KeyNeeded, NotEnabled
            A private endpoint that this session may not ask; nothing was sent.
        """
        self.allow(route)
        tries = self.retries if route.method == "GET" else 0  # what changes something is never sent again
        for attempt in range(tries + 1):
            try:
                page = self._answer(route, params, numbers, about)
                if not page.is_null or attempt >= min(tries, _NULL_AGAIN):
                    return page
                time.sleep(self._pause(attempt, None))
            except CoinExError as error:
                pause = self._pause_after(error, route, attempt)
                if pause is None or attempt == tries:
                    if attempt:
                        error.add_note(f"tried {attempt + 1} times")
                    raise
                time.sleep(pause)
        raise AssertionError("unreachable")

    def request_of(self, route: Route, params: Mapping[str, Any]) -> requests.Request:
        """Return the request of an endpoint, before it is signed."""
        filled = {name: value for name, value in params.items() if value is not None}
        address = self.venue.http + route.path
        if route.method == "GET":
            query = {name: _query_text(value) for name, value in filled.items()}
            return requests.Request(route.method, address, params=query)
        body = json.dumps(filled, separators=(",", ":"))  # ASCII, and only once: what is signed is what is sent
        return requests.Request(route.method, address, data=body, headers={"Content-Type": "application/json"})

    def allow(self, route: Route) -> None:
        """Raise when this session may not ask an endpoint."""
        if route.signed:
            raise KeyNeeded(
                f"{route.endpoint} is private and {self!r} has no key; use one that has: "
                "cx.use(cx.SignedSession.from_env()) reads COINEX_ACCESS_ID and COINEX_SECRET_KEY, "
                "cx.SignedSession(access_id, secret_key) takes them as they are",
                endpoint=route.endpoint,
            )

    def pacers(self, route: Route) -> list[Pacer]:
        """Return the pacers of a request, its group's last: every request counts into the limit of the address, too."""
        return [pacer_of(self.venue.http, group) for group in dict.fromkeys(("public", route.pace))]

    def _pause_after(self, error: CoinExError, route: Route, attempt: int) -> float | None:
        """Return the seconds to wait before a request is repeated, None when it must not be."""
        pause = self._pause(attempt, getattr(error, "retry_after", None))
        if isinstance(error, RateLimited):
            self.pacers(route)[-1].hold(min(pause, _LONGEST_PAUSE))  # all who share the limit wait
        return pause if self._passes(error, route) and pause <= _LONGEST_PAUSE else None

    def _passes(self, error: CoinExError, route: Route) -> bool:
        """Return whether a fault may pass by itself.

        A clock that was measured a moment ago does not become more exact; a failed measurement was repeated already.
        """
        is_own = getattr(error, "endpoint", route.endpoint) == route.endpoint
        return error.retry and is_own and not (route.signed and isinstance(error, ClockSkewed))

    def _answer(self, route: Route, params: Mapping[str, Any], numbers: Numbers, about: str) -> Page:
        """Return the answer to one request."""
        turns = self._take_turns(route, params)
        response = self._send(self.request_of(route, params), route.endpoint, self._auth(route))
        for turn in turns:
            turn.note_answer(time.monotonic())
        if route.signed:
            note_rate_limit(response, self.pacers(route)[-1])
        source = Source(
            route.endpoint,
            about,
            self.venue.name,
            retry_after(response),
            single=route.single,
            paged=route.paged,
            alone=_is_alone(route, params),
        )
        require_success(response, source)
        try:
            page = read(route.row, response.content, source, numbers=numbers)
            require_same_subject(page, route.row, params, route.endpoint)
        except UnexpectedBody:
            self.drop_connections()  # it may reply to another request, and so may all that comes after it
            raise
        return page._replace(at=self._time_of(response))

    def _take_turns(self, route: Route, params: Mapping[str, Any]) -> list[Turn]:
        """Wait until no rate limit keeps a request back."""
        *others, group = self.pacers(route)
        turns = [pacer.wait() for pacer in others]
        turns.append(group.wait(max(1, len(params.get(route.weight) or ()))))
        return turns

    def _time_of(self, response: requests.Response) -> pd.Timestamp:
        """Return when an answer was made."""
        return answer_time(response)

    def markets_in(self, route: Route) -> list[str] | None:
        """Return the markets that a table has rows of, where that is known without looking for them."""
        return None

    def sink_of(self, route: Route) -> Callable[[pd.DataFrame], None] | None:  # for who overrides it
        """Return what takes the rows of a history page by page; None when they become one frame, as everywhere."""
        return None

    def _auth(self, route: Route) -> AuthBase | None:
        """Return who signs a request, or the login of one without signature; None for the session's own ``auth``."""
        return None if self.auth else login_for(self.venue.http, netrc_too=self.trust_env)

    def resolve_redirects(self, *args: Any, yield_requests: bool = False, **settings: Any) -> Any:
        """Follow redirects for whoever uses this as a plain ``requests.Session``; else none is even worked out."""
        return iter(()) if yield_requests else super().resolve_redirects(*args, **settings)

    def _send(self, request: requests.Request, endpoint: str, auth: AuthBase | None) -> requests.Response:
        try:
            return self.request(
                str(request.method),
                str(request.url),
                params=request.params,
                data=request.data,
                headers=request.headers,
                auth=auth,
                timeout=self.timeout,
                allow_redirects=False,  # the exchange has none; a gateway's would carry the request elsewhere
            )
        except requests.RequestException as fault:
            reason, reached = reason_of(fault), not is_unsent(fault)
        except BaseException as error:
            without_frames(error)
            raise
        # Outside of the except: the fault holds the signed request, and its frames hold the headers.
        raise NoAnswer(reason, endpoint=endpoint, reached=reached)

    def _pause(self, attempt: int, retry_after: float | None) -> float:
        pause: float = self.backoff * 2**attempt * random.uniform(0.5, 1.5)
        return max(pause, retry_after or 0.0)


def _is_alone(route: Route, params: Mapping[str, Any]) -> bool:
    """Return whether the market or currency is all that can be wrong about a request."""
    names = {name for name, value in params.items() if value is not None}
    return not route.signed or (route.method == "GET" and names <= _CHECKED)


def _query_text(value: Any) -> str:
    """Return a value as a query carries it: lists joined by commas, flags as JSON has them."""
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(_query_text, value)) if isinstance(value, (list, tuple)) else str(value)


@call_in_child
def _start_in_child() -> None:
    for session in list(_sessions):
        session.start_in_child()


_live = Session(LIVE)


class _InUse:
    """What `use` was told last, for all threads: a context variable would be lost in threads and async cells."""

    current: Session | None = None
    """None as long as it was told nothing."""
    former: weakref.ref[Session] | None = None
    """The session that it replaced."""


_in_use = _InUse()


def current(session: Session | None = None) -> Session:
    """Return a session, or for None the current one; at first that is at the venue of a parent process, or at live."""
    if session is not None:
        return _session_of(session)
    if _in_use.current is None and (venue := inherited_venue()) is not None:
        _in_use.current = Session(venue)
    return _in_use.current or _live


def _session_of(where: Any) -> Session:
    if isinstance(where, Venue):
        return Session(where)
    chosen = getattr(where, "session", where)
    if not isinstance(chosen, Session):
        raise InvalidArgument(
            f"session: where to ask is a Session, a Venue or a running sandbox, not {short_repr(where)}"
        )
    return chosen


def use(where: Session | Venue | Any) -> Session:
    """Switch every later call to a venue or session, and return the former session.

    Processes that ``multiprocessing`` starts from now on use the same venue: forked ones the same session, others one
    with the usual settings and without a key.

    Parameters
    ----------
    where : Session, Venue, or anything with a ``session`` (such as a running sandbox)
        Where to ask from now on.

    Returns
    -------
    Session
        What was in use before; ``use`` it to go back. As the last line of a cell it says what is in use now, too.

    Examples
    --------
    >>> former = use(Venue("mine", http="http://127.0.0.1:8765/v2", ws="ws://127.0.0.1:8765/v2"))
    >>> use(former)
    <Session at mine, used before; now in use: SignedSession at sandbox, trading and withdrawing>
    """
    chosen, former = _session_of(where), current()
    _in_use.current, _in_use.former = chosen, weakref.ref(former)
    pass_on(chosen.venue)
    return former


def _since(session: Session) -> str:
    """Return what is in use now, for the session that `use` has just replaced; nothing for any other."""
    # The last line of a cell shows what `use` returns: "<Session at live>" alone would read as if live were in use.
    replaced = _in_use.former() if _in_use.former is not None else None
    is_former = replaced is session and session is not _in_use.current
    return f", used before; now in use: {current()._label}" if is_former else ""
