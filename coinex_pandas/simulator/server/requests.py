"""Requests over a socket: what is answered, and what it changes; without sockets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.feeds.channels import DepthWish
from coinex_pandas.simulator.feeds.feed import Feed
from coinex_pandas.simulator.feeds.mailbox import MAINTENANCE, PRIVATE
from coinex_pandas.simulator.server.auth import Signature

__all__ = ["Desk", "Outcome", "Signature", "nobody"]

Json = dict[str, Any]

_FIRST_DIGIT = {"spot": 20_000, "futures": 30_000}
_INVALID = (1, "invalid argument")
_UNKNOWN = (2, "unknown method")
_UNSIGNED = (1001, "require auth")
_WRONG_SIGNATURE = (1002, "Signature Incorrect")


class Outcome(NamedTuple):
    """The answer to a request, and the change of the feed that follows it (None: nothing changes)."""

    answer: Json
    change: Callable[[], None] | None = None
    subscribes: bool = False


class _Wrong(Exception):
    """A request cannot be served; its code without the socket's first digit, and the message."""

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


class _Wishes(msgspec.Struct):
    market_list: list[DepthWish]


def nobody(signature: Signature) -> Account | None:
    """Return that no key has signed this: there are no accounts at this exchange."""
    return None


class Desk:
    """Answer the requests of one connection.

    Parameters
    ----------
    feed : Feed
        What the connection is subscribed to.
    accepts : callable, optional
        Tells whose key has signed; None for nobody's.

    Examples
    --------
    >>> Desk(Feed("spot")).handle({"method": "server.ping", "params": {}, "id": 7}).answer
    {'id': 7, 'code': 0, 'message': 'OK', 'data': {'result': 'pong'}}
    """

    def __init__(self, feed: Feed, accepts: Callable[[Signature], Account | None] = nobody) -> None:
        self._feed = feed
        self._accepts = accepts

    def handle(self, request: object) -> Outcome:
        """Answer a request; what is no request at all is a wrong one with id 0, for which no form is documented."""
        body = request if isinstance(request, dict) else {}
        number = body.get("id")
        if not isinstance(number, int) or isinstance(number, bool):
            return self._refused(0, *_INVALID)
        try:
            return self._served(number, body.get("method"), body.get("params", {}))
        except _Wrong as wrong:
            return self._refused(number, wrong.code, wrong.message)
        except msgspec.ValidationError:
            return self._refused(number, *_INVALID)

    def _served(self, number: int, method: object, params: object) -> Outcome:
        if not isinstance(method, str) or not isinstance(params, (dict, list)):
            raise _Wrong(*_INVALID)
        if method == "server.ping":
            return Outcome(_fine(number) | {"data": {"result": "pong"}})
        if method == "server.sign":
            return self._sign(number, params)
        channel, _, verb = method.rpartition(".")
        if verb not in ("subscribe", "unsubscribe"):
            raise _Wrong(*_UNKNOWN)
        if channel in PRIVATE[self._feed.area]:
            return self._private(number, channel, verb, params)
        if channel not in self._feed.channels:
            raise _Wrong(*_UNKNOWN)
        return Outcome(_fine(number), self._change(channel, verb, params), verb == "subscribe")

    def _sign(self, number: int, params: object) -> Outcome:
        account = self._accepts(msgspec.convert(params, Signature))
        if account is None:
            raise _Wrong(*_WRONG_SIGNATURE)
        self._feed.mailbox.sign(account)
        return Outcome(_fine(number))

    def _private(self, number: int, channel: str, verb: str, params: object) -> Outcome:
        mailbox = self._feed.mailbox
        if mailbox.account is None:
            raise _Wrong(*_UNSIGNED)
        names, act = _chosen(PRIVATE[mailbox.area][channel], params), getattr(mailbox, verb)
        if channel == "notice" and verb == "subscribe" and names != [str(MAINTENANCE)]:
            raise _Wrong(*_INVALID)  # the only number there is; that none means all is not documented here
        return Outcome(_fine(number), lambda: act(channel, names), verb == "subscribe")

    def _change(self, channel: str, verb: str, params: object) -> Callable[[], None]:
        feed = self._feed
        if channel == "depth" and verb == "subscribe":
            wishes = msgspec.convert(params, _Wishes).market_list
            return lambda: feed.depth.wish(wishes)
        names = msgspec.convert(params, _Names).market_list
        act = getattr(feed.channels[channel], verb)
        return lambda: act(names)

    def _refused(self, number: int, code: int, message: str) -> Outcome:
        return Outcome({"id": number, "code": _FIRST_DIGIT[self._feed.area] + code, "message": message})


def _chosen(selector: str, params: object) -> list[str]:
    """Return what a private subscription names."""
    if selector == "ccy_list":
        return msgspec.convert(params, _Currencies).ccy_list
    if selector == "channels":
        return [str(number) for number in msgspec.convert(params, _Numbers).channels]
    return msgspec.convert(params, _Names).market_list


def _fine(number: int) -> Json:
    return {"id": number, "code": 0, "message": "OK"}
