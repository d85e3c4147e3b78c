"""Every error and warning of the package, drawn as a tree.

::

    CoinExError
      InvalidArgument (ValueError)     refused here, before anything was sent
      MissingExtra (ImportError)       an optional part is not installed
      ArchiveError                     a folder is no archive, or cannot be written
        ArchiveBusy                      another process writes into it
        ArchiveDamaged                   a file of it is not what was written
        NotCaptured                      what was asked for was never stored
      KeyNeeded                        a private endpoint, and no key to sign with; nothing was sent
      NotEnabled                       the session may not do this; nothing was sent
      NoData (TimeoutError)            a stream's rows did not come in time
      NoAnswer                         there is no answer: connection, time-out, 5xx gateway page
      UnexpectedBody                   the answer is not the documented JSON, or not to this request
        UnexpectedValue                  one cell is not what its column holds
      OutcomeUnknown                   a verb was sent, and nobody knows whether it was carried out
      Refused                          the exchange answered with a code other than 0
        RateLimited                      4213, 4123, HTTP status 429
        Busy                             3008, 4001, 4002
        ClockSkewed                      4010, 4017: request too old by the exchange's clock
        BadParameter                     4004, 3639, ...
        NotFound                         3600, or the answer lacks what the call is about
          UnknownMarket (BadParameter)     the market or currency does not exist
        NotAuthorized                    key, signature, address list
        NotPermitted                     the account may not do this
        MarketClosed                     4117, 4130, 4158, 4159, 3157
        BalanceTooLow                    3109
        OrderRefused                     the order itself was refused
        ServerFault                      4003

    UserWarning
      StaleDataWarning                 the exchange answers with values that no longer move
      UnverifiedWarning                the order book does not fit its checksum, or may lack a change
      ColumnsChanged                   the exchange sends a new column, or leaves out one
      IncompleteWarning                a history could not be read whole
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from coinex_pandas.errors.quoting import LONGEST_QUOTE, body_start, quoted, shown

if TYPE_CHECKING:
    from coinex_pandas.errors.codes import Code

__all__ = [
    "ArchiveBusy",
    "ArchiveDamaged",
    "ArchiveError",
    "BadParameter",
    "BalanceTooLow",
    "Busy",
    "ClockSkewed",
    "CoinExError",
    "ColumnsChanged",
    "IncompleteWarning",
    "InvalidArgument",
    "KeyNeeded",
    "MarketClosed",
    "MissingExtra",
    "NoAnswer",
    "NoData",
    "NotAuthorized",
    "NotCaptured",
    "NotEnabled",
    "NotFound",
    "NotPermitted",
    "OrderRefused",
    "OutcomeUnknown",
    "RateLimited",
    "Refused",
    "ServerFault",
    "StaleDataWarning",
    "UnexpectedBody",
    "UnexpectedValue",
    "UnknownMarket",
    "UnverifiedWarning",
]


class CoinExError(Exception):
    """Anything this package raises; keys are masked in its text, and a very long one is cut."""

    retry = False
    """Whether a read that ended so is worth repeating."""

    def __init__(self, *args: object, **more: Any) -> None:
        super().__init__(*(shown(each) if isinstance(each, str) else each for each in args), **more)

    def __reduce__(self) -> tuple[Any, ...]:
        # Keyword arguments do not survive Exception's own pickling, and errors cross process borders.
        return _revive, (type(self), self.args, self.__dict__)


class InvalidArgument(CoinExError, ValueError):
    """An argument was refused here; nothing was sent."""


class MissingExtra(CoinExError, ImportError):
    """An optional part of the package needs a library that is not installed.

    Parameters
    ----------
    module : str
        The module that could not be imported.
    extra : str
        The extra that brings it.
    """

    def __init__(self, module: str, *, extra: str) -> None:
        self.extra = extra
        super().__init__(
            f"{module} is not installed. Install it with: pip install 'coinex_pandas[{extra}]'", name=module
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return _revive, (type(self), self.args, self.__dict__ | {"name": self.name})


class ArchiveError(CoinExError):
    """A folder is no archive, or cannot be written.

    Parameters
    ----------
    text : str
        What happened and what to do.
    path : str
        The folder or file.
    """

    def __init__(self, text: str, *, path: str) -> None:
        self.path = path
        super().__init__(f"{path}: {text}")

    def __reduce__(self) -> tuple[Any, ...]:
        return _revive, (type(self), self.args, self.__dict__)


class ArchiveBusy(ArchiveError):
    """Another process writes into the archive."""


class ArchiveDamaged(ArchiveError):
    """A file of the archive is not what was written."""


class NotCaptured(ArchiveError):
    """What was asked for was never stored."""


class _EndpointError(CoinExError):
    """An error that concerns one endpoint."""

    def __init__(self, text: str, *, endpoint: str) -> None:
        self.endpoint = endpoint
        super().__init__(text)


class KeyNeeded(CoinExError):
    """A private endpoint, and no key to sign with; nothing was sent.

    Attributes
    ----------
    endpoint : str
        Such as ``"GET /assets/spot/balance"``; empty when the key itself was looked for.
    """

    def __init__(self, text: str, *, endpoint: str = "") -> None:
        self.endpoint = endpoint
        super().__init__(text)


class NotEnabled(_EndpointError):
    """The session may not do this; nothing was sent.

    Attributes
    ----------
    endpoint : str
        Such as ``"POST /spot/order"``.
    """


class NoData(_EndpointError, TimeoutError):
    """The rows of a stream did not come in time, or it ended before."""


class NoAnswer(_EndpointError):
    """There is no answer: the connection failed, timed out, or a gateway answered in the exchange's place.

    Attributes
    ----------
    endpoint : str
        Such as ``"GET /futures/ticker"``.
    status : int or None
        The gateway's HTTP status; None without any answer.
    retry_after : float or None
        Seconds that the gateway asked to wait.
    reached : bool
        False when it is certain that the exchange never got the request: there was no connection, or a gateway
        refused it.
    """

    retry = True

    def __init__(
        self,
        reason: str,
        *,
        endpoint: str,
        status: int | None = None,
        retry_after: float | None = None,
        body: bytes = b"",
        reached: bool = True,
    ) -> None:
        self.status = status
        self.retry_after = retry_after
        self.body = body_start(body)
        advice = "; check the connection and the venue's address" if status is None else ""
        text = f"{endpoint}: no answer from the exchange: {reason}{_excerpt(body, self.body)}{advice}"
        super().__init__(text, endpoint=endpoint)
        # A 4xx page of a gateway will not become an answer by asking again.
        self.retry = status is None or status >= 500 or status in (408, 429)
        self.reached = reached


class UnexpectedBody(_EndpointError):
    """The answer is not the documented JSON, or it names another market, currency or id than the request.

    Attributes
    ----------
    endpoint : str
        Such as ``"GET /futures/ticker"``.
    body : bytes
        The start of the body, keys and addresses masked.
    """

    retry = True  # cut-off bodies and gateway pages pass; a changed schema does not, and fails again the same way

    def __init__(self, reason: str, *, endpoint: str, body: bytes) -> None:
        self.body = body_start(body)
        super().__init__(f"{endpoint}: unexpected body: {reason}{_excerpt(body, self.body)}", endpoint=endpoint)


class UnexpectedValue(UnexpectedBody):
    """One cell of an answer is not what its column holds; the text names row, column and value."""

    retry = False


class OutcomeUnknown(_EndpointError):
    """A verb was sent, and nobody knows whether it was carried out; nothing was sent again.

    Attributes
    ----------
    endpoint : str
        Such as ``"POST /spot/order"``.
    client_id : str
        The order's own name, the caller's or this package's; empty where the verb has none.
    finds_out : str
        The call that finds out, such as ``'cx.spot_pending_orders("BTCUSDT", client_id="...")'``.
    """

    def __init__(self, reason: str, *, endpoint: str, client_id: str = "", finds_out: str = "") -> None:
        self.client_id = client_id
        self.finds_out = finds_out
        name = f" (client_id {client_id!r})" if client_id else ""
        advice = f"find out with {finds_out}" if finds_out else "look it up"
        outcome = f"{endpoint}{name}: it may have been carried out or not; before it is sent again {advice}"
        super().__init__(f"{outcome}. What happened: {reason}", endpoint=endpoint)


class Refused(_EndpointError):
    """The exchange refused the request with a code.

    Attributes
    ----------
    code : int
        The exchange's code; 0 when its answer is a success that lacks what the call is about.
    message : str
        The exchange's own words, the first 300 characters.
    endpoint : str
        Such as ``"GET /futures/ticker"``.
    advice : str
        What to do about it.
    retry_after : float or None
        Seconds that the answer asked to wait.
    """

    _advice = ""  # of a class that has a better one than the code

    def __init__(
        self, code: int, message: str, *, endpoint: str, about: str = "", retry_after: float | None = None
    ) -> None:
        entry = _entry(code)
        self.advice = self._advice or entry.advice
        self.code = code
        self.message = message = quoted(message.strip())
        self.retry = entry.retry
        self.retry_after = retry_after
        subject = f" for {about}" if about else ""
        text = f"refused with code {code} ({message or 'no message'}): {entry.meaning}; {self.advice}"
        super().__init__(f"{endpoint}{subject}: {text if code else message}", endpoint=endpoint)


class RateLimited(Refused):
    """Too many requests; the package's own pacing should make this rare."""


