"""The rows of recorded streams, made from the records of an archive by the rules that made them when they came.

Each connection is played again: its frames, acknowledgements, losses and recoveries go through the same `Connection`
into buffers like those of the streams. To know by which record each row came, the records are counted, and their
numbers stand in for the time of arrival until a frame is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pandas as pd

from coinex_pandas import live
from coinex_pandas.archive.raw.records import Record
from coinex_pandas.archive.streams.lines import MS
from coinex_pandas.archive.streams.playback import Moments, Playback, buffer_of, recovered_rows
from coinex_pandas.archive.streams.wire_texts import WireTexts
from coinex_pandas.live.channel import Channel, channel_of
from coinex_pandas.live.protocol.subscription import Recovery
from coinex_pandas.live.stats import gaps_frame
from coinex_pandas.tables import blocks

__all__ = ["StreamCoverage", "StreamRows", "replayed"]

_RECEIVED = "received_at"
_ROWS = 200_000  # rows of a stream that are held before they are passed on
_REST = 20_000  # of these the newest stay, for rows that come late belong between them


class StreamRows(NamedTuple):
    """Rows of a recorded stream, in its order.

    Attributes
    ----------
    stream : int
        The recording's number in the archive.
    table : str
        The function of ``cx.live``, such as ``futures_deals``.
    frame : DataFrame
        As ``stream.df`` (of a book: ``history``), and the column ``record``: by which record each row came.
    texts : dict of str to list
        By column the numbers' texts as they came, None where the float says as much; columns without any are left out.
    market_type : str or None
        Of streams of one's own account.
    """

    stream: int
    table: str
    frame: pd.DataFrame
    texts: dict[str, list[str | None]]
    market_type: str | None = None


class StreamCoverage(NamedTuple):
    """What a recording covers.

    Attributes
    ----------
    stream : int
        The recording's number in the archive.
    table : str
        The function of ``cx.live``.
    venue : str
        Where it came from.
    names : tuple of str
        The markets or currencies; none for all.
    market_type : str or None
        Of streams of one's own account.
    start, end : int
        When it began and when it ended, in unix milliseconds; a recording that a process could not end, ended with
        the last record of its connection.
    rows : int
        How many rows it has.
    gaps : DataFrame
        As ``stream.gaps``.
    reason : str
        Why it ended; empty where the process ended without a word.
    """

    stream: int
    table: str
    venue: str
    names: tuple[str, ...]
    market_type: str | None
    start: int
    end: int
    rows: int
    gaps: pd.DataFrame
    reason: str


def replayed(records: Iterable[tuple[object, Record]]) -> Iterator[StreamRows | StreamCoverage]:
    """Yield the rows of the streams that an archive recorded, some hundred thousand at a time, and what each covers.

    Parameters
    ----------
    records : iterable of (object, Record)
        All records of the archive in order, each with its place, whose text becomes the column ``record``; others than
        those of streams may be among them.

    Yields
    ------
    StreamRows
        Rows of a recording: each deal once, also where it came again or was recovered. Two recordings of one market
        have the same deals: rows of one table are to be deduplicated by its key.
    StreamCoverage
        Behind the last rows of each recording: what it covers, and its gaps.
    """
    player = _Player()
    for place, record in records:
        yield from player.take(place, record)
    yield from player.finish()


class _Play:
    """A recording that is played again."""

    def __init__(self, facts: Mapping[str, Any], link: Playback, at: int) -> None:
        self.number: int = facts["stream"]
        self.channel: Channel = channel_of(getattr(live, facts["table"]))
        self.facts, self.link = facts, link
        self.buffer = buffer_of(self.channel, facts)
        self.start, self.rows, self.reason = at, 0, ""
        self.moments: dict[int, int] = {}  # of gaps, in milliseconds

    def forget_rows(self) -> None:
        """Let what was known before the recording fall out: it is no part of it."""
        self.buffer.locked(self.buffer.flush)
        self.buffer.table.drop_before(len(self.buffer.table))

    def rows_ready(self) -> int:
        """Return how many rows can be passed on before the end."""
        buffer = self.buffer
        held = len(buffer.table)
        return held - _REST if held >= _ROWS and all(gap.end is not None for gap in buffer.gaps) else 0

    def cut(self, rows: int | None, moments: Moments, wire: WireTexts) -> StreamRows:
        """Return the first rows, None for all, and let them fall out."""
        table = self.buffer.table
        self.buffer.locked(self.buffer.flush)
        count = len(table) if rows is None else rows
        frame, numbers = table.frame(0, count), np.array(table.column(_RECEIVED)[:count])
        stamps = blocks.utc(np.array([moments.time(at) for at in numbers], dtype=np.int64))
        if frame.index.name == _RECEIVED:
            frame = frame.set_axis(blocks.index_of(stamps, _RECEIVED))
        else:
            frame = frame.assign(**{_RECEIVED: stamps})
        texts = wire.of(self.channel, frame.reset_index(), numbers.tolist())
        places = blocks.texts([moments.place(at) for at in numbers])
        table.drop_before(count)
        self.rows += count
        return StreamRows(self.number, self.channel.name, frame.assign(record=places), texts, self.facts["market_type"])

    def note_gaps(self, moments: Moments) -> None:
        """Remember the moments of gaps before the records are forgotten."""
        for gap in self.buffer.gaps:
            for at in (gap.start, gap.end):
                if at is not None:
                    self.moments.setdefault(at, moments.time(at))

    def coverage(self, end: int) -> StreamCoverage:
        """Return what it covers."""
        facts = self.facts
        for gap in self.buffer.gaps:
            gap.start = self.moments[gap.start]
            gap.end = None if gap.end is None else self.moments[gap.end]
        return StreamCoverage(
            self.number,
            self.channel.name,
            facts["venue"],
            tuple(facts["names"]),
            facts["market_type"],
            self.start,
            end,
            self.rows,
            gaps_frame(self.buffer.gaps),
            self.reason,
        )


class _Player:
    """Plays the recordings of an archive."""

    def __init__(self) -> None:
        self._links: dict[int, Playback] = {}
        self._conns: dict[int, Playback] = {}
        self._plays: dict[int, _Play] = {}
        self._moments = Moments()
        self._wire = WireTexts()

    def take(self, place: object, record: Record) -> Iterator[StreamRows | StreamCoverage]:
        """Take a record; yield what is ready."""
        facts = record.facts
        if record.kind == "ws":
            link = self._conns.get(facts["conn"])
            if link is not None:
                at = self._moments.add(place, record.at // MS)
                self._wire.add(at, record.body)
                link.take(record, at)
                yield from self._ready(at)
        elif record.kind == "http" and "link" in facts:
            self._wire.hold(facts["link"], record.body)
        elif record.kind == "note":
            take = getattr(self, f"_{facts.get('note', '')}".replace(" ", "_"), None)
            if take is not None and not facts.keys().isdisjoint(("link", "stream")):
                yield from take(facts, record, self._moments.add(place, record.at // MS)) or ()

    def finish(self) -> Iterator[StreamRows | StreamCoverage]:
        """Yield the rest: the recordings of a process that ended without a word."""
        for play in list(self._plays.values()):
            yield from self._end(play, play.link.last)

    def _ready(self, at: int) -> Iterator[StreamRows]:
        if at % 1024 or not any(play.rows_ready() for play in self._plays.values()):
            return
        for play in self._plays.values():
            if rows := play.rows_ready():
                yield play.cut(rows, self._moments, self._wire)
            play.note_gaps(self._moments)
        held = [int(play.buffer.table.column(_RECEIVED)[:1].min(initial=at)) for play in self._plays.values()]
        self._moments.forget(min(held))
        self._wire.forget(min(held))

    def _end(self, play: _Play, end: int) -> Iterator[StreamRows | StreamCoverage]:
        del self._plays[play.number]
        play.note_gaps(self._moments)
        yield play.cut(None, self._moments, self._wire)
        play.note_gaps(self._moments)  # rows that could not be written were found now
        yield play.coverage(end)
        play.link.leave(play.channel, play.buffer)

    # ---- notes

    def _recording(self, facts: Mapping[str, Any], record: Record, at: int) -> None:
        channel = channel_of(getattr(live, facts["table"]))
        link = self._links.setdefault(facts["link"], Playback(channel.area))
        link.last = record.at // MS
        play = self._plays[facts["stream"]] = _Play(facts, link, record.at // MS)
        link.add(channel, play.buffer, 0.0, at)
        known = msgspec.json.decode(record.body)
        if known:
            link.know(channel, play.buffer, known, at)
            play.forget_rows()

    def _connected(self, facts: Mapping[str, Any], record: Record, at: int) -> None:
        link = self._links.setdefault(facts["link"], Playback(facts["area"]))
        self._conns = {conn: each for conn, each in self._conns.items() if each is not link} | {facts["conn"]: link}
        link.on_open(record.at / 1e9, at)

    def _disconnected(self, facts: Mapping[str, Any], record: Record, at: int) -> None:
        self._links[facts["link"]].on_close(record.at / 1e9, facts["reason"])

    def _acknowledged(self, facts: Mapping[str, Any], record: Record, at: int) -> None:
        self._links[facts["link"]].acknowledge(facts, record.at / 1e9, at)

    def _recovered(self, facts: Mapping[str, Any], record: Record, at: int) -> None:
        link = self._links[facts["link"]]
        self._wire.give(facts["link"], at)
        play = self._plays.get(facts.get("stream", 0))
        rows = recovered_rows(facts["method"], play.channel if play is not None else None, record.body)
        reply = Recovery(rows, facts["why"], is_final=facts["final"], at=facts["made"])
        link.recover((facts["method"], facts.get("market") or (id(play.buffer) if play else 0)), reply, at)

    def _lost(self, facts: Mapping[str, Any], record: Record, at: int) -> None:
        cause = f"{facts['frames']} frames came that were not stored: the disk took nothing"
        for play in self._plays.values():
            if play.link is self._links[facts["link"]]:
                play.buffer.open_gap(None, play.link.last_frame, cause)
                play.buffer.close_gap(None, at, refilled=False, rows=0)

    def _recording_end(self, facts: Mapping[str, Any], record: Record, at: int) -> Iterator[Any]:
        play = self._plays.get(facts["stream"])
        if play is None:
            return iter(())
        play.reason = play.reason or facts["reason"]
        return self._end(play, record.at // MS)

    def _refused(self, facts: Mapping[str, Any], record: Record, at: int) -> None:
        if facts["stream"] in self._plays:
            self._plays[facts["stream"]].reason = facts["reason"]
