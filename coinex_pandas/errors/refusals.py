"""The exchange's refusals: a class for each kind of code, and the one that fits a code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from coinex_pandas.errors.exceptions import EndpointError
from coinex_pandas.errors.quoting import LONGEST_QUOTE, quoted

if TYPE_CHECKING:
    from coinex_pandas.errors.codes import Code

__all__ = [
    "BadParameter",
    "BalanceTooLow",
    "Busy",
    "ClockSkewed",
    "MarketClosed",
    "NotAuthorized",
    "NotFound",
    "NotPermitted",
    "OrderRefused",
    "RateLimited",
    "Refused",
    "ServerFault",
    "UnknownMarket",
    "refusal",
]


class Refused(EndpointError):
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
