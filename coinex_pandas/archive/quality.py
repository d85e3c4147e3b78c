"""``cx.quality``: what is odd about a frame, or about all tables of an archive, each with its place and its count."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from coinex_pandas.api.endpoints import ROUTES
from coinex_pandas.errors import InvalidArgument
from coinex_pandas.errors.quoting import short_repr
from coinex_pandas.tables.kinds import NumberKind, TimeKind
from coinex_pandas.tables.times import PERIODS

if TYPE_CHECKING:
    from coinex_pandas.archive.reader.archive import Archive

__all__ = ["quality"]

_COLUMNS = {
    "table": "str",
    "check": "str",
    "market": "str",
    "place": "datetime64[ms, UTC]",
    "count": "Int64",
    "detail": "str",
}
_FROZEN = 24  # candles with the same close and no volume; a quiet market has some, a dead one has no others
_PRICES = ("open", "high", "low", "close", "last", "price", "mark_price", "index_price")


class _Finding(NamedTuple):
    """Something odd."""

    check: str
    market: str | None
    place: Any
    rows: int
    detail: str


def quality(data: pd.DataFrame | Archive) -> pd.DataFrame:
    """Return what is odd about a frame, or about the tables of an archive; nothing odd gives an empty frame.

    Parameters
    ----------
    data : DataFrame or Archive
        A frame that a function of ``cx`` returned, or an archive that was opened.

    Returns
    -------
    DataFrame
        A row per finding: ``table``; ``check`` (duplicates, order, gap, price, candle, crossed, frozen); ``market``;
        ``place`` (datetime64[ms, UTC], the first of the rows; NaT where they have no time); ``count`` (Int64, how many
        rows, or how many are missing); and ``detail``.

    Raises
    ------
    InvalidArgument
        It is neither, or nothing says of which table the frame is.

    Examples
    --------
    >>> candles = cx.spot_klines("BTCUSDT", "1hour", limit=100)
    >>> cx.quality(candles).empty
    True
    >>> cx.quality(candles.drop(candles.index[40:43]))[["check", "place", "count"]]
      check                     place  count
    0   gap 2026-05-30 01:00:00+00:00      3
    """
    if isinstance(data, pd.DataFrame):
        name = _table_of(data)
        return _frame([(name, finding) for finding in _findings(name, data)])
    if not callable(getattr(data, "table", None)):
        raise InvalidArgument(f"quality is of a DataFrame or an archive, not of {short_repr(data)}")
    return _frame([(name, each) for name in data.tables for each in _findings(name, data.table(name))])


def _table_of(frame: pd.DataFrame) -> str:
    notes = frame.attrs.get("coinex", {})
    if notes.get("table") not in ROUTES:
        raise InvalidArgument("nothing says of which table the frame is: it has no attrs of a function of cx")
    return str(notes["table"])


def _frame(findings: list[tuple[str, _Finding]]) -> pd.DataFrame:
    rows = [(name, *finding) for name, finding in findings]
    frame = pd.DataFrame(rows, columns=list(_COLUMNS))
    frame["place"] = pd.to_datetime(frame["place"], utc=True).dt.as_unit("ms")
    frame = frame.astype(_COLUMNS)
    frame.attrs["coinex"] = {"table": "quality"}
    return frame


def _findings(name: str, frame: pd.DataFrame) -> Iterator[_Finding]:
    """Yield the findings of a table, series by series."""
    rows = frame.reset_index() if any(frame.index.names) else frame
    for market, series in _series(rows):
        step = _step(name, frame, series)
        for check in _CHECKS:
            yield from check(name, market, series, step)


def _series(rows: pd.DataFrame) -> Iterator[tuple[str | None, pd.DataFrame]]:
    """Yield the rows of each market, and of each period and price where a table holds several."""
    names = [each for each in ("market", "ccy", "period", "price_type") if each in rows]
    if not names:
        yield None, rows
        return
    for labels, series in rows.groupby(names, observed=True, dropna=False, sort=False):
        yield str(labels[0]) if isinstance(labels, tuple) else str(labels), series


def _step(name: str, frame: pd.DataFrame, series: pd.DataFrame) -> int | None:
    """Return the milliseconds between two rows of a regular series, None for an irregular one."""
    if not name.endswith("_klines"):
        return None
    request = frame.attrs.get("coinex", {}).get("request", {})
    period = request.get("params", {}).get("period")
    if "period" in series and len(series):
        period = str(series["period"].iloc[0])
    return PERIODS.get(str(period))


def _time_name(name: str, series: pd.DataFrame) -> str | None:
    """Return the column of time that a table's rows are in the order of."""
    row = ROUTES[name].row
    times = {column.name for column in row.columns() if isinstance(column.kind, TimeKind)}
    return next((each for each in (*row.order, *row.index_names()) if each in times and each in series), None)