class Busy(Refused):
    """The exchange is overloaded or a part of it is away."""


class ClockSkewed(Refused):
    """The request was too old by the exchange's clock."""


class BadParameter(Refused):
    """A parameter is wrong by the exchange's rules."""


class NotFound(Refused):
    """The order, market or other object of the request does not exist."""


class UnknownMarket(NotFound, BadParameter):
    """The market (or currency) does not exist, or no longer does."""

    _advice = (
        "there is no such market or currency, or no longer; "
        "cx.spot_markets(), cx.futures_markets() and cx.assets_info() list them"
    )


class NotAuthorized(Refused):
    """The key, the signature or the sender's address was not accepted."""


class NotPermitted(Refused):
    """The account may not do this."""


class MarketClosed(Refused):
    """The market does not trade, or not over the API."""


class BalanceTooLow(Refused):
    """The balance does not cover the request."""


class OrderRefused(Refused):
    """The order itself was refused."""


class ServerFault(Refused):
    """The exchange reports an internal error."""


class StaleDataWarning(UserWarning):
    """The exchange answers, but its values no longer move, or the venue says that it is closed."""


class UnverifiedWarning(UserWarning):
    """The order book does not fit its checksum, or may lack a change."""


class ColumnsChanged(UserWarning):
    """The exchange sends a column that this package does not know, or leaves out one that it knows."""


