"""A connection that is played again from records: the rules are those of the live one, and nothing is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from coinex_pandas.archive.raw.records import Record
from coinex_pandas.archive.streams.lines import MS
from coinex_pandas.live.account_stream import AccountBuffer
from coinex_pandas.live.book import BookBuffer
from coinex_pandas.live.buffer import Buffer
from coinex_pandas.live.channel import Channel
from coinex_pandas.live.protocol.account import AccountRequest
from coinex_pandas.live.protocol.account_rows import row_of
from coinex_pandas.live.protocol.account_state import ALL
from coinex_pandas.live.protocol.actions import Recover
from coinex_pandas.live.protocol.connection import Connection
from coinex_pandas.live.protocol.messages import BadFrame, Depth, Levels, Reply
from coinex_pandas.live.protocol.subscription import FollowUp, Recovery, Subscription
from coinex_pandas.live.retention import Retention
from coinex_pandas.tables.rows.market import Deal

__all__ = ["Moments", "Playback", "buffer_of", "recovered_rows"]

Key = tuple[str, str | int]
"""Whose rows were missed: the channel's word, and the market, or the identity of an account's buffer."""

_DEALS = msgspec.json.Decoder(list[Deal] | None, strict=False)
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, BadFrame)


def buffer_of(channel: Channel, facts: Mapping[str, Any]) -> Buffer:
    """Return a buffer like that of a stream which was recorded."""
    names, everything = tuple(facts["names"]), Retention(None, None)
    if channel.private is not None:
        return AccountBuffer(channel, names, facts["market_type"], everything)
    if facts["shape"] is not None:
        limit, interval, is_full = facts["shape"]
        return BookBuffer(channel, names, everything, (limit, interval, is_full))
    return Buffer(channel, names, everything)


def recovered_rows(method: str, channel: Channel | None, body: bytes) -> list[Any] | None:
    """Return the rows that HTTP had of what was missed; None where it failed."""
    if method == "deals":
        deals: list[Any] | None = _DEALS.decode(body)
        return deals
    cells = msgspec.json.decode(body)
    return None if cells is None or channel is None else [row_of(channel, each) for each in cells]


class Moments:
    """When and where the records stand, by the numbers that they are counted with."""

    def __init__(self) -> None:
        self._first = 0
        self._times: list[int] = []
        self._places: list[object] = []

    def add(self, place: object, time: int) -> int:
        """Count a record; return its number."""
        self._times.append(time)
        self._places.append(place)
        return self._first + len(self._times) - 1

    def time(self, number: int) -> int:
        """Return when a record was made, in unix milliseconds; of one that is forgotten, the next that is not."""
        return self._times[max(0, number - self._first)]

    def place(self, number: int) -> str:
        """Return where a record stands."""
        return str(self._places[max(0, number - self._first)])

    def forget(self, before: int) -> None:
        """Forget the records before one."""
        count = max(0, before - self._first)
        del self._times[:count], self._places[:count]
        self._first += count


class Playback(Connection):
    """A connection that is played again.

    Attributes
    ----------
    last : int
        When its last record was made, in unix milliseconds.
    """

    def __init__(self, area: str) -> None:
        super().__init__(area)
        self.last = 0
        self._wanted: dict[Key, Any] = {}  # the requests over HTTP whose replies are awaited

    @property
    def last_frame(self) -> int:
        """The number of the last frame."""
        return self._last_frame_at

    def take(self, record: Record, at: int) -> None:
        """Take a frame."""
        self.last, now = record.at // MS, record.at / 1e9
        if "bad" in record.facts:
            self.on_frame(record.body, now, at)
        else:
            self._take_text(record.body, now, at)
        self._note_requests()

    def _take_text(self, text: bytes, now: float, at: int) -> None:
        try:
            push = self._decode(text)
            push_all = self._push_all.get(type(push))
            follow_ups = self._handle(push, text, now, at) if push_all is None else push_all((push.data,), at)
        except _UNREADABLE:
            self.on_text_frame(text, now, at)
            return
        self._follow_up(follow_ups, now)
        self._last_frame_at = at

    def acknowledge(self, facts: Mapping[str, Any], now: float, at: int) -> None:
        """Take the reply to a subscription."""
        method, _, verb = facts["method"].partition(".")
        subscription = self.subscriptions.get(method)
        if subscription is None:
            return
        if facts["code"] == 0 and verb == "subscribe":
            self._follow_up(subscription.acknowledge(facts["names"], at), now)
        if facts["settled"]:
            subscription.settle(at)
        self._note_requests()

    def recover(self, key: Key, reply: Recovery, at: int) -> None:
        """Take what HTTP replied; nothing where nobody waits for it."""
        request = self._wanted.pop(key, None)
        if request is not None:
            self.on_recovery(request, reply, at)
            self._note_requests()

    def know(self, channel: Channel, buffer: Any, known: Any, at: int) -> None:
        """Take what a stream knew before its recording: the rows of its account, or the whole book."""
        subscription = self.subscriptions[channel.method]
        if channel.private is None:
            levels = msgspec.convert(known, Levels)
            subscription.push(Depth(buffer.markets[0], levels), at)
            return
        self._follow_up(subscription.acknowledge([ALL], at), 0.0)
        self._note_requests()
        rows = [row_of(channel, each) for each in known]
        self.recover((channel.method, id(buffer)), Recovery(rows), at)

    def leave(self, channel: Channel, buffer: Buffer) -> None:
        """Remove a buffer."""
        self.remove(channel, buffer, 0.0)
        for leaving in self._leaving.values():
            leaving.clear()  # no reply is awaited

    def _note_requests(self) -> None:
        for action in self.actions:
            if isinstance(action, Recover):
                request = action.request
                name = id(request.state.subscriber) if isinstance(request, AccountRequest) else request.market
                self._wanted[request.subscription.channel.method, name] = request
        self.actions.clear()

    def _on_reply(self, reply: Reply, now: float, at: int) -> Sequence[FollowUp]:
        """Do nothing: its requests had numbers of their own; a note says what was acknowledged."""
        return ()

    def _request(self, method: str, params: Any, now: float, subscription: Subscription, names: Any) -> None:
        """Request nothing."""