def _places(name: str, series: pd.DataFrame) -> Any:
    """Return the time of each row; NaT where the table has none."""
    column = _time_name(name, series)
    if column is None:
        return pd.Series(pd.NaT, index=series.index, dtype="datetime64[ms, UTC]")
    return series[column]


def _first(places: Any, odd: Any) -> Any:
    return places[odd].iloc[0]


def _duplicates(name: str, market: str | None, series: pd.DataFrame, _step: int | None) -> Iterator[_Finding]:
    """Yield keys that come twice; an archive's snapshots hold one of each capture."""
    key = [each for each in ROUTES[name].row.key if each in series]
    if key and _time_name(name, series) is not None:
        odd = series.duplicated(key)
        if odd.any():
            yield _Finding(
                "duplicates", market, _first(_places(name, series), odd), int(odd.sum()), f"equal {', '.join(key)}"
            )


def _order(name: str, market: str | None, series: pd.DataFrame, _step: int | None) -> Iterator[_Finding]:
    """Yield times that fall, in a history."""
    if not name.endswith("_deals") and "start" not in inspect.signature(ROUTES[name].function).parameters:
        return
    places = _places(name, series)
    odd = places.diff() < pd.Timedelta(0)
    if odd.any():
        yield _Finding("order", market, _first(places, odd), int(odd.sum()), "earlier than the row before")


def _gaps(name: str, market: str | None, series: pd.DataFrame, step: int | None) -> Iterator[_Finding]:
    """Yield each hole in a regular series: where it begins, and how many rows are missing."""
    if step is None or len(series) < 2:
        return
    places = _places(name, series).sort_values()
    widths = places.diff() // pd.Timedelta(step, "ms")
    for at in np.flatnonzero((widths > 1).fillna(False).to_numpy()):
        begin = places.iloc[at - 1] + pd.Timedelta(step, "ms")
        yield _Finding("gap", market, begin, int(widths.iloc[at]) - 1, f"rows are missing up to {places.iloc[at]}")


def _prices(name: str, market: str | None, series: pd.DataFrame, _step: int | None) -> Iterator[_Finding]:
    """Yield prices of 0 or below, and those that are missing where a row must have one."""
    if ROUTES[name].signed:  # 0 stands for none there
        return
    declared = {column.name for column in ROUTES[name].row.columns() if isinstance(column.kind, NumberKind)}
    for column in [each for each in _PRICES if each in declared and each in series]:
        values = pd.to_numeric(series[column], errors="coerce").astype("float64")
        for odd, detail in ((values <= 0, f"{column} is not above 0"), (values.isna(), f"{column} is missing")):
            if odd.any() and (name.endswith("_klines") or "not above" in detail):
                yield _Finding("price", market, _first(_places(name, series), odd), int(odd.sum()), detail)


def _candles(name: str, market: str | None, series: pd.DataFrame, _step: int | None) -> Iterator[_Finding]:
    """Yield candles whose high and low do not hold their open and close."""
    if not name.endswith("_klines"):
        return
    opens, highs, lows, closes = (series[each].astype("float64") for each in ("open", "high", "low", "close"))
    odd = (highs < np.maximum(opens, closes)) | (lows > np.minimum(opens, closes))
    if odd.any():
        detail = "high and low do not hold open and close"
        yield _Finding("candle", market, _first(_places(name, series), odd), int(odd.sum()), detail)


def _frozen(name: str, market: str | None, series: pd.DataFrame, _step: int | None) -> Iterator[_Finding]:
    """Yield long stretches of candles with one close and no volume."""
    if not name.endswith("_klines"):
        return
    closes, volumes = series["close"].astype("float64"), series["volume"].astype("float64")
    still = (closes == closes.shift()) & (volumes == 0)
    stretches = (~still).cumsum()
    for _, stretch in series[still].groupby(stretches[still]):
        if len(stretch) >= _FROZEN:
            place = _places(name, stretch).iloc[0]
            yield _Finding("frozen", market, place, len(stretch), "one close, no volume")


def _crossed(name: str, market: str | None, series: pd.DataFrame, _step: int | None) -> Iterator[_Finding]:
    """Yield a book whose best bid is at or above its best ask."""
    if not name.endswith("_depth") or not {"side", "price"} <= set(series):
        return
    prices = series["price"].astype("float64")
    bids, asks = prices[series["side"] == "bid"], prices[series["side"] == "ask"]
    if len(bids) and len(asks) and bids.max() >= asks.min():
        yield _Finding("crossed", market, pd.NaT, 1, f"bid {bids.max():g} at or above ask {asks.min():g}")


_Check = Callable[[str, str | None, pd.DataFrame, int | None], Iterator[_Finding]]
_CHECKS: tuple[_Check, ...] = (_duplicates, _order, _gaps, _prices, _candles, _frozen, _crossed)
