"""What every verb does: send one request, once, and return what became of it; or show the request and send nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from coinex_pandas.api.calls.call import Request
from coinex_pandas.errors import CoinExError, NoAnswer, OutcomeUnknown, Refused, UnexpectedBody
from coinex_pandas.errors.codes import lookup
from coinex_pandas.http.route import Route, route_of
from coinex_pandas.http.session import Session, current
from coinex_pandas.http.signing import HEADERS
from coinex_pandas.tables.kinds import Numbers

__all__ = ["change", "checks"]

_SECRET = frozenset({"to_address", "memo", "extra"})
"""Parameters that do not stand in a frame's ``attrs``: these travel on with every copy of it."""


def change(
    function: Callable[..., pd.DataFrame],
    params: Mapping[str, Any],
    *,
    about: str = "",
    finds_out: str = "",
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Send the one request of a verb, and return its frame.

    Parameters
    ----------
    function : callable
        The public function.
    params : mapping
        The JSON object that is sent; entries of None are left out.
    about : str, default ""
        The market or currency, for errors.
    finds_out : str, default ""
        The call that finds out what became of the request when no answer comes.
    dry_run : bool, default False
        Send nothing and return the request: method, url, body, headers, with key and signature masked.
    numbers, session
        As in every public function.

    Raises
    ------
    OutcomeUnknown
        It was sent, and no clear answer came; it is not sent again.
    Refused
        The exchange did not do it.
    KeyNeeded, NotEnabled
        The session may not do it; nothing was sent.
    """
    if dry_run:
        return _unsent(route_of(function), params, current(session))
    request = Request(function, params, about, numbers, session)
    frame = _answered(request, _ids(params), finds_out)
    made = request.finished([frame], quiet=True)
    made.attrs["coinex"]["request"]["params"] = _told(request.params)
    return made


def checks(
    function: Callable[..., pd.DataFrame],
    check: bool,
    *,
    dry_run: bool,
    session: Session | None,
) -> bool:
    """Return whether a verb is compared with rules that have to be asked for: a dry run sends nothing, these neither.

    Raises
    ------
    KeyNeeded, NotEnabled
        The session may not do it, so that nobody needs to be asked.
    """
    if dry_run or not check:
        return False
    current(session).allow(route_of(function))
    return True


def _answered(request: Request, client_id: str, finds_out: str) -> pd.DataFrame:
    """Return the frame of a clear answer."""
    endpoint = request.route.endpoint
    try:
        page = request.ask()
    except CoinExError as fault:
        if _is_clear(fault, endpoint):
            raise
        raise OutcomeUnknown(str(fault), endpoint=endpoint, client_id=client_id, finds_out=finds_out) from fault
    except BaseException as stop:  # an interruption; a warning that was made an error
        named = f" (client_id {client_id!r})" if client_id else ""
        advice = finds_out or "a look at the account"
        stop.add_note(f"{endpoint}{named} may have been carried out: find out with {advice}")
        raise
    if page.is_null:
        reason = "the exchange answered code 0, but null in place of what it did"
        raise OutcomeUnknown(reason, endpoint=endpoint, client_id=client_id, finds_out=finds_out)
    return page.frame


def _is_clear(fault: CoinExError, endpoint: str) -> bool:
    """Return whether it is certain that a verb was not carried out."""
    if getattr(fault, "endpoint", endpoint) != endpoint:
        return True  # the clock was asked for before, and did not answer
    if isinstance(fault, Refused):
        return not lookup(fault.code).unsure
    return not fault.reached if isinstance(fault, NoAnswer) else not isinstance(fault, UnexpectedBody)


def _ids(params: Mapping[str, Any]) -> str:
    """Return the client_id of what is sent, or those of a batch's items."""
    items = [params, *(item for value in params.values() if isinstance(value, list) for item in value)]
    found = [item["client_id"] for item in items if isinstance(item, Mapping) and item.get("client_id")]
    return ", ".join(found)


def _told(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: "***" if name in _SECRET else value for name, value in params.items()}


def _unsent(route: Route, params: Mapping[str, Any], session: Session) -> pd.DataFrame:
    """Return the request that a verb would send."""
    ready = session.request_of(route, params).prepare()
    headers = {**ready.headers, **dict.fromkeys(HEADERS, "***")}
    headers.pop("Content-Length", None)
    body = ready.body.decode() if isinstance(ready.body, bytes) else ready.body
    cells = {"method": ready.method, "url": ready.url, "body": body, "headers": json.dumps(headers)}
    frame = pd.DataFrame({name: pd.array([cell], dtype="str") for name, cell in cells.items()})
    sent = {"endpoint": route.endpoint, "params": _told(params), "requests": 0}
    frame.attrs["coinex"] = {"table": route.name, "venue": session.venue.name, "request": sent, "dry_run": True}
    return frame
