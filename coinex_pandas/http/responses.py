"""What HTTP itself says of an answer or a failure: rate limit, time, reason, whether anything was sent."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import TypeVar

import pandas as pd
import requests
from requests.exceptions import InvalidSchema, InvalidURL, MissingSchema
from urllib3.exceptions import NewConnectionError

from coinex_pandas.errors import CoinExError, NoAnswer, RateLimited, Refused, UnexpectedBody
from coinex_pandas.errors.codes import CODES
from coinex_pandas.errors.quoting import quoted
from coinex_pandas.http.pacing import Pacer
from coinex_pandas.tables.decoding import Source

__all__ = [
    "answer_time",
    "is_unsent",
    "note_rate_limit",
    "reason_of",
    "require_success",
    "retry_after",
    "without_body",
    "without_frames",
]

AnyError = TypeVar("AnyError", bound=BaseException)

_NO_ADDRESS = (InvalidURL, InvalidSchema, MissingSchema)
_MOST_DIGITS = 9  # of a rate limit
_LONGEST_DATE = 64  # characters; a header's date has 29
_YEARS = range(1970, 2200)  # a time beyond would overflow where it is compared

_TURNED_AWAY = frozenset(
    {
        *(301, 307, 308),  # sent elsewhere as it is; 302 and 303 are also what a server says after it has done the work
        *(400, 401, 403, 404, 405, 410, 411, 413, 414, 415, 417, 421, 422, 426, 428, 429, 431, 451),
    }
)
"""HTTP statuses that say that a request was not carried out. Others say less: 409 is a conflict, perhaps with itself;
after 408, 444, 460 and 499 one side has hung up, and the request may have gone on to the exchange before."""


def require_success(response: requests.Response, source: Source) -> None:
    """Raise for an HTTP status other than 200: the error of the code in its body, or that a gateway answered."""
    status = response.status_code
    if status == 200:
        return
    refused = _refusal_in(response.content, source) if 400 <= status < 500 else None
    if status == 429:
        raise _rate_limit(refused, source)
    if refused is not None and (refused.code in CODES or status in _TURNED_AWAY):  # others may be a gateway's own codes
        raise refused
    hint = "; does the venue's address include /v2?" if status == 404 else ""
    raise NoAnswer(
        f"HTTP status {status}{hint}",
        endpoint=source.endpoint,
        status=status,
        retry_after=source.retry_after,
        body=response.content,
        reached=status not in _TURNED_AWAY,
    )


def _refusal_in(body: bytes, source: Source) -> Refused | None:
    """Return the error that a body's code stands for; None where it has no code, or 0."""
    try:
        source.check(body)
    except Refused as refused:
        return refused
    except UnexpectedBody:
        return None
    return None


def _rate_limit(refused: Refused | None, source: Source) -> RateLimited:
    """Return the error of the status 429, with the code of its body where that says the same."""
    if isinstance(refused, RateLimited):
        return refused
    message = refused.message if refused is not None else "HTTP status 429"
    return RateLimited(429, message, endpoint=source.endpoint, about=source.about, retry_after=source.retry_after)


def note_rate_limit(response: requests.Response, pacer: Pacer) -> None:
    """Pass an answer's rate limit headers on to its group's pacer, where it has them."""
    limit, remaining = (_count(response.headers.get(f"X-RateLimit-{name}", "")) for name in ("Limit", "Remaining"))
    if limit and remaining is not None:
        pacer.adapt(limit, remaining)


def _count(text: str) -> int | None:
    """Return a header's number; None for what is none, or has more digits than a rate limit."""
    return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else None


def is_unsent(fault: requests.RequestException) -> bool:
    """Return whether there was no connection, so that nothing can have been sent."""
    reason = getattr(fault.args[0] if fault.args else fault, "reason", None)
    return isinstance(fault, (requests.ConnectTimeout, *_NO_ADDRESS)) or isinstance(reason, NewConnectionError)


def without_frames(error: AnyError) -> AnyError:
    """Return an exception without the frames below: they hold signed headers, and notebooks show local variables."""
    link: BaseException | None = error
    while link is not None:
        link.__traceback__ = None
        link = link.__cause__ or link.__context__
    return error


def without_body(error: CoinExError, about: str) -> CoinExError:
    """Return an error without a word of the reply: that of an endpoint which answers secrets.

    A secret may stand anywhere in it, and under any name.
    """
    hidden = "the reply is not shown, because it may hold secrets"
    if isinstance(error, Refused):
        return type(error)(error.code, hidden, endpoint=error.endpoint, about=about, retry_after=error.retry_after)
    if isinstance(error, UnexpectedBody):
        return type(error)(hidden, endpoint=error.endpoint, body=b"")
    if isinstance(error, NoAnswer) and (error.reached or error.status):  # else nothing came that could be shown
        reason = "the connection failed" if error.status is None else f"HTTP status {error.status}"
        return NoAnswer(
            f"{reason}; {hidden}",
            endpoint=error.endpoint,
            status=error.status,
            retry_after=error.retry_after,
            reached=error.reached,
        )
    return without_frames(error)


def retry_after(response: requests.Response) -> float | None:
    """Return an answer's ``Retry-After`` in seconds; None when it has none."""
    text = response.headers.get("Retry-After", "")
    if text.isdecimal():
        return float(text)
    stamp = _date(text)
    return None if stamp is None else max(0.0, stamp.timestamp() - time.time())


def _date(text: str) -> pd.Timestamp | None:
    """Return the time in a header; None for what is none, such as one in a zone that no place on earth has."""
    if len(text) > _LONGEST_DATE:
        return None
    try:
        date = pd.Timestamp(parsedate_to_datetime(text)).tz_convert("UTC")
    except (TypeError, ValueError, ArithmeticError):
        return None
    return date if date.year in _YEARS else None


def answer_time(response: requests.Response) -> pd.Timestamp:
    """Return the time of an answer, by the venue's clock.

    Its ``Date`` header counts seconds only: as long as this machine's clock agrees, this machine's milliseconds count.
    """
    now = pd.Timestamp.now("UTC").floor("ms")
    date = _date(response.headers.get("Date", ""))
    return now if date is None or abs(now - date) < pd.Timedelta(seconds=2) else date


def reason_of(fault: requests.RequestException) -> str:
    """Return why a request failed, without its address: the error names the endpoint anyway."""
    if isinstance(fault, _NO_ADDRESS):  # it quotes a part of an address, perhaps of a password
        return f"{type(fault).__name__}: the venue's address or that of a proxy is none"
    reason = fault.args[0] if fault.args else fault
    reason = getattr(reason, "reason", reason)  # urllib3 wraps the cause in one that repeats the address
    return f"{type(fault).__name__}: {quoted(reason)}"
