"""One call of a public function: the requests that it sends, and the frame that it returns, with its ``attrs``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from coinex_pandas.api.calls.arguments import Names, names_of
from coinex_pandas.api.calls.options import numbers_of
from coinex_pandas.api.calls.paging import joined
from coinex_pandas.api.calls.staleness import DEAD, verdict, warn_of
from coinex_pandas.errors import IncompleteWarning, UnexpectedBody, UnknownMarket
from coinex_pandas.errors.quoting import shown
from coinex_pandas.errors.warn import warn
from coinex_pandas.http.route import Route, route_of
from coinex_pandas.http.session import Session, current
from coinex_pandas.tables.decoding import Page
from coinex_pandas.tables.kinds import Numbers
from coinex_pandas.tables.row import Row

__all__ = ["Call", "listing", "table"]


_MOST_NAMES = 10  # per request, by the exchange's documentation


class Call:
    """One call of a public function: its endpoint, how numbers come back, the session, and what has come so far.

    Parameters
    ----------
    function : callable
        The public function.
    numbers, session
        As in every public function.

    Attributes
    ----------
    route : Route
        The endpoint, and the table that it answers.
    params : dict
        What every request carries.
    about : str
        The market or currency, for errors.
    more : dict
        What the function adds to the frame's ``attrs["coinex"]``.
    requests, nulls : int
        How many requests were sent, and how many of them were answered with null instead of rows.
    """

    def __init__(
        self, function: Callable[..., pd.DataFrame], numbers: Numbers | None = None, session: Session | None = None
    ) -> None:
        self.route: Route = route_of(function)
        self.numbers = numbers_of(numbers)
        self.session = current(session)
        self.params: dict[str, Any] = {}
        self.about = ""
        self.more: dict[str, Any] = {}
        self.requests = self.nulls = 0
        self._last: Page | None = None

    def set_params(self, params: Mapping[str, Any], about: str = "") -> None:
        """Set what every request carries, without entries of None; errors name its market or currency, or ``about``."""
        self.params = {name: value for name, value in params.items() if value is not None}
        self.about = about or str(params.get("market") or params.get("ccy") or "")

    def ask_once(self, params: Mapping[str, Any], about: str = "") -> Page:
        """Send the only request of a call."""
        self.set_params(params, about)
        return self.ask()

    def ask(self, about: str = "", /, **more: Any) -> Page:
        """Send one request, and count it."""
        self.requests += 1
        subject = about or self.about or str(more.get("market") or more.get("ccy") or "")
        self._last = self.session.page(self.route, {**self.params, **more}, self.numbers, subject)
        self.nulls += self._last.is_null
        return self._last

    def frame(self, frames: Sequence[pd.DataFrame], *, cut: str = "", quiet: bool = False) -> pd.DataFrame:
        """Return the rows as one frame with its ``attrs``, and warn of what a reader must know."""
        frame = joined(frames, self.route.row.key, self.route.row.order)
        attrs = frame.attrs["coinex"] = self._attrs(frame, cut or self.doubt())
        if cut and not quiet:
            warn(f"{self.route.name}: not whole: {cut}", IncompleteWarning)
        freshness = attrs["freshness"]
        if freshness is not None and freshness["state"] in DEAD and not quiet:
            warn_of(self.route.name, self.session.venue.name, freshness)
        return frame

    def doubt(self) -> str:
        """Return what null answers leave in doubt: they mean "nothing", but a fault looks the same."""
        if not self.nulls:
            return ""
        return f"{self.nulls} of {self.requests} requests were answered with null instead of rows, also when sent again"

    def _attrs(self, frame: pd.DataFrame, cut: str) -> dict[str, Any]:
        last = self._last
        at = last.at if last is not None and last.at is not None else pd.Timestamp.now("UTC").floor("ms")
        attrs: dict[str, Any] = {
            "table": self.route.name,
            "venue": self.session.venue.name,
            "request": {"endpoint": self.route.endpoint, "params": self.params, "requests": self.requests},
            "fetched_at": at.isoformat(),
            "complete": not cut,
            "freshness": verdict(self.route.name, frame, at, whole="market" not in self.params),
        }
        if cut:
            attrs["incomplete"] = cut
        beside = {} if last is None else _without_keys(dict(last.attrs))
        return attrs | beside | self.more


def table(
    call: Call, params: Mapping[str, Any] = MappingProxyType({}), *, about: str = "", row: type[Row] | None = None
) -> pd.DataFrame:
    """Return the one answer of a function's endpoint, as its own table or as that of another ``row``."""
    if row is not None:
        call.route = replace(call.route, row=row)
    return call.frame([call.ask_once(params, about).frame])


def listing(call: Call, market: Names | None) -> pd.DataFrame:
    """Return the rows of some markets in their order, or of all; more than ten names take several requests."""
    names = names_of(market, "market")
    if names is None:
        return table(call)
    call.set_params({"market": names}, ", ".join(names))
    parts = [names[at : at + _MOST_NAMES] for at in range(0, len(names), _MOST_NAMES)]
    frames = [call.ask(_one_of(part), market=",".join(part)).frame for part in parts]
    if call.nulls:
        raise UnexpectedBody(
            f"null instead of the rows of {', '.join(names)}", endpoint=call.route.endpoint, body=b"null"
        )
    return call.frame([_in_order(joined(frames, ()), names, call.route)])


def _without_keys(value: Any) -> Any:
    """Return what stands beside the rows of a reply, keys masked: a peer may echo what it was sent."""
    if isinstance(value, dict):
        return {_without_keys(name): _without_keys(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without_keys(inner) for inner in value]
    return shown(value) if isinstance(value, str) else value


def _one_of(names: Sequence[str]) -> str:
    """Return names as errors show them: when the exchange refuses several, it does not say which of them it means."""
    return names[0] if len(names) == 1 else f"one of {', '.join(names)}"


def _in_order(frame: pd.DataFrame, names: Sequence[str], route: Route) -> pd.DataFrame:
    """Return the rows in the order of the names; every name must be there."""
    label = route.row.index_names()[0]
    labels = frame.index.get_level_values(label)
    if absent := [name for name in names if name not in set(labels)]:
        raise UnknownMarket(0, "the answer (code 0) leaves it out", endpoint=route.endpoint, about=", ".join(absent))
    place = {name: at for at, name in enumerate(names)}
    return frame.iloc[np.argsort([place[name] for name in labels], kind="stable")]
