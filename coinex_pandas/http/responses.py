"""What HTTP itself says of an answer or a failure: rate limit, time, reason, whether anything was sent."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime

import pandas as pd
import requests
from urllib3.exceptions import NewConnectionError

from coinex_pandas.http.pacing import Pacer

__all__ = ["answer_time", "is_unsent", "note_rate_limit", "reason_of", "retry_after", "without_frames"]


def note_rate_limit(response: requests.Response, pacer: Pacer) -> None:
    """Pass an answer's rate limit headers on to its group's pacer, where it has them."""
    limit, remaining = (response.headers.get(f"X-RateLimit-{name}", "") for name in ("Limit", "Remaining"))
    if limit.isdecimal() and remaining.isdecimal() and int(limit):
        pacer.adapt(int(limit), int(remaining))


def is_unsent(fault: requests.RequestException) -> bool:
    """Return whether there was no connection, so that nothing can have been sent."""
    reason = getattr(fault.args[0] if fault.args else fault, "reason", None)
    return isinstance(fault, requests.ConnectTimeout) or isinstance(reason, NewConnectionError)


def without_frames(error: BaseException) -> BaseException:
    """Return an exception without the frames below: they hold signed headers, and notebooks show local variables."""
    link: BaseException | None = error
    while link is not None:
        link.__traceback__ = None
        link = link.__cause__ or link.__context__
    return error


def retry_after(response: requests.Response) -> float | None:
    """Return an answer's ``Retry-After`` in seconds; None when it has none."""
    text = response.headers.get("Retry-After", "")
    if text.isdecimal():
        return float(text)
    stamp = _date(text)
    return None if stamp is None else max(0.0, stamp.timestamp() - time.time())


def _date(text: str) -> pd.Timestamp | None:
    try:
        return pd.Timestamp(parsedate_to_datetime(text)).tz_convert("UTC")
    except (TypeError, ValueError):
        return None


def answer_time(response: requests.Response) -> pd.Timestamp:
    """Return the time of an answer, by the venue's clock.

    Its ``Date`` header counts seconds only: as long as this machine's clock agrees, this machine's milliseconds count.
    """
    now = pd.Timestamp.now("UTC").floor("ms")
    date = _date(response.headers.get("Date", ""))
    return now if date is None or abs(now - date) < pd.Timedelta(seconds=2) else date


def reason_of(fault: requests.RequestException) -> str:
    """Return why a request failed, without its address: the error names the endpoint anyway."""
    reason = fault.args[0] if fault.args else fault
    reason = getattr(reason, "reason", reason)  # urllib3 wraps the cause in one that repeats the address
    return f"{type(fault).__name__}: {reason}"
