"""The account of a simulated world: what was sent is in the tables, or in a gap that stands in its place."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import pandas as pd

from coinex_pandas.live.stats import Gap
from tests.live.worlds.client import Client, Listener
from tests.live.worlds.ledger import CAME, SILENT, Entry

_COLUMNS = {
    "bbo": ("updated_at", "best_bid_price", "best_bid_size", "best_ask_price", "best_ask_size"),
    "premium": ("created_at", "premium_index"),
    "index": ("index_price",),
    "state": ("last", "volume"),
    "deals": ("deal_id", "created_at", "side", "price", "amount"),
    "depth": ("updated_at", "best_bid_price", "best_bid_size", "best_ask_price", "best_ask_size", "last"),
}


class Row:
    """A row of a table: its market, cells, arrival, and how many rows had been received before it."""

    __slots__ = ("at", "cells", "market", "place", "verified")

    def __init__(self, market: str, cells: tuple[Any, ...], at: int, place: int, verified: bool) -> None:
        self.market, self.cells, self.at, self.place, self.verified = market, cells, at, place, verified


def faults_of(client: Client) -> Iterator[str]:
    """Yield what is wrong in the end."""
    yield from client.faults
    connection = client.connection
    if (connection.frames, connection.bad, connection.bytes, connection.connects) != (
        client.delivered,
        client.spoilt,
        client.bytes,
        client.connects,
    ):
        counts = connection.frames, connection.bad, connection.bytes, connection.connects
        yield f"the connection counts {counts}, not {client.delivered, client.spoilt}"
    for listener in (*client.listeners, *client.gone):
        about = f"{listener.channel.name} {listener.markets} keep={listener.keep}"
        check = _deals if listener.channel.method == "deals" else _rows
        for fault in (*_counts(listener), *check(client, listener)):
            yield f"{about}: {fault}"


def rows_of(listener: Listener) -> list[Row]:
    """Return the rows of a table."""
    buffer, method = listener.buffer, listener.channel.method
    with buffer.lock:
        buffer.flush()
        frame, gone = buffer.table.frame(), buffer.table.gone
    cells = zip(*(_plain(frame, name) for name in _COLUMNS[method]), strict=True)
    verified = frame["verified"].tolist() if method == "depth" else [True] * len(frame)
    together = zip(_plain(frame, "market"), cells, _plain(frame, "received_at"), verified, strict=True)
    return [Row(market, found, at, gone + place, flag) for place, (market, found, at, flag) in enumerate(together)]


def _plain(frame: pd.DataFrame, name: str) -> list[Any]:
    """Return a column's cells as Python has them; times as milliseconds."""
    column: Any = frame.index if name == frame.index.name else frame[name].array
    if isinstance(column, pd.Categorical):
        words = list(column.categories)
        return [words[code] for code in column.codes.tolist()]
    is_time = isinstance(column.dtype, pd.DatetimeTZDtype)
    found: list[Any] = column.asi8.tolist() if is_time else column.tolist()
    return found


def _counts(listener: Listener) -> Iterator[str]:
    buffer, rows, ms = listener.buffer, *listener.keep
    with buffer.lock:
        buffer.flush()
    there = len(buffer.table)
    if buffer.received != there + buffer.table.gone:
        yield f"received {buffer.received}, but {there} there and {buffer.table.gone} gone"
    if rows is not None and there > rows:
        yield f"{there} rows are kept, not {rows}"
    if rows is None and ms is None and buffer.table.gone:
        yield f"{buffer.table.gone} rows fell out of a table that keeps all"
    if buffer.refilled_rows != sum(gap.rows for gap in buffer.gaps):
        yield f"refilled_rows is {buffer.refilled_rows}, the gaps say {sum(gap.rows for gap in buffer.gaps)}"
    if not listener.ended:
        for gap in buffer.gaps:
            if gap.end is None or gap.refilled is None:
                yield f"open in the end: {gap}"
    for gap in buffer.gaps:
        if gap.end is not None and gap.end < gap.start:
            yield f"ends before it begins: {gap}"


# ---- channels whose rows come as they come


