"""A frame's cells as exact texts: nothing is rounded, and no number becomes a float of the browser."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

MOST_COLUMNS = 9  # what fits beside each other in a notebook; `.df` has them all

# The column that is drawn and marked up or down: the first of these that a table has.
PRICES = ("price", "last", "mark_price", "index_price", "best_bid_price")
MAIN_COLUMNS = (*PRICES, "premium_index", "latest_funding_rate")


class Column(NamedTuple):
    """The head of a column, and whether it is aligned as numbers are."""

    name: str
    number: bool


Row = tuple[str, ...]
"""One row of texts."""


def columns(frame: pd.DataFrame) -> list[Column]:
    """Return the columns that are shown: the index, then the frame's own, the time of arrival last."""
    names = [str(name) for name in frame.index.names if name is not None]
    names += sorted((str(name) for name in frame.columns), key="received_at".__eq__)
    return [Column(name, _is_number(_values(frame, name))) for name in names[:MOST_COLUMNS]]


def rows(frame: pd.DataFrame, shown: list[Column]) -> list[Row]:
    """Return the rows as texts, in the frame's order."""
    return list(zip(*(_texts(_values(frame, column.name)) for column in shown), strict=True))


def exact(value: object) -> str:
    """Return the shortest text of exactly this number, without an exponent; nothing for a missing value."""
    if isinstance(value, float):
        return _exact_float(value)
    if isinstance(value, Decimal):
        return f"{value:f}" if value.is_finite() else ""
    return "" if value is None or value is pd.NA or value is pd.NaT else str(value)


def main_column(frame: pd.DataFrame) -> str | None:
    """Return the column that is drawn and marked: the price, or the first column of decimals."""
    named = [name for name in MAIN_COLUMNS if name in frame.columns]
    floats = [str(name) for name in frame.columns if frame[name].dtype.kind == "f"]
    return next(iter(named + floats), None)


def marks(frame: pd.DataFrame) -> str:
    """Return for each row whether its price is above (+) or below (-) the price before it of the same market."""
    name = main_column(frame)
    if name is None or frame.empty:
        return " " * len(frame)
    price = prices(frame, name)
    markets = frame["market"].to_numpy() if "market" in frame else np.zeros(len(frame))
    if price.hasnans:
        price = price.groupby(markets, observed=True).ffill()
    change = price.groupby(markets, observed=True).diff()
    return "".join(np.select([change.to_numpy() > 0, change.to_numpy() < 0], ["+", "-"], " ").tolist())


def prices(frame: pd.DataFrame, name: str) -> pd.Series[float]:
    """Return a column as floats, numbered from 0, whatever form its numbers have; a price of 0 is missing."""
    numbers = pd.to_numeric(pd.Series(frame[name].array), errors="coerce").astype("float64")
    # A market order has no price of its own: the exchange writes 0, which nothing was ever traded at.
    return numbers.where(numbers != 0) if name in PRICES else numbers


def padded(texts: list[str], markets: list[str]) -> list[str]:
    """Return a column filled with zeros, each market to its most decimals, so that the points are in line."""
    most: dict[str, int] = {}
    for text, market in zip(texts, markets, strict=True):
        most[market] = max(most.get(market, 0), decimals(text))
    return [pad(text, most[market]) for text, market in zip(texts, markets, strict=True)]


def decimals(text: str) -> int:
    """Return how many digits are after the point."""
    return len(text.partition(".")[2])


def pad(text: str, places: int) -> str:
    """Return one number filled with zeros; what is no number stays."""
    if not text or not places or not text[-1].isdigit():
        return text
    return text + ("" if "." in text else ".") + "0" * (places - decimals(text))


def _exact_float(value: float) -> str:
    text = repr(value)
    if "n" in text:  # nan and inf are no numbers of the exchange
        return ""
    return np.format_float_positional(value, trim="-") if "e" in text else text.removesuffix(".0")


def _values(frame: pd.DataFrame, name: str) -> pd.Series[Any]:
    values = frame[name] if name in frame.columns else frame.index.get_level_values(name)
    return pd.Series(values.array)


def _is_number(values: pd.Series[Any]) -> bool:
    if values.dtype.kind in "iuf":
        return True
    return values.dtype == object and bool(len(values)) and isinstance(values.iloc[0], Decimal)


def _texts(values: pd.Series[Any]) -> list[str]:
    if values.dtype.kind == "M":
        return _times(values)
    return [exact(value) for value in values.tolist()]


def _times(values: pd.Series[Any]) -> list[str]:
    """Return the time of day in UTC; the day is in `.df`."""
    # numpy holds UTC whatever the zone, and a naive time is UTC in this package
    written = np.datetime_as_string(pd.DatetimeIndex(values).as_unit("ms").to_numpy(dtype="datetime64[ms]"), unit="ms")
    return ["" if text == "NaT" else text[11:] for text in written.tolist()]
