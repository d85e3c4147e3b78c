"""What a public function returns: one answer, a listing of markets, or a whole history, each with its ``attrs``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from coinex_pandas.api.calls.arguments import Names, names_of
from coinex_pandas.api.calls.options import chosen_numbers
from coinex_pandas.api.calls.paging import joined
from coinex_pandas.api.calls.staleness import DEAD, verdict, warn_of
from coinex_pandas.errors import IncompleteWarning, UnexpectedBody, UnknownMarket
from coinex_pandas.errors.warn import warn
from coinex_pandas.http.route import Route, route_of
from coinex_pandas.http.session import Session, current
from coinex_pandas.tables.decoding import Page
from coinex_pandas.tables.kinds import Numbers
from coinex_pandas.tables.row import Row

__all__ = ["Request", "listing", "table"]


_AT_ONCE = 10  # names per request, by the exchange's documentation


def table(
    function: Callable[..., pd.DataFrame],
    params: Mapping[str, Any],
    *,
    about: str = "",
    row: type[Row] | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the one answer of a function's endpoint, as its own table or as another ``row`` that was asked for."""
    request = Request(function, params, about, numbers, session)
    if row is not None:
        request.route = replace(request.route, row=row)
    return request.finished([request.ask().frame])


def listing(
    function: Callable[..., pd.DataFrame],
    market: Names | None,
    *,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the rows of some markets in the order asked, or of all; more than ten names take several requests."""
    names = names_of(market, "market")
    if names is None:
        return table(function, {}, numbers=numbers, session=session)
    request = Request(function, {"market": names}, ", ".join(names), numbers, session)
    parts = [names[at : at + _AT_ONCE] for at in range(0, len(names), _AT_ONCE)]
    frames = [request.ask(about=_one_of(part), market=",".join(part)).frame for part in parts]
    if request.nulls:
        endpoint = request.route.endpoint
        raise UnexpectedBody(f"null instead of the rows of {', '.join(names)}", endpoint=endpoint, body=b"null")
    return request.finished([_in_order(joined(frames, ()), names, request.route)])


def _one_of(names: Sequence[str]) -> str:
    """Return names as an error shall tell them: a refusal of several does not say which it means."""
    return names[0] if len(names) == 1 else f"one of {', '.join(names)}"


class Request:
    """One call of a public function: what it sends, and what its frame says of it."""

    def __init__(
        self,
        function: Callable[..., pd.DataFrame],
        params: Mapping[str, Any],
        about: str,
        numbers: Numbers | None,
        session: Session | None,
    ) -> None:
        self.route: Route = route_of(function)
        self.params = {name: value for name, value in params.items() if value is not None}
        self.about = about
        self.numbers = chosen_numbers(numbers)
        self.session = current(session)
        self.sent = 0
        self.nulls = 0
        self.last: Page | None = None

    def ask(self, about: str = "", **more: Any) -> Page:
        """Send one request, and remember that it was sent."""
        self.sent += 1
        subject = about or self.about or str(more.get("market") or more.get("ccy") or "")
        self.last = self.session.page(self.route, {**self.params, **more}, self.numbers, subject)
        self.nulls += self.last.is_null
        return self.last

    def finished(self, frames: Sequence[pd.DataFrame], *, cut: str = "", quiet: bool = False) -> pd.DataFrame:
        """Return the frame with its ``attrs``, and warn of what a reader must know."""
        frame = joined(frames, self.route.row.key, self.route.row.order)
        told = self._told(frame, cut or self._null())
        frame.attrs["coinex"] = told
        if cut and not quiet:
            warn(f"{self.route.name}: not whole: {cut}", IncompleteWarning)
        if told["freshness"] is not None and told["freshness"]["state"] in DEAD and not quiet:
            warn_of(self.route.name, self.session.venue.name, told["freshness"])
        return frame

    def _null(self) -> str:
        """Return what null answers leave in doubt: they stand for "nothing", and are also what a fault looks like."""
        if not self.nulls:
            return ""
        return f"{self.nulls} of {self.sent} requests were answered with null instead of rows, also when asked again"

    def _told(self, frame: pd.DataFrame, cut: str) -> dict[str, Any]:
        at = self.last.at if self.last is not None and self.last.at is not None else pd.Timestamp.now("UTC").floor("ms")
        told: dict[str, Any] = {
            "table": self.route.name,
            "venue": self.session.venue.name,
            "request": {"endpoint": self.route.endpoint, "params": self.params, "requests": self.sent},
            "fetched_at": at.isoformat(),
            "complete": not cut,
            "freshness": verdict(self.route.name, frame, at, whole="market" not in self.params),
        }
        if cut:
            told["incomplete"] = cut
        return told | dict(self.last.told if self.last is not None else {})


def _in_order(frame: pd.DataFrame, names: Sequence[str], route: Route) -> pd.DataFrame:
    """Return the rows in the order of the names; every name must be there."""
    label = route.row.index_names()[0]
    found = frame.index.get_level_values(label)
    lost = [name for name in names if name not in set(found)]
    if lost:
        raise UnknownMarket(0, "the answer (code 0) leaves it out", endpoint=route.endpoint, about=", ".join(lost))
    place = {name: at for at, name in enumerate(names)}
    return frame.iloc[np.argsort([place[name] for name in found], kind="stable")]
