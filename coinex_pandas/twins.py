"""What spot and futures ask alike: the order book, the latest deals, candles."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from numbers import Integral
from typing import Any

import pandas as pd

from coinex_pandas.answers import history, one_name, table
from coinex_pandas.errors import InvalidArgument
from coinex_pandas.options import Numbers
from coinex_pandas.paging import BEGINNING, PAGE, Ask, by_windows, made_at, stamps, within
from coinex_pandas.session import Session
from coinex_pandas.times import PERIODS, TimeLike, period_name, span

__all__ = ["book", "book_shape", "candles", "choice", "latest_deals", "whole"]

Function = Callable[..., pd.DataFrame]

_MANY = 5  # windows of candles from which it pays to ask first what time it is there
BOOK_LIMITS = (5, 10, 20, 50)
BOOK_INTERVALS = ("0", *(format(Decimal(10) ** power, "f") for power in range(-12, 4)))


def book(
    function: Function,
    market: str,
    *,
    limit: int,
    interval: str | float,
    numbers: Numbers | None,
    session: Session | None,
) -> pd.DataFrame:
    """Return an order book; the exchange acknowledges odd limits and then answers as it likes, so they stop here."""
    name = one_name(market, "market")
    levels, step = book_shape(limit, interval)
    params = {"market": name, "limit": levels, "interval": step}
    return table(function, params, about=name, numbers=numbers, session=session)


def book_shape(limit: int, interval: str | float) -> tuple[int, str]:
    """Return levels and price step of a book as the exchange takes them."""
    return choice(limit, BOOK_LIMITS, "limit"), _interval(interval)


def _interval(interval: str | float) -> str:
    try:
        text = format(Decimal(str(interval)).normalize(), "f")
    except InvalidOperation:
        text = ""
    if text not in BOOK_INTERVALS:
        raise InvalidArgument(f"interval is one of {', '.join(BOOK_INTERVALS)}, not {interval!r}")
    return text


def latest_deals(
    function: Function,
    market: str,
    *,
    limit: int | None,
    last_id: int | None,
    numbers: Numbers | None,
    session: Session | None,
) -> pd.DataFrame:
    """Return the latest deals of a market."""
    name = one_name(market, "market")
    params = {"market": name, "limit": _whole(limit, "limit", most=PAGE), "last_id": _whole(last_id, "last_id")}
    return table(function, params, about=name, numbers=numbers, session=session)


def candles(
    function: Function,
    market: str,
    period: str | dt.timedelta,
    *,
    price_type: str | None,
    start: TimeLike | None,
    end: TimeLike | None,
    limit: int | None,
    numbers: Numbers | None,
    session: Session | None,
) -> pd.DataFrame:
    """Return candles: all of ``[start, end)``, or the newest ``limit`` before ``end``."""
    name, known = one_name(market, "market"), period_name(period)
    first, last = span(start, end)
    most = _whole(limit, "limit") or (PAGE if first is None else None)
    params = {"market": name, "period": known, "price_type": price_type}
    window = PERIODS[known] * (PAGE - 2)
    expected = None if first is None or last is None else -(-(last - first) // window)

    def pages(ask: Ask) -> Iterator[pd.DataFrame]:
        until = last
        if expected is not None and expected > _MANY:  # "until 2100" must not be walked window by window
            until = min(last or 0, made_at(ask(limit=1)) + PERIODS[known])
        return _newest(_all_candles(ask, first, until, PERIODS[known], most), most)

    return history(function, params, pages, expected=expected, numbers=numbers, session=session)


def _all_candles(ask: Ask, start: int | None, end: int | None, step: int, most: int | None) -> Iterator[pd.DataFrame]:
    """Yield candles, newest first; an open end begins with the exchange's own newest, not with this machine's clock."""
    lower = BEGINNING if start is None else start
    if end is None:
        asked = min(PAGE, most or PAGE)
        newest = ask(limit=asked).frame
        yield within(newest, lower, int(stamps(newest)[-1]) + 1) if len(newest) else newest
        if len(newest) < asked:  # there are no more
            return
        end = int(stamps(newest)[0])
    yield from by_windows(ask, lower, end, step)


def _newest(frames: Iterator[pd.DataFrame], most: int | None) -> Iterator[pd.DataFrame]:
    left = most
    for frame in frames:
        if left is None:
            yield frame
            continue
        yield frame.iloc[-left:]
        left -= min(left, len(frame))
        if not left:
            return


def choice(value: Any, choices: tuple[Any, ...], parameter: str) -> Any:
    """Return the one of the choices that a value is; of words it does not matter in which case they are written.

    Raises
    ------
    InvalidArgument
        It is none of them; the text names the parameter.
    """
    asked = value.casefold() if isinstance(value, str) else value
    known = [word.casefold() if isinstance(word, str) else word for word in choices]
    if asked not in known or isinstance(value, (bool, float)):
        raise InvalidArgument(f"{parameter} is one of {', '.join(map(str, choices))}, not {value!r}")
    return choices[known.index(asked)]


def whole(number: Any, parameter: str, *, most: int | None = None) -> int:
    """Return a whole number from 1 on; a float is none."""
    found = int(number) if isinstance(number, Integral) and not isinstance(number, bool) else 0
    if not 1 <= found <= (most or found):
        raise InvalidArgument(f"{parameter} is a whole number from 1{f' to {most}' if most else ' on'}, not {number!r}")
    return found


def _whole(number: int | None, parameter: str, *, most: int | None = None) -> int | None:
    return None if number is None else whole(number, parameter, most=most)