def _rows(client: Client, listener: Listener) -> Iterator[str]:
    rows = rows_of(listener)
    entries = _entries(client, listener)
    expected = [entry for entry in entries if entry.kind == CAME]
    buffer = listener.buffer
    if len(expected) != buffer.received:
        yield f"{buffer.received} rows received, {len(expected)} were sent and came"
    for row, entry in zip(reversed(rows), reversed(expected), strict=False):
        if not _same(row, entry):
            yield f"row {row.place} is {row.market} {row.cells} {row.at}, should be {entry}"
            return
    for market in listener.markets:
        yield from _missing(listener, market, entries, expected)


def _entries(client: Client, listener: Listener) -> list[Entry]:
    """Return what became of the rows of the markets while they were listened to, in order."""
    found: list[Entry] = []
    for market, mark in listener.began.items():
        entries = client.ledger.entries[listener.key(market)]
        end = listener.ended.get(market, len(entries))
        found += [entry for entry in entries[mark.before : mark.after] if entry.kind == CAME]
        found += entries[mark.after : end]
    return [*listener.welcome, *sorted(found)]


def _same(row: Row, entry: Entry) -> bool:
    if (row.market, row.at, row.verified) != (entry.item.market, entry.at, entry.verified):
        return False
    if not entry.verified:  # of a book that is wrong only the time is known
        return bool(row.cells[0] == entry.item.cells[0])
    return _equal(row.cells, entry.item.cells)


def _equal(cells: tuple[Any, ...], others: tuple[Any, ...]) -> bool:
    return cells == others or all(
        cell == other or (other is None and math.isnan(cell)) for cell, other in zip(cells, others, strict=True)
    )


def _missing(listener: Listener, market: str, entries: Sequence[Entry], expected: Sequence[Entry]) -> Iterator[str]:
    """Yield the rows of a market that did not come and that no gap in that place tells of."""
    places = {entry.serial: place for place, entry in enumerate(expected)}
    mine = [entry for entry in entries if entry.item.market == market]
    before: Entry | None = None
    gaps = [gap for gap in listener.buffer.gaps if gap.market in (market, None)]
    run: list[Entry] = []
    uncovered = _uncovered_book if listener.channel.method == "depth" else _uncovered
    for entry in mine:
        if entry.kind != CAME:
            if entry.kind != SILENT and not (listener.channel.method == "depth" and before is None):
                run.append(entry)
            continue
        yield from uncovered(run, gaps, before, entry, places)
        run, before = [], entry
    if not listener.ended:
        yield from uncovered(run, gaps, before, None, places)


def _uncovered_book(
    run: list[Entry], gaps: list[Gap], before: Entry | None, after: Entry | None, places: dict[int, int]
) -> Iterator[str]:
    """Yield missing changes of a book unless a gap was open: a book may be right before it is certain to stay so."""
    for entry in run:
        if not any(gap.start <= entry.at <= _end(gap) for gap in gaps):
            yield f"missing without a gap between {before} and {after}: {entry}; gaps: {gaps}"


def _uncovered(
    run: list[Entry], gaps: list[Gap], before: Entry | None, after: Entry | None, places: dict[int, int]
) -> Iterator[str]:
    """Yield a run of missing rows unless a gap stands between the rows that came before and after it."""
    if not run:
        return
    low = 0 if before is None else places[before.serial] + before.verified
    high = len(places) if after is None else places[after.serial]
    for gap in gaps:
        in_place = not gap.refilled and low <= gap.after_row <= high
        in_time = (before is None or gap.start >= before.at) and (after is None or _end(gap) <= after.at)
        if in_place and in_time:
            return
    yield f"missing without a gap between {before} and {after}: {run}; gaps: {gaps}"


def _end(gap: Gap) -> float:
    """Return when a gap ends; one that was open when somebody left lasts."""
    return math.inf if gap.end is None else gap.end


# ---- deals


