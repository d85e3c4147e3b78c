"""The errors of this package that are no refusals of the exchange, and its warnings; ``__init__`` draws all of them."""

from __future__ import annotations

from typing import Any

from coinex_pandas.errors.quoting import body_start, shown

__all__ = [
    "ArchiveBusy",
    "ArchiveDamaged",
    "ArchiveError",
    "CoinExError",
    "ColumnsChanged",
    "EndpointError",
    "IncompleteWarning",
    "InvalidArgument",
    "KeyNeeded",
    "MissingExtra",
    "NoAnswer",
    "NoData",
    "NotCaptured",
    "NotEnabled",
    "OutcomeUnknown",
    "StaleDataWarning",
    "UnexpectedBody",
    "UnexpectedValue",
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


class EndpointError(CoinExError):
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


class NotEnabled(EndpointError):
    """The session may not do this; nothing was sent.

    Attributes
    ----------
    endpoint : str
        Such as ``"POST /spot/order"``.
    """


class NoData(EndpointError, TimeoutError):
    """The rows of a stream did not come in time, or it ended before."""


class NoAnswer(EndpointError):
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


class UnexpectedBody(EndpointError):
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


class OutcomeUnknown(EndpointError):
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


class StaleDataWarning(UserWarning):
    """The exchange answers, but its values no longer move, or the venue says that it is closed."""


class UnverifiedWarning(UserWarning):
    """The order book does not fit its checksum, or may lack a change."""


class ColumnsChanged(UserWarning):
    """The exchange sends a column that this package does not know, or leaves out one that it knows."""


class IncompleteWarning(UserWarning):
    """A history could not be read whole; ``attrs["coinex"]["incomplete"]`` says why."""


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
