"""A verb is a call that changes something: its one request is sent once, or shown without being sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from coinex_pandas.api.calls.arguments import flag
from coinex_pandas.api.calls.call import Call
from coinex_pandas.api.calls.evidence import Evidence
from coinex_pandas.errors import CoinExError, NoAnswer, OutcomeUnknown, Refused, UnexpectedBody
from coinex_pandas.errors.codes import lookup
from coinex_pandas.http.route import Route
from coinex_pandas.http.session import Session
from coinex_pandas.http.signing import HEADERS
from coinex_pandas.tables.kinds import Numbers

__all__ = ["Verb", "change"]

_SECRET = frozenset({"to_address", "memo", "extra"})
"""Parameters that do not stand in a frame's ``attrs``: these travel on with every copy of it."""


class Verb(Call):
    """A call that changes something.

    Parameters
    ----------
    function, numbers, session
        As in `Call`.
    dry_run : bool
        Whether to send nothing and return the request: method, url, body, headers, with key and signature masked.
    check : bool, default False
        Whether to compare it with the exchange's rules before it is sent; they take a request of their own.
    """

    def __init__(
        self,
        function: Callable[..., pd.DataFrame],
        numbers: Numbers | None,
        session: Session | None,
        dry_run: bool,
        check: bool = False,
    ) -> None:
        super().__init__(function, numbers, session)
        self.dry_run = flag(dry_run, "dry_run")
        self.check = flag(check, "check")

    def rule_source(self) -> Session | None:
        """Return the session that rules are read with; None where nothing is compared: a dry run sends no request.

        Raises
        ------
        KeyNeeded, NotEnabled
            The session may not send the verb, so the rules do not matter.
        """
        if self.dry_run or not self.check:
            return None
        self.session.allow(self.route)
        return self.session


def change(verb: Verb, params: Mapping[str, Any], *, finds_out: str, about: str = "") -> pd.DataFrame:
    """Send the one request of a verb, and return its frame.

    Parameters
    ----------
    verb : Verb
        The public function's.
    params : mapping
        The JSON object that is sent; entries of None are left out.
    finds_out : str
        The call that finds out what became of the request when no answer comes.
    about : str, default ""
        What errors name instead of the market or currency.

    Raises
    ------
    OutcomeUnknown
        It was sent, and no clear answer came; it is not sent again.
    Refused
        The exchange did not do it.
    KeyNeeded, NotEnabled
        The session may not do it; nothing was sent.
    """
    if verb.dry_run:
        return _unsent(verb.route, params, verb.session)
    frame = verb.frame([_answer(verb, params, finds_out, about)], quiet=True)
    frame.attrs["coinex"]["request"]["params"] = _masked(verb.params)
    return frame


def _answer(verb: Verb, params: Mapping[str, Any], finds_out: str, about: str) -> pd.DataFrame:
    """Return the frame of a clear answer."""
    endpoint, client_id = verb.route.endpoint, _client_ids(params)
    try:
        page = verb.ask_once(params, about)
    except CoinExError as fault:
        if _is_clear(fault, endpoint):
            raise
        raise OutcomeUnknown(str(fault), endpoint=endpoint, client_id=client_id, finds_out=finds_out) from fault
    except BaseException as stop:  # an interruption; a warning that was made an error
        named = f" (client_id {client_id!r})" if client_id else ""
        stop.add_note(f"{endpoint}{named} may have been carried out: find out with {finds_out}")
        raise
    if page.is_null:
        reason = "the exchange answered code 0, but null in place of what it did"
        raise OutcomeUnknown(reason, endpoint=endpoint, client_id=client_id, finds_out=finds_out)
    return page.frame


def _is_clear(fault: CoinExError, endpoint: str) -> bool:
    """Return whether it is certain that a verb was not carried out."""
    if getattr(fault, "endpoint", endpoint) != endpoint:
        return True  # of the clock, which is read before the verb is sent
    if isinstance(fault, Refused):
        return not lookup(fault.code).unsure
    return not fault.reached if isinstance(fault, NoAnswer) else not isinstance(fault, UnexpectedBody)


def _client_ids(params: Mapping[str, Any]) -> str:
    """Return the client_id of what is sent, or those of a batch's items."""
    items = [params, *(item for value in params.values() if isinstance(value, list) for item in value)]
    return ", ".join(item["client_id"] for item in items if isinstance(item, Mapping) and item.get("client_id"))


def _masked(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: "***" if name in _SECRET else value for name, value in params.items()}


def _unsent(route: Route, params: Mapping[str, Any], session: Session) -> pd.DataFrame:
    """Return the request that a verb would send."""
    ready = session.request_of(route, params).prepare()
    headers = {**ready.headers, **dict.fromkeys(HEADERS, "***")}
    headers.pop("Content-Length", None)
    body = ready.body.decode() if isinstance(ready.body, bytes) else ready.body
    cells = {"method": ready.method, "url": ready.url, "body": body, "headers": json.dumps(headers)}
    frame = Evidence({name: pd.array([cell], dtype="str") for name, cell in cells.items()})
    sent = {"endpoint": route.endpoint, "params": _masked(params), "requests": 0}
    frame.attrs["coinex"] = {"table": route.name, "venue": session.venue.name, "request": sent, "dry_run": True}
    return frame