def _deals(client: Client, listener: Listener) -> Iterator[str]:
    rows = rows_of(listener)
    for market in listener.markets:
        mine = [row for row in rows if row.market == market]
        made = {item.cells[0]: item for item in client.server.exchange.deals[market]}
        ids = [row.cells[0] for row in mine]
        if any(later <= former for former, later in pairwise(ids)):
            yield f"{market}: ids do not rise: {ids}"
        for row in mine:
            if row.cells[0] not in made or made[row.cells[0]].cells != row.cells:
                yield f"{market}: no such deal was made: {row.cells}"
        yield from _deals_missing(client, listener, market, mine)


def _deals_missing(client: Client, listener: Listener, market: str, rows: list[Row]) -> Iterator[str]:
    due = _due(client, listener, market)
    there = {row.cells[0] for row in rows}
    first = min(there, default=0) if listener.buffer.table.gone else 0
    if listener.buffer.table.gone and not there:
        return
    missing = [number for number in sorted(due) if number not in there and number > first]
    if listener.ended:
        missing = [number for number in missing if number < max(there, default=0)]
    if not missing:
        return
    gaps = [gap for gap in listener.buffer.gaps if gap.market == market and not gap.refilled]
    inserted = _inserted(rows)
    on_time = [row for row in rows if row.cells[0] not in inserted]
    for number in missing:
        before = max((row for row in on_time if row.cells[0] < number), key=_number, default=None)
        after = min((row for row in on_time if row.cells[0] > number), key=_number, default=None)
        covered = any(_covers(gap, before, after) for gap in gaps)
        if not covered and before is None and _was_known(client, listener, number, market):
            continue
        if not covered and not _overtaken(client, listener, (before, after), number, market):
            yield f"{market}: deal {number} is missing without a gap between {_told(before)} and {_told(after)}: {gaps}"
            return


def _due(client: Client, listener: Listener, market: str) -> set[int]:
    """Return the deals that were sent, or should have been, while a market was listened to.

    A deal that is older than that may be sent as recent history; if it did not come then, nothing was missed.
    """
    if market not in listener.began:
        return set()
    former = client.ledger.entries[listener.key(market)][: listener.began[market].before]
    old = {entry.item.cells[0] for entry in former} | client.server.exchange.ancient
    found = [entry for entry in _entries(client, listener) if entry.item.market == market]
    return {entry.item.cells[0] for entry in found if entry.kind == CAME or entry.item.cells[0] not in old}


def _inserted(rows: list[Row]) -> set[int]:
    """Return the deals that came later than one that stands behind them."""
    found, earliest = set(), math.inf
    for row in reversed(rows):
        if row.at > earliest:
            found.add(row.cells[0])
        earliest = min(earliest, row.at)
    return found


def _covers(gap: Gap, before: Row | None, after: Row | None) -> bool:
    """Return whether a gap lies between two rows, or one of them came while it was open."""
    begins = before is None or before.at <= _end(gap) or before.place < gap.after_row
    return begins and (after is None or after.at >= gap.start)


def _was_known(client: Client, listener: Listener, number: int, market: str) -> bool:
    """Return whether others had a deal, over HTTP say, before this one joined: then it belongs to the time before."""
    others = [
        one for one in (*client.listeners, *client.gone) if one.channel is listener.channel and one is not listener
    ]
    rows = [row for one in others for row in rows_of(one)]
    return any((row.market, row.cells[0]) == (market, number) and row.at <= listener.joined_at for row in rows)


def _overtaken(
    client: Client, listener: Listener, around: tuple[Row | None, Row | None], number: int, market: str
) -> bool:
    """Return whether newer deals came before this one would have, in a gap or at the very beginning."""
    faults = client.ledger.faults
    if not (faults["reorder"] or faults["delay"]):
        return False
    gaps = [gap for gap in listener.buffer.gaps if gap.market == market and not gap.refilled]
    times = [entry.at for entry in client.ledger.entries[listener.key(market)] if entry.item.cells[0] == number]
    before, after = around
    if before is None and after is not None and min(times) >= after.at:
        return True
    return any(gap.start <= at <= _end(gap) for gap in gaps for at in times)


def _number(row: Row) -> int:
    found: int = row.cells[0]
    return found


def _told(row: Row | None) -> str:
    return "nothing" if row is None else f"{row.cells[0]} (row {row.place}, {row.at})"
