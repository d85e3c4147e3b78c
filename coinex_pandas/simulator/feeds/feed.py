"""The subscriptions of one connection and the pushes due on it: the rules of the sockets, without sockets."""

from __future__ import annotations

from collections.abc import Iterator

from coinex_pandas.simulator.feeds.channels import Bbo, Channel, Deals, Depth, Index, Premium, State
from coinex_pandas.simulator.feeds.mailbox import Mailbox
from coinex_pandas.simulator.feeds.pushes import Push
from coinex_pandas.simulator.feeds.snapshot import Snapshot

__all__ = ["Feed", "StalledFeed"]

_PACES = {"index": 5_000}  # milliseconds; the other channels push every 200 ms at most
_PACE = 200


class Feed:
    """The channels of one connection.

    Parameters
    ----------
    area : str
        "spot" or "futures"; only the latter has premium.

    Attributes
    ----------
    channels : dict of str to Channel
        The public ones.
    mailbox : Mailbox
        The private ones.

    Examples
    --------
    >>> from coinex_pandas.simulator.market.clock import Clock
    >>> from coinex_pandas.simulator.exchange import Exchange
    >>> from coinex_pandas.simulator.feeds.snapshot import Snapshots
    >>> feed = Feed("futures")
    >>> feed.channels["bbo"].subscribe(["BTCUSDT"])
    >>> snapshots = Snapshots(Exchange(0, Clock(1_790_133_720_000, speed=0)))
    >>> [push.method for push in feed.due(snapshots.now("futures"))]
    ['bbo.update']
    """

    def __init__(self, area: str) -> None:
        self.area = area
        self.depth = Depth(area)
        self.mailbox = Mailbox(area)
        kinds = (State, Deals, Index, Bbo, *((Premium,) if area == "futures" else ()))
        channels: list[Channel] = [self.depth, *(kind(area) for kind in kinds)]
        self.channels = {channel.name: channel for channel in channels}

    def due(self, snapshot: Snapshot, *, new_only: bool = False) -> Iterator[Push]:
        """Yield the pushes that are due at the snapshot's instant; on request only of markets never pushed."""
        for channel in self.channels.values():
            yield from channel.due(snapshot, new_only=new_only)


class StalledFeed:
    """A feed whose values do not change any more, while it goes on pushing them with a new updated_at."""

    def __init__(self, feed: Feed, now: int) -> None:
        self._channels = [channel.stalled() for channel in feed.channels.values()]
        self._times = dict.fromkeys(feed.channels, now)

    def due(self, now: int) -> Iterator[Push]:
        """Yield the old values once more, at the pace of each channel."""
        for channel in self._channels:
            if now - self._times[channel.name] >= _PACES.get(channel.name, _PACE):
                self._times[channel.name] = now
                yield from channel.repeat(now)