class IncompleteWarning(UserWarning):
    """A history could not be read whole; ``attrs["coinex"]["incomplete"]`` says why."""


_BY_KIND: dict[str, type[Refused]] = {
    "auth": NotAuthorized,
    "balance": BalanceTooLow,
    "busy": Busy,
    "clock": ClockSkewed,
    "market": MarketClosed,
    "not_found": NotFound,
    "order": OrderRefused,
    "parameter": BadParameter,
    "permission": NotPermitted,
    "rate_limit": RateLimited,
    "server": ServerFault,
    "unlisted": Refused,
}


def refusal(
    code: int,
    message: str,
    *,
    endpoint: str,
    about: str = "",
    retry_after: float | None = None,
    alone: bool = True,
) -> Refused:
    """Return the error that fits a code.

    4004 is the exchange's answer to an unknown market, and to any other wrong parameter. It means the market or
    currency where that stands ``alone`` (all other parameters were checked before sending), or the message says so.
    """
    kind: type[Refused] = _BY_KIND[_entry(code).kind]
    if about and code in (3639, 4004) and (alone or _NO_SUCH_NAME.search(message[:LONGEST_QUOTE])):
        kind = UnknownMarket
    return kind(code, message, endpoint=endpoint, about=about, retry_after=retry_after)


def _entry(code: int) -> Code:
    from coinex_pandas.errors.codes import lookup  # the table loads with the first refusal, not with the package

    return lookup(code)


_NO_SUCH_NAME = re.compile(r"(?i)\b(market|currency|coin|ccy)\b.*\b(not found|not exist|unknown|unsupported)\b")


def _excerpt(body: bytes, start: bytes) -> str:
    if not body:
        return ""
    text = start.decode("utf-8", "replace")
    return f"; it starts with {text!r}" if len(body) > len(text) else f"; it is {text!r}"


def _revive(kind: type[CoinExError], args: tuple[Any, ...], state: dict[str, Any]) -> CoinExError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update({key: value for key, value in state.items() if key != "name"})
    if isinstance(error, ImportError):
        error.name = state.get("name")
    return error
