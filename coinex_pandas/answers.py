"""What a public function returns: one answer, a listing of markets, or a whole history, each with its ``attrs``."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from coinex_pandas.errors import CoinExError, IncompleteWarning, InvalidArgument, UnexpectedBody, UnknownMarket
from coinex_pandas.freshness import DEAD, verdict, warn_of
from coinex_pandas.notices import warn
from coinex_pandas.options import Numbers, chosen_numbers, options
from coinex_pandas.paging import Ask, Incomplete, joined
from coinex_pandas.reading import Page
from coinex_pandas.route import Route, route_of
from coinex_pandas.row import Row
from coinex_pandas.session import Session, current

__all__ = ["Names", "Request", "history", "listing", "names_of", "one_name", "table"]

Names = str | Iterable[str]
"""One name, or several; several names in one text are told apart by commas."""

_AT_ONCE = 10  # names per request, by the exchange's documentation
_FEW, _SOON = 5, 2.0  # requests of a history, and seconds, that pass without a progress bar


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


def history(
    function: Callable[..., pd.DataFrame],
    params: Mapping[str, Any],
    pages: Callable[[Ask], Iterator[pd.DataFrame]],
    *,
    expected: int | None = None,
    cut: str = "",
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return a history as one frame.

    Parameters
    ----------
    function : callable
        The public function.
    params : mapping
        What every request carries; ``market`` or ``ccy`` is named in errors.
    pages : callable
        One of the rules of ``paging.py``, given the way to ask.
    expected : int, optional
        How many requests it will take, where that is known; for the progress bar.
    cut : str, default ""
        Why the answer cannot be whole, where that is known beforehand.
    numbers, session
        As in every public function.

    Raises
    ------
    CoinExError
        What stopped it; its ``partial`` holds the rows that were read before.
    """
    about = str(params.get("market") or params.get("ccy") or "")
    request = Request(function, params, about, numbers, session)
    frames: list[pd.DataFrame] = []
    try:
        with _Progress(request, expected) as ask:
            frames.extend(pages(ask))
    except Incomplete as reason:
        cut = cut or str(reason)
    except (CoinExError, KeyboardInterrupt) as error:
        if frames:
            partial = request.finished(frames, cut=f"stopped by {type(error).__name__}", quiet=True)
            vars(error)["partial"] = partial
            error.add_note(f"{len(partial)} rows were read before it: see the error's .partial")
        raise
    return request.finished(frames or [request.route.row.empty(request.numbers)], cut=cut or request._null())


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


class _Progress:
    """Counts a history's requests, and shows a bar once they are more than a few."""

    def __init__(self, request: Request, expected: int | None) -> None:
        self._request, self._expected, self._bar = request, expected, None
        self._began = time.monotonic()

    def __enter__(self) -> Ask:
        return self._ask

    def __exit__(self, *details: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def _ask(self, **params: int | str | None) -> Page:
        page = self._request.ask("", **params)
        if self._bar is None and self._wanted():
            self._bar = _bar(
                f"{self._request.route.name} {self._request.about}", self._expected, self._request.sent - 1
            )
        if self._bar is not None:
            self._bar.update()
        return page

    def _wanted(self) -> bool:
        if options.progress is None and threading.current_thread() is not threading.main_thread():
            return False  # nobody waits for it: a stream catches up
        if options.progress is None:
            return self._request.sent > _FEW and time.monotonic() - self._began > _SOON
        return options.progress


def _bar(title: str, expected: int | None, done: int) -> Any:
    import warnings

    from tqdm import TqdmWarning

    with warnings.catch_warnings():
        # In a notebook without ipywidgets tqdm falls back to text and warns of it; the text is good enough.
        warnings.simplefilter("ignore", TqdmWarning)
        from tqdm.auto import tqdm

        return tqdm(desc=title, total=expected, initial=done, unit="page", leave=False)


def names_of(names: Names | None, parameter: str) -> list[str] | None:
    """Return names as the exchange spells them, each once; None for all.

    Raises
    ------
    InvalidArgument
        There is none, or one is no text: an empty list would ask the exchange for everything.
    """
    if names is None:
        return None
    given = names.split(",") if isinstance(names, str) else list(names) if isinstance(names, Iterable) else []
    if not given or not all(isinstance(name, str) and name.strip() for name in given):
        raise InvalidArgument(f"{parameter}: one name, several, or None for all, not {names!r}")
    return list(dict.fromkeys(name.strip().upper() for name in given))


def one_name(name: str, parameter: str) -> str:
    """Return the one name that an endpoint takes, as the exchange spells it."""
    names = names_of(name, parameter)
    if names is None or len(names) != 1:
        raise InvalidArgument(f"{parameter}: the exchange takes one name here, not {name!r}")
    return names[0]


def _in_order(frame: pd.DataFrame, names: Sequence[str], route: Route) -> pd.DataFrame:
    """Return the rows in the order of the names; every name must be there."""
    label = route.row.index_names()[0]
    found = frame.index.get_level_values(label)
    lost = [name for name in names if name not in set(found)]
    if lost:
        raise UnknownMarket(0, "the answer (code 0) leaves it out", endpoint=route.endpoint, about=", ".join(lost))
    place = {name: at for at, name in enumerate(names)}
    return frame.iloc[np.argsort([place[name] for name in found], kind="stable")]
