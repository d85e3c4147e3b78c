"""The server around an exchange, HTTP and sockets: one daemon thread, one event loop, loopback only."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Mapping
from email.utils import formatdate
from ipaddress import ip_address
from typing import Self

from aiohttp import web

from coinex_pandas.api.endpoints import ROUTES  # importing this module has loaded every area
from coinex_pandas.simulator.exchange import Exchange
from coinex_pandas.simulator.faults import SKEW_MS, Hits
from coinex_pandas.simulator.market.candles import PERIODS
from coinex_pandas.simulator.reply import Reply
from coinex_pandas.simulator.server.auth import Authenticator, SignedRequest
from coinex_pandas.simulator.server.counters import Newest
from coinex_pandas.simulator.server.origins import is_local
from coinex_pandas.simulator.server.rate_limits import Buckets
from coinex_pandas.simulator.server.signed_requests import Endpoint, Response, SignedRequests, too_many
from coinex_pandas.simulator.server.sockets import IDLE_AFTER, PUSH_EVERY, Sockets

__all__ = ["Server"]

_LOG_LENGTH = 10_000
_LOG_BYTES = 8 * 2**20
_PARAMETER = 200  # bytes of a parameter beside its text: a query of 8 kB can have 4,000 of them
_LAST_ARRIVALS = 3  # turns of the loop from an accepted connection until aiohttp has it and can close it
_REFUSALS = {"busy": (3008, "service busy"), "unavailable": (4001, "service unavailable")}
_HTML = "<html><head><title>{title}</title></head><body><center><h1>{title}</h1></center></body></html>"
_LONG_PERIODS = frozenset(period for period, (minutes, _) in PERIODS.items() if minutes >= 60)


class Server:
    """Serves an exchange over HTTP and sockets on this machine.

    Parameters
    ----------
    exchange : Exchange
        Answers the requests.
    host : str
        A loopback address; anything else is refused.
    port : int
        0 takes a free one.
    routes : mapping, optional
        Endpoints by name; default the package's own.
    push_every : float
        Seconds between looks at what is to be pushed; 0 looks as often as the machine can.
    idle_after : float
        Seconds without a request after which a socket is dropped.
    limits : bool
        Whether requests beyond the rate limits are refused.

    Attributes
    ----------
    auth : Authenticator
        Checks signatures.
    buckets : Buckets
        Rate limits, and what came.
    sockets : Sockets
        The connections and what was sent on them.
    requests : int
        How many HTTP requests have come.
    log : sequence of (monotonic time, name, params)
        The newest of them, with the parameters of their queries; for a path that is no endpoint the path in place of
        the name.
    """

    def __init__(
        self,
        exchange: Exchange,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        routes: Mapping[str, Endpoint] | None = None,
        push_every: float = PUSH_EVERY,
        idle_after: float = IDLE_AFTER,
        limits: bool = True,
    ) -> None:
        if host != "localhost" and not ip_address(host).is_loopback:
            raise ValueError(f"the sandbox serves this machine only; {host} is not a loopback address")
        if not 0 <= port <= 65535:
            raise ValueError(f"port is from 0 to 65535, not {port}")
        self.exchange = exchange
        self.host = host
        self.port = port
        self.auth = Authenticator(exchange.trading.accounts, exchange.clock)
        self.buckets = Buckets(limits)
        self.sockets = Sockets(exchange, self.auth, push_every=push_every, idle_after=idle_after)
        self._signed_requests = SignedRequests(exchange, self.auth, self.buckets)
        self.requests = 0
        self.log = Newest[tuple[float, str, dict[str, str]]](_LOG_LENGTH, _LOG_BYTES)
        endpoints = (ROUTES if routes is None else routes).values()
        self._endpoints = {(each.method, f"/v2{each.path}"): each for each in endpoints if exchange.serves(each.name)}
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._ready = threading.Event()

    @property
    def http(self) -> str:
        """The address for HTTP, /v2 included."""
        return f"http://{self._at}/v2"

    @property
    def ws(self) -> str:
        """The address for sockets, /v2 included."""
        return f"ws://{self._at}/v2"

    def start(self) -> Self:
        """Begin to serve; a port that is taken raises OSError here."""
        if self._thread is None:
            family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
            listener = socket.create_server((self.host, self.port), family=family)
            self.port = listener.getsockname()[1]
            self._ready.clear()
            self._thread = threading.Thread(target=self._run, args=(listener,), name="coinex-sandbox", daemon=True)
            self._thread.start()
            self._ready.wait()
        return self

    def close(self) -> None:
        """Stop serving and wait for the thread; does nothing when already closed."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Server {self.http} {'serving' if self._thread else 'closed'}>"

    @property
    def _at(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def _run(self, listener: socket.socket) -> None:
        try:
            asyncio.run(self._serve(listener))
        finally:
            listener.close()
            self._ready.set()

    async def _serve(self, listener: socket.socket) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        app.on_shutdown.append(self.sockets.shut)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        try:
            await web.SockSite(runner, listener).start()
            self._ready.set()
            await self._stop.wait()
            await self._stop_accepting(listener)
        finally:
            await runner.cleanup()

    async def _stop_accepting(self, listener: socket.socket) -> None:
        """Accept no more connections, and wait for the latest ones: asyncio would lose them unclosed."""
        asyncio.get_running_loop().remove_reader(listener)
        for _ in range(_LAST_ARRIVALS):
            await asyncio.sleep(0)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if not is_local(request.headers):
            return _page(403, "403 Forbidden: the sandbox serves programs and pages of this machine only")
        return await (self.sockets.handle(request) if self.sockets.is_upgrade(request) else self._reply(request))

    async def _reply(self, request: web.Request) -> web.StreamResponse:
        endpoint = self._endpoints.get((request.method, request.path))
        params = {key: request.query[key] for key in request.query}
        self.requests += 1
        self.log.add(
            (time.monotonic(), endpoint.name if endpoint else request.path, params),
            len(request.raw_path) + _PARAMETER * (1 + len(params)),
        )
        await request.read()  # carried out even when the client does not wait for the answer
        hits = self.exchange.faults.next()
        if hits.delay:
            await asyncio.sleep(hits.delay)
        if "drop" in hits:
            return _hang_up(request)
        response = _refusal(hits) or self._over_limit(request) or await self._answer(request, endpoint, params, hits)
        response.headers["Date"] = self._date(hits)
        return response

    def _over_limit(self, request: web.Request) -> web.Response | None:
        """Count a request of an address; return the refusal when there were too many."""
        taken = self.buckets.take("public", request.remote or "")
        return None if taken.granted else _json(too_many(), taken.headers)

    async def _answer(
        self, request: web.Request, endpoint: Endpoint | None, params: dict[str, str], hits: Hits
    ) -> web.StreamResponse:
        if endpoint is None:
            return _page(404, "404 Not Found")
        answer = await (self._signed if endpoint.needs else self._public)(request, endpoint, params, hits)
        # from here on the request is carried out, whatever happens to the answer
        if "lost_answer" in hits:
            return _hang_up(request)
        if "gateway_timeout" in hits:
            return _page(504, "504 Gateway Time-out")
        body = answer.reply.encode()
        if "cut" in hits:
            return await _cut(request, body)
        content_type = "text/html" if "content_type" in hits else "application/json"
        body = body[: len(body) // 2] if "truncate" in hits else body
        return web.Response(body=body, content_type=content_type, headers=answer.headers)

    async def _public(self, request: web.Request, endpoint: Endpoint, params: dict[str, str], hits: Hits) -> Response:
        if params.get("period") in _LONG_PERIODS:
            # the first request for two years of candles takes a second or two: others are answered meanwhile
            return Response(await asyncio.to_thread(self.exchange.answer, endpoint.name, params, hits))
        return Response(self.exchange.answer(endpoint.name, params, hits))

    async def _signed(self, request: web.Request, endpoint: Endpoint, params: dict[str, str], hits: Hits) -> Response:
        body = await request.read()
        signed = SignedRequest(request.method, request.raw_path, body, request.headers, request.remote or "")
        if self.exchange.trading.is_far_behind:
            # orders and loans have to be brought up to the clock first
            return await asyncio.to_thread(self._signed_requests.answer, signed, endpoint, params, hits)
        return self._signed_requests.answer(signed, endpoint, params, hits)

    def _date(self, hits: Hits) -> str:
        now = self.exchange.clock.now_ms() + (SKEW_MS if "clock_skew" in hits else 0)
        return formatdate(now / 1000, usegmt=True)


def _refusal(hits: Hits) -> web.Response | None:
    """Return the answer of a fault that keeps a request from the exchange."""
    if "bad_gateway" in hits:
        return _page(502, "502 Bad Gateway")
    for name, (code, message) in _REFUSALS.items():
        if name in hits:
            return _json(Reply({}, code, message))
    if "rate_limited" in hits:
        headers = {"X-RateLimit-Limit": "10", "X-RateLimit-Remaining": "0", "Retry-After": "0"}
        return _json(Reply({}, 4213, "rate limit exceeded"), headers)
    return None


def _json(reply: Reply, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(body=reply.encode(), content_type="application/json", headers=headers)


def _page(status: int, title: str) -> web.Response:
    return web.Response(status=status, text=_HTML.format(title=title), content_type="text/html")


def _hang_up(request: web.Request) -> web.Response:
    """Close the connection; the response that is returned is never sent."""
    if request.transport is not None:
        request.transport.close()
    return web.Response()


async def _cut(request: web.Request, body: bytes) -> web.StreamResponse:
    """Announce the whole body, send half of it and close the connection."""
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(body))})
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
