"""What spot and futures orders ask alike: one or many by id, the lists of open and finished ones, their deals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import pandas as pd

from coinex_pandas import gathering
from coinex_pandas.answers import Names, history, names_of, one_name, table
from coinex_pandas.errors import InvalidArgument, NotFound, UnknownMarket
from coinex_pandas.given import whole_id, word
from coinex_pandas.options import Numbers
from coinex_pandas.overlapping import by_overlap
from coinex_pandas.paging import FOREVER, PAGE, Ask, Incomplete, by_keyset
from coinex_pandas.route import route_of
from coinex_pandas.session import Session
from coinex_pandas.times import TimeLike, span
from coinex_pandas.traded import Markets, traded_markets
from coinex_pandas.twins import choice

__all__ = ["Ids", "by_id", "by_ids", "deals", "deals_of_order", "ids_of", "listed"]

Function = Callable[..., pd.DataFrame]
Ids = int | str | Iterable[int | str]
"""One id, or several; several ids in one text are told apart by commas."""

_AT_ONCE = 10  # ids per request: the exchange tells no most, so it is what it takes of markets


def by_id(
    function: Function, market: str, order_id: int | str, *, numbers: Numbers | None, session: Session | None
) -> pd.DataFrame:
    """Return one order; the exchange keeps none that was cancelled without a fill."""
    name, number = one_name(market, "market"), whole_id(order_id, "order_id")
    params = {"market": name, "order_id": number}
    frame = table(function, params, about=name, numbers=numbers, session=session)
    if not len(frame):
        raise NotFound(
            0, f"no order {number} came (code 0)", endpoint=route_of(function).endpoint, about=f"{name}, order {number}"
        )
    return frame


def by_ids(
    function: Function, market: str, order_ids: Ids, *, numbers: Numbers | None, session: Session | None
) -> pd.DataFrame:
    """Return a row for each id, in the order asked; what was not found has a code and a message."""
    name, ids = one_name(market, "market"), ids_of(order_ids, "order_ids")
    parts = [ids[at : at + _AT_ONCE] for at in range(0, len(ids), _AT_ONCE)]

    def pages(ask: Ask) -> Iterator[pd.DataFrame]:
        for at, part in enumerate(parts):
            frame = ask(order_ids=",".join(map(str, part))).frame
            first = at * _AT_ONCE
            yield completed(frame, {"order_id": part}).set_axis(pd.RangeIndex(first, first + len(frame)))

    return history(function, {"market": name}, pages, expected=len(parts), numbers=numbers, session=session)


def pending_params(
    market: str | None, side: str | None, client_id: str | None, common: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what a list of open orders is asked with."""
    name = None if client_id is None else word(client_id, "client_id")
    return finished_params(market, side, common) | {"client_id": name}


def finished_params(market: str | None, side: str | None, common: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a list of finished orders is asked with."""
    needs_market(market, common)
    name = None if market is None else one_name(market, "market")
    return {"market": name, **common, "side": side_of(side)}


def side_of(side: str | None) -> str | None:
    """Return the one side that is asked for, None for both."""
    return None if side is None else str(choice(side, ("buy", "sell"), "side"))


def needs_market(market: str | None, params: Mapping[str, Any]) -> None:
    """Raise where the exchange wants a market: on margin."""
    if market is None and params.get("market_type") == "MARGIN":
        raise InvalidArgument("market: on margin the exchange takes one market at a time; name it")


def listed(
    function: Function,
    params: Mapping[str, Any],
    *,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    numbers: Numbers | None,
    session: Session | None,
) -> pd.DataFrame:
    """Return a list of orders or stop orders whole; its endpoint takes pages only, so times are compared here."""
    return gathering.listed(function, params, limit=PAGE, start=start, end=end, numbers=numbers, session=session)


def deals(
    function: Function,
    market: Names | None,
    params: Mapping[str, Any],
    found: Markets,
    *,
    start: TimeLike | None,
    end: TimeLike | None,
    numbers: Numbers | None,
    session: Session | None,
) -> pd.DataFrame:
    """Return the own deals of markets, or of all where any can have been; the endpoint takes one market at a time."""
    names = names_of(market, "market")
    first, last = span(start, end)
    params = {**params, "side": side_of(params.get("side"))}
    params = {"market": names[0], **params} if names is not None and len(names) == 1 else params

    def pages(ask: Ask) -> Iterator[pd.DataFrame]:
        doubts: list[str] = []
        for name in names if names is not None else traded_markets(found, session, first, last, doubts):
            yield from _deals_in(ask, name, first, last, doubts, was_named=names is not None)
        if doubts:
            raise Incomplete("; ".join(doubts))

    return history(function, params, pages, numbers=numbers, session=session)


def _deals_in(
    ask: Ask, market: str, first: int | None, last: int | None, doubts: list[str], *, was_named: bool
) -> Iterator[pd.DataFrame]:
    """Yield the deals of one market; what leaves them in doubt is noted, so that other markets are read as well."""
    start, end = max(first or 0, gathering.FIRST), FOREVER if last is None else last
    try:
        yield from by_keyset(partial(ask, market=market), start, end, ("market", "deal_id"))
    except Incomplete as reason:
        doubts.append(f"{market}: {reason}")
    except UnknownMarket as fault:
        if was_named:
            raise
        doubts.append(f"{market}, where orders were found, is no longer known ({fault.message or fault.code})")


def deals_of_order(
    function: Function,
    market: str,
    order_id: int | str,
    params: Mapping[str, Any],
    *,
    numbers: Numbers | None,
    session: Session | None,
) -> pd.DataFrame:
    """Return the deals of one order."""
    asked = {"market": one_name(market, "market"), **params, "order_id": whole_id(order_id, "order_id")}
    return history(function, asked, lambda ask: by_overlap(ask, "deal_id"), numbers=numbers, session=session)


def ids_of(values: Ids, parameter: str) -> list[int]:
    """Return ids in the order given, each once.

    Raises
    ------
    InvalidArgument
        There is none, or one is no whole number.
    """
    given = values.split(",") if isinstance(values, str) else values
    items = list(given) if isinstance(given, Iterable) else [given]
    if not items:
        raise InvalidArgument(f"{parameter}: one id or several, not {values!r}")
    return list(dict.fromkeys(whole_id(item, parameter) for item in items))


def completed(frame: pd.DataFrame, known: Mapping[str, list[Any]]) -> pd.DataFrame:
    """Return a batch's frame with what the request knows of each item where the answer does not say it.

    Items are answered in the order of the request; when there are more or fewer, nothing can be told.
    """
    made = frame
    for name, values in known.items():
        if name in frame and len(frame) == len(values):
            said = pd.Series(values, index=frame.index, dtype=frame[name].dtype)
            made = made.assign(**{name: made[name].fillna(said)})
    made.attrs = frame.attrs
    return made
