"""A venue that checks signatures as the exchange does, with a clock that a test may set wrong; it keeps requests."""

import hashlib
import hmac
import json
import socket
import threading
import time
from typing import NamedTuple

from coinex_pandas.http.clock import _clocks
from coinex_pandas.http.venue import Venue

ACCESS_ID, SECRET_KEY = "CANARYACCESS0123456789", "canarysecretcanarysecretcanary00"
OK = {"code": 0, "data": {}, "message": "OK"}


class Request(NamedTuple):
    """One request as it is on the wire."""

    at: float
    method: str
    target: str
    headers: dict
    body: bytes

    @property
    def path(self):
        """The path below /v2, without the query."""
        return self.target.split("?")[0].removeprefix("/v2")

    @property
    def signed_text(self):
        """What the documentation says is signed."""
        return self.method.encode() + self.target.encode() + self.body + self.headers["x-coinex-timestamp"].encode()


def refused(code, message="no"):
    """Return a refusal's body."""
    return {"code": code, "data": {}, "message": message}


class Peer:
    """Answers the private requests that are signed right and in time.

    Parameters
    ----------
    *answers : dict, bytes or None
        What private requests are answered with, one after the other, the last one for ever: JSON, whole HTTP answers,
        or (None) a connection that is closed.
    clock : callable
        The venue's clock in milliseconds.
    """

    def __init__(self, *answers, clock=lambda: time.time() * 1000, headers=None):
        self.answers = answers or (OK,)
        self.clock = clock
        self.headers = headers or {}
        self.requests, self.refusals = [], 0
        self._answered = 0
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.http = f"http://127.0.0.1:{self._listener.getsockname()[1]}/v2"
        self.venue = Venue("peer", http=self.http)
        _clocks.pop(self.http, None)  # an earlier venue may have had this port, and another clock
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._listener.close()

    @property
    def private(self):
        """The requests other than those for the time."""
        return [request for request in self.requests if request.path != "/time"]

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection, connection.makefile("rb") as reading:
            while request := _request(reading):
                with self._lock:
                    self.requests.append(request)
                    answer = self._answer(request)
                if answer is None:
                    return
                connection.sendall(answer if isinstance(answer, bytes) else self._http(answer))

    def _answer(self, request):
        if request.path == "/time":
            return {"code": 0, "data": {"timestamp": int(self.clock())}, "message": "OK"}
        if code := self._wrong(request):
            self.refusals += 1
            return refused(code)
        answer = self.answers[min(self._answered, len(self.answers) - 1)]
        self._answered += 1
        return answer(request) if callable(answer) else answer

    def _wrong(self, request):
        """Return the exchange's code for what is wrong with a signature; None for nothing."""
        if ACCESS_ID != request.headers.get("x-coinex-key"):
            return 4005
        if request.headers["x-coinex-sign"] != signature(request.signed_text):
            return 4006
        age = self.clock() - int(request.headers["x-coinex-timestamp"])
        window = int(request.headers.get("x-coinex-windowtime", 5000))
        return 4010 if age > window else 4017 if age < -window else None

    def _http(self, answer):
        body = json.dumps(answer).encode()
        lines = {"Content-Length": len(body), "Content-Type": "application/json"} | self.headers
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        return f"HTTP/1.1 200 OK\r\n{head}\r\n".encode() + body


def signature(text):
    """Return what a request must be signed with."""
    return hmac.new(SECRET_KEY.encode(), text, hashlib.sha256).hexdigest()


def _request(reading):
    """Return the next request; None when the other side hung up."""
    try:
        first = reading.readline()
        lines = []
        while (line := reading.readline()) not in (b"\r\n", b""):
            lines.append(line)
        if not first:
            return None
        headers = {
            name.strip().lower(): value.strip() for name, _, value in (_text(line).partition(":") for line in lines)
        }
        body = reading.read(int(headers.get("content-length", 0)))
    except OSError:
        return None
    method, target, _ = _text(first).split(" ")
    return Request(time.monotonic(), method, target, headers, body)


def _text(line):
    return line.decode("latin-1")
