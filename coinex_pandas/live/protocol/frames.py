"""The frames of a connection: unpacked, decoded, and what they push given to the subscriptions. No sockets, no clocks.

A `Connection` (``connection.py``) inherits this; what is no push is left to it.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any
from zlib import decompress

import msgspec

from coinex_pandas.live.protocol.deals import DealSubscription
from coinex_pandas.live.protocol.messages import (
    MEMBER,
    SAFE_PACKED,
    BadFrame,
    Reply,
    UnknownPush,
    decode_any,
    decoder,
    method_of,
    unpack,
    with_negative_zeros,
)
from coinex_pandas.live.protocol.observer import ConnectionObserver
from coinex_pandas.live.protocol.subscription import FollowUp, Subscription
from coinex_pandas.tables.unknown_columns import Extras

__all__ = ["FrameHandler"]

_UNREADABLE = (zlib.error, msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_data = attrgetter("data")


class FrameHandler:
    """Takes the frames of a connection.

    Parameters
    ----------
    area : str
        ``spot`` or ``futures``.

    Attributes
    ----------
    subscriptions : dict of str to Subscription
        What is subscribed, by method.
    observers : tuple of ConnectionObserver
        Who watches it.
    frames, bytes, bad : int
        Frames and bytes received, and frames that could not be read.
    """

    def __init__(self, area: str) -> None:
        self.area = area
        self.subscriptions: dict[str, Subscription] = {}
        self.observers: tuple[ConnectionObserver, ...] = ()
        self.frames = self.bytes = self.bad = 0
        self._decode = decoder(area)
        self._extras = Extras()
        self._push_all: dict[type, Callable[[Sequence[Any], int], Sequence[FollowUp]]] = {}
        self._last_frame_at = 0

    def _on_reply(self, reply: Reply, now: float, at: int) -> Sequence[FollowUp]:
        raise NotImplementedError  # what a reply answers is the connection's

    def _follow_up(self, follow_ups: Iterable[FollowUp], now: float) -> None:
        raise NotImplementedError  # so is what is to be done next

    def on_frames(self, batch: Sequence[bytes], now: float, at: int) -> None:
        """Take binary frames that came together, each so small that it cannot exceed the cap when unpacked.

        A flood of deals is handled several times as quickly so.
        """
        try:
            texts = [decompress(data, 31) for data in batch]
            if b"".join(batch).count(MEMBER) > len(batch):
                raise zlib.error("a frame of several members")  # as any other that must be looked at
            pushes = [*map(self._decode, texts)]
        except _UNREADABLE:  # a reply among them, or a bad one: each is looked at
            for data in batch:
                self.on_frame(data, now, at)
            return
        if self.observers:
            self._observe(batch, texts, at)
        self.frames += len(batch)
        self.bytes += sum(map(len, batch))
        kinds = set(map(type, pushes))
        push_all = self._push_all.get(kinds.pop()) if len(kinds) == 1 else None
        if push_all is None:
            self._handle_mixed(pushes, texts, now, at)
        else:  # a flood is of one kind
            self._follow_up(push_all([*map(_data, pushes)], at), now)
        self._last_frame_at = at

    def _observe(self, batch: Sequence[bytes], texts: Sequence[bytes] | None, at: int) -> None:
        for each in self.observers:
            each.take_frames(batch, texts, at)

    def _handle_mixed(self, pushes: Sequence[Any], texts: Sequence[bytes], now: float, at: int) -> None:
        """Handle pushes of several kinds, those that follow each other and are of one kind together."""
        for kind, group in groupby(zip(pushes, texts, strict=True), key=_kind):
            push_all = self._push_all.get(kind)
            if push_all is None:
                for push, text in group:
                    self._follow_up(self._handle_or_lose(push, text, now, at), now)
            else:
                self._follow_up(push_all([push.data for push, _ in group], at), now)

    def on_frame(self, data: Any, now: float, at: int) -> None:
        """Take a binary frame: unpack it, decode it, handle it."""
        if self.observers:
            self._observe((data,), None, at)
        self.frames += 1
        self.bytes += len(data)
        try:
            is_plain = len(data) <= SAFE_PACKED and data.find(MEMBER, 1) < 0
            text = decompress(data, 31) if is_plain else unpack(data)
            push = self._decode(text)
            push_all = self._push_all.get(type(push))
            follow_ups = self._handle(push, text, now, at) if push_all is None else push_all((push.data,), at)
        except (*_UNREADABLE, BadFrame):
            follow_ups = self._handle_other(data, now, at)
        self._follow_up(follow_ups, now)
        self._last_frame_at = at

    def on_text_frame(self, text: bytes, now: float, at: int) -> None:
        """Take a text frame; no known message of the exchange is one."""
        self.on_frame(gzip.compress(text, 0), now, at)

    def _handle(self, push: Any, text: bytes, now: float, at: int) -> Sequence[FollowUp]:
        if isinstance(push, Reply):
            return self._on_reply(push, now, at)
        subscription = None if isinstance(push, UnknownPush) else self.subscriptions.get(method_of(push))
        if subscription is None:
            return ()
        if isinstance(subscription, DealSubscription):  # no number of a deal is negative
            self._push_all[type(push)] = subscription.push_all
        elif b'"-0"' in text:
            push = self._decode(with_negative_zeros(text))
        return subscription.push(push.data, at)

    def _handle_or_lose(self, push: Any, text: bytes, now: float, at: int) -> Sequence[FollowUp]:
        try:
            return self._handle(push, text, now, at)
        except BadFrame as fault:  # of an account's channel: its subscription decodes what is inside
            return self._lose_frame(at, fault)

    def _handle_other(self, data: Any, now: float, at: int) -> Sequence[FollowUp]:
        """Handle a frame that is no push as declared: a reply, a push with other columns, or a bad frame."""
        try:
            text = with_negative_zeros(unpack(data))
            return self._handle(decode_any(self.area, text, self._extras), text, now, at)
        except BadFrame as fault:
            return self._lose_frame(at, fault)

    def _lose_frame(self, at: int, fault: BadFrame) -> list[FollowUp]:
        """Note a frame that could not be read; return the follow-ups."""
        self.bad += 1
        hit = [each for method, each in self.subscriptions.items() if fault.method in (method, None)]
        return [each for one in hit for each in one.lose_frame(self._last_frame_at, at, str(fault))]


def _kind(pair: tuple[Any, bytes]) -> type:
    return type(pair[0])
