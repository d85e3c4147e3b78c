"""The requests of a connection: the reply to each, and its change of the subscriptions; without sockets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.feeds.channels import DepthSubscription
from coinex_pandas.simulator.feeds.feed import Feed
from coinex_pandas.simulator.feeds.mailbox import MAINTENANCE, PRIVATE
from coinex_pandas.simulator.market.clock import Clock
from coinex_pandas.simulator.server.auth import Signature

__all__ = ["Response", "SocketRequests", "no_account"]

Json = dict[str, Any]

_FIRST_DIGIT = {"spot": 20_000, "futures": 30_000}
_INVALID = (1, "invalid argument")
_UNKNOWN = (2, "unknown method")
_UNSIGNED = (1001, "require auth")
_WRONG_SIGNATURE = (1002, "Signature Incorrect")


class Response(NamedTuple):
    """The reply to a request, and the change of the feed that follows it (None: nothing changes)."""

    reply: Json
    change: Callable[[], None] | None = None
    subscribes: bool = False


class _Refused(Exception):
    """A request is refused: the code without the socket's first digit, and the message."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message


class _Names(msgspec.Struct):
    market_list: list[str]


class _Currencies(msgspec.Struct):
    ccy_list: list[str]


class _Numbers(msgspec.Struct):
    channels: list[int]


class _Books(msgspec.Struct):
    market_list: list[DepthSubscription]


def no_account(signature: Signature) -> Account | None:
    """Return None: there are no accounts."""
    return None


class SocketRequests:
    """Answers the requests of one connection.

    Parameters
    ----------
    feed : Feed
        The connection's subscriptions.
    account_of : callable, optional
        Returns the account whose key has signed, None for a wrong signature.
    now_ms : callable, optional
        Returns the exchange's time for ``server.time``; default the computer's. The reference has this method from one
        client only.

    Examples
    --------
    >>> SocketRequests(Feed("spot")).handle({"method": "server.ping", "params": {}, "id": 7}).reply
    {'id': 7, 'code': 0, 'message': 'OK', 'data': {'result': 'pong'}}
    """

    def __init__(
        self,
        feed: Feed,
        account_of: Callable[[Signature], Account | None] = no_account,
        now_ms: Callable[[], int] | None = None,
    ) -> None:
        self._feed = feed
        self._account_of = account_of
        self._now_ms = Clock().now_ms if now_ms is None else now_ms

    def handle(self, request: object) -> Response:
        """Return the reply to a request; for what is no request, with id 0, which is not documented."""
        body = request if isinstance(request, dict) else {}
        number = body.get("id")
        if not isinstance(number, int) or isinstance(number, bool):
            return self._refusal(0, *_INVALID)
        try:
            return self._answer(number, body.get("method"), body.get("params", {}))
        except _Refused as refused:
            return self._refusal(number, refused.code, refused.message)
        except msgspec.ValidationError:
            return self._refusal(number, *_INVALID)

    def _answer(self, number: int, method: object, params: object) -> Response:
        if not isinstance(method, str) or not isinstance(params, (dict, list)):
            raise _Refused(*_INVALID)
        if method == "server.ping":
            return Response(_ok(number) | {"data": {"result": "pong"}})
        if method == "server.time":
            return Response(_ok(number) | {"data": {"timestamp": self._now_ms()}})
        if method == "server.sign":
            return self._sign(number, params)
        channel, _, verb = method.rpartition(".")
        if verb not in ("subscribe", "unsubscribe"):
            raise _Refused(*_UNKNOWN)
        if channel in PRIVATE[self._feed.area]:
            return self._private(number, channel, verb, params)
        if channel not in self._feed.channels:
            raise _Refused(*_UNKNOWN)
        return Response(_ok(number), self._change(channel, verb, params), verb == "subscribe")

    def _sign(self, number: int, params: object) -> Response:
        account = self._account_of(msgspec.convert(params, Signature))
        if account is None:
            raise _Refused(*_WRONG_SIGNATURE)
        self._feed.mailbox.sign(account)
        return Response(_ok(number))

    def _private(self, number: int, channel: str, verb: str, params: object) -> Response:
        mailbox = self._feed.mailbox
        if mailbox.account is None:
            raise _Refused(*_UNSIGNED)
        names, change = _selected(PRIVATE[mailbox.area][channel], params), getattr(mailbox, verb)
        if channel == "notice" and verb == "subscribe" and names != [str(MAINTENANCE)]:
            raise _Refused(*_INVALID)  # the only number; that an empty list means all is not documented here
        return Response(_ok(number), lambda: change(channel, names), verb == "subscribe")

    def _change(self, channel: str, verb: str, params: object) -> Callable[[], None]:
        feed = self._feed
        if channel == "depth" and verb == "subscribe":
            books = msgspec.convert(params, _Books).market_list
            return lambda: feed.depth.subscribe_books(books)
        names = msgspec.convert(params, _Names).market_list
        change = getattr(feed.channels[channel], verb)
        return lambda: change(names)

    def _refusal(self, number: int, code: int, message: str) -> Response:
        return Response({"id": number, "code": _FIRST_DIGIT[self._feed.area] + code, "message": message})


def _selected(selector: str, params: object) -> list[str]:
    """Return the names in a private subscription."""
    if selector == "ccy_list":
        return msgspec.convert(params, _Currencies).ccy_list
    if selector == "channels":
        return [str(number) for number in msgspec.convert(params, _Numbers).channels]
    return msgspec.convert(params, _Names).market_list


def _ok(number: int) -> Json:
    return {"id": number, "code": 0, "message": "OK"}
