"""``cx.quality``: what is odd about a table, or about the tables of an archive, each with its place and count."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

import pandas as pd

from coinex_pandas.api.endpoints import ROUTES
from coinex_pandas.archive.collection.plan import is_history
from coinex_pandas.archive.quality.candles import bounds, compare_with_deals, frozen, overlaps
from coinex_pandas.archive.quality.findings import Finding, Series, findings_frame, series_of
from coinex_pandas.archive.quality.rhythm import gaps
from coinex_pandas.archive.quality.rows import crossed, disordered, duplicates, impossible, missing
from coinex_pandas.errors import InvalidArgument
from coinex_pandas.errors.quoting import short_repr
from coinex_pandas.live.channel import CHANNELS
from coinex_pandas.tables.row import Row

__all__ = ["quality"]

_OF_ROWS = (duplicates, disordered, missing, impossible, crossed, gaps)


class _Archive(Protocol):
    """What is needed of an archive."""

    @property
    def tables(self) -> Collection[str]: ...

    def table(self, name: str) -> pd.DataFrame: ...

    def coverage(self) -> pd.DataFrame: ...


def quality(
    data: pd.DataFrame | _Archive, *, table: str | None = None, still: str | pd.Timedelta = "1D"
) -> pd.DataFrame:
    """Return what is odd about a table, or about the tables of an archive; nothing odd gives an empty table.

    Only what contradicts itself is a finding: that the next candle opens far from the last close is none, nor that
    nothing was traded for some hours.

    Parameters
    ----------
    data : DataFrame or Archive
        A table of one of the functions, a stream's ``df``, or an archive that was opened: all of its tables, and
        candles together with the deals in them.
    table : str, optional
        The function or stream that a frame is from; None for what its ``attrs`` say. For frames that lost them, as
        ``pd.concat`` makes them.
    still : str or Timedelta, default "1D"
        How long a price may stand still without a trade. Where of the other candles not one in ten stands still, 24
        are odd already.

    Returns
    -------
    DataFrame
        A row per finding, none where nothing is odd; columns

        - ``table``, ``check`` and ``market``;
        - ``place`` (datetime64[ms, UTC], NaT where rows have no time) and ``row`` (Int64, counted from 0): the first
          row it concerns; of a gap the first time that is missing, and the row behind it;
        - ``count`` (Int64): how many rows in a row it concerns, or are missing;
        - ``detail``: what it is, in words.

        ``attrs["coinex"]["verdict"]`` says it in one line. The checks:

        - of all tables: ``duplicates`` (a key that a row before has), ``order`` (older than the row before),
          ``missing`` (no value where there always is one);
        - of prices: ``price`` (missing, or not above 0), ``amount`` (below 0), ``crossed`` (bid not below ask),
          ``levels`` (of a book, not in order);
        - of histories: ``gap`` and ``rhythm``, against a candle's period, the interval of funding, and the step of
          premium and basis;
        - of candles: ``candle`` (high and low do not enclose open and close), ``value`` (volume and value are
          exchanged, as in an answer of 2024), ``frozen`` (no trade and one price for long), ``periods`` (another value
          than by the shorter candles in it), ``deals`` (deals contradict it).

    Raises
    ------
    InvalidArgument
        It is neither, nothing says of which table a frame is, or ``still`` is no length of time.

    Examples
    --------
    >>> candles = cx.spot_klines("BTCUSDT", "1hour", limit=100)
    >>> cx.quality(candles).attrs["coinex"]["verdict"]
    'nothing found in spot_klines (100 rows)'
    >>> cx.quality(candles.drop(candles.index[40:43]))[["check", "place", "count"]]
      check                     place  count
    0   gap 2026-05-30 01:00:00+00:00      3
    """
    longest = _length(still)
    if isinstance(data, pd.DataFrame):
        name = _name(data, table)
        series = _series(name, data)
        return _report([*_checked(series, longest), *overlaps(_candles(series))], {name: len(data)})
    if not callable(getattr(data, "table", None)):
        raise InvalidArgument(f"quality is of a DataFrame or an archive, not of {short_repr(data)}")
    return _of_archive(data, longest)


def _length(still: str | pd.Timedelta) -> int:
    """Return a length of time in milliseconds."""
    try:
        length = pd.Timedelta(still)
    except (ValueError, TypeError):
        length = pd.Timedelta(0)
    if pd.isna(length) or length <= pd.Timedelta(0):
        raise InvalidArgument(f'still={short_repr(still)} is no length of time; name one, for example "1D" or "6h"')
    return length // pd.Timedelta(milliseconds=1)


def _name(frame: pd.DataFrame, table: str | None) -> str:
    """Return which function or stream a frame is from."""
    notes = frame.attrs.get("coinex")
    name = table or (notes.get("table") if isinstance(notes, dict) else None)
    if not isinstance(name, str) or (name not in ROUTES and name not in CHANNELS):
        raise InvalidArgument(
            f"quality: nothing says of which table the frame is ({short_repr(name)} is none); name the function that "
            'it is from, for example quality(frame, table="spot_klines")'
        )
    return name


def _series(name: str, frame: pd.DataFrame) -> list[Series]:
    notes: Any = frame.attrs.get("coinex") or {}
    request: Any = (notes.get("request") or {}).get("params") or {}
    is_list = name in ROUTES and not is_history(name) and not name.endswith("_deals")
    return series_of(name, _row(name, frame), frame, request, is_public=_is_public(name), is_history=not is_list)


def _row(name: str, frame: pd.DataFrame) -> type[Row]:
    """Return what declares a frame's columns: a stream's, where it is one."""
    is_pushed = "received_at" in frame or name not in ROUTES
    return CHANNELS[name].row if is_pushed and name in CHANNELS else ROUTES[name].row


def _is_public(name: str) -> bool:
    return not ROUTES[name].signed if name in ROUTES else CHANNELS[name].private is None


def _checked(series: Sequence[Series], still: int) -> Iterator[Finding]:
    for each in series:
        if not len(each.frame):
            continue
        for check in _OF_ROWS:
            yield from check(each)
        if _is_of_candles(each):
            yield from bounds(each)
            yield from frozen(each, still)


def _is_of_candles(series: Series) -> bool:
    return series.table.endswith("_klines") and {"open", "close", "high", "low", "volume"} <= set(series.frame)


def _candles(series: Sequence[Series]) -> list[Series]:
    return [each for each in series if _is_of_candles(each) and len(each.frame)]


def _of_archive(archive: _Archive, still: int) -> pd.DataFrame:
    """Check each table of an archive, one at a time, and candles with deals."""
    coverage = archive.coverage()
    coverage = coverage[~coverage["is_probe"]]
    findings: list[Finding] = []
    rows: dict[str, int] = {}
    candles: dict[tuple[str, str], list[Series]] = {}
    # candles before the deals that they are compared with
    for name in sorted(archive.tables, key=lambda name: (not _has_candles(name), name)):
        frame = archive.table(name)
        tasks = coverage[coverage["table"] == name]
        rows[name], series = len(frame), [replace(each, ranges=_ranges(each, tasks)) for each in _series(name, frame)]
        findings += _checked(series, still)
        for each in _candles(series):
            candles.setdefault((name.partition("_")[0], each.market), []).append(each)
        if name in ("spot_deals", "futures_deals"):
            for each in series:
                for other in candles.get((name.partition("_")[0], each.market), ()):
                    findings += compare_with_deals(other, each)
    for group in candles.values():
        findings += overlaps(group)
    return _report(findings, rows)


def _ranges(series: Series, tasks: pd.DataFrame) -> tuple[tuple[int, int], ...]:
    """Return from when to when an archive's captures asked for rows: what lies between was not wanted."""
    params = [json.loads(text) for text in tasks["params"]]
    tasks = tasks[[_are_of(series, each) for each in params]]
    starts = tasks["from"].fillna(pd.Timestamp(0, tz="UTC"))
    times = (column.to_numpy("datetime64[ms]").astype(int).tolist() for column in (starts, tasks["to"]))
    return tuple(zip(*times, strict=True))


def _are_of(series: Series, params: Mapping[str, Any]) -> bool:
    return all(params.get(name) in (None, value) for name, value in series.key.items() if value)


def _has_candles(name: str) -> bool:
    return name.endswith("_klines")


def _report(findings: Sequence[Finding], rows: dict[str, int]) -> pd.DataFrame:
    frame = findings_frame(findings)
    name, total = next(iter(rows)) if len(rows) == 1 else f"{len(rows)} tables", sum(rows.values())
    found = "nothing found" if not findings else f"{len(findings)} finding{'s' if len(findings) > 1 else ''}"
    frame.attrs["coinex"] = {"table": "quality", "verdict": f"{found} in {name} ({total} rows)"}
    return frame
