"""A server of a few lines that says exactly the bytes a test wants; it counts requests, connections, and their ends."""

import json
import socket
import threading

from coinex_pandas.http.venue import Venue

PONG = {"code": 0, "data": {"result": "pong"}, "message": "OK"}


def reply(body=PONG, status="200 OK", **headers):
    """Return an HTTP answer; a dict becomes JSON, ``Retry_After=1`` the header ``Retry-After: 1``."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = {"Content-Length": len(content)} | {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + content


class TinyServer:
    """Gives the answers one after the other, the last one for ever.

    Parameters
    ----------
    *answers : bytes, tuple of bytes, or None
        Bytes to send; None hangs up; a tuple sends its bytes and then says nothing more until the server closes.
    host : str
        Where to listen.
    """

    def __init__(self, *answers, host="127.0.0.1"):
        self.answers = answers or (reply(),)
        self.requests, self.connections, self.closed = [], 0, 0
        self._closing = threading.Event()
        self._lock = threading.Lock()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, 0), family=family)
        self.port = self._listener.getsockname()[1]
        self.http = f"http://{f'[{host}]' if ':' in host else host}:{self.port}/v2"
        self.venue = Venue("tiny", http=self.http)
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._closing.set()
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection):
        with connection:
            while request := _request(connection):
                with self._lock:
                    answer = self.answers[min(len(self.requests), len(self.answers) - 1)]
                    self.requests.append(request)
                if answer is None:
                    return
                connection.sendall(answer if isinstance(answer, bytes) else b"".join(answer))
                if isinstance(answer, tuple):
                    self._closing.wait()
                    return
        with self._lock:
            self.closed += 1


def _request(connection):
    """Return a request's head; "" when the other side hung up."""
    read = b""
    while b"\r\n\r\n" not in read:
        try:
            part = connection.recv(65536)
        except OSError:
            return ""
        if not part:
            return ""
        read += part
    return read.decode("latin-1")
